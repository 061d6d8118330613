"""Learning from labels: what is told apart, what is abstained from, and what bad input leaves."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from indexer.learning.features import Columns, Document, count_words, word_hash
from indexer.learning.fitting import Example, fit
from indexer.learning.model import PRECISION, Calibration, Kind, Model
from indexer.learning.state import Learned, Stamp, from_bytes, to_bytes

_TOPICS = {
    "ships": "anchor harbour sail captain voyage deck mast tide crew cargo rudder keel",
    "bread": "flour yeast oven dough crust knead loaf rye baker salt crumb rise",
    "stars": "orbit comet telescope planet nova galaxy lens eclipse moon dust spectrum dwarf",
}
_COMMON = ["time", "people", "year", "work", "part", "place", "case", "week", "number", "point"]
_CHANCE = random.Random(7)  # noqa: S311 -- the same texts in each run


def text(topic: str, telling: int = 6) -> str:
    words = _CHANCE.sample(_TOPICS[topic].split(), telling) if telling else []
    return " ".join(words + _CHANCE.choices(_COMMON, k=20))


def document(words: str) -> Document:
    return Document(count_words(words), None)


def learn(kind: Kind, labels: Sequence[str], examples: Sequence[Example]) -> Model | None:
    steps = fit(kind, labels, examples)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            model: Model | None = end.value
            return model


def learned(count: int = 20) -> Model:
    labels = sorted(_TOPICS)
    examples = [Example(document(text(labels[at % 3])), (at % 3,)) for at in range(3 * count)]
    model = learn(Kind.FOLDERS, labels, examples)
    assert model is not None
    return model


def test_new_documents_are_given_to_the_folder_that_they_are_like() -> None:
    """And the words that say so are the document's own."""
    model = learned()
    for topic, words in _TOPICS.items():
        new = text(topic)
        (suggestion,) = model.suggest(document(new), new)
        assert suggestion.label == topic
        assert suggestion.confidence >= 0.9
        assert suggestion.words
        assert set(suggestion.words) <= {*words.split(), *_COMMON}
        assert suggestion.words[0] in words.split()
        assert model.suggest(document(new), new, [topic]) == []
    assert model.evaluation.skipped > 0.3


def test_what_says_nothing_gets_no_suggestion() -> None:
    """Empty, in words that nobody knows, or of all folders at once."""
    model = learned()
    for nothing in ("", " \n ", "qwertz uiop", "\0\ud800", " ".join(_TOPICS.values())):
        assert model.suggest(document(nothing), nothing) == []


def test_where_folders_cannot_be_told_apart_nothing_is_suggested() -> None:
    """Held-out documents show it: no suggestion would be right nine times of ten."""
    labels = sorted(_TOPICS)
    examples = [Example(document(text("ships")), (at % 3,)) for at in range(90)]
    model = learn(Kind.FOLDERS, labels, examples)
    if model is not None:
        new = text("ships")
        assert model.suggest(document(new), new) == []
        assert model.evaluation.precision == 0


def test_documents_of_a_mixture_are_suggested_where_they_belong() -> None:
    """What was thrown into one folder is like others; that folder is suggested for nothing."""
    labels = [*sorted(_TOPICS), "downloads"]
    examples = [Example(document(text(labels[at % 3])), (at % 3,)) for at in range(180)]
    mixed = [text(labels[at % 3]) for at in range(10)]
    examples += [Example(document(each), (3,)) for each in mixed]
    model = learn(Kind.FOLDERS, labels, examples)
    assert model is not None
    assert "downloads" not in model.labels
    found = [model.suggest(document(each), each, ["downloads"]) for each in mixed]
    assert sum(bool(each) for each in found) >= 8


