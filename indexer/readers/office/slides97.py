"""Presentations of PowerPoint 97 to 2003 (ppt): the text of their records, slide by slide.

[MS-PPT] is a stream of records, of which some contain others. What was saved last stands at its
end, and a directory says which record is each slide's present state.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from indexer.readers import damaged, encrypted
from indexer.readers.kinds.names import Kind
from indexer.readers.office.compound import Compound, compound
from indexer.readers.sheet import Sheet
from indexer.readers.source import Source
from indexer.types import DocumentInfo, ReaderItem, UnreadPage

WHAT = "presentation"

# Types of records (2.13.24).
_DOCUMENT, _SLIDE, _SLIDE_ATOM = 0x03E8, 0x03EE, 0x03EF
_LIST, _LISTED, _EDIT, _DIRECTORY = 0x0FF0, 0x03F3, 0x0FF5, 0x1772
_TEXT_KIND, _WIDE_TEXT, _TEXT, _TEXT_ELSEWHERE = 0x0F9F, 0x0FA0, 0x0FA8, 0x0F9E
_STRING, _COMMENT, _FOOTERS, _TAG_DATA = 0x0FBA, 0x2EE0, 0x0FD9, 0x138B
_TITLES, _NOTES = (0, 6), 2  # kinds of text (2.13.33)
_SLIDES_LISTED, _NOTES_LISTED = 0, 2  # instances of _LIST
_FOOTER, _COMMENT_TEXT = 2, 1  # instances of _STRING
_ENCRYPTED = 0xF3D1C4DF  # in the stream "Current User" (2.3.2)
_EDITS, _DEEPEST, _MOST_OBJECTS = 10_000, 32, 1_000_000
_SIGNS = {0x0B: "\n", 0x0D: "\n"}


@dataclass(frozen=True, slots=True)
class _Record:
    """One record: what it is, and where its content stands."""

    kind: int
    instance: int
    start: int
    end: int
    parent: int = 0  # the kind of the record around it


@dataclass(slots=True)
class _Listed:
    """A slide, or the notes of one, as the document lists it."""

    reference: int  # in the directory
    identity: int
    texts: list[tuple[int, str]] = field(default_factory=list)  # (kind, text)


def read_ppt(source: Source) -> Iterator[ReaderItem]:
    """Read a presentation of an older PowerPoint (ppt, pps): a page a slide, its title as heading.

    Notes and comments follow their slide's text. Raises Unreadable.
    """
    with compound(source, WHAT) as streams:
        data = streams.read("PowerPoint Document")
        objects, document = _directory(streams, data, source)
        slides, notes = _lists(data, objects.get(document))
        if not slides:
            slides = [
                _Listed(each.start, 0)
                for each in _children(data, 0, len(data))
                if each.kind == _SLIDE
            ]
            objects = {each.reference: each.reference - 8 for each in slides}
        yield DocumentInfo(Kind.PPT.value, streams.title(), len(slides))
        told: set[str] = set()  # footers
        for number, slide in enumerate(slides, 1):
            record = _at(data, objects.get(slide.reference))
            if record is None:
                yield UnreadPage(number, "This slide is damaged.")
                continue
            texts = _texts(data, record, slide, told)
            for each in notes.get(_notes_of(data, record), ()):
                around = _at(data, objects.get(each.reference))
                found = _texts(data, around, each, told) if around else each.texts
                texts += [(_NOTES, text) for kind, text in found if kind == _NOTES]
            yield _sheet(texts).take(number)


def _directory(streams: Compound, data: bytes, source: Source) -> tuple[dict[int, int], int]:
    """Return where each persistent object stands, and which is the document (2.3.3 to 2.3.6)."""
    user = streams.read("Current User") if "Current User" in streams else b""
    if len(user) >= 20:
        token, at = struct.unpack_from("<2I", user, 12)
        if token == _ENCRYPTED:
            raise encrypted(WHAT, source.path)
    else:
        at = max(0, data.rfind(struct.pack("<HI", _EDIT, 28)) - 2)
    objects: dict[int, int] = {}
    document = 0
    for _ in range(_EDITS):
        edit = _at(data, at)
        if edit is None or edit.kind != _EDIT:
            break
        if edit.end - edit.start >= 32:  # it names what the text is encrypted with
            raise encrypted(WHAT, source.path)
        before, directory, reference = struct.unpack_from("<3I", data, edit.start + 8)
        document = document or reference
        for identity, position in _entries(data, _at(data, directory)):
            objects.setdefault(identity, position)
        if not before or before >= at or len(objects) > _MOST_OBJECTS:
            break
        at = before
    if not objects and not any(each.kind == _SLIDE for each in _children(data, 0, len(data))):
        raise damaged(WHAT, source.path)
    return objects, document


def _entries(data: bytes, record: _Record | None) -> Iterator[tuple[int, int]]:
    if record is None or record.kind != _DIRECTORY:
        return
    at = record.start
    while at + 4 <= record.end:
        (head,) = struct.unpack_from("<I", data, at)
        first, count = head & 0xF_FFFF, head >> 20
        count = min(count, (record.end - at - 4) // 4)
        for index, position in enumerate(struct.unpack_from(f"<{count}I", data, at + 4)):
            yield first + index, position
        at += 4 + 4 * count


def _lists(data: bytes, at: int | None) -> tuple[list[_Listed], dict[int, list[_Listed]]]:
    """Return the slides in order, and the notes by their identity."""
    slides: list[_Listed] = []
    notes: dict[int, list[_Listed]] = {}
    document = _at(data, at)
    if document is None or document.kind != _DOCUMENT:
        return slides, notes
    for each in _children(data, document.start, document.end):
        if each.kind == _LIST and each.instance in (_SLIDES_LISTED, _NOTES_LISTED):
            found: list[_Listed] = []
            kind = -1
            for atom in _children(data, each.start, each.end):
                if atom.kind == _LISTED and atom.end - atom.start >= 16:
                    reference, identity = struct.unpack_from("<I8xI", data, atom.start)
                    found.append(_Listed(reference, identity))
                elif atom.kind == _TEXT_KIND:
                    kind = int.from_bytes(data[atom.start : atom.end], "little")
                    if found:
                        found[-1].texts.append((kind, ""))
                elif atom.kind in (_TEXT, _WIDE_TEXT) and found and found[-1].texts:
                    found[-1].texts[-1] = (kind, _text(data, atom))
            if each.instance == _SLIDES_LISTED:
                slides += found
            else:
                for listed in found:
                    notes.setdefault(listed.identity, []).append(listed)
    return slides, notes


def _texts(data: bytes, record: _Record, listed: _Listed, told: set[str]) -> list[tuple[int, str]]:
    """Return the (kind, text) of a slide's shapes, in their order."""
    texts: list[tuple[int, str]] = []
    kind = -1
    elsewhere = set()
    for each in _descendants(data, record):
        if each.kind == _TEXT_KIND:
            kind = int.from_bytes(data[each.start : each.end], "little")
        elif each.kind in (_TEXT, _WIDE_TEXT):
            texts.append((kind, _text(data, each)))
        elif each.kind == _TEXT_ELSEWHERE:
            index = int.from_bytes(data[each.start : each.end], "little")
            if index < len(listed.texts) and index not in elsewhere:
                elsewhere.add(index)
                texts.append(listed.texts[index])
        elif each.kind == _STRING and (each.parent, each.instance) in (
            (_COMMENT, _COMMENT_TEXT), (_FOOTERS, _FOOTER),
        ):  # fmt: skip
            text = _text(data, each)
            if each.parent == _COMMENT or text not in told:
                texts.append((-1, text))
                told.add(text)
    missing = [text for index, text in enumerate(listed.texts) if index not in elsewhere]
    present = {text for _, text in texts}
    return texts + [each for each in missing if each[1] not in present]


