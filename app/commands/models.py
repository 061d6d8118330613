"""models: what there is, what fits this machine, choosing one, removing one."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from typing import Any

from app import settings
from app.commands import Context
from app.llm.speeds import size_of
from app.model_files.installed import ADAPTER, ENCODER, Installed, find_llm, installed
from app.model_files.model_list import Adapter, Advice, Offer, list_adapters, list_offers
from app.model_files.plans import remove_model, require_removable
from app.paths import repair
from models.adapters import read_adapter, require_base
from models.advisor import Fit, Speed, require_fit
from models.errors import ModelError, ModelMissing
from models.gguf import read_gguf
from models.licences import terms_of

_FITS = {
    Fit.FITS: "fits",
    Fit.TIGHT: "fits when other programs are closed",
    Fit.TOO_LARGE: "needs more memory than there is",
}


def list_models(context: Context, _arguments: argparse.Namespace) -> int:
    """Print the models of this machine, a star beside those in use, and those to be had."""
    offers = list_offers(context.profile, context.settings)
    here = [offer for offer in offers if offer.path is not None]
    for offer in here:
        _print(context, offer)
    if not here:
        context.output.text(f"No models yet. {repair()}")
    for adapter in list_adapters(context.profile, context.settings):
        _print_adapter(context, adapter)
    if len(offers) > len(here):
        context.output.text("\n`models get NAME` fetches:")
    for offer in offers[len(here) :]:
        _print(context, offer)
    return 0


def _print(context: Context, offer: Offer) -> None:
    line: dict[str, Any] = {"type": "model" if offer.path else "available", "name": offer.name}
    line |= {"kind": offer.kind, "bytes": offer.bytes}
    text = f"{'*' if offer.used else ' '} {offer.name}  {offer.kind}, "
    if offer.path is not None:
        line |= {"path": os.fspath(offer.path), "used": offer.used}
    elif offer.entry is not None and not offer.entry.is_pinned:
        line["approximate"] = True
        text += "about "
    text += megabytes(offer.bytes)
    if entry := offer.entry:
        line |= {"title": entry.title, "licence": entry.licence, "context": entry.context}
        line["languages"] = list(entry.languages)
        if offer.path is None:
            text += f", {terms.name if (terms := terms_of(entry.licence)) else entry.licence}"
    if offer.begun:
        line["begun"] = True
        text += ", begun"
    if offer.advice is not None:
        line |= _advice_fields(offer.advice)
        text += f"; {_advice_text(offer.advice)}"
    context.output.line(line)
    context.output.text(f"{text}; {offer.trouble}" if offer.trouble else text)


def _print_adapter(context: Context, adapter: Adapter) -> None:
    line: dict[str, Any] = {"type": "adapter", "name": adapter.name, "bytes": adapter.bytes}
    line |= {"base": adapter.base, "fits": list(adapter.fits), "used": adapter.used}
    context.output.line(line)
    text = f"{'*' if adapter.used else ' '} {adapter.name}  adapter, {megabytes(adapter.bytes)}"
    if adapter.trouble:
        text += f"; {adapter.trouble}"
    else:
        fits = f"fits {', '.join(adapter.fits)}" if adapter.fits else "fits no model here"
        text += f", for {adapter.base}; {fits}"
    context.output.text(text)


def _advice_fields(advice: Advice) -> dict[str, Any]:
    was = advice.measured or Speed(0.0, 0.0)
    return {
        "memory": advice.size.memory,
        "fit": advice.fit.value,
        "read_tokens_per_s": round(advice.expected.reading, 2),
        "write_tokens_per_s": round(advice.expected.writing, 2),
        "measured_read_tokens_per_s": round(was.reading, 2) or None,
        "measured_write_tokens_per_s": round(was.writing, 2) or None,
    }


def _advice_text(advice: Advice) -> str:
    text = f"{_FITS[advice.fit]} ({advice.size.memory / 1e9:.1f} GB)"
    if advice.fit is Fit.TOO_LARGE:
        return text
    said = advice.expected
    text += f", reads {_tokens(said.reading)} and writes {_tokens(said.writing)} tokens/s"
    if (was := advice.measured) is not None:
        text += f" (measured: {_tokens(was.reading)} and {_tokens(was.writing)})"
    return text


def use_model(context: Context, arguments: argparse.Namespace) -> int:
    """Choose an encoder, an LLM alone, or an adapter on top of the chosen LLM, by its name."""
    model = find_installed(context, arguments.name)
    if model.kind == ENCODER:
        changed = replace(context.settings, encoder=model.name)
    elif model.kind == ADAPTER:
        llm = context.settings.llm
        require_base(read_adapter(model.path), read_gguf(find_llm(context.profile, llm)))
        changed = replace(context.settings, adapter=model.name, adapted=llm)
    else:
        require_fit(size_of(model.path))
        changed = replace(context.settings, llm=model.name, adapter="", adapted="")
    settings.save(changed, context.profile.settings)
    context.output.line({"type": "model", "name": model.name, "kind": model.kind, "used": True})
    if model.kind == ADAPTER:
        context.output.text(
            f"{model.name} is used with {changed.llm} from now on. "
            f"`models use {changed.llm}` lets go of it."
        )
    else:
        context.output.text(f"{model.name} is used from now on.")
    if model.kind == ENCODER and changed != context.settings:
        context.output.text("`sync` embeds the library anew; until then the words decide.")
    return 0


def remove(context: Context, arguments: argparse.Namespace) -> int:
    """Remove a model of the owner's, if they want it."""
    name = arguments.name
    require_removable(context.profile, name)
    used = name in {context.settings.encoder, context.settings.llm, context.settings.adapter}
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
    if used and name == context.settings.adapter:
        changed = replace(context.settings, adapter="", adapted="")
        settings.save(changed, context.profile.settings)
        context.output.text("It was in use: the language model answers without it.")
    elif used and not still:
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
