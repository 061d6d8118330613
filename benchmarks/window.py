"""How soon the window is there and can search, and how long its event loop stands still under load.

The program runs in a process of its own (window_child.py); startup.py is the command.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.paths import Profile
from benchmarks.report import Figure, figure

_LONGEST = 1800.0  # seconds; a window that has not ended by then is ended
_SHOWN = 3  # stalls that are described one by one
_SYLLABLES = ("bar", "del", "fen", "gor", "hal", "ibe", "kos", "lun", "mar", "nes", "oth", "pel")
_PEOPLE = ("Amsel", "Brandt", "Corrigan", "Dubois", "Eriksen", "Farkas", "Grieg", "Holloway")
_SENTENCES = (
    "The mill of {place} was built in {year} by {person} and ground {count} sacks a week.",
    "In {year} the council of {place} paid {person} {count} crowns for the new bridge.",
    "A school for {count} children was opened at {place} in {year} by {person}.",
    "The river near {place} rose by {count} inches in the spring of {year}, as {person} noted.",
    "{person} counted {count} apple trees around {place} in the autumn of {year}.",
    "The railway reached {place} in {year}; {person} sold {count} tickets in its first month.",
    "Until {year} the market of {place} was held by {person} with {count} stalls.",
    "The clock of {place} was repaired by {person} in {year} for {count} crowns.",
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in the window's process."""

    name: str
    seconds: float  # since the process was started
    data: Mapping[str, Any]


def measure_start(profile: Profile, query: str, rounds: int) -> list[Figure]:
    """Start the program again and again on a library that is there."""
    seconds: dict[str, list[float]] = {"visible": [], "words": [], "encoder": [], "both": []}
    cpu: list[float] = []
    for _ in range(rounds):
        events = {event.name: event for event in run_window(profile, "--search", query)}
        if not (events["words"].data["hits"] and events["both"].data["hits"]):
            raise SystemExit("The query finds nothing in these documents; ask another one.")
        for name, times in seconds.items():
            times.append(events[name].seconds)
        cpu.append(events["visible"].data["cpu"])
    return [
        figure("process start to window painted", seconds["visible"], "s", "<= 1.5"),
        figure("processor time of the window's process until then", cpu, "s"),
        figure("process start to first search in the window, by word", seconds["words"], "s"),
        figure("process start to encoder loaded", seconds["encoder"], "s"),
        figure("process start to first search in the window, by both", seconds["both"], "s"),
    ]


def measure_load(folder: Path, questions: Sequence[str], rounds: int) -> list[Figure]:
    """Drop a folder on the window and ask meanwhile, beside a process that only beats."""
    asked = [text for question in questions for text in ("--question", question)]
    lasted: list[float] = []
    loads: list[Mapping[str, Any]] = []
    idle: list[Mapping[str, Any]] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="pocket-llm-") as profile, _idle_process() as beats:
            run = list(run_window(Profile(Path(profile)), "--drop", str(folder), *asked))
        events = {event.name: event for event in run}
        lasted.append(events["indexed"].seconds - events["visible"].seconds)
        loads.append(events["load"].data)
        for gap in loads[-1]["worst"][:_SHOWN]:
            print(_sentence(gap), file=sys.stderr)
        idle.append(beats)
    worst = [load["worst"][0] for load in loads]
    costliest = [load["costliest"][0] for load in loads]
    then = [_stalled_then(gap, beats) for gap, beats in zip(worst, idle, strict=True)]
    tokens = [load["tokens"] for load in loads]
    return [
        figure("load: window painted to all indexed", lasted, "s"),
        figure("load: tokens written meanwhile", tokens),
        figure("load: longest stall", _ms(worst, "seconds"), "ms", "<= 100"),
        figure("load: in it, the window's thread computed", _ms(worst, "own"), "ms"),
        figure("load: in it, the window's thread waited for a core", _ms(worst, "queued"), "ms"),
        figure("load: in it, the window's other threads computed", _ms(worst, "others"), "ms"),
        figure("load: in it, the idle process stalled", [1000 * each for each in then], "ms"),
        figure("load: 99.9 % of the gaps are below", _ms(loads, "p999"), "ms"),
        figure("load: most that the window's thread computed at once", _ms(costliest, "own"), "ms"),
        figure("load: longest stall of the idle process", _ms(idle, "longest"), "ms"),
        figure("load: 99.9 % of the idle process's gaps are below", _ms(idle, "p999"), "ms"),
    ]


