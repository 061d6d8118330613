"""The models that Pocket-LLM knows; the data is in resources/catalog.toml."""

from __future__ import annotations

import importlib.resources
import importlib.util
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from models.errors import ModelMissing

# Some 35 s of a 7B on two cores; what is read first decides most of an answer.
DEFAULT_READING_BUDGET = 800


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository on a hub."""

    repository: str
    revision: str  # a commit, or a branch where none is pinned
    path: str
    bytes: int  # approximate without a hash
    sha256: str = ""  # empty: the hub is asked


@dataclass(frozen=True, slots=True)
class Entry:
    """A known model."""

    name: str  # as in commands and file names
    kind: Literal["encoder", "llm"]
    title: str
    licence: str  # SPDX
    languages: tuple[str, ...]  # ISO 639-1
    context: int  # tokens that it was trained for
    dimensions: int | None = None  # of an encoder's vectors
    package: str | None = None  # an installed package that carries it
    file: str = ""  # the file or folder inside that package
    sha256: str = ""  # of its weights
    reading_budget: int = DEFAULT_READING_BUDGET  # tokens of passages an answer
    hinted: bool = False  # whether it is told the sentence that answers best: it finds none itself
    weights: int = 0  # their number
    token_bytes: int = 0  # keys and values of a token in the context
    layers: int = 0
    width: int = 0  # of what goes from layer to layer
    words: int = 0  # of its vocabulary
    tied: bool = False  # whether words are looked up and written with the same weights
    query_prefix: str = ""  # of an encoder whose own files do not say it
    passage_prefix: str = ""
    files: tuple[RemoteFile, ...] = ()  # what is fetched; nothing of a starter

    @property
    def bytes(self) -> int:
        """What is fetched in all; approximate unless it `is_pinned`."""
        return sum(file.bytes for file in self.files)

    @property
    def is_pinned(self) -> bool:
        """Whether the catalogue knows the hash of each file."""
        return all(file.sha256 for file in self.files)


@cache
def entries() -> tuple[Entry, ...]:
    """Return the known models, in the catalogue's order."""
    text = (importlib.resources.files("resources") / "catalog.toml").read_text(encoding="utf-8")
    return tuple(_entry(item) for item in tomllib.loads(text)["model"])


def find_entry(name: str) -> Entry:
    """Return a model by its name, in any case. Raises ModelMissing."""
    for entry in entries():
        if entry.name == name.casefold():
            return entry
    raise ModelMissing(
        f"There is no model named {name[:80]!r}.", "`pocket-llm models list` shows what there is."
    )


def known_entry(name: str) -> Entry | None:
    """Return a model by its name; None of one that we do not know."""
    return next((entry for entry in entries() if entry.name == name), None)


def title_of(name: str) -> str:
    """Return what a model is called; one that we do not know, by its name."""
    return next((entry.title for entry in entries() if entry.name == name), name)


def starters() -> tuple[Entry, ...]:
    """Return the models that work on a fresh machine."""
    return tuple(entry for entry in entries() if entry.package)


def find_starter_source(entry: Entry) -> Path | None:
    """Return where the package that carries a model has it; None where it is not installed.

    The package itself is never imported: that would pull in torch or a whole program.
    """
    if entry.package is None:
        return None
    try:
        spec = importlib.util.find_spec(entry.package)
    except (ImportError, ValueError):
        return None
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        place = Path(folder) / entry.file
        if place.exists():
            return place
    return None


def _entry(item: dict[str, Any]) -> Entry:
    fields = dict(item)
    repository, revision = fields.pop("repository", ""), fields.pop("revision", "main")
    files = tuple(RemoteFile(repository, revision, **file) for file in fields.pop("files", ()))
    return Entry(**{**fields, "languages": tuple(item["languages"]), "files": files})
