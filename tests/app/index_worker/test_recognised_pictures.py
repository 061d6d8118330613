"""A picture through the real processes: recognised, found, and shown with its lines' places."""

from __future__ import annotations

import base64
import json
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from app.library import has_ocr
from app.messages.general import Failed
from app.messages.index import (
    AddPaths,
    Folders,
    Found,
    GetPage,
    Indexing,
    OpenLibrary,
    PageText,
    Recognise,
    Search,
)
from app.messages.viewer import PageRendered, RenderPage
from app.messages.wire import Message, from_wire, to_wire
from app.paths import Profile
from app.pipes.supervisor import Worker
from tests.app.commands.test_cli import run

FEE = "The fee for moving a tree is forty crowns."


class Client:
    """Speaks to a worker."""

    def __init__(self, role: str) -> None:
        self.worker = Worker([sys.executable, "-m", "app", "--worker", role])

    def send(self, message: Message) -> None:
        self.worker.send(to_wire(message))

    def until(self, condition: Callable[[Any], bool]) -> Any:
        while (data := self.worker.receive(90)) is not None:
            if condition(message := from_wire(data)):
                return message
        raise AssertionError("the message did not come")


def letter(path: Path) -> Path:
    image = Image.new("RGB", (900, 600), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(28)
    draw.text((60, 60), "Rules of the garden", font=font, fill="black")
    draw.text((60, 300), FEE, font=font, fill="black")
    image.save(path)
    return path


def test_a_picture_is_recognised_when_it_is_switched_on(tmp_path: Path) -> None:
    """Until then it waits, and the switch is kept for the next run."""
    if not has_ocr():
        pytest.skip("needs the models of OCR")
    profile = Profile(tmp_path / "profile")
    profile.create()
    profile.settings.write_text('{"ocr": false}', "utf-8")
    path = letter(tmp_path / "garden.png")
    client = Client("index")
    client.send(OpenLibrary(profile.root))
    client.send(AddPaths("add", (path,)))
    folders = client.until(lambda m: isinstance(m, Folders) and any(f.pages for f in m.folders))
    assert [folder.pages for folder in folders.folders] == [1]
    client.send(Recognise(on=False))
    assert client.until(lambda m: isinstance(m, Indexing) and m.recognising is False).pages == 0
    client.send(Recognise(on=True))
    client.until(lambda m: isinstance(m, Indexing) and m.recognising and m.pages == 1)
    client.until(lambda m: isinstance(m, Indexing) and m.pages == m.chunks == 0)
    assert json.loads(profile.settings.read_text("utf-8"))["ocr"] is True
    client.send(Search("search", "What does moving a tree cost?"))
    found = client.until(lambda m: isinstance(m, Found))
    hit = found.hits[0]
    assert hit.path == path
    client.send(GetPage("page", hit.chunk))
    page = client.until(lambda m: isinstance(m, PageText))
    (line,) = [each for each in page.lines if page.text[each.start : each.end] == FEE]
    assert 0.45 < line.top < line.bottom < 0.6
    client.worker.close()


def test_a_picture_is_drawn_by_the_viewer(tmp_path: Path) -> None:
    """No wider than asked for, with white paper; what is none says why."""
    client = Client("viewer")
    client.send(RenderPage("1", letter(tmp_path / "garden.png"), 1, 450, "x"))
    shown = client.until(lambda m: isinstance(m, PageRendered))
    assert (shown.width, shown.height, shown.stride, shown.pages) == (450, 300, 1800, 1)
    assert zlib.decompress(base64.b64decode(shown.pixels))[:3] == b"\xff\xff\xff"
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    for name in ("bad.png", "gone.png"):
        client.send(RenderPage(name, tmp_path / name, 1, 450, ""))
        assert client.until(lambda m: isinstance(m, Failed)).id == name
    client.worker.close()


def test_the_switch_of_the_command_line(tmp_path: Path) -> None:
    """It says how many pages wait, and lasts."""
    profile = str(tmp_path / "profile")
    path = letter(tmp_path / "garden.png")
    assert run("--profile", profile, "ocr", "off").returncode == 0
    added = run("--profile", profile, "--quiet", "add", str(path))
    assert "This picture waits for text recognition." in added.stdout
    answer = json.loads(run("--profile", profile, "--json", "ocr").stdout)
    assert (answer["type"], answer["on"], answer["pages_waiting"]) == ("ocr", False, 1)
    assert "1 pages wait" in run("--profile", profile, "status").stdout
