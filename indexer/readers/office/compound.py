"""The container of the older Office (OLE), opened without trust."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from indexer.errors import IndexerError
from indexer.readers import damaged
from indexer.readers.encodings.decoding import decode
from indexer.readers.sheet import real_title
from indexer.readers.source import Source

_CODE_PAGE, _TITLE = 1, 2  # properties
_WIDE, _UTF_8 = 0x1F, 65001
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

    def everywhere(self, name: str) -> list[str]:
        """Return the streams of a name, also those in folders, as `read` takes them."""
        return ["/".join(path) for path in self._ole.listdir() if path[-1] == name]

    def read(self, name: str) -> bytes:
        """Return a stream. Raises KeyError if there is none, MemoryError if it is too long."""
        if not self._ole.exists(name):
            raise KeyError(name)
        if self._ole.get_size(name) > _LONGEST_STREAM:
            raise MemoryError
        with self._ole.openstream(name) as stream:
            return bytes(stream.read())

    def longest(self) -> int:
        """Return how many bytes the longest stream claims to have, that of all small ones too."""
        return max((entry.size for entry in self._ole.direntries if entry), default=0)

    def title(self) -> str | None:
        """Return the title in the document's properties; None if there is none to be had."""
        with suppress(struct.error, LookupError, ValueError):
            return real_title(_title(self.read("\x05SummaryInformation")))
        return None


def _title(data: bytes) -> str:
    """Return the title in a stream of properties ([MS-OLEPS] 2.21).

    olefile reads them all, and takes minutes for one that claims to be a list of billions.
    """
    (section,) = struct.unpack_from("<I", data, 44)
    (count,) = struct.unpack_from("<I", data, section + 4)
    places = dict(
        struct.unpack_from("<2I", data, section + 8 + 8 * at) for at in range(min(count, 99))
    )
    start = section + places[_TITLE]
    kind, length = struct.unpack_from("<2I", data, start)
    if kind == _WIDE:
        return data[start + 8 : start + 8 + 2 * length].decode("utf-16-le", "replace")
    (code_page,) = struct.unpack_from("<4xH", data, section + places[_CODE_PAGE])
    text = data[start + 8 : start + 8 + length]
    return decode(text, "utf-8" if code_page == _UTF_8 else f"cp{code_page}")
