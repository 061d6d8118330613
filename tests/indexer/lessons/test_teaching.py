"""Lessons: what was taught counts at once, and holds on whatever happens to its file."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from indexer.errors import IndexerError
from indexer.lessons.teaching import teacher
from indexer.search.searcher import Searcher
from indexer.storage.backup import back_up
from indexer.storage.database import open_for_reading
from indexer.storage.lessons import Lesson, all_lessons, chunks_at
from indexer.storage.restoring import restore
from indexer.types import Hit, Mode, Scope
from tests.indexer.conftest import BagOfWords, Library

_QUESTION = "Who keeps the harbour light burning?"
_KEEPER = "Old Marit climbs the tower each evening with a can of oil."
_DECOY = "The harbour light is burning; whoever keeps the harbour sees the light burning."
# A passage that fills a chunk, between others that do.
_PASSAGE = " ".join([_KEEPER, *(f"She counts step {n} of the stairs aloud." for n in range(12))])
_CALM = " ".join(f"On day {n} of that long year the sea was calm." for n in range(12))
_FOG = " ".join(f"In week {n} the fog lay on the water all day." for n in range(12))


def fill(library: Library) -> Library:
    """Write and read files of which the words of the question stand in the wrong ones."""
    library.write("marit.md", f"{_CALM}\n\n{_PASSAGE}\n\n{_FOG}\n")
    for number in range(6):
        library.write(f"decoy{number}.md", f"{_DECOY} Log {number}.\n")
    library.sync()
    return library


@pytest.fixture
def changing(library: Library) -> Library:
    """Return a library whose documents may be changed."""
    return fill(library)


@pytest.fixture(scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Return a library to be copied; its documents stay as they are."""
    root = tmp_path_factory.mktemp("harbour")
    for name in ("profile", "documents"):
        (root / name).mkdir()
    return fill(Library(root / "profile", root / "documents", BagOfWords()))


@pytest.fixture
def harbour(read_once: Library, tmp_path: Path) -> Library:
    """Return a library of its own on the same documents."""
    shutil.copytree(read_once.root, tmp_path / "profile")
    return Library(tmp_path / "profile", read_once.documents, BagOfWords())


def chunk_with(library: Library, text: str) -> int:
    """Return the chunk that holds a text."""
    with closing(open_for_reading(library.database)) as db:
        return int(
            db.execute(
                "SELECT chunks.id FROM chunks JOIN pages ON pages.id = page_id "
                "WHERE instr(substr(text, start + 1, end - start), ?)",
                (text,),
            ).get
        )


def teach(library: Library, text: str = _KEEPER, question: str = _QUESTION) -> int:
    """Teach that the chunk with a text answers a question."""
    with teacher(library.database, library.embedder) as owner:
        return owner.answers(question, chunk_with(library, text))


def lessons(library: Library) -> list[Lesson]:
    with closing(open_for_reading(library.database)) as db:
        return list(all_lessons(db))


def first(library: Library, question: str = _QUESTION, mode: Mode = Mode.HYBRID) -> Hit:
    return library.search(question, mode=mode)[0]


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.WORDS])
def test_what_was_taught_is_first_in_the_next_search(harbour: Library, mode: Mode) -> None:
    """Of a searcher that is open already; the hit says why; taken back, all is as it was."""
    with closing(Searcher(harbour.database, harbour.root, harbour.embedder)) as searcher:
        before = searcher.search(_QUESTION, mode=mode)
        assert _KEEPER not in before[0].text
        lesson = teach(harbour)
        hit = searcher.search(_QUESTION, mode=mode)[0]
        assert _KEEPER in hit.text
        assert hit.taught is not None
        assert (hit.taught.lesson, hit.taught.question) == (lesson, _QUESTION)
        like = searcher.search("And who keeps the harbour light burning?", mode=mode)[0]
        assert _KEEPER in like.text
        assert not searcher.search("calm sea", mode=mode)[0].taught
        assert searcher.search(_QUESTION, mode=mode, lessons=False) == before
        with teacher(harbour.database, None) as owner:
            assert owner.forget([lesson])
            assert not owner.forget([lesson])
        assert searcher.search(_QUESTION, mode=mode) == before


