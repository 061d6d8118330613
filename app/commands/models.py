"""models: what is on this machine, bringing in another, choosing one."""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

from app import settings
from app.commands import Context
from app.installed import ENCODER, Installed, installed
from app.paths import absolute, repair
from app.starters import prepare_encoder
from models.errors import ModelError, ModelMissing
from models.gguf import read_gguf, require_writer
from models.seal import seal
from models.source import refuse_pickle

_COPY_BYTES = 2**22


def list_models(context: Context, _arguments: argparse.Namespace) -> int:
    """Print the models of this machine; a star marks those in use."""
    chosen = {context.settings.encoder, context.settings.llm}
    models = installed(context.profile)
    for model in models:
        context.output.line(
            {
                "type": "model",
                "name": model.name,
                "kind": model.kind,
                "path": os.fspath(model.path),
                "bytes": model.bytes,
                "used": model.name in chosen,
            }
        )
        mark = "*" if model.name in chosen else " "
        context.output.text(f"{mark} {model.name}  {model.kind}, {_megabytes(model.bytes)}")
    if not models:
        context.output.text(f"No models yet. {repair()}")
    return 0


def import_model(context: Context, arguments: argparse.Namespace) -> int:
    """Copy a GGUF into the profile, or prepare a sentence-transformers folder as encoder."""
    source = absolute(arguments.path)
    if not source.exists():
        raise ModelMissing("There is no such file or folder.", "Check how the path is written.")
    name = _name_of(source)
    if source.is_dir():
        prepare_encoder(source, context.profile.models / name, name)
    else:
        _import_gguf(context, source, name)
    context.output.line({"type": "model", "name": name, "imported": True})
    context.output.text(f"{name} is here. `models use {name}` chooses it.")
    return 0


def use_model(context: Context, arguments: argparse.Namespace) -> int:
    """Choose an encoder or an LLM by its name."""
    model = _find(context, arguments.name)
    changed = (
        replace(context.settings, encoder=model.name)
        if model.kind == ENCODER
        else replace(context.settings, llm=model.name)
    )
    settings.save(changed, context.profile.settings)
    context.output.line({"type": "model", "name": model.name, "kind": model.kind, "used": True})
    context.output.text(f"{model.name} is used from now on.")
    if model.kind == ENCODER and changed != context.settings:
        context.output.text("`sync` embeds the library anew; until then the one before answers.")
    return 0


def _find(context: Context, name: str) -> Installed:
    for model in installed(context.profile):
        if model.name == name:
            return model
    raise ModelMissing(
        f"The model “{name}” is not on this machine.", "`models list` shows those that are."
    )


def _import_gguf(context: Context, source: Path, name: str) -> None:
    refuse_pickle(source)
    gguf = read_gguf(source)
    require_writer(gguf)
    target = context.profile.models / f"{name}.gguf"
    if target.exists() and target.samefile(source):
        return
    if shutil.disk_usage(context.profile.models).free < gguf.bytes:
        raise ModelError(
            "There is not enough disk space for this model.",
            f"Free {_megabytes(gguf.bytes)}, then import it again.",
        )
    part = target.with_suffix(".part")
    try:
        with source.open("rb") as reading, part.open("wb") as writing:
            done, digest = 0, hashlib.sha256()
            while block := reading.read(_COPY_BYTES):
                writing.write(block)
                digest.update(block)
                done += len(block)
                context.output.progress("Copying MB", done >> 20, gguf.bytes >> 20)
            writing.flush()
            os.fsync(writing.fileno())
        if done != gguf.bytes:
            raise ModelError("The file changed while it was copied.", "Import it again.")
        part.replace(target)
        seal(target, digest.hexdigest())
    finally:
        part.unlink(missing_ok=True)


def _name_of(source: Path) -> str:
    """Return the name under which a model is kept: the file's, in characters safe everywhere."""
    stem = source.stem if source.suffix.lower() == ".gguf" else source.name
    return re.sub(r"[^a-z0-9.]+", "-", stem.lower()).strip("-.") or "model"


def _megabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6))} MB"
