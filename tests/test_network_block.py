"""The block under which every test runs."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest


def test_nothing_connects() -> None:
    """A connection fails, to the loopback as well."""
    with socket.socket() as plug, pytest.raises(AssertionError, match="connect"):
        plug.connect(("127.0.0.1", 9))
    with socket.socket() as plug, pytest.raises(AssertionError, match="connect"):
        plug.connect_ex(("192.0.2.1", 9))
    with socket.socket(type=socket.SOCK_DGRAM) as plug, pytest.raises(AssertionError, match="send"):
        plug.sendto(b"", ("192.0.2.1", 9))


def test_no_name_is_looked_up() -> None:
    """Looking up a name fails."""
    with pytest.raises(AssertionError, match=r"example\.org"):
        socket.getaddrinfo("example.org", 443)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="Windows has no Unix sockets here")
def test_local_sockets_work(tmp_path: Path) -> None:
    """A Unix socket is how a command reaches a running window."""
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))
