"""LoRA adapters as their owner types them: imported, listed, chosen, refused, removed."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import settings
from app.chats.named_scopes import adapter_for
from app.cli import run
from app.llm.process import load_message
from app.messages.general import Failed
from app.messages.llm import LoadModel, ModelLoaded
from app.messages.wire import to_wire
from app.model_files.installed import chosen_adapter, find_llm, writer_name
from app.paths import Profile
from indexer.types import Scope
from tests.adapter_files import write_adapter
from tests.app.llm.test_llm_worker import ask, start, starter_llm, until
from tests.app.llm.test_reopened_chats import FIRST, PASSAGES

pytestmark = pytest.mark.timeout(600)  # the first run prepares the starter models

STARTER = "smollm2-135m-instruct"


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    profile = Profile(tmp_path / "profile")
    profile.create()
    return profile


def said(profile: Profile, capsys: pytest.CaptureFixture[str], *typed: str) -> list[dict[str, Any]]:
    """Return the JSON lines of a command that is done."""
    assert run(["--profile", str(profile.root), "--json", "models", *typed]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def refused(profile: Profile, capsys: pytest.CaptureFixture[str], *typed: str) -> str:
    """Return the sentence of a command that is not."""
    assert run(["--profile", str(profile.root), "models", *typed]) == 1
    return capsys.readouterr().err


def load(profile: Profile) -> LoadModel:
    """Return what the worker is told."""
    return load_message(profile, find_llm(profile, STARTER), 256)


def test_an_adapter_is_kept_beside_the_models_and_chosen_by_its_name(
    profile: Profile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The model's own name goes back to the model alone."""
    source = write_adapter(tmp_path / "Legal Style.gguf", starter_llm())
    *_, imported = said(profile, capsys, "import", str(source))
    assert (imported["name"], imported["kind"]) == ("legal-style", "adapter")
    assert imported["base"] == "llama"
    kept = profile.models / "legal-style.lora"
    assert kept.read_bytes() == source.read_bytes()
    assert (profile.models / "legal-style.lora.sha256").exists()
    (line,) = (each for each in said(profile, capsys, "list") if each["type"] == "adapter")
    assert (line["base"], line["fits"], line["used"]) == ("llama", [STARTER], False)
    assert load(profile).adapter is None
    alone = writer_name(profile, settings.load(profile.settings), starter_llm())

    said(profile, capsys, "use", "legal-style")
    assert load(profile).adapter == kept
    chosen = settings.load(profile.settings)
    assert writer_name(profile, chosen, starter_llm()) != alone
    assert chosen_adapter(profile, chosen, tmp_path / "another.gguf") is None
    (line,) = (each for each in said(profile, capsys, "list") if each["type"] == "adapter")
    assert line["used"]
    said(profile, capsys, "use", STARTER)
    assert load(profile).adapter is None

    said(profile, capsys, "use", "legal-style")
    assert "--yes" in refused(profile, capsys, "remove", "legal-style")
    said(profile, capsys, "remove", "legal-style", "--yes")
    assert list(profile.models.iterdir()) == []
    assert load(profile).adapter is None


