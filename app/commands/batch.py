"""The files of --batch: a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.commands.scope import whole_text
from indexer.errors import IndexerError


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One line of a batch."""

    id: str | None
    query: str
    inside: tuple[str, ...]  # folders or files
    chat: str | None
    path: str | None = None  # of the file that answers, to be taught
    page: int | None = None
    text: str = ""


def read_batch(file: str) -> Iterator[BatchItem]:
    """Yield the lines of a batch file. Raises IndexerError at one that cannot be understood."""
    try:
        lines = Path(file).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise IndexerError("The batch file cannot be read.", "Check its name.") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            query = data.get("query", data.get("question"))
            inside = data.get("in") or ()
            if isinstance(inside, str):
                inside = (inside,)
            if not isinstance(query, str):
                raise TypeError
            query = whole_text(query)
            chat = data.get("chat")
            if not isinstance(chat, str | None):
                raise TypeError
            chat = whole_text(chat) if chat else None
            path, page, text = data.get("path"), data.get("page"), data.get("text") or ""
            if not (isinstance(path, str | None) and isinstance(page, int | None)):
                raise TypeError
            text = whole_text(text)
            yield BatchItem(
                data.get("id"), query, tuple(map(str, inside)), chat, path or None, page, text
            )
        except (ValueError, TypeError, AttributeError) as error:
            raise IndexerError(
                f"Line {number} of the batch file is not understood.",
                'Each line is an object such as {"id": "1", "query": "…"}.',
            ) from error
