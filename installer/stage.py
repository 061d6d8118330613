"""An empty world for the frozen program: no Python, no network, fresh folders; and who runs in it.

For smoke.py. Standard library only: what is tested must not help.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONSOLE, WINDOW = "pocket-llm-worker", "pocket-llm"
SECONDS = 300  # for one command, on a slow and busy machine


class Failed(Exception):
    """A check went wrong; the text says how."""


@dataclass(frozen=True)
class Ran:
    """A command that has ended; `lines` are its JSON lines."""

    status: int
    lines: list[dict[str, Any]]
    errors: str

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the lines of one type."""
        return [line for line in self.lines if line.get("type") == kind]


@dataclass(frozen=True)
class Process:
    """A line of the system's list."""

    pid: int
    parent: int
    command: str


class Stage:
    """The frozen program in `program`, in an empty world inside the folder `room`."""

    def __init__(self, program: Path, room: Path) -> None:
        suffix = ".exe" if os.name == "nt" else ""
        self.program = program
        self.console = program / (CONSOLE + suffix)
        self.window = program / (WINDOW + suffix)
        self.samples = program / "_internal" / "resources" / "samples"
        self.documents = room / "documents"
        self.profile = room / "profile"
        self.traps = room / "traps"
        for name in ("home", "tmp", "path", "documents", "traps"):
            (room / name).mkdir()
        for module in ("json", "app", "apsw", "numpy"):
            (self.traps / f"{module}.py").write_text("raise SystemExit('a trap')\n", "utf-8")
        self.environment = empty_environment(room)
        self.closed = network_lock()

    def start(self, executable: Path, *arguments: str, **more: Any) -> subprocess.Popen[str]:
        """Start one of the two executables in the empty world."""
        return subprocess.Popen(
            [*self.closed, str(executable), *arguments],
            cwd=self.traps,
            env={**self.environment, **more.pop("environment", {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            **more,
        )

    def run(self, *arguments: str, typed: str | None = None) -> Ran:
        """Run the console program to its end. Raises Failed if that takes too long."""
        stdin = subprocess.DEVNULL if typed is None else subprocess.PIPE
        process = self.start(self.console, *arguments, stdin=stdin)
        try:
            out, errors = process.communicate(typed, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise Failed(f"`{arguments[0]}` did not end within {SECONDS} s") from None
        if "Traceback" in errors:
            raise Failed(f"a traceback: {errors.strip().splitlines()[-1]}")
        return Ran(process.returncode, json_lines(out), errors)

    def command(self, *arguments: str) -> Ran:
        """Run a command on the profile with --json; Failed unless its status is 0."""
        ran = self.run("--profile", str(self.profile), "--json", *arguments)
        if ran.status:
            raise Failed(f"status {ran.status}: {ran.errors.strip()[-300:]}")
        return ran


def empty_environment(room: Path) -> dict[str, str]:
    """Return the least that a program is started with: folders that are fresh, nothing to find."""
    home, temporary = str(room / "home"), str(room / "tmp")
    variables = {"HOME": home, "TMPDIR": temporary, "PATH": str(room / "path")}
    if os.name == "nt":
        variables |= dict.fromkeys(("USERPROFILE", "APPDATA", "LOCALAPPDATA"), home)
        variables |= {"TEMP": temporary, "TMP": temporary}
        variables["SYSTEMROOT"] = os.environ["SYSTEMROOT"]  # Windows itself needs it
    return variables


def network_lock() -> list[str]:
    """Return what, before a command, closes the network to it; empty if nothing here can."""
    unshare = shutil.which("unshare") if sys.platform == "linux" else None
    if unshare is None:
        return []
    lock = [unshare, "-rn", "--"]
    tried = subprocess.run([*lock, "/bin/true"], capture_output=True, check=False)
    return [] if tried.returncode else lock


def json_lines(text: str) -> list[dict[str, Any]]:
    """Read a JSON object a line. Raises Failed."""
    try:
        lines = [json.loads(line) for line in text.splitlines()]
    except ValueError:
        raise Failed(f"no JSON: {text[:200]!r}") from None
    if not all(isinstance(line, dict) for line in lines):
        raise Failed(f"no JSON object: {text[:200]!r}")
    return lines


# --- processes -----------------------------------------------------------------------------------


def processes() -> list[Process]:
    """Return what runs on this machine."""
    if Path("/proc/self/stat").exists():  # `ps` is not on every machine
        return list(_from_proc())
    if os.name == "nt":
        each = '"$($_.ProcessId) $($_.ParentProcessId) $($_.CommandLine)"'
        query = f"Get-CimInstance Win32_Process | ForEach-Object {{ {each} }}"
        command = ["powershell", "-NoProfile", "-Command", query]
    else:
        command = ["ps", "-A", "-o", "pid=", "-o", "ppid=", "-o", "command="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, errors="replace")
    return parse_processes(listed.stdout.splitlines())


def _from_proc() -> Iterator[Process]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The name, in brackets, may hold anything.
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue  # it has ended
        if state != "Z":
            yield Process(int(folder.name), int(parent), command.replace("\0", " ").strip())


def parse_processes(lines: Iterable[str]) -> list[Process]:
    """Read lines of a process's number, its parent's and its command; others are left out."""
    found = []
    for line in lines:
        pid, parent, command = [*line.split(None, 2), "", "", ""][:3]
        if pid.isdecimal() and parent.isdecimal():
            found.append(Process(int(pid), int(parent), command))
    return found


def children(listed: Iterable[Process], pid: int) -> list[Process]:
    """Return the processes that were started by a process, and by these in turn."""
    listed = list(listed)
    own = [process for process in listed if process.parent == pid and process.pid != pid]
    return own + [below for process in own for below in children(listed, process.pid)]
