"""Whether what the ledger has and a listing has not is gone: only an answer of the disk counts."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection
from enum import Enum, auto

# So many files of a folder that go at once, and so large a share of it, are no everyday deletion:
# its owner is asked. Fewer can be read again in a minute.
_MANY = 50
_SHARE = 0.2


class Finding(Enum):
    """What a second look at a path that was not listed finds."""

    ABSENT = auto()  # the disk says that there is no such file
    LEFT = auto()  # it is there, but not as a file of the library any more
    UNKNOWN = auto()  # it is there after all, or the disk does not say


class SecondLook:
    """Looks once more at paths that a listing did not have."""

    def __init__(self, root: bytes, closed: Collection[bytes]) -> None:
        """Take a root, and the files, links and folders below it that are not looked into."""
        self._root = root
        self._closed = closed
        self._names: dict[bytes, frozenset[bytes] | None] = {}

    def __call__(self, path: bytes) -> Finding:
        """Say what became of a path: a listing may have missed it while it was moved about."""
        above = path
        while (parent := _parent(above)) != above:
            if parent in self._closed:
                return Finding.LEFT  # behind a link, or in a folder that is left out by now
            above = parent
        try:
            mode = os.lstat(path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return Finding.ABSENT
        except OSError:
            return Finding.UNKNOWN
        # What was noted as a whole folder is listed file by file by now.
        if stat.S_ISDIR(mode) or not self._is_spelled_so(path):
            return Finding.LEFT
        return Finding.UNKNOWN

    def _is_spelled_so(self, path: bytes) -> bool:
        """Tell whether it is called exactly so: a disk that ignores case answers to both names."""
        while path != self._root:
            parent = _parent(path)
            if parent not in self._names:
                try:
                    self._names[parent] = frozenset(os.listdir(parent))  # noqa: PTH208 -- bytes
                except OSError:
                    self._names[parent] = None
            names = self._names[parent]
            if names is not None and os.path.basename(path) not in names:  # noqa: PTH119 -- bytes
                return False
            if parent == path:
                break
            path = parent
        return True


def are_many(gone: int, known: Callable[[], int]) -> bool:
    """Tell whether so many of a folder's known files went at once that its owner is asked."""
    return gone > _MANY and gone > known() * _SHARE


def _parent(path: bytes) -> bytes:
    return os.path.dirname(path)  # noqa: PTH120 -- bytes
