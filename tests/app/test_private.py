"""What is left behind on disk is for this user alone, and tells nothing of what was read."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from app.paths import Profile

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has the rights of the user's folder")
CANARY = "zanzibarzebra"


def run(program: str) -> subprocess.CompletedProcess[str]:
    first = "from app.private import keep_private\nkeep_private()\n"
    return subprocess.run(
        [sys.executable, "-c", first + textwrap.dedent(program)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "raising",
    [
        f"raise ValueError('{CANARY}')",
        f"open('/{CANARY}')",
        f"import threading; t = threading.Thread(target=open, args=('/{CANARY}',)); "
        "t.start(); t.join()",
        f"class A:\n    def __del__(self): raise ValueError('{CANARY}'.upper().lower())\nA()",
        f"try:\n    open('/{CANARY}')\nexcept OSError as e:\n    raise KeyError('{CANARY}') from e",
    ],
)
def test_an_exception_says_where_and_not_what(raising: str) -> None:
    """In the main thread, in others, and where nobody can catch it."""
    ran = run(f"text = None\nexec({raising!r})")
    assert CANARY not in ran.stderr
    assert "Error" in ran.stderr
    assert 'File "' in ran.stderr


@posix
def test_a_crash_says_where_and_leaves_no_picture_of_the_memory(tmp_path: Path) -> None:
    """The log names files and lines of the program."""
    ran = run(f"""
        import os, resource, signal
        text = "{CANARY}"
        print(resource.getrlimit(resource.RLIMIT_CORE)[0])
        os.chdir({str(tmp_path)!r})
        os.kill(os.getpid(), signal.SIGSEGV)
    """)
    assert ran.stdout.split() == ["0"]
    assert "Segmentation fault" in ran.stderr
    assert CANARY not in ran.stderr
    assert list(tmp_path.iterdir()) == []


@posix
def test_a_profile_is_for_this_user_alone(tmp_path: Path) -> None:
    """What an older version or a copy has left open is closed again."""
    profile = Profile(tmp_path / "profile")
    before = os.umask(0o022)
    try:
        profile.create()
        for path in (profile.database, profile.settings, profile.logs / "pocket-llm.log"):
            path.touch(0o644)
        for path in (profile.root, profile.caches, profile.logs):
            path.chmod(0o755)
        profile.create()
    finally:
        os.umask(before)
    modes = {path: path.stat().st_mode & 0o777 for path in profile.root.rglob("*")}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert profile.root.stat().st_mode & 0o777 == 0o700


@posix
def test_a_folder_that_is_not_ours_keeps_its_rights(tmp_path: Path) -> None:
    """`--profile .` in somebody's folder; what we make in it is closed all the same."""
    tmp_path.chmod(0o755)
    Profile(tmp_path).create()
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "logs").stat().st_mode & 0o777 == 0o700
