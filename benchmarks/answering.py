"""How fast an answer comes through the whole path, beside llama.cpp's calls alone.

Each turn asks the worker, which drafts nothing then, and runs the bare loop on the same prompt for
as many tokens, both in processes of their own; what drafting gains is measured in turns with and
without it. The documents are the samples that ship with the program.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

import resources
from app.ask import EarlierTurn, Question
from app.library import open_embedder, open_engine, open_searcher
from app.llm.process import LlmProcess
from app.messages.llm import Generate, Generated, PromptPassage, Reading, Token
from app.messages.wire import to_wire
from app.model_files.installed import find_llm, is_hinted
from app.paths import Profile
from app.settings import Settings
from benchmarks.measure import children_bytes, run_module
from benchmarks.report import Figure, add_json_option, figure, show
from indexer.engine import pending
from indexer.search.searcher import Searcher
from models.advisor import measure_machine

_CONTEXT = 4096
# The worker's own; the bare loop gets it too, so that a busy machine slows both alike.
_ENVIRONMENT = {"GOMP_SPINCOUNT": "1000"}
_PASSAGES = 8
_FIRST = "How long is the warranty of the LP-320 printer?"
_SECOND = "Does the warranty of the LP-320 printer cover the toner?"
# What is searched for and then asked. Which answers quote is seen in what is written: SmolLM2's
# first four do, of a model of random weights none.
_ASKED = (
    ("What did the meeting decide?", "Repeat the first passage."),
    ("lease deposit", "Repeat the first passage."),
    ("printer warranty", "Repeat the first passage."),
    ("insurance claims", "Repeat the first passage."),
    ("How do I cook the red lentil soup?", "What does the recipe say?"),
    ("What does the dental insurance pay for?", "What does the dental insurance pay for?"),
    ("What did the meeting decide?", "What did the meeting decide?"),
    ("What is the capital of France?", "Tell a story about a sailor."),
)
_SHORT = 400  # tokens of passages for these
_LONG = "Explain in many sentences, one after the other, everything that the passages say."


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.answering")
    parser.add_argument("--model", type=Path, metavar="GGUF", help="another than the starter")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="repetitions (3)")
    parser.add_argument("--budget", type=int, default=800, metavar="N", help="tokens to read (800)")
    parser.add_argument("--write", type=int, default=96, metavar="N", help="tokens to write (96)")
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="pocket-llm-") as folder:
        profile = Profile(Path(folder))
        profile.create()
        model = parsed.model or find_llm(profile, Settings().llm)
        embedder = open_embedder(profile, Settings())
        with closing(open_engine(profile, embedder)) as engine:
            engine.reconcile(engine.add(Path(resources.__file__).parent / "samples"))
            for _ in pending(engine):
                pass
        with closing(open_searcher(profile, embedder)) as searcher:
            # A 7B takes minutes for each group: what is known is shown.
            for figures in _groups(profile, model, searcher, parsed):
                show(f"answering {model.stem}", figures, as_json=parsed.json)
    return 0


def _groups(
    profile: Profile, model: Path, searcher: Searcher, parsed: argparse.Namespace
) -> Iterator[list[Figure]]:
    long = _long_request(searcher, parsed.budget, parsed.write)
    speeds = _speeds(profile, model, long, parsed.rounds)
    yield speeds
    yield _bound(model, speeds)
    yield _first_tokens(profile, model, searcher, parsed.budget, parsed.rounds)
    yield _cancels(profile, model, long, parsed.rounds)
    yield _drafts(profile, model, searcher, parsed)


def _long_request(searcher: Searcher, budget: int, write: int) -> Generate:
    hits = searcher.search("printer warranty lease insurance meeting", _PASSAGES)
    passages = tuple(PromptPassage(hit.rank, hit.path.name, hit.text) for hit in hits)
    return Generate("long", _LONG, passages, reading_budget=budget, max_tokens=write)


def _speeds(profile: Profile, model: Path, request: Generate, rounds: int) -> list[Figure]:
    message = profile.root / "request.json"
    message.write_text(json.dumps(to_wire(request)), encoding="utf-8")
    speeds: dict[str, list[float]] = {"read": [], "write": [], "bare read": [], "bare write": []}
    memory: list[float] = []
    prompt = written = 0
    for _ in range(rounds):
        with closing(LlmProcess(profile, model, _CONTEXT, drafts=False)) as llm:
            _warm_up(llm)
            done, read_seconds, write_seconds = _generate(llm, request)
            memory.append(children_bytes() / 1e9)
        prompt, written = done.prompt_tokens - done.reused_tokens, done.answer_tokens
        speeds["read"].append(prompt / read_seconds)
        speeds["write"].append(written / write_seconds)
        command = [str(model), str(message), "--reused", str(done.reused_tokens)]
        with patch.dict(os.environ, _ENVIRONMENT):
            bare = run_module("benchmarks.bare_llama", [*command, "--write", str(written)]).result
        if bare["read"] != prompt:
            raise SystemExit("The bare loop read another prompt than the worker.")
        speeds["bare read"].append(bare["read"] / bare["read_seconds"])
        speeds["bare write"].append(bare["written"] / bare["write_seconds"])
    return [
        figure("memory of the worker, model mapped", memory, "GB"),
        figure("prompt", prompt, "tokens"),
        figure("answer", written, "tokens"),
        figure("reading, whole path", speeds["read"], "tokens/s"),
        figure("reading, bare llama.cpp", speeds["bare read"], "tokens/s"),
        figure("reading: whole path / bare", _ratios(speeds, "read")),
        figure("writing, whole path", speeds["write"], "tokens/s"),
        figure("writing, bare llama.cpp", speeds["bare write"], "tokens/s"),
        figure("writing: whole path / bare", _ratios(speeds, "write"), aim=">= 0.97"),
    ]


def _bound(model: Path, figures: Sequence[Figure]) -> list[Figure]:
    """Compare writing with what the memory would give, if every weight were read once a token."""
    machine, bytes_ = measure_machine(), model.stat().st_size
    (speed,) = (item.value for item in figures if item.name == "writing, bare llama.cpp")
    return [
        figure("memory, copying", machine.bytes_per_s / 1e9, "GB/s"),
        figure("model", bytes_ / 1e9, "GB"),
        figure(
            "writing / what the memory gives", speed * bytes_ / machine.bytes_per_s, "", ">= 0.6"
        ),
    ]


def _drafts(
    profile: Profile, model: Path, searcher: Searcher, parsed: argparse.Namespace
) -> list[Figure]:
    messages = [to_wire(_request(searcher, *pair, parsed.write)) for pair in _ASKED]
    requests = profile.root / "requests.json"
    requests.write_text(json.dumps(messages), encoding="utf-8")
    command = [str(model), str(requests), "--write", str(parsed.write)]
    with patch.dict(os.environ, _ENVIRONMENT):
        found = run_module("benchmarks.quoting", [*command, "--rounds", str(parsed.rounds)]).result
    return [
        figure("share of an answer that is quoted", found["quoted"]),
        figure("drafting: answers that quote", found["quoting"], "times as fast", ">= 1.25"),
        figure("the same by processor time", found["quoting cpu"]),
        figure("drafting: a passage word for word", found["taught"], "times as fast", ">= 1.25"),
        figure("the same by processor time", found["taught cpu"]),
        figure("drafting: answers that do not", found["others"], "times as fast", ">= 0.97"),
        figure("the same by processor time", found["others cpu"]),
        figure("tokens as in batches of four", found["same in batches"], "", "1"),
        figure("tokens as one by one", found["same token by token"]),
    ]


def _request(searcher: Searcher, sought: str, text: str, write: int) -> Generate:
    hits = searcher.search(sought, _PASSAGES)
    passages = tuple(PromptPassage(hit.rank, hit.path.name, hit.text) for hit in hits)
    return Generate("drafts", text, passages, reading_budget=_SHORT, max_tokens=write)


def _ratios(speeds: Mapping[str, Sequence[float]], what: str) -> list[float]:
    return [a / b for a, b in zip(speeds[what], speeds[f"bare {what}"], strict=True)]


def _warm_up(llm: LlmProcess) -> None:
    """Wait until the model is loaded; it then knows nothing of the passages."""
    for _ in llm.generate(Generate("warm", "Hello", max_tokens=1)):
        pass


def _generate(llm: LlmProcess, request: Generate) -> tuple[Generated, float, float]:
    """Ask, and return the last message and the seconds of reading and writing, as seen here."""
    began = read = time.perf_counter()
    for message in llm.generate(request):
        now = time.perf_counter()
        if isinstance(message, Reading):
            read = now
        elif isinstance(message, Generated):
            return message, read - began, now - read
    raise SystemExit("The model did not finish its answer.")


def _first_tokens(
    profile: Profile, model: Path, searcher: Searcher, budget: int, rounds: int
) -> list[Figure]:
    seconds: dict[str, list[float]] = {"cold": [], "follow-up": [], "reopened": []}
    key = os.urandom(32).hex()
    for number in range(rounds):
        chat = partial(_ask, searcher=searcher, budget=budget, conversation=(f"{number}", key))
        with closing(LlmProcess(profile, model, _CONTEXT)) as llm:
            _warm_up(llm)
            first, turn = chat(llm, _FIRST, ())
            second, _ = chat(llm, _SECOND, (turn,))
        with closing(LlmProcess(profile, model, _CONTEXT)) as llm:
            _warm_up(llm)
            third, _ = chat(llm, _SECOND, (turn,))
        for values, taken in zip(seconds.values(), (first, second, third), strict=True):
            values.append(taken)
    figures = [figure(f"first token, {name}", values, "s") for name, values in seconds.items()]
    for name, aim in (("follow-up", "<= 0.10"), ("reopened", "<= 0.15")):
        pairs = zip(seconds[name], seconds["cold"], strict=True)
        figures.append(figure(f"first token: {name} / cold", [a / b for a, b in pairs], aim=aim))
    return figures


def _ask(
    llm: LlmProcess,
    text: str,
    history: Sequence[EarlierTurn],
    *,
    searcher: Searcher,
    budget: int,
    conversation: tuple[str, str],
) -> tuple[float, EarlierTurn]:
    """Return the seconds until the first token, and the turn for the next question."""
    began = time.perf_counter()
    seconds = 0.0
    question = Question(uuid.uuid4().hex, text, history)
    hits = searcher.search(text)
    question.found(hits, searcher.evidence(text, hits))
    request = question.request(
        reading_budget=budget, reading_seconds=None, max_tokens=32, hinted=is_hinted(llm.name)
    )
    name, key = conversation
    for message in llm.generate(replace(request, conversation=name, key=key)):
        # A model of random weights may write nothing that can be shown.
        if not seconds and isinstance(message, Token | Generated):
            seconds = time.perf_counter() - began
        if answer := question.on_message(message):
            assert answer.generated is not None
            passages = question.read_passages(answer.generated)
            return seconds, EarlierTurn(text, answer.text, passages, question.hint)
    raise SystemExit("The model did not finish its answer.")


def _cancels(profile: Profile, model: Path, request: Generate, rounds: int) -> list[Figure]:
    """Measure how long a cancel in the middle of reading takes until the worker is free."""
    seconds: list[float] = []
    for _ in range(rounds):
        with closing(LlmProcess(profile, model, _CONTEXT)) as llm:
            _warm_up(llm)
            messages = llm.generate(request)
            for message in messages:
                if isinstance(message, Reading) and message.tokens < message.total:
                    break
            # Into the middle of a slice.
            time.sleep(0.1)
            began = time.perf_counter()
            messages.close()
            seconds.append(time.perf_counter() - began)
    return [figure("cancel while reading", [1000 * each for each in seconds], "ms", "<= 1000")]


if __name__ == "__main__":
    sys.exit(main())
