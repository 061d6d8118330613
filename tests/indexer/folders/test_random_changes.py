"""Random changes of a folder, in any order and through kills: after a look, index equals disk."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.pipes.supervisor import Worker
from indexer.engine import Engine, pending
from indexer.reading.pool import ReaderPool
from indexer.search.searcher import Searcher
from indexer.storage.database import open_for_reading
from indexer.text.titles import file_title
from indexer.types import Mode
from tests.indexer.conftest import BagOfWords

FOLDERS = ["", "x", "X", "x/y", "x/y/z", "ünder"]
NAMES = ["a.txt", "A.txt", "b.md", "ß c.txt", "d", "scan-3.txt"]
folders = st.sampled_from(FOLDERS)
names = st.sampled_from(NAMES)
numbers = st.integers(0, 1000)
# Above this many, some that go at once would be held and asked about.
MOST_FILES = 40


class KeptReaders(ReaderPool):
    """Readers that outlive an engine: to start them takes longer than all else here."""

    def __init__(self) -> None:
        super().__init__(
            lambda inbox: Worker([sys.executable, "-m", "app", "--worker", "reader"], inbox=inbox)
        )

    def close(self) -> None:
        """End them only if one is at work."""
        if self._outstanding:
            super().close()

    def end(self) -> None:
        """End them."""
        super().close()


class Changes(RuleBasedStateMachine):
    """A folder, what should be found in it, and an engine that follows.

    The model: `files` has each file's text by its path in the folder, `links` what is a link.
    """

    pool: KeptReaders

    def __init__(self) -> None:
        super().__init__()
        self.base = Path(tempfile.mkdtemp(prefix="pocket-llm-changes-"))
        self.root = self.base / "documents"
        self.root.mkdir()
        (self.base / "elsewhere.txt").write_text("outside")
        self.embedder = BagOfWords()
        self.files: dict[str, str] = {}
        self.links: set[str] = set()
        self.dead: list[str] = []
        self.numbers = itertools.count()
        self.at = 0  # the time of what was written last, in nanoseconds
        self.known: tuple[dict[str, str], set[str]] = ({}, set())  # at the last whole look
        self.plugged = True
        self.between = False  # whether something was read since then
        self.engine = self._open()
        self.folder = self.engine.add(self.root)

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.engine.close()
        shutil.rmtree(self.base)

    def _open(self) -> Engine:
        return Engine(self.base / "library.db", self.base, self.pool, self.embedder)

    # --- what an owner and his programs do -----------------------------------------------------

    plugged_in = precondition(lambda self: self.plugged)
    has_files = precondition(lambda self: self.plugged and self.files)

    @initialize()
    def begin(self) -> None:
        """Begin with some files everywhere."""
        for folder in FOLDERS:
            for name in NAMES[:3]:
                self._write(f"{folder}/{name}".lstrip("/"), self._text())
        self.sync()

    @plugged_in
    @rule(places=st.lists(st.tuples(folders, names), min_size=1, max_size=8), empty=st.booleans())
    def create(self, places: list[tuple[str, str]], empty: bool) -> None:
        """Write files, new or in the place of others; one of them maybe an empty one."""
        for folder, name in places:
            path = f"{folder}/{name}".lstrip("/")
            if len(self.files) < MOST_FILES and self._is_free(path):
                self._write(path, "" if empty else self._text())
                empty = False

    @has_files
    @rule(number=numbers)
    def append(self, number: int) -> None:
        """Write at the end of a file."""
        path = self._one(number)
        self._write(path, f"{self.files[path]}{self._text()}")

    @has_files
    @rule(number=numbers)
    def save_as_editors_do(self, number: int) -> None:
        """Write beside a file, then rename over it."""
        path = self._one(number)
        self._write(f"{path}.new", self._text())
        self._move(f"{path}.new", path)

    @has_files
    @rule(number=numbers)
    def delete(self, number: int) -> None:
        """Delete a file."""
        path = self._one(number)
        (self.root / path).unlink()
        self.dead += self.files.pop(path).split()

    @has_files
    @rule(number=numbers, folder=folders, name=names)
    def move(self, number: int, folder: str, name: str) -> None:
        """Rename a file, also over another, also by its case alone."""
        target = f"{folder}/{name}".lstrip("/")
        if self._is_free(target):
            self._move(self._one(number), target)

    @has_files
    @rule(number=numbers, folder=folders, name=names)
    def copy(self, number: int, folder: str, name: str) -> None:
        """Copy a file with its time."""
        source, target = self._one(number), f"{folder}/{name}".lstrip("/")
        if source != target and self._is_free(target) and len(self.files) < MOST_FILES:
            (self.root / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.root / source, self.root / target)
            self.files[target] = self.files[source]

    @plugged_in
    @rule(folder=st.sampled_from(FOLDERS[1:]), name=st.sampled_from(["x", "X", "new", "x/moved"]))
    def rename_folder(self, folder: str, name: str) -> None:
        """Rename a folder with all that is in it."""
        source, target = self.root / folder, self.root / name
        inside = f"{folder}/"
        if not self._is_folder(folder) or os.path.lexists(target):
            return
        if name.startswith(inside) or not self._is_free(f"{name}/any"):
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        moved = {path for path in (*self.files, *self.links) if path.startswith(inside)}
        for path in moved:
            new = f"{name}/{path.removeprefix(inside)}"
            if path in self.links:
                self.links.remove(path)
                self.links.add(new)
            else:
                self.files[new] = self.files.pop(path)

    @plugged_in
    @rule(folder=st.sampled_from(FOLDERS[1:]), link=st.booleans())
    def replace_folder(self, folder: str, link: bool) -> None:
        """Move a folder out; a link to it or a file takes its place."""
        place = self.root / folder
        if not self._is_folder(folder):
            return
        aside = self.base / f"aside{next(self.numbers)}"
        place.rename(aside)
        inside = f"{folder}/"
        self.links = {path for path in self.links if not path.startswith(inside)}
        for path in [path for path in self.files if path.startswith(inside)]:
            self.dead += self.files.pop(path).split()
        if link:
            place.symlink_to(aside)  # all names in it are still there
            self.links.add(folder)
        else:
            self._write(folder, self._text())

    @has_files
    @rule(number=numbers)
    def replace_by_link(self, number: int) -> None:
        """Replace a file by a link out of the folder."""
        path = self._one(number)
        (self.root / path).unlink()
        (self.root / path).symlink_to(self.base / "elsewhere.txt")
        self.dead += self.files.pop(path).split()
        self.links.add(path)

    @precondition(lambda self: self.plugged and self.links)
    @rule(number=numbers)
    def delete_link(self, number: int) -> None:
        """Delete a link."""
        path = sorted(self.links)[number % len(self.links)]
        (self.root / path).unlink()
        self.links.remove(path)

    @has_files
    @rule(number=numbers, begin=st.sampled_from([10**9, 4 * 10**9]))
    def touch(self, number: int, begin: int) -> None:
        """Set a time long ago, or in the future; never the same twice."""
        at = begin + next(self.numbers)
        os.utime(self.root / self._one(number), (at, at))

    @has_files
    @rule(number=numbers, mode=st.sampled_from([0o400, 0o444, 0o600, 0o755]))
    def chmod(self, number: int, mode: int) -> None:
        """Change who may do what with a file."""
        (self.root / self._one(number)).chmod(mode)

    @plugged_in
    @rule(leaves_a_folder=st.booleans())
    def unplug(self, leaves_a_folder: bool) -> None:
        """Take the drive away; its mount point may stay."""
        self.root.rename(self.base / "unplugged")
        self.plugged = False
        if leaves_a_folder:
            self.root.mkdir()

    @precondition(lambda self: not self.plugged)
    @rule()
    def plug_in(self) -> None:
        """Bring the drive back."""
        if self.root.exists():
            self.root.rmdir()
        (self.base / "unplugged").rename(self.root)
        self.plugged = True

    # --- what the engine does ------------------------------------------------------------------

    @rule(folder=folders, deep=st.booleans(), steps=st.integers(0, 3))
    def look_somewhere(self, folder: str, deep: bool, steps: int) -> None:
        """Look at a part of the folder, as a watcher asks for it."""
        self.between = True
        self.engine.reconcile(self.folder, self.root / folder, deep=deep)
        for _ in range(steps):
            self.engine.step()

    @rule(steps=st.integers(0, 5))
    def kill(self, steps: int) -> None:
        """End the engine in the middle of its work, without a farewell; open it again."""
        self.between = True
        self.engine.reconcile(self.folder)
        for _ in range(steps):
            self.engine.step()
        self.pool.close()
        self.engine.store._db.close()
        self.engine._lock.release()
        self.engine = self._open()

    @rule()
    def sync(self) -> None:
        """Look at all of it, work until nothing is left to do, and compare."""
        embedded = self.embedder.embedded
        self.engine.reconcile(self.folder)
        for _ in pending(self.engine):
            pass
        if self.plugged:
            fresh = _documents(self.files) - _documents(self.known[0])
            if not self.between:
                assert self.embedder.embedded - embedded == len(fresh)
            self.known = (dict(self.files), set(self.links))
            self.between = False
        self._compare()

    def _compare(self) -> None:
        """Compare ledger, texts and searches with the model; while unplugged with what it was."""
        files, links = self.known
        if not self.plugged and self.between:
            return  # a part of what happened since the last whole look is known
        expected = {path: "indexed" if text else "empty" for path, text in files.items()}
        expected |= dict.fromkeys(links, "skipped")
        with closing(open_for_reading(self.base / "library.db")) as db:
            rows = db.execute(
                "SELECT path, files.state, text, titles, kind FROM files "
                "LEFT JOIN pages USING (content_id) LEFT JOIN contents ON contents.id = content_id"
            ).fetchall()
        found = {Path(os.fsdecode(path)).relative_to(self.root).as_posix(): row
                 for path, *row in rows}  # fmt: skip
        assert {path: state for path, (state, *_) in found.items()} == expected
        called: dict[tuple[str, str], set[str]] = {}
        for path, text in files.items():
            called.setdefault((text, _kind(path)), set()).add(
                file_title(Path(path).stem, " ".join(text.split()[:10]))
            )
        for path, text in files.items():
            assert (found[path][1] or "").split() == text.split(), path
            if text:
                titles = sorted(called[text, _kind(path)])
                assert found[path][2:] == ["\n".join(titles), _kind(path)], path
        for table in ("chunk_words", "document_words"):  # the words of names with the rest
            check = f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)"
            self.engine.store._db.execute(check)
        live = {word for text in files.values() for word in text.split()}
        with closing(Searcher(self.base / "library.db", self.base)) as searcher:
            for word in sorted(live)[:: len(live) // 6 + 1]:  # of all of them the text was compared
                (hit, *_) = searcher.search(word, 1, mode=Mode.WORDS)
                assert word in hit.text
                assert word in files[hit.path.relative_to(self.root).as_posix()]
                assert hit.away is not self.plugged
            for word in set(self.dead[-8:]) - live:
                assert not searcher.search(word, 1, mode=Mode.WORDS)

    # --- the model -----------------------------------------------------------------------------

    def _text(self) -> str:
        return f"word{next(self.numbers)}w\n"

    def _one(self, number: int) -> str:
        return sorted(self.files)[number % len(self.files)]

    def _is_folder(self, path: str) -> bool:
        """Tell whether a folder stands here, and not only behind a link."""
        above = [parent.as_posix() for parent in Path(path).parents]
        return self.links.isdisjoint([path, *above]) and (self.root / path).is_dir()

    def _is_free(self, path: str) -> bool:
        """Tell whether a file can be written here: all above are folders, and it is none."""
        above = [parent.as_posix() for parent in Path(path).parents]
        if path in self.links or any(each in self.files or each in self.links for each in above):
            return False
        return not (self.root / path).is_dir()

    def _write(self, path: str, text: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            place.chmod(0o600)
        place.write_text(text)
        # Two files of one size and one time cannot be told apart by a look when one takes the
        # other's place; only hashes can. Clocks of file systems tick every few milliseconds.
        self.at = max(time.time_ns(), self.at + 1)
        os.utime(place, ns=(self.at, self.at))
        self.dead += self.files.get(path, "").split()
        self.files[path] = text

    def _move(self, source: str, target: str) -> None:
        (self.root / target).parent.mkdir(parents=True, exist_ok=True)
        (self.root / source).rename(self.root / target)
        text = self.files.pop(source)
        self.dead += self.files.get(target, "").split() if source != target else []
        self.files[target] = text


def _kind(path: str) -> str:
    return "markdown" if path.endswith(".md") else "text"


def _documents(files: dict[str, str]) -> set[tuple[str, str]]:
    """Return what is read and embedded of some files: the same bytes once a kind."""
    return {(text, _kind(path)) for path, text in files.items() if text}


@contextmanager
def _readers() -> Iterator[None]:
    Changes.pool = KeptReaders()
    try:
        yield
    finally:
        Changes.pool.end()


def _run(count: int) -> None:
    chosen = settings(
        max_examples=count,
        stateful_step_count=50,
        deadline=None,
        database=None,
        derandomize=count < 100,
        suppress_health_check=list(HealthCheck),
    )
    with _readers():
        run_state_machine_as_test(Changes, settings=chosen)


@pytest.mark.skipif(sys.platform == "win32", reason="links and names that differ by case")
def test_after_any_changes_the_index_equals_the_disk() -> None:
    """25 times 50 random changes, looks and kills."""
    _run(25)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.skipif(sys.platform == "win32", reason="links and names that differ by case")
def test_after_very_many_changes_the_index_equals_the_disk() -> None:
    """500 times, others each time."""
    _run(500)
