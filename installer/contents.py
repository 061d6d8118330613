"""What goes into the frozen program: the packages it needs, their licences, and what they weigh.

The spec and build.py ask here, in the environment of a checkout with the extra `freeze`.
"""

from __future__ import annotations

import shutil
import sysconfig
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import (
    Distribution,
    PackageNotFoundError,
    distribution,
    packages_distributions,
)
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Asked for by tokenizers and by openvino, to download models and to report to its maker.
UNWANTED = frozenset({"huggingface-hub", "openvino-telemetry"})
_LICENCE_WORDS = ("licen", "copying", "notice", "author")


class CannotBuild(Exception):
    """One sentence: what is wrong and what to do."""


def needed(pyproject: Path) -> dict[str, Distribution]:
    """Return the packages that the program needs, with all that these need, by their names.

    Whatever else the environment holds stays out. Raises CannotBuild if one is not installed.
    """
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    waiting = [Requirement(line) for line in project["dependencies"]]
    found: dict[str, Distribution] = {}
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        unasked = requirement.marker and not requirement.marker.evaluate({"extra": ""})
        if unasked or name in found or name in UNWANTED:
            continue
        found[name] = _installed(name)
        waiting += [Requirement(line) for line in found[name].requires or ()]
    return found


def carried(pyproject: Path) -> list[Distribution]:
    """Return the packages that only bring models. Raises CannotBuild."""
    extras = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    lines = [*extras["starter"], *extras["ocr"]]
    return [_installed(canonicalize_name(Requirement(line).name)) for line in lines]


def _installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise CannotBuild(
            f"{name} is not installed: run `python3 start.py`, then "
            "`pip install -c installer/constraints.txt -e .[freeze]` in its environment."
        ) from None


def foreign_modules(packages: Mapping[str, Distribution]) -> list[str]:
    """Return the modules of the environment that belong to none of these packages nor to us."""
    ours = {*packages, "pocket-llm"}
    return sorted(
        module
        for module, owners in packages_distributions().items()
        if not any(canonicalize_name(owner) in ours for owner in owners)
    )


def copy_licences(
    packages: Iterable[Distribution], own: Path, texts: Path, destination: Path
) -> None:
    """Put our licence, a list of all packages and the licences that they carry into a folder.

    `own` is our LICENSE; `texts` has what some packages name without carrying it. Raises OSError.
    """
    destination.mkdir(parents=True, exist_ok=True)
    shutil.copy(own, destination.parent / own.name)
    shutil.copy(own, destination / "Apache-2.0.txt")
    for text in texts.iterdir():
        shutil.copy(text, destination / text.name)
    lines = []
    for package in sorted(packages, key=lambda package: package.name.lower()):
        lines.append(f"{package.name} {package.version}: {_licence(package)}")
        for file in package.files or ():
            if _is_licence(file.parts):
                target = destination.joinpath(package.name, *_behind_metadata(file.parts))
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), target)
    python = Path(sysconfig.get_path("stdlib"), "LICENSE.txt")
    if python.exists():
        shutil.copy(python, destination / "Python.txt")
    (destination / "PACKAGES.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _licence(package: Distribution) -> str:
    """Return the name of a package's licence, as it says itself."""
    metadata = package.metadata
    names: list[str] = []
    # Not by [...]: where a package has loaded the backport of importlib.metadata, it raises.
    for field in ("License-Expression", "License", "Classifier"):
        names += metadata.get_all(field, [])
    names = [name for name in names if name and ("::" not in name or "License ::" in name)]
    # Some have their licence's whole text in the second.
    lines = [name.strip().splitlines()[0].rpartition(":: ")[2] for name in names]
    return lines[0] if lines else "its licence is below its name"


def _is_licence(parts: tuple[str, ...]) -> bool:
    """Tell whether a package's file, inside its metadata, is a licence or a notice."""
    if not parts[0].endswith(".dist-info"):
        return False
    return parts[1] in ("licenses", "licences") or any(
        word in parts[-1].lower() for word in _LICENCE_WORDS
    )


def _behind_metadata(parts: tuple[str, ...]) -> tuple[str, ...]:
    return parts[2:] if parts[1] in ("licenses", "licences") else parts[1:]


def weigh(folder: Path) -> dict[str, int]:
    """Return the bytes of each entry of a folder, the largest first; links weigh nothing."""
    sizes = {}
    for entry in folder.iterdir():
        if not entry.is_symlink():
            files = entry.rglob("*") if entry.is_dir() else [entry]
            sizes[entry.name] = sum(
                file.stat().st_size for file in files if file.is_file() and not file.is_symlink()
            )
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))
