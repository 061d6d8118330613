"""What a reader and the viewer cannot do, tried in real processes that have given it up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import documents
import pytest

from app.commands import doctor
from app.pipes.supervisor import Worker
from indexer.readers.confinement import seccomp

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have less")

TRY = """
import ctypes, json, os, resource, socket, subprocess, sys, threading
folder, own, *only = sys.argv[1:]
tries = {
    "internet socket": lambda: socket.socket(socket.AF_INET),
    "local socket": lambda: socket.socketpair(),
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "new file": lambda: open(f"{folder}/new", "w"),
    "append": lambda: open(own, "a"),
    "truncate by opening": lambda: os.open(own, os.O_RDONLY | os.O_TRUNC),
    "unnamed file": lambda: os.open(folder, os.O_TMPFILE | os.O_WRONLY),
    "truncate": lambda: os.truncate(own, 0),
    "delete": lambda: os.unlink(own),
    "rename": lambda: os.rename(own, f"{own}.moved"),
    "link": lambda: os.link(own, f"{own}.linked"),
    "symlink": lambda: os.symlink(own, f"{own}.linked"),
    "folder": lambda: os.mkdir(f"{folder}/made"),
    "mode": lambda: os.chmod(own, 0o777),
    "times": lambda: os.utime(own),
    "attribute": lambda: os.setxattr(own, "user.x", b"1"),
    "fork": lambda: os.fork(),
    "run": lambda: subprocess.run(["/bin/true"]),
    "become another": lambda: os.execv("/bin/true", ["true"]),
    "signal": lambda: os.kill(os.getppid(), 0),
    "memory file": lambda: os.memfd_create("x"),
    "own limits": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1, 1)),
}
refused = []
for name, act in tries.items():
    if only and name not in only:
        continue
    try:
        act()
    except (PermissionError, ValueError):
        refused.append(name)
    except OSError as error:
        print(name, error, file=sys.stderr)
allowed = []
thread = threading.Thread(target=lambda: allowed.append("thread"))
thread.start()
thread.join()
if open(own).read() == "kept":
    allowed.append("read")
if ctypes.CDLL(None).getpid() == os.getpid():
    allowed.append("load")
print(json.dumps([list(tries), refused, allowed]))
"""


def tried(folder: Path, first: str, *only: str) -> tuple[list[list[str]], str]:
    """Run TRY (or some of it) after lines that confine it; return what it prints and its log."""
    own = folder / "own"
    own.write_text("kept")
    script = textwrap.dedent(first) + TRY
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder), str(own), *only],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert own.read_text() == "kept"
    assert os.listdir(folder) == ["own"]  # noqa: PTH208
    return json.loads(done.stdout), done.stderr


@linux
def test_everything_but_reading_is_refused(tmp_path: Path):
    """No socket, no write, no process, no signal; threads, reading and libraries stay."""
    (tries, refused, allowed), log = tried(
        tmp_path, "from indexer.readers.confinement.limits import confine; confine()"
    )
    assert refused == tries
    assert allowed == ["thread", "read", "load"]
    assert not log


@linux
def test_a_kernel_without_landlock(tmp_path: Path):
    """The filter alone refuses the same, and the log says that it is alone."""
    (tries, refused, allowed), log = tried(
        tmp_path,
        """
        from indexer.readers.confinement import limits as confinement
        from indexer.readers.confinement import landlock
        landlock._CREATE_RULESET = 100_000
        assert confinement.confine().writing
        """,
    )
    assert refused == tries
    assert allowed == ["thread", "read", "load"]
    assert "no Landlock" in log


@linux
def test_a_kernel_without_filters(tmp_path: Path):
    """Landlock alone keeps files and programs safe; what is lost is said."""
    files = ["new file", "append", "delete", "rename", "folder", "run"]
    (_, refused, allowed), log = tried(
        tmp_path,
        """
        from indexer.readers.confinement import limits as confinement
        from indexer.readers.confinement import seccomp
        seccomp._SECCOMP = 100_000
        given_up = confinement.confine()
        assert given_up.writing and not given_up.network
        """,
        *files,
    )
    assert refused == files
    assert allowed == ["thread", "read", "load"]
    assert "could use the network" in log


@linux
def test_a_kernel_with_neither(tmp_path: Path):
    """Reading goes on, and each line of the log says what is missing."""
    script = """
        from indexer.readers.confinement import limits as confinement
        from indexer.readers.confinement import landlock
        from indexer.readers.confinement import seccomp
        landlock._CREATE_RULESET = seccomp._SECCOMP = 100_000
        print(confinement.confine())
        print(open("/proc/self/status").readline()[:4])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    given_up, read = done.stdout.splitlines()
    assert "writing=False" in given_up
    assert "memory=True" in given_up
    assert read == "Name"
    assert done.stderr.count("this kernel has no") == 2


@linux
def test_another_interface_to_the_calls_is_closed():
    """Calls under x32's numbers, which would pass by the list, are refused."""
    script = """
        import ctypes, sys
        from indexer.readers.confinement.limits import confine
        confine()
        libc = ctypes.CDLL(None, use_errno=True)
        for number in (41, 0x40000000 + 41, 435, 437):
            assert libc.syscall(ctypes.c_long(number), 1, 1, 0) == -1
            print(ctypes.get_errno())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["1", "1", "38", "38"]


def test_the_filter_is_well_formed():
    """Every jump lands on an instruction, and every way through ends in a return."""
    code = [seccomp_step[i : i + 8] for seccomp_step in [b"".join(seccomp._instructions())]
            for i in range(0, len(seccomp_step), 8)]  # fmt: skip
    assert len(code) <= 4096
    for at, step in enumerate(code):
        operation, yes, no = step[0], step[2], step[3]
        assert at + 1 + max(yes, no) < len(code) or operation == seccomp.RETURN
    assert code[-1][0] == seccomp.RETURN


def first_of(role: str) -> dict[str, Any]:
    """Start a worker and return its first message."""
    worker = Worker([sys.executable, "-m", "app", "--worker", role])
    try:
        message = worker.receive(30)
        assert message is not None
        return message
    finally:
        worker.close()


@linux
def test_a_real_reader_says_what_it_has_given_up():
    """It is ready only after that."""
    ready = first_of("reader")
    assert ready["type"] == "Ready"
    assert ready["confinement"] == dict.fromkeys(
        ["memory", "network", "writing", "processes"], True
    )


@linux
def test_the_doctor_says_what_holds():
    """In words, from a real reader."""
    said = doctor._readers()
    assert said == "memory is bounded; kept from the network, writing and other processes"


@linux
def test_the_viewer_is_confined_and_renders(tmp_path: Path):
    """The kernel knows of its filter; a page comes all the same."""
    path = tmp_path / "a.pdf"
    path.write_bytes(documents.pdf(["Hello"]))
    worker = Worker([sys.executable, "-m", "app", "--worker", "viewer"])
    try:
        ask = {"id": "1", "path": str(path), "page": 1, "width": 100, "quote": "Hello"}
        worker.send({"type": "RenderPage", **ask})
        message = worker.receive(30)
        assert message is not None
        assert message["type"] == "PageRendered"
        status = Path(f"/proc/{worker.pid}/status").read_text()
        assert "Seccomp:\t2" in status
        assert "NoNewPrivs:\t1" in status
    finally:
        worker.close()