def test_what_was_refused_is_not_shown_again_for_that_question(harbour: Library) -> None:
    """Other questions still find it."""
    refused = first(harbour)
    with teacher(harbour.database, harbour.embedder) as owner:
        owner.answers_not(_QUESTION, refused.chunk)
    assert first(harbour).path != refused.path
    assert harbour.search(_QUESTION)[-1].path == refused.path
    assert first(harbour).taught is None
    number = refused.path.stem[-1]
    assert first(harbour, f"log {number}").path == refused.path


def test_the_last_of_two_contrary_lessons_counts(harbour: Library) -> None:
    """Taking it back brings the other one into force; teaching twice is teaching once."""
    chunk = chunk_with(harbour, _KEEPER)
    with teacher(harbour.database, harbour.embedder) as owner:
        yes = owner.answers(_QUESTION, chunk)
        assert owner.answers(f"  {_QUESTION.upper()} ", chunk) == yes
        no = owner.answers_not(_QUESTION, chunk)
        assert _KEEPER not in first(harbour).text
        again = owner.answers(_QUESTION, chunk)
        assert _KEEPER in first(harbour).text
        owner.forget([again])
        assert _KEEPER not in first(harbour).text
        owner.forget([no])
        assert _KEEPER in first(harbour).text


def test_a_scope_keeps_taught_passages_out(harbour: Library) -> None:
    """What lies outside of what is searched is no hit, whatever was taught."""
    teach(harbour)
    inside = Scope(paths=(harbour.documents / "decoy1.md",))
    assert {hit.path.name for hit in harbour.search(_QUESTION, scope=inside)} == {"decoy1.md"}


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.WORDS])
def test_a_phrase_means_another(harbour: Library, mode: Mode) -> None:
    """Where a question holds it as words, in any case."""
    assert not harbour.search("blinkenlight", mode=Mode.WORDS)
    with teacher(harbour.database, harbour.embedder) as owner:
        lesson = owner.means("Blinkenlight", "Marit tower oil")
        assert _KEEPER in first(harbour, "How does the blinkenlight work?", mode).text
        assert _KEEPER not in first(harbour, "blinken lights calm sea", mode).text
        owner.forget([lesson])
    assert not harbour.search("blinkenlight", mode=Mode.WORDS)


def test_a_phrase_of_common_words_is_meant_as_it_is_written(harbour: Library) -> None:
    """An abbreviation in capitals is not the little word."""
    with teacher(harbour.database, harbour.embedder) as owner:
        owner.means("IT", "Marit tower oil")
    assert _KEEPER in first(harbour, "Who does the IT here?", Mode.WORDS).text
    assert not harbour.search("is it here?", mode=Mode.WORDS)


def test_chinese_is_taught_by_words(library: Library) -> None:
    """Where the encoder does not read it."""
    library.write("a.txt", "玛丽每天傍晚带着一罐油登上塔楼。\n")
    library.write("b.txt", "港口的灯亮着，谁管港口的灯都看得见。\n")
    library.sync()
    teach(library, "玛丽", "谁管港口的灯？")
    assert first(library, "谁管港口的灯").path.name == "a.txt"
    with closing(open_for_reading(library.database)) as db:
        assert db.execute("SELECT count(*) FROM lesson_vectors").get == 0
    with teacher(library.database, library.embedder) as owner:
        owner.means("守灯人", "玛丽")
    assert first(library, "守灯人是谁？").path.name == "a.txt"


