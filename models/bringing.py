"""A GGUF of the owner's, from a download or a USB stick -> the models of the profile.

What it says of itself is looked at first, by us, so that nobody waits for a copy of a wrong file;
llama.cpp parses only the copy, when its hash is known.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from models.adapters import SUFFIX, read_adapter
from models.errors import ModelError
from models.gguf import Gguf, read_gguf, require_writer
from models.quiet_llama import check_template
from models.seal import seal
from models.source import refuse_pickle

_BLOCK = 1 << 22
_MARGIN = 64 << 20  # bytes that stay free
_COPIED = 0.97  # of the time


@dataclass(frozen=True, slots=True)
class Step:
    """Progress; the last step has the result."""

    sentence: str
    done: float  # 0 to 1
    bytes: int = 0
    template: str = "known"  # "known", "unknown" or "none"


def bring_in(source: Path, destination: Path) -> Generator[Step, None, None]:
    """Copy a model, or an adapter (by the destination's suffix), verified. Raises ModelError."""
    refuse_pickle(source)
    adapts = destination.suffix == SUFFIX
    gguf = read_adapter(source) if adapts else read_gguf(source)
    if not adapts:
        require_writer(gguf)
    part = destination.with_name(f".{destination.name}.{os.getpid()}.part")
    try:
        same = destination.exists() and destination.samefile(source)
        if not same:
            _require_room(destination.parent, gguf)
            digest = yield from _copy(gguf, part)
        yield Step("Checking the result.", _COPIED)
        here = destination if same else part
        template = "known" if adapts else check_template(read_gguf(here))
        if not same:
            part.replace(destination)
            seal(destination, digest)
    except OSError as error:
        raise ModelError(
            "The model could not be written.", "Make room on the disk and try again."
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    yield Step("The model is ready.", 1.0, gguf.bytes, template)


def _copy(gguf: Gguf, part: Path) -> Generator[Step, None, str]:
    done, digest = 0, hashlib.sha256()
    with gguf.path.open("rb") as reading, part.open("wb") as writing:
        while block := reading.read(_BLOCK):
            writing.write(block)
            digest.update(block)
            done += len(block)
            yield Step("Copying the model.", _COPIED * min(1.0, done / gguf.bytes))
        writing.flush()
        os.fsync(writing.fileno())
    if done != gguf.bytes:
        raise ModelError("The file changed while it was copied.", "Import it again.")
    return digest.hexdigest()


def _require_room(folder: Path, gguf: Gguf) -> None:
    lacking = gguf.bytes + _MARGIN - shutil.disk_usage(folder).free
    if lacking > 0:
        megabytes = f"{-(-lacking // 10**6):,}"
        raise ModelError(
            "There is not enough disk space for this model.",
            f"Free {megabytes} MB, then try again.",
        )
