"""models get, import, quantize and bench: what takes minutes, in processes of their own."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import replace

from app import settings
from app.commands import Context
from app.commands.models import find_installed, megabytes
from app.llm.process import LlmProcess
from app.llm.speeds import known, known_machine, size_of
from app.messages.fetching import Fetched, Fetching
from app.messages.llm import Generate, Generated
from app.messages.preparing import Prepared, Preparing
from app.model_files.installed import ADAPTER, find_llm
from app.model_files.plans import (
    Plan,
    bases_of,
    carry_out,
    plan_get,
    plan_import,
    plan_quantize,
)
from app.model_files.preparer import comparison_text
from app.paths import absolute
from models.adapters import read_adapter
from models.advisor import predict
from models.catalog import find_entry
from models.errors import ModelError
from models.licences import terms_of
from models.transport import require_base

_BENCH_CHARACTERS = 1600  # of a prompt, some 400 tokens
_BENCH_TOKENS = 32


def get_model(context: Context, arguments: argparse.Namespace) -> int:
    """Fetch a model of the catalogue, or go on with it."""
    entry = find_entry(arguments.name)
    bases = bases_of(context.settings, [require_base(each) for each in arguments.mirror or ()])
    accepted = arguments.accept_licence
    try:
        plan = plan_get(context.profile, entry, bases, accepted=accepted, anyway=arguments.anyway)
    except ModelError as error:
        terms = terms_of(entry.licence)
        if terms is None or accepted:
            raise
        raise ModelError(
            f"{error.title} {error.detail}",
            f"Read it at {terms.address}, then say `models get {entry.name} --accept-licence`.",
        ) from error
    about = "" if entry.is_pinned else "about "
    context.output.note(f"{entry.title}, {about}{megabytes(entry.bytes)}, {entry.licence}.")
    _do(context, plan)
    context.output.line({"type": "model", "name": plan.name, "fetched": True})
    context.output.text(f"{plan.name} is here. `models use {plan.name}` chooses it.")
    return 0


def import_model(context: Context, arguments: argparse.Namespace) -> int:
    """Copy a model or an adapter (GGUF), or prepare a sentence-transformers folder as encoder."""
    plan = plan_import(context.profile, absolute(arguments.path))
    last = _do(context, plan)
    template = last.template if isinstance(last, Prepared) else "known"
    brought = find_installed(context, plan.name)
    line = {"type": "model", "name": plan.name, "kind": brought.kind, "imported": True}
    if brought.kind == ADAPTER:
        line["base"] = read_adapter(brought.path).architecture
    context.output.line(line)
    context.output.text(f"{plan.name} is here. `models use {plan.name}` chooses it.")
    if brought.kind == ADAPTER:
        context.output.note(f"It is an adapter for models of the kind {line['base']}.")
    if template == "none":
        context.output.note(
            "It has no chat template: it may complete texts rather than answer questions."
        )
    elif template == "unknown":
        context.output.note(
            "Its chat template is not known here and is not run; a common one takes its place."
        )
    return 0


def quantize_model(context: Context, arguments: argparse.Namespace) -> int:
    """Write a model in fewer bits, and say what that cost."""
    model = find_installed(context, arguments.name)
    plan = plan_quantize(context.profile, model, arguments.kind)
    last = _do(context, plan)
    assert isinstance(last, Prepared)
    context.output.line(
        {
            "type": "model",
            "name": plan.name,
            "bytes": last.bytes,
            "divergence": last.divergence,
            "same_best": last.same_best,
            "seconds": last.seconds,
        }
    )
    context.output.text(
        f"{plan.name}: {megabytes(last.bytes)} instead of {megabytes(model.bytes)}. "
        f"`models use {plan.name}` chooses it."
    )
    if last.divergence is None:
        context.output.text("What it lost was not measured: the source is larger than the memory.")
    else:
        context.output.text(
            f"What it expects differs by {last.divergence:.4f} (Kullback-Leibler, nats a token); "
            f"its first choice is the same in {last.same_best or 0:.1%} of the places."
        )
    return 0


def bench(context: Context, arguments: argparse.Namespace) -> int:
    """Measure the machine anew by a model: how fast it reads and writes."""
    name = arguments.name or context.settings.llm
    path = find_llm(context.profile, name)
    size = size_of(path)
    expected = predict(size, known_machine(context.profile))
    prompt = f"{comparison_text()[:_BENCH_CHARACTERS]}\n\nTell me all of this in your own words."
    with closing(LlmProcess(context.profile, path)) as llm:
        for message in llm.generate(Generate("bench", prompt, max_tokens=_BENCH_TOKENS)):
            if isinstance(message, Generated) and message.answer_tokens <= 1:
                raise ModelError("The model wrote nothing.", "Choose another one.")
    speed = known(context.profile).models.get(name, (size, expected))[1]
    context.output.line(
        {
            "type": "bench",
            "name": name,
            "read_tokens_per_s": round(speed.reading, 2),
            "write_tokens_per_s": round(speed.writing, 2),
            "expected_read_tokens_per_s": round(expected.reading, 2),
            "expected_write_tokens_per_s": round(expected.writing, 2),
        }
    )
    context.output.text(
        f"{name} reads {speed.reading:.1f} and writes {speed.writing:.1f} tokens a second "
        f"(expected {expected.reading:.1f} and {expected.writing:.1f})."
    )
    return 0


def mirror(context: Context, arguments: argparse.Namespace) -> int:
    """Show or choose where models are fetched from."""
    if arguments.addresses == ["off"]:
        changed = replace(context.settings, mirrors=())
    elif arguments.addresses:
        bases = tuple(require_base(address) for address in arguments.addresses)
        changed = replace(context.settings, mirrors=bases)
    else:
        changed = context.settings
    if changed != context.settings:
        settings.save(changed, context.profile.settings)
    bases = bases_of(changed)
    context.output.line({"type": "mirrors", "addresses": list(bases)})
    for base in bases:
        context.output.text(base)
    return 0


def _do(context: Context, plan: Plan) -> Prepared | Fetched:
    """Carry a plan out with progress on stderr."""
    steps = carry_out(plan)
    said = ""
    try:
        while True:
            message = next(steps)
            if isinstance(message, Fetching):
                host = message.host or "what is there already"
                speed = f", {message.bytes_per_s / 1e6:.1f} MB/s" if message.bytes_per_s else ""
                what = f"MB from {host}{speed}"
                done, total = message.done >> 20, message.total >> 20
                context.output.progress(what, done, total, message.seconds_left)
            elif isinstance(message, Preparing):
                if message.step != said:
                    said = message.step
                    context.output.note(said)
                done = round(100 * message.done)
                context.output.progress("Percent", done, 100, message.seconds_left)
    except StopIteration as stop:
        last: Prepared | Fetched = stop.value
        return last
    finally:
        steps.close()
        context.output.clear()
