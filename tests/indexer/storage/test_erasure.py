"""What was taken out is in no byte of the profile, whatever happened in between."""

from __future__ import annotations

import hashlib
import os
import random
import re
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from indexer.errors import IndexerError
from indexer.search.searcher import Searcher
from indexer.storage.chats import append_turn, delete_chats, list_chats, load_chat, rename_chat
from indexer.storage.database import open_for_reading
from indexer.storage.store import Store
from indexer.types import Mode, Scope

if TYPE_CHECKING:
    from tests.indexer.conftest import Library

CANARIES = [f"qz{hashlib.sha256(bytes([n])).hexdigest()[:9]}" for n in range(200)]
_VOCABULARY = [f"word{n}" for n in range(3000)]


def traces(root: Path, words: str = "qz[0-9a-f]{9}") -> set[str]:
    """Return what stands in any file below a folder, in UTF-8 or UTF-16, in its bytes or name."""
    found: set[str] = set()
    for path in root.rglob("*"):
        data = os.fsencode(path.name) + (path.read_bytes() if path.is_file() else b"")
        # Without the zeros of UTF-16, its letters stand as those of UTF-8.
        for text in (data, data.replace(b"\0", b"")):
            found |= {word.decode() for word in re.findall(words.encode(), text)}
    return found


def fill(library: Library, files: int = 100) -> Path:
    """Index files of which every other one names canaries; return the folder of those."""
    chance = random.Random(7)  # noqa: S311 -- the same files each time
    secret = library.documents / "secret"
    waiting = iter(CANARIES)
    for n in range(files):
        words = [chance.choice(_VOCABULARY) for _ in range(chance.randint(30, 700))]
        name = f"plain/{n}.md"
        if n % 2:
            own = [next(waiting, "") for _ in range(4)]
            for word in own * 2:
                words.insert(chance.randrange(len(words)), word)
            name = f"secret/{n} {own[0]}.md"
            words.insert(0, f"# {own[1]}\n\n")
        library.write(name, " ".join(words))
    with closing(library.engine()) as engine:
        for folder in (library.documents / "plain", secret):
            engine.reconcile(engine.add(folder))
        while engine.step() is not None:
            pass
    for n in range(0, 20, 2):
        question, answer = CANARIES[n : n + 2]
        append_turn(library.database, f"chat{n}", f"Who is {question}?", f"It is {answer}.", [])
    return secret


@pytest.fixture
def secret(library: Library) -> Path:
    folder = fill(library)
    assert traces(library.root) >= set(CANARIES)
    (library.root / "library.db.before-3").write_text(CANARIES[0])
    return folder


def test_two_hundred_canaries_leave_no_byte(library: Library, secret: Path) -> None:
    """Documents, names, headings, vectors, conversations, and copies of older libraries."""
    with closing(library.engine()) as engine:
        engine.remove(secret)
        while engine.erase():
            pass
        assert not engine.store.is_erasing
        delete_chats(library.database, [chat.id for chat in list_chats(library.database)])
        assert traces(library.root) == set()
    assert traces(library.root) == set()
    assert library.search("word7")
    with closing(open_for_reading(library.database)) as db:
        assert db.execute("PRAGMA integrity_check").get == "ok"
        for table in ("chunk_words", "document_words"):
            count = f"SELECT count(*) FROM temp.{'document_' * (table[0] == 'd')}vocabulary"
            assert db.execute(f"{count} WHERE term = 'erased'").get == 0


