"""That nothing leaves the machine, shown three ways: by the receipt, by strace, without a network.

They take a minute each, and need what only Linux has; `doctor --offline-proof` runs anywhere.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.demo import samples

pytestmark = pytest.mark.slow

OUTWARD = re.compile(r"AF_INET6?\b|AF_PACKET|io_uring_setup")
QUESTION = "How long does the soup have to simmer?"


def proof(*before: str, **environment: str) -> tuple[int, dict[str, Any], str]:
    """Run the proof and return its status, its receipt and what else it says."""
    done = subprocess.run(
        [*before, sys.executable, "-m", "app", "--json", "doctor", "--offline-proof"],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env={**os.environ, **environment},
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, lines[0] if lines else {}, done.stderr


@pytest.fixture
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the profile of whoever runs the tests out of it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("isolated")
def test_the_receipt_says_that_nothing_was_tried() -> None:
    """The whole main job, under a guard that has shown that it works."""
    status, receipt, errors = proof()
    assert status == 0, errors
    assert receipt["attempts"] == []
    assert receipt["tried"] == receipt["refused"]
    assert receipt["noted"] >= len(receipt["tried"])
    assert [name for name, _ in receipt["steps"]] == [
        "add and index", "search", "ask", "cancel", "show a page", "remove",
    ]  # fmt: skip
    assert {"command", "index", "job", "llm", "reader", "viewer"} <= set(receipt["processes"])
    if sys.platform == "linux":
        assert receipt["means"] == "noted"


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("isolated")
@pytest.mark.parametrize("role", ["reader", "llm", "command"])
def test_the_receipt_names_what_one_process_tried(tmp_path: Path, role: str) -> None:
    """A library that phones home when it is loaded is found, whichever process loads it."""
    (tmp_path / "sitecustomize.py").write_text(
        "import socket, sys\n"
        f"if {role!r} in sys.argv or {role!r} == 'command' and 'search' in sys.argv:\n"
        "    try:\n        socket.create_connection(('192.0.2.1', 80), 1)\n"
        "    except OSError:\n        pass\n"
    )
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", str(Path.cwd()))])
    status, receipt, _ = proof(PYTHONPATH=path)
    assert status == 1
    assert receipt["complete"]
    assert {(line["what"], line["family"]) for line in receipt["attempts"]} == {
        ("socket", "AF_INET")
    }


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("isolated")
@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare")
def test_the_main_job_needs_no_network_at_all() -> None:
    """In a namespace without an interface, not even a loopback that is up."""
    inside = ("unshare", "-rn")
    if subprocess.run([*inside, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system lets no user make a namespace")
    status, receipt, errors = proof(*inside)
    assert status == 0, errors
    assert receipt["attempts"] == []


@pytest.mark.timeout(600)
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_no_process_of_the_main_job_makes_a_socket_to_another_machine(tmp_path: Path) -> None:
    """As the system's own tool sees it, without any guard of ours."""
    folder = tmp_path / "documents"
    folder.mkdir()
    for sample in samples():
        (folder / sample.name).write_bytes(sample.read_bytes())
    trace = tmp_path / "trace"
    for arguments in (
        ("add", str(folder)),
        ("search", QUESTION),
        ("ask", QUESTION, "--max-tokens", "8"),
        ("remove", str(folder)),
    ):
        done = subprocess.run(
            [
                "strace", "-f", "-qq", "-o", str(trace),
                "-e", "trace=socket,connect,bind,sendto,sendmsg,io_uring_setup",
                sys.executable, "-m", "app", "--profile", str(tmp_path / "profile"), *arguments,
            ],
            capture_output=True,
            timeout=300,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert OUTWARD.findall(trace.read_text("utf-8", "replace")) == []
