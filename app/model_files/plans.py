"""What has to be done, by which worker, until a model is there: for the commands and the window.

A plan is made at once, and refused at once where it cannot come to anything.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.llm.speeds import forget
from app.messages.fetching import Fetched, FetchModel
from app.messages.general import Failed
from app.messages.preparing import ImportModel, Prepared, PrepareEncoder, QuantizeModel
from app.messages.wire import Message, from_wire, to_wire
from app.model_files.installed import ADAPTER, ENCODER, LLM, Installed, installed
from app.paths import Profile, is_frozen, worker_command
from app.pipes.supervisor import Worker, WorkerGone
from app.settings import Settings
from models.adapters import SUFFIX, is_adapter
from models.advisor import require_fit, size_of_entry
from models.catalog import Entry, known_entry
from models.errors import ModelError, ModelMissing
from models.gguf import read_gguf
from models.licences import terms_of
from models.partial import has_partial, remove_partial
from models.transport import HUB

_ID = "work"  # a worker does one thing at a time


@dataclass(frozen=True, slots=True)
class Task:
    """One message to one worker."""

    role: str
    message: FetchModel | ImportModel | PrepareEncoder | QuantizeModel


@dataclass(frozen=True, slots=True)
class Plan:
    """Tasks, one after the other, and what is of no more use behind them."""

    name: str  # of the model that will be there
    tasks: tuple[Task, ...]
    leftover: Path | None = None

    def finish(self) -> None:
        """Clear away what the tasks needed; all of them were done."""
        if self.leftover is not None:
            shutil.rmtree(self.leftover, ignore_errors=True)


def plan_get(
    profile: Profile, entry: Entry, bases: Sequence[str], *, accepted: bool, anyway: bool = False
) -> Plan:
    """Fetch a model of the catalogue. Raises ModelError."""
    if not entry.files:
        raise ModelError(
            "This model came with Pocket-LLM.", "It need not be fetched: `models use` chooses it."
        )
    if (terms := terms_of(entry.licence)) and not accepted:
        raise ModelError(f"This model is under the {terms.name}.", terms.summary)
    if entry.kind == LLM:
        if not anyway:
            require_fit(size_of_entry(entry))
        target = profile.models / f"{entry.name}.gguf"
        fetch = FetchModel(_ID, entry.files, str(target), False, tuple(bases))
        return Plan(entry.name, (Task("fetcher", fetch),))
    _require_torch()
    source = _source_folder(profile, entry.name)
    fetch = FetchModel(_ID, entry.files, str(source), True, tuple(bases))
    prepare = Task("preparer", _prepare(profile, source, entry.name, entry))
    return Plan(entry.name, (Task("fetcher", fetch), prepare), source)


def plan_import(profile: Profile, source: Path) -> Plan:
    """Bring in a model or an adapter (GGUF), or the folder of an encoder. Raises ModelError."""
    if not source.exists():
        raise ModelMissing("There is no such file or folder.", "Check how the path is written.")
    name = name_of(source)
    if source.is_dir():
        _require_torch()
        message = _prepare(profile, source, name, known_entry(name))
        return Plan(name, (Task("preparer", message),))
    suffix = SUFFIX if _adapts(source) else ".gguf"
    _require_name(profile, name, adapts=suffix == SUFFIX)
    target = profile.models / f"{name}{suffix}"
    return Plan(name, (Task("preparer", ImportModel(_ID, str(source), str(target))),))


def plan_quantize(profile: Profile, model: Installed, kind: str) -> Plan:
    """Write a model in fewer bits, beside itself. Raises ModelError."""
    if model.kind == ADAPTER:
        raise ModelError("An adapter cannot be written in fewer bits.", "Choose a language model.")
    if model.kind != LLM:
        raise ModelError(
            "This model is an encoder: it has 8 bits already.", "Choose a language model."
        )
    stem = re.sub(r"-(f32|f16|bf16|q\d[a-z0-9_]*)$", "", model.name)
    name = f"{stem}-{kind.lower()}"
    if name == model.name:
        raise ModelError(f"This model has no more bits than {kind}.", "Choose a smaller type.")
    target = profile.models / f"{name}.gguf"
    message = QuantizeModel(_ID, str(model.path), str(target), kind)
    return Plan(name, (Task("preparer", message),))


def carry_out(plan: Plan) -> Generator[Message, None, Prepared | Fetched]:
    """Do a plan, yielding progress, and return what was said last; closing stops it.

    Raises ModelError.
    """
    last: Prepared | Fetched | None = None
    for task in plan.tasks:
        with closing(Worker(worker_command(task.role))) as worker:
            for said in _said_by(worker, task):
                if isinstance(said, Prepared | Fetched):
                    last = said
                    break
                yield said
    plan.finish()
    assert last is not None
    return last


def remove_model(profile: Profile, name: str) -> int:
    """Remove a model of the profile, or what its unfinished download left; return the bytes.

    Raises ModelError and OSError.
    """
    model = require_removable(profile, name)
    remove_partial(profile.models / f"{name}.gguf")
    shutil.rmtree(_source_folder(profile, name), ignore_errors=True)
    if model is None:
        return 0
    if model.kind == ENCODER:
        shutil.rmtree(model.path)
    else:
        model.path.unlink()
        model.path.with_name(f"{model.path.name}.sha256").unlink(missing_ok=True)
    forget(profile, name)
    return model.bytes


def require_removable(profile: Profile, name: str) -> Installed | None:
    """Return a model of the profile; None if only an unfinished download is there.

    Raises ModelError.
    """
    model = next((each for each in installed(profile) if each.name == name), None)
    if model is not None and profile.models not in model.path.parents:
        raise ModelError(
            "This model belongs to the installation.", "Only models that you brought in go."
        )
    left = has_partial(profile.models / f"{name}.gguf") or _source_folder(profile, name).exists()
    if model is None and not left:
        raise ModelMissing(
            f"The model “{name}” is not on this machine.", "`models list` shows those that are."
        )
    return model


def bases_of(settings: Settings, mirrors: Sequence[str] = ()) -> tuple[str, ...]:
    """Return where models are fetched from: what was said now, else what is kept, else the hub."""
    return tuple(mirrors) or settings.mirrors or (HUB,)


def name_of(source: Path) -> str:
    """Return the name under which a model is kept: the file's, in characters safe everywhere."""
    stem = source.stem if source.suffix.lower() in {".gguf", SUFFIX} else source.name
    return re.sub(r"[^a-z0-9.]+", "-", stem.lower()).strip("-.") or "model"


