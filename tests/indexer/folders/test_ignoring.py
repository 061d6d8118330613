"""What rules leave out, in the words of the ledger, and what a changed rule gives back."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from indexer.engine import pending
from indexer.folders import walk
from indexer.folders.ignoring import Ground, Rules, is_pattern
from indexer.types import Mode, State
from tests.indexer.conftest import Library


def by_path(library: Library) -> dict[str, str]:
    """Return relative path -> state, with the reason where it is not indexed."""
    from indexer.storage.database import open_for_reading
    from indexer.storage.ledger import ledger

    with closing(open_for_reading(library.database)) as db:
        return {
            item.path.relative_to(library.documents).as_posix(): item.reason or item.state.value
            for item in ledger(db)
        }


def sync(library: Library) -> dict[str, str]:
    """Compare with the disk, read what is to be read, and return the ledger."""
    library.sync(words_only=True)
    return by_path(library)


def look(library: Library, inside: Path, *, deep: bool = False) -> dict[str, str]:
    """Do what an event in a folder does, and return the ledger."""
    with closing(library.engine()) as engine:
        (folder,) = engine.store.folders()
        engine.reconcile(folder, inside, deep=deep)
        list(pending(engine, words_only=True))
    return by_path(library)


PROGRAMS = "Folders that programs fill are left out."


@pytest.mark.parametrize(
    ("folder", "mark"),
    [
        ("node_modules", ""),
        ("__pycache__", ""),
        ("venv", "venv/pyvenv.cfg"),
        ("my environment", "my environment/pyvenv.cfg"),
        ("downloads", "downloads/CACHEDIR.TAG"),
        ("target", "Cargo.toml"),
        ("build", "pyproject.toml"),
        ("dist", "package.json"),
        ("vendor", "go.mod"),
    ],
)
def test_folders_that_programs_fill_are_one_row(library: Library, folder: str, mark: str):
    """They are known by name or by a mark; the row says how much is in it."""
    library.write("notes.md", "Mine.")
    library.write(f"{folder}/a/b.txt", "Not mine.")
    library.write(f"{folder}/c.txt", "Nor this.")
    if mark:
        library.write(mark, "x")
    found = sync(library)
    held = 3 if mark.startswith(folder) else 2
    assert found[folder] == f"{PROGRAMS} It holds {held} files."
    assert found["notes.md"] == "words"
    assert not any(path.startswith(f"{folder}/") for path in found)


def test_the_same_names_without_a_mark_are_the_owners(library: Library):
    """A folder named `build` may hold somebody's documents."""
    for folder in ("build", "target", "dist", "vendor", "out", "venv", "Pods"):
        library.write(f"{folder}/a.txt", "Mine.")
    assert set(sync(library).values()) == {"words"}


def test_a_mark_that_comes_or_goes_is_seen(library: Library):
    """What a program made of a folder, or left of it, is judged by how it is now."""
    library.write("target/a.txt", "A plan.")
    assert sync(library) == {"target/a.txt": "words"}
    mark = library.write("Cargo.toml", "x")
    assert sync(library)["target"] == f"{PROGRAMS} It holds one file."
    mark.unlink()
    assert sync(library) == {"target/a.txt": "words"}


def test_counting_what_is_left_out_is_bounded(library: Library, monkeypatch: pytest.MonkeyPatch):
    """A huge folder costs no more than a large one."""
    monkeypatch.setattr(walk, "_MOST_COUNTED", 10)
    for number in range(20):
        library.write(f"node_modules/{number}.js", "x")
    assert sync(library)["node_modules"] == f"{PROGRAMS} It holds more than 10 files."


class TestGitignore:
    """Repositories say themselves what is not theirs."""

    def test_files_and_folders(self, library: Library):
        """As git does: anchored, negated, by folder, and the inner file decides last."""
        library.write(".git/HEAD", "x")
        library.write(".gitignore", "# ours\n*.log\n!keep.log\n/out/\ndocs/*.tmp\n\xff\n[z-a\n!\n")
        library.write("a.log", "x")
        library.write("keep.log", "kept")
        library.write("out/a.txt", "x")
        library.write("sub/out/a.txt", "kept")
        library.write("docs/a.tmp", "x")
        library.write("sub/.gitignore", "!b.log\n*.txt\n")
        library.write("sub/b.log", "kept")
        library.write("sub/c.txt", "x")
        found = sync(library)
        said = {path: reason.partition(": ")[2] for path, reason in found.items()}
        assert said["a.log"] == "*.log"
        assert said["out"] == "/out/ It holds one file."
        assert said["docs/a.tmp"] == "docs/*.tmp"
        assert said["sub/c.txt"] == said["sub/out/a.txt"] == "*.txt"
        assert found["keep.log"] == found["sub/b.log"] == "words"

    def test_only_in_repositories(self, library: Library):
        """Elsewhere the file is a file like others."""
        library.write(".gitignore", "*.txt")
        library.write("a.txt", "kept")
        assert sync(library)["a.txt"] == "words"

    def test_a_repository_within_another_has_its_own(self, library: Library):
        """The outer one's rules end at its border."""
        library.write(".git/HEAD", "x")
        library.write(".gitignore", "*.txt")
        library.write("inner/.git", "gitdir: elsewhere")
        library.write("inner/a.txt", "kept")
        assert sync(library)["inner/a.txt"] == "words"

    def test_a_part_of_a_repository(self, library: Library):
        """The rules come from above the folder that was added."""
        whole = library.documents
        library.write(".git/HEAD", "x")
        library.write(".gitignore", "/docs/*.tmp")
        library.write("docs/a.tmp", "x")
        library.write("docs/a.txt", "kept")
        library.documents = whole / "docs"
        found = sync(library)
        assert found["a.txt"] == "words"
        assert "/docs/*.tmp" in found["a.tmp"]

    def test_one_folder_looked_at_alone(self, library: Library):
        """An event's look knows the rules from above it."""
        library.write(".git/HEAD", "x")
        library.write(".gitignore", "*.tmp\nout/\n")
        library.write("a/b/c.txt", "kept")
        sync(library)
        library.write("a/b/d.tmp", "x")
        library.write("a/b/out/e.txt", "x")
        found = look(library, library.documents / "a" / "b")
        assert "*.tmp" in found["a/b/d.tmp"]
        assert "out/" in found["a/b/out"]
        assert look(library, library.documents / "a" / "b" / "out", deep=True) == found

    def test_switched_off_and_on(self, library: Library):
        """What a rule left out is read when it ends, and goes when it comes."""
        library.write(".git/HEAD", "x")
        library.write(".gitignore", "*.txt")
        library.write("a.txt", "The marmot sleeps.")
        library.rules = Rules(gitignore=False)
        assert sync(library)["a.txt"] == "words"
        library.rules = Rules()
        assert "*.txt" in sync(library)["a.txt"]
        assert library.search("marmot") == []
        library.rules = Rules(gitignore=False)
        assert sync(library)["a.txt"] == "words"

    def test_a_hostile_one_costs_little(self, library: Library):
        """Patterns that were made to take for ever leave nothing out; a folder is no file."""
        library.write(".git/HEAD", "x")
        library.write(".gitignore", "a*" * 50 + "b\n" + "**/a/" * 40 + "b\n" + "x" * 100_000)
        library.write("sub/.gitignore/a.txt", "x")
        library.write("a" * 200, "kept")
        library.write("a/" * 60 + "c.txt", "kept")
        began = time.monotonic()
        assert sync(library)["a" * 200] == "words"
        assert time.monotonic() - began < 10


