"""Which kinds of files are read, and what a file's name says of its own.

The tables name the formats that are not read, so that the ledger can say what a file is, and so
that photos, programs and the like are skipped without being opened.
"""

from __future__ import annotations

from enum import StrEnum


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
    IWORK = "iwork"
    ZIP = "zip"
    TAR = "tar"


def _table(what: str, suffixes: str) -> dict[str, str]:
    return dict.fromkeys(suffixes.split(), what)


BY_SUFFIX: dict[str, Kind] = {
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
        Kind.IWORK: "pages numbers key",
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
NAMED: dict[str, str] = {
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
    **_table("It is a key or a signed message.", "p7s p7m p12 pfx pem crt cer der gpg asc kdbx"),
    **_table("It is a spreadsheet.", "wk1 wks"),
    **_table("It is an older or foreign text document.", "wpd wps hwp one"),
    **_table("It is a publisher's or drawing program's document.", "pub vsd vsdx xps oxps dwg dxf"),
    **_table("It is an e-book.", "mobi azw azw3 lit djvu djv cbz cbr"),
    **_table("It is mail.", "pst ost"),
}

UNREAD = "This kind of file is not read."
_NOTE = "It is a program's own note about another file."

_TARS = {"gz": "tgz", "bz2": "tbz2", "xz": "txz"}  # what "a.tar.gz" and its like are called too


def suffix_of(name: str) -> str:
    """Return the suffix in lower case without its dot; "" where what follows the dot is none."""
    stem, dot, suffix = name.rpartition(".")
    # "Report v1.2" and "Notes. Second part" have no suffix; ".bashrc" has none either.
    if not dot or not stem or len(suffix) > 10 or " " in suffix or suffix.isdigit():
        return ""
    suffix = suffix.lower()
    return _TARS.get(suffix, suffix) if stem[-4:].lower() == ".tar" else suffix


def why_not(name: str) -> str | None:
    """Return the sentence why a file of this name is never opened, or None."""
    suffix = suffix_of(name)
    if suffix in NAMED:
        return f"{UNREAD} {NAMED[suffix]}"
    # Office programs' lock files are named like documents.
    if name.startswith(("~$", ".~lock.", "._")):
        return f"{UNREAD} {_NOTE}"
    return None


def may_be_read(name: str) -> bool:
    """Tell by the name alone whether it is worth opening the file; unknown names are."""
    return why_not(name) is None
