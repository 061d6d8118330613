"""A folder in which an owner works: files come, change, move and go, the same in each run."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

_SYLLABLES = "ba co di fu ga he li mo nu pa re si to va we xi zo".split()  # noqa: SIM905
_SUFFIXES = (".md", ".txt", ".html", ".csv", ".py")
_MOST_IN_A_ROW = 20  # changes between two looks of the program


class Documents:
    """The folder and what was done to it."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.stems: set[str] = set()  # of all names that there have been
        self.created = self.changed = self.removed = 0
        self._chance = Random(seed)  # noqa: S311 -- the same changes in each run

    def files(self) -> list[Path]:
        """Return the files that are there, in an order that is always the same."""
        return sorted(path for path in self.root.rglob("*") if path.is_file())

    def work(self) -> None:
        """Change some files."""
        for _ in range(self._chance.randint(1, _MOST_IN_A_ROW)):
            files = self.files()
            act = self._chance.random()
            if act < 0.55 or len(files) < 5:
                self._write(self._new_path())
                self.created += 1
            elif act < 0.7:
                self._write(self._chance.choice(files))
                self.changed += 1
            elif act < 0.85:
                self._chance.choice(files).unlink()
                self.removed += 1
            elif act < 0.98:
                path = self._chance.choice(files)
                place = self._new_path()
                if self._chance.random() < 0.4:
                    place = place.with_name(path.name)
                elif self._chance.random() < 0.8:
                    place = place.with_suffix(path.suffix)
                self.stems.add(place.stem)
                if not place.exists() and act < 0.92:
                    path.rename(place)
                elif not place.exists():
                    shutil.copy(path, place)
                    self.created += 1
            else:
                folder = self._chance.choice(files).parent
                place = self.root / self._word()
                if folder != self.root and not place.exists():
                    folder.rename(place)

    def _new_path(self) -> Path:
        folder = self.root / self._chance.choice(_SYLLABLES)
        folder.mkdir(parents=True, exist_ok=True)
        # Every tenth has a name that a machine gave.
        word = "scan" if self._chance.random() < 0.1 else self._word()
        path = folder / f"{word}-{self.created}{self._chance.choice(_SUFFIXES)}"
        self.stems.add(path.stem)
        return path

    def _write(self, path: Path) -> None:
        # Of three lengths: nothing, a note, and some chunks.
        words = self._chance.choice((0, 30, 30, 120, 120, 120, 900))
        lines = (
            " ".join(self._word() for _ in range(self._chance.randint(3, 12)))
            for _ in range(words // 7)
        )
        text = "\n\n".join(f"{line.capitalize()}." for line in lines)
        path.write_text(f"<p>{text}</p>" if text and path.suffix == ".html" else text, "utf-8")

    def _word(self) -> str:
        return "".join(self._chance.choices(_SYLLABLES, k=self._chance.randint(2, 4)))
