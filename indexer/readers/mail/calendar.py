"""Calendars and address books: each entry a few lines below its name (RFC 5545, RFC 6350)."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.readers.archives.members import label
from indexer.readers.encodings.decoding import decode, read_decoded
from indexer.readers.kinds.names import Kind
from indexer.readers.sheet import TOO_LONG, Sheet
from indexer.readers.source import Source
from indexer.types import DocumentInfo, ReaderItem, UnreadPage

_PROPERTY = re.compile(r"(?:[\w-]+\.)?([\w-]+)((?:;(?:[^\";:]|\"[^\"]*\")*)*):(.*)", re.DOTALL)
_PARAMETER = re.compile(r";([\w-]+)=(\"[^\"]*\"|[^;]*)")
_PART = re.compile(r"(?<!\\);")
_ESCAPED = re.compile(r"\\(.)")
_CALENDAR_NAME = re.compile(r"^X-WR-CALNAME[^:\n]*:(.+)$", re.MULTILINE)
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(?:\d\d)?(Z?))?")

_ENTRIES = frozenset(("VEVENT", "VTODO", "VJOURNAL"))
_EVENT = (
    ("DTSTART", "Start"), ("DTEND", "End"), ("DUE", "Due"), ("DURATION", "Duration"),
    ("RRULE", "Repeats"), ("LOCATION", "Place"), ("ORGANIZER", "Organizer"),
    ("ATTENDEE", "With"), ("CATEGORIES", "Category"), ("STATUS", "Status"), ("URL", "Address"),
    ("COMMENT", ""), ("DESCRIPTION", ""),
)  # fmt: skip
_CARD = (
    ("NICKNAME", "Nickname"), ("ORG", "Organization"), ("TITLE", "Title"), ("ROLE", "Role"),
    ("EMAIL", "Mail"), ("TEL", "Telephone"), ("IMPP", "Chat"), ("ADR", "Address"),
    ("BDAY", "Birthday"), ("ANNIVERSARY", "Anniversary"), ("URL", "Web page"),
    ("CATEGORIES", "Category"), ("NOTE", ""),
)  # fmt: skip
_DATES = frozenset(("DTSTART", "DTEND", "DUE", "BDAY", "ANNIVERSARY"))
_PEOPLE = frozenset(("ORGANIZER", "ATTENDEE"))
_NAMES = ("SUMMARY", "FN", "N", "ORG", "EMAIL")  # the first that says something is the heading
_NAMELESS = "Without a name"
_MEANT = {"n": "\n", "N": "\n"}
_WRITTEN = re.compile(r"[^\n]+")
_STRUCTURED = frozenset(("N", "ORG", "ADR"))  # of parts that semicolons separate


@dataclass(frozen=True, slots=True)
class _Property:
    name: str
    parameters: dict[str, str]
    value: str


def read_calendar(source: Source) -> Iterator[ReaderItem]:
    """Read the events and tasks of a calendar (ics)."""
    text, cut = read_decoded(source)
    name = _CALENDAR_NAME.search(text)
    yield DocumentInfo(Kind.CALENDAR.value, label(name.group(1)) if name else None)
    yield from _pages(_entries(text, _ENTRIES), _EVENT, cut)


def read_contacts(source: Source) -> Iterator[ReaderItem]:
    """Read the cards of an address book (vcf)."""
    text, cut = read_decoded(source)
    yield DocumentInfo(Kind.CONTACTS.value)
    yield from _pages(_entries(text, frozenset(("VCARD",))), _CARD, cut)


def _pages(
    entries: Iterator[list[_Property]], fields: Sequence[tuple[str, str]], cut: bool
) -> Iterator[ReaderItem]:
    sheet = Sheet()
    for entry in entries:
        names = [_value(each) for name in _NAMES for each in entry if each.name == name]
        sheet.add(label(next(filter(None, names), "")) or _NAMELESS, 1)
        for field, called in fields:
            for each in entry:
                if each.name == field and (value := _value(each)):
                    sheet.add(f"{called}: {value}" if called else value)
        sheet.add("")
        if sheet.full:
            yield sheet.take()
    yield sheet.take()
    if cut:
        yield UnreadPage(None, TOO_LONG)


def _entries(text: str, wanted: frozenset[str]) -> Iterator[list[_Property]]:
    """Yield the properties of each entry, without those of what is inside it, such as alarms."""
    entry: list[_Property] = []
    depth = 0  # 1 inside an entry, more inside what it holds
    for each in _properties(text):
        if each.name == "BEGIN":
            if depth or each.value.strip().upper() in wanted:
                depth += 1
        elif each.name == "END":
            if depth == 1:
                yield entry
                entry = []
            depth = max(0, depth - 1)
        elif depth == 1:
            entry.append(each)
    if entry:
        yield entry  # the file ends too early


def _properties(text: str) -> Iterator[_Property]:
    for line in _unfolded(text):
        if match := _PROPERTY.fullmatch(line):
            name, parameters, value = match.groups()
            given = {key.upper(): each.strip('"') for key, each in _PARAMETER.findall(parameters)}
            # The oldest cards name an encoding without saying that it is one.
            if "QUOTED-PRINTABLE" in parameters.upper():
                raw = quopri.decodestring(value.encode("utf-8", "replace"))
                value = decode(raw, given.get("CHARSET")).replace("\r\n", "\n")
            yield _Property(name.upper(), given, value)


def _unfolded(text: str) -> Iterator[str]:
    """Yield the lines as they were before they were cut to be short."""
    pieces: list[str] = []
    soft = False  # whether the next line goes on in quoted-printable
    for match in _WRITTEN.finditer(text):
        line = match.group()
        if pieces and (soft or line[0] in " \t"):
            pieces.append(line if soft else line[1:])
        else:
            if pieces:
                yield "".join(pieces)
            pieces = [line]
        soft = line.endswith("=") and "QUOTED-PRINTABLE" in pieces[0].upper()
        if soft:
            pieces[-1] = pieces[-1][:-1]
    if pieces:
        yield "".join(pieces)


def _value(each: _Property) -> str:
    value = each.value.strip()
    if each.name in _DATES:
        return _date(value, each.parameters.get("TZID", ""))
    if each.name in _PEOPLE:
        address = value.partition(":")[2] if value.lower().startswith("mailto:") else value
        name = each.parameters.get("CN", "")
        return f"{name} <{address}>" if name and name != address else address
    if each.name == "RRULE":
        return value.replace(";", ", ")
    if each.name in _STRUCTURED:
        return ", ".join(filter(None, (_plain(part) for part in _PART.split(value))))
    return _plain(value)


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda match: _MEANT.get(match.group(1), match.group(1)), value).strip()


def _date(value: str, zone: str) -> str:
    match = _DATE.fullmatch(value)
    if match is None:
        return _plain(value)
    year, month, day, hour, minute, universal = match.groups()
    if hour is None:
        return f"{year}-{month}-{day}"
    where = " UTC" if universal else f" ({zone})" if zone else ""
    return f"{year}-{month}-{day} {hour}:{minute}{where}"
