"""The hash of a model file, kept beside it: what is loaded is what was brought in.

A file with the size and times that it had is taken for the same; only one that was touched since is
read through again, which takes some 3 s for each GB.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from models.errors import ModelDamaged


def seal(path: Path, sha256: str) -> None:
    """Keep the hash of a file that was just written. Raises OSError."""
    target = _seal_of(path)
    part = target.with_name(f"{target.name}.{os.getpid()}")
    part.write_text(json.dumps({"sha256": sha256, "stat": _stat(path)}), "utf-8")
    part.replace(target)


def require_sealed(path: Path) -> None:
    """Refuse a file that is another than when it was sealed; one without a seal is not known.

    To be called before anything parses the file. Raises ModelDamaged.
    """
    try:
        data: Any = json.loads(_seal_of(path).read_bytes())
        sha256, as_it_was = str(data["sha256"]), data["stat"]
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _changed() from error
    try:
        if _stat(path) == as_it_was:
            return
        if _digest(path) != sha256:
            raise _changed()
    except OSError:
        return  # whoever opens it says what is wrong
    try:
        seal(path, sha256)
    except OSError:
        return  # a folder that cannot be written to; it is read through the next time as well


def sealed_sha256(path: Path) -> str:
    """Return the hash that a file was sealed with; an empty string if it was not."""
    try:
        return str(json.loads(_seal_of(path).read_bytes())["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _seal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _stat(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _changed() -> ModelDamaged:
    return ModelDamaged(
        "The model's file is not the one that was brought in.",
        "Import it again, or choose another model.",
    )