def run_window(profile: Profile, *arguments: str) -> Iterator[Event]:
    """Run the program with its window and yield what happens in it.

    Without a platform in QT_QPA_PLATFORM it needs no screen. Raises SystemExit if it fails.
    """
    command = [sys.executable, "-m", "benchmarks.window_child", str(profile.root), *arguments]
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    began = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment
    ) as process:
        limit = threading.Timer(_LONGEST, process.kill)
        limit.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                data = json.loads(line)
                yield Event(data.pop("event"), data.pop("at") - began, data)
        finally:
            limit.cancel()
    if process.returncode:
        raise SystemExit(f"The window's process ended with status {process.returncode}.")


def write_documents(folder: Path, count: int) -> list[str]:
    """Write text files, the same each time, and return questions that they answer."""
    chance = random.Random(17)  # noqa: S311 -- nothing secret
    places = [_name(number) for number in range(count)]
    for number, place in enumerate(places):
        paragraphs = [" ".join(_sentences(place, chance)) for _ in range(4)]
        path = folder / f"{number:05} {place}.txt"
        path.write_text("\n\n".join([f"Notes on {place}", *paragraphs]), encoding="utf-8")
    first, second, third = (places[count * part // 4] for part in (0, 1, 2))
    return [
        f"Who built the mill of {first}, and when?",
        f"Tell me everything that the notes say about {second}, sentence by sentence.",
        f"What happened at {third}? Explain it in many sentences.",
        f"How many apple trees were counted around {first}?",
    ]


def _name(number: int) -> str:
    name = ""
    for _ in range(3):
        number, place = divmod(number, len(_SYLLABLES))
        name += _SYLLABLES[place]
    return name.capitalize() + (f" {number + 1}" if number else "")


def _sentences(place: str, chance: random.Random) -> Iterable[str]:
    for sentence in chance.sample(_SENTENCES, len(_SENTENCES) // 2):
        yield sentence.format(
            place=place,
            year=chance.randint(1700, 1950),
            person=chance.choice(_PEOPLE),
            count=chance.randint(2, 900),
        )


@contextmanager
def _idle_process() -> Iterator[dict[str, Any]]:
    """Let a process beat meanwhile; what it says of it is there at the end."""
    said: dict[str, Any] = {}
    command = [sys.executable, "-m", "benchmarks.heartbeat"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        try:
            yield said
        finally:
            output, _ = process.communicate()
    said.update(json.loads(output))


def _sentence(gap: Mapping[str, Any]) -> str:
    """Say what a gap was spent on and which messages came in it."""
    seconds, own, queued, others = (
        round(1000 * gap[key]) for key in ("seconds", "own", "queued", "others")
    )
    what = ", ".join(gap["during"]) or "nothing noted"
    return (
        f"stall of {seconds} ms ({what}): {own} ms computing, {queued} ms waiting for a core, "
        f"{others} ms of other threads"
    )


def _stalled_then(gap: Mapping[str, Any], beats: Mapping[str, Any]) -> float:
    """Return the longest gap of the idle process that overlaps one of the window's, in seconds."""
    begin, end = gap["at"], gap["at"] + gap["seconds"]
    return max(
        (seconds for at, seconds in beats["gaps"] if at < end and at + seconds > begin),
        default=0.0,
    )


def _ms(items: Iterable[Mapping[str, Any]], key: str) -> list[float]:
    return [1000 * item[key] for item in items]
