"""Files inside files: each is read by its own reader and becomes a part of the document around it.

A passage of a member stands below the member's name, as in "accounts.zip: report.pdf, page 3". What
cannot be read leaves the rest untouched: a damaged or encrypted member makes the document partial,
one of a kind that is not read is named at the end. Nothing is ever written, so that a member's name
is only a name.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from indexer.errors import Unreadable, Unsupported
from indexer.readers import Reader, read_source
from indexer.readers.kinds.names import why_not
from indexer.readers.sheet import Sheet, clean
from indexer.readers.source import Allowance, Sought, Source
from indexer.types import Heading, Page, ReaderItem, UnreadPage

log = logging.getLogger(__name__)

MAX_DEPTH = 3  # a report in a zip that hangs on a forwarded mail is at 3
MAX_BYTES = 64_000_000  # of one member; it is held in memory while it is read
_BLOCK = 1 << 20
_MOST_NAMES = 50  # of members that are not read
_LONGEST_NAME = 200

NOTHING_READ = "Nothing in it is of a kind that is read."
TOO_DEEP = "It holds files inside files too deep to be read."
TOO_MANY = "It holds more files than are read; the rest of them was left out."
TOO_LARGE = "It expands to more than is allowed; the rest of it was not read."
_LARGE = "It is larger than is allowed for a file inside another."
_HEAVY = "This file needs more memory than is allowed."
_FAILED = "This file cannot be read."

_UNPRINTED = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


class TooLarge(Exception):
    """What was being expanded is more than may be."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside another, not yet taken out."""

    name: str  # with its folders, as its container calls it
    load: Callable[[int], bytes]  # its bytes; raises TooLarge if they are more than the given
    heading: str = ""  # what it is called, if not by its name
    reader: Reader | None = None  # if it is known otherwise than by name and content
    counted: bool = True  # whether what it expands to is


def read_members(
    source: Source, members: Iterable[Member], *, alone: bool = False, counted: bool = True
) -> Iterator[ReaderItem]:
    """Read the members of `source`, one after the other, as pages without numbers.

    Members that are expanded nowhere, such as the mails of a mailbox, are not `counted`: each has
    an allowance of its own. Raises Unsupported if they are all that there is (`alone`), and all are
    of kinds that are not read.
    """
    not_read: list[str] = []
    found = False
    for item in _each(source, members, counted, not_read):
        found = True
        yield item
    if not_read and source.sought is None:
        if alone and not found:
            raise Unsupported("This kind of file is not read.", NOTHING_READ, source.path)
        yield _list(not_read)


def _each(
    source: Source, members: Iterable[Member], counted: bool, not_read: list[str]
) -> Iterator[ReaderItem]:
    allowance = source.allowance
    for place, member in _asked(source, members):
        name = member.name.replace("\\", "/").rpartition("/")[2]
        called = label(member.heading or member.name)
        if source.depth >= MAX_DEPTH:
            yield UnreadPage(None, TOO_DEEP)
            return
        if member.reader is None and why_not(name):
            not_read.append(called)
            continue
        if counted and allowance.members <= 0:
            yield UnreadPage(None, TOO_MANY)
            return
        try:
            inner = _loaded(member, name, source, counted and member.counted)
            if source.sought is not None and source.sought.reached(inner, called):
                return
            pages = (member.reader or read_source)(inner)
            yield from _placed(pages, place, called, not_read, allowance)
        except Unsupported:
            not_read.append(called)
        except Unreadable as error:
            yield UnreadPage(None, f"{called}: {error.title}")
        except TooLarge:
            if allowance.data < MAX_BYTES:
                yield UnreadPage(None, TOO_LARGE)
                return
            yield UnreadPage(None, f"{called}: {_LARGE}")
        except MemoryError:
            yield UnreadPage(None, f"{called}: {_HEAVY}")
        except Exception as error:  # noqa: BLE001 (a parser may raise anything; others follow)
            log.warning("the reader of a member failed: %s", type(error).__name__)
            yield UnreadPage(None, f"{called}: {_FAILED}")


def _asked(source: Source, members: Iterable[Member]) -> Iterator[tuple[int, Member]]:
    """Yield each member with its place, or only the one that is sought."""
    for place, member in enumerate(members):
        if source.sought is None or place == source.sought.way[source.depth]:
            yield place, member


