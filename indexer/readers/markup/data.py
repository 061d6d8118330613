"""JSON: documents, lines of documents, and notebooks.

JSON is written out as "name: value" lines, strings as they are meant: in the file a line's end is
a backslash and an n before the next word, and Chinese may be nothing but numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from indexer.readers.encodings.decoding import read_decoded, unify
from indexer.readers.kinds.names import Kind
from indexer.readers.markup.text import headings_of, pages, pieces
from indexer.readers.sheet import TOO_LONG, Sheet, real_title
from indexer.readers.source import Source
from indexer.types import DocumentInfo, Page, ReaderItem, UnreadPage

_PARSED = 20_000_000  # characters; as objects they are up to 25 times as large
_DEEPEST = 100
_BINARY = re.compile(r"(?:data:[\w/+.-]+;base64,)?[A-Za-z0-9+/=_-]{1000,}")
_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_LONGEST_OUTPUT = 20_000  # characters of one output of a notebook

_BAD = (ValueError, RecursionError)  # what json raises


def read_json(source: Source) -> Iterator[ReaderItem]:
    """Read JSON, or lines of JSON, as "name: value" lines; what is neither as it is written."""
    text, cut = read_decoded(source)
    yield DocumentInfo(Kind.JSON.value)
    yield from _shown(text) if not cut else map(Page, pieces(text))
    if cut:
        yield UnreadPage(None, TOO_LONG)


def _shown(text: str) -> Iterator[Page]:
    sheet = Sheet()
    try:
        if len(text) > _PARSED:
            raise ValueError
        for line in _value_lines(_parse(text), "", 0):
            sheet.add(line)
    except _BAD:
        yield from _shown_by_line(text)
        return
    yield from map(Page, pieces(sheet.take().text))


def _shown_by_line(text: str) -> Iterator[Page]:
    """Read a JSON value a line; the lines that are none stay as they are."""
    sheet = Sheet()
    for line in text.split("\n"):
        if line.lstrip().startswith(("{", "[")) and len(line) <= _PARSED:
            try:
                sheet.add("\n".join(_value_lines(_parse(line), "", 0)))
                sheet.add("")  # so that no passage reaches over two of them without need
            except _BAD:
                sheet.add(line)
        else:
            sheet.add(line)
        if sheet.full:
            yield from map(Page, pieces(sheet.take().text))
    yield from map(Page, pieces(sheet.take().text))


def _parse(text: str) -> Any:
    # Numbers stay as they are written: an identifier of 30 digits is not rounded.
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)


def _value_lines(value: Any, name: str, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise RecursionError
    indent = "  " * min(depth, 8)
    label = indent + ("- " if name == "-" else f"{name}: " if name else "")
    if isinstance(value, dict | list):
        plain = isinstance(value, list) and not any(isinstance(v, dict | list) for v in value)
        if plain and value and sum(map(len, map(_scalar, value))) < 200:
            yield label + ", ".join(map(_scalar, value))
            return
        if name:
            yield indent + (name if name == "-" else f"{name}:")
        members = value.items() if isinstance(value, dict) else (("-", each) for each in value)
        for key, each in members:
            yield from _value_lines(each, key, depth + bool(name))
    else:
        yield label + _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return "(binary data)" if _BINARY.fullmatch(value) else value
    return {None: "null", True: "true", False: "false"}[value]


def read_notebook(source: Source) -> Iterator[ReaderItem]:
    """Read a Jupyter notebook as Markdown: texts, code, and what the code printed."""
    text, cut = read_decoded(source)
    try:
        notebook = _parse(text)
        cells = list(_cells(notebook))
        title = notebook.get("metadata", {}).get("title")
    except (*_BAD, AttributeError, LookupError, TypeError):
        yield from pages(Kind.CODE, text.replace("\f", "\n"), cut, lambda _: ())
        return
    del text
    # An escape may be half a character, which cannot be stored.
    markdown = unify("\n\n".join(cells)).replace("\f", "\n")
    name = real_title(title) if isinstance(title, str) else None
    yield from pages(Kind.NOTEBOOK, markdown, cut, headings_of, name)


def _cells(notebook: dict[str, Any]) -> Iterator[str]:
    cells = notebook.get("cells")
    if cells is None:  # before version 4
        cells = [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
    for cell in cells:
        kind = cell.get("cell_type")
        if kind == "code":
            parts = _code(cell)
        else:
            level = int(cell.get("level", 1)) if kind == "heading" else 0
            parts = iter([f"{'#' * level} {_joined(cell)}" if level else _joined(cell)])
        yield from (part for part in parts if part.strip())


def _joined(cell: dict[str, Any], *names: str) -> str:
    for name in names or ("source", "input"):
        if (value := cell.get(name)) is not None:
            return value if isinstance(value, str) else "".join(map(str, value))
    return ""


def _code(cell: dict[str, Any]) -> Iterator[str]:
    yield _fenced(_joined(cell))
    for output in cell.get("outputs", ()):
        if output.get("output_type") in ("error", "pyerr"):
            yield _fenced(f"{output.get('ename', '')}: {output.get('evalue', '')}")
            continue
        data = output.get("data", output)
        plain = _joined(data, "text/markdown", "text/plain", "text")
        yield _fenced(_TERMINAL.sub("", plain)[:_LONGEST_OUTPUT])


def _fenced(code: str) -> str:
    if not code.strip():
        return ""
    fence = "```"
    while fence in code:
        fence += "`"
    return f"{fence}\n{code.rstrip()}\n{fence}"
