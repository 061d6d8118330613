"""The program is killed over and over while its documents change; then nothing may be missing.

Most kills strike at the n-th time that the process writes, syncs, renames or opens something, so
that every step of a commit has its turn; the others at a moment of the clock.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from indexer.checking import check_library
from indexer.search.searcher import Searcher
from indexer.storage.chats import append_turn, load_chat
from indexer.storage.converting import encrypt_library
from indexer.storage.database import open_for_reading
from indexer.storage.key_file import new_key
from tests.endurance.comparing import differences
from tests.endurance.documents import Documents
from tests.endurance.victim import HashedWords

# What a killed process leaves for the next one to do is no fault.
_TO_DO = {"contents of no file"}
_CHAT = "endurance"
_LONGEST = 120.0  # seconds of one run of the program
_SEEN_EVERY = 5  # runs


@dataclass(slots=True)
class Outcome:
    """What a run of many kills has shown."""

    runs: int = 0
    kills: int = 0
    turns: int = 0
    slowest_start: float = 0.0  # seconds from opening the library until a search is answered
    seconds: float = 0.0
    quarantined: int = 0  # files that three processes died of, tried again at the end
    files: int = 0
    faults: list[str] = field(default_factory=list)


class Killing:
    """A profile, its documents, and the processes that work on them."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        say: Callable[[str], None] = lambda _: None,
        *,
        encrypted: bool = False,
    ) -> None:
        self.profile = folder / "profile"
        self.documents = Documents(folder / "documents", seed)
        self.outcome = Outcome()
        self._chance = Random(seed)  # noqa: S311 -- the same kills in each run
        self._say = say
        self._operations = 400.0  # of a whole run, as far as is known
        self.profile.mkdir(parents=True)
        self.documents.root.mkdir(parents=True)
        # What is added and removed again while the program is killed.
        self._other = Documents(folder / "other", seed + 1)
        self._other.root.mkdir()
        self._other.work()
        self._key = new_key() if encrypted else None
        if self._key is not None:
            encrypt_library(self._database, self._key, "of no consequence", lambda _: None)

    def run(self, kills: int, files: int, seconds: float = 1e9) -> Outcome:
        """Kill until there were so many kills and files, or until the time is over."""
        started = time.monotonic()
        outcome = self.outcome
        self._program(self.profile, "add", str(self.documents.root))
        while time.monotonic() - started < seconds and (
            outcome.kills < kills or self.documents.created < files
        ):
            self.documents.work()
            self._kill_one()
            self._write_turn()
            if outcome.runs % _SEEN_EVERY == 0:
                self._look()
                self._say(f"{outcome.kills} kills, {self.documents.created} files")
        self._finish()
        outcome.seconds = time.monotonic() - started
        return outcome

    def _kill_one(self) -> None:
        self.outcome.runs += 1
        vectors = self._chance.random() < 0.5
        arguments = self._arguments()
        by_clock = self._chance.random() < 0.2
        at = 0 if by_clock else int(self._chance.random() ** 3 * self._operations) + 1
        process = self._start(self.profile, arguments, at, vectors=vectors)
        try:
            process.wait(self._chance.uniform(0.3, 3.0) if by_clock else _LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            if not by_clock:
                self.outcome.faults.append("a process hung")
        if process.returncode < 0:
            self.outcome.kills += 1
        elif process.returncode and arguments[0] not in ("doctor", "remove"):
            self.outcome.faults.append(f"{arguments[0]} ended with {process.returncode}")

    def _arguments(self) -> list[str]:
        which = self._chance.random()
        if which < 0.7:
            return ["sync"]
        if which < 0.8:
            return ["sync", "--words-only"]
        if which < 0.9:
            return [self._chance.choice(("add", "remove")), str(self._other.root)]
        if which < 0.95:
            return ["doctor", "--repair"]
        return ["retry"]

    def _start(
        self, profile: Path, arguments: list[str], at: int = 0, *, vectors: bool = True
    ) -> subprocess.Popen[bytes]:
        plan = {"folder": str(profile), "act": "kill", "at": at, "vectors": vectors}
        if self._key is not None and profile == self.profile:
            plan["key"] = self._key.hex()
        command = [sys.executable, "-m", "tests.endurance.victim", json.dumps(plan)]
        return subprocess.Popen(
            [*command, "--quiet", "--profile", str(profile), *arguments],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def _program(self, profile: Path, *arguments: str) -> None:
        status = self._start(profile, list(arguments)).wait(10 * _LONGEST)
        if status:
            self.outcome.faults.append(f"{arguments[0]} ended with {status}")

    def _write_turn(self) -> None:
        number = self.outcome.turns
        append_turn(self._database, _CHAT, f"Question {number}?", f"Answer {number}.", [])
        self.outcome.turns += 1

    @property
    def _database(self) -> Path:
        return self.profile / "library.db"

    @property
    def _caches(self) -> Path:
        return self.profile / "caches"

    def _look(self) -> None:
        """Search, as whoever opens the window does, and compare the library with itself."""
        began = time.monotonic()
        with closing(Searcher(self._database, self._caches, HashedWords())) as searcher:
            hits = searcher.search("bacodi fugahe")
        self.outcome.slowest_start = max(self.outcome.slowest_start, time.monotonic() - began)
        if any(not hit.text for hit in hits):
            self.outcome.faults.append("a hit without text")
        self._note_wrong(_TO_DO)

    def _note_wrong(self, left: set[str]) -> None:
        for item in check_library(self._database, self._caches):
            if item.wrong and item.name not in left:
                self.outcome.faults.append(f"{item.name}: {item.wrong} after {self.outcome.runs}")

    def _finish(self) -> None:
        """Let the program end its work, and compare with a library that was made from nothing."""
        outcome = self.outcome
        self._program(self.profile, "add", str(self._other.root))
        self._program(self.profile, "remove", str(self._other.root))
        self._program(self.profile, "sync")
        with closing(open_for_reading(self._database)) as db:
            query = "SELECT count(*) FROM files WHERE state = 'quarantined'"
            outcome.quarantined = int(db.execute(query).get)
        self._program(self.profile, "retry")
        self._note_wrong(set())
        fresh = self.profile.with_name("fresh")
        fresh.mkdir()
        self._program(fresh, "add", str(self.documents.root))
        outcome.faults += differences(
            self._database, self._caches, fresh / "library.db", fresh / "caches",
            self.documents.stems,
        )  # fmt: skip
        turns: list[Any] = load_chat(self._database, _CHAT) or []
        if [turn.question for turn in turns] != [f"Question {n}?" for n in range(outcome.turns)]:
            outcome.faults.append("questions of a conversation")
        outcome.files = len(self.documents.files())
        left = [path.name for path in self._caches.iterdir() if path.name.endswith(".tmp")]
        left += [path.name for path in self.profile.glob("*.tmp")]
        outcome.faults += [f"{len(left)} files left behind"] if left else []