def _loaded(member: Member, name: str, source: Source, counted: bool) -> Source:
    allowance = source.allowance
    data = member.load(min(MAX_BYTES, allowance.data))
    inner = source.member(name, data)
    if not counted:
        return replace(inner, allowance=Allowance())
    allowance.members -= 1
    allowance.data -= len(data)
    return inner


def _placed(
    items: Iterator[ReaderItem], place: int, name: str, not_read: list[str], allowance: Allowance
) -> Iterator[ReaderItem]:
    """Yield a member's pages below its name, then what of it could not be read, at most once."""
    path: list[Heading] = []  # the member's headings that are open
    reason = ""
    first = True
    waits = False
    for item in items:
        if isinstance(item, UnreadPage) and _waits(item, allowance):
            waits = True
            yield replace(item, member=(place, *item.member))
        elif isinstance(item, UnreadPage):
            where = name if item.number is None else f"{name}, page {item.number}"
            reason = reason or f"{where}: {item.reason}"
        elif isinstance(item, Page) and item.text.strip():
            if item.number is not None:
                yield _below(f"{name}, page {item.number}", item, path)
            elif first:
                yield _below(name, item, path)
            else:
                yield Page(item.text, None, tuple(_shifted(item.headings, 0)))
            first = False
            _follow(path, item.headings)
    if reason:
        yield UnreadPage(None, reason)
    elif first and not waits:
        not_read.append(name)


def _waits(page: UnreadPage, allowance: Allowance) -> bool:
    """Tell whether OCR is to read a page of a member."""
    # Nearly always it comes from a reader that this would load.
    from indexer.readers.ocr.recognisable import needs_ocr

    if page.member:  # counted where it was found
        return True
    if not needs_ocr(page) or not allowance.recognised:
        return False
    allowance.recognised -= 1
    return True


def find_member(source: Source, way: tuple[int, ...]) -> tuple[Source, list[str]]:
    """Return the member that stands at the end of a way, and what those on it are called.

    `way` is that of an UnreadPage. Raises Unreadable if it is not there any more, and OSError.
    """
    sought = Sought(way)
    for _ in read_source(replace(source, sought=sought)):
        if sought.found is not None:
            break
    if sought.found is None:
        raise Unreadable("This file is not in the other any more.", "", source.path)
    return replace(sought.found, sought=None), sought.names


def headed(text: str, names: list[str], number: int | None) -> Page:
    """Return the text of a member's page below its name, as `read_members` would."""
    name = names[-1] if number is None else f"{names[-1]}, page {number}"
    above = [Heading(0, level, each) for level, each in enumerate((*names[:-1], name), 1)]
    return Page(f"{name}\n{text}", None, tuple(above))


def _below(line: str, page: Page, path: list[Heading]) -> Page:
    """Return a page under a line of its own, and under the headings that go on from before."""
    offset = len(line) + 1
    above = [Heading(0, 1, line), *(Heading(0, each.level + 1, each.text) for each in path)]
    return Page(f"{line}\n{page.text}", None, (*above, *_shifted(page.headings, offset)))


def _shifted(headings: Iterable[Heading], offset: int) -> Iterator[Heading]:
    return (Heading(each.start + offset, each.level + 1, each.text) for each in headings)


def _follow(path: list[Heading], headings: Iterable[Heading]) -> None:
    for heading in headings:
        while path and path[-1].level >= heading.level:
            path.pop()
        path.append(heading)


def _list(names: list[str]) -> Page:
    sheet = Sheet()
    sheet.add("Not read", 1)
    for name in names[:_MOST_NAMES]:
        sheet.add(name)
    if len(names) > _MOST_NAMES:
        sheet.add(f"and {len(names) - _MOST_NAMES} more")
    return sheet.take()


def label(name: str) -> str:
    """Return a name as it can stand in a line: printable, in its written order, not too long."""
    name = " ".join(_UNPRINTED.sub(" ", clean(name)).split())
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def load_from(read: Callable[[int], bytes], most: int) -> bytes:
    """Return all that `read` gives, in blocks. Raises TooLarge if it is more than `most` bytes."""
    blocks: list[bytes] = []
    while block := read(_BLOCK):
        most -= len(block)
        if most < 0:
            raise TooLarge
        blocks.append(block)
    return b"".join(blocks)
