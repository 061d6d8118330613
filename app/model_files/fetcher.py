"""The fetcher: the only process of this program that may open a connection, for one download.

It holds no document, no question and no library, and parses nothing of what it fetches.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, suppress
from pathlib import Path

from app.messages.fetching import Fetched, Fetching, FetchModel
from app.messages.wire import Message
from app.pipes.long_work import serve_long_work
from app.pipes.worker import Pipe
from models.download import Progress, fetch_file, fetch_folder
from models.seal import seal


def serve(pipe: Pipe) -> None:
    """Answer messages until end-of-file."""
    serve_long_work(pipe, {FetchModel: _fetch})


def _fetch(message: FetchModel) -> Generator[Message, None, None]:
    hashes: list[str] = []

    def steps() -> Generator[Progress, None, None]:
        target = Path(message.target)
        if message.is_folder:
            hashes.extend((yield from fetch_folder(message.files, target, message.bases)))
        else:
            hashes.append((yield from fetch_file(message.files[0], target, message.bases)))
            with suppress(OSError):  # without its seal it is a model like any other
                seal(target, hashes[0])

    with closing(steps()) as progress:
        for step in progress:
            yield Fetching(
                message.id, step.host, step.done, step.total, step.bytes_per_s, step.seconds_left
            )
    yield Fetched(message.id, tuple(hashes))
