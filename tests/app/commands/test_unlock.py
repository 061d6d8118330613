"""`unlock` and the key store."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keyring
import keyring.errors
import pypdf
import pytest
from fake_store import FakeStore

from app.cli import run
from app.keys import passwords
from app.paths import Profile
from indexer.errors import IndexerError


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> FakeStore:
    """Return the system's key store of this test."""
    store = FakeStore()
    monkeypatch.setattr(keyring, "get_keyring", lambda: store)
    return store


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """Return an empty profile."""
    profile = Profile(tmp_path / "profile")
    profile.create()
    return profile


def test_kept_and_found_again(store: FakeStore, profile: Profile, tmp_path: Path):
    """For that file only; for others no key store is opened; the settings name neither."""
    passwords.keep(profile, tmp_path / "a.pdf", "sésame")
    assert passwords.password_of(profile, tmp_path / "a.pdf") == "sésame"
    assert passwords.password_of(profile, tmp_path / "b.pdf") is None
    assert store.asked == 1
    text = profile.settings.read_text()
    assert "a.pdf" not in text
    assert "same" not in text


def test_a_folder_that_is_removed_takes_its_passwords_along(
    store: FakeStore, profile: Profile, tmp_path: Path
):
    """Those of its files, and no others."""
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("The marmot sleeps.")
        passwords.keep(profile, tmp_path / name / "a.txt", f"sésame {name}")
        run(["--profile", str(profile.root), "add", "--words-only", str(tmp_path / name)])
    assert run(["--profile", str(profile.root), "remove", str(tmp_path / "in")]) == 0
    assert list(store.kept.values()) == ["sésame out"]
    assert passwords.password_of(profile, tmp_path / "in" / "a.txt") is None
    assert passwords.password_of(profile, tmp_path / "out" / "a.txt") == "sésame out"


@pytest.mark.parametrize("priority", [0, 0.5])
def test_no_key_store_is_better_than_a_plain_one(
    store: FakeStore, profile: Profile, tmp_path: Path, priority: float
):
    """What would write plain text, or nothing, is said not to be there."""
    store.priority = priority
    with pytest.raises(IndexerError, match="no key store"):
        passwords.keep(profile, tmp_path / "a.pdf", "x")
    assert store.kept == {}


def test_a_key_store_may_refuse(monkeypatch: pytest.MonkeyPatch, profile: Profile, tmp_path: Path):
    """A locked one is as none."""

    def refuse(*_: Any) -> None:
        raise keyring.errors.KeyringLocked

    locked = SimpleNamespace(priority=5, get_password=refuse, set_password=refuse)
    monkeypatch.setattr(keyring, "get_keyring", lambda: locked)
    with pytest.raises(IndexerError, match="no key store"):
        passwords.keep(profile, tmp_path / "a.pdf", "x")


@pytest.fixture
def unlock(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a function that unlocks a file with what is typed."""

    def unlock(path: Path, password: str, *options: str) -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        return run(["--profile", str(profile.root), "unlock", str(path), *options])

    return unlock


def test_a_file_is_unlocked(
    unlock: Any, profile: Profile, store: FakeStore, tmp_path: Path, capsys: Any
):
    """A wrong password says so; the right one reads it, and is kept if that is wanted."""
    path = tmp_path / "documents" / "a.pdf"
    path.parent.mkdir()
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("sésame", algorithm="AES-256")
    writer.write(path)
    run(["--profile", str(profile.root), "--quiet", "add", str(path.parent), "--words-only"])
    assert unlock(path, "another", "--keep") == 1
    assert "does not open" in capsys.readouterr().err
    assert store.kept == {}
    assert unlock(path, "sésame", "--keep") == 0
    assert list(store.kept.values()) == ["sésame"]
    assert unlock(path, "sésame") == 1
    assert unlock(tmp_path / "nothing.pdf", "x") == 1


def test_only_what_waits_for_a_password_is_asked_for_one(
    unlock: Any, profile: Profile, tmp_path: Path, capsys: Any
):
    """A damaged file, and a folder, say what they are instead."""
    path = tmp_path / "documents" / "a.pdf"
    path.parent.mkdir()
    path.write_bytes(b"%PDF-1.4 and no more")
    run(["--profile", str(profile.root), "--quiet", "add", str(path.parent), "--words-only"])
    assert unlock(path, "x") == 1
    assert "does not wait for a password. This PDF is damaged." in capsys.readouterr().err
    assert unlock(path.parent, "x") == 1
    assert "no file of the library" in capsys.readouterr().err
