"""Ends the process, or refuses what it asks of the disk, at the n-th time that it asks.

SQLite's calls are counted by a VFS of apsw, our own by functions around those of `os` and `io`.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import apsw

READS = frozenset({"read"})
WRITES = frozenset({"write", "sync", "truncate", "delete", "open", "rename", "fsync"})


class Act(StrEnum):
    """What happens at the n-th call."""

    KILL = "kill"
    FAIL = "fail"
    FULL = "full"


@dataclass(slots=True)
class Plan:
    """What happens, and when; from then on, if `lasting`, as on a disk that stays full."""

    folder: Path  # only what lies in it is counted
    act: Act
    at: int  # 0: only count
    calls: frozenset[str] = WRITES
    lasting: bool = False
    count: int = 0
    happened: list[str] = field(default_factory=list)

    def meet(self, call: str, path: str | None) -> bool:
        """Count a call; True if it is to fail. Does not return from a kill."""
        if call not in self.calls or path is None or not path.startswith(str(self.folder)):
            return False
        self.count += 1
        if not self.at or self.count < self.at or (self.count > self.at and not self.lasting):
            return False
        self.happened.append(call)
        if self.act is Act.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        return True


_ENCRYPTION = "multipleciphers-"

_plans: list[Plan] = []  # the one that holds now


def _refuse(call: str, path: str | None) -> None:
    if _plans and _plans[-1].meet(call, path):
        full = _plans[-1].act is Act.FULL and call in ("write", "truncate")
        raise apsw.FullError("no space") if full else apsw.IOError("refused")


class _File(apsw.VFSFile):
    def __init__(self, base: str, name: Any, flags: list[int]) -> None:
        self._path = name if isinstance(name, str) or name is None else name.filename()
        _refuse("open", self._path)
        super().__init__(base, name, flags)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        _refuse("read", self._path)
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        _refuse("write", self._path)
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        _refuse("sync", self._path)
        super().xSync(flags)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        _refuse("truncate", self._path)
        super().xTruncate(size)


class _Disk(apsw.VFS):
    """Stands below the encryption, whose name begins all others': a disk sees what is encrypted."""

    def __init__(self) -> None:
        self._base = apsw.vfs_names()[0].removeprefix(_ENCRYPTION)
        super().__init__("endurance", base=self._base)
        apsw.Connection(":memory:", vfs=f"{_ENCRYPTION}endurance").close()  # made at the first use
        apsw.set_default_vfs(f"{_ENCRYPTION}endurance")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self._base, name, flags)

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: N802
        _refuse("delete", name)
        super().xDelete(name, syncdir)


_disk: list[_Disk] = []  # made once: SQLite knows it for as long as the process lives


@contextmanager
def planned(plan: Plan) -> Iterator[Plan]:
    """Let a plan hold for all that this process asks of its folder meanwhile."""
    if not _disk:
        _disk.append(_Disk())
    real: dict[tuple[Any, str], Callable[..., Any]] = {}

    def put(place: Any, name: str, call: str, path_of: Callable[..., str | None]) -> None:
        function = real[place, name] = getattr(place, name)

        def guarded(*values: Any, **named: Any) -> Any:
            if plan.meet(call, path_of(*values)):
                number = errno.ENOSPC if plan.act is Act.FULL else errno.EIO
                raise OSError(number, os.strerror(number))
            return function(*values, **named)

        setattr(place, name, guarded)

    _plans.append(plan)
    put(os, "replace", "rename", _path)
    put(os, "rename", "rename", _path)
    put(os, "fsync", "fsync", _path_of_number)
    put(io, "open", "open", _path)
    put(builtins, "open", "open", _path)
    try:
        yield plan
    finally:
        for (place, name), function in real.items():
            setattr(place, name, function)
        _plans.remove(plan)


def _path(first: Any, *_: Any) -> str | None:
    return os.fsdecode(first) if isinstance(first, str | bytes | os.PathLike) else None


def _path_of_number(number: int) -> str | None:
    try:
        return os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115
    except OSError:
        return None
