"""A prepared encoder's folder: what its card says, and whether its files are those of the card."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from models.errors import ModelDamaged, ModelMissing

FORMAT = 1
CARD = "encoder.json"
FILES = ("model.xml", "model.bin", "tokenizer.json")


@dataclass(frozen=True, slots=True)
class EncoderCard:
    """What `encoder.json` says of a prepared encoder."""

    name: str
    dimensions: int
    max_tokens: int  # special tokens included
    pooling: str  # "mean" or "cls"
    query_prefix: str
    passage_prefix: str
    reads_cjk: bool
    source_sha256: str  # of the float weights that it was made from
    cosine: float  # mean cosine to the float model on held-out texts
    sizes: dict[str, int]  # bytes, by file
    sha256: dict[str, str]  # by file
    format: int = FORMAT


def read_card(folder: Path) -> EncoderCard:
    """Read the card of a prepared folder. Raises ModelMissing and ModelDamaged."""
    path = folder / CARD
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        card = EncoderCard(**data)
        whole = card.format == FORMAT and set(card.sizes) == set(card.sha256) == set(FILES)
    except FileNotFoundError:
        raise ModelMissing(
            "The encoder is not on this machine.", "Prepare it, or choose another one."
        ) from None
    except (OSError, ValueError, TypeError) as error:
        raise damaged() from error
    if not whole:
        raise damaged()
    return card


def name_of(card: EncoderCard) -> str:
    """Return under which name an encoder's vectors are kept."""
    # The source's hash is part of it: vectors of other weights under the same name never mix.
    return f"{card.name}-{card.source_sha256[:8]}"


def require_sizes(folder: Path, card: EncoderCard) -> None:
    """Raise ModelDamaged unless each file has as many bytes as its card says."""
    for file in FILES:
        try:
            size = (folder / file).stat().st_size
        except OSError as error:
            raise damaged() from error
        if size != card.sizes[file]:
            raise damaged()


def require_hash(folder: Path, card: EncoderCard, file: str) -> None:
    """Raise ModelDamaged unless a file has the SHA-256 that its card says."""
    try:
        with (folder / file).open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise damaged() from error
    if digest != card.sha256[file]:
        raise damaged()


def damaged() -> ModelDamaged:
    """Return the error for an encoder of which something is missing or was changed."""
    return ModelDamaged("The encoder's files are damaged or incomplete.", "Prepare it again.")