def _sheet(texts: list[tuple[int, str]]) -> Sheet:
    sheet = Sheet()
    title = " ".join(" ".join(text for kind, text in texts if kind in _TITLES).split())
    if title:
        sheet.add(title, 1)
    for kind, text in texts:
        if kind not in _TITLES:
            for line in text.split("\n"):
                # A single asterisk stands for the slide's number or the date.
                if line.strip() not in ("", "*"):
                    sheet.add(line.strip())
    return sheet


def _notes_of(data: bytes, slide: _Record) -> int:
    """Return the identity of a slide's notes; 0 where it has none (2.5.2)."""
    for each in _children(data, slide.start, slide.end):
        if each.kind == _SLIDE_ATOM and each.end - each.start >= 20:
            return int(struct.unpack_from("<I", data, each.start + 16)[0])
    return 0


def _text(data: bytes, record: _Record) -> str:
    """Return the text of an atom; each byte of the narrow form is a Unicode character."""
    content = data[record.start : record.end]
    encoding = "latin-1" if record.kind == _TEXT else "utf-16-le"
    return content.decode(encoding, "replace").translate(_SIGNS).strip("\x00\n ")


def _at(data: bytes, at: int | None) -> _Record | None:
    """Return the record at a place; None where there is none."""
    if at is None or at + 8 > len(data):
        return None
    return next(_children(data, at, len(data)), None)


def _children(data: bytes, start: int, end: int, parent: int = 0) -> Iterator[_Record]:
    at = start
    while at + 8 <= end:
        version, kind, length = struct.unpack_from("<HHI", data, at)
        stop = min(at + 8 + length, end)
        yield _Record(kind, version >> 4, at + 8, stop, parent)
        at = stop


def _descendants(data: bytes, record: _Record, depth: int = 0) -> Iterator[_Record]:
    for each in _children(data, record.start, record.end, record.kind):
        yield each
        holds = data[each.start - 8] & 0xF == 0xF or each.kind == _TAG_DATA
        if holds and depth < _DEEPEST:
            yield from _descendants(data, each, depth + 1)
