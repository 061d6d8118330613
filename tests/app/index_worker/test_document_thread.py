"""Whole documents in the index worker, as a process that a window asks."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from app.messages.documents import KeepSection, Summarise, Summarised
from app.messages.index import AddPaths, Files, Folders, ListFiles
from app.paths import Profile
from tests.app.index_worker.test_index_worker import Client

MODEL = Path("writer.gguf")


@contextmanager
def serving(profile: Profile) -> Iterator[Client]:
    client = Client(profile)
    with closing(client.worker):
        yield client


def test_what_was_written_last_is_kept_when_the_window_closes(tmp_path: Path) -> None:
    """The process does not end before it is."""
    profile, lease = Profile(tmp_path / "profile"), tmp_path / "lease.txt"
    lease.write_text("The monthly rent is 900 EUR and is due on the first day.")
    with serving(profile) as client:
        client.send(AddPaths("1", (lease,)))
        client.until(lambda m: isinstance(m, Folders) and m.chunks > 0)
        client.send(Summarise("2", lease, MODEL))
        begun: Summarised = client.until(lambda m: isinstance(m, Summarised))
        assert begun.left[0] > 0
        client.send(KeepSection("2", 0, "The rent is 900 EUR."))
    with serving(profile) as client:
        client.send(Summarise("3", lease, MODEL))
        begun = client.until(lambda m: isinstance(m, Summarised))
        assert begun.left == (0,)


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
def test_a_name_that_is_no_text_is_found(tmp_path: Path) -> None:
    """By what a dialog writes into its field: the folder's path."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/vertr\xe4ge"))
    folder.mkdir()
    (folder / "lease.txt").write_text("The monthly rent is 900 EUR.")
    with serving(Profile(tmp_path / "profile")) as client:
        client.send(AddPaths("1", (folder,)))
        client.until(lambda m: isinstance(m, Folders) and m.chunks > 0)
        for named, total in ((str(folder), 1), ("LEASE", 1), ("rent", 0)):
            client.send(ListFiles(named, named=named))
            files: Files = client.until(lambda m: isinstance(m, Files))
            assert files.total == total
