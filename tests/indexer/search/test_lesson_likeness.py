"""How like a question is to one that was taught: by its meaning and by its words."""

from __future__ import annotations

from contextlib import closing

import pytest

from indexer.lessons.teaching import teacher
from indexer.search.lessons import Lessons
from indexer.search.ranking import lesson_strength
from indexer.search.vocabulary import Vocabulary
from indexer.storage.database import open_for_reading
from indexer.types import Mode
from tests.indexer.conftest import BagOfWords, Library


def test_the_same_question_counts_whole() -> None:
    """Whatever it is compared by; what is like it by half counts nothing."""
    assert lesson_strength(1.0, 1.0) == pytest.approx(1.0)
    assert lesson_strength(1.0, None) == lesson_strength(None, 1.0) == 1.0
    assert lesson_strength(0.5, None) == lesson_strength(None, 0.5) == 0.0
    assert lesson_strength(0.4, 0.4) == 0.0


def test_two_witnesses_count_more_than_one() -> None:
    assert lesson_strength(0.7, 0.7) > lesson_strength(0.7, None)
    assert lesson_strength(0.7, 0.0) < lesson_strength(0.7, None)


def test_signs_and_letters_share_no_words(library: Library) -> None:
    """A question in another script is compared by its meaning alone."""
    library.embedder = BagOfWords()
    library.embedder.reads_cjk = True
    library.write("marmots.txt", "The marmot sleeps in winter.")
    library.sync()
    chunk = library.search("marmot", mode=Mode.WORDS)[0].chunk
    with teacher(library.database, library.embedder) as owner:
        chinese = owner.answers("谁在冬天睡觉？", chunk)
        english = owner.answers("Who sleeps all winter?", chunk)
    with closing(open_for_reading(library.database)) as db:
        lessons = Lessons(db, Vocabulary(db))
        by_words = lessons.likeness_in_words("Who sleeps in winter?", [chinese, english])
        assert set(by_words) == {english}
        assert 0 < by_words[english] <= 1
        assert set(lessons.likeness_in_words("冬天", [chinese, english])) == {chinese}
