"""What goes into the frozen program and what is refused."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
X86 = "CPU : SSE3 = 1 | SSSE3 = 1 | AVX = 1 | AVX2 = 1 | F16C = 1 | FMA = 1 | BMI2 = 1 | "
ARM = "CPU : NEON = 1 | ARM_FMA = 1 | "


@pytest.mark.parametrize(
    ("features", "system", "machine", "beyond"),
    [
        (X86 + "LLAMAFILE = 1 | OPENMP = 1 | REPACK = 1 | ", "linux", "x86_64", []),
        (X86 + "AVX512 = 1 | AVX512_VNNI = 1 | ", "win32", "AMD64", ["AVX512", "AVX512_VNNI"]),
        (X86 + "AVX_VNNI = 1 | AMX_INT8 = 1", "linux", "x86_64", ["AVX_VNNI", "AMX_INT8"]),
        (X86 + "AVX512 = 0 | ", "linux", "x86_64", []),
        (ARM + "DOTPROD = 1 | FP16_VA = 1 | ACCELERATE = 1 | ", "darwin", "arm64", []),
        (ARM + "MATMUL_INT8 = 1 | SVE_CNT = 16 | ", "darwin", "arm64", ["MATMUL_INT8", "SVE_CNT"]),
        (ARM + "DOTPROD = 1 | ", "linux", "aarch64", ["DOTPROD"]),
    ],
)
def test_a_llama_for_this_processor_only_is_seen(
    build: ModuleType, features: str, system: str, machine: str, beyond: list[str]
) -> None:
    """By the instructions that it names itself."""
    assert build.beyond_portable(features, system, machine) == beyond


def test_only_what_the_program_needs_goes_in(build: ModuleType) -> None:
    """Whatever else the environment holds."""
    packages = build.needed(ROOT / "pyproject.toml")
    assert {"numpy", "pyside6-essentials", "shiboken6", "tokenizers"} <= set(packages)
    assert not {"torch", "huggingface-hub", "openvino-telemetry", "pytest"} & set(packages)
    foreign = sys.modules["contents"].foreign_modules(packages)
    assert {"pytest", "mypy"} <= set(foreign)
    assert not {"numpy", "PySide6", "apsw", "pypdfium2_raw", "app", "resources"} & set(foreign)


def test_a_missing_package_is_one_sentence(build: ModuleType, tmp_path: Path) -> None:
    """It says how it is installed."""
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\ndependencies = ["no-such-package-of-ours>=1"]\n', "utf-8")
    with pytest.raises(build.CannotBuild, match=r"no-such-package-of-ours is not installed: run"):
        build.needed(project)


def test_requirements_of_other_systems_are_left_out(build: ModuleType, tmp_path: Path) -> None:
    """A marker decides."""
    project = tmp_path / "pyproject.toml"
    line = "no-such-package-of-ours; sys_platform == 'amiga'"
    project.write_text(f'[project]\ndependencies = ["{line}"]\n', "utf-8")
    assert build.needed(project) == {}


def test_licences_go_along(build: ModuleType, tmp_path: Path) -> None:
    """Ours on top, each package's own below, and a list of all."""
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "LGPL-3.0.txt").write_text("text", "utf-8")
    places = (ROOT / "LICENSE", texts, tmp_path / "program" / "licenses")
    build.copy_licences([distribution("pytest"), distribution("numpy")], *places)
    licences = tmp_path / "program" / "licenses"
    assert (tmp_path / "program" / "LICENSE").is_file()
    assert (licences / "LGPL-3.0.txt").is_file()
    assert (licences / "numpy" / "LICENSE.txt").is_file()
    names = [line.split()[0] for line in (licences / "PACKAGES.txt").read_text().splitlines()]
    assert names == ["numpy", "pytest"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_weigh_nothing(build: ModuleType, tmp_path: Path) -> None:
    """The collection links a library to where it is looked for."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "library").write_bytes(bytes(1000))
    (tmp_path / "library").symlink_to("package/library")
    (tmp_path / "program").write_bytes(bytes(2000))
    assert list(build.weigh(tmp_path).items()) == [("program", 2000), ("package", 1000)]


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_program_is_built_and_runs(tmp_path: Path) -> None:
    """The real build and every check of smoke.py."""
    pytest.importorskip("PyInstaller")

    def run(script: str, *arguments: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "installer" / script), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    built = run("build.py", "--output", tmp_path)
    assert built.returncode == 0, built.stderr
    smoked = run("smoke.py", tmp_path / "pocket-llm")
    assert smoked.returncode == 0, smoked.stdout + smoked.stderr
