from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import cli

ROOT = Path(__file__).parents[3]


def run(
    *arguments: str | bytes, cwd: Path = ROOT, safe: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run the program to its end; `safe` keeps the folder where it stands off its modules."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    command = [sys.executable, *(["-P"] if safe else []), "-m", "app", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=100, check=False
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("search",),
        ("search", " "),
        ("ask", ""),
        ("ask", "--batch", "file", "and a question"),
        ("ask", "--seconds", "nan", "why"),
        ("ask", "--seconds", "-5", "why"),
        ("search", "-k", "x", "why"),
        ("search", "--batch", ""),
        ("add", ""),
        ("remove", ""),
        ("models", "import", ""),
    ],
)
def test_wrong_usage_is_status_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """In a line that names the fault, before a model is loaded or a folder made."""
    ran = run("--profile", str(tmp_path / "profile"), *arguments)
    assert ran.returncode == 2
    assert "error:" in ran.stderr.splitlines()[-1]
    assert "_positive" not in ran.stderr
    assert not (tmp_path / "profile").exists()


def test_an_empty_profile_is_not_the_default_one() -> None:
    """A script's unset variable must not reach the owner's own library."""
    assert run("--profile", "", "status").returncode == 2


def test_a_profile_that_cannot_be_a_folder_is_one_sentence(tmp_path: Path) -> None:
    """A file, or a folder inside a file: the sentence says what to choose."""
    file = tmp_path / "file"
    file.write_text("x", "utf-8")
    for profile in (file, file / "inside"):
        ran = run("--profile", str(profile), "status")
        assert ran.returncode == 1
        assert ran.stderr.count("\n") == 1
        assert "--profile DIR" in ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="arguments are bytes on POSIX only")
def test_a_question_that_is_no_utf8_is_a_question(tmp_path: Path) -> None:
    """Neither its text nor the types that were asked for end it in a traceback."""
    for arguments in ((b"zebra \xff",), ("zebra", "--type", b"\xff")):
        ran = run("--profile", str(tmp_path / "profile"), "--json", "search", *arguments)
        assert ran.returncode == 0, ran.stderr
        assert json.loads(ran.stdout)["hits"] == 0


def test_a_date_may_lie_far_away(tmp_path: Path) -> None:
    """What no clock can say is before or after every document."""
    (tmp_path / "note.txt").write_text("The zebra eats apples.", "utf-8")
    profile = str(tmp_path / "profile")
    assert run("--profile", profile, "--quiet", "add", str(tmp_path / "note.txt")).returncode == 0
    dates = ("--since", "0001-01-01", "--before", "9999-12-31T00:00:00+14:00")
    ran = run("--profile", profile, "--json", "search", "--mode", "words", "zebra", *dates)
    assert json.loads(ran.stdout.splitlines()[-1])["hits"] == 1, ran.stderr


def test_nothing_found_says_why(tmp_path: Path) -> None:
    """An empty library, and a folder that is none of it, are not the documents' silence."""
    profile = str(tmp_path / "profile")
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "new\nline.txt").write_text("The zebra eats apples.", "utf-8")
    assert "library is empty" in run("--profile", profile, "search", "zebra").stderr
    assert run("--profile", profile, "--quiet", "add", str(documents)).returncode == 0
    elsewhere = str(tmp_path / "elsewhere")
    assert elsewhere in run("--profile", profile, "search", "zebra", "--in", elsewhere).stderr
    found = run("--profile", profile, "search", "--mode", "words", "zebra")
    assert len(found.stdout.splitlines()) == 2
    assert found.stderr == ""
    listed = run("--profile", profile, "status", "--files")
    assert listed.stdout.startswith("indexed: ")
    assert run("--profile", profile, "retry", elsewhere).returncode == 1


def test_an_empty_line_of_a_batch_keeps_no_other_from_its_answer(tmp_path: Path) -> None:
    """Each line has its end, under its own id."""
    batch = tmp_path / "batch"
    batch.write_text('{"id": "a", "query": " "}\n{"id": "b", "query": "\\ud800 x"}\n', "utf-8")
    for command, kind in (("search", "done"), ("ask", "answer")):
        ran = run("--profile", str(tmp_path / "p"), "--json", command, "--batch", str(batch))
        ends = [json.loads(line) for line in ran.stdout.splitlines()]
        assert [end["id"] for end in ends if end["type"] == kind] == ["a", "b"], ran.stderr


