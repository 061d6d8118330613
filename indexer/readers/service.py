"""The reader process: one file at a time, nothing else; a hostile file may take it down.

Answers {"type": "Read", "job": int, "path": str} (and "password") with Info, Page and UnreadPage
messages and, at the end, Done or Failed; each carries its job. A small document goes in one
message, Several. The first message of all is Ready, so that a reader that cannot even start is told
from one that a file has killed; it says what the reader has given up.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

from indexer.errors import IndexerError, Unsupported
from indexer.readers import read
from indexer.readers.confinement.limits import MEMORY, confine
from indexer.types import DocumentInfo, Page, ReaderItem

log = logging.getLogger(__name__)

Message = dict[str, Any]

_HELD = 65_536  # characters of a document without pages that are held back to go in one message
_HELD_SECONDS = 3.0  # that it is held back at most: what is read is a sign of life


def _items(message: Message) -> Iterable[ReaderItem]:
    return read(Path(message["path"]), message.get("password"))


def serve(
    messages: Iterable[Message],
    send: Callable[[Message], None],
    items: Callable[[Message], Iterable[ReaderItem]] = _items,
    memory: int = MEMORY,
    prepare: Callable[[], object] = lambda: None,
) -> None:
    """Read the files that are asked for, until the messages end.

    `items` reads what a message asks for, within `memory` bytes; `prepare` loads what it needs.
    """
    confinement = confine(memory)
    prepare()
    send({"type": "Ready", "confinement": asdict(confinement)})
    for message in messages:
        if message.get("type") == "Read":
            answer(message["job"], items(message), send)


def answer(job: int, items: Iterable[ReaderItem], send: Callable[[Message], None]) -> None:
    """Send what is in one file; whatever a parser raises ends as Failed."""
    held: list[Message] = []
    size = 0
    sent = time.monotonic()
    paged = False

    def flush() -> None:
        nonlocal size, sent
        if held:
            send(held[0] if len(held) == 1 else {"type": "Several", "messages": held[:]})
            held.clear()
            size = 0
            sent = time.monotonic()

    try:
        for item in items:
            if isinstance(item, DocumentInfo):
                paged = item.pages is not None
                held.append(
                    {"type": "Info", "job": job, "kind": item.kind, "title": item.title,
                     "pages": item.pages, "labels": item.labels}
                )  # fmt: skip
            elif isinstance(item, Page):
                size += len(item.text)
                held.append(_page(job, item))
            else:
                held.append(
                    {"type": "UnreadPage", "job": job, "number": item.number,
                     "reason": item.reason, "member": item.member}
                )  # fmt: skip
            # The next page may be the one that kills this process: what is read goes out first.
            if paged or size > _HELD or time.monotonic() - sent > _HELD_SECONDS:
                flush()
        held.append({"type": "Done", "job": job})
    except MemoryError:
        held.append(_failed(job, "This file needs more memory than is allowed.", _SPLIT))
    except IndexerError as error:
        held.append(_failed(job, error.title, error.detail, isinstance(error, Unsupported)))
    except OSError as error:
        held.append(_failed(job, *_why_closed(error)))
    except Exception as error:  # noqa: BLE001 (a parser may raise anything; it must not end us)
        # Its words and its place may hold the document's text or name.
        log.warning("a reader failed: %s", type(error).__name__)
        held.append(
            _failed(job, "This file cannot be read.", "It may be damaged. Try to save it again.")
        )
    flush()


def _page(job: int, page: Page) -> Message:
    message: Message = {"type": "Page", "job": job, "text": page.text}
    if page.number is not None:
        message["number"] = page.number
    if page.headings:
        message["headings"] = [(h.start, h.level, h.text) for h in page.headings]
    if page.lines:
        message["lines"] = [astuple(line) for line in page.lines]
    if page.label:
        message["label"] = page.label
    return message


_SPLIT = "Split it into smaller documents to have it read."


def _failed(job: int, title: str, detail: str, unsupported: bool = False) -> Message:
    return {
        "type": "Failed", "job": job, "unsupported": unsupported, "title": title, "detail": detail,
    }  # fmt: skip


def _why_closed(error: OSError) -> tuple[str, str]:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "This file is gone.", "It was moved or deleted before it could be read."
    if isinstance(error, PermissionError):
        return "This file may not be opened.", "Allow this program to read it."
    return "This file could not be opened.", "It will be tried again when it changes."
