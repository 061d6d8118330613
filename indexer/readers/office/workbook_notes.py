"""What stands beside the cells of a sheet: comments, text boxes, the titles of charts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from indexer.readers.office.drawing import text_lines
from indexer.readers.office.package import Parts, attribute, local

_THREAD = "tc="  # how the author begins whose comment only repeats a conversation


def persons(parts: Parts, main: str) -> dict[str, str]:
    """Return who takes part in conversations, by their identifiers. Raises one of BROKEN."""
    return {
        attribute(element, "id"): " ".join(attribute(element, "displayName").split())
        for part in parts.related(main, "person")
        for element in parts.parse(part)
        if local(element) == "person"
    }


def notes(parts: Parts, sheet: str, names: dict[str, str]) -> Iterator[str]:
    """Yield the lines of a sheet that stand in no cell. Raises one of BROKEN."""
    threads = parts.related(sheet, "threadedComment")
    for name in threads:
        yield from _conversations(parts, name, names)
    for name in parts.related(sheet, "comments"):
        yield from _comments(parts, name, in_threads=bool(threads))
    for name in parts.related(sheet, "drawing"):
        yield from text_lines(parts, name)
        for chart in parts.related(name, "chart"):
            yield from text_lines(parts, chart)  # its values stand in cells


def _conversations(parts: Parts, name: str, names: dict[str, str]) -> Iterator[str]:
    """Yield the comments that can be answered, in their order: a question, then its answers."""
    for element in parts.parse(name):
        if local(element) == "threadedComment":
            if text := string(element, "text"):
                who = names.get(attribute(element, "personId"), "")
                day = attribute(element, "dT")[:10]
                place = ", ".join(each for each in (attribute(element, "ref"), who, day) if each)
                yield f"{place}: {text}"
            element.clear()


def _comments(parts: Parts, name: str, *, in_threads: bool) -> Iterator[str]:
    authors: list[str] = []
    for element in parts.parse(name):
        if local(element) == "author":
            authors.append(" ".join((element.text or "").split()))
        elif local(element) == "comment":
            at = attribute(element, "authorId")
            author = authors[int(at)] if at.isdecimal() and int(at) < len(authors) else ""
            is_thread = author.startswith(_THREAD)
            if (line := string(element)) and not (is_thread and in_threads):
                place = attribute(element, "ref")
                yield (
                    f"{place}, {author}: {line}" if author and not is_thread else f"{place}: {line}"
                )
            element.clear()


def string(element: Any, name: str = "t") -> str:
    """Return a string in a line, without the readings that stand above Japanese words."""
    texts = (each for each in element.iter() if local(each) == name and each.text)
    joined = "".join(each.text for each in texts if local(each.getparent()) != "rPh")
    return " ".join(joined.split())