def test_tags_are_learned_beside_documents_that_have_none() -> None:
    """One tag is enough; a document may have several, and most have none."""
    plain = [Example(document(text("stars")), ()) for _ in range(30)]
    both = [Example(document(text("ships") + " " + text("bread")), (0, 1)) for _ in range(15)]
    some = [Example(document(text("ships")), (0,)) for _ in range(15)]
    model = learn(Kind.TAGS, ["sea", "food"], [*plain, *both, *some])
    assert model is not None
    new = text("ships") + " " + text("bread")
    assert {each.label for each in model.suggest(document(new), new)} == {"sea", "food"}
    assert [each.label for each in model.suggest(document(new), new, ["sea"])] == ["food"]
    new = text("stars")
    assert model.suggest(document(new), new) == []
    one = learn(Kind.TAGS, ["sea"], [*plain, *some])
    assert one is not None
    new = text("ships")
    assert [each.label for each in one.suggest(document(new), new)] == ["sea"]


@pytest.mark.parametrize("kind", list(Kind))
def test_too_little_to_learn_from_is_no_model(kind: Kind) -> None:
    """No documents, folders of one file, and one folder alone."""
    assert learn(kind, [], []) is None
    single = [Example(document(text("ships")), (at,)) for at in range(20)]
    assert learn(kind, [str(at) for at in range(20)], single) is None
    if kind is Kind.FOLDERS:
        alone = [Example(document(text("ships")), (0,)) for _ in range(20)]
        assert learn(kind, ["ships"], alone) is None


def test_empty_documents_do_no_harm() -> None:
    """Nor does a document whose only words are in each of them."""
    labels = ["bread", "ships"]
    examples = [
        Example(document(each), (at % 2,)) for at, each in enumerate(["", "the", "same"] * 10)
    ]
    model = learn(Kind.FOLDERS, labels, examples)
    assert model is None or model.suggest(document("same"), "same") == []


def test_the_meaning_competes_and_helps() -> None:
    """Where words are no sign, the embeddings decide; with both, both may."""
    chance = np.random.default_rng(1)
    examples = []
    for at in range(60):
        row = chance.normal(0, 0.1, 8).astype(np.float32)
        row[at % 2] += 1
        words = count_words(" ".join(_CHANCE.choices(_COMMON, k=20)))
        meaning = row / np.float32(np.linalg.norm(row))
        examples.append(Example(Document(words, meaning), (at % 2,)))
    model = learn(Kind.FOLDERS, ["one", "two"], examples)
    assert model is not None
    assert model.evaluation.accuracy["meaning"] > 0.9 > model.evaluation.accuracy["words"]
    assert model.evaluation.judge != "words"
    # Without a vector there is nothing to judge by.
    assert model.suggest(replace(examples[0].document, meaning=None), "time") == []


def test_a_model_is_the_same_after_it_was_saved() -> None:
    model = learned()
    back = from_bytes(to_bytes(Learned(Stamp(None, "x", 60), model)))
    assert back is not None
    assert back.model is not None
    new = text("ships")
    assert back.model.suggest(document(new), new) == model.suggest(document(new), new)
    assert back.model.evaluation == model.evaluation


def test_a_damaged_state_is_none() -> None:
    """Cut, flipped and empty: it is learned again, and nothing crashes."""
    good = to_bytes(Learned(Stamp(None, "x", 60), learned(5)))
    for at in range(0, len(good), 97):
        assert from_bytes(good[:at]) is None
        flipped = bytearray(good)
        flipped[at] ^= 1
        assert from_bytes(bytes(flipped)) is None


def test_a_few_right_suggestions_are_not_enough() -> None:
    """Nine of nine may be luck; of ten on it is sure enough."""
    assert Calibration.of([0.9] * 9, [True] * 9).confidence(0.9) < PRECISION
    assert Calibration.of([0.9] * 10, [True] * 10).confidence(0.9) >= PRECISION
    assert Calibration.of([], []).confidence(0.9) == 0
    mixed = Calibration.of([0.9] * 20 + [0.2] * 20, [True] * 20 + [False] * 20)
    assert mixed.confidence(0.95) >= PRECISION > mixed.confidence(0.5)


def test_columns_give_way_where_labels_are_many() -> None:
    """Then the words that most documents hold are learned from, and memory is bounded."""
    rows = [count_words(f"anchor harbour word{at}") for at in range(50)]
    columns = Columns.of(rows, 2)
    kept = set(columns.hashes.tolist())
    assert kept == {word_hash("anchor"), word_hash("harbour")}
    assert len(columns.row(rows[0]).columns) == 2
