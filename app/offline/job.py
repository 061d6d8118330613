"""The main job under the guard: real commands and the window's own workers, on the samples.

It runs in a process of its own, since neither the filter nor the hook can be taken away again. It
says on stdout what it does, a JSON line a step.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from app import settings
from app.demo import samples
from app.llm.process import LlmProcess
from app.messages.general import Failed
from app.messages.index import EncoderReady, Found, GetPage, OpenLibrary, PageText, Search
from app.messages.llm import Generate
from app.messages.viewer import PageRendered, RenderPage
from app.messages.wire import from_wire, to_wire
from app.model_files.installed import find_encoder, find_llm
from app.offline import hook
from app.offline.record import STARTED, VARIABLE, Line, writer
from app.paths import Profile, program_command, worker_command
from app.pipes.supervisor import Worker, WorkerGone
from models.errors import ModelMissing

COMMAND_SECONDS = 300
NOTED, REFUSED, WATCHED = "noted", "refused", "watched"  # how the network is withheld

_Wanted = TypeVar("_Wanted")

_QUESTION = "How long does the soup have to simmer?"
_DRAWN = "printer-manual.pdf"
_NO_ADDRESS = 2  # AF_INET in a struct sockaddr, with nothing behind it


class JobFailed(Exception):
    """A step could not be done; the text says which."""


def main(arguments: list[str]) -> int:
    """Do the job in a folder of its own; the second argument is the guard's descriptor, or "-"."""
    folder, descriptor = Path(arguments[0]), arguments[1]
    hook.join("job")
    means = _seal(None if descriptor == "-" else int(descriptor))
    tried, refused = _try_to_leave(means)
    _say(step="guard", means=means, tried=tried, refused=refused)
    writer(Path(os.environ[VARIABLE]))(Line(STARTED, os.getpid()))
    try:
        for name, detail in _steps(folder):
            _say(step=name, detail=detail)
    except (JobFailed, WorkerGone, OSError, subprocess.TimeoutExpired) as error:
        _say(step="failed", detail=str(error) if isinstance(error, JobFailed) else "")
        return 1
    return 0


def _say(**fields: object) -> None:
    print(json.dumps(fields), flush=True)  # noqa: T201 -- what it is started for


def _seal(descriptor: int | None) -> str:
    """Give up the network for this process and all that it starts; return how."""
    if sys.platform != "linux":
        return WATCHED
    from app.offline import filters

    if descriptor is not None:
        try:
            with socket.socket(fileno=descriptor) as receiver:
                filters.hand_over(receiver)
        except OSError:
            pass
        else:
            return NOTED
    try:
        filters.refuse_network()
    except OSError:
        return WATCHED
    return REFUSED


def _try_to_leave(means: str) -> tuple[list[str], list[str]]:
    """Try what the guard must refuse; return what was tried, and what of it was refused."""
    tries: dict[str, Callable[[], object]] = {
        "Python, IPv4": lambda: socket.socket(socket.AF_INET),
        "Python, IPv6": lambda: socket.socket(socket.AF_INET6),
        "Python, a name": lambda: socket.getaddrinfo("localhost", 80),
    }
    if means == NOTED:
        tries |= {
            "C library, IPv4": lambda: _call("socket", 2, 1, 0),
            "C library, IPv6": lambda: _call("socket", 10, 1, 0),
            "C library, connect": lambda: _call_with_address("connect"),
            "C library, bind": lambda: _call_with_address("bind"),
            "C library, sendto": _send_to,
            "child process": _try_in_child,
        }
    refused = []
    for name, attempt in tries.items():
        try:
            attempt()
        except PermissionError:
            refused.append(name)
        except OSError:
            continue
    return list(tries), refused


def _call(name: str, *arguments: Any) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def _call_with_address(name: str) -> None:
    # Of a socket of this machine: another cannot even be made.
    with socket.socket(socket.AF_UNIX) as own:
        _call(name, own.fileno(), _address(), 16)


def _send_to() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
        _call("sendto", own.fileno(), b"", 0, 0, _address(), 16)


def _address() -> bytes:
    return _NO_ADDRESS.to_bytes(2, sys.byteorder) + bytes(14)


def _try_in_child() -> None:
    child = os.fork()
    if child == 0:
        try:
            _call("socket", 2, 1, 0)
        except PermissionError:
            os._exit(1)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1:
        raise PermissionError


def _steps(folder: Path) -> Iterator[tuple[str, str]]:
    """Do the job; yield each step with what came of it."""
    profile, documents = Profile(folder / "profile"), folder / "documents"
    documents.mkdir()
    for sample in samples():
        (documents / sample.name).write_bytes(sample.read_bytes())
    profile.create()
    added = _command(profile, "add", str(documents))[-1]
    yield "add and index", f"{added['files']} documents, {added['chunks']} passages"
    hits = _command(profile, "search", _QUESTION)[-1]["hits"]
    yield "search", f"{hits} passages"
    chosen = settings.load(profile.settings)
    try:
        model = find_llm(profile, chosen.llm)
    except ModelMissing:
        yield "ask", "left out: there is no language model"
    else:
        answer = _command(profile, "ask", _QUESTION, "--max-tokens", "24")[-1]
        yield "ask", f"answered with {len(answer['citations'])} citations"
        yield "cancel", _cancel(profile, model)
    yield "show a page", _show(profile, documents / _DRAWN)
    _command(profile, "remove", str(documents))
    yield "remove", "nothing is left"


def _command(profile: Profile, *arguments: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [*program_command(), "--profile", str(profile.root), "--json", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode or not lines:
        raise JobFailed(f"`{arguments[0]}` ended with status {done.returncode}.")
    return lines


def _cancel(profile: Profile, model: Path) -> str:
    """Take an answer back while it is read or written."""
    with closing(LlmProcess(profile, model)) as llm:
        request = Generate("cancelled", f"{_QUESTION} Tell me everything.", max_tokens=512)
        answer = llm.generate(request)
        next(answer)
        answer.close()
    return "stopped while it was written"


def _show(profile: Profile, drawn: Path) -> str:
    """Find a passage and show its page as the window does."""
    wants_encoder = find_encoder(profile, settings.load(profile.settings).encoder) is not None
    with closing(Worker(worker_command("index"))) as index:
        index.send(to_wire(OpenLibrary(profile.root)))
        if wants_encoder:
            _wait(index, EncoderReady)
        index.send(to_wire(Search("search", _QUESTION)))
        found = _wait(index, Found)
        if not found.hits:
            raise JobFailed("The samples were added, but nothing was found.")
        index.send(to_wire(GetPage("page", found.hits[0].chunk)))
        _wait(index, PageText)
    with closing(Worker(worker_command("viewer"))) as viewer:
        viewer.send(to_wire(RenderPage("drawn", drawn, 1, 400, "")))
        page = _wait(viewer, PageRendered)
    return f"text, and a picture of {page.width} x {page.height}"


def _wait(worker: Worker, kind: type[_Wanted]) -> _Wanted:
    """Return the next message of a kind; progress and the like is passed over."""
    while (data := worker.receive(COMMAND_SECONDS)) is not None:
        message = from_wire(data)
        if isinstance(message, kind):
            return message
        if isinstance(message, Failed):
            raise JobFailed(message.title)
    raise JobFailed(f"Nothing came back within {COMMAND_SECONDS} s.")