def test_a_lesson_survives_a_move_and_another_cutting(changing: Library) -> None:
    """Bound to the bytes: a rename, and chunks that begin elsewhere, change nothing."""
    teach(changing)
    (changing.documents / "sub").mkdir()
    (changing.documents / "marit.md").rename(changing.documents / "sub" / "renamed.md")
    changing.sync()
    assert first(changing).path.name == "renamed.md"

    class Wordy(BagOfWords):
        def token_offsets(self, text: str):  # type: ignore[no-untyped-def]
            return super().token_offsets(text).repeat(4, axis=0)

    changing.embedder = Wordy("wordy")
    with closing(changing.engine()) as engine:
        engine.store._db.execute("UPDATE contents SET identity = randomblob(32)")
        engine.store._db.execute("UPDATE files SET state = 'waiting'")
    changing.sync()
    assert first(changing).path.name == "renamed.md"


def test_a_lesson_follows_its_passage_into_a_changed_file(changing: Library) -> None:
    """Gone with it, and back when the passage is; the last writing of the file is what counts."""
    file = changing.documents / "marit.md"
    teach(changing)
    file.write_text(f"Short.\n\n{_PASSAGE}\n\n{_FOG}\n", "utf-8")
    changing.sync()
    assert _KEEPER in first(changing).text
    file.write_text("# Tower\n\nNobody keeps it.\n", "utf-8")
    changing.sync()
    assert first(changing).path.name != "marit.md"
    (lesson,) = lessons(changing)
    with closing(open_for_reading(changing.database)) as db:
        assert lesson.place is not None
        assert not chunks_at(db, lesson.place)
    file.write_text("# Tower\n\nNobody keeps it now.\n", "utf-8")
    changing.sync()
    file.write_text(f"{_FOG}\n\nSomebody does.\n\n{_PASSAGE}\n", "utf-8")
    changing.sync()
    assert _KEEPER in first(changing).text


def test_of_two_copies_the_one_that_did_not_change_keeps_the_lesson(changing: Library) -> None:
    """When that goes as well, the passage in the other one has it."""
    copy = changing.write("copy.md", (changing.documents / "marit.md").read_text("utf-8"))
    changing.sync()
    teach(changing)
    (changing.documents / "marit.md").write_text(f"{_FOG}\n\n{_PASSAGE}\n", "utf-8")
    changing.sync()
    assert first(changing).path.name == "copy.md"
    copy.unlink()
    changing.sync()
    assert first(changing).path.name == "marit.md"


def test_another_encoder_embeds_the_questions_again(harbour: Library) -> None:
    """Words serve until then."""
    teach(harbour)
    harbour.embedder = BagOfWords("other", dimensions=32)
    assert _KEEPER in first(harbour).text
    harbour.sync()
    with closing(open_for_reading(harbour.database)) as db:
        assert db.execute("SELECT count(*) FROM lesson_vectors").get == 2
    assert _KEEPER in first(harbour).text


def test_a_backup_holds_the_lessons(harbour: Library, tmp_path: Path) -> None:
    """And a restored library counts by them."""
    teach(harbour)
    list(back_up(harbour.database, {}, tmp_path / "all.backup"))
    with teacher(harbour.database, None) as owner:
        owner.forget([lesson.id for lesson in lessons(harbour)])
    list(restore(tmp_path / "all.backup", harbour.database, {}))
    assert _KEEPER in first(harbour).text


def test_what_cannot_be_taught_is_said(harbour: Library) -> None:
    """A passage that is gone, and what has no word."""
    with teacher(harbour.database, harbour.embedder) as owner:
        with pytest.raises(IndexerError, match="not in the library"):
            owner.answers(_QUESTION, 10**6)
        for empty in ("", " ?! ", "\0"):
            with pytest.raises(IndexerError, match="no word"):
                owner.answers(empty, 1)
            with pytest.raises(IndexerError, match="no word"):
                owner.means("light", empty)
        owner.answers("word " * 10_000, 1)
    assert len(lessons(harbour)[0].text) == 4000
    with closing(open_for_reading(harbour.database)) as db:
        assert _KEEPER.encode() not in repr(db.execute("SELECT * FROM lessons").get).encode()
