"""What kind of file something is: by content first, by name second. Pure but for a zip's directory.

The tables name the formats that are not read, so that the ledger can say what a file is, and so
that photos, programs and the like are skipped without being opened.
"""

from __future__ import annotations

import codecs
import re
from enum import StrEnum

from indexer.errors import Unsupported
from indexer.readers.inside import kind_in_ole, kind_in_xml, kind_in_zip
from indexer.readers.source import Source

HEAD = 4096  # bytes that kind_of wants to see


class Kind(StrEnum):
    """The kinds that are read; the values are those of DocumentInfo.kind."""

    TEXT = "text"
    MARKDOWN = "markdown"
    CODE = "code"
    CSV = "csv"
    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    SLIDES = "pptx"
    XLSX = "xlsx"
    OPENDOCUMENT = "odf"


def _table(what: str, suffixes: str) -> dict[str, str]:
    return dict.fromkeys(suffixes.split(), what)


_BY_SUFFIX: dict[str, Kind] = {
    suffix: kind
    for kind, suffixes in {
        Kind.TEXT: "txt text log rst org tex ltx bib adoc asciidoc vtt srt sbv nfo xml rss atom "
        "opml me 1st",
        Kind.MARKDOWN: "md markdown mdown mkd mdx rmd qmd",
        Kind.CODE: "py pyi pyx c h cc cpp cxx hpp hh cs java kt kts scala go rs swift m mm js mjs "
        "cjs jsx ts tsx vue svelte php rb pl pm lua r jl f f90 f95 for pas hs ml mli fs fsx clj "
        "cljs lisp el scm erl ex exs dart groovy gradle sh bash zsh fish bat cmd ps1 psm1 sql "
        "css scss sass less json ndjson jsonl json5 yaml yml toml ini cfg conf properties env "
        "cmake mk proto graphql tf asm s v sv vhd vhdl nim zig diff patch jsp erb",
        Kind.CSV: "csv tsv tab psv",
        Kind.HTML: "html htm xhtml xht shtml",
        Kind.PDF: "pdf ai",
        Kind.DOCX: "docx docm dotx dotm",
        Kind.SLIDES: "pptx pptm ppsx ppsm potx potm",
        Kind.XLSX: "xlsx xlsm xltx xltm",
        Kind.OPENDOCUMENT: "odt ott odm fodt odp otp fodp ods ots fods odg otg fodg",
    }.items()
    for suffix in suffixes.split()
}

# Formats that are named to the user but not read; without opening the file.
_NAMED: dict[str, str] = {
    **_table(
        "It is a picture.",
        "jpg jpeg jpe png gif bmp tif tiff webp heic heif avif jp2 jxl ico icns svg svgz psd xcf "
        "raw cr2 cr3 nef arw dng orf rw2 eps wmf emf tga pcx",
    ),
    **_table(
        "It is audio.", "mp3 wav flac ogg oga opus m4a m4b aac wma aif aiff mid midi amr ape alac"
    ),
    **_table("It is a video.", "mp4 m4v mov avi mkv webm wmv flv mpg mpeg 3gp ogv vob mts m2ts"),
    **_table(
        "It is a program or a part of one.",
        "exe dll so dylib a lib o obj bin com msi app deb rpm apk ipa appimage dmg iso img class "
        "jar war pyc pyo pyd wasm node sys drv whl egg elf ko nupkg",
    ),
    **_table(
        "It is an archive.",
        "zip 7z rar tar gz tgz bz2 tbz2 xz txz zst lz lzma lz4 cab arj ace z cpio",
    ),
    **_table(
        "It is a database or a program's own data.",
        "db sqlite sqlite3 mdb accdb dbf frm ibd parquet feather arrow h5 hdf5 npy npz pkl pickle "
        "pt pth onnx safetensors gguf ggml mat rdata rds sav dta swp lock tmp part crdownload "
        "cache idx pack dat ds_store",
    ),
    **_table("It is a font.", "ttf otf woff woff2 eot pfb"),
    **_table(
        "It is a key or a signed message.", "p7s p7m p12 pfx pem key crt cer der gpg asc kdbx"
    ),
    **_table("It is a presentation.", "ppt pps pot"),
    **_table("It is a spreadsheet.", "xls xlsb xlt numbers wk1 wks"),
    **_table(
        "It is an older or foreign text document.", "doc dot rtf pages wpd wps hwp one"
    ),
    **_table(
        "It is a publisher's or drawing program's document.", "pub vsd vsdx xps oxps dwg dxf"
    ),
    **_table("It is an e-book.", "epub mobi azw azw3 lit fb2 djvu djv cbz cbr"),
    **_table("It is mail.", "eml emlx msg mbox pst ost mht mhtml"),
    **_table("It is a calendar or address book.", "ics vcf"),
    **_table("It is a notebook.", "ipynb"),
}

_UNREAD = "This kind of file is not read."
_NOT_TEXT = "Its content is not text."
_NOTE = "It is a program's own note about another file."

# How the first bytes give a format away, whatever the name says.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "It is a picture."),
    (b"\xff\xd8\xff", "It is a picture."),
    (b"GIF8", "It is a picture."),
    (b"II*\x00", "It is a picture."),
    (b"MM\x00*", "It is a picture."),
    (b"{\\rtf", "It is an older or foreign text document."),
    (b"%!PS", "It is a PostScript document."),
    (b"\x7fELF", "It is a program or a part of one."),
    (b"MZ\x90", "It is a program or a part of one."),
    (b"\x1f\x8b", "It is an archive."),
    (b"BZh", "It is an archive."),
    (b"7z\xbc\xaf", "It is an archive."),
    (b"Rar!", "It is an archive."),
    (b"\xfd7zXZ", "It is an archive."),
    (b"SQLite format 3", "It is a database or a program's own data."),
)

