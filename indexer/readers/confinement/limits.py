"""What a process that opens hostile files gives up before the first of them, on each platform.

Every platform bounds its memory: Linux by a limit, Windows by a job object, and the pool of readers
looks at it from outside as well, which is all that there is on macOS. The network, writing and
other processes are withheld on Linux; Windows withholds other processes only. Libraries are loaded
with the first file that needs them, so reading is never withheld.
"""

from __future__ import annotations

import ctypes
import logging
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from indexer.readers.confinement import landlock, seccomp
from indexer.readers.confinement import windows_job as job

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
MEMORY = 1 << 30  # bytes that a reader may take beyond what it has when it starts


@dataclass(frozen=True, slots=True)
class Confinement:
    """What this process cannot do any more."""

    memory: bool = False  # take more than it may, by its own platform's limit
    network: bool = False
    writing: bool = False
    processes: bool = False  # start one, or touch another


def confine(memory: int = MEMORY) -> Confinement:
    """Give up what reading does not need, as far as the platform can; return what that is.

    `memory` is how many bytes it may take beyond what it has. Must come before the process starts
    threads. It holds for good.
    """
    sys.dont_write_bytecode = True
    if sys.platform == "linux":
        given_up = _on_linux(memory)
    elif sys.platform == "win32":
        given_up = _on_windows(memory)
    else:
        given_up = Confinement()
    return given_up


def _on_linux(memory: int) -> Confinement:
    _end_with_parent()
    limited = _limit_memory(memory)
    landlocked = filtered = False
    try:
        landlock.restrict()
        landlocked = True
    except OSError:
        log.warning("this kernel has no Landlock: readers are held by seccomp alone")
    try:
        seccomp.restrict()
        filtered = True
    except OSError:
        log.warning("this kernel has no seccomp filter: readers could use the network")
    return Confinement(limited, filtered, landlocked or filtered, filtered)


def _end_with_parent() -> None:
    """Have this process killed when its parent ends: a stopped one sees no end of its stdin."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _limit_memory(memory: int) -> bool:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # RLIMIT_AS would count the libraries' files and glibc's empty arenas, too.
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    kilobytes = int(status.partition("VmData:")[2].split()[0])
    limit = kilobytes * 1024 + memory
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    return True


def _on_windows(memory: int) -> Confinement:
    try:
        job.restrict(memory)
    except OSError:
        log.warning("Windows refused a job object: readers are watched from outside alone")
        return Confinement()
    return Confinement(memory=True, processes=True)
