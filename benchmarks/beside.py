"""What an answer gains when indexing waits for it: the same prompt with and without, in turns.

The index worker of a library of its own embeds made-up documents all the while, and is paused and
resumed as the window does it; the model's own sign, which would stop it, is another profile's.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import psutil

from app import settings
from app.llm.process import LlmProcess
from app.messages.index import AddPaths, Indexing, OpenLibrary, Pause
from app.messages.llm import Generate, Generated, PromptPassage, Reading
from app.messages.wire import from_wire, to_wire
from app.model_files.installed import find_llm
from app.paths import Profile, worker_command
from app.pausing.pressure import OVERRULED
from app.pipes.supervisor import Worker
from app.settings import Settings
from benchmarks.report import Figure, add_json_option, figure, show

_DOCUMENTS = 2_000
_WORDS = "printer warranty lease paper invoice toner meeting garden insurance letter".split()  # noqa: SIM905
_SETTLE_SECONDS = 1.0
_QUESTION = "Explain in many sentences, one after the other, everything that the passages say."


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.beside")
    parser.add_argument("--model", type=Path, metavar="GGUF", help="another than the starter")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="repetitions (3)")
    parser.add_argument("--write", type=int, default=96, metavar="N", help="tokens to write (96)")
    add_json_option(parser)
    parsed = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="pocket-llm-") as folder:
        model = parsed.model or find_llm(Profile(Path(folder)), Settings().llm)
        figures = _measure(Path(folder), model, parsed.rounds, parsed.write)
    show(f"beside indexing, {model.stem}", figures, as_json=parsed.json)
    return 0


def _measure(folder: Path, model: Path, rounds: int, write: int) -> list[Figure]:
    library, asking = Profile(folder / "library"), Profile(folder / "asking")
    for profile in (library, asking):
        profile.create()
    # Other programs, the model among them, must not stop what is measured.
    settings.save(Settings(index_despite=tuple(OVERRULED)), library.settings)
    _write_documents(folder / "documents")
    read: dict[bool, list[float]] = {True: [], False: []}
    written: dict[bool, list[float]] = {True: [], False: []}
    stops: list[float] = []
    taken: list[float] = []
    with closing(Worker(worker_command("index"))) as index:
        index.send(to_wire(OpenLibrary(library.root)))
        index.send(to_wire(AddPaths("add", (folder / "documents",))))
        _wait_for_embedding(index)
        for number in range(rounds):
            for waits in (True, False):
                index.send(to_wire(Pause(waits)))
                if waits:
                    stops.append(_until_quiet(index))
                time.sleep(_SETTLE_SECONDS)
                with closing(LlmProcess(asking, model)) as llm:
                    for _ in llm.generate(Generate("warm", "Hello", max_tokens=1)):
                        pass
                    began, used = time.perf_counter(), _used(psutil.Process(index.pid))
                    speeds = _answer(llm, number, write)
                    used = _used(psutil.Process(index.pid)) - used
                if not waits:
                    taken.append(used / (time.perf_counter() - began))
                read[waits].append(speeds[0])
                written[waits].append(speeds[1])
    return [
        figure("reading, indexing waits", read[True], "tokens/s"),
        figure("reading, indexing goes on", read[False], "tokens/s"),
        figure("writing, indexing waits", written[True], "tokens/s"),
        figure("writing, indexing goes on", written[False], "tokens/s"),
        figure("taken by indexing meanwhile", taken, "cores"),
        figure("until a pause holds", stops, "s", "<= 0.5"),
    ]


def _write_documents(folder: Path) -> None:
    folder.mkdir()
    chance = random.Random(5)  # noqa: S311 -- the same documents each time
    for number in range(_DOCUMENTS):
        words = (f"{chance.choice(_WORDS)} {chance.randrange(1000)}" for _ in range(400))
        (folder / f"{number}.txt").write_text(f"Document {number}. " + " ".join(words))


def _wait_for_embedding(index: Worker) -> None:
    """Wait until all documents are read, so that the long part of the work is under way."""
    while (data := index.receive(600)) is not None:
        message = from_wire(data)
        if isinstance(message, Indexing) and message.chunks and not message.files:
            return
    raise SystemExit("The documents were not read.")


def _answer(llm: LlmProcess, number: int, write: int) -> tuple[float, float]:
    """Return the tokens a second of reading and of writing one answer."""
    passages = tuple(
        PromptPassage(n, f"Note {number}-{n}", f"Note {number}-{n}. " + " ".join(_WORDS) * 6)
        for n in range(1, 5)
    )
    began = read = time.perf_counter()
    for message in llm.generate(Generate(f"{number}", _QUESTION, passages, max_tokens=write)):
        if isinstance(message, Reading):
            read = time.perf_counter()
        elif isinstance(message, Generated):
            prompt = message.prompt_tokens - message.reused_tokens
            return prompt / (read - began), message.tokens_per_s
    raise SystemExit("The model did not finish its answer.")


def _until_quiet(index: Worker) -> float:
    """Return the seconds until the worker and its readers use no processor any more."""
    began = time.perf_counter()
    root = psutil.Process(index.pid)
    quiet_since, before = began, _used(root)
    while time.perf_counter() - quiet_since < _SETTLE_SECONDS:
        time.sleep(0.02)
        if (now := _used(root)) > before + 0.01:
            before, quiet_since = now, time.perf_counter()
    return quiet_since - began


def _used(root: psutil.Process) -> float:
    """Return the processor seconds of a worker and its readers."""
    times = [process.cpu_times() for process in (root, *root.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


if __name__ == "__main__":
    sys.exit(main())
