"""The library is found by meaning while another encoder takes its place."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from app.index_worker.serving import serving
from app.library import open_embedder
from app.paths import Profile, starter_models
from app.settings import load
from models.encoder_files import CARD, read_card


def test_the_old_encoder_answers_until_the_new_one_has_embedded_all(tmp_path: Path) -> None:
    """A question that shares no word with its passage is answered before and after."""
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "harvest.txt").write_text("Never before had so much grain been brought in.")
    (documents / "ships.txt").write_text("The engine of the vessel has twelve cylinders.")
    profile = Profile(tmp_path / "p")

    def call(*arguments: str) -> list[dict[str, Any]]:
        command = [sys.executable, "-m", "app", "--profile", str(profile.root), "--json"]
        ran = subprocess.run([*command, *arguments], check=True, capture_output=True, text=True)
        return [json.loads(line) for line in ran.stdout.splitlines()]

    def first() -> str:
        hits = [line for line in call("search", "wheat yields") if line["type"] == "hit"]
        assert hits[0]["cosine"] is not None
        return Path(hits[0]["path"]).name

    def serves() -> str:
        embedder = serving(profile, open_embedder(profile, load(profile.settings)))
        assert embedder is not None
        return embedder.name.rsplit("-", 1)[0]

    call("add", str(documents))
    other = profile.models / "other"
    shutil.copytree(starter_models() / "all-minilm-l6-v2", other)
    card = replace(read_card(other), name="other")
    (other / CARD).write_text(json.dumps(asdict(card)), "utf-8")
    call("models", "use", "other")
    assert (serves(), first()) == ("all-minilm-l6-v2", "harvest.txt")
    call("sync")
    assert (serves(), first()) == ("other", "harvest.txt")
    call("models", "use", "all-minilm-l6-v2")
    assert serves() == "all-minilm-l6-v2"
