"""Landlock: Linux's own way for a process to give up rights for good, without being root.

What is handled and then allowed by no rule is refused everywhere. Reading is not handled: a reader
opens what it is asked to, and imports a format's library with the first file that needs it.

Source of the numbers: include/uapi/linux/landlock.h; the calls have them on every architecture.
"""

from __future__ import annotations

import ctypes
import os

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_ASK_VERSION = 1
_NO_NEW_PRIVILEGES = 38  # of prctl

_EXECUTE, _WRITE_FILE = 1 << 0, 1 << 1
_REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))
# What each later version of the interface added to what it can refuse.
_REFER, _TRUNCATE, _DEVICE_CONTROL = (2, 1 << 13), (3, 1 << 14), (5, 1 << 15)
_TCP = (4, 0b11)  # to bind and to connect
_ABSTRACT_SOCKETS_AND_SIGNALS = (6, 0b11)


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


def restrict() -> int:
    """Refuse this thread, and those that it starts, all writing; return the version in use.

    Raises OSError where the kernel has no Landlock or has switched it off.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = _call(libc, _CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(_ASK_VERSION))

    def known(*rights: tuple[int, int]) -> int:
        return sum(bits for since, bits in rights if version >= since)

    rules = _Ruleset(
        _EXECUTE | _WRITE_FILE | _REMOVE_AND_MAKE | known(_REFER, _TRUNCATE, _DEVICE_CONTROL),
        known(_TCP),
        known(_ABSTRACT_SOCKETS_AND_SIGNALS),
    )
    size = ctypes.c_size_t(ctypes.sizeof(rules))
    descriptor = _call(libc, _CREATE_RULESET, ctypes.byref(rules), size, ctypes.c_uint(0))
    try:
        forgo_new_privileges(libc)
        _call(libc, _RESTRICT_SELF, ctypes.c_int(descriptor), ctypes.c_uint(0))
    finally:
        os.close(descriptor)
    return version


def forgo_new_privileges(libc: ctypes.CDLL) -> None:
    """Bind this process to the rights that it has, without which none can be given up."""
    if libc.prctl(_NO_NEW_PRIVILEGES, *map(ctypes.c_ulong, (1, 0, 0, 0))) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _call(libc: ctypes.CDLL, number: int, *arguments: object) -> int:
    result: int = libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), "landlock")
    return result
