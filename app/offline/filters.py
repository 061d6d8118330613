"""The kernel's part of the guard, on Linux: seccomp filters over a process and all it starts.

`forgo_network` refuses sockets to all but this machine. `hand_over` lets another process decide
and note each attempt (seccomp's user notification), be it made by Python, a library in C or a
child; `Notified` is that other process's end.

Numbers: include/uapi/linux/seccomp.h.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

from app.offline.hook import LOCAL, name_of
from app.offline.record import ATTEMPT, Line, is_recorded
from indexer.readers.confinement.seccomp import (
    EQUAL,
    RETURN,
    allowance,
    if_called,
    install,
    load,
    own_calls,
    refusal,
    step,
)

_SOCKET, _CONNECT, _SEND, _BIND, _IO_URING = 41, 42, 44, 49, 425
_CALLS = {_SOCKET: "socket", _CONNECT: "connect", _SEND: "sendto", _BIND: "bind",
          _IO_URING: "io_uring_setup"}  # fmt: skip
_ADDRESS_AT = {_CONNECT: 1, _BIND: 1, _SEND: 4}  # which argument points to it

_NOTIFY = 0x7FC00000
_NEW_LISTENER = 8
_RECEIVE, _ANSWER = 0xC0502100, 0xC0182101  # of ioctl
_NOTICE = struct.Struct("=QII" + "iIQ6Q")  # id, pid, flags; call, architecture, where; arguments
_REPLY = struct.Struct("=QqiI")  # id, value, error, flags
_GO_ON = 1

_LOCAL = sorted(family for family in LOCAL if family >= 0)


def forgo_network() -> None:
    """Give up all sockets but those of this machine, for good, where the system has a way.

    In a proof the guard around this process does it, and notes it, which this filter would hide.
    """
    if sys.platform == "linux" and not is_recorded():
        # A kernel without filters is named by `doctor`, which asks a reader.
        with suppress(OSError):
            refuse_network()


def refuse_network() -> None:
    """Refuse sockets to other machines from now on, unnoted. Raises OSError."""
    install(_refusing())


def hand_over(receiver: socket.socket) -> None:
    """Let the process behind `receiver` decide on each attempt from now on.

    Must come before this process starts threads. Raises OSError.
    """
    listener = install(_notifying(), _NEW_LISTENER)
    try:
        socket.send_fds(receiver, [b"1"], [listener])
    finally:
        os.close(listener)


class Notified:
    """Refuses and notes what processes under a handed over filter attempt, in a thread."""

    def __init__(self, sender: socket.socket, write: Callable[[Line], None]) -> None:
        """Wait for the filter that comes through `sender`."""
        self._write = write
        self._thread = threading.Thread(target=self._run, args=(sender,), daemon=True)
        self._thread.start()

    def join(self, timeout: float) -> None:
        """Wait until no process is left under the filter."""
        self._thread.join(timeout)

    def _run(self, sender: socket.socket) -> None:
        _, descriptors, _, _ = socket.recv_fds(sender, 1, 1)
        if not descriptors:
            return
        listener = descriptors[0]
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        try:
            while not poll.poll()[0][1] & select.POLLHUP:
                self._decide(listener)
        finally:
            os.close(listener)

    def _decide(self, listener: int) -> None:
        notice = bytearray(_NOTICE.size)
        try:
            fcntl.ioctl(listener, _RECEIVE, notice)
        except FileNotFoundError:
            return  # it was ended while it waited
        id_, pid, _, call, _, _, *arguments = _NOTICE.unpack(notice)
        family = arguments[0] if call == _SOCKET else _family_at(pid, call, arguments)
        if family in LOCAL:
            reply = _REPLY.pack(id_, 0, 0, _GO_ON)
        else:
            name = "" if family is None else name_of(family)
            self._write(Line(ATTEMPT, pid, _CALLS[call], name, "kernel"))
            reply = _REPLY.pack(id_, 0, -errno.EPERM, 0)
        try:
            fcntl.ioctl(listener, _ANSWER, bytearray(reply))
        except FileNotFoundError:
            return


def _family_at(pid: int, call: int, arguments: list[int]) -> int | None:
    """Return the family of the address that a call points to; None if there is none.

    What is read could be changed behind us, but no socket of another family can be made.
    """
    if call not in _ADDRESS_AT:
        return None
    try:
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:  # noqa: PTH123 -- unbuffered
            memory.seek(arguments[_ADDRESS_AT[call]])
            return int.from_bytes(memory.read(2), sys.byteorder)
    except (OSError, ValueError, OverflowError):
        return None


def _refusing() -> Iterator[bytes]:
    yield from own_calls()
    yield from if_called(_SOCKET, _unless_local(refusal()))
    # It could make and use sockets in the kernel, past any filter.
    yield from if_called(_IO_URING, [refusal()])
    yield allowance()


def _notifying() -> Iterator[bytes]:
    notify = step(RETURN, _NOTIFY)
    yield from own_calls()
    yield from if_called(_SOCKET, _unless_local(notify))
    for call in (_CONNECT, _BIND, _IO_URING):
        yield from if_called(call, [notify])
    # Without an address it goes where the socket is connected to.
    yield from if_called(
        _SEND,
        [
            *load(4), step(EQUAL, 0, no=3),
            *load(4, upper=True), step(EQUAL, 0, no=1),
            allowance(), notify,
        ],
    )  # fmt: skip
    yield allowance()


def _unless_local(otherwise: bytes) -> list[bytes]:
    """Return what lets a socket of this machine be made, and does `otherwise` for others."""
    families = [step(EQUAL, family, yes=len(_LOCAL) - at) for at, family in enumerate(_LOCAL)]
    return [*load(0), *families, otherwise, allowance()]
