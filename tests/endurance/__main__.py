"""Kill the program for some minutes, and say whether anything was lost."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.endurance.killing import Killing


def main() -> int:
    """Parse the command line and run; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.endurance", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="end after so long at most")
    parser.add_argument("--kills", type=int, help="... and after so many kills (no end)")
    parser.add_argument("--files", type=int, default=0, help="... that have met so many new files")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--encrypted", action="store_true", help="an encrypted library")
    parser.add_argument("--folder", type=Path, help="keep everything here")
    chosen = parser.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="pocket-llm-endurance-"))
    print(f"seed {chosen.seed}, in {folder}", flush=True)
    killing = Killing(
        folder, chosen.seed, lambda line: print(line, flush=True), encrypted=chosen.encrypted
    )
    kills = sys.maxsize if chosen.kills is None else chosen.kills
    outcome = killing.run(kills, chosen.files, chosen.minutes * 60)
    print(json.dumps(dataclasses.asdict(outcome)))
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
