"""The container of the older Office (OLE), opened without trust."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from indexer.errors import IndexerError
from indexer.readers import damaged
from indexer.readers.encodings import decode
from indexer.readers.sheet import real_title
from indexer.readers.source import Source

_LONGEST_STREAM = 300_000_000  # bytes; it is held in memory


@contextmanager
def compound(source: Source, what: str) -> Iterator[Compound]:
    """Open a container for as long as it is read. Raises Unreadable if it is damaged."""
    import olefile

    try:
        with olefile.OleFileIO(source.file) as ole:
            yield Compound(ole)
    except olefile.olefile.OleFileError:  # an OSError
        raise damaged(what, source.path) from None
    except (IndexerError, OSError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 (olefile and struct raise all kinds of things on damage)
        raise damaged(what, source.path) from None


class Compound:
    """The streams of a container."""

    def __init__(self, ole: Any) -> None:
        self._ole = ole

    def __contains__(self, name: str) -> bool:
        return bool(self._ole.exists(name))

    def read(self, name: str) -> bytes:
        """Return a stream. Raises KeyError if there is none, MemoryError if it is too long."""
        if not self._ole.exists(name):
            raise KeyError(name)
        if self._ole.get_size(name) > _LONGEST_STREAM:
            raise MemoryError
        with self._ole.openstream(name) as stream:
            return bytes(stream.read())

    def title(self) -> str | None:
        """Return the title in the document's properties; None if there is none to be had."""
        with suppress(Exception):  # properties are damaged more often than documents
            title = self._ole.get_metadata().title
            return real_title(decode(title) if isinstance(title, bytes) else title)
        return None
