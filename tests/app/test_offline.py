"""The guard of the offline proof, against real attempts in real processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from app.offline import record
from app.offline.proof import Receipt
from app.offline.record import Line

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no filter")

CALL = """
import ctypes, os, socket, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
INTERNET = b"\\x02\\x00\\x00\\x50\\x7f\\x00\\x00\\x01" + bytes(8)
def call(name, *arguments):
    if getattr(libc, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)
own = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
tries = {
    "socket": lambda: socket.socket(),
    "socket of C": lambda: call("socket", 10, 2, 0),
    "packets": lambda: call("socket", 17, 3, 0),
    "connect": lambda: call("connect", own.fileno(), INTERNET, 16),
    "bind": lambda: call("bind", own.fileno(), INTERNET, 16),
    "sendto": lambda: call("sendto", own.fileno(), b"x", 1, 0, INTERNET, 16),
    "io_uring": lambda: call("syscall", 425, 1, 0),
    "child": lambda: subprocess.run(
        [sys.executable, "-SEc", "import socket; socket.socket()"],
        check=True, stderr=subprocess.DEVNULL,
    ),
}
for name, attempt in tries.items():
    try:
        attempt()
    except (PermissionError, subprocess.CalledProcessError):
        print(name)
    except OSError:
        pass
left, right = socket.socketpair()
left.send(b"1")
right.send(b"2")
folder = sys.argv[1]
server = socket.socket(socket.AF_UNIX)
server.bind(f"{folder}/s")
server.listen()
socket.socket(socket.AF_UNIX).connect(f"{folder}/s")
print("local")
"""
ALL = ["socket", "socket of C", "packets", "connect", "bind", "sendto", "io_uring", "child"]


def run(first: str, *arguments: str, pass_fds: tuple[int, ...] = (), **environment: str) -> str:
    """Run CALL after a guard was put up; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(first) + CALL, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        pass_fds=pass_fds,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@linux
def test_the_kernel_notes_and_refuses_every_attempt(tmp_path: Path) -> None:
    """Of Python, of a library in C, of a child; sockets of this machine go on."""
    from app.offline.filters import Notified

    path = tmp_path / "record"
    path.touch()
    own, its = socket.socketpair()
    with own, its:
        notified = Notified(own, record.writer(path))
        guard = """
            import socket, sys
            from app.offline.filters import hand_over
            hand_over(socket.socket(fileno=int(sys.argv[2])))
        """
        printed = run(guard, str(tmp_path), str(its.fileno()), pass_fds=(its.fileno(),))
    notified.join(10)
    assert printed.split("\n") == [*ALL, "local", ""]
    noted = [(line.what, line.family, line.by) for line in record.read(path)]
    assert noted == [
        ("socket", "AF_INET", "kernel"),
        ("socket", "AF_INET6", "kernel"),
        ("socket", "AF_PACKET", "kernel"),
        ("connect", "AF_INET", "kernel"),
        ("bind", "AF_INET", "kernel"),
        ("sendto", "AF_INET", "kernel"),
        ("io_uring_setup", "", "kernel"),
        ("socket", "AF_INET", "kernel"),
    ]


@linux
def test_a_worker_gives_the_network_up(tmp_path: Path) -> None:
    """For good and for its children, without anybody who watches."""
    printed = run(
        "from app.offline.filters import forgo_network; forgo_network()", str(tmp_path)
    ).splitlines()
    # Without a socket there is nothing to connect or bind; the one of this machine refuses.
    assert {"socket", "socket of C", "packets", "io_uring", "child", "local"} <= set(printed)


@linux
@pytest.mark.parametrize("role", ["index", "llm", "preparer"])
def test_each_worker_runs_under_the_filter(role: str) -> None:
    """As the kernel itself says of the process."""
    with subprocess.Popen(
        [sys.executable, "-m", "app", "--worker", role],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        status = Path(f"/proc/{process.pid}/status")
        # It says hello first.
        end = time.monotonic() + 20
        while not (filtered := "\nSeccomp:\t2" in status.read_text("ascii")):
            assert time.monotonic() < end
            time.sleep(0.02)
        process.kill()
    assert filtered


def test_python_notes_and_refuses_what_its_code_tries(tmp_path: Path) -> None:
    """On every system; a process without a record is left alone."""
    path = tmp_path / "record"
    path.touch()
    program = textwrap.dedent("""
        import os, socket, sys
        from app.offline.hook import join
        join("test")
        for attempt in (
            lambda: socket.socket(),
            lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
            lambda: socket.create_connection(("localhost", 9)),
            lambda: socket.gethostbyname("localhost"),
            lambda: __import__("urllib.request").request.urlopen("http://localhost:9/"),
        ):
            try:
                attempt()
            except OSError:
                print("refused")
    """)
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, record.VARIABLE: str(path)},
    )
    assert done.stdout.split() == ["refused"] * 5
    first, *attempts = record.read(path)
    assert (first.kind, first.what) == (record.PROCESS, "test")
    assert [line.family for line in attempts] == ["AF_INET", "AF_INET6", "name", "name", "name"]
    assert {line.by for line in attempts} == {"Python"}


def test_a_process_that_cannot_write_its_record_does_not_run(tmp_path: Path) -> None:
    """A proof with a process that nobody saw would prove nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "app", "--version"],
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, record.VARIABLE: str(tmp_path / "gone")},
    )
    assert done.returncode != 0


def receipt(**changes: object) -> Receipt:
    fields = {
        "date": "", "version": "", "system": "", "means": "noted", "tried": ("a",),
        "refused": ("a",), "noted": 1, "steps": (("add", "1"),), "complete": True,
        "processes": {"index": 1}, "attempts": (),
    }  # fmt: skip
    return Receipt(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_receipt_proves_only_what_was_seen() -> None:
    """A guard that let something pass, a job that ended early, or one attempt: no proof."""
    assert receipt().proved
    assert not receipt(refused=()).proved
    assert not receipt(noted=0).proved
    assert not receipt(tried=(), refused=()).proved
    assert not receipt(complete=False).proved
    assert not receipt(attempts=(Line(record.ATTEMPT, 1, "socket", "AF_INET", "kernel"),)).proved
