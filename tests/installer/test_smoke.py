"""The judgement of smoke.py, and the empty world that it makes."""

from __future__ import annotations

import base64
import io
import os
import subprocess
import sys
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

POSIX = pytest.mark.skipif(os.name == "nt", reason="needs a shell script as a fake program")


def doctor(smoke: ModuleType, **bad: str) -> list[dict[str, Any]]:
    """Return the findings of a doctor; `bad` names those that are not good."""
    return [
        {"type": "check", "name": name, "ok": name not in bad, "detail": bad.get(name, "fine")}
        for name in smoke.DOCTOR
    ]


def ran(smoke: ModuleType, lines: list[dict[str, Any]], status: int = 0) -> Any:
    """Return a command that has ended."""
    return smoke.Ran(status, lines, "")


def test_a_healthy_doctor_passes(smoke: ModuleType) -> None:
    """Each of its findings is a line."""
    lines = list(smoke.judge_doctor(ran(smoke, doctor(smoke))))
    assert lines == [f"{name}: fine" for name in smoke.DOCTOR]


def test_a_bad_or_lost_finding_fails(smoke: ModuleType) -> None:
    """So does a bad status alone."""
    with pytest.raises(smoke.Failed, match="encoder: not there"):
        list(smoke.judge_doctor(ran(smoke, doctor(smoke, encoder="not there"), 1)))
    with pytest.raises(smoke.Failed, match="did not check main job"):
        list(smoke.judge_doctor(ran(smoke, doctor(smoke)[:-1])))
    with pytest.raises(smoke.Failed, match="status 3"):
        list(smoke.judge_doctor(ran(smoke, doctor(smoke), 3)))


def test_a_rendered_page_becomes_a_picture(smoke: ModuleType) -> None:
    """Its first row stands at the top."""
    rows = bytes((1, 2, 3, 0)) * 4 + bytes((9, 8, 7, 0)) * 4
    page = {"width": 4, "height": 2, "pixels": base64.b64encode(zlib.compress(rows)).decode()}
    with Image.open(io.BytesIO(smoke.bitmap(page))) as picture:
        assert (picture.format, picture.size) == ("BMP", (4, 2))
        assert [picture.convert("RGB").getpixel((0, y)) for y in (0, 1)] == [(3, 2, 1), (7, 8, 9)]


def test_an_answer_needs_its_fact_and_its_source(smoke: ModuleType) -> None:
    """The fact may stand in the answer or in what it cites."""

    def judge(text: str, path: str, quote: str = "") -> str:
        cited = [{"path": path, "quote": quote}]
        answer = {"type": "answer", "text": text, "citations": cited}
        verdict: str = smoke.judge_answer(ran(smoke, [answer]))
        return verdict

    assert "30 months" in judge("It is 30 months.", f"/d/{smoke.SOURCE}")
    assert judge("Long.", f"/d/{smoke.SOURCE}", "a warranty of 30 months")
    for text, path in (("Long.", f"/d/{smoke.SOURCE}"), ("30 months", "/d/other.pdf")):
        with pytest.raises(smoke.Failed, match="not from"):
            judge(text, path)
    with pytest.raises(smoke.Failed, match="no answer"):
        smoke.judge_answer(ran(smoke, []))


def test_what_is_no_json_is_told(smoke: ModuleType) -> None:
    """A library's print on stdout is a fault."""
    stage: Any = sys.modules["stage"]
    assert stage.json_lines('{"a": 1}\n{"b": 2}\n') == [{"a": 1}, {"b": 2}]
    for text in ("hello\n", "[1]\n"):
        with pytest.raises(smoke.Failed, match="no JSON"):
            stage.json_lines(text)


def test_a_list_of_processes_is_read(smoke: ModuleType) -> None:
    """Commands with spaces or none at all; headings are left out; grandchildren count."""
    stage: Any = sys.modules["stage"]
    text = "PID PPID COMMAND\n 10 1 /a b/pocket-llm\n 11 10 worker --worker index\n12 11 \n13 1 x\n"
    listed = stage.parse_processes(text.splitlines())
    assert [process.pid for process in listed] == [10, 11, 12, 13]
    assert listed[0].command == "/a b/pocket-llm"
    assert [process.pid for process in smoke.children(listed, 10)] == [11, 12]


def test_the_system_lists_our_children(smoke: ModuleType) -> None:
    """With their commands."""
    with subprocess.Popen(
        [sys.executable, "-c", "input()", "--worker", "index"], stdin=subprocess.PIPE
    ) as child:
        own = smoke.children(smoke.processes(), os.getpid())
        (found,) = [process for process in own if process.pid == child.pid]
        assert "--worker index" in found.command


@POSIX
def test_the_world_is_empty(smoke: ModuleType, tmp_path: Path, monkeypatch: Any) -> None:
    """No variable of ours reaches the program, and nothing is on its PATH."""
    monkeypatch.setenv("PYTHONPATH", "/ours")
    program = tmp_path / "program"
    program.mkdir()
    script = program / "pocket-llm-worker"
    script.write_text(
        '#!/bin/sh\necho "{\\"path\\": \\"$PATH\\", \\"ours\\": \\"$PYTHONPATH\\", '
        '\\"home\\": \\"$HOME\\", \\"here\\": \\"$PWD\\"}"\nexit 4\n'
    )
    script.chmod(0o755)
    room = tmp_path / "room"
    room.mkdir()
    ended = smoke.Stage(program, room).run("status")
    assert ended.status == 4
    (line,) = ended.lines
    assert line["ours"] == ""
    assert list(Path(line["path"]).iterdir()) == []
    assert Path(line["home"]).parent == room
    assert Path(line["here"]).name == "traps"


@POSIX
def test_a_traceback_is_a_fault_whatever_the_status(smoke: ModuleType, tmp_path: Path) -> None:
    """The program speaks in sentences."""
    program = tmp_path / "program"
    program.mkdir()
    script = program / "pocket-llm-worker"
    script.write_text('#!/bin/sh\necho "Traceback (most recent call last):" >&2\necho Oh >&2\n')
    script.chmod(0o755)
    room = tmp_path / "room"
    room.mkdir()
    with pytest.raises(smoke.Failed, match="Oh"):
        smoke.Stage(program, room).run("status")


def test_wrong_usage_is_status_2(smoke: ModuleType, tmp_path: Path) -> None:
    """A folder that holds no frozen program is told."""
    assert smoke.main([]) == 2
    assert smoke.main([str(tmp_path)]) == 2


def test_what_is_written_into_the_program_is_seen(smoke: ModuleType, tmp_path: Path) -> None:
    """An installation may be read-only."""
    before = smoke.contents(tmp_path)
    (tmp_path / "cache").touch()
    assert smoke.contents(tmp_path) != before
