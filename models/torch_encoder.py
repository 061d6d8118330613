"""A sentence-transformers folder by torch: loaded, its tokenizer saved, its graph converted.

Only the preparer process comes here.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from models.embedder import import_openvino
from models.errors import ModelDamaged, ModelError, ModelMissing


def load(folder: Path) -> Any:
    """Load a sentence-transformers folder without running any code of its own.

    Raises ModelMissing and ModelDamaged.
    """
    import_openvino()
    try:
        with warnings.catch_warnings(action="ignore"):
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging as transformers_logging

            voice: Any = transformers_logging  # without types
    except ImportError as error:
        raise ModelMissing(
            "What prepares encoders is not installed.",
            "Install Pocket-LLM with its extra `prepare`.",
        ) from error
    voice.disable_progress_bar()
    voice.set_verbosity_error()
    try:
        with warnings.catch_warnings(action="ignore"):
            model = SentenceTransformer(
                str(folder),
                device="cpu",
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            )
    except Exception as error:  # whatever a damaged folder makes these libraries raise
        raise ModelDamaged(
            "The encoder's folder could not be loaded.", "Fetch it again."
        ) from error
    return model.float().eval()


def save_tokenizer(model: Any, work: Path) -> Any:
    """Write tokenizer.json without truncation and padding, and return it as tokenizers' object."""
    from tokenizers import Tokenizer

    fast = getattr(model.tokenizer, "backend_tokenizer", None)
    if fast is None:
        raise ModelError("This encoder has no fast tokenizer.", "Choose another one.")
    tokenizer = Tokenizer.from_str(fast.to_str())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(work / "tokenizer.json"), pretty=False)
    return tokenizer


def convert(model: Any, pooling: str) -> tuple[Any, int]:
    """Turn transformer, pooling and normalisation into one graph; return it and its width."""
    import torch

    openvino = import_openvino()

    class Encoder(torch.nn.Module):  # type: ignore[misc]
        def __init__(self, transformer: Any) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            hidden = self.transformer(
                input_ids=input_ids, attention_mask=attention_mask
            ).last_hidden_state
            if pooling == "cls":
                pooled = hidden[:, 0]
            else:
                mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
                pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(pooled, p=2.0, dim=1)

    example = {
        "input_ids": torch.ones(2, 7, dtype=torch.int64),
        "attention_mask": torch.ones(2, 7, dtype=torch.int64),
    }
    shape = openvino.PartialShape([-1, -1])
    try:
        # Tracing warns of every value that it fixes; the check at the end finds what matters.
        with torch.no_grad(), warnings.catch_warnings(action="ignore"):
            graph = openvino.convert_model(
                Encoder(model[0].auto_model),
                example_input=example,
                input={"input_ids": shape, "attention_mask": shape},
            )
    except Exception as error:  # an architecture that cannot be traced raises anything
        raise ModelError(
            "This encoder's architecture cannot be converted.", "Choose another one."
        ) from error
    return graph, int(graph.outputs[0].partial_shape[1].get_length())
