"""How well questions find their passage that go on from another, made of sets of paragraphs.

Of two questions about one paragraph the second loses what both name: "Where did Super Bowl 50 take
place?" becomes "Where did it take place?". The other way round, a question about another paragraph
that follows must lose nothing. Both are asked as they stand, with the whole question before them,
and as the rules put them; the second one, as it was, is what could be reached. Without a set, the
questions of benchmarks/sample_followups.py are asked about the sample documents.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise
from pathlib import Path

from app.library import open_embedder, open_searcher
from app.paths import Profile
from app.settings import Settings
from benchmarks import sets
from benchmarks.metrics import covers, first_hit, hit_rate
from benchmarks.report import Figure, add_json_option, figure, show
from benchmarks.retrieval import index
from benchmarks.sample_followups import SAMPLES, Sample
from benchmarks.sets import Question
from indexer.search.searcher import Searcher
from indexer.text.followups import Asked, standalone
from indexer.text.words import STOP_WORDS
from indexer.types import Hit, Mode

_DEPTH = 20
_PLACES = (1, 5)
_WORD = re.compile(r"[\w.-]*\w")
_SAMPLES = Path(str(resources.files("resources") / "samples"))
_ALONE, _BEHIND, _RULES, _MEANT = (
    "as it stands",
    "behind the one before",
    "by the rules",
    "as it was meant",
)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question after another one; `whole` is what it would be by itself."""

    before: Question
    text: str
    whole: Question


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.followups")
    parser.add_argument("set", nargs="?", type=Path, help="a folder with documents and questions")
    parser.add_argument("--profile", type=Path, metavar="DIR", help="keep the index in DIR")
    parser.add_argument("--limit", type=int, default=400, metavar="N", help="of each kind (400)")
    parser.add_argument("--words-only", action="store_true", help="without the meaning")
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="pocket-llm-") as folder:
        root = (parsed.profile or Path(folder)).absolute()
        root.mkdir(parents=True, exist_ok=True)
        evaluation = sets.load(parsed.set, root) if parsed.set else None
        profile = Profile(root)
        profile.create()
        embedder = None if parsed.words_only else open_embedder(profile, Settings())
        documents = evaluation.documents if evaluation else _SAMPLES
        index(profile, embedder, documents, words_only=parsed.words_only)
        mode = Mode.WORDS if parsed.words_only else Mode.HYBRID
        figures: list[Figure] = []
        with closing(open_searcher(profile, embedder)) as searcher:
            if evaluation is None:
                figures = _evaluate_samples(searcher, mode)
            for name, asked in _kinds(evaluation.questions if evaluation else ()):
                chosen = _choose(asked, parsed.limit)
                figures += _evaluate(searcher, f"{name} ({len(chosen)})", chosen, mode)
    name = evaluation.name if evaluation else "samples"
    show(f"follow-ups {name}", figures, as_json=parsed.json)
    return 0


def _kinds(questions: Sequence[Question]) -> Iterator[tuple[str, list[FollowUp]]]:
    if questions:
        yield "a pronoun", list(_with_pronouns(questions))
        yield "another subject", list(_on_others(questions))


def _evaluate_samples(searcher: Searcher, mode: Mode) -> list[Figure]:
    figures = []
    for how in (_ALONE, _BEHIND, _RULES):
        places = []
        for item in SAMPLES:
            asked = {
                _ALONE: item.text,
                _BEHIND: f"{item.before} {item.text}",
                _RULES: standalone(item.text, [Asked(item.before, item.answer)]),
            }[how]
            hits = searcher.search(asked, _DEPTH, mode=mode)
            places.append(first_hit(hits, lambda hit, of=item: _answers(hit, of)))  # type: ignore[misc]
        name = f"by hand ({len(SAMPLES)}), {how}"
        figures += [figure(f"{name}: hit@{k}", hit_rate(places, k)) for k in _PLACES]
    return figures


def _answers(hit: Hit, item: Sample) -> bool:
    return hit.path.name == item.file and item.holds in " ".join(hit.text.split())


def _with_pronouns(questions: Sequence[Question]) -> Iterator[FollowUp]:
    """Yield second questions about a paragraph, with "it" for what both name."""
    for group in _by_paragraph(questions).values():
        for before, whole in pairwise(group):
            text = _with_pronoun(before.text, whole.text)
            if text is not None:
                yield FollowUp(before, text, whole)


def _on_others(questions: Sequence[Question]) -> Iterator[FollowUp]:
    """Yield questions after one about a paragraph of another file."""
    chooser = random.Random(0)  # noqa: S311 -- no secret
    for whole in questions:
        before = chooser.choice(questions)
        if before.paragraph and whole.paragraph and before.paragraph.file != whole.paragraph.file:
            yield FollowUp(before, whole.text, whole)


def _with_pronoun(before: str, text: str) -> str | None:
    """Return a question with a pronoun for the longest name that another has too."""
    words = [(match.start(), match.end(), match[0]) for match in _WORD.finditer(text)]
    known = f" {' '.join(_WORD.findall(before)).casefold()} "
    best = (0, 0)
    for first in range(1, len(words)):  # the first word is the question's own
        for last in range(first + 1, len(words) + 1):
            run = [word for _, _, word in words[first:last]]
            is_name = all(word[0].isupper() or word[0].isdigit() for word in run)
            shared = f" {' '.join(run).casefold()} " in known
            if is_name and shared and last - first > best[1] - best[0]:
                best = (first, last)
    first, last = best
    if first == last or all(word.casefold() in STOP_WORDS for _, _, word in words[first:last]):
        return None
    start, end = words[first][0], words[last - 1][1]
    head = re.sub(r"\b[Tt]he $", "", text[:start])
    if text[end : end + 2] in ("'s", "’s"):
        return f"{head}its{text[end + 2 :]}"
    return f"{head}it{text[end:]}"


def _by_paragraph(questions: Sequence[Question]) -> dict[object, list[Question]]:
    groups: defaultdict[object, list[Question]] = defaultdict(list)
    for question in questions:
        groups[question.paragraph].append(question)
    return groups


def _choose(asked: Sequence[FollowUp], limit: int) -> list[FollowUp]:
    if limit >= len(asked):
        return list(asked)
    return random.Random(0).sample(asked, limit)  # noqa: S311 -- no secret


def _evaluate(searcher: Searcher, name: str, asked: Sequence[FollowUp], mode: Mode) -> list[Figure]:
    figures = []
    for how in (_ALONE, _BEHIND, _RULES, _MEANT):
        places = []
        for item in asked:
            hits = searcher.search(_put(item, how), _DEPTH, mode=mode)
            places.append(first_hit(hits, lambda hit, of=item.whole: _is_right(hit, of)))  # type: ignore[misc]
        figures += [figure(f"{name}, {how}: hit@{k}", hit_rate(places, k)) for k in _PLACES]
    return figures


def _put(item: FollowUp, how: str) -> str:
    if how == _ALONE:
        return item.text
    if how == _BEHIND:
        return f"{item.before.text} {item.text}"
    if how == _RULES:
        answer = item.before.answers[0] if item.before.answers else ""
        return standalone(item.text, [Asked(item.before.text, answer)])
    return item.whole.text


def _is_right(hit: Hit, question: Question) -> bool:
    place = question.paragraph
    assert place is not None
    return hit.path == place.file and covers((hit.start, hit.end), (place.start, place.end))


if __name__ == "__main__":
    sys.exit(main())
