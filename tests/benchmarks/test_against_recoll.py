"""The comparison with Recoll: its files, our half, and what it says where there is no Recoll."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from app.paths import Profile
from benchmarks import against_recoll
from indexer.storage.database import open_for_reading


def test_paragraphs_become_files(tmp_path: Path) -> None:
    """Short ones say nothing; there are as many as were asked for."""
    source = tmp_path / "source"
    source.mkdir()
    long = "The ships of the harbour come and go with the tide, day and night. " * 2
    (source / "a.md").write_text(f"# Title\n\n{long}\n\n{long}2\n\n{long}3", "utf-8")
    (source / "b.pdf").write_bytes(b"%PDF")
    assert against_recoll.write_files(source, tmp_path / "files", 2) == 2
    written = sorted(path.name for path in (tmp_path / "files").rglob("*.txt"))
    assert written == ["note 0.txt", "note 1.txt"]


def test_files_become_searchable_by_word(tmp_path: Path) -> None:
    """Every one of them, as after `add`."""
    (tmp_path / "files").mkdir()
    for name in ("a", "b"):
        (tmp_path / "files" / f"{name}.txt").write_text(f"harbour {name}", "utf-8")
    profile = Profile(tmp_path / "profile")
    against_recoll.index_words(tmp_path / "files", profile)
    with closing(open_for_reading(profile.database)) as db:
        found = db.execute("SELECT count(*) FROM chunk_words WHERE chunk_words MATCH 'harbour'")
        assert found.get == 2


def test_without_recoll_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is measured then."""
    monkeypatch.setattr(against_recoll.shutil, "which", lambda _: None)
    assert against_recoll.main([str(tmp_path)]) == 1
    assert "recollcmd" in capsys.readouterr().out
