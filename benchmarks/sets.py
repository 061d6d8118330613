"""Sets of documents and questions in a folder, in one of three layouts.

`corpus.jsonl`, `queries.jsonl` and `qrels.tsv` (as BEIR has them) become text files; in
`questions.jsonl` a question names its article and paragraph (as SQuAD), or its document and pages.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph that holds the answer, by its characters in a file."""

    file: Path
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is right: documents, a paragraph or pages, as the set has it."""

    text: str
    group: str = ""  # questions of which the results are shown apart
    inside: Path | None = None  # ask inside this document only
    relevance: dict[str, int] = field(default_factory=dict)  # by a file's stem
    paragraph: Paragraph | None = None
    pages: frozenset[tuple[Path, int]] = frozenset()  # 1-based
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Documents in a folder and questions on them."""

    name: str
    documents: Path
    questions: tuple[Question, ...]


def load(folder: Path, scratch: Path) -> EvaluationSet:
    """Read a set; documents that are lines of a file are written into `scratch`.

    Raises OSError, and ValueError where the folder holds none of the layouts.
    """
    folder = folder.absolute()
    if (folder / "corpus.jsonl").exists():
        documents = scratch.absolute() / "documents"
        _write_corpus(folder / "corpus.jsonl", documents)
        return EvaluationSet(folder.name, documents, tuple(_queries(folder)))
    lines = list(_lines(folder / "questions.jsonl"))
    asked = [line for line in lines if not line.get("unanswerable")]
    if "article_file" in lines[0]:
        texts: dict[Path, str] = {}
        questions = [_on_paragraph(folder, line, texts) for line in asked]
    elif "doc_file" in lines[0] or "pdf_file" in lines[0]:
        questions = [_on_pages(folder, line) for line in asked]
    else:
        raise ValueError(f"{folder} holds no set in a layout that is known here.")
    name = str(lines[0].get("article_file") or lines[0].get("doc_file") or lines[0]["pdf_file"])
    return EvaluationSet(folder.name, folder / Path(name).parts[0], tuple(questions))


def _write_corpus(corpus: Path, documents: Path) -> None:
    documents.mkdir(parents=True, exist_ok=True)
    for line in _lines(corpus):
        file = documents / f"{line['_id']}.txt"
        if not file.exists():
            file.write_text(f"{line['title']}\n\n{line['text']}\n", encoding="utf-8")


def _queries(folder: Path) -> Iterator[Question]:
    relevance: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, score = row.split("\t")
        relevance[query][document] = int(score)
    for line in _lines(folder / "queries.jsonl"):
        if found := relevance.get(line["_id"]):
            yield Question(line["text"], relevance=found)


def _on_paragraph(folder: Path, line: dict[str, Any], texts: dict[Path, str]) -> Question:
    file = folder / line["article_file"]
    if file not in texts:
        texts[file] = file.read_text(encoding="utf-8")
    paragraph = line["paragraph_text"].strip()
    start = texts[file].find(paragraph)
    if start < 0:
        raise ValueError(f"{file.name} lacks the paragraph of question {line['id']}.")
    place = Paragraph(file, start, start + len(paragraph))
    return Question(line["question"], paragraph=place, answers=tuple(line["answers"]))


def _on_pages(folder: Path, line: dict[str, Any]) -> Question:
    if "doc_file" in line:
        pages = {(folder / line["doc_file"], int(line["page"]))}
    else:
        pages = {
            (folder / file, int(page))
            for file, numbers in (line.get("pages") or {}).items()
            for page in numbers
        }
    document = folder / (line.get("doc_file") or line.get("pdf_file") or "")
    inside = document if line.get("scope") == "doc" else None
    group = " ".join(part for part in (line.get("source", ""), line.get("scope", "")) if part)
    return Question(line["question"], group, inside, pages=frozenset(pages))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
