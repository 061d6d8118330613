"""Prove that the frozen program runs where nothing else is.

    python installer/smoke.py DIR

DIR is what build.py made. The program gets an empty environment, fresh folders, no network (on
Linux, where unshare allows it) and a folder to stand in whose modules are traps. A line a check;
the exit status is 1 if one failed.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from stage import Failed, Ran, Stage, children, processes

DOCTOR = (
    "program",
    "profile",
    "disk space",
    "text recognition",
    "encoder",
    "language model",
    "main job",
)
ROLES = ("reader", "ocr", "index", "llm", "viewer", "preparer")
QUESTION = "How long is the warranty of the LP-320 printer?"
SOURCE, FACT = "printer-manual.pdf", "30"
SCAN, SCAN_WIDTH = "scan.bmp", 1240  # A4 at 150 dpi
SCANNED = "toner for about 700 pages"  # stands on the first page of SOURCE
STAYS = 8.0  # seconds that the window has to stay up
ENDS = 15.0  # seconds that the window and its workers may take to end


# --- the checks ----------------------------------------------------------------------------------


def check_doctor(stage: Stage) -> Iterator[str]:
    """Ask the program's own doctor; yield its findings."""
    ran = stage.run("--profile", str(stage.profile), "--json", "doctor")
    yield from judge_doctor(ran)


def judge_doctor(ran: Ran) -> Iterator[str]:
    """Yield a line for each finding of doctor. Raises Failed if one is bad or missing."""
    found = {line.get("name"): line for line in ran.of("check")}
    for name in DOCTOR:
        if name not in found:
            raise Failed(f"doctor did not check {name}: {ran.errors.strip()[-300:]}")
        if not found[name].get("ok"):
            raise Failed(f"{name}: {found[name].get('detail')}")
        yield f"{name}: {found[name].get('detail')}"
    if ran.status:
        raise Failed(f"doctor ended with status {ran.status}")


def check_roles(stage: Stage) -> Iterator[str]:
    """Start each worker: it says hello, and ends when its parent has gone."""
    for role in ROLES:
        ran = stage.run("--worker", role, typed="")
        hello = ran.of("Hello")
        if not hello or hello[0].get("role") != role or ran.status:
            raise Failed(f"{role} did not come up (status {ran.status}): {ran.errors[-300:]}")
    yield ", ".join(ROLES)


def check_library(stage: Stage) -> Iterator[str]:
    """Read a document of each kind, find a passage, answer a question from it."""
    shutil.copytree(stage.samples, stage.documents, dirs_exist_ok=True)
    stage.command("add", str(stage.documents))
    files = stage.command("status", "--files").of("file")
    unread = [line for line in files if line.get("state") != "indexed"]
    expected = sum(1 for _ in stage.documents.iterdir())
    if unread or len(files) != expected:
        raise Failed(f"of {expected} documents {len(files)} are known, not indexed: {unread}")
    yield f"{expected} documents indexed"
    hits = stage.command("search", QUESTION).of("hit")
    if not hits or Path(str(hits[0].get("path"))).name != SOURCE:
        raise Failed(f"{SOURCE} is not found first")
    yield f"{SOURCE} found first"
    yield judge_answer(stage.command("ask", QUESTION))


def judge_answer(ran: Ran) -> str:
    """Return an answer that has its fact, or whose evidence has. Raises Failed."""
    answers = ran.of("answer")
    if not answers or not answers[-1].get("text"):
        raise Failed("there was no answer")
    answer = answers[-1]
    sources = answer.get("citations") or ran.of("evidence")
    right = [source for source in sources if Path(str(source.get("path"))).name == SOURCE]
    told = [str(answer["text"]), *(str(source.get("quote")) for source in right)]
    if not right or not any(FACT in text for text in told):
        raise Failed(f"the answer is not from {SOURCE}: {answer['text']!r}")
    return f"answered: {' '.join(str(answer['text']).split())[:100]}"


def check_page(stage: Stage) -> Iterator[str]:
    """Have the viewer render a page."""
    page = rendered(stage, 300)
    yield f"a page of {page['width']} x {page['height']} pixels"


def rendered(stage: Stage, width: int) -> dict[str, Any]:
    """Return what the viewer sends of a sample's first page. Raises Failed."""
    page = {"id": "1", "path": str(stage.samples / SOURCE), "page": 1, "width": width, "quote": ""}
    ran = stage.run("--worker", "viewer", typed=json.dumps({"type": "RenderPage", **page}) + "\n")
    pictures = ran.of("PageRendered")
    if not pictures or not pictures[0].get("pixels"):
        raise Failed(f"no picture (status {ran.status}): {ran.lines[1:]} {ran.errors[-300:]}")
    return pictures[0]


def check_ocr(stage: Stage) -> Iterator[str]:
    """Have a page that is only a picture read, and find what stands on it."""
    page = rendered(stage, SCAN_WIDTH)
    scan = stage.documents.with_name(SCAN)
    scan.write_bytes(bitmap(page))
    stage.command("add", str(scan))
    hits = stage.command("search", SCANNED).of("hit")
    read = [str(hit["text"]) for hit in hits if Path(str(hit.get("path"))).name == SCAN]
    if not any(SCANNED in text for text in read):
        raise Failed(f"the picture of {SOURCE} was not read: {read}")
    yield f"{SOURCE} read as a picture of {page['width']} x {page['height']} pixels"