def test_modules_where_the_user_stands_are_not_ours(tmp_path: Path) -> None:
    """A reader starts in a folder of somebody's own Python project."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("raise SystemExit(3)", "utf-8")
    (tmp_path / "json.py").write_text("raise SystemExit(3)", "utf-8")
    (tmp_path / "note.txt").write_text("The zebra eats apples.", "utf-8")
    profile = str(tmp_path / "profile")
    ran = run("--profile", profile, "--json", "add", "note.txt", cwd=tmp_path, safe=True)
    assert json.loads(ran.stdout.splitlines()[-1])["indexed"] == 1, ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors are closed by a POSIX shell")
def test_closed_streams_end_nothing(tmp_path: Path) -> None:
    """Whoever closes a stream wants none of it."""
    command = f'"{sys.executable}" -m app --profile "{tmp_path}/p" search zebra <&- >&- 2>&-'
    assert subprocess.call(["sh", "-c", command], cwd=ROOT) == 0


def test_a_search_says_what_it_could_not_see(tmp_path: Path) -> None:
    """In its last JSON line always, in words where something is missing."""
    documents, profile = tmp_path / "documents", str(tmp_path / "profile")
    documents.mkdir()
    (documents / "a.txt").write_text("The marmot sleeps.", "utf-8")
    run("--profile", profile, "add", str(documents), "--words-only")
    ran = run("--profile", profile, "--json", "search", "--mode", "words", "marmot")
    done = json.loads(ran.stdout.splitlines()[-1])
    assert (done["files"], done["searched"], done["unread"]) == (1, 1, 0)
    assert "Searched" not in ran.stderr
    (documents / "b.pdf").write_bytes(b"%PDF-1.7 nothing of a PDF follows")
    run("--profile", profile, "sync", "--words-only")
    ran = run("--profile", profile, "search", "--mode", "words", "marmot")
    assert "Searched 1 of 2 files: 1 could not be read." in ran.stderr


def test_a_search_says_how_it_was_put(tmp_path: Path) -> None:
    """What was searched instead, what is in no document; and it can be restricted to a language."""
    documents, profile = tmp_path / "documents", str(tmp_path / "profile")
    documents.mkdir()
    (documents / "a.txt").write_text("The warranty of the printer is for the first year.", "utf-8")
    (documents / "b.txt").write_text("Die Uhr des Printers ist für ein Jahr.", "utf-8")
    run("--profile", profile, "add", str(documents), "--words-only")
    search = ("--profile", profile, "--json", "search", "--mode", "words")
    ran = run(*search, "warrunty -uhr")
    hit, done = map(json.loads, ran.stdout.splitlines())
    assert hit["path"].endswith("a.txt")
    assert done["replaced"] == [{"word": "warrunty", "by": "warranty"}]
    assert "Searched for “warranty” instead of “warrunty”." in ran.stderr
    ran = run(*search, "qqqqqqq")
    assert json.loads(ran.stdout)["nothing_known"]
    assert "No word of this question is in the library." in ran.stderr
    empty = run("--profile", str(tmp_path / "empty"), "search", "--mode", "words", "qqqqqqq")
    assert empty.stderr == "The library is empty. `add FOLDER` puts documents into it.\n"
    hits = run(*search, "--language", "de", "printer").stdout.splitlines()[:-1]
    assert [json.loads(hit)["path"][-5:] for hit in hits] == ["b.txt"]
    assert run(*search, "--language", "klingon", "printer").returncode == 2


INTERRUPTED_WHILE_LOADING = """
import signal, sys
from app import cli

def load(_root, *, any_place):
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        raise ImportError("multiarray failed to import") from None

cli.require_own_place = load
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(cli.run(["--profile", sys.argv[1], "status"]))
"""


def test_what_fails_of_an_interruption_is_no_failure(tmp_path: Path) -> None:
    """A library that is interrupted while it loads may say that it cannot be imported."""
    ran = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_WHILE_LOADING, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ran.returncode == cli.INTERRUPTED
    assert ran.stderr == "Interrupted. What was done until now is kept.\n"
