"""Events become looks: one a folder, none below a deep one, none where nothing is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.folders.changes import Change, Look, fold, looks

ROOT = Path("/docs")


def _path(*parts: str) -> str:
    return str(ROOT.joinpath(*parts))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], []),
        ([Change(_path("a.txt"))], [Look(ROOT)]),
        ([Change(_path("x", "a.txt"), created=True)], [Look(ROOT / "x")]),
        (
            [Change(_path("x", "a.txt"), _path("y", "a.txt"))],
            [Look(ROOT / "x"), Look(ROOT / "y")],
        ),
        # A folder that went is a matter of its parent, one that came also of its own.
        ([Change(_path("x"), is_folder=True)], [Look(ROOT)]),
        (
            [Change(_path("x", "old"), _path("y", "new"), is_folder=True)],
            [Look(ROOT / "x"), Look(ROOT / "y"), Look(ROOT / "y" / "new", deep=True)],
        ),
        (
            [Change(_path("x"), is_folder=True, created=True), Change(_path("x", "deep", "a.txt"))],
            [Look(ROOT), Look(ROOT / "x", deep=True)],
        ),
        # What lies in a hidden folder is not read; that it came or went is seen.
        ([Change(_path(".git", "index")), Change(_path(".git", "x", "y"))], []),
        ([Change(_path(".git"), is_folder=True, created=True)], [Look(ROOT)]),
        # So in one that programs fill; other rules concern all that lies below.
        ([Change(_path("x", "node_modules", "y", "a.js"), created=True)], []),
        ([Change(_path("x", ".gitignore"))], [Look(ROOT / "x", deep=True)]),
        ([Change(_path(".a.txt.swp"))], [Look(ROOT)]),
        # The root itself, or a spelling that is not ours.
        ([Change(str(ROOT), is_folder=True)], [Look(ROOT, deep=True)]),
        ([Change("/elsewhere/a.txt")], [Look(ROOT, deep=True)]),
        ([Change("/docs-of-others/a.txt")], [Look(ROOT, deep=True)]),
        # Half of a move may be unknown.
        ([Change("", _path("x", "a.txt"))], [Look(ROOT / "x")]),
    ],
)
def test_changes_become_looks(changes: list[Change], expected: list[Look]) -> None:
    """List in, list out."""
    assert looks(changes, ROOT) == expected


def test_a_storm_is_one_look() -> None:
    """However many events a folder has."""
    storm = [Change(_path("x", f"{n}.txt"), created=True) for n in range(2000)]
    assert looks(storm * 3, ROOT) == [Look(ROOT / "x")]


def test_a_root_behind_a_link_keeps_its_own_name() -> None:
    """The ledger knows it by the name that the owner gave."""
    assert looks([Change("/disk/7/x/a.txt")], ROOT, Path("/disk/7")) == [Look(ROOT / "x")]


def test_the_root_of_the_file_system_is_a_root() -> None:
    """Its name ends with the separator already."""
    assert looks([Change("/x/a.txt")], Path("/")) == [Look(Path("/x"))]


def test_folding_keeps_what_no_deep_look_covers() -> None:
    """A name that begins alike is not inside."""
    wanted = [
        Look(ROOT / "a b"),
        Look(ROOT / "a" / "c" / "d", deep=True),
        Look(ROOT / "a"),
        Look(ROOT / "a", deep=True),
        Look(ROOT / "a" / "c"),
        Look(ROOT),
    ]
    assert fold(wanted) == [Look(ROOT), Look(ROOT / "a", deep=True), Look(ROOT / "a b")]
