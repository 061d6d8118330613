"""What was taught in one library counts in another one, with the starter encoder and processes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Program

_QUESTION = "Which town made the thing that tells us the time?"


def hits(program: Program) -> list[dict[str, Any]]:
    found = program.run("search", _QUESTION).of("hit")
    return [{key: hit[key] for key in ("path", "text", "score", "lesson")} for hit in found]


@pytest.mark.slow
def test_a_colleague_gets_what_was_taught_and_gives_it_back(
    program: Program, documents: Path, tmp_path: Path
) -> None:
    """The same documents elsewhere: the very next query shows the lesson; undone, all is as was."""
    other = Program(tmp_path / "colleague")
    theirs = tmp_path / "elsewhere" / "papers"
    shutil.copytree(documents, theirs)
    (theirs / "cheese.txt").rename(theirs / "cellar book.txt")
    file = tmp_path / "taught.specialist"
    try:
        program.run("add", str(documents))
        other.run("add", str(theirs))
        (cheese,) = (hit for hit in program.run("search", "cheese ripens", "-k", "1").of("hit"))
        program.run("teach", _QUESTION, "--passage", str(cheese["chunk"]))
        program.run("tags", "set", str(documents / "cheese.txt"), "cellar")
        program.run("tags", "set", str(documents / "clock.md"), "hall", "repairs")
        (written,) = program.run("specialist", "export", str(file)).of("exported")
        assert written["encoder"]["name"] == "all-minilm-l6-v2"
        assert len(written["encoder"]["sha256"]) == 64
        for canary in ("ripens", "Besan", "clock", str(tmp_path), "cellar book"):
            assert canary not in file.read_text("utf-8")
        before = hits(other)
        assert Path(before[0]["path"]).name == "clock.md"
        (came,) = other.run("specialist", "import", str(file)).of("imported")
        assert (came["new_lessons"], came["new_tags"], came["resting"]) == (1, 3, 0)
        assert all(not model["missing"] and not model["chosen"] for model in came["models"])
        first = hits(other)[0]
        assert first["path"] == str(theirs / "cellar book.txt")
        assert first["lesson"]["question"] == _QUESTION
        tags = {line["tag"]: line["files"] for line in other.run("tags").of("tag")}
        assert tags == {"cellar": 1, "hall": 1, "repairs": 1}
        assert other.run("specialist", "undo").status == 0
        assert hits(other) == before
        assert other.run("tags").of("tag") == []
        assert other.run("lessons").lines == []
        assert other.run("doctor", "--check").status == 0
        data = (tmp_path / "colleague" / "library.db").read_bytes()
        assert _QUESTION.encode() not in data
        assert b"repairs" not in data
    finally:
        for process in other.started:
            process.communicate()
