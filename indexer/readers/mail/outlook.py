"""Mail as Outlook saves it (msg): properties in an OLE file, each a stream ([MS-OXMSG]).

Only what can be read of a mail is looked at: who, when, the text in the best form that is there,
and what is attached; a mail inside a mail is a folder in the same file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any

from indexer.readers import damaged, read_source
from indexer.readers.archives.members import Member, TooLarge, label, read_members
from indexer.readers.encodings.decoding import decode, unify
from indexer.readers.kinds.names import Kind
from indexer.readers.mail.reader import ENCRYPTED, NAMELESS, page_under, pages_of
from indexer.readers.markup.web import declared_encoding
from indexer.readers.office.compressed_rtf import expand
from indexer.readers.source import Source
from indexer.types import DocumentInfo, Page, ReaderItem, UnreadPage

WHAT = "Outlook mail"

# Properties, by their numbers in [MS-OXPROPS].
_CLASS, _SUBJECT, _SENT, _DELIVERED = 0x001A, 0x0037, 0x0039, 0x0E06
_SENDER, _SENDER_ADDRESS, _SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
_SHOWN_TO, _SHOWN_CC = 0x0E04, 0x0E03
_PLAIN, _HTML, _RTF = 0x1000, 0x1013, 0x1009
_CODE_PAGE, _HTML_CODE_PAGE = 0x3FFD, 0x3FDE
_NAME, _ADDRESS, _SMTP, _ROLE = 0x3001, 0x3003, 0x39FE, 0x0C15
_LONG_NAME, _SHORT_NAME, _DATA, _CONTENT_ID = 0x3707, 0x3704, 0x3701, 0x3712
_TO, _CC = 1, 2  # roles of a recipient

_TEXT, _OLD_TEXT, _BYTES, _FOLDER = 0x001F, 0x001E, 0x0102, 0x000D  # types of properties
_PROPERTIES = "__properties_version1.0"
_HEADER = {"": 32, "__attach": 8, "__recip_": 8}  # bytes before the properties; else 24
# What damaged files make of the library; folders that contain each other have no end.
_BROKEN = (OSError, ValueError, IndexError, OverflowError, struct.error, RecursionError)
_MOST_RECIPIENTS = 2_000
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp")
_CODE_PAGES = {65001: "utf-8", 1200: "utf-16-le", 20127: "us-ascii", 28591: "latin-1"}


@dataclass(frozen=True, slots=True)
class _Folder:
    """A storage of the file: the mail itself, a recipient, an attachment, or a mail in that."""

    file: Any
    path: tuple[str, ...]
    numbers: dict[int, bytes]  # the properties of a fixed size, by number

    def inner(self, *names: str) -> _Folder:
        """Return a folder inside this one."""
        path = (*self.path, *names)
        return _Folder(self.file, path, _numbers(self.file, path))

    def folders(self, beginning: str) -> list[str]:
        """Return the names of the folders inside that begin so, in their order."""
        depth = len(self.path)
        found = {
            entry[depth]
            for entry in self.file.listdir(streams=True, storages=True)
            if len(entry) > depth
            and tuple(entry[:depth]) == self.path
            and entry[depth].startswith(beginning)
        }
        return sorted(found)

    def number(self, identity: int) -> int:
        """Return a property that is a number; 0 if there is none."""
        return int.from_bytes(self.numbers.get(identity, b"")[:4], "little")

    def data(self, identity: int, kind: int = _BYTES) -> bytes:
        """Return the bytes of a property; b"" if there is none. Raises OSError."""
        path = [*self.path, f"__substg1.0_{identity:04X}{kind:04X}"]
        if not self.file.exists(path):
            return b""
        with self.file.openstream(path) as stream:
            return bytes(stream.read())

    def text(self, identity: int) -> str:
        """Return a property that is text; "" if there is none."""
        if data := self.data(identity, _TEXT):
            return unify(data.decode("utf-16-le", "replace"))
        return unify(decode(self.data(identity, _OLD_TEXT), self._encoding(_CODE_PAGE)))

    def html(self) -> str:
        """Return the text in HTML; "" if there is none."""
        if data := self.data(_HTML):
            said = declared_encoding(data) or self._encoding(_HTML_CODE_PAGE)
            return unify(decode(data, said))
        return self.text(_HTML)

    def _encoding(self, identity: int) -> str | None:
        page = self.number(identity) or self.number(_HTML_CODE_PAGE)
        return _CODE_PAGES.get(page, f"cp{page}") if page else None


def _numbers(file: Any, path: tuple[str, ...]) -> dict[int, bytes]:
    stream = [*path, _PROPERTIES]
    if not file.exists(stream):
        return {}
    with file.openstream(stream) as properties:
        data = properties.read()
    skipped = _HEADER.get(path[-1][:8] if path else "", 24)
    found = {}
    for at in range(skipped, len(data) - 15, 16):
        _, identity = struct.unpack_from("<HH", data, at)
        found[identity] = data[at + 8 : at + 16]
    return found


def read_msg(source: Source) -> Iterator[ReaderItem]:
    """Read a mail that Outlook saved. Raises Unreadable."""
    import olefile

    try:
        file = olefile.OleFileIO(source.file)
    except _BROKEN:
        raise damaged(WHAT, source.path) from None
    with file:
        try:
            mail = _Folder(file, (), _numbers(file, ()))
            if not mail.numbers and not mail.folders("__substg1.0_"):
                raise damaged(WHAT, source.path)
            yield from _read(mail, source)
        except _BROKEN:
            raise damaged(WHAT, source.path) from None


def _read(mail: _Folder, source: Source) -> Iterator[ReaderItem]:
    subject = label(mail.text(_SUBJECT))
    yield DocumentInfo(Kind.OUTLOOK.value, subject or None)
    lines = [
        f"{name}: {value}"
        for name, value in (
            ("From", _sender(mail)),
            ("To", _recipients(mail, _TO) or mail.text(_SHOWN_TO)),
            ("Cc", _recipients(mail, _CC) or mail.text(_SHOWN_CC)),
            ("Date", _date(mail)),
            ("Subject", subject if source.depth == 0 else ""),
        )
        if value
    ]
    yield from page_under(lines, _texts(mail, source))
    attached = mail.folders("__attach_version1.0_#")
    if _is_encrypted(mail):
        yield UnreadPage(None, ENCRYPTED)
        return
    yield from read_members(source, filter(None, (_attachment(mail, name) for name in attached)))


def _is_encrypted(mail: _Folder) -> bool:
    return mail.text(_CLASS).upper() == "IPM.NOTE.SMIME" and not mail.text(_PLAIN)


def _texts(mail: _Folder, source: Source) -> Iterator[Page]:
    plain, html = mail.text(_PLAIN), mail.html()
    yield from pages_of(plain, html)
    if not plain.strip() and not html and (rtf := expand(mail.data(_RTF))):
        items = read_source(source.member("body.rtf", rtf))
        yield from (item for item in items if isinstance(item, Page))


def _sender(mail: _Folder) -> str:
    return _person(mail.text(_SENDER), mail.text(_SENDER_SMTP) or mail.text(_SENDER_ADDRESS))


def _recipients(mail: _Folder, role: int) -> str:
    people = []
    for name in mail.folders("__recip_version1.0_#")[:_MOST_RECIPIENTS]:
        one = mail.inner(name)
        if one.number(_ROLE) == role:
            people.append(_person(one.text(_NAME), one.text(_SMTP) or one.text(_ADDRESS)))
    return ", ".join(filter(None, people))


def _person(name: str, address: str) -> str:
    # Inside a company an address is a path of its directory, which nobody asks for.
    address = address if "@" in address else ""
    name = " ".join(name.strip("'\" ").split())
    return f"{name} <{address}>" if name and address and name != address else name or address


def _date(mail: _Folder) -> str:
    for identity in (_SENT, _DELIVERED):
        ticks = int.from_bytes(mail.numbers.get(identity, b""), "little")  # of 100 ns, since 1601
        if ticks:
            try:
                since = timedelta(microseconds=ticks // 10)
                return format_datetime(datetime(1601, 1, 1, tzinfo=UTC) + since)
            except OverflowError:
                continue
    return ""


def _attachment(mail: _Folder, folder: str) -> Member | None:
    attached = mail.inner(folder)
    name = attached.text(_LONG_NAME) or attached.text(_SHORT_NAME) or attached.text(_NAME)
    inside = f"__substg1.0_{_DATA:04X}{_FOLDER:04X}"
    if mail.file.exists([*attached.path, inside, _PROPERTIES]):
        inner = attached.inner(inside)
        called = inner.text(_SUBJECT) or name or NAMELESS
        return Member(called, lambda _: b"", called, partial(_read, inner))
    if attached.data(_CONTENT_ID, _TEXT) and name.lower().endswith(_PICTURES):
        return None  # a picture in the text, not beside it
    return Member(name or "attachment", partial(_load, attached))


def _load(attached: _Folder, most: int) -> bytes:
    data = attached.data(_DATA)
    if len(data) > most:
        raise TooLarge
    return data
