"""How good answers are: whether they hold what was asked for, and whether the documents say so.

Questions of a set whose answers are known go the whole way of `ask`: search, gate, prompt, LLM
worker and grounding. An answer is right if it holds a known answer's words; the best sentence,
which is on screen before the model starts, is judged beside it.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from app.ask import PASSAGES, Answer, Question
from app.library import open_embedder, open_searcher
from app.llm.process import LlmProcess
from app.model_files.installed import find_llm, is_hinted, reading_budget
from app.paths import Profile
from app.settings import Settings
from benchmarks import sets
from benchmarks.metrics import holds_answer
from benchmarks.report import Figure, add_json_option, figure, show
from benchmarks.retrieval import index
from indexer.search.searcher import Searcher


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of one question."""

    question: str
    answer: str
    refused: bool  # before the model ran
    right: bool
    shown: bool  # the best sentence of the evidence holds the answer
    sentences: int
    supported: int  # of these
    tokens: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.answers")
    parser.add_argument("set", type=Path, help="a folder with articles and questions.jsonl")
    parser.add_argument("--model", type=Path, metavar="GGUF", help="another than the starter")
    parser.add_argument("--questions", type=int, default=100, metavar="N", help="(100)")
    parser.add_argument("--budget", type=int, default=0, metavar="N", help="tokens to read")
    parser.add_argument("--write", type=int, default=96, metavar="N", help="tokens to write (96)")
    parser.add_argument("--profile", type=Path, metavar="DIR", help="keep the library in DIR")
    parser.add_argument("--answers", type=Path, metavar="FILE", help="keep them as JSON lines")
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="pocket-llm-") as scratch:
        root = (parsed.profile or Path(scratch) / "profile").absolute()
        judged = list(_ask_all(parsed, sets.load(parsed.set, Path(scratch)), Profile(root)))
    if parsed.answers:
        lines = (json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in judged)
        parsed.answers.write_text("".join(lines), encoding="utf-8")
    show(f"answers {parsed.set.name}", list(_figures(judged)), as_json=parsed.json)
    return 0


def _figures(judged: Sequence[Judged]) -> Iterator[Figure]:
    written = [each for each in judged if not each.refused]
    sentences = sum(each.sentences for each in written)
    yield figure("questions", len(judged))
    yield figure("refused before the model ran", len(judged) - len(written))
    yield figure("answers that hold what was asked for", _share([e.right for e in written]))
    yield figure("best sentences that do", _share([e.shown for e in written]))
    yield figure("one of both does", _share([e.right or e.shown for e in written]))
    yield figure(
        "sentences found supported", sum(each.supported for each in written) / max(1, sentences)
    )
    yield figure("tokens of an answer", [float(each.tokens) for each in written] or 0.0)


def _share(values: Sequence[bool]) -> float:
    return sum(values) / max(1, len(values))


def _ask_all(
    parsed: argparse.Namespace, evaluation: sets.EvaluationSet, profile: Profile
) -> Iterator[Judged]:
    profile.create()
    model = parsed.model or find_llm(profile, Settings().llm)
    embedder = open_embedder(profile, Settings())
    index(profile, embedder, evaluation.documents, words_only=False)
    chance = random.Random(0)  # noqa: S311 -- no secret
    chosen = chance.sample(evaluation.questions, min(parsed.questions, len(evaluation.questions)))
    with (
        closing(open_searcher(profile, embedder)) as searcher,
        closing(LlmProcess(profile, model)) as llm,
    ):
        budget = parsed.budget or reading_budget(llm.name)
        for asked in chosen:
            yield _judge(asked, *_ask(searcher, llm, asked.text, budget, parsed.write))


def _ask(
    searcher: Searcher, llm: LlmProcess, text: str, budget: int, write: int
) -> tuple[Question, Answer]:
    question = Question("asked", text)
    hits = searcher.search(text, PASSAGES)
    evidence = searcher.evidence(text, hits)
    question.found(hits, evidence, answerable=searcher.may_answer(text, hits, evidence))
    if question.abstains:
        return question, question.abstain()
    request = question.request(
        reading_budget=budget, reading_seconds=None, max_tokens=write, hinted=is_hinted(llm.name)
    )
    for message in llm.generate(request):
        if answer := question.on_message(message):
            return question, answer
    raise SystemExit("The model did not finish its answer.")


def _judge(asked: sets.Question, question: Question, answer: Answer) -> Judged:
    generated = answer.generated
    return Judged(
        asked.text,
        answer.text,
        answer.abstained,
        right=holds_answer(answer.text, asked.answers),
        shown=any(holds_answer(item.quote, asked.answers) for item in question.evidence[:1]),
        sentences=len(answer.sentences),
        supported=sum(each.supported for each in answer.sentences),
        tokens=generated.answer_tokens if generated else 0,
    )


if __name__ == "__main__":
    sys.exit(main())
