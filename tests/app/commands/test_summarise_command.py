"""`summarise` as it is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import run


def test_a_document_is_summarised_with_its_pages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line for each section, then how much of it that is."""
    monkeypatch.chdir(tmp_path)
    profile = ["--profile", str(tmp_path / "p"), "--quiet"]
    line = "The dam holds back the water of the river for the mill and its wheel. "
    (tmp_path / "a.md").write_text(f"# Dam\n\n{line * 20}\n\n# Price\n\n{line * 20}\n")
    assert run([*profile, "add", "a.md", "--words-only"]) == 0
    capsys.readouterr()
    assert run([*profile, "--json", "summarise", "a.md"]) == 0
    *sections, summary = map(json.loads, capsys.readouterr().out.splitlines())
    assert [section["heading"] for section in sections] == ["Dam", "Price"]
    assert all(section["sentences"] for section in sections)
    assert summary["sections"] == 2
    assert summary["sentences"] < summary["of"]
    assert run([*profile, "summarise", "none.md"]) == 1


@pytest.mark.slow
def test_what_a_model_wrote_is_written_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sentence says whether the section supports it; the second time none is started."""
    monkeypatch.chdir(tmp_path)
    profile = ["--profile", str(tmp_path / "p"), "--quiet"]
    (tmp_path / "a.md").write_text("# Dam\n\nThe dam holds back the water of the river Eider.\n")
    assert run([*profile, "add", "a.md", "--words-only"]) == 0
    capsys.readouterr()
    assert run([*profile, "--json", "summarise", "a.md", "--model"]) == 0
    progress, first, _ = map(json.loads, capsys.readouterr().out.splitlines())
    assert progress["type"] == "progress"
    assert first["written"]
    assert not first["kept"]
    monkeypatch.setattr("app.commands.summarise.LlmProcess", None)
    assert run([*profile, "--json", "summarise", "a.md", "--model"]) == 0
    second = json.loads(capsys.readouterr().out.splitlines()[0])
    assert second["kept"]
    assert second["written"] == first["written"]
