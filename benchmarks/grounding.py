"""How well true sentences are told from changed ones by the passages that they are tied to.

From a set in SQuAD's layout: the sentence that holds a question's answer, verbatim and in other
words, with a number, date or name changed, and a sentence of another article; each is checked
against its paragraph and seven others of the same article.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks.metrics import holds_answer
from benchmarks.report import add_json_option, figure, show
from benchmarks.statements import (
    changed_dates,
    changed_names,
    changed_numbers,
    names_of,
    paraphrase,
)
from models.grounding import ground
from models.sentences import split_sentences

_PASSAGES = 8
_FEWEST_WORDS = 6
_AIMS = {
    "verbatim": ">= 0.95",
    "paraphrase": ">= 0.85",
    "number": ">= 0.95",
    "number of the passage": ">= 0.95",
    "date": ">= 0.95",
    "date of the passage": ">= 0.95",
    "name": ">= 0.85",
    "name of the passage": ">= 0.85",
    "unrelated": "1",
}
_TRUE = ("verbatim", "paraphrase")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.grounding")
    parser.add_argument("set", type=Path, help="a folder with articles and questions.jsonl")
    parser.add_argument("--questions", type=int, default=200, metavar="N", help="(200)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of what is drawn (0)")
    parser.add_argument("--show", metavar="KIND", help="print what is judged wrongly of a kind")
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    chance = random.Random(parsed.seed)  # noqa: S311 -- no secret
    asked, paragraphs = _load(parsed.set / "questions.jsonl")
    chance.shuffle(asked)
    names = {title: sorted(set().union(*map(names_of, some))) for title, some in paragraphs.items()}
    judged: defaultdict[str, list[bool]] = defaultdict(list)
    seconds: list[float] = []
    for title, passage, sentence in asked[: parsed.questions]:
        others = [text for text in paragraphs[title] if text != passage]
        beside = chance.sample(others, min(_PASSAGES - 1, len(others)))
        passages = list(enumerate([passage, *beside], 1))
        foreign = chance.choice([other for other in paragraphs if other != title])
        statements = [
            ("verbatim", sentence),
            *changed_numbers(sentence, passage, chance),
            *changed_dates(sentence, passage, chance),
            *changed_names(sentence, passage, names[foreign], chance),
            ("unrelated", _any_sentence(paragraphs[foreign], chance)),
        ]
        other_words = paraphrase(sentence, chance)
        if other_words != sentence:
            statements.append(("paraphrase", other_words))
            statements += [
                (f"paraphrase, other {kind}", text)
                for kind, text in (
                    *changed_numbers(other_words, passage, chance),
                    *changed_dates(other_words, passage, chance),
                    *changed_names(other_words, passage, names[foreign], chance),
                )
            ]
        for kind, text in statements:
            began = time.perf_counter()
            found = ground(text, passages)
            seconds.append(time.perf_counter() - began)
            if kind in _TRUE:
                right = bool(found) and all(1 in item.support for item in found)
            else:
                right = not all(item.supported for item in found)
            judged[kind].append(right)
            if not right and kind == parsed.show:
                print(f"{text}\n    {sentence}\n")
    figures = [
        figure(f"{kind} ({len(right)})", sum(right) / len(right), "", _AIMS.get(kind, ""))
        for kind, right in judged.items()
    ]
    figures.append(figure("median time", 1000 * sorted(seconds)[len(seconds) // 2], "ms"))
    show(f"grounding {parsed.set.name}", figures, as_json=parsed.json)
    return 0


def _load(path: Path) -> tuple[list[tuple[str, str, str]], dict[str, list[str]]]:
    """Return (article, paragraph, sentence with the answer) once each, and all paragraphs."""
    asked: dict[tuple[str, str, str], None] = {}
    paragraphs: defaultdict[str, dict[str, None]] = defaultdict(dict)
    with path.open(encoding="utf-8") as file:
        for line in map(json.loads, file):
            title, passage = line["article_file"], line["paragraph_text"]
            paragraphs[title][passage] = None
            if line.get("unanswerable"):
                continue
            for sentence in split_sentences(passage):
                if holds_answer(sentence, line["answers"]) and _is_long(sentence):
                    asked[title, passage, sentence] = None
                    break
    return list(asked), {title: list(some) for title, some in paragraphs.items()}


def _is_long(sentence: str) -> bool:
    return len(sentence.split()) >= _FEWEST_WORDS


def _any_sentence(paragraphs: Sequence[str], chance: random.Random) -> str:
    sentences = [
        sentence for sentence in split_sentences(chance.choice(paragraphs)) if _is_long(sentence)
    ]
    return chance.choice(sentences) if sentences else _any_sentence(paragraphs, chance)


if __name__ == "__main__":
    sys.exit(main())