def _adapts(source: Path) -> bool:
    try:
        return is_adapter(read_gguf(source))
    except ModelError:
        return False  # the preparer says what it is


def _require_name(profile: Profile, name: str, *, adapts: bool) -> None:
    """Refuse a name under which there is something else, since models are chosen by it."""
    others = {model.name for model in installed(profile) if (model.kind == ADAPTER) != adapts}
    if name in others or (adapts and known_entry(name)):
        raise ModelError(
            "There is another model under this name.", "Rename the file, then import it again."
        )


def _prepare(profile: Profile, source: Path, name: str, entry: Entry | None) -> PrepareEncoder:
    query, passage = (entry.query_prefix, entry.passage_prefix) if entry else ("", "")
    destination = profile.models / name
    return PrepareEncoder(_ID, str(source), str(destination), name, query, passage)


def _source_folder(profile: Profile, name: str) -> Path:
    return profile.models / f".{name}.source"


def _require_torch() -> None:
    if is_frozen():
        raise ModelMissing(
            "The installed program cannot prepare encoders: it comes without PyTorch.",
            "Run `python3 start.py models import FOLDER` in a checkout of Pocket-LLM: "
            "what it prepares is at hand here too.",
        )


def _said_by(worker: Worker, task: Task) -> Iterator[Message]:
    try:
        worker.send(to_wire(task.message))
        while (data := worker.receive()) is not None:
            message = from_wire(data)
            if isinstance(message, Failed):
                raise ModelError(message.title, message.detail)
            yield message
    except WorkerGone as gone:
        raise ModelError(
            "The work on this model ended before it was complete.",
            "Close other programs to free some memory, then try again.",
        ) from gone