_REMOVER = """
import sys
from pathlib import Path
from indexer.engine import Engine
from indexer.reading.pool import ReaderPool
engine = Engine(Path(sys.argv[1]), Path(sys.argv[1]).parent, ReaderPool(lambda inbox: None))
print("ready", flush=True)
engine.remove(Path(sys.argv[2]))
while engine.erase():
    pass
print("done", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
@pytest.mark.parametrize("share", [0.2, 0.7])
def test_a_kill_in_between_ends_in_erasing_at_the_next_start(
    library: Library, secret: Path, share: float
) -> None:
    """Whatever was done of it, the next start does the rest."""
    process = subprocess.Popen(
        [sys.executable, "-c", _REMOVER, str(library.database), str(secret)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "ready\n"
        time.sleep(share * 0.3)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with closing(library.engine()) as engine:
        removed = secret not in [folder.path for folder in engine.store.folders()]
    if removed:
        assert traces(library.root) <= set(CANARIES[:20]), "more than what conversations hold"
    assert library.search("word7")


def test_what_is_hidden_is_shown_nowhere_and_can_be_shown_again(library: Library) -> None:
    """Search, lists and counts say nothing of it; taking it back is one update."""
    library.write("secret/a.txt", "The marmot sleeps in winter.")
    library.write("plain/b.txt", "The marmot sleeps in a burrow.")
    secret, plain = library.documents / "secret", library.documents / "plain"
    with closing(library.engine()) as engine:
        for folder in (secret, plain):
            engine.reconcile(engine.add(folder))
        while engine.step() is not None:
            pass
        engine.hide(secret)
        assert [folder.path for folder in engine.store.folders()] == [plain]
        assert [state.path for state in engine.store.folder_states()[0]] == [plain]
        for mode in Mode:
            assert {hit.path.name for hit in library.search("marmot", mode=mode)} == {"b.txt"}
        assert library.search("marmot", scope=Scope(paths=(secret,))) == []
        assert set(library.ledger()) == {"b.txt"}
        with closing(Searcher(library.database, library.root, library.embedder)) as searcher:
            assert searcher.coverage().files == 1
            assert searcher.files((), None, 0, 9)[1] == 1
            assert len(searcher.folder_states()[0]) == 1
        engine.hide(secret, hidden=False)
        assert {hit.path.name for hit in library.search("marmot")} == {"a.txt", "b.txt"}


def test_what_was_hidden_when_the_program_ended_is_erased(library: Library) -> None:
    """Nobody is there to take it back; a folder that is added again is."""
    library.write("a.txt", "The marmot is zygomorphic.")
    library.sync()
    with closing(library.engine()) as engine:
        engine.hide(library.documents)
        engine.add(library.documents)
    with closing(library.engine()) as engine:
        assert engine.store.folders()
        engine.hide(library.documents)
    with closing(library.engine()) as engine:
        assert not engine.store.folders()
    assert traces(library.root, "zygomorphic") == set()


def test_only_a_folder_of_the_library_is_hidden(library: Library, tmp_path: Path) -> None:
    """Anything else is said to be none."""
    with closing(library.engine()) as engine, pytest.raises(IndexerError, match="not a folder"):
        engine.hide(tmp_path)


def test_a_search_in_the_way_delays_the_last_of_it(library: Library) -> None:
    """What it reads may stay as long as it reads; then it goes."""
    library.write("a.txt", "The marmot is zygomorphic.")
    library.sync()
    with closing(library.engine()) as engine:
        with closing(open_for_reading(library.database)) as db:
            reading = db.execute("SELECT * FROM pages")
            next(reading)
            engine.remove(library.documents)
            while engine.erase():
                pass
            assert engine.store.is_erasing
        assert not engine.erase()
        assert not engine.store.is_erasing
    assert traces(library.root, "zygomorphic") == set()


def test_a_copy_made_before_a_migration_is_kept_for_a_week(library: Library) -> None:
    """Then the new schema has proved good, and nothing that is deleted may stand there."""
    Store(library.database).close()
    young, old = (library.root / f"library.db.before-{n}" for n in (4, 5))
    for path in (young, old):
        path.write_text("an older library")
    os.utime(old, (time.time() - 8 * 86400,) * 2)
    library.engine().close()
    assert young.exists()
    assert not old.exists()


def test_conversations_are_listed_renamed_and_deleted(library: Library) -> None:
    """The others stay."""
    for chat in ("one", "two"):
        append_turn(library.database, chat, f"Question of {chat}", "An answer.", [])
    append_turn(library.database, "one", "And further?", "Another answer.", [])
    assert [(chat.id, chat.turns) for chat in list_chats(library.database)] == [
        ("one", 2),
        ("two", 1),
    ]
    assert rename_chat(library.database, "two", "Of marmots")
    assert not rename_chat(library.database, "three", "Of nothing")
    assert list_chats(library.database)[1].title == "Of marmots"
    assert delete_chats(library.database, ["one"])
    assert not delete_chats(library.database, ["one"])
    assert load_chat(library.database, "one") is None
    assert [chat.id for chat in list_chats(library.database)] == ["two"]