def bitmap(page: dict[str, Any]) -> bytes:
    """Return a rendered page as a BMP file: the format that needs no library."""
    pixels = zlib.decompress(base64.b64decode(page["pixels"]))
    head = struct.pack("<2sIII", b"BM", 54 + len(pixels), 0, 54)
    # A negative height: the rows are from the top.
    size = (40, page["width"], -page["height"], 1, 32, 0, len(pixels), 0, 0, 0, 0)
    return head + struct.pack("<IiiHHIIiiII", *size) + pixels


def check_encryption(stage: Stage) -> Iterator[str]:
    """Encrypt the library, search in it, and make it plain again."""
    secret = stage.documents.with_name("passphrase")
    secret.write_text("four words of a dinner\n")
    stage.command("encrypt", "on", "--ask", "--new-passphrase-file", str(secret))
    library = stage.profile / "library.db"
    if SOURCE.encode() in library.read_bytes():
        raise Failed("the encrypted library can be read")
    opened = ("--passphrase-file", str(secret))
    hits = stage.command(*opened, "search", QUESTION).of("hit")
    stage.command(*opened, "encrypt", "off")
    if not hits:
        raise Failed("nothing is found in an encrypted library")
    yield f"{len(hits)} passages found in an encrypted library"


def check_refusal(stage: Stage) -> Iterator[str]:
    """Ask for what only a checkout can do: a sentence, no traceback."""
    ran = stage.run("--profile", str(stage.profile), "models", "import", str(stage.traps))
    if ran.status != 1 or "checkout" not in ran.errors:
        raise Failed(f"status {ran.status}: {ran.errors.strip()[-300:]}")
    yield ran.errors.strip().splitlines()[-1]


def check_window(stage: Stage) -> Iterator[str]:
    """Open the window without a screen, look at its worker, end it, see that nothing is left."""
    window = stage.start(
        stage.window,
        "--profile",
        str(stage.profile),
        environment={"QT_QPA_PLATFORM": "offscreen"},
        stdin=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + STAYS
        while time.monotonic() < until:
            if window.poll() is not None:
                _, errors = window.communicate()
                raise Failed(f"it ended with status {window.returncode}: {errors.strip()[-300:]}")
            time.sleep(0.2)
        workers = children(processes(), window.pid)
        if not any("--worker index" in worker.command for worker in workers):
            raise Failed(f"its index worker is not there; its processes: {workers}")
        yield f"it stays up, with {len(workers)} workers"
        window.terminate()
        try:
            _, errors = window.communicate(timeout=ENDS)
        except subprocess.TimeoutExpired:
            raise Failed(f"it did not end within {ENDS:.0f} s of being told to") from None
        if "Traceback" in errors:
            raise Failed(f"a traceback at its end: {errors.strip().splitlines()[-1]}")
        # Windows has no word for it but the end at once.
        if window.returncode and os.name != "nt":
            raise Failed(f"it ended with status {window.returncode} when told to")
        pids = {worker.pid for worker in workers}
        until = time.monotonic() + ENDS
        while left := [process for process in processes() if process.pid in pids]:
            if time.monotonic() > until:
                raise Failed(f"its workers outlive it: {left}")
            time.sleep(0.2)
        yield "it ended when told to, and its workers with it"
    finally:
        if window.poll() is None:
            window.kill()
            window.communicate()


# --- all of it -----------------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of every file of a folder."""
    stats = {path: path.lstat() for path in folder.rglob("*")}
    return {str(path): (stat.st_size, stat.st_mtime_ns) for path, stat in stats.items()}


CHECKS: tuple[tuple[str, Callable[[Stage], Iterator[str]]], ...] = (
    ("doctor", check_doctor),
    ("workers", check_roles),
    ("library", check_library),
    ("viewer", check_page),
    ("ocr", check_ocr),
    ("encryption", check_encryption),
    ("preparer", check_refusal),
    ("window", check_window),
)


def main(arguments: list[str]) -> int:
    """Run all checks; return 1 if one failed, 2 for wrong usage."""
    program = Path(arguments[0]).resolve() if len(arguments) == 1 else Path()
    if not (program / "_internal").is_dir():
        say("usage: python installer/smoke.py DIR, the folder of the frozen program")
        return 2
    before = contents(program)
    good = True
    with tempfile.TemporaryDirectory(prefix="smoke-", ignore_cleanup_errors=True) as room:
        stage = Stage(program, Path(room).resolve())
        say("the network is closed" if stage.closed else "THE NETWORK IS OPEN: nothing closes it")
        for name, check in CHECKS:
            began = time.monotonic()
            try:
                for line in check(stage):
                    say(f"ok    {name}: {line}")
            except (Failed, OSError, subprocess.SubprocessError) as error:
                say(f"FAIL  {name}: {error}")
                good = False
            say(f"      {name}: {time.monotonic() - began:.1f} s")
    if contents(program) != before:
        say("FAIL  the program has written into its own folder")
        good = False
    return 0 if good else 1


def say(line: str) -> None:
    """Print a line, whatever the console can show."""
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "replace").decode(encoding), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
