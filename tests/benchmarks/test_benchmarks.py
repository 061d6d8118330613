"""The metrics, and that each benchmark starts."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import sets
from benchmarks.lessons import divide
from benchmarks.metrics import by_best, covers, first_hit, hit_rate, holds_answer, ndcg
from benchmarks.report import figure, show


def test_ndcg_is_one_for_the_ideal_order_and_falls_with_the_place() -> None:
    """The gain of a relevant document is discounted by its place."""
    assert ndcg(["a", "b", "x"], {"a": 1, "b": 1}) == 1.0
    assert ndcg(["x", "a"], {"a": 1}) == pytest.approx(1 / math.log2(3))
    assert ndcg(["x"] * 10 + ["a"], {"a": 1}) == 0.0
    assert ndcg([], {"a": 1}) == 0.0


def test_ndcg_prefers_what_is_more_relevant() -> None:
    """Graded relevance counts."""
    grades = {"a": 2, "b": 1}
    assert ndcg(["a", "b"], grades) == 1.0
    assert ndcg(["b", "a"], grades) < 1.0


def test_a_document_stands_where_its_best_passage_stands() -> None:
    """Later passages of the same document take no place."""
    assert by_best(["b", "a", "b", "c", "a"]) == ["b", "a", "c"]


def test_a_paragraph_is_hit_from_half_of_its_characters_on() -> None:
    """What a passage holds beside the paragraph does not count against it."""
    assert covers((0, 100), (50, 150))
    assert not covers((0, 99), (50, 150))
    assert covers((0, 1000), (50, 150))
    assert not covers((200, 300), (50, 150))
    assert not covers((0, 100), (50, 50))


def test_hit_rates_count_the_first_right_one() -> None:
    """A question without any is a miss at every depth."""
    places = [first_hit([3, 4, 5], lambda item, of=wanted: item == of) for wanted in (3, 5, 9)]
    assert places == [1, 3, None]
    assert hit_rate(places, 1) == pytest.approx(1 / 3)
    assert hit_rate(places, 3) == pytest.approx(2 / 3)
    assert hit_rate([], 1) == 0.0


def test_an_answer_is_found_whatever_the_case_and_the_white_space() -> None:
    """Lines end where they end on the page."""
    assert holds_answer("in the\nOctober  1973 crisis", ["october 1973"])
    assert not holds_answer("in the crisis", ["october 1973", ""])


def test_a_corpus_becomes_files(tmp_path: Path) -> None:
    """BEIR's layout: lines become text files that are named by their identifiers."""
    folder = tmp_path / "set"
    folder.mkdir()
    _write(folder / "corpus.jsonl", [{"_id": "7", "title": "Soup", "text": "Lentils."}])
    _write(folder / "queries.jsonl", [{"_id": "1", "text": "soup?"}, {"_id": "2", "text": "?"}])
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n1\t7\t1\n", "utf-8")
    found = sets.load(folder, tmp_path)
    assert (found.documents / "7.txt").read_text("utf-8") == "Soup\n\nLentils.\n"
    assert [question.relevance for question in found.questions] == [{"7": 1}]


def test_questions_to_teach_are_those_of_the_set_or_every_second(tmp_path: Path) -> None:
    """What is asked is never taught."""
    questions = [sets.Question(f"{n}?", relevance={str(n): 1}) for n in range(4)]
    taught, asked = divide(tmp_path / "teach.jsonl", questions)
    assert {each.text for each in taught} == {"0?", "2?"}
    assert [each.text for each in asked] == ["1?", "3?"]
    _write(tmp_path / "teach.jsonl", [{"text": "x?", "docs": ["1", "7"]}])
    taught, asked = divide(tmp_path / "teach.jsonl", questions)
    assert [(each.text, set(each.documents)) for each in taught] == [("x?", {"1", "7"})]
    assert len(asked) == 4


def test_paragraphs_are_found_in_their_article(tmp_path: Path) -> None:
    """SQuAD's layout; what its paragraph does not answer is not asked."""
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.md").write_text("# A\n\nOne.\n\nTwo.\n", "utf-8")
    line = {"id": "1", "question": "?", "answers": ["Two"], "article_file": "articles/a.md"}
    line |= {"paragraph_text": "Two.", "unanswerable": False}
    _write(tmp_path / "questions.jsonl", [line, {**line, "unanswerable": True}])
    (question,) = sets.load(tmp_path, tmp_path).questions
    assert question.paragraph is not None
    assert (question.paragraph.start, question.paragraph.end) == (11, 15)


def test_pages_are_asked_inside_their_document(tmp_path: Path) -> None:
    """A question on a document is not asked of the others."""
    line = {"question": "?", "doc_file": "docs/a.txt", "page": 3, "scope": "doc"}
    _write(tmp_path / "questions.jsonl", [line])
    (question,) = sets.load(tmp_path, tmp_path).questions
    assert question.inside == tmp_path / "docs" / "a.txt"
    assert question.pages == {(tmp_path / "docs" / "a.txt", 3)}


def test_a_figure_is_the_median_of_its_repetitions(capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON lines hold every repetition."""
    show("indexing", [figure("time", [3.0, 1.0, 2.0], "s", "<= 2")], as_json=True)
    line = json.loads(capsys.readouterr().out)
    assert (line["value"], line["values"], line["aim"]) == (2.0, [3.0, 1.0, 2.0], "<= 2")
    show("indexing", [figure("time", [3.0, 1.0, 2.0], "s", "<= 2")], as_json=False)
    assert "(1 to 3)" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name",
    [
        "against_recoll",
        "answering",
        "bare_llama",
        "encoders",
        "gate",
        "grounding",
        "heartbeat",
        "indexing",
        "injections",
        "learning",
        "lessons",
        "quantization",
        "quoting",
        "reading",
        "retrieval",
        "shaped_model",
        "startup",
        "window_child",
    ],
)
def test_each_benchmark_says_how_it_is_used(name: str) -> None:
    """--help works without data and without a model."""
    command = [sys.executable, "-m", f"benchmarks.{name}", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"usage: python -m benchmarks.{name}")


def _write(path: Path, lines: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
