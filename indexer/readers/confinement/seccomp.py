"""seccomp: a filter of the system calls that a reader has no use for, each refused with EPERM.

It repeats what Landlock refuses, for kernels without that, and adds what Landlock does not know:
sockets of every kind, other processes, changed permissions, and the corners of the kernel where
most of its faults were found. What is refused is a list, not what is allowed: libraries differ in
what they call, and a reader that stumbles over a missing call would lose a document.

The numbers are those of x86-64, the one Linux that is supported; elsewhere there is no filter.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterable, Iterator

from indexer.readers.confinement.landlock import forgo_new_privileges

_SECCOMP = 317
_SET_FILTER, ALL_THREADS = 1, 1
_ARCHITECTURE = 0xC000003E  # AUDIT_ARCH_X86_64
_X32 = 0x40000000  # from here on the numbers of another interface to the same calls

ALLOW, _KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4  # in struct seccomp_data

_REFUSED = {
    "network": (
        41, 42, 43, 44, 45, 46, 47,  # socket, connect, accept, send and receive
        49, 50, 53, 288, 299, 307,  # bind, listen, socketpair, accept4, recvmmsg, sendmmsg
    ),
    "processes": (
        57, 58, 59, 322,  # fork, vfork, execve, execveat
        62, 129, 200, 297, 424,  # kill, rt_sigqueueinfo, tkill, rt_tgsigqueueinfo, pidfd
        101, 310, 311, 312, 434, 438,  # ptrace, process_vm_*, kcmp, pidfd_open, pidfd_getfd
        29, 30, 31, 64, 65, 66, 68, 69, 70, 71, 220, 240,  # shared memory, semaphores, queues
    ),
    "files": (
        76, 77, 82, 83, 84, 85, 86, 87, 88,  # truncate, rename, mkdir, creat, link, unlink, ...
        258, 259, 263, 264, 265, 266, 285, 316,  # the same at a folder, fallocate, renameat2
        90, 91, 92, 93, 94, 132, 133, 235, 260, 261, 268, 280, 452,  # rights, owners, times, nodes
        188, 189, 190, 197, 198, 199, 463, 466,  # extended attributes
        303, 304, 319, 447,  # file handles, memory files
    ),
    "system": (
        155, 161, 163, 165, 166, 167, 168, 179, 428, 429, 430, 431, 432, 433, 442, 443,  # mounts
        272, 308, 126, 135, 154, 160, 172, 173,  # namespaces, rights, personality, limits, ports
        103, 159, 164, 169, 170, 171, 175, 176, 227, 246, 305, 313, 320,  # the clock, modules, ...
        248, 249, 250, 278, 298, 321, 323, 425, 426, 427,  # keys, vmsplice, perf, bpf, io_uring
    ),
}  # fmt: skip
# Their flags lie behind a pointer, where a filter cannot look: libc goes on with the older call.
_MISSING = (435, 437)  # clone3, openat2
_OPEN, _OPENAT, _CLONE, _PRLIMIT = 2, 257, 56, 302
# O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND and the bit of O_TMPFILE that is its own.
_WRITING = 0o1 | 0o2 | 0o100 | 0o1000 | 0o2000 | 0o20000000
_THREAD = 0x10000  # CLONE_THREAD


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def restrict() -> None:
    """Put the filter over all threads of this process. Raises OSError where it cannot be."""
    install(_instructions())


def install(instructions: Iterable[bytes], flags: int = ALL_THREADS) -> int:
    """Put a filter over this process and those that it starts; return what the kernel returns.

    Raises OSError where it cannot be.
    """
    if os.uname().machine != "x86_64" or ctypes.sizeof(ctypes.c_void_p) != 8:
        raise OSError(errno.ENOSYS, "no filter for this architecture")
    code = b"".join(instructions)
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    forgo_new_privileges(libc)
    arguments = (ctypes.c_uint(_SET_FILTER), ctypes.c_uint(flags), ctypes.byref(program))
    result: int = libc.syscall(ctypes.c_long(_SECCOMP), *arguments)
    # With all threads, what is above 0 is one that could not be brought under it.
    if result < 0 or (flags & ALL_THREADS and result):
        raise OSError(ctypes.get_errno(), "seccomp")
    return result


def own_calls() -> Iterator[bytes]:
    """Yield what a filter begins with: the number of the call is loaded, other interfaces end."""
    yield step(LOAD, _ARCHITECTURE_AT)
    yield step(EQUAL, _ARCHITECTURE, yes=1)
    yield step(RETURN, _KILL)
    yield step(LOAD, _NUMBER_AT)
    yield step(AT_LEAST, _X32, no=1)
    yield refusal()


def _instructions() -> Iterator[bytes]:
    """Yield the filter, in the kernel's classic BPF."""
    refuse = refusal()
    yield from own_calls()
    for number in sorted(number for family in _REFUSED.values() for number in family):
        yield from if_called(number, [refuse])
    for number in _MISSING:
        yield from if_called(number, [step(RETURN, REFUSE | errno.ENOSYS)])
    for number, argument in ((_OPEN, 1), (_OPENAT, 2)):
        yield from if_called(
            number, [*load(argument), step(ANY_BIT, _WRITING, no=1), refuse, allowance()]
        )
    yield from if_called(_CLONE, [*load(0), step(ANY_BIT, _THREAD, yes=1), refuse, allowance()])
    # A limit may be asked for, not set: a pointer to a new one is not null.
    yield from if_called(
        _PRLIMIT,
        [
            *load(2), step(EQUAL, 0, no=3),
            *load(2, upper=True), step(EQUAL, 0, no=1),
            allowance(), refuse,
        ],
    )  # fmt: skip
    yield allowance()


def if_called(number: int, then: list[bytes]) -> Iterable[bytes]:
    """Return what does `then` for one call; it ends in a return."""
    return [step(EQUAL, number, no=len(then)), *then]


def load(argument: int, *, upper: bool = False) -> list[bytes]:
    """Return what loads half of an argument of the call."""
    return [step(LOAD, 16 + 8 * argument + 4 * upper)]


def allowance() -> bytes:
    """Return what lets the call through."""
    return step(RETURN, ALLOW)


def refusal() -> bytes:
    """Return what refuses the call with EPERM."""
    return step(RETURN, REFUSE | errno.EPERM)


def step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    """Return an instruction; `yes` and `no` are how many are skipped after a comparison."""
    return struct.pack("=HBBI", code, yes, no, value)
