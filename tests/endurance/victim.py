"""The program itself, in a process that a plan ends: `python -m tests.endurance.victim PLAN ARGS`.

PLAN is JSON. With "vectors" the encoder is one that is cheap to run and whose vectors are always
the same; without it there is none, and documents are found by their words. "key" is that of an
encrypted library.
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import app.library
from indexer.storage.encryption import use_key
from indexer.text.chunker import ApproximateTokens
from indexer.text.words import STOP_WORDS
from tests.endurance.faults import WRITES, Act, Plan, planned


class HashedWords:
    """An encoder that counts hashed words."""

    name = "hashed words"
    dimensions = 64
    reads_cjk = False

    def token_offsets(self, text: str) -> NDArray[np.int64]:
        return ApproximateTokens().token_offsets(text)

    def most_tokens(self, text: str) -> int:
        return len(self.token_offsets(text))

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [self.embed_query(text) for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), self.dimensions)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        row = np.full(self.dimensions, 1e-3, np.float32)
        for word in re.findall(r"\w+", text.lower()):
            row[zlib.crc32(word.encode()) % self.dimensions] += 1
        return row / np.float32(np.linalg.norm(row))

    def match(
        self, question: str, texts: Sequence[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Take a word for a token, which is close to itself only."""
        asked = set(re.findall(r"\w+", question.lower())) - STOP_WORDS
        words = [set(re.findall(r"\w+", text.lower())) for text in texts]
        close = [sum(word in own for word in asked) / max(1, len(asked)) for own in words]
        vector = self.embed_query(question)
        cosines = [float(self.embed_query(text) @ vector) for text in texts]
        return np.array(cosines, np.float32), np.array(close, np.float32)


def main() -> int:
    """Run the program under the plan."""
    plan, arguments = json.loads(sys.argv[1]), sys.argv[2:]
    encoder = HashedWords() if plan["vectors"] else None
    if "key" in plan:
        use_key(Path(plan["folder"]) / "library.db", bytes.fromhex(plan["key"]))
    app.library.open_embedder = lambda _profile, _settings: encoder
    from app.__main__ import main as program

    with planned(Plan(Path(plan["folder"]), Act(plan["act"]), plan["at"], WRITES)):
        return program(arguments)


if __name__ == "__main__":
    sys.exit(main())
