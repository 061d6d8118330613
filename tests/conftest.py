"""What every test stands under: no network."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest


class NetworkUsed(AssertionError):
    """A test, or what it tests, tried to reach a network."""


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail each connection and each look-up of a name; only local Unix sockets are left.

    The loopback is blocked too: the program has no use for a port.
    """

    def guard(real: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family != getattr(socket, "AF_UNIX", None):
                raise NetworkUsed(f"connect to {address!r}")
            return real(self, address)

        return connect

    def look_up(host: Any, *_: Any, **__: Any) -> Any:
        raise NetworkUsed(f"look up {host!r}")

    def send(self: socket.socket, *arguments: Any) -> Any:
        raise NetworkUsed(f"send to {arguments[-1]!r}")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, guard(getattr(socket.socket, name)))
    monkeypatch.setattr(socket.socket, "sendto", send)
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        monkeypatch.setattr(socket, name, look_up)
    # For libraries in child processes, where this patch does not reach.
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
