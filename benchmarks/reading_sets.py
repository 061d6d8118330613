"""Files with what ought to come out of them, and how much of it did.

A set is a folder with `index.csv` (a line a file: what is wrong with it, and how many characters
another program found in it) or with `pairs.jsonl` (a document and its text, for the recall of
words); any other folder is a set without expectations.
"""

from __future__ import annotations

import csv
import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_ENOUGH = 200  # characters of the reference; with fewer, a title page's number decides
_READ = 0.8  # of the reference's characters
_LOST = 0.2

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TARGET = re.compile(r"\]\([^)]*\)")  # where a link or picture of Markdown points to
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_MARK = re.compile(r"[\\*_]+")
# Scripts without spaces are compared sign by sign.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Expectation:
    """A file and what is known of it."""

    path: Path
    name: str  # within its set
    mark: str = ""  # "ok", "encrypted", "corrupt" and so on, as the index has it
    characters: int | None = None  # that another program found
    words: Counter[str] | None = None  # that another program found


@dataclass(slots=True)
class Outcome:
    """What became of a file."""

    expected: Expectation
    state: str = "missing"  # from the ledger: it has no line there
    reason: str = ""
    kind: str = ""
    text: str = field(default="", repr=False)
    seconds: float = 0.0

    @property
    def is_asked(self) -> bool:
        """Whether it is a good file with enough text to be compared."""
        return self.expected.mark == "ok" and (self.expected.characters or 0) > _ENOUGH

    @property
    def share(self) -> float:
        """Its characters as a share of the reference's."""
        return len(self.text) / self.expected.characters if self.expected.characters else 1.0

    @property
    def is_fine(self) -> bool:
        """Whether it was read, or skipped as a kind that is named as not read."""
        if self.state in ("indexed", "partial"):
            return self.share >= _READ
        return self.state == "skipped" and self.reason.startswith(
            "This kind of file is not read. It "
        )

    @property
    def is_lost(self) -> bool:
        """Whether it passes for read although most of it is missing."""
        enough = (self.expected.characters or 0) > _ENOUGH
        return enough and self.state == "indexed" and self.share < _LOST

    @property
    def recall(self) -> float:
        """The share of the expected words that were found, each as often as it is expected."""
        wanted = self.expected.words
        return recall(wanted, words_of(self.text)) if wanted else 1.0


def load(folder: Path, suffixes: Sequence[str] = ()) -> list[Expectation]:
    """Return the files of a set, all or those with one of the suffixes. Raises OSError."""
    folder = folder.absolute()
    if (folder / "index.csv").exists():
        found = list(_indexed(folder))
    elif (folder / "pairs.jsonl").exists():
        found = list(_paired(folder))
    else:
        found = [
            Expectation(path, str(path.relative_to(folder)))
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        ]
    wanted = {suffix.lower().removeprefix(".") for suffix in suffixes}
    return [
        item for item in found if not wanted or item.path.suffix.lower().removeprefix(".") in wanted
    ]


def _indexed(folder: Path) -> Iterator[Expectation]:
    with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            characters = int(row["ref_chars"]) if row["ref_chars"] else None
            yield Expectation(folder / row["file"], row["file"], row["known_bad"], characters)


def _paired(folder: Path) -> Iterator[Expectation]:
    for line in (folder / "pairs.jsonl").read_text(encoding="utf-8").splitlines():
        pair: dict[str, Any] = json.loads(line)
        text = (folder / pair["expected"]).read_text(encoding="utf-8", errors="replace")
        if pair["expected_format"].startswith("json"):
            text = "\n".join(page["text"] for page in json.loads(text))
        if pair["expected_format"] != "text":
            text = without_marks(text)
        yield Expectation(folder / pair["doc"], pair["doc"], words=words_of(text))


def without_marks(markdown: str) -> str:
    """Return Markdown without comments, tags, the targets of links, and marks inside words."""
    text = _COMMENT.sub(" ", markdown)
    return _MARK.sub("", html.unescape(_TAG.sub(" ", _TARGET.sub("]", text))))


def words_of(text: str) -> Counter[str]:
    """Count the words of a text, whatever their case."""
    return Counter(_WORD.findall(_MARK.sub("", text).lower()))


def recall(wanted: Counter[str], found: Counter[str]) -> float:
    """Return the share of the wanted words that were found, each as often as it is wanted."""
    total = wanted.total()
    return (wanted & found).total() / total if total else 1.0
