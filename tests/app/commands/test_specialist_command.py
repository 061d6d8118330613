"""`specialist` as it is called: what a file holds and does not, and what becomes of bad ones."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app import settings
from app.cli import run
from app.model_files import specialist
from app.model_files.installed import ENCODER, LLM, Installed
from indexer.errors import IndexerError
from indexer.learning.library import evaluate
from indexer.specialist.file import read_specialist

_QUESTION = "Who keeps the harbour light burning?"
Run = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture(scope="module", autouse=True)
def without_encoder() -> Iterator[None]:
    """Let the words decide: what is printed is the same."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("library", "commands.library", "commands.search", "commands.lessons",
                       "commands.specialist"):  # fmt: skip
            patch.setattr(f"app.{module}.open_embedder", lambda *_: None, raising=False)
        yield


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command in a profile and returns the lines that it printed."""

    def command(*arguments: object, profile: str = "p") -> tuple[int, list[dict[str, Any]]]:
        words = [str(argument) for argument in arguments]
        status = run(["--profile", str(tmp_path / profile), "--json", "--quiet", *words])
        return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return command


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a folder with a library in which all has a name that must not be given away.

    And what its specialist holds.
    """
    root = tmp_path_factory.mktemp("canaryroot")
    documents = root / "canaryfolder"
    documents.mkdir()
    named = documents / "canaryfile.md"
    named.write_text("# Canaryheading\n\nOld Marit climbs the canarytower with a can of oil.\n")
    bills = [documents / "canarybills" / f"{number}.txt" for number in range(4)]
    trips = [documents / "canarytrips" / f"{number}.txt" for number in range(4)]
    for path in (*bills, *trips):
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{path.parent.name}word canaryword{path.stem}.\n")
    file = root / "given.specialist"
    for words in (
        ("add", documents, "--words-only"),
        ("teach", _QUESTION, "--passage", "1"),
        ("teach", "What is new?", "--not", "1"),
        ("teach", "blinkenlight", "--means", "tower oil"),
        ("tags", "set", named, "people", "到期"),
        *(("tags", "set", path, "bill") for path in bills),
        ("tags", "suggest", documents),  # learns, so that there are weights to be left out
        ("specialist", "export", file),
    ):
        assert run(["--profile", str(root / "p"), "--quiet", *map(str, words)]) == 0
    return root, file.read_text("utf-8")


@pytest.fixture
def file(given: tuple[Path, str], tmp_path: Path) -> Path:
    """Return that specialist, beside no library."""
    file = tmp_path / "given.specialist"
    file.write_text(given[1], "utf-8")
    return file


def test_a_file_holds_nothing_of_documents(given: tuple[Path, str]) -> None:
    """No word of them, no name of a file or folder, be it as text, in base64 or as a hash."""
    root, data = given
    assert evaluate(root / "p" / "library.db")
    assert data.count('"tags": [') == 5
    assert _QUESTION in data
    assert "canary" not in data.lower()
    assert "marit" not in data.lower()
    assert str(root) not in data
    known = {
        *("format", "version", "lessons", "tagged", "models", "encoder", "llm", "name", "sha256"),
        *("kind", "text", "taught_ns", "read_as", "page", "start", "end", "passage", "meaning"),
        "tags",
    }
    assert set(re.findall(r'"(\w+)":', data)) == known
    # Base64 of weights would be long; all that is longer than a question is a sum.
    long = {word for word in re.findall(r"[\w+/=]+", data) if len(word) > 25}
    assert all(re.fullmatch("[0-9a-f]{64}", word) for word in long)


