"""What a reader may do with a file, however hostile it is; anything else is a finding."""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from indexer.errors import IndexerError
from indexer.readers import read_source
from indexer.readers.sheet import bounded
from indexer.readers.source import Allowance, Source
from indexer.types import Page, UnreadPage

SECONDS = 10.0
MEMORY = 500 << 20  # bytes that one input may add to the highest that the process held
OUTPUT = 10_000_000  # characters
OUTPUT_SHARE = 50  # characters a byte of what was read, beyond OUTPUT

# Of a member that fails inside a mail or an archive, only this is left.
_MEMBERS = logging.getLogger("indexer.readers.archives.members")


class Finding(Exception):
    """A reader did what it may not do; its words are the same for the same fault."""


class _Heard(logging.Handler):
    """Keeps where an error came from that a reader of members has caught."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.faults: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        if error is not None:
            self.faults.append(_place(error))


def judge(source: Source) -> int:
    """Read a file to its end and return how many characters it has. Raises Finding."""
    began, held = time.perf_counter(), _peak()
    characters = 0
    with _listening() as heard:
        try:
            for item in bounded(read_source(source)):
                if isinstance(item, Page):
                    characters += len(item.text)
                    _check(item)
                elif isinstance(item, UnreadPage):
                    _storable(item.reason)
                else:
                    _storable(item.title or "")
                if characters > max(OUTPUT, OUTPUT_SHARE * _size(source)):
                    raise Finding(f"more than {OUTPUT_SHARE} characters a byte")
        except (IndexerError, OSError, MemoryError):
            pass  # a sentence for the ledger
        except Finding:
            raise
        except Exception as error:
            raise Finding(_place(error)) from error
    if heard.faults:
        raise Finding(f"in a member: {heard.faults[0]}")
    if time.perf_counter() - began > SECONDS:
        raise Finding(f"more than {SECONDS:.0f} seconds")
    if _peak() - held > MEMORY:
        raise Finding(f"more than {MEMORY >> 20} MB")
    return characters


@contextmanager
def _listening() -> Iterator[_Heard]:
    heard = _Heard()
    _MEMBERS.addHandler(heard)
    propagate, _MEMBERS.propagate = _MEMBERS.propagate, False
    try:
        yield heard
    finally:
        _MEMBERS.propagate = propagate
        _MEMBERS.removeHandler(heard)


def _check(page: Page) -> None:
    """Look at what the store and the chunker rely on."""
    _storable(page.text)
    for heading in page.headings:
        _storable(heading.text)
        if heading.level < 1 or not 0 <= heading.start <= len(page.text):
            raise Finding("a heading outside of its page")


def _size(source: Source) -> int:
    """Return the bytes that were read; what members expand to has a bound of its own."""
    return len(source.data or b"") + Allowance().data - source.allowance.data


def _storable(text: str) -> None:
    if "\x00" in text:
        raise Finding("NUL in the text")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Finding("half a character in the text") from None


def _peak() -> int:
    """Return the most bytes that this process has held; 0 where it cannot be asked."""
    if sys.platform == "win32":
        return 0
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most << 10


def _place(error: BaseException) -> str:
    """Return the error's kind and the innermost of our own lines that it passed."""
    ours = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if "/indexer/" in frame.filename
    ]
    return f"{type(error).__name__} at {ours[-1] if ours else '?'}"
