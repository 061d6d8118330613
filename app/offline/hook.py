"""Python's part of the guard: an audit hook that refuses what would leave the machine.

It sees each socket that Python code makes, on every system, and cannot be taken away again; what a
library in C does by itself passes by it. So only the proof uses it, beside the kernel's filter.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.offline.record import ATTEMPT, PROCESS, VARIABLE, Line, writer

# Between processes of one machine, and with its kernel. -1 takes an open socket over.
LOCAL = {-1} | {
    int(getattr(socket, name)) for name in ("AF_UNIX", "AF_NETLINK") if hasattr(socket, name)
}
_WITH_SOCKET = {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"}
_LOOK_UPS = {
    "socket.getaddrinfo",
    "socket.getnameinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
}


def join(role: str) -> None:
    """Record what this process tries, if it is a part of a proof. Raises OSError."""
    if path := os.environ.get(VARIABLE):
        write = writer(Path(path))
        write(Line(PROCESS, os.getpid(), role))
        sys.addaudithook(_guard(write))


def _guard(write: Callable[[Line], None]) -> Callable[[str, tuple[Any, ...]], None]:
    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith("socket.") and (family := _family(event, arguments)):
            write(Line(ATTEMPT, os.getpid(), event, family, "Python"))
            raise PermissionError(errno.EPERM, "The network is refused here.")

    return hook


def _family(event: str, arguments: tuple[Any, ...]) -> str:
    """Return the family of addresses that an event would use; "" if it stays on the machine."""
    if event in _LOOK_UPS:
        return "name"
    if event == "socket.__new__":
        family = int(arguments[1])
    elif event in _WITH_SOCKET:
        family = int(arguments[0].family)
    else:
        return ""
    return "" if family in LOCAL else name_of(family)


def name_of(family: int) -> str:
    """Return the name of a family of addresses."""
    try:
        return socket.AddressFamily(family).name
    except ValueError:
        return f"AF_{family}"
