"""`encrypt` as it is called, and an encrypted library as a window opens it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import keyring
import pytest
from fake_store import FakeStore

from app.cli import run
from app.messages.general import Failed
from app.messages.index import (
    DecryptLibrary,
    Encryption,
    EncryptLibrary,
    Folders,
    Found,
    Locked,
    OpenLibrary,
    Search,
    Unlock,
)
from app.messages.wire import Message, from_wire, to_wire
from app.paths import Profile
from app.pipes.supervisor import Worker
from indexer.storage import encryption, key_file
from indexer.storage.encryption import is_encrypted

_Call = Callable[..., tuple[int, list[dict[str, Any]]]]
WORDS = "four words of a dinner"


@pytest.fixture(autouse=True)
def as_a_new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know no key at the beginning, and make a guess cheap."""
    monkeypatch.setattr(encryption, "_used", {})
    monkeypatch.setattr(encryption, "_sources", [])
    monkeypatch.setattr(key_file, "_N", 2**4)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> FakeStore:
    """Return the system's key store of this test."""
    store = FakeStore()
    monkeypatch.setattr(keyring, "get_keyring", lambda: store)
    return store


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "p")


@pytest.fixture
def call(
    tmp_path: Path,
    profile: Profile,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> _Call:
    """Return a function that runs a command as a process of its own would; its errors stay."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words").write_text(f"{WORDS}\n")
    (tmp_path / "others").write_text("another passphrase\n")
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.txt").write_text("The marmotcanary sleeps in winter.")

    def call(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
        encryption._used.clear()
        status = run(["--profile", str(profile.root), "--json", "--quiet", *arguments])
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return status, [line for line in lines if line["type"] != "progress"]

    return call


def canaries(profile: Profile) -> list[Path]:
    return [path for path in profile.root.rglob("*") if path.is_file()
            and b"marmotcanary" in path.read_bytes().lower()]  # fmt: skip


def test_the_key_store_opens_it_until_it_is_plain_again(
    call: _Call, store: FakeStore, profile: Profile
) -> None:
    assert call("add", "documents", "--words-only")[0] == 0
    assert call("encrypt") == (0, [{"type": "encryption", "encrypted": False}])
    assert canaries(profile)
    on = call("encrypt", "on", "--new-passphrase-file", "words")
    assert on == (0, [{"type": "encryption", "encrypted": True, "key": "store", "plain": []}])
    assert not canaries(profile)
    assert WORDS not in str(store.kept)
    assert call("encrypt", "on", "--new-passphrase-file", "words")[0] == 1, "it is already"
    assert len(call("search", "marmotcanary", "--mode", "words")[1]) == 2
    assert call("encrypt", "off") == (0, [{"type": "encryption", "encrypted": False}])
    assert store.kept == {}
    assert call("encrypt", "off")[0] == 1
    assert len(call("search", "marmotcanary", "--mode", "words")[1]) == 2


def test_without_a_terminal_the_file_of_the_new_passphrase_is_asked_for(
    profile: Profile, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its own option: the one before the command opens a library that is encrypted."""
    assert run(["--profile", str(profile.root), "encrypt", "on"]) == 1
    assert "with --new-passphrase-file FILE." in capsys.readouterr().err


def test_the_passphrase_opens_it_where_there_is_no_key_store(call: _Call, tmp_path: Path) -> None:
    """Out of a file, or from the terminal; the library of an owner who asked for that, too."""
    assert call("encrypt", "on", "--new-passphrase-file", "words")[1][-1]["key"] == "passphrase"
    assert call("status")[0] == 1, "nobody is there to be asked"
    assert call("--passphrase-file", "others", "status")[0] == 1
    assert call("--passphrase-file", "missing", "status")[0] == 1
    assert call("--passphrase-file", "words", "add", "documents", "--words-only")[0] == 0
    assert call("--passphrase-file", "words", "status")[1][-1]["files"]["words"] == 1
    changed = ("encrypt", "passphrase", "--new-passphrase-file", "others")
    assert call("--passphrase-file", "words", *changed)[0] == 0
    assert call("--passphrase-file", "words", "status")[0] == 1
    assert call("--passphrase-file", "others", "encrypt", "off")[0] == 0
    assert call("status")[0] == 0


def test_it_is_asked_for_on_the_terminal(
    call: _Call, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twice when it is new, three times when it is wrong; and what is too short is refused."""
    typed: list[str] = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: typed.pop(0))
    typed[:] = [WORDS, "something else"]
    assert call("encrypt", "on", "--ask")[0] == 1
    for weak in ("short", "aaaaaaaaaaaa"):
        typed[:] = [weak, weak]
        assert call("encrypt", "on", "--ask")[0] == 1
    assert call("encrypt")[1][-1]["encrypted"] is False
    typed[:] = [WORDS, WORDS]
    assert call("encrypt", "on", "--ask")[0] == 0
    typed[:] = ["wrong", "wrong", WORDS]
    assert call("status")[0] == 0
    typed[:] = ["wrong", "wrong", "wrong"]
    assert call("status")[0] == 1
    assert typed == []


def test_a_backup_of_it_is_restored_by_its_passphrase(call: _Call, profile: Profile) -> None:
    """On another machine, where no key store knows it; and a plain one makes a library plain."""
    assert call("add", "documents", "--words-only")[0] == 0
    assert call("backup", "plain.backup")[0] == 0
    assert call("encrypt", "on", "--new-passphrase-file", "words")[0] == 0
    assert call("--passphrase-file", "words", "backup", "encrypted.backup")[0] == 0
    profile.root.rename(profile.root.with_name("old"))
    assert call("restore", "encrypted.backup")[0] == 1
    assert call("--passphrase-file", "others", "restore", "encrypted.backup")[0] == 1
    assert not is_encrypted(profile.database)
    assert call("--passphrase-file", "words", "restore", "encrypted.backup")[0] == 0
    assert len(call("--passphrase-file", "words", "search", "marmotcanary")[1]) == 2
    assert not canaries(profile)
    # Whoever has forgotten the passphrase has what an older backup holds.
    assert call("restore", "plain.backup")[0] == 0
    assert len(call("search", "marmotcanary")[1]) == 2


class Window:
    """Speaks to an index worker, which has no key store to ask."""

    def __init__(self, first: Message) -> None:
        self.worker = Worker([sys.executable, "-m", "app", "--worker", "index"])
        self.send(first)

    def send(self, message: Message) -> None:
        self.worker.send(to_wire(message))

    def until(self, kind: type[Message]) -> Any:
        """Return the next message of a kind."""
        end = time.monotonic() + 30
        while (data := self.worker.receive(end - time.monotonic())) is not None:
            if isinstance(message := from_wire(data), kind):
                return message
        raise AssertionError("the message did not come")


@pytest.fixture
def open_window() -> Iterator[Callable[[Message], Window]]:
    windows: list[Window] = []

    def open_window(first: Message) -> Window:
        for earlier in windows:
            earlier.worker.close()
        windows.append(Window(first))
        return windows[-1]

    yield open_window
    for window in windows:
        window.worker.close()


def test_a_window_encrypts_unlocks_and_decrypts(
    call: _Call, profile: Profile, open_window: Callable[[Message], Window]
) -> None:
    """What it was asked while it was locked is answered when it is open."""
    assert call("add", "documents", "--words-only")[0] == 0
    window = open_window(EncryptLibrary(profile.root, WORDS, keep=True))
    assert "key store" in window.until(Failed).title
    assert window.until(Encryption) == Encryption(encrypted=True, kept=False)
    window.until(Folders)

    window = open_window(OpenLibrary(profile.root))
    assert window.until(Locked) == Locked(wrong=False)
    window.send(Search("s", "marmotcanary"))
    window.send(Unlock("wrong", keep=False))
    assert window.until(Locked) == Locked(wrong=True)
    window.send(Unlock(WORDS, keep=False))
    assert window.until(Encryption).encrypted
    assert len(window.until(Found).hits) == 1
    assert not canaries(profile)

    window = open_window(DecryptLibrary(profile.root))
    window.until(Locked)
    window.send(Unlock(WORDS, keep=False))
    assert window.until(Encryption) == Encryption(encrypted=False, kept=False)
    window.until(Folders)
    assert canaries(profile)


def test_a_locked_library_ends_with_its_window(
    call: _Call, profile: Profile, open_window: Callable[[Message], Window]
) -> None:
    assert call("encrypt", "on", "--new-passphrase-file", "words")[0] == 0
    with closing(open_window(OpenLibrary(profile.root)).worker) as worker:
        end = time.monotonic() + 30
        while (data := worker.receive(end - time.monotonic())) is not None:
            if isinstance(from_wire(data), Locked):
                break
    assert not worker.alive
