"""Mail, alone and in mailboxes, and web pages that were saved as a mail: text, then attachments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from functools import partial

from indexer.readers import damaged
from indexer.readers.archives.members import MAX_BYTES, Member, TooLarge, label, read_members
from indexer.readers.encodings.decoding import read_bytes
from indexer.readers.kinds.names import Kind
from indexer.readers.mail.message import (
    Body,
    bytes_of,
    children,
    header,
    html_of,
    name_of,
    parse,
    parts_of,
    text_of,
)
from indexer.readers.markup.text import pieces
from indexer.readers.markup.web import extract
from indexer.readers.sheet import TOO_LONG
from indexer.readers.source import Source
from indexer.types import DocumentInfo, Heading, Page, ReaderItem, UnreadPage

ENCRYPTED = "The text of this mail is encrypted; only who wrote it, when and to whom was read."
_SHOWN = ("From", "To", "Cc", "Date", "Subject")
NAMELESS = "Mail"  # what a mail without subject is called inside another document

# A plain text shorter than this may only say that the mail must be read as HTML.
_MAY_BE_A_NOTE = 500

# Between the mails of a mailbox: "From " alone also begins sentences.
_FROM_LINE = re.compile(rb"From .*\d\d:\d\d.*\d{4}|From - ")
_QUOTED_FROM = re.compile(rb">+From ")
_LINE = 65_536
_STATUS = re.compile(rb"^X-Mozilla-Status: ([0-9A-Fa-f]{4})", re.MULTILINE)
_EXPUNGED = 0x8  # what Mozilla marks a deleted mail with that the mailbox still holds


def read_mail(source: Source) -> Iterator[ReaderItem]:
    """Read a mail (eml, emlx). Raises Unreadable."""
    data, cut = read_bytes(source)
    message = parse(data, source.path)
    del data
    yield from read_message(message, source)
    if cut:
        yield UnreadPage(None, TOO_LONG)


def read_message(message: Message, source: Source) -> Iterator[ReaderItem]:
    """Read a message that was taken apart."""
    subject = header(message, "Subject")
    yield DocumentInfo(Kind.MAIL.value, label(subject) or None)
    # As a part of another document it stands below its subject already.
    shown = _SHOWN if source.depth == 0 else _SHOWN[:-1]
    lines = [f"{name}: {value}" for name in shown if (value := header(message, name))]
    parts = parts_of(message)
    yield from page_under(lines, (page for body in parts.bodies for page in _pages(body)))
    if parts.encrypted:
        yield UnreadPage(None, ENCRYPTED)
    yield from read_members(source, map(_member, parts.attached))


def _pages(body: Body) -> Iterator[Page]:
    html = "\n".join(map(html_of, body.html))
    return pages_of("\n".join(map(text_of, body.plain)), html)


def pages_of(plain: str, html: str) -> Iterator[Page]:
    """Return the pages of a text that is given in one or in both forms."""
    plain = plain.strip()
    if html and len(plain) < _MAY_BE_A_NOTE:
        _, pages = extract(html)
        if sum(len(page.text) for page in pages) > 2 * len(plain):
            yield from pages
            return
    if plain:
        yield from map(Page, pieces(plain))


def page_under(lines: list[str], pages: Iterator[Page]) -> Iterator[Page]:
    """Put lines above the first of the pages."""
    head = "\n".join(lines)
    for page in pages:
        if head:
            shift = len(head) + 2
            moved = [Heading(each.start + shift, each.level, each.text) for each in page.headings]
            yield Page(f"{head}\n\n{page.text}", None, tuple(moved))
            head = ""
        else:
            yield page
    if head:
        yield Page(head)


def _member(message: Message) -> Member:
    if message.get_content_type() == "message/rfc822" and (inside := list(children(message))):
        mail = inside[0]
        called = header(mail, "Subject") or name_of(message) or NAMELESS
        return Member(called, lambda _: b"", called, partial(read_message, mail))
    # What has no name of its own is known by its content.
    name = name_of(message) or message.get_content_type()
    return Member(name, lambda most: _limited(bytes_of(message), most))


def read_mhtml(source: Source) -> Iterator[ReaderItem]:
    """Read a web page that was saved as one file: the page, or its frames if it has no text."""
    data, cut = read_bytes(source)
    message = parse(data, source.path)
    for body in parts_of(message).bodies:
        for part in body.html:
            title, pages = extract(html_of(part))
            if any(page.text for page in pages):
                title = title or label(header(message, "Subject"))
                yield DocumentInfo(Kind.MHTML.value, title or None)
                yield from pages
                if cut:
                    yield UnreadPage(None, TOO_LONG)
                return
    yield from read_message(message, source)


def read_mailbox(source: Source) -> Iterator[ReaderItem]:
    """Read the mails of a mailbox (mbox), each below its subject. Raises Unreadable."""
    with source.open() as file:
        if not file.readline(_LINE).removeprefix(b"\xef\xbb\xbf").startswith(b"From "):
            raise damaged("mailbox", source.path)
    yield DocumentInfo(Kind.MAILBOX.value)
    mails = (_mail(data, source) for data in _mails(source))
    yield from read_members(source, mails, counted=False)


def _mail(data: bytes, source: Source) -> Member:
    head = re.split(rb"\r?\n\r?\n", data, maxsplit=1)[0]
    subject = header(parse(head, source.path), "Subject") or NAMELESS
    return Member(subject, partial(_limited, data), subject, read_mail)


def _limited(data: bytes, most: int) -> bytes:
    if len(data) > most:
        raise TooLarge
    return data


def _mails(source: Source) -> Iterator[bytes]:
    """Yield the bytes of each mail; of one that is too large only so much that this is seen."""
    lines: list[bytes] = []
    size = 0
    ended = True  # whether the last line was empty, so that the next may begin a mail
    with source.open() as file:
        while line := file.readline(_LINE):
            if ended and _FROM_LINE.match(line):
                if mail := _kept(lines):
                    yield mail
                lines, size = [], 0
            elif size <= MAX_BYTES:
                size += len(line)
                lines.append(line[1:] if _QUOTED_FROM.match(line) else line)
            ended = line in (b"\n", b"\r\n")
    if mail := _kept(lines):
        yield mail


def _kept(lines: list[bytes]) -> bytes:
    """Return a mail unless it is empty or its owner has deleted it."""
    data = b"".join(lines)
    status = _STATUS.search(data, 0, _LINE)
    return b"" if status and int(status.group(1), 16) & _EXPUNGED else data.strip(b"\r\n")
