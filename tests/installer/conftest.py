"""The modules of installer/, which is no package."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

INSTALLER = Path(__file__).parents[2] / "installer"
# For what they import from each other; behind everything, since `build` is also a library's name.
sys.path.append(str(INSTALLER))


def _load(name: str) -> ModuleType:
    spec = spec_from_file_location(f"installer_{name}", INSTALLER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def build() -> ModuleType:
    """Return installer/build.py."""
    return _load("build")


@pytest.fixture(scope="session")
def smoke() -> ModuleType:
    """Return installer/smoke.py."""
    return _load("smoke")
