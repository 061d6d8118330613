"""models: what there is, what fits this machine, choosing one, removing one."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from typing import Any

import psutil

from app import settings
from app.commands import Context
from app.installed import ENCODER, LLM, Installed, installed
from app.model_plans import remove_model
from app.paths import repair
from app.speeds import Known, known, known_machine, size_of
from models.advisor import Fit, Machine, Size, Speed, fit_of, predict, require_fit
from models.catalog import Entry, entries, known_entry
from models.errors import ModelError, ModelMissing
from models.licences import terms_of

_FITS = {
    Fit.FITS: "fits",
    Fit.TIGHT: "fits when other programs are closed",
    Fit.TOO_LARGE: "needs more memory than there is",
}


def list_models(context: Context, _arguments: argparse.Namespace) -> int:
    """Print the models of this machine, a star beside those in use, and those to be had."""
    chosen = {context.settings.encoder, context.settings.llm}
    models = installed(context.profile)
    machine, measured = known_machine(context.profile), known(context.profile)
    for model in models:
        line: dict[str, Any] = {
            "type": "model",
            "name": model.name,
            "kind": model.kind,
            "path": os.fspath(model.path),
            "bytes": model.bytes,
            "used": model.name in chosen,
        }
        said = ""
        if model.kind == LLM:
            try:
                fields, said = _advice(size_of(model.path), model.name, machine, measured)
            except ModelError as error:
                fields, said = {"fit": None}, error.title
            line |= fields
        context.output.line({**line, **_known_fields(known_entry(model.name))})
        mark = "*" if model.name in chosen else " "
        text = f"{mark} {model.name}  {model.kind}, {megabytes(model.bytes)}"
        context.output.text(f"{text}; {said}" if said else text)
    if not models:
        context.output.text(f"No models yet. {repair()}")
    _list_available(context, {model.name for model in models}, machine, measured)
    return 0


def _list_available(context: Context, here: set[str], machine: Machine, measured: Known) -> None:
    others = [entry for entry in entries() if entry.files and entry.name not in here]
    if others:
        context.output.text("\n`models get NAME` fetches:")
    for entry in others:
        line: dict[str, Any] = {"type": "available", "name": entry.name, "kind": entry.kind}
        said = ""
        if entry.kind == LLM:
            size = Size(entry.bytes, entry.weights, entry.token_bytes)
            fields, said = _advice(size, entry.name, machine, measured)
            line |= fields
        line |= {"bytes": entry.bytes, "approximate": not entry.is_pinned}
        context.output.line({**line, **_known_fields(entry)})
        about = "" if entry.is_pinned else "about "
        licence = terms.name if (terms := terms_of(entry.licence)) else entry.licence
        text = f"  {entry.name}  {entry.kind}, {about}{megabytes(entry.bytes)}, {licence}"
        context.output.text(f"{text}; {said}" if said else text)


def _known_fields(entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {}
    return {
        "title": entry.title,
        "licence": entry.licence,
        "languages": list(entry.languages),
        "context": entry.context,
    }


def _advice(size: Size, name: str, machine: Machine, measured: Known) -> tuple[dict[str, Any], str]:
    """Return whether a model fits and how fast it is, as fields and in words."""
    memory = psutil.virtual_memory()
    fit = fit_of(size, total=memory.total, available=memory.available)
    others = {key: value for key, value in measured.models.items() if key != name}
    speed = predict(size, machine, others)
    was = measured.models.get(name, (size, Speed(0.0, 0.0)))[1]
    fields = {
        "memory": size.memory,
        "fit": fit.value,
        "read_tokens_per_s": round(speed.reading, 2),
        "write_tokens_per_s": round(speed.writing, 2),
        "measured_read_tokens_per_s": round(was.reading, 2) or None,
        "measured_write_tokens_per_s": round(was.writing, 2) or None,
    }
    text = f"{_FITS[fit]} ({size.memory / 1e9:.1f} GB)"
    if fit is not Fit.TOO_LARGE:
        text += f", reads {_tokens(speed.reading)} and writes {_tokens(speed.writing)} tokens/s"
        if was.writing:
            text += f" (measured: {_tokens(was.reading)} and {_tokens(was.writing)})"
    return fields, text


def use_model(context: Context, arguments: argparse.Namespace) -> int:
    """Choose an encoder or an LLM by its name."""
    model = find_installed(context, arguments.name)
    if model.kind == ENCODER:
        changed = replace(context.settings, encoder=model.name)
    else:
        require_fit(size_of(model.path))
        changed = replace(context.settings, llm=model.name)
    settings.save(changed, context.profile.settings)
    context.output.line({"type": "model", "name": model.name, "kind": model.kind, "used": True})
    context.output.text(f"{model.name} is used from now on.")
    if model.kind == ENCODER and changed != context.settings:
        context.output.text("`sync` embeds the library anew; until then the words decide.")
    return 0


def remove(context: Context, arguments: argparse.Namespace) -> int:
    """Remove a model of the owner's, if they want it."""
    name = arguments.name
    used = name in {context.settings.encoder, context.settings.llm}
    if not arguments.yes:
        if not sys.stdin.isatty() or context.output.as_json:
            raise ModelError(f"{name} would be removed.", "Say --yes if that is meant.")
        in_use = " It is in use." if used else ""
        context.output.text(f"Remove {name}?{in_use} [y/N] ", end="")
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            return 0
    freed = remove_model(context.profile, name)
    context.output.line({"type": "model", "name": name, "removed": True, "bytes": freed})
    context.output.text(f"{name} was removed, {megabytes(freed)} are free.")
    still = any(model.name == name for model in installed(context.profile))
    if used and not still:
        defaults = settings.Settings()
        changed = replace(
            context.settings,
            encoder=defaults.encoder
            if name == context.settings.encoder
            else context.settings.encoder,
            llm=defaults.llm if name == context.settings.llm else context.settings.llm,
        )
        settings.save(changed, context.profile.settings)
        context.output.text("It was in use: the starter model takes its place.")
    return 0


def find_installed(context: Context, name: str) -> Installed:
    """Return a model of this machine by its name. Raises ModelMissing."""
    for model in installed(context.profile):
        if model.name == name:
            return model
    raise ModelMissing(
        f"The model “{name}” is not on this machine.", "`models list` shows those that are."
    )


def megabytes(count: int) -> str:
    """Return a size in words."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6))} MB"


def _tokens(speed: float) -> str:
    return f"{speed:.0f}" if speed >= 10 else f"{speed:.1f}"
