"""The yardstick of reading: what counts as read, as lost and as told."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import reading
from benchmarks.reading_sets import Expectation, Outcome, load, recall, without_marks, words_of

_NOT_READ = "This kind of file is not read."


def _outcome(state: str, text: str, characters: int = 1000, reason: str = "") -> Outcome:
    expected = Expectation(Path("a"), "a", "ok", characters)
    return Outcome(expected, state=state, reason=reason, text=text)


@pytest.mark.parametrize(
    ("outcome", "is_fine", "is_lost"),
    [
        (_outcome("indexed", "x" * 800), True, False),
        (_outcome("partial", "x" * 800), True, False),
        (_outcome("indexed", "x" * 799), False, False),
        (_outcome("indexed", "x" * 199), False, True),
        (_outcome("partial", "x" * 199), False, False),
        (_outcome("empty", ""), False, False),
        (_outcome("skipped", "", reason=f"{_NOT_READ} It is a picture."), True, False),
        (_outcome("skipped", "", reason=f"{_NOT_READ} Its content is not text."), False, False),
        (_outcome("indexed", "", characters=200), False, False),
    ],
)
def test_a_file_is_read_told_or_lost(outcome: Outcome, is_fine: bool, is_lost: bool) -> None:
    """Four fifths are enough, less than a fifth without a word is a loss; a kind may be left."""
    assert (outcome.is_fine, outcome.is_lost) == (is_fine, is_lost)


def test_words_are_recalled_as_often_as_they_are_expected() -> None:
    """Case does not count, and scripts without spaces are compared sign by sign."""
    assert words_of("The ship, the SHIP 你好") == Counter(the=2, ship=2, 你=1, 好=1)
    assert recall(words_of("the ship the sea"), words_of("sea the")) == 0.5
    assert recall(Counter(), Counter()) == 1.0


def test_marks_of_markdown_are_no_words() -> None:
    """What stands around the text of the reference is not expected of a reader."""
    text = "<!-- image --> **Ship**s [to](http://x.y/z) <td>A &amp; b\\_c</td>"
    assert without_marks(text).split() == ["Ships", "[to]", "A", "&", "bc"]
    assert words_of(without_marks("b\\_c")) == words_of("b_c")


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """Return a set with an index: a good file, a bad one, one that is not read."""
    folder = tmp_path / "set"
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "good.txt").write_text("The ships of the harbour. " * 20, "utf-8")
    (folder / "files" / "bad.pdf").write_bytes(b"%PDF-1.4\nrubbish")
    (folder / "files" / "song.mp3").write_bytes(b"ID3")
    (folder / "index.csv").write_text(
        "file,known_bad,ref_chars\nfiles/good.txt,ok,500\nfiles/bad.pdf,corrupt,\n"
        "files/song.mp3,unchecked,0\nfiles/gone.txt,ok,500\n",
        "utf-8",
    )
    return folder


def test_each_file_of_an_index_ends_in_a_line(
    marked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the ledger does not know is missing."""
    reading.main([str(marked), "--json"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    states = {line["file"]: line["state"] for line in lines if "file" in line}
    assert states == {
        "files/good.txt": "indexed",
        "files/bad.pdf": "failed",
        "files/song.mp3": "skipped",
        "files/gone.txt": "missing",
    }
    figures = {line["name"]: line["value"] for line in lines if "name" in line}
    assert figures["of these read, or a kind not read"] == 0.5
    assert figures["corrupt: the reason says so"] == 1


def test_pairs_give_the_recall_of_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A document is compared with the text that somebody else found in it."""
    (tmp_path / "a.txt").write_text("One two.", "utf-8")
    (tmp_path / "a.md").write_text("# One two three four", "utf-8")
    pair = {"doc": "a.txt", "expected": "a.md", "expected_format": "markdown"}
    (tmp_path / "pairs.jsonl").write_text(json.dumps(pair) + "\n", "utf-8")
    reading.main([str(tmp_path), "--only", "txt"])
    out = capsys.readouterr().out
    assert "mean recall of the expected words" in out
    assert "recall below 0.9: 1\n     0.50  indexed   a.txt" in out


def test_a_folder_without_expectations_is_a_set(tmp_path: Path) -> None:
    """Its files are read, and suffixes choose among them."""
    for name in ("a.txt", "b.MD", "c.pdf"):
        (tmp_path / name).touch()
    assert [item.name for item in load(tmp_path)] == ["a.txt", "b.MD", "c.pdf"]
    assert [item.name for item in load(tmp_path, ["md", ".pdf"])] == ["b.MD", "c.pdf"]
