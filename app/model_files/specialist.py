"""A specialist's models: which are in use here, and which of another's are chosen with it."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from app import settings
from app.model_files.installed import ENCODER, LLM, Installed, installed
from app.paths import Profile, repair, starter_models
from app.settings import Settings
from indexer.errors import IndexerError
from indexer.specialist.file import ModelName, read_specialist
from indexer.specialist.library import (
    Brought,
    Given,
    keep,
    take_back,
    take_in,
    taken_in,
    write_specialist,
)
from indexer.types import Embedder
from models.catalog import entries
from models.encoder_files import read_card
from models.errors import ModelError
from models.seal import sealed_sha256

_USES = (ENCODER, LLM)  # also the names of the settings that say which is used


@dataclass(frozen=True, slots=True)
class Suggested:
    """A model that a specialist was used with, and what became of that here."""

    use: str  # ENCODER or LLM
    name: str
    chosen: bool  # just now
    missing: str  # why it is not used here, and what to do; empty where it is


@dataclass(frozen=True, slots=True)
class Imported:
    """What a specialist has brought; `kept` is whether there is anything to take back."""

    brought: Brought
    kept: bool
    total: int  # of what `import_specialist` yields
    models: tuple[Suggested, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    """A setting that a specialist has changed."""

    before: str
    after: str


def export_specialist(profile: Profile, file: Path) -> tuple[Given, Mapping[str, ModelName]]:
    """Write all that was taught here to a file, with the models in use. Raises IndexerError."""
    chosen = settings.load(profile.settings)
    here = {(model.kind, model.name): model for model in installed(profile)}
    used = {use: here.get((use, _chosen(chosen, use))) for use in _USES}
    models = {use: ModelName(m.name, _sha256(m)) for use, m in used.items() if m is not None}
    return write_specialist(profile.database, models, file), models


def import_specialist(
    profile: Profile, embedder: Embedder | None, file: Path, at_once: int
) -> Generator[tuple[int, int], None, Imported]:
    """Take in a specialist, and choose its models where they are here.

    Yields how much is done, and of how much. Raises IndexerError.
    """
    try:
        specialist = read_specialist(file)
    except OSError as error:
        raise IndexerError("The file cannot be read.", "Check its name.", file) from error
    total = len(specialist.lessons) + len(specialist.tags)
    taking = take_in(profile.database, embedder, specialist, file.name, at_once)
    while True:
        try:
            done = next(taking)
        except StopIteration as end:
            brought: Brought = end.value
            break
        yield done, total
    chosen = settings.load(profile.settings)
    models = tuple(_suggested(profile, use, each, chosen) for use, each in
                   specialist.models.items() if use in _USES)  # fmt: skip
    changes: dict[str, Any] = {each.use: each.name for each in models if each.chosen}
    # Noted first: what was noted and not done is nothing to take back.
    choices = _noted(profile, brought.specialist)
    choices |= {use: _Choice(_chosen(chosen, use), name) for use, name in changes.items()}
    kept = keep(profile.database, brought.specialist, _written(choices))
    if changes:
        settings.save(replace(chosen, **changes), profile.settings)
    return Imported(brought, kept, total, models)


def undo_specialist(profile: Profile, id_: int, *, wholly: bool = True) -> tuple[int, int]:
    """Take a specialist back; return how many lessons and tags went. Raises IndexerError.

    What it had chosen is chosen no longer, unless its owner has chosen otherwise since.
    """
    choices = _noted(profile, id_)
    chosen = settings.load(profile.settings)
    back: dict[str, Any] = {
        use: each.before for use, each in choices.items() if _chosen(chosen, use) == each.after
    }
    if back:
        settings.save(replace(chosen, **back), profile.settings)
    for other in taken_in(profile.database):
        theirs = _read(other.choices)
        after_it = {use for use in theirs.keys() & choices.keys()
                    if other.id != id_ and theirs[use].before == choices[use].after}  # fmt: skip
        for use in after_it:
            theirs[use] = replace(theirs[use], before=choices[use].before)
        if after_it:
            keep(profile.database, other.id, _written(theirs))
    return take_back(profile.database, id_, wholly=wholly)


def _noted(profile: Profile, id_: int) -> dict[str, _Choice]:
    """Return what was chosen with a specialist before."""
    text = next((each.choices for each in taken_in(profile.database) if each.id == id_), "")
    return _read(text)


def _read(text: str) -> dict[str, _Choice]:
    with suppress(ValueError, TypeError, AttributeError):
        return {str(use): _Choice(**each) for use, each in json.loads(text).items()}
    return {}


def _written(choices: Mapping[str, _Choice]) -> str:
    return json.dumps({use: asdict(each) for use, each in choices.items()}) if choices else ""


def _chosen(chosen: Settings, use: str) -> str:
    return chosen.encoder if use == ENCODER else chosen.llm


def _suggested(profile: Profile, use: str, wanted: ModelName, chosen: Settings) -> Suggested:
    """Return what becomes of a model that a specialist was used with."""
    here = [model for model in installed(profile) if model.kind == use]
    known = {model.name: _sha256(model) for model in here}
    same = [name for name, sha256 in known.items() if sha256 and sha256 == wanted.sha256]
    if not same and wanted.name in known and not (known[wanted.name] and wanted.sha256):
        same = [wanted.name]  # as far as can be told
    if same:
        # The one in use may be it under another name.
        name = next((each for each in same if each == _chosen(chosen, use)), same[0])
        return Suggested(use, name, name != _chosen(chosen, use), "")
    if wanted.name in known:
        said = f"The model “{wanted.name}” of this machine is another one than the specialist's."
        return Suggested(use, wanted.name, False, f"{said} {_HOW}")
    said = f"The model “{wanted.name}” is not on this machine."
    return Suggested(use, wanted.name, False, f"{said} {_how_to_get(wanted.name)}")


def _how_to_get(name: str) -> str:
    entry = next((each for each in entries() if each.name == name), None)
    if entry is None:
        return _HOW
    if entry.package:
        return repair()
    return f"Fetch it by `models get {name}`, then import the specialist again."


_HOW = "Bring it in by `models import FILE`, then import the specialist again."


def _sha256(model: Installed) -> str:
    """Return the hash of a model's weights; of an encoder, of those that it was made from."""
    if model.kind == ENCODER:
        with suppress(ModelError):
            return read_card(model.path).source_sha256
        return ""
    if model.path.is_relative_to(starter_models()):
        return next((entry.sha256 for entry in entries() if entry.name == model.name), "")
    return sealed_sha256(model.path)
