"""What drafting from the passages gains: each answer with and without it, in turns.

Also whether it changes a token. With a draft at every token, filled up where nothing can be looked
up, the answer is compared with one whose tokens were each computed in a batch of four. Computed one
by one, by other kernels, another token is likelier where two are nearly as likely: how many of an
answer's tokens stay, given those before them, is counted. And because a model of random weights
quotes nothing: how fast it would write a passage, if each of its tokens were the likeliest.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.llm.session import Session
from app.messages.llm import Generate
from app.messages.wire import from_wire
from models.drafting import LENGTHS, Draft, Pace, agreement
from models.llm import Llm

_RUN = 4  # tokens
_QUOTES = 0.5  # of its tokens, of an answer that quotes


class _Longest(Pace):
    """Drafts as much as there is room for."""

    def length(self, draft: Draft, most: int) -> int:
        return max((each for each in LENGTHS if each <= min(most, len(draft.tokens))), default=0)


class _Filled(Llm):
    """Fills drafts up with any tokens, if `fills`."""

    fills = False

    def _plain(self, draft: Draft) -> Draft:
        draft = super()._plain(draft)
        filling = self.tokens[: LENGTHS[-1]] if self.fills else ()
        return Draft((*draft.tokens, *filling)[: LENGTHS[-1]], draft.alike)


@dataclass
class _Sums:
    """Tokens, seconds and processor seconds, without drafts and with them."""

    tokens: list[int] = field(default_factory=lambda: [0, 0])
    seconds: list[float] = field(default_factory=lambda: [0.0, 0.0])
    cpu: list[float] = field(default_factory=lambda: [0.0, 0.0])

    def add(self, drafted: bool, tokens: int, seconds: float, cpu: float) -> None:
        self.tokens[drafted] += tokens
        self.seconds[drafted] += seconds
        self.cpu[drafted] += cpu

    def take(self, other: _Sums) -> None:
        """Add what another has."""
        for drafted in (False, True):
            self.add(drafted, other.tokens[drafted], other.seconds[drafted], other.cpu[drafted])

    def gain(self, of: Sequence[float]) -> float:
        """Return how many times as fast it is with drafts."""
        return (of[0] / self.tokens[0]) / (of[1] / self.tokens[1]) if all(self.tokens) else 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Write each answer in all ways, and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.quoting")
    parser.add_argument("model", type=Path)
    parser.add_argument("requests", type=Path, help="a list of Generate messages, as JSON")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--write", type=int, default=96, help="most tokens of an answer")
    parser.add_argument("--context", type=int, default=4096)
    parsed = parser.parse_args(arguments)
    llm = _Filled.load(parsed.model, parsed.context)
    assert isinstance(llm, _Filled)
    requests: list[dict[str, Any]] = json.loads(parsed.requests.read_text(encoding="utf-8"))
    prompts = [_tokens(llm, request) for request in requests]
    quoting, others = (_Sums() for _ in range(2))
    quoted = []
    pace = Pace()  # one for all, as in a worker
    for tokens in prompts:
        sums = _Sums()
        _alternate(llm, tokens, pace, sums, parsed.rounds, parsed.write)
        quoted.append(_quoted(llm.written, tokens))
        (quoting if quoted[-1] >= _QUOTES else others).take(sums)
    same = [_agreement(llm, tokens, parsed.write // 2) for tokens in prompts]
    taught = _taught(llm, prompts[0], Pace(), parsed.rounds, parsed.write)
    result = {
        "quoted": quoted,
        "quoting": quoting.gain(quoting.seconds), "quoting cpu": quoting.gain(quoting.cpu),
        "others": others.gain(others.seconds), "others cpu": others.gain(others.cpu),
        "taught": taught.gain(taught.seconds), "taught cpu": taught.gain(taught.cpu),
        "same in batches": [batches for batches, _ in same],
        "same token by token": [single for _, single in same],
        "quoting tokens/s": quoting.tokens[1] / quoting.seconds[1] if quoting.seconds[1] else 0.0,
    }  # fmt: skip
    print(json.dumps(result))
    return 0


def _tokens(llm: Llm, request: dict[str, Any]) -> list[int]:
    message = from_wire(request)
    assert isinstance(message, Generate)
    return llm.prompt_tokens(Session(llm).prompt(message).parts)


def _alternate(
    llm: Llm, tokens: list[int], pace: Pace, sums: _Sums, rounds: int, write: int
) -> None:
    for _ in range(rounds):
        for drafted in (False, True):
            _read(llm, tokens)
            llm.pace, llm.drafts = pace, drafted
            began, cpu = time.perf_counter(), time.process_time()
            for _ in llm.write(write):
                pass
            taken = time.perf_counter() - began, time.process_time() - cpu
            sums.add(drafted, len(llm.written), *taken)


def _quoted(written: Sequence[int], prompt: Sequence[int]) -> float:
    """Return which share of an answer's tokens stands in the prompt in runs of four or more."""
    runs = {tuple(prompt[at : at + _RUN]) for at in range(len(prompt) - _RUN + 1)}
    starts = [at for at in range(len(written)) if tuple(written[at : at + _RUN]) in runs]
    return len({at + i for at in starts for i in range(_RUN)}) / max(1, len(written))


def _agreement(llm: _Filled, tokens: list[int], count: int) -> tuple[float, float]:
    """Return which share of an answer is as in batches of four, and as token by token."""
    _read(llm, tokens)
    llm.pace, llm.drafts, llm.fills = _Longest(), True, True
    for _ in llm.write(count + LENGTHS[-1]):
        pass
    llm.fills = False
    drafted = llm.written[:count]
    _read(llm, tokens)
    written = [llm.held.likeliest(-1)]
    while len(written) < len(drafted):
        llm.held.decode([written[-1], *tokens[1:4]], every=True)
        written.append(llm.held.likeliest(0))
        llm.held.keep(len(llm.tokens) - 3)
    _read(llm, tokens)
    singles = []
    for token in drafted:
        singles.append(llm.held.likeliest(-1))
        llm.held.decode([token])
    same = sum(a == b for a, b in zip(drafted, singles, strict=True))
    most = max(1, len(drafted))
    return agreement(drafted, written) / most, same / most


def _taught(llm: Llm, tokens: list[int], pace: Pace, rounds: int, write: int) -> _Sums:
    """Write a passage of the prompt, whatever the model would have written."""
    start = max(0, min(len(tokens) // 3, len(tokens) - write - 64))
    text = tokens[start : start + write + 64]  # a draft looks further than what is written
    held, size = llm.held, 1
    decode = held.decode

    def decode_and_note(batch: Sequence[int], *, every: bool = False) -> bool:
        nonlocal size
        size = len(batch)
        return decode(batch, every=every)

    def likeliest(row: int) -> int:
        at = len(held.tokens) - 1 if row < 0 else len(held.tokens) - size + row
        return text[at + 1 - len(tokens)]

    sums = _Sums()
    held.decode = decode_and_note  # type: ignore[method-assign, assignment]
    held.likeliest = likeliest  # type: ignore[method-assign]
    try:
        _alternate(llm, tokens, pace, sums, rounds, write)
    finally:
        del held.decode, held.likeliest
    return sums


def _read(llm: Llm, tokens: list[int]) -> None:
    # The second time the last token is read by itself: what comes next is then always computed
    # alike.
    for _ in range(2):
        for _ in llm.read(tokens):
            pass


if __name__ == "__main__":
    sys.exit(main())
