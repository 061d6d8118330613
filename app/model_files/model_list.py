"""The models that are here and those to be had, each with what is to be expected of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.llm.speeds import Known, known, known_machine, size_of
from app.model_files.installed import ADAPTER, LLM, Installed, installed
from app.paths import Profile
from app.settings import Settings
from models.adapters import read_adapter, require_base
from models.advisor import Fit, Machine, Size, Speed, fit_of, predict, size_of_entry
from models.catalog import Entry, entries, known_entry
from models.errors import ModelError
from models.gguf import Gguf, read_gguf


@dataclass(frozen=True, slots=True)
class Advice:
    """Whether an LLM fits this machine, and how fast it is: expected, and as it was."""

    size: Size
    fit: Fit
    expected: Speed
    measured: Speed | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A model of the list."""

    name: str
    title: str
    kind: str  # ENCODER or LLM
    bytes: int
    path: Path | None  # None: it is to be had
    used: bool
    removable: bool
    begun: bool  # a download of it waits to go on
    entry: Entry | None  # what the catalogue says of it
    advice: Advice | None  # of an LLM
    trouble: str = ""  # why its file cannot be read


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter of this machine."""

    name: str
    bytes: int
    base: str  # the kind of models that it is for
    fits: tuple[str, ...]  # those of this machine that it can be used with
    used: bool
    trouble: str = ""  # why its file cannot be used


def list_offers(profile: Profile, settings: Settings) -> list[Offer]:
    """Return all models, those of this machine first. Measures the machine if it never was."""
    machine, measured = known_machine(profile), known(profile)
    here = [model for model in installed(profile) if model.kind != ADAPTER]
    offers = [_offer(profile, settings, model, machine, measured) for model in here]
    return [*offers, *_to_be_had(profile, {model.name for model in here}, machine, measured)]


def list_adapters(profile: Profile, settings: Settings) -> list[Adapter]:
    """Return the adapters of this machine, each with the models that it fits."""
    here = installed(profile)
    found = [model for model in here if model.kind == ADAPTER]
    bases = dict(_headers(here)) if found else {}
    return [_adapter(settings, model, bases) for model in found]


def _headers(models: Sequence[Installed]) -> Iterator[tuple[str, Gguf]]:
    for model in models:
        if model.kind == LLM:
            with suppress(ModelError):
                yield model.name, read_gguf(model.path)


def _adapter(settings: Settings, model: Installed, bases: Mapping[str, Gguf]) -> Adapter:
    used = (settings.adapter, settings.adapted) == (model.name, settings.llm)
    try:
        gguf = read_adapter(model.path)
    except ModelError as error:
        return Adapter(model.name, model.bytes, "", (), used, str(error))
    fits = tuple(name for name, base in bases.items() if _fits(gguf, base))
    return Adapter(model.name, model.bytes, gguf.architecture, fits, used)


def _fits(adapter: Gguf, base: Gguf) -> bool:
    try:
        require_base(adapter, base)
    except ModelError:
        return False
    return True


def _offer(
    profile: Profile, settings: Settings, model: Installed, machine: Machine, measured: Known
) -> Offer:
    entry = known_entry(model.name)
    advice, trouble = None, ""
    if model.kind == LLM:
        try:
            advice = _advice(size_of(model.path), model.name, machine, measured)
        except ModelError as error:
            trouble = str(error)
    return Offer(
        model.name,
        entry.title if entry else model.name,
        model.kind,
        model.bytes,
        model.path,
        used=model.name in {settings.encoder, settings.llm},
        removable=profile.models in model.path.parents,
        begun=False,
        entry=entry,
        advice=advice,
        trouble=trouble,
    )


def _to_be_had(
    profile: Profile, here: set[str], machine: Machine, measured: Known
) -> Iterator[Offer]:
    for entry in entries():
        if not entry.files or entry.name in here:
            continue
        part = profile.models / f"{entry.name}.gguf.part"
        source = profile.models / f".{entry.name}.source"
        advice = None
        if entry.kind == LLM:
            advice = _advice(size_of_entry(entry), entry.name, machine, measured)
        yield Offer(
            entry.name,
            entry.title,
            entry.kind,
            entry.bytes,
            None,
            used=False,
            removable=False,
            begun=part.exists() or source.exists(),
            entry=entry,
            advice=advice,
        )


def _advice(size: Size, name: str, machine: Machine, measured: Known) -> Advice:
    memory = psutil.virtual_memory()
    others = {key: value for key, value in measured.models.items() if key != name}
    return Advice(
        size,
        fit_of(size, total=memory.total, available=memory.available),
        predict(size, machine, others),
        measured.models[name][1] if name in measured.models else None,
    )