def test_a_selection_is_answered_with_an_adapter_of_its_own(
    profile: Profile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever asks about the same folders and files asks inside of it."""
    source = write_adapter(tmp_path / "legal.gguf", starter_llm())
    said(profile, capsys, "import", str(source))
    command = ["--profile", str(profile.root), "--json", "selections"]
    folder = tmp_path / "contracts"
    save = [*command, "save", "Contracts", "--in", str(folder), "--adapter"]
    assert run([*save, "none"]) == 1
    assert run([*save, "legal"]) == 0
    capsys.readouterr()
    assert run(command) == 0
    assert json.loads(capsys.readouterr().out)["adapter"] == "legal"
    assert adapter_for(profile.database, Scope(paths=(folder,))) == "legal"
    assert adapter_for(profile.database, Scope(paths=(folder, tmp_path))) == ""
    assert adapter_for(profile.database, Scope()) == ""
    assert run([*save[:-1]]) == 0
    assert adapter_for(profile.database, Scope(paths=(folder,))) == ""


def test_what_is_not_there_is_not_said_to_be_removed(
    profile: Profile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "is not on this machine" in refused(profile, capsys, "remove", "nope")


def test_what_cannot_be_used_is_said(
    profile: Profile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = starter_llm()
    said(profile, capsys, "import", str(write_adapter(tmp_path / "wide.gguf", base, wider=32)))
    said(
        profile, capsys, "import",
        str(write_adapter(tmp_path / "qwen.gguf", base, architecture="qwen2")),
    )  # fmt: skip
    assert "another size" in refused(profile, capsys, "use", "wide")
    assert "'qwen2'" in refused(profile, capsys, "use", "qwen")
    assert settings.load(profile.settings) == settings.Settings()
    assert run(["--profile", str(profile.root), "models", "list"]) == 0
    assert "for qwen2, fits no model here" in capsys.readouterr().out.replace(";", ",")
    assert "fewer bits" in refused(profile, capsys, "quantize", "wide", "Q8_0")
    cut = tmp_path / "cut.gguf"
    cut.write_bytes((tmp_path / "wide.gguf").read_bytes()[:-100])
    assert "damaged" in refused(profile, capsys, "import", str(cut))
    same = write_adapter(tmp_path / f"{STARTER}.gguf", base)
    assert "another model under this name" in refused(profile, capsys, "import", str(same))


@pytest.mark.slow
def test_nothing_that_was_read_is_used_under_another_adapter(tmp_path: Path) -> None:
    """Neither from the disk nor from the context, though the conversation is the same."""
    model = starter_llm()
    adapter = write_adapter(tmp_path / "other.lora", model, weight=1.0)
    message = LoadModel(str(model), 1024, caches=tmp_path)
    request = replace(FIRST, passages=PASSAGES[:1], max_tokens=4)
    with closing(start()) as process:
        texts = []
        for each in (message, replace(message, adapter=adapter)):
            process.send(to_wire(each))
            assert isinstance(until(process, ModelLoaded, Failed)[-1], ModelLoaded)
            generated, _ = ask(process, request)
            assert generated.reused_tokens < generated.prompt_tokens / 2, "the common front only"
            texts.append(generated.text)
        assert texts[0] != texts[1]


def test_an_adapter_is_exchanged_on_the_loaded_model(tmp_path: Path) -> None:
    """For a question or for all; nothing read with another is used, and the base stays loaded.

    One that is damaged or gone is said with the answer, which the model writes alone.
    """
    model = starter_llm()
    other = write_adapter(tmp_path / "other.lora", model, weight=1.0)
    message = LoadModel(str(model), 1024, caches=tmp_path)
    alone = replace(FIRST, passages=PASSAGES[:1], max_tokens=4)
    adapted = replace(alone, adapter=other, conversation="b")
    with closing(start()) as process:
        process.send(to_wire(message))
        assert isinstance(until(process, ModelLoaded, Failed)[-1], ModelLoaded)
        first, _ = ask(process, alone)
        second, _ = ask(process, adapted)
        assert second.text != first.text
        assert second.reused_tokens == 0
        assert second.trouble == ""
        again, _ = ask(process, alone)
        assert again.text == first.text
        assert again.reused_tokens > again.prompt_tokens / 2, "from its state on disk"

        process.send(to_wire(replace(message, adapter=other)))
        loaded = until(process, ModelLoaded, Failed)[-1]
        assert isinstance(loaded, ModelLoaded)
        third, _ = ask(process, replace(alone, conversation="c"))
        assert third.text == second.text

        other.write_bytes(other.read_bytes()[:-1])
        fourth, _ = ask(process, replace(alone, conversation="d"))
        assert "damaged" in fourth.trouble
        assert fourth.text == first.text
        other.unlink()
        fifth, _ = ask(process, replace(alone, conversation="d"))
        assert "adapter's file is not there" in fifth.trouble
        assert fifth.reused_tokens > 0
