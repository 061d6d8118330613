"""The reader process: one file at a time, nothing else; a hostile file may take it down.

Answers {"type": "Read", "job": int, "path": str} with Info, Page and UnreadPage messages and, at
the end, Done or Failed; each carries its job. A small document goes in one message, Several. The
first message of all is Ready, so that a reader that cannot even start is told from one that a file
has killed.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from indexer.errors import IndexerError, Unsupported
from indexer.readers import read
from indexer.types import DocumentInfo, Page

log = logging.getLogger(__name__)

Message = dict[str, Any]

MEMORY = 1 << 30  # bytes that a reader may take beyond what it has when it starts
_HELD = 65_536  # characters of a document without pages that are held back to go in one message


def serve(messages: Iterable[Message], send: Callable[[Message], None]) -> None:
    """Read the files that are asked for, until the messages end."""
    confine()
    send({"type": "Ready"})
    for message in messages:
        if message.get("type") == "Read":
            answer(message["job"], message["path"], send)


def confine() -> None:
    """Bound this process's memory and lower its priority, as far as the platform can."""
    if hasattr(os, "nice"):
        os.nice(10)
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # RLIMIT_AS would count the libraries' files and glibc's empty arenas, too.
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        kilobytes = int(status.partition("VmData:")[2].split()[0])
        limit = kilobytes * 1024 + MEMORY
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        if hard == resource.RLIM_INFINITY or limit < hard:
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def answer(job: int, path: str, send: Callable[[Message], None]) -> None:
    """Read one file and send what is in it; whatever a parser raises ends as Failed."""
    held: list[Message] = []
    size = 0
    paged = False

    def flush() -> None:
        nonlocal size
        if held:
            send(held[0] if len(held) == 1 else {"type": "Several", "messages": held[:]})
            held.clear()
            size = 0

    try:
        for item in read(Path(path)):
            if isinstance(item, DocumentInfo):
                paged = item.pages is not None
                held.append(
                    {"type": "Info", "job": job, "kind": item.kind, "title": item.title,
                     "pages": item.pages}
                )  # fmt: skip
            elif isinstance(item, Page):
                size += len(item.text)
                message = {"type": "Page", "job": job, "text": item.text}
                if item.number is not None:
                    message["number"] = item.number
                if item.headings:
                    message["headings"] = [(h.start, h.level, h.text) for h in item.headings]
                held.append(message)
            else:
                held.append(
                    {"type": "UnreadPage", "job": job, "number": item.number,
                     "reason": item.reason}
                )  # fmt: skip
            # The next page may be the one that kills this process: what is read goes out first.
            if paged or size > _HELD:
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
