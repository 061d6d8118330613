"""The wheel that the checkout builds."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from app.demo import samples

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Build the wheel as anybody would; return the names of its files."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*command, str(ROOT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_top_level_is_the_four_packages(wheel: list[str]) -> None:
    """Nothing else may land in a user's site-packages."""
    tops = {name.partition("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "app", "indexer", "models", "resources",
    }  # fmt: skip
    assert len(tops) == 5


def test_samples_and_licence_are_inside(wheel: list[str]) -> None:
    """An installed program can run the demo too."""
    inside = {name.rpartition("/")[2] for name in wheel if name.startswith("resources/samples/")}
    assert inside == {sample.name for sample in samples()}
    assert any(name.endswith("licenses/LICENSE") for name in wheel)


def test_nothing_compiled_or_private_is_inside(wheel: list[str]) -> None:
    """No byte code and no file that starts with a dot."""
    assert not [name for name in wheel if name.endswith(".pyc") or "/." in name]
