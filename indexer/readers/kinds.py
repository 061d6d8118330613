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
from indexer.readers.signs import kind_by_signs
from indexer.readers.source import Source

HEAD = 4096  # bytes that kind_of wants to see


class Kind(StrEnum):
    """The kinds that are read; the values are those of DocumentInfo.kind."""

    TEXT = "text"
    MARKDOWN = "markdown"
    CODE = "code"
    ORG = "org"
    RST = "rst"
    ASCIIDOC = "asciidoc"
    TEX = "tex"
    XML = "xml"
    JSON = "json"
    NOTEBOOK = "notebook"
    SUBTITLES = "subtitles"
    FICTIONBOOK = "fictionbook"
    EPUB = "epub"
    CSV = "csv"
    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    PICTURE = "picture"
    SLIDES = "pptx"
    XLSX = "xlsx"
    OPENDOCUMENT = "odf"
    RTF = "rtf"
    DOC = "doc"
    XLS = "xls"
    PPT = "ppt"
    MAIL = "mail"
    MAILBOX = "mailbox"
    OUTLOOK = "outlook"
    MHTML = "mhtml"
    CALENDAR = "calendar"
    CONTACTS = "contacts"
    ZIP = "zip"
    TAR = "tar"


def _table(what: str, suffixes: str) -> dict[str, str]:
    return dict.fromkeys(suffixes.split(), what)


_BY_SUFFIX: dict[str, Kind] = {
    suffix: kind
    for kind, suffixes in {
        Kind.TEXT: "txt text log bib nfo me 1st",
        Kind.ORG: "org",
        Kind.RST: "rst rest",
        Kind.ASCIIDOC: "adoc asciidoc",
        Kind.TEX: "tex ltx latex",
        Kind.XML: "xml rss atom opml dbk docbook dita ditamap tei xliff xlf tmx xsd xsl xslt",
        Kind.JSON: "json ndjson jsonl geojson webmanifest",
        Kind.NOTEBOOK: "ipynb",
        Kind.SUBTITLES: "srt vtt sbv",
        Kind.FICTIONBOOK: "fb2",
        Kind.EPUB: "epub",
        Kind.MARKDOWN: "md markdown mdown mkd mdx rmd qmd",
        Kind.CODE: "py pyi pyx c h cc cpp cxx hpp hh cs java kt kts scala go rs swift m mm js mjs "
        "cjs jsx ts tsx vue svelte php rb pl pm lua r jl f f90 f95 for pas hs ml mli fs fsx clj "
        "cljs lisp el scm erl ex exs dart groovy gradle sh bash zsh fish bat cmd ps1 psm1 sql "
        "css scss sass less json5 yaml yml toml ini cfg conf properties env "
        "cmake mk proto graphql tf asm s v sv vhd vhdl nim zig diff patch jsp erb",
        Kind.CSV: "csv tsv tab psv",
        Kind.HTML: "html htm xhtml xht shtml",
        Kind.PDF: "pdf ai",
        Kind.DOCX: "docx docm dotx dotm",
        Kind.PICTURE: "png jpg jpe jpeg gif bmp tif tiff webp",
        Kind.SLIDES: "pptx pptm ppsx ppsm potx potm",
        Kind.XLSX: "xlsx xlsm xltx xltm",
        Kind.RTF: "rtf",
        Kind.DOC: "doc dot",
        Kind.XLS: "xls xlsb xlt",
        Kind.PPT: "ppt pps pot",
        Kind.OPENDOCUMENT: "odt ott odm fodt odp otp fodp ods ots fods odg otg fodg",
        Kind.MAIL: "eml emlx",
        Kind.MAILBOX: "mbox mbx",
        Kind.OUTLOOK: "msg",
        Kind.MHTML: "mht mhtml",
        Kind.CALENDAR: "ics ical ifb vcs",
        Kind.CONTACTS: "vcf vcard",
        Kind.ZIP: "zip",
        Kind.TAR: "tar tgz tbz2 txz",
    }.items()
    for suffix in suffixes.split()
}

