"""The index worker as a process: what a window asks of it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pypdf
import pytest

from app.library import open_searcher
from app.messages.general import Failed
from app.messages.index import (
    AddPaths,
    AskPassword,
    Files,
    Folders,
    ForgetMissing,
    Found,
    HideFolder,
    Indexing,
    ListFiles,
    OpenLibrary,
    Password,
    Pause,
    RelinkFolder,
    RememberPassword,
    RemoveFolder,
    Search,
    TakeBack,
    Taught,
    Teach,
    UnlockFile,
)
from app.messages.viewer import RenderPage
from app.messages.wire import Message, from_wire, to_wire
from app.paths import Profile
from app.pipes.supervisor import Worker
from indexer.storage import database
from indexer.storage.migrations import MIGRATIONS
from indexer.types import State


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


class Client:
    """Speaks to an index worker."""

    def __init__(self, profile: Profile) -> None:
        profile.create()
        self.worker = Worker([sys.executable, "-m", "app", "--worker", "index"])
        self.send(OpenLibrary(profile.root))

    def send(self, message: Message) -> None:
        self.worker.send(to_wire(message))

    def until(self, condition: Callable[[Any], bool], seconds: float = 60) -> Any:
        """Return the first message that fulfils a condition."""
        end = time.monotonic() + seconds
        others: list[str] = []
        while time.monotonic() < end:
            data = self.worker.receive(end - time.monotonic())
            if data is None:
                continue
            if condition(message := from_wire(data)):
                return message
            others.append(str(message)[:200])
        raise AssertionError(f"the message did not come; the last others: {others[-5:]}")

    def done(self) -> None:
        """Wait until nothing is left to do."""
        self.until(lambda m: isinstance(m, Indexing) and m.files == m.chunks == 0)


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "profile")


@pytest.fixture
def client(profile: Profile) -> Iterator[Client]:
    client = Client(profile)
    yield client
    client.worker.close()


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for n in range(20):
        (folder / f"{n:02}.txt").write_text(f"Document number {n} is about marmots.")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    return folder


def test_a_folder_is_added_indexed_found_and_removed(client: Client, documents: Path) -> None:
    """The whole life of a folder, with its state at each step."""
    client.send(AddPaths("1", (documents,)))
    first = client.until(lambda m: isinstance(m, Folders) and m.id == "1").folders[0]
    assert (first.path, first.files) == (documents, 21)
    last = client.until(
        lambda m: isinstance(m, Folders) and m.chunks == 20 and not m.folders[0].words
    )
    assert (last.folders[0].waiting, last.folders[0].unread) == (0, 1)
    client.send(Search("2", "marmots"))
    found: Found = client.until(lambda m: isinstance(m, Found))
    assert found.id == "2"
    assert "marmots" in found.evidence[0].quote
    client.send(ListFiles("3", (State.FAILED,)))
    files: Files = client.until(lambda m: isinstance(m, Files))
    assert (files.total, files.files[0].path.name) == (1, "broken.pdf")
    client.send(RemoveFolder("4", documents))
    assert client.until(lambda m: isinstance(m, Folders) and m.id == "4").folders == ()
    client.send(Search("5", "marmots"))
    assert client.until(lambda m: isinstance(m, Found) and m.id == "5").hits == ()


def test_the_search_behind_a_lesson_counts_by_it(client: Client, documents: Path) -> None:
    """Whatever the indexing does meanwhile; what cannot be taught is said."""
    client.send(AddPaths("1", (documents,)))
    client.until(lambda m: isinstance(m, Folders) and m.chunks == 20)
    client.send(Search("2", "number marmots", k=20))
    last = client.until(lambda m: isinstance(m, Found)).hits[-1]
    client.send(Teach("3", "number marmots", last.chunk, answers=True))
    client.send(Search("4", "number marmots"))
    lesson = client.until(lambda m: isinstance(m, Taught) and m.id == "3").lesson
    first = client.until(lambda m: isinstance(m, Found) and m.id == "4").hits[0]
    assert (first.chunk, first.taught.lesson) == (last.chunk, lesson)
    client.send(TakeBack("5", lesson))
    client.send(Search("6", "number marmots"))
    assert not client.until(lambda m: isinstance(m, Found) and m.id == "6").hits[0].taught
    client.send(Teach("7", "number marmots", 10**6, answers=False))
    failed = client.until(lambda m: isinstance(m, Failed) and m.id == "7")
    assert "not in the library" in failed.title


def test_what_cannot_be_added_says_why_and_the_rest_is_added(
    client: Client, documents: Path
) -> None:
    """One wrong path of a drop must not cost the others."""
    client.send(AddPaths("1", (documents / "nowhere", documents)))
    failed = client.until(lambda m: isinstance(m, Failed))
    assert failed.id == "1"
    assert "no such folder" in failed.title
    assert client.until(lambda m: isinstance(m, Folders) and m.id == "1").folders


def test_many_single_files_are_one_line_and_leave_together(client: Client, documents: Path) -> None:
    """A drop of many files must not fill the list; a few are shown each by its name."""
    few = tuple(sorted(documents.glob("0*.txt")))[:3]
    client.send(AddPaths("1", few))
    folders = client.until(lambda m: isinstance(m, Folders) and m.id == "1").folders
    assert {folder.path for folder in folders} == set(few)
    client.send(AddPaths("2", tuple(documents.glob("*.txt"))))
    folders = client.until(lambda m: isinstance(m, Folders) and m.id == "2").folders
    assert [(folder.path, folder.files) for folder in folders] == [(None, 20)]
    client.send(RemoveFolder("3", None))
    assert client.until(lambda m: isinstance(m, Folders) and m.id == "3").folders == ()


def test_what_is_hidden_is_not_found_until_it_is_shown_again(
    client: Client, documents: Path
) -> None:
    """As long as it may be taken back; also while the indexing stands still."""
    client.send(AddPaths("1", (documents,)))
    client.until(lambda m: isinstance(m, Folders) and m.id == "1")
    client.done()
    client.send(Pause(paused=True))
    client.send(HideFolder("2", documents))
    assert client.until(lambda m: isinstance(m, Folders) and m.id == "2").folders == ()
    client.send(Search("3", "marmots"))
    assert client.until(lambda m: isinstance(m, Found) and m.id == "3").hits == ()
    client.send(HideFolder("4", documents, hidden=False))
    assert client.until(lambda m: isinstance(m, Folders) and m.id == "4").folders
    client.send(Search("5", "marmots"))
    assert client.until(lambda m: isinstance(m, Found) and m.id == "5").hits


def test_what_was_hidden_when_the_worker_died_is_erased(
    client: Client, documents: Path, profile: Profile
) -> None:
    """Nobody can take it back any more."""

    def stands() -> bool:
        return any(b"marmots" in path.read_bytes() for path in profile.root.glob("library.db*"))

    client.send(AddPaths("1", (documents,)))
    client.until(lambda m: isinstance(m, Folders) and m.id == "1")
    client.done()
    client.send(HideFolder("2", documents))
    client.until(lambda m: isinstance(m, Folders) and m.id == "2")
    client.worker.kill()
    assert stands()
    with closing(Client(profile).worker) as worker:
        wait_until(lambda: not stands())
        assert worker.alive


def test_a_moved_folder_is_linked_again(
    client: Client, documents: Path, profile: Profile, tmp_path: Path
) -> None:
    """What it holds is found at its new place; a wrong place is refused."""
    client.send(AddPaths("1", (documents,)))
    client.until(lambda m: isinstance(m, Folders) and m.id == "1")
    client.done()
    new = tmp_path / "moved"
    documents.rename(new)
    client.send(RelinkFolder("2", documents, tmp_path / "profile"))
    assert client.until(lambda m: isinstance(m, Failed)).id == "2"
    client.send(RelinkFolder("3", documents, new))
    folders = client.until(lambda m: isinstance(m, Folders) and m.id == "3").folders
    assert [(folder.path, folder.online) for folder in folders] == [(new, True)]
    client.send(Search("4", "marmots"))
    hits = client.until(lambda m: isinstance(m, Found) and m.id == "4").hits
    assert hits[0].path.parent == new


def test_many_refused_paths_are_a_few_sentences(client: Client, documents: Path) -> None:
    """Whoever drops a thousand vanished files does not want a thousand sentences."""
    client.send(AddPaths("1", tuple(documents / f"gone-{n}" for n in range(50))))
    titles: list[str] = []
    client.until(
        lambda m: (
            (isinstance(m, Folders) and m.id == "1")
            or (isinstance(m, Failed) and titles.append(m.title))
        )
    )
    assert len(titles) == 4
    assert titles[-1] == "47 more could not be added."


def test_a_search_is_answered_while_indexing_is_paused(client: Client, documents: Path) -> None:
    """Pausing stops the work, not the answers; resuming goes on."""
    client.send(Pause(paused=True))
    client.send(AddPaths("1", (documents,)))
    client.until(lambda m: isinstance(m, Folders) and m.id == "1")
    client.send(Search("2", "marmots"))
    assert client.until(lambda m: isinstance(m, Found)).hits == ()
    client.send(Pause(paused=False))
    client.done()
    client.send(Search("3", "marmots"))
    assert client.until(lambda m: isinstance(m, Found) and m.id == "3").hits


def test_a_restart_goes_on_where_a_kill_stopped_it(profile: Profile, documents: Path) -> None:
    """Nothing is asked again, nothing is lost."""
    first = Client(profile)
    first.send(AddPaths("1", (documents,)))
    first.until(lambda m: isinstance(m, Folders) and m.id == "1")
    first.worker.kill()
    second = Client(profile)
    last = second.until(
        lambda m: isinstance(m, Folders) and m.chunks == 20 and not m.folders[0].words
    )
    assert last.folders[0].files == 21
    second.worker.close()


def test_a_library_of_an_older_version_is_searched_from_the_start(
    profile: Profile, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is brought up to date meanwhile; a search that comes too soon waits for that."""
    profile.create()
    with monkeypatch.context() as patched:
        patched.setattr(database, "MIGRATIONS", MIGRATIONS[:1])
        database.open_for_writing(profile.database).close()
    client = Client(profile)
    client.send(Search("1", "marmots"))
    assert client.until(lambda m: isinstance(m, Found | Failed)).id == "1"
    client.send(AddPaths("2", (documents,)))
    client.until(lambda m: isinstance(m, Folders) and m.id == "2")  # from here on they wait
    client.done()
    client.send(Search("3", "marmots"))
    assert client.until(lambda m: isinstance(m, Found) and m.id == "3").hits
    client.worker.close()