_MAGICS = tuple(magic for magic, _ in _MAGIC)

# Directories inside a zip and what they tell, besides the office programs' (inside.py).
_IN_ZIP: tuple[tuple[str, str], ...] = (
    ("META-INF/container.xml", "It is an e-book."),
)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<\?[^>]*>|<!--.*?-->)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_OFFICE = (Kind.DOCX, Kind.SLIDES, Kind.XLSX, Kind.OPENDOCUMENT)
_PACKED = (Kind.PDF, *_OFFICE)  # what is never plain text
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1b\x0b\x08")) + b"\x7f"


def suffix_of(name: str) -> str:
    """Return the suffix in lower case without its dot; "" where what follows the dot is none."""
    stem, dot, suffix = name.rpartition(".")
    # "Report v1.2" and "Notes. Second part" have no suffix; ".bashrc" has none either.
    if not dot or not stem or len(suffix) > 10 or " " in suffix or suffix.isdigit():
        return ""
    return suffix.lower()


def why_not(name: str) -> str | None:
    """Return the sentence why a file of this name is never opened, or None."""
    suffix = suffix_of(name)
    if suffix in _NAMED:
        return f"{_UNREAD} {_NAMED[suffix]}"
    # Office programs' lock files are named like documents.
    if name.startswith(("~$", ".~lock.", "._")):
        return f"{_UNREAD} {_NOTE}"
    return None


def may_be_read(name: str) -> bool:
    """Tell by the name alone whether it is worth opening the file; unknown names are."""
    return why_not(name) is None


def kind_of(source: Source, head: bytes) -> Kind:
    """Return the kind of a file from its first HEAD bytes, its zip directory and its name.

    Raises Unsupported, which names the kind where it is known.
    """
    suffix = suffix_of(source.name)
    known = _BY_SUFFIX.get(suffix)
    as_text = known not in (None, *_PACKED)
    at = head.find(b"%PDF-", 0, 1024)
    # A text may speak of the magic; a PDF may have rubbish before it.
    if at == 0 or (at > 0 and not as_text):
        return Kind.PDF
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(source, known)
    if head.startswith(OLE):
        if kind := kind_in_ole(source, known):
            return Kind(kind)
        raise _unsupported(source, _NAMED.get(suffix, "It is an older Office document."))
    if head.startswith(_MAGICS):
        what = next(what for magic, what in _MAGIC if head.startswith(magic))
        raise _unsupported(source, what)
    if kind := kind_in_xml(head):
        return Kind(kind)
    if known in _PACKED:
        return Kind.HTML if _HTML.match(head) else known  # else its reader says what is wrong
    if suffix in _NAMED:
        raise _unsupported(source, _NAMED[suffix])
    if _is_binary(head):
        raise Unsupported(_UNREAD, _NOT_TEXT, source.path)
    if known is None and suffix and _is_foreign(head):
        raise Unsupported(_UNREAD, _NOT_TEXT, source.path)
    if known not in (Kind.CODE, Kind.MARKDOWN) and _HTML.match(head):
        return Kind.HTML
    return known or Kind.TEXT


def looks_utf16(data: bytes) -> str | None:
    """Return "utf-16-le" or "utf-16-be" if every other byte of a sample without mark is NUL."""
    sample = data[:HEAD]
    if len(sample) < 4 or 0 not in sample:
        return None
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        high, low = sample[first::2], sample[1 - first :: 2]
        if high.count(0) > 0.7 * len(high) and not low.count(0):
            return encoding
    return None


def _unsupported(source: Source, what: str) -> Unsupported:
    return Unsupported(_UNREAD, what, source.path)


def _kind_of_zip(source: Source, known: Kind | None) -> Kind:
    import zipfile

    try:
        with zipfile.ZipFile(source.file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, UnicodeError):
        names = []
        if known in _OFFICE:
            return known  # its reader says that it is damaged
    if kind := kind_in_zip(names):
        return Kind(kind)
    for start, what in _IN_ZIP:
        if any(name.startswith(start) for name in names):
            raise _unsupported(source, what)
    if known in _OFFICE:
        return known
    raise _unsupported(source, _NAMED.get(suffix_of(source.name), "It is an archive."))


def _is_binary(head: bytes) -> bool:
    if head.startswith(_WIDE_MARKS) or looks_utf16(head):
        return False
    controls = len(head) - len(head.translate(None, _CONTROL))
    # A stray NUL in the middle of a log is forgiven, a tenth of control characters is not.
    return controls * 10 > len(head) or head.count(0) > 2


def _is_foreign(head: bytes) -> bool:
    """Tell whether a file of an unknown name is in no encoding of text that we would guess right.

    EBCDIC and compact binary records have few control characters, but high bytes everywhere.
    """
    if head.startswith(_WIDE_MARKS) or head.count(b"\n") > len(head) // 400:
        return False
    high = len(head) - len(head.translate(None, bytes(range(128, 256))))
    if high * 10 < len(head) * 3:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head)
    except UnicodeDecodeError:
        return True
    return False