# Formats that are named to the user but not read; without opening the file.
_NAMED: dict[str, str] = {
    **_table(
        "It is a picture.",
        "heic heif avif jp2 jxl ico icns svg svgz psd xcf raw cr2 cr3 nef arw dng orf rw2 eps wmf "
        "emf tga pcx",
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
        "7z rar gz bz2 xz zst lz lzma lz4 cab arj ace z cpio",
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
    **_table("It is a spreadsheet.", "numbers wk1 wks"),
    **_table("It is an older or foreign text document.", "pages wpd wps hwp one"),
    **_table("It is a publisher's or drawing program's document.", "pub vsd vsdx xps oxps dwg dxf"),
    **_table("It is an e-book.", "mobi azw azw3 lit djvu djv cbz cbr"),
    **_table("It is mail.", "pst ost"),
}

_UNREAD = "This kind of file is not read."
_PICTURED = "It is a picture."
_NOT_TEXT = "Its content is not text."
_NOTE = "It is a program's own note about another file."

_OLDEST = "It is an older Office document."

# How the first bytes give a format away, whatever the name says.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x09\x00\x04\x00", _OLDEST),  # Excel 2, 3 and 4, Word 2, Write
    (b"\x09\x02\x06\x00", _OLDEST),
    (b"\x09\x04\x06\x00", _OLDEST),
    (b"\xdb\xa5-\x00", _OLDEST),
    (b"1\xbe\x00\x00", _OLDEST),
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
# PNG, JPEG, GIF, TIFF (also larger than 4 GB), WebP; BMP's two letters prove nothing.
_PICTURE = re.compile(
    rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|II\*\x00|MM\x00\*|II\+\x00|MM\x00\+|RIFF.{4}WEBP",
    re.DOTALL,
)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<\?[^>]*>|<!--.*?-->)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_TARS = {"gz": "tgz", "bz2": "tbz2", "xz": "txz"}  # what "a.tar.gz" and its like are called too
# What is never plain text; and what stays what its name says, though it begins like mail.
_OFFICE = (Kind.DOCX, Kind.SLIDES, Kind.XLSX, Kind.OPENDOCUMENT, Kind.EPUB)
# Under these names there is often something simpler, which their programs open as well.
_LOOSE = {Kind.RTF: Kind.TEXT, Kind.DOC: Kind.TEXT, Kind.XLS: Kind.CSV, Kind.PPT: Kind.TEXT}
_PACKED = (Kind.PDF, *_OFFICE, Kind.PICTURE, Kind.OUTLOOK, Kind.ZIP, Kind.TAR)
_NAMED_RIGHT = (Kind.MARKDOWN, Kind.CODE, Kind.CSV, Kind.MAIL, Kind.MHTML)
# Blank, letters, digits, and the two line ends.
_EBCDIC = b"\x40\x15\x25" + bytes(
    first + place
    for first in (0x81, 0x91, 0xA2, 0xC1, 0xD1, 0xE2, 0xF0)
    for place in range(8 if first in (0xA2, 0xE2) else 10 if first == 0xF0 else 9)
)
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1b\x0b\x08")) + b"\x7f"


def suffix_of(name: str) -> str:
    """Return the suffix in lower case without its dot; "" where what follows the dot is none."""
    stem, dot, suffix = name.rpartition(".")
    # "Report v1.2" and "Notes. Second part" have no suffix; ".bashrc" has none either.
    if not dot or not stem or len(suffix) > 10 or " " in suffix or suffix.isdigit():
        return ""
    suffix = suffix.lower()
    return _TARS.get(suffix, suffix) if stem[-4:].lower() == ".tar" else suffix


