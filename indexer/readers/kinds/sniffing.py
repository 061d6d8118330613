"""What kind of file something is: by content first, by name second. Pure but for containers."""

from __future__ import annotations

import codecs
import re

from indexer.errors import Unsupported
from indexer.readers.encodings.ebcdic import looks_ebcdic
from indexer.readers.kinds.inside import kind_in_ole, kind_in_xml, kind_in_zip
from indexer.readers.kinds.names import BY_SUFFIX, NAMED, UNREAD, Kind, suffix_of
from indexer.readers.kinds.signs import kind_by_signs
from indexer.readers.source import Source

HEAD = 4096  # bytes that kind_of wants to see

_NOT_TEXT = "Its content is not text."
_KEY = "It is a key or a signed message."
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

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_TAR = re.compile(rb".{257}ustar", re.DOTALL)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<\?[^>]*>|<!--.*?-->)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
# What is never plain text; and what stays what its name says, though it begins like mail.
_OFFICE = (Kind.DOCX, Kind.SLIDES, Kind.XLSX, Kind.OPENDOCUMENT, Kind.EPUB, Kind.IWORK)
# Under these names there is often something simpler, which their programs open as well.
_LOOSE = {Kind.RTF: Kind.TEXT, Kind.DOC: Kind.TEXT, Kind.XLS: Kind.CSV, Kind.PPT: Kind.TEXT}
_PACKED = (Kind.PDF, *_OFFICE, Kind.PICTURE, Kind.OUTLOOK, Kind.ZIP, Kind.TAR)
_NAMED_RIGHT = (Kind.MARKDOWN, Kind.CODE, Kind.CSV, Kind.MAIL, Kind.MHTML)
# What its bytes alone decide; and what they decide unless the name is one of those above.
_BY_BYTES = frozenset((*_PACKED, Kind.RTF, Kind.DOC, Kind.XLS, Kind.PPT))
_BY_SIGNS = frozenset((Kind.MAIL, Kind.MAILBOX, Kind.MHTML, Kind.CALENDAR, Kind.CONTACTS))
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1b\x0b\x08")) + b"\x7f"


def kind_of(source: Source, head: bytes) -> Kind:
    """Return the kind of a file from its first HEAD bytes, its zip directory and its name.

    Raises Unsupported, which names the kind where it is known.
    """
    suffix = suffix_of(source.name)
    known = BY_SUFFIX.get(suffix)
    at = head.find(b"%PDF-", 0, 1024)
    # A PDF may have rubbish before it; a text may speak of the magic, an archive begin with a PDF.
    may_be_pdf = known in (None, Kind.PDF) and not head.startswith((*_ZIP, OLE))
    if at == 0 or (at > 0 and may_be_pdf and not _TAR.match(head)):
        return Kind.PDF
    if head.startswith(_ZIP):
        return _kind_of_zip(source, known)
    if known is Kind.IWORK:  # ".key" also names the keys of servers
        raise _unsupported(source, _KEY if suffix == "key" else _NOT_TEXT)
    if head.startswith(OLE):
        if kind := kind_in_ole(source, known):
            return Kind(kind)
        raise _unsupported(source, NAMED.get(suffix, _OLDEST))
    if head.startswith(_MAGICS) and known is not Kind.TAR:
        what = next(what for magic, what in _MAGIC if head.startswith(magic))
        raise _unsupported(source, what)
    if kind := _kind_by_beginning(head, known):
        return kind
    if known in _PACKED or (known in _LOOSE and _is_binary(head)):
        return Kind.HTML if _HTML.match(head) else known  # else its reader says what is wrong
    if suffix in NAMED:
        raise _unsupported(source, NAMED[suffix])
    return _kind_of_text(source, _LOOSE.get(known, known) if known else None, head)


def stays(kind: str, name: str) -> bool:
    """Tell whether what was read as a kind would be read so under this name too, without a look.

    False is no promise: to read it again tells.
    """
    known = BY_SUFFIX.get(suffix_of(name))
    if kind in _BY_SIGNS:
        return known is None or known == kind or known not in _NAMED_RIGHT
    return kind in _BY_BYTES or kind == (_LOOSE.get(known, known) if known else Kind.TEXT)


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
        raise Unsupported(UNREAD, _NOT_TEXT, source.path)
    if known is None and suffix_of(source.name) and _is_foreign(head):
        raise Unsupported(UNREAD, _NOT_TEXT, source.path)
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


def _unsupported(source: Source, what: str) -> Unsupported:
    return Unsupported(UNREAD, what, source.path)


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
    if (suffix := suffix_of(source.name)) in NAMED:
        raise _unsupported(source, NAMED[suffix])
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
