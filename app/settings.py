"""The owner's choices: a frozen dataclass that is loaded, checked and saved atomically."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from indexer.folders.ignoring import MOST_MEGABYTES

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that is remembered; the defaults are a new owner's."""

    encoder: str = "all-minilm-l6-v2"
    llm: str = "smollm2-135m-instruct"
    adapter: str = ""  # a LoRA adapter on top of the language model ...
    adapted: str = ""  # ... of this name; beside another one it is not used
    threads: int = 0  # of the language model; 0: as measured best
    chat_states: int = 2048  # megabytes for what was read of conversations; 0: nothing is kept
    reading_budget: int = 0  # new tokens that may be read for one answer; 0: as suits the model
    reading_seconds: float = 0.0  # for reading passages; 0: as much as suits the model
    ocr: bool = True  # whether pictures and pages without text are recognised
    exclude: tuple[str, ...] = ()  # patterns as in a .gitignore file, or absolute paths
    gitignore: bool = True  # whether the .gitignore files of repositories count
    largest_file: int = MOST_MEGABYTES
    index_despite: tuple[str, ...] = ()  # what indexing never waits for: battery, memory, busy
    mirrors: tuple[str, ...] = ()  # where models are fetched from, instead of the hub
    kept_passwords: tuple[str, ...] = ()  # hashes of files whose password is in the key store


def load(path: Path) -> Settings:
    """Read the settings; what is missing or of the wrong type falls back to its default."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError):
        log.warning("the settings could not be read; the defaults are used")
        return Settings()
    if not isinstance(data, dict):
        return Settings()
    for name, value in data.items():
        if isinstance(value, list):
            data[name] = tuple(item for item in value if isinstance(item, str))
    known = {
        field.name: data[field.name]
        for field in fields(Settings)
        if type(data.get(field.name)) is type(field.default)
    }
    return Settings(**known)


def save(settings: Settings, path: Path) -> None:
    """Write the settings so that a crash leaves the old or the new ones. Raises OSError."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(asdict(settings), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