def test_it_is_listed_and_taken_back(command: Run, file: Path, tmp_path: Path) -> None:
    """By its number, or as the last one; the next command is another process's."""
    status, lines = command("specialist", "import", file, profile="other")
    assert status == 0
    line = lines[-1]
    assert (line["new_lessons"], line["new_tags"], line["resting"]) == (3, 6, 2)
    (listed,) = command("specialist", profile="other")[1]
    assert (listed["name"], listed["lessons"], listed["tags"]) == (file.name, 3, 6)
    assert command("specialist", "undo", listed["id"] + 1, profile="other")[0] == 1
    assert command("specialist", "undo", profile="other")[1][0]["tags"] == 6
    assert command("lessons", profile="other")[1] == command("tags", profile="other")[1] == []
    assert command("specialist", "list", profile="other")[1] == []
    assert command("specialist", "undo", profile="other")[0] == 1


def test_models_are_chosen_if_they_are_here(
    command: Run, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By their weights, else by their name; taken back, the choice is as before."""
    head, *_ = map(json.loads, file.read_text("utf-8").splitlines())
    place = tmp_path / "other" / "settings.json"

    def give(**models: tuple[str, str]) -> Path:
        """Return the file with other models named in it."""
        lines = file.read_text("utf-8").splitlines()[1:-1]
        used = {use: {"name": name, "sha256": sha} for use, (name, sha) in models.items()}
        text = "".join(f"{line}\n" for line in (json.dumps(head | {"models": used}), *lines))
        end = json.dumps({"sha256": hashlib.sha256(text.encode()).hexdigest()})
        changed = tmp_path / "changed.specialist"
        changed.write_text(f"{text}{end}\n", "utf-8")
        return changed

    here = {"mine": "aa" * 32, "hers": "bb" * 32, "unsealed": ""}
    models = [Installed(name, ENCODER, tmp_path, 1) for name in here]
    models.append(Installed("writer", LLM, tmp_path / "writer.gguf", 1))
    monkeypatch.setattr(specialist, "installed", lambda _: models)
    monkeypatch.setattr(specialist, "_sha256", lambda model: here.get(model.name, "cc" * 32))
    before = settings.Settings()
    for encoder, llm, chosen in (
        (("hers", "bb" * 32), ("writer", "cc" * 32), ("hers", "writer")),
        (("called otherwise", "aa" * 32), ("writer", ""), ("mine", "writer")),
        (("unsealed", "dd" * 32), ("nowhere", "cc" * 31 + "dd"), ("unsealed", before.llm)),
        (("mine", "dd" * 32), ("all-minilm-l6-v2", ""), (before.encoder, before.llm)),
    ):
        changed = give(encoder=encoder, llm=llm)
        status, lines = command("specialist", "import", changed, profile="other")
        assert status == 0
        now = settings.load(place)
        assert (now.encoder, now.llm) == chosen
        said = {model["kind"]: model["missing"] for model in lines[-1]["models"]}
        assert bool(said["encoder"]) == (chosen[0] == before.encoder)
        assert bool(said["llm"]) == (chosen[1] == before.llm)
        command("specialist", "undo", profile="other")
        assert settings.load(place) == before
    # Two of them, taken back in the order in which they came.
    command("specialist", "import", give(encoder=("hers", "bb" * 32)), profile="other")
    command("specialist", "import", give(encoder=("mine", "aa" * 32)), profile="other")
    first, second = command("specialist", profile="other")[1]
    command("specialist", "undo", first["id"], profile="other")
    assert settings.load(place).encoder == "mine"
    command("specialist", "undo", second["id"], profile="other")
    assert settings.load(place) == before


def bad_files(good: str) -> list[str | bytes]:
    """Return files that are none: cut, of another kind, newer, and hostile."""
    head, *rows, _ = good.splitlines()

    def sealed(*lines: str) -> str:
        text = "".join(f"{line}\n" for line in lines)
        end = json.dumps({"sha256": hashlib.sha256(text.encode()).hexdigest()})
        return f"{text}{end}\n"

    def headed(**values: Any) -> str:
        return sealed(json.dumps(json.loads(head) | values), *rows)

    def rowed(at: int, **values: Any) -> str:
        changed = json.dumps(json.loads(rows[at]) | values)
        return sealed(head, *rows[:at], changed, *rows[at + 1 :])

    deep = "[" * 100_000
    return [
        *("", "\x00", "[]", '"a"', "{}", deep, "x" * 300_000, b"\xff\xfe\x00" * 9),
        *(good[: len(good) * part // 8] for part in range(1, 8)),
        *(good[:-2], good + "\n", good + good, good.replace("harbour", "harbor")),
        *(sealed(head, *rows[1:]), sealed(head, *rows, rows[0]), sealed(head, *reversed(rows))),
        *(sealed(head, deep, *rows[1:]), sealed(head, '{"kind":' * 20_000, *rows[1:])),
        *(headed(version=value) for value in (2, "1", None, 1.5, True)),
        *(headed(lessons=value) for value in (-1, 10**9, 10**30, "3", None, 4, 2, True)),
        *(headed(tagged=value) for value in (-1, 10**9, 1.0, 4)),
        *(headed(models=value) for value in (None, [], {"llm": 1}, {"llm": {"name": "x"}})),
        *(
            headed(models={"encoder": {"name": name, "sha256": sha}})
            for name, sha in (("", ""), ("a\nb", ""), ("x" * 999, ""), ("x", "zz"), ("x", "00"))
        ),
        *(rowed(0, **{name: value}) for name, value in (("kind", "other"), ("text", " "),
          ("sha256", "00"), ("read_as", "../x"), ("page", 0), ("end", 10**30))),
        *(rowed(-1, tags=value) for value in ([], "bill", ["a/b"], [""], ["x" * 101], [7], ["\n"],
          ["\ud800"], [str(n) for n in range(51)], {"a": 1})),
        *(rowed(-1, sha256=value) for value in ("", "00", "zz" * 32, None, 7)),
    ]  # fmt: skip


def test_a_bad_file_is_refused(file: Path, tmp_path: Path) -> None:
    """Before a library is opened, with a sentence."""
    bad = tmp_path / "bad"
    for content in bad_files(file.read_text("utf-8")):
        bad.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(IndexerError) as refused:
            read_specialist(bad)
        assert refused.value.detail, content[:300]


def test_a_bad_file_changes_nothing(command: Run, file: Path, tmp_path: Path) -> None:
    """No library is made for it; nor for what is no file, or not there."""
    file.write_text(file.read_text("utf-8")[:-70], "utf-8")
    for place in (file, tmp_path, tmp_path / "nowhere"):
        assert command("specialist", "import", place, profile="other")[0] == 1
    assert not (tmp_path / "other" / "library.db").exists()


def test_one_that_is_too_large_is_not_read(command: Run, file: Path, tmp_path: Path) -> None:
    """1 GB of zeros behind a head that is right."""
    head = file.read_bytes().splitlines(keepends=True)[0]
    with file.open("wb") as target:
        target.write(head)
        target.truncate(1 << 30)
    assert command("specialist", "import", file, profile="other")[0] == 1


def test_lessons_and_specialists_are_not_taken_for_each_other(
    command: Run, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence names the other one."""
    lessons = tmp_path / "lessons.jsonl"
    command("lessons", "export", lessons)
    for words, said in (
        (("specialist", "import", lessons), "`lessons import FILE`"),
        (("lessons", "import", file), "`specialist import FILE`"),
    ):
        run(["--profile", str(tmp_path / "other"), *map(str, words)])
        assert said in capsys.readouterr().err


def test_what_is_printed_for_a_person(
    command: Run, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """How much of each is new, and how it is taken back."""
    for words in (("import", file), (), ("undo",), ("export", tmp_path / "empty"), ()):
        assert run(["--profile", str(tmp_path / "q"), "specialist", *map(str, words)]) == 0
    printed = capsys.readouterr().out
    assert "3 of 3 lessons and 6 of 6 tags are new." in printed
    assert "2 lessons rest" in printed
    assert "`specialist undo 1` takes all of it back." in printed
    assert "Taken back: 3 lessons, 6 tags." in printed
    assert "0 lessons and 0 tags were written" in printed
    assert "No specialist was imported." in printed