def why_not(name: str, *, inside: bool = False) -> str | None:
    """Return the sentence why a file of this name is never opened, or None.

    A picture `inside` another file is not: most of them adorn a mail.
    """
    suffix = suffix_of(name)
    if inside and _BY_SUFFIX.get(suffix) is Kind.PICTURE:
        return f"{_UNREAD} {_PICTURED}"
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
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(source, known)
    if head.startswith(OLE):
        if kind := kind_in_ole(source, known):
            return Kind(kind)
        raise _unsupported(source, _NAMED.get(suffix, _OLDEST))
    if head.startswith(_MAGICS) and known is not Kind.TAR:
        what = next(what for magic, what in _MAGIC if head.startswith(magic))
        raise _unsupported(source, what)
    if kind := _kind_by_beginning(head, known):
        return kind
    if known in _PACKED or (known in _LOOSE and _is_binary(head)):
        return Kind.HTML if _HTML.match(head) else known  # else its reader says what is wrong
    if suffix in _NAMED:
        raise _unsupported(source, _NAMED[suffix])
    return _kind_of_text(source, _LOOSE.get(known, known) if known else None, head)


def _kind_by_beginning(head: bytes, known: Kind | None) -> Kind | None:
    if _PICTURE.match(head):
        return Kind.PICTURE
    if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{\\rtf"):
        return Kind.RTF
    sign = None if known in _NAMED_RIGHT else kind_by_signs(head)
    found = sign or kind_in_xml(head)
    return Kind(found) if found else None


def _kind_of_text(source: Source, known: Kind | None, head: bytes) -> Kind:
    if _is_binary(head):
        raise Unsupported(_UNREAD, _NOT_TEXT, source.path)
    if known is None and suffix_of(source.name) and _is_foreign(head):
        raise Unsupported(_UNREAD, _NOT_TEXT, source.path)
    if known not in (Kind.CODE, Kind.MARKDOWN) and _HTML.match(head):
        return Kind.HTML
    if known is None and head.removeprefix(codecs.BOM_UTF8).startswith(b"<?xml"):
        return Kind.XML
    return known or Kind.TEXT


def looks_utf16(data: bytes) -> str | None:
    """Return "utf-16-le" or "utf-16-be" if every other byte of a sample without mark is NUL."""
    sample = data[:HEAD]
    if len(sample) < 4 or 0 not in sample:
        return None
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        high, low = sample[first::2], sample[1 - first :: 2]
        if high.count(0) > 0.7 * len(high) and low.count(0) * 10 < len(low):
            return encoding
    return None


def looks_ebcdic(data: bytes) -> bool:
    """Tell whether a sample is a mainframe's text: nine tenths letters, digits and its blanks."""
    sample = data[:HEAD]
    known = len(sample) - len(sample.translate(None, _EBCDIC))
    blanks = sample.count(0x40)
    return known * 10 > len(sample) * 9 and blanks * 40 > len(sample) and blanks > sample.count(32)


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
    if "META-INF/container.xml" in names:
        return Kind.EPUB
    if known in _OFFICE:
        return known
    if (suffix := suffix_of(source.name)) in _NAMED:
        raise _unsupported(source, _NAMED[suffix])
    return Kind.ZIP


def _is_binary(head: bytes) -> bool:
    if head.startswith(_WIDE_MARKS) or looks_utf16(head) or looks_ebcdic(head):
        return False
    controls = len(head) - len(head.translate(None, _CONTROL))
    # A stray NUL in the middle of a log is forgiven, a tenth of control characters is not.
    return controls * 10 > len(head) or head.count(0) > 2


def _is_foreign(head: bytes) -> bool:
    """Tell whether a file of an unknown name is in no encoding of text that we would guess right.

    Compact binary records have few control characters, but high bytes everywhere.
    """
    if head.startswith(_WIDE_MARKS) or looks_ebcdic(head) or head.count(b"\n") > len(head) // 400:
        return False
    high = len(head) - len(head.translate(None, bytes(range(128, 256))))
    if high * 10 < len(head) * 3:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head)
    except UnicodeDecodeError:
        return True
    return False
