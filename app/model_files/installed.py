"""The models that are on this machine: those of the installation and those of the owner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.paths import Profile, starter_models
from app.settings import Settings
from models.adapters import SUFFIX
from models.catalog import DEFAULT_READING_BUDGET, entries, known_entry
from models.errors import ModelMissing
from models.seal import sealed_sha256

ENCODER = "encoder"
LLM = "llm"
ADAPTER = "adapter"


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that can be used."""

    name: str
    kind: str  # ENCODER, LLM or ADAPTER
    path: Path  # a folder for an encoder, a GGUF file for others
    bytes: int


def installed(profile: Profile) -> list[Installed]:
    """Return all models; one of the owner hides one of the installation with the same name."""
    found: dict[str, Installed] = {}
    for folder in (starter_models(), profile.models):
        for model in _models_in(folder):
            found[model.name] = model
    return sorted(found.values(), key=lambda model: (model.kind, model.name))


def _models_in(folder: Path) -> Iterator[Installed]:
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.suffix == ".gguf" and path.is_file():
            yield Installed(path.stem, LLM, path, path.stat().st_size)
        elif path.suffix == SUFFIX and path.is_file():
            yield Installed(path.stem, ADAPTER, path, path.stat().st_size)
        elif (path / "encoder.json").is_file():
            size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
            yield Installed(path.name, ENCODER, path, size)


def looks_like_model(path: Path) -> bool:
    """Whether a dropped file or folder is a model rather than a document, by its names alone."""
    if path.is_dir():
        return (path / "modules.json").is_file()
    return path.suffix.lower() in {".gguf", ".safetensors"}


def find_encoder(profile: Profile, name: str) -> Path | None:
    """Return the folder of a prepared encoder."""
    return _find(profile, name, ENCODER)


def find_llm(profile: Profile, name: str) -> Path:
    """Return the file of an LLM. Raises ModelMissing."""
    path = _find(profile, name, LLM)
    if path is None:
        raise ModelMissing(
            f"The model “{name}” is not on this machine.",
            "`models list` shows those that are; `models import FILE` adds one.",
        )
    return path


def chosen_adapter(profile: Profile, chosen: Settings, model: Path) -> Path | None:
    """Return the file of the adapter that an LLM is used with; it may be gone."""
    if not chosen.adapter or model.stem != chosen.adapted:
        return None
    return adapter_path(profile, chosen.adapter)


def adapter_path(profile: Profile, name: str) -> Path:
    """Return the file of an adapter by its name; it may be gone."""
    return profile.models / f"{name}{SUFFIX}"


def writer_name(profile: Profile, chosen: Settings, model: Path) -> str:
    """Return what tells apart what an LLM writes alone and with each adapter."""
    adapter = chosen_adapter(profile, chosen, model)
    if adapter is None:
        return model.stem
    return f"{model.stem} {sealed_sha256(adapter) or adapter.stem}"


def reading_budget(name: str) -> int:
    """Return how many tokens of passages are worth reading for one answer of this LLM."""
    known = {entry.name: entry.reading_budget for entry in entries()}
    return known.get(name, DEFAULT_READING_BUDGET)


def is_hinted(name: str) -> bool:
    """Tell whether this LLM is to be shown the sentence that answers best."""
    entry = known_entry(name)
    return entry is not None and entry.hinted


def _find(profile: Profile, name: str, kind: str) -> Path | None:
    for model in installed(profile):
        if (model.name, model.kind) == (name, kind):
            return model.path
    return None
