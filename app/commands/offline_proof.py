"""doctor --offline-proof: the main job where nothing can leave, and the receipt of it."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from app.commands import Context
from app.offline.job import NOTED, REFUSED, WATCHED
from app.offline.proof import Receipt, prove

_MEANS = {
    NOTED: "The system's kernel refused and noted every attempt to reach another machine, "
    "whichever program or library made it; in the readers, the viewer and the recognition of "
    "text, their own filter refuses, and Python notes.",
    REFUSED: "The system's kernel refused every attempt to reach another machine. This kernel "
    "cannot note them: noted is what Python code tried, not what a library in C did by itself.",
    WATCHED: "This system has no filter that a program can put on itself: refused and noted is "
    "what Python code tries, not what a library in C does by itself. A firewall or an unplugged "
    "cable shows the rest.",
}


def offline_proof(context: Context, _arguments: argparse.Namespace) -> int:
    """Do the main job under the guard and print the receipt; 1 if it proves nothing."""
    output = context.output

    def say(step: str, detail: str) -> None:
        output.note(f"{step} …" if not detail else f"{step}: {detail}")

    receipt = prove(say)
    fields = {name: value for name, value in asdict(receipt).items() if name != "attempts"}
    output.line({"type": "receipt", **fields, "attempts": [asdict(a) for a in receipt.attempts]})
    output.line({"type": "done", "ok": receipt.proved})
    for line in _lines(receipt):
        output.text(line)
    return 0 if receipt.proved else 1


def _lines(receipt: Receipt) -> list[str]:
    """Return the receipt for a person."""
    roles = ", ".join(f"{count} × {role}" for role, count in sorted(receipt.processes.items()))
    lines = [
        f"Pocket-LLM {receipt.version}, {receipt.system}, {receipt.date}",
        _MEANS[receipt.means],
        f"To test that: {len(receipt.refused)} of {len(receipt.tried)} attempts were refused, "
        f"{receipt.noted} noted ({'; '.join(receipt.tried)}).",
        f"Processes: {roles}.",
        *(f"  {step}: {detail}" for step, detail in receipt.steps),
        f"Attempts to reach another machine: {len(receipt.attempts)}",
        *(
            f"  {line.what} {line.family}, process {line.pid}, refused by {line.by}"
            for line in receipt.attempts
        ),
    ]
    if not receipt.guarded:
        lines.append("The guard did not refuse and note all that was tried: this proves nothing.")
    elif not receipt.complete:
        lines.append("The main job did not come to its end: `doctor` says what has to be mended.")
    return lines
