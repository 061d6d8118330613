"""What a sentence-transformers folder must be before any of it is loaded.

Checked from its JSON files alone: a folder that would run its own code or unpickle its weights is
refused before torch is imported.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import ModelDamaged, ModelError, ModelMissing

# Weights in these can hide programs: they are unpickled, not read.
_PICKLES = frozenset((".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".mar"))
_PICKLED = re.compile(rb"\x80[\x02-\x05]|PK\x03\x04", re.DOTALL)

# Attention costs the square of the length, and a passage longer than this is a poor one.
LONGEST = 512


@dataclass(frozen=True, slots=True)
class Source:
    """A sentence-transformers folder that can be prepared."""

    folder: Path
    pooling: str  # "mean" or "cls"
    max_tokens: int  # at most; special tokens included
    query_prefix: str
    passage_prefix: str
    sha256: str  # of the weights
    onnx: Path | None = None  # where the weights are, if not in safetensors


def inspect_source(folder: Path) -> Source:
    """Check a folder. Raises ModelMissing, ModelDamaged and ModelError."""
    if not (folder / "modules.json").is_file():
        raise _no_encoder(folder)
    modules = _json(folder / "modules.json")
    if not isinstance(modules, list) or not all(isinstance(m, dict) for m in modules):
        raise _damaged()
    kinds = [str(module.get("type", "")) for module in modules]
    if any(not kind.startswith("sentence_transformers.") for kind in kinds):
        raise ModelError(
            "This model brings its own program code, which is not run here.", "Choose another one."
        )
    names = [kind.rpartition(".")[2] for kind in kinds]
    if names not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise _unknown()
    transformer = _inside(folder, modules[0])
    config = _mapping(transformer / "config.json")
    if "auto_map" in config:
        raise ModelError(
            "This model brings its own program code, which is not run here.", "Choose another one."
        )
    settings = _mapping(folder / "config_sentence_transformers.json", optional=True)
    query, passage = _prefixes(settings)
    pooling = _pooling(_mapping(_inside(folder, modules[1]) / "config.json"), bool(query + passage))
    onnx, sha256 = _weights(folder, transformer)
    return Source(
        folder=folder,
        pooling=pooling,
        max_tokens=_longest(config),
        query_prefix=query,
        passage_prefix=passage,
        sha256=sha256,
        onnx=onnx,
    )


def refuse_pickle(path: Path) -> None:
    """Refuse a file of weights that can hide programs, by its name or first bytes.

    Raises ModelError.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(4)
    except OSError as error:
        raise _damaged() from error
    if head != b"GGUF" and (path.suffix.lower() in _PICKLES or _PICKLED.match(head)):
        raise _pickled()


def require_sha256(path: Path, sha256: str) -> None:
    """Refuse another file than the known one, before it is parsed. Raises ModelDamaged."""
    if _digest([path]) != sha256:
        raise _damaged()


def _pickled() -> ModelError:
    return ModelError(
        "This model's weights are in a format that can hide programs (pickle).",
        "Fetch a version with safetensors weights, or a GGUF file.",
    )


def _pooling(settings: dict[str, Any], prefixed: bool) -> str:
    modes = [
        key.removeprefix("pooling_mode_").removesuffix("_tokens").removesuffix("_token")
        for key, value in settings.items()
        if key.startswith("pooling_mode_") and value
    ]
    if isinstance(settings.get("pooling_mode"), str):  # written since sentence-transformers 5
        modes = [settings["pooling_mode"]]
    if modes not in (["mean"], ["cls"]) or (prefixed and not settings.get("include_prompt", True)):
        raise _unknown()
    return str(modes[0])


def _prefixes(settings: dict[str, Any]) -> tuple[str, str]:
    prompts = settings.get("prompts") or {}
    if not isinstance(prompts, dict):
        raise _damaged()
    default = prompts.get(settings.get("default_prompt_name") or "", "")
    query = prompts.get("query") or default or ""
    passage = prompts.get("document") or prompts.get("passage") or default or ""
    return str(query), str(passage)


def _longest(config: dict[str, Any]) -> int:
    positions = config.get("max_position_embeddings")
    if not isinstance(positions, int) or positions < 8:
        return LONGEST
    # The RoBERTa family counts positions from the padding's number on.
    offset = 2 if config.get("model_type") in {"roberta", "xlm-roberta", "camembert"} else 0
    return min(LONGEST, positions - offset)


def _weights(folder: Path, transformer: Path) -> tuple[Path | None, str]:
    """Return the ONNX export if that has to be used, and the hash of the weights."""
    if files := sorted(transformer.glob("model*.safetensors")):
        return None, _digest(files)
    onnx = folder / "onnx" / "model.onnx"
    if onnx.is_file():
        return onnx, _digest([onnx, *sorted(onnx.parent.glob("model.onnx_data*"))])
    if any(path.suffix.lower() in _PICKLES for path in transformer.iterdir()):
        raise _pickled()
    raise ModelMissing("This model's weights are missing.", "Fetch it again.")


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    try:
        for file in files:
            with file.open("rb") as stream:
                while piece := stream.read(1 << 20):
                    digest.update(piece)
    except OSError as error:
        raise _damaged() from error
    return digest.hexdigest()


def _inside(folder: Path, module: dict[str, Any]) -> Path:
    place = (folder / str(module.get("path", ""))).resolve()
    if not place.is_relative_to(folder.resolve()):
        raise _damaged()
    return place


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged() from error


def _mapping(path: Path, *, optional: bool = False) -> dict[str, Any]:
    if optional and not path.exists():
        return {}
    data = _json(path)
    if not isinstance(data, dict):
        raise _damaged()
    return data


def _no_encoder(folder: Path) -> ModelError:
    """Return the error for a folder without modules.json, by what it is instead."""
    if next(folder.glob("*.gguf"), None) is not None:
        return ModelMissing(
            "This folder holds no sentence-transformers model.",
            "It holds a GGUF file: import that.",
        )
    if (folder / "config.json").is_file():
        kinds = _mapping(folder / "config.json").get("architectures")
        if isinstance(kinds, list) and any("ForCausalLM" in str(kind) for kind in kinds):
            return ModelError(
                "This folder holds a language model, and no encoder.",
                "Fetch the model as a GGUF file, and import that.",
            )
    return ModelMissing(
        "This folder holds no sentence-transformers model.",
        "It must contain a file named modules.json.",
    )


def _unknown() -> ModelError:
    return ModelError(
        "This model is built in a way that cannot be prepared.",
        "Choose one of a transformer and mean or first-token pooling.",
    )


def _damaged() -> ModelDamaged:
    return ModelDamaged("The model's folder is damaged or incomplete.", "Fetch it again.")
