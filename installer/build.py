"""Build the frozen program: a folder that runs on a machine without Python.

    python installer/build.py [--output DIR]

with the Python of a checkout's environment, into DIR/pocket-llm (dist/pocket-llm). It runs on
systems as new as this one or newer: build on the oldest that it is for. The spec says what goes in,
installer/smoke.py proves that it runs.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from contents import CannotBuild, carried, copy_licences, needed, weigh

ROOT = Path(__file__).resolve().parents[1]
NAME = "pocket-llm"
# What llama.cpp says of itself when it was compiled for more than every processor of a kind has.
# Without GGML_NATIVE it asks for AVX2 on x86-64, and for what a compiler takes by itself on Arm:
# dot products on Apple's processors, nothing elsewhere.
_BEYOND = re.compile(r"\b(AVX512\w*|AVX_VNNI|AMX\w*|MATMUL_INT8|SVE\w*|SME\w*) = [1-9]")
_BEYOND_PLAIN_ARM = re.compile(r"\b(DOTPROD|FP16_VA) = 1")


def main(arguments: Sequence[str]) -> int:
    """Build; return the exit status, after one sentence if it is not 0."""
    parser = argparse.ArgumentParser(description="Build the frozen program.")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", metavar="DIR")
    output: Path = parser.parse_args(arguments).output.resolve()
    try:
        build(output)
    except CannotBuild as error:
        _say(str(error))
        return 1
    except OSError as error:
        _say(f"The system refused: {error.strerror} ({error.filename}).")
        return 1
    return 0


def build(output: Path) -> None:
    """Make output/pocket-llm and say what it weighs. Raises CannotBuild and OSError."""
    project = ROOT / "pyproject.toml"
    packages = [*needed(project).values(), *carried(project)]
    if importlib.util.find_spec("PyInstaller") is None:
        raise CannotBuild(
            "PyInstaller is not installed: "
            "run `pip install -c installer/constraints.txt -e .[freeze]` in this environment."
        )
    _check_llama()
    _say("Preparing the starter models")
    _run([sys.executable, "-m", "app", "--prepare-starters"], "The starter models")
    output.mkdir(parents=True, exist_ok=True)
    log = output / "pyinstaller.log"
    _say(f"Collecting; PyInstaller writes to {log}")
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean"]
    command += ["--distpath", str(output), "--workpath", str(output / "work")]
    command += [str(ROOT / "installer" / "pocket-llm.spec")]
    _run(command, "The collection", log)
    program = output / NAME
    _say_missing(log.read_text(encoding="utf-8", errors="replace"))
    texts = ROOT / "installer" / "licenses"
    copy_licences(packages, ROOT / "LICENSE", texts, program / "licenses")
    _say_weight(program)


def beyond_portable(features: str, system: str, machine: str) -> list[str]:
    """Return the instructions that not every processor has, from llama.cpp's account of itself.

    `system` is a sys.platform, `machine` a platform.machine().
    """
    found = _BEYOND.findall(features)
    if machine.lower() in ("aarch64", "arm64") and system != "darwin":
        found += _BEYOND_PLAIN_ARM.findall(features)
    return found


def _check_llama() -> None:
    """Refuse a llama.cpp that was compiled for this very processor. Raises CannotBuild."""
    ask = "from llama_cpp import llama_print_system_info as say; print(say().decode())"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBuild("llama-cpp-python cannot be loaded: run `python3 start.py`.")
    beyond = beyond_portable(done.stdout, sys.platform, platform.machine())
    if beyond:
        raise CannotBuild(
            f"This llama.cpp was compiled for this processor ({', '.join(beyond)}) and would crash "
            "on others: install it again with CMAKE_ARGS=-DGGML_NATIVE=OFF and "
            "`pip install --force-reinstall --no-deps --no-binary llama-cpp-python`."
        )


def _run(command: list[str], what: str, log: Path | None = None) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    if log:  # else PyInstaller keeps a cache in the user's home
        environment["PYINSTALLER_CONFIG_DIR"] = str(log.with_name("work"))
    with contextlib.ExitStack() as stack:
        out = stack.enter_context(log.open("wb")) if log else None
        errors = subprocess.STDOUT if out else None
        status = subprocess.call(command, cwd=ROOT, env=environment, stdout=out, stderr=errors)
    if status:
        where = f": see {log}" if log else ""
        raise CannotBuild(f"{what} could not be made (status {status}){where}.")


def _say_missing(log: str) -> None:
    """Name the libraries of the system that were not there to be collected."""
    missing = sorted(set(re.findall(r"could not resolve '([^']+)'", log)))
    if missing:
        _say(
            "Not on this machine, so not in the program, which needs them from its user's system: "
            + ", ".join(missing)
        )


def _say_weight(program: Path) -> None:
    parts = weigh(program / "_internal")
    whole = sum(weigh(program).values())
    _say(f"{program}: {whole / 1e6:.0f} MB")
    for name, size in list(parts.items())[:12]:
        _say(f"{size / 1e6:7.0f} MB  {name}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
