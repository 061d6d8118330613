"""Disks that are full, and libraries that are brought up to date while something goes wrong."""

from __future__ import annotations

import gc
import json
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from indexer.errors import IndexerError
from indexer.storage import database
from indexer.storage.database import in_words, open_for_writing
from indexer.storage.migrations import MIGRATIONS
from tests.endurance.faults import READS, WRITES, Act, Plan, planned

_OLD = [1, len(MIGRATIONS) - 1]  # versions


def old_library(folder: Path, version: int) -> Path:
    """Make a library of an older version that holds something in most of its tables."""
    folder.mkdir()
    path = folder / "library.db"
    sum_ = "sha256" if version < 9 else "identity"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(database, "MIGRATIONS", MIGRATIONS[:version])
        with closing(open_for_writing(path)) as db:
            db.execute("INSERT INTO folders (path) VALUES (x'2f61')")
            db.execute("INSERT INTO chats (id, title, changed_ns) VALUES ('one', 'First', 1)")
            for number in range(200):
                db.execute(
                    f"INSERT INTO contents ({sum_}, kind, title, name_words, state, reason) "
                    "VALUES (randomblob(32), 'text', 'A note', 'note', 'indexed', '')"
                )
                db.execute("INSERT INTO pages (content_id, text) VALUES (?, 'x')", (number + 1,))
                db.execute(
                    "INSERT INTO chunks (content_id, page_id, start, end, heading) "
                    "VALUES (?1, ?1, 0, 1, '')", (number + 1,),
                )  # fmt: skip
    return path


def state_of(path: Path) -> tuple[int, int, int, str]:
    """Return what a library that was brought up to date says of itself."""
    with closing(open_for_writing(path)) as db:
        return (
            int(db.execute("PRAGMA user_version").get),
            int(db.execute("SELECT count(*) FROM chunks").get),
            int(db.execute("SELECT value FROM library WHERE key = 'chunks'").get),
            str(db.execute("PRAGMA integrity_check").get),
        )


@pytest.mark.parametrize("version", _OLD)
@pytest.mark.parametrize(
    ("act", "calls"), [(Act.FAIL, WRITES), (Act.FULL, WRITES), (Act.FAIL, READS)]
)
def test_a_refused_call_leaves_the_old_or_the_new_version(
    tmp_path: Path, version: int, act: Act, calls: frozenset[str]
) -> None:
    """Each twentieth call is refused in turn; whoever opens it next finds all in it."""
    path = old_library(tmp_path / "old", version)
    place = tmp_path / "tried"
    shutil.copytree(path.parent, place)
    with planned(Plan(place, act, 0, calls)) as all_:
        state_of(place / path.name)
    for at in range(1, all_.count + 1, 20):
        shutil.rmtree(place)
        shutil.copytree(path.parent, place)
        with planned(Plan(place, act, at, calls, lasting=act is Act.FULL)):
            try:
                with in_words(place), closing(open_for_writing(place / path.name)):
                    pass
            except IndexerError as error:
                assert error.detail  # noqa: PT017
        gc.collect()
        assert state_of(place / path.name) == (len(MIGRATIONS), 200, 200, "ok")


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("version", _OLD)
def test_a_kill_leaves_the_old_or_the_new_version(tmp_path: Path, version: int) -> None:
    """Killed at the n-th call until the program comes through."""
    path = old_library(tmp_path / "old", version)
    place = tmp_path / "tried"
    status, at = -9, 1
    while status < 0:
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(path.parent, place)
        plan = {"folder": str(place), "act": "kill", "at": at, "vectors": False}
        status = subprocess.run(
            [sys.executable, "-m", "tests.endurance.victim", json.dumps(plan),
             "--profile", str(place), "doctor", "--check"],
            stdout=subprocess.DEVNULL, check=False,
        ).returncode  # fmt: skip
        assert state_of(place / path.name) == (len(MIGRATIONS), 200, 200, "ok")
        at += 4
    assert at > 30


_FULL = """
mount -t tmpfs -o size={size}k none {profile} || exit 99
program() {{ {python} -m app --quiet --profile {profile} "$@"; }}
program add {documents}; echo "added $?"
program search ebb > {found}
mount -o remount,size=200m {profile}
program sync; echo "synced $?"
program doctor --check; echo "checked $?"
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="mounts a file system of its own")
@pytest.mark.parametrize("size", [300, 700])
def test_a_full_file_system_costs_nothing(tmp_path: Path, size: int) -> None:
    """A sentence says it, and when there is room again the work goes on."""
    (profile := tmp_path / "profile").mkdir()
    (documents := tmp_path / "documents").mkdir()
    for number in range(150):
        text = f"The ebb of day {number} was low, and the boats lay dry in the harbour. " * 20
        (documents / f"{number}.md").write_text(f"# Day {number}\n\n{text}\n")
    script = _FULL.format(
        size=size, profile=profile, documents=documents, python=sys.executable,
        found=tmp_path / "found",
    )  # fmt: skip
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    if done.returncode == 99 or "unshare" in done.stderr:
        pytest.skip("no file system may be mounted here")
    assert "The disk is full." in done.stderr
    assert "Traceback" not in done.stderr
    said = [line for line in done.stdout.splitlines() if line.startswith(("added", "syn", "check"))]
    assert said == ["added 1", "synced 0", "checked 0"]
