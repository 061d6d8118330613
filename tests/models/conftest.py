"""The real starter models; prepared once where the program itself keeps them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.llm.process import LLM_ENVIRONMENT
from app.paths import starter_models

# As in the worker; libgomp reads it when it is loaded.
os.environ.update(LLM_ENVIRONMENT)


@pytest.fixture(scope="session")
def starter_folder() -> Path:
    """Return the folder of the starter models, prepared if they were not."""
    folder = starter_models()
    encoder = folder / "all-minilm-l6-v2" / "encoder.json"
    if not encoder.exists() or not (folder / "smollm2-135m-instruct.gguf").exists():
        from app.model_files.starters import prepare_starters

        assert prepare_starters() == 0
    return folder


@pytest.fixture(scope="session")
def encoder_folder(starter_folder: Path) -> Path:
    """Return the prepared English encoder."""
    return starter_folder / "all-minilm-l6-v2"


@pytest.fixture(scope="session")
def llm_path(starter_folder: Path) -> Path:
    """Return the starter LLM."""
    return starter_folder / "smollm2-135m-instruct.gguf"
