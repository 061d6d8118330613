"""What the benchmark of learning reads, and that it compares."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.learning import Labelled, load, main


def test_paragraphs_and_tables_are_labelled_documents(tmp_path: Path) -> None:
    """A paragraph of several questions is one document; the head of a table is none."""
    lines = [{"article_file": "articles/a.md", "paragraph_text": text} for text in "xyxz"]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    known, new = load(tmp_path, 9, 9)
    assert (len(known), len(new)) == (2, 1)
    assert {each.text for each in (*known, *new)} == {"x", "y", "z"}
    for name, row in (("n-train.tab", "wheat\tA field."), ("n-test.tab", "ships\tA bay.")):
        (tmp_path / name).write_text(f"Category\tText\nd\tstring\nclass\t\n\n{row}\n", "utf-8")
    found = load(tmp_path / "n-train.tab", 9, 9)
    assert found == ([Labelled("wheat", "A field.")], [Labelled("ships", "A bay.")])


def test_both_ways_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On two topics that share no word nobody is wrong."""
    pytest.importorskip("sklearn")
    topics = {"bread": "flour yeast oven dough crust", "ships": "anchor sail mast keel deck"}
    for name in ("n-train.tab", "n-test.tab"):
        rows = [f"{label}\t{words} {at}" for label, words in topics.items() for at in range(12)]
        (tmp_path / name).write_text("\n\n\n" + "\n".join(rows), "utf-8")
    assert main([str(tmp_path / "n-train.tab"), "--words", "--json"]) == 0
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    values = {line["name"]: line["value"] for line in lines}
    assert values["words: accuracy"] == values["suggestions that are right"] == 1
    assert values["tf-idf and logistic regression: accuracy"] == 1
    assert 0 < values["multiplications skipped"] < 1
