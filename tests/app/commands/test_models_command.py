"""models: listing, fetching, choosing, removing, measuring, as its owner types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import run
from app.commands import model_parsers
from app.llm.speeds import SpeedMeter, known
from app.messages.llm import Generated, Reading
from app.paths import Profile, starter_models
from models.catalog import find_entry
from models.quantize_gguf import KINDS


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    profile = Profile(tmp_path / "profile")
    profile.create()
    return profile


def own_model(profile: Profile) -> Path:
    """Bring the starter in under a name of the owner's."""
    source = starter_models() / "smollm2-135m-instruct.gguf"
    if not source.exists():
        pytest.skip("the starter model is not prepared")
    path = profile.models / "own.gguf"
    path.symlink_to(source)
    return path


def said(profile: Profile, capsys: pytest.CaptureFixture[str], *typed: str) -> list[dict[str, Any]]:
    """Return the JSON lines of a command that is done."""
    assert run(["--profile", str(profile.root), "--json", "models", *typed]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def refused(profile: Profile, capsys: pytest.CaptureFixture[str], *typed: str) -> str:
    """Return the sentence of a command that is not."""
    assert run(["--profile", str(profile.root), "models", *typed]) == 1
    return capsys.readouterr().err


def test_the_list_has_what_is_here_and_what_can_be_had(
    profile: Profile, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what is to be expected, and beside it what was measured."""
    path = own_model(profile)
    meter = SpeedMeter(profile, path)
    meter.take(Reading("1", 0, 200, 0))
    meter.take(Reading("1", 200, 200, 0))
    meter.take(Generated("1", "text", (), 200, 0, 20, 12.5, "end"))
    lines = said(profile, capsys, "list")
    (own,) = (line for line in lines if line["name"] == "own")
    assert own["type"] == "model"
    assert own["fit"] == "fits"
    assert own["read_tokens_per_s"] > own["write_tokens_per_s"] > 0
    assert own["measured_write_tokens_per_s"] == 12.5
    (other,) = (line for line in lines if line["name"] == "qwen2.5-7b-instruct")
    assert other["type"] == "available"
    assert other["licence"] == "Apache-2.0"
    assert other["memory"] > other["bytes"]
    assert "zh" in other["languages"]
    assert said(profile, capsys, "remove", "own", "--yes")[0]["removed"]
    assert known(profile).models == {}
    assert known(profile).machine is not None


def test_a_licence_is_shown_first(profile: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    error = refused(profile, capsys, "get", "llama-3.1-8b-instruct")
    assert "acceptable use policy" in error
    assert "--accept-licence" in error
    assert "https://www.llama.com/" in error


def test_what_need_not_be_fetched_is_told(
    profile: Profile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "came with" in refused(profile, capsys, "get", "smollm2-135m-instruct")
    assert "no model named" in refused(profile, capsys, "get", "nothing")
    error = refused(profile, capsys, "get", "qwen3-8b", "--mirror", "http://mirror.example")
    assert "begins with https://" in error


def test_a_mirror_is_kept_and_let_go(profile: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    mirror = "https://mirror.example/hub"
    assert said(profile, capsys, "mirror", mirror + "/")[0]["addresses"] == [mirror]
    assert said(profile, capsys, "mirror")[0]["addresses"] == [mirror]
    assert said(profile, capsys, "mirror", "off")[0]["addresses"] == ["https://huggingface.co"]
    assert "begins with" in refused(profile, capsys, "mirror", "ftp://mirror.example")


def test_one_in_use_goes_when_its_owner_says_so_and_the_starter_takes_its_place(
    profile: Profile, capsys: pytest.CaptureFixture[str]
) -> None:
    own_model(profile)
    said(profile, capsys, "use", "own")
    assert "--yes" in refused(profile, capsys, "remove", "own")
    assert (profile.models / "own.gguf").exists()
    assert run(["--profile", str(profile.root), "models", "remove", "own", "--yes"]) == 0
    assert "starter model takes its place" in capsys.readouterr().out
    assert list(profile.models.iterdir()) == []
    assert json.loads(profile.settings.read_text())["llm"] == "smollm2-135m-instruct"


def test_the_models_of_the_installation_stay(
    profile: Profile, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refused(profile, capsys, "remove", "smollm2-135m-instruct", "--yes")
    assert "belongs to the installation" in error
    assert "not on this machine" in refused(profile, capsys, "remove", "nothing", "--yes")


def test_what_an_unfinished_download_left_is_removed_by_its_name(
    profile: Profile, capsys: pytest.CaptureFixture[str]
) -> None:
    """And its line says that it was begun."""
    name = find_entry("qwen3-8b").name
    for suffix in (".part", ".part.json"):
        (profile.models / f"{name}.gguf{suffix}").write_bytes(b"{}")
    (line,) = (each for each in said(profile, capsys, "list") if each["name"] == name)
    assert line["begun"]
    assert said(profile, capsys, "remove", name, "--yes")[0]["bytes"] == 0
    assert list(profile.models.iterdir()) == []


def test_the_command_knows_each_type_of_the_quantizer() -> None:
    """Written down twice, since --help need not load llama.cpp's part."""
    assert model_parsers._KINDS == KINDS