class TestOwnPatterns:
    """What the owner names."""

    def test_patterns_and_paths(self, library: Library):
        """The row names the pattern; an absolute path is that file or folder."""
        library.write("a.bak", "x")
        library.write("Archive/a.txt", "x")
        library.write("private/a.txt", "x")
        library.write("kept.txt", "kept")
        private = str(library.documents / "private")
        library.rules = Rules(("*.bak", "Archive/", private))
        assert sync(library) == {
            "a.bak": "A pattern of yours leaves this out: *.bak",
            "Archive": "A pattern of yours leaves this out: Archive/ It holds one file.",
            "private": "A pattern of yours leaves this out. It holds one file.",
            "kept.txt": "words",
        }
        library.rules = Rules(("Archive/",))
        found = sync(library)
        assert found["a.bak"] == found["private/a.txt"] == "words"

    def test_another_rule_gives_another_reason(self, library: Library):
        """The ledger names the rule that holds now."""
        library.write("a.bak", "x")
        library.rules = Rules(("*.bak",))
        sync(library)
        library.rules = Rules(("a.*",))
        assert sync(library)["a.bak"].endswith(": a.*")

    def test_a_rule_holds_for_what_is_being_read(self, library: Library):
        """A file that is left out while a reader has it stays left out."""
        library.write("a.bak", "private")
        with closing(library.engine()) as engine:
            folder = engine.add(library.documents)
            engine.reconcile(folder)
            engine.step()  # gives it to a reader
            library.rules = Rules(("*.bak",))
            assert [item.state for item in engine.reconcile(folder)] == [State.SKIPPED]
            for _ in pending(engine, words_only=True):
                pass
        assert library.ledger()["a.bak"] == ("skipped", "A pattern of yours leaves this out: *.bak")
        assert library.search("private", mode=Mode.WORDS) == []

    def test_a_file_that_was_added_alone_is_wanted(self, library: Library):
        """It was chosen by name."""
        library.documents = library.write("a.bak", "kept")
        library.rules = Rules(("*.bak",))
        with closing(library.engine()) as engine:
            engine.reconcile(engine.add(library.documents))
            assert engine.store.queue.count_waiting() == 1

    def test_what_is_a_pattern(self):
        """Nothing that would be silently without effect."""
        assert all(map(is_pattern, ["*.bak", "a b", "docs/", "!x", str(Path.home())]))
        assert not any(map(is_pattern, ["", "  ", "# x", "a*" * 9, "x" * 400]))


def test_size_limit(library: Library):
    """Its rule is named, and a higher one gives the file back."""
    library.write("a.txt", "word " * 300_000)
    library.rules = Rules(most_megabytes=1)
    assert sync(library)["a.txt"] == "The file is larger than 1 MB."
    library.rules = Rules(most_megabytes=2)
    assert sync(library)["a.txt"] == "words"


def test_what_a_reader_skipped_is_not_read_again_and_again(library: Library):
    """Only rules are judged anew."""
    (library.documents / "a.data").write_bytes(bytes(range(256)) * 9)
    library.sync()
    assert library.ledger()["a.data"][0] == "skipped"
    assert library.sync() == []


def test_rules_of_a_tree_are_cheap(tmp_path: Path):
    """Two thousand files under fifty patterns are walked in a moment."""
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    (root / ".gitignore").write_text("".join(f"*.x{n}\n" for n in range(50)))
    for folder in range(20):
        (root / f"f{folder}").mkdir()
        for number in range(100):
            (root / f"f{folder}" / f"{number}.txt").touch()
    began = time.monotonic()
    seen = list(walk.walk(root, Ground.of(root, Rules())))
    assert len(seen) == 2002
    assert time.monotonic() - began < 2