def test_a_library_of_an_older_version_is_brought_up_to_date_by_a_search(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that only reads must not fail on it."""
    profile.create()
    with monkeypatch.context() as patched:
        patched.setattr(database, "MIGRATIONS", MIGRATIONS[:1])
        database.open_for_writing(profile.database).close()
    with closing(open_searcher(profile, None)) as searcher:
        assert searcher.search("anything") == []
        assert searcher.folder_states() == ([], 0)


def test_a_second_window_on_one_profile_is_told(client: Client, profile: Profile) -> None:
    """The library has one writer; searching is possible all the same."""
    client.until(lambda m: isinstance(m, Folders))
    second = Client(profile)
    assert "Another Pocket-LLM" in second.until(lambda m: isinstance(m, Failed)).title
    second.send(Search("1", "anything"))
    assert second.until(lambda m: isinstance(m, Found)).hits == ()
    second.worker.close()


def test_a_saved_file_is_found_while_the_library_is_open(client: Client, documents: Path) -> None:
    """Within seconds, and a deleted one is gone."""
    client.send(AddPaths("1", (documents,)))
    client.until(lambda m: isinstance(m, Folders) and m.chunks == 20 and not m.folders[0].words)
    (documents / "new.txt").write_text("The badger digs at night.")
    (documents / "00.txt").unlink()
    client.until(lambda m: isinstance(m, Folders) and m.folders[0].files == 21 and m.chunks == 20)
    client.done()
    client.send(Search("2", "badger"))
    found: Found = client.until(lambda m: isinstance(m, Found))
    assert found.hits[0].path.name == "new.txt"


def test_files_that_went_at_once_are_asked_about(client: Client, tmp_path: Path) -> None:
    """The window is told how many, as soon as it is seen; its answer is taken."""
    documents = tmp_path / "documents"
    (documents / "sub").mkdir(parents=True)
    for n in range(60):
        (documents / "sub" / f"{n}.txt").touch()
    client.send(AddPaths("1", (documents,)))
    client.until(lambda m: isinstance(m, Folders) and m.folders and m.folders[0].files == 60)
    (documents / "sub").rename(tmp_path / "aside")
    client.until(lambda m: isinstance(m, Folders) and m.folders[0].held == 60)
    (tmp_path / "aside").rename(documents / "sub")
    client.until(lambda m: isinstance(m, Folders) and m.folders[0].held == 0)
    (documents / "sub").rename(tmp_path / "aside")
    client.until(lambda m: isinstance(m, Folders) and m.folders[0].held == 60)
    client.send(ForgetMissing("2", documents))
    told: Folders = client.until(lambda m: isinstance(m, Folders) and m.id == "2")
    assert told.folders[0].files == told.folders[0].held == 0


def test_an_encrypted_file_is_unlocked(client: Client, tmp_path: Path) -> None:
    """A wrong password is told; the right one reads the file."""
    path = tmp_path / "locked" / "a.pdf"
    path.parent.mkdir()
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("sésame", algorithm="AES-256")
    writer.write(path)
    client.send(AddPaths("1", (path.parent,)))
    client.until(lambda m: isinstance(m, Folders) and m.folders and m.folders[0].unread == 1)
    client.send(UnlockFile("2", path, "another", keep=False))
    told = client.until(lambda m: isinstance(m, Failed))
    assert told.title == "a.pdf: This password does not open the file."
    client.send(UnlockFile("3", path, "sésame", keep=False))
    client.until(lambda m: isinstance(m, Folders) and m.id == "3")  # from here on it waits
    client.until(
        lambda m: isinstance(m, Folders) and m.folders[0].unread == m.folders[0].waiting == 0
    )
    client.send(AskPassword("4", path))
    assert client.until(lambda m: isinstance(m, Password)) == Password("4", "sésame")
    client.send(RememberPassword(path, "another", keep=False))
    client.send(AskPassword("5", path))
    assert client.until(lambda m: isinstance(m, Password)) == Password("5", "another")
    for message in (
        UnlockFile("3", path, "sésame", keep=False),
        RememberPassword(path, "sésame", keep=False),
        Password("4", "sésame"),
        RenderPage("5", path, 1, 100, "", "sésame"),
    ):
        assert "same" not in repr(message)
