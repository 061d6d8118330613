"""`compare` as it is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import run


def _sheet(rows: tuple[tuple[object, ...], ...]) -> str:
    """Return a flat OpenDocument sheet."""
    kinds = "urn:oasis:names:tc:opendocument:xmlns"
    lines = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in rows
    )
    return (
        f'<?xml version="1.0"?><office:document xmlns:office="{kinds}:office:1.0"'
        f' xmlns:table="{kinds}:table:1.0" xmlns:text="{kinds}:text:1.0"'
        ' office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body>'
        f'<office:spreadsheet><table:table table:name="Ships">{lines}</table:table>'
        "</office:spreadsheet></office:body></office:document>"
    )


def test_two_versions_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line for each change, then their numbers; a file that was not read has no text."""
    monkeypatch.chdir(tmp_path)
    profile = ["--profile", str(tmp_path / "p"), "--quiet"]
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "old.txt").write_text("The rent is 900 EUR.\n\nPets are allowed.\n")
    (folder / "new.txt").write_text("The rent is 950 EUR.\n\nPets are allowed.\n")
    assert run([*profile, "add", "documents", "--words-only"]) == 0
    capsys.readouterr()
    assert run([*profile, "--json", "compare", "documents/old.txt", "documents/new.txt"]) == 0
    change, compared = map(json.loads, capsys.readouterr().out.splitlines())
    assert change["values"] == [{"old": "900", "new": "950"}]
    assert change["old"]["text"] == "The rent is 900 EUR."
    assert (compared["changed"], compared["same"], compared["values"]) == (1, 1, 1)
    assert run([*profile, "compare", "documents/old.txt", "documents/new.txt"]) == 0
    assert "900 → 950" in capsys.readouterr().out
    assert run([*profile, "compare", "documents/old.txt", "documents/none.txt"]) == 1
    assert "This file is not in the library" in capsys.readouterr().err


def test_spreadsheets_are_compared_by_their_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sheet is no sentence; what has no text says why, and a folder that it is one."""
    monkeypatch.chdir(tmp_path)
    profile = ["--profile", str(tmp_path / "p"), "--quiet"]
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, tons in (("old", 500), ("new", 555)):
        rows = (("Ship", "Tons"), ("Anna", 900), ("Berta", tons), ("Clara", 70))
        (folder / f"{name}.fods").write_text(_sheet(rows))
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    assert run([*profile, "add", "documents", "--words-only"]) == 0
    capsys.readouterr()
    assert run([*profile, "--json", "compare", "documents/old.fods", "documents/new.fods"]) == 0
    change, compared = map(json.loads, capsys.readouterr().out.splitlines())
    assert change["values"] == [{"old": "500", "new": "555"}]
    assert "Anna" not in change["old"]["text"]
    assert compared["changed"] == 1
    assert run([*profile, "compare", "documents/old.fods", "documents/broken.pdf"]) == 1
    assert "This PDF is damaged" in capsys.readouterr().err
    assert run([*profile, "compare", "documents", "documents/new.fods"]) == 1
    assert "This is a folder." in capsys.readouterr().err
