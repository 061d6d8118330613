"""The commands that README and guide name exist, so that neither can rot."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from app.cli import _parser

ROOT = Path(__file__).parents[1]
# What start.py does itself.
_ITS_OWN = {"demo", "test", "COMMAND"}


def names(parser: argparse.ArgumentParser) -> set[str]:
    """Return the names of all commands."""
    (commands,) = (each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
    return set(commands.choices)


def written(text: str) -> list[str]:
    """Return the commands that a page tells its reader to type, without what passes them on."""
    blocks = re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    inline = re.sub(r"^```\n.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", inline)
    commands = []
    for line in lines:
        # What it does follows after a gap, or as a comment.
        typed = re.split(r"\s{2,}|\s#", line.strip())[0]
        called = re.fullmatch(r"(?:pocket-llm|(?:python3|py) start\.py) (.+)", typed)
        command = called[1] if called else typed
        word = command.split(" ")[0]
        if word in names(_parser()) or (called and word not in _ITS_OWN):
            commands.append(command)
    return commands


@pytest.mark.parametrize("page", ["README.md", "docs/guide.md"])
def test_each_command_is_one(page: str) -> None:
    """With its options; placeholders in capitals stand for any value."""
    commands = written((ROOT / page).read_text("utf-8"))
    assert len(commands) > 15
    for command in commands:
        words = shlex.split(command)
        # A command that is named alone, or with its choices as a table shows them.
        if len(words) == 1 or re.search(r"[|\[]", command):
            assert words[0] in names(_parser()), f"{page}: {command}"
            continue
        try:
            _parser().parse_args(words)
        except SystemExit:
            pytest.fail(f"{page}: {command}")


def options(parser: argparse.ArgumentParser) -> set[str]:
    """Return the options of a command and of the commands below it."""
    found = set(parser._option_string_actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found = found.union(*map(options, action.choices.values()))
    return found


@pytest.mark.parametrize("page", ["README.md", "docs/guide.md"])
def test_each_option_is_one(page: str) -> None:
    """Of some command, or of the program."""
    known = options(_parser())
    named = re.findall(r"(?<![\w-])--[a-z][a-z-]*", (ROOT / page).read_text("utf-8"))
    assert set(named) <= known


def test_the_guide_names_every_command() -> None:
    """Nobody has to read the code to find one."""
    text = (ROOT / "docs" / "guide.md").read_text("utf-8")
    told = {command.split(" ")[0] for command in written(text)}
    assert names(_parser()) <= told
