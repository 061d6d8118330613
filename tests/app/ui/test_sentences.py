"""What workers and libraries say is there in every language.

A sentence is recognised by its form, wherever it stands, so that no way of raising, sending or
storing it can be forgotten: a string or f-string with several words that begins with a capital
letter, a value or a command in backticks and ends with a full stop, or that begins with a capital
letter and ends with ": " and a value. Besides these there are the f-strings that are given to
`Failed`, and the nouns that readers fill into a sentence (`WHAT`, and the first argument of
`damaged` and `encrypted`).

No sentences are: docstrings, what the model is told (`_PROMPTS`, `Instructions`), what ends in a
log or on a terminal or is translated by tr() (`_UNSEEN`), and all of the modules that speak on a
terminal only (`_TERMINAL`). The window's own words are in test_texts.py.

A sentence's key is the string itself; in an f-string each value becomes a {name}: the last
identifier of its expression, so that `{self._what}` is {what}.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from app.ui.texts import sentences, translated, use_language

ROOT = Path(__file__).parents[3]

_TERMINAL = (
    "app/ui/gallery",
    "app/commands",
    "app/cli.py",
    "app/demo.py",
    "app/offline",
    "app/output.py",
    "app/window.py",
)
_UNSEEN = ("ProtocolError", "_say", "tr", "Instructions")
_PROMPTS = ("SYSTEM", "CHAT_SYSTEM", "_TASK", "_TASKS")
_SENTENCE = re.compile(r"[A-Z`{].* .*\.|[A-Z].* .*: \{\w+\}", re.DOTALL)
_WITH_NOUN = re.compile(r"\b(damaged|encrypted)\b")


@cache
def modules() -> tuple[ast.Module, ...]:
    """Return the modules whose sentences may reach the window."""
    files = [file for name in ("app", "indexer", "models") for file in (ROOT / name).rglob("*.py")]
    return tuple(
        ast.parse(file.read_text("utf-8"))
        for file in files
        if not file.relative_to(ROOT).as_posix().startswith(_TERMINAL)
    )


def strings(node: ast.AST) -> Iterator[str]:
    """Yield the strings below a node, f-strings as templates, without those that nobody sees."""
    match node:
        case ast.JoinedStr():
            yield template(node)
            return
        case ast.Constant(value=str(text)):
            yield text
            return
        case ast.Expr(value=ast.Constant()):  # a docstring
            return
        case ast.Call(func=ast.Name(id=name)) if name in _UNSEEN:
            return
        case ast.Assign(targets=[ast.Name(id=name)]) if name in _PROMPTS:
            return
    for child in ast.iter_child_nodes(node):
        yield from strings(child)


def template(node: ast.JoinedStr) -> str:
    """Return an f-string with its values as {names}."""
    text = ""
    for part in node.values:
        match part:
            case ast.Constant(value=value):
                text += str(value)
            case ast.FormattedValue(value=value):
                text += f"{{{name_of(value)}}}"
    return text


def name_of(value: ast.expr) -> str:
    """Return the last identifier of an expression; "" where it is none of one thing."""
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_").lower()
        case ast.Subscript(value=inner):
            return name_of(inner)
    return ""


def odd_ones(node: ast.AST) -> Iterator[str]:
    """Yield what is translated although it has not a sentence's form."""
    match node:
        case ast.Call(func=ast.Name(id="Failed"), args=arguments):
            yield from (template(each) for each in arguments if isinstance(each, ast.JoinedStr))
        case ast.Call(func=function, args=[ast.Constant(value=str(noun)), *_]):
            if _WITH_NOUN.search(ast.unparse(function)):
                yield noun
        case ast.Assign(targets=[ast.Name(id="WHAT")], value=ast.Constant(value=str(noun))):
            yield noun


@cache
def said() -> frozenset[str]:
    """Return all that may reach the window."""
    found = set()
    for module in modules():
        found |= {text for text in strings(module) if _SENTENCE.fullmatch(text)}
        for node in ast.walk(module):
            found |= set(odd_ones(node))
    return frozenset(found)


def names(text: str) -> list[str]:
    """Return the values of a template."""
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_the_sentences_are_found() -> None:
    """One of each kind: given to an error, kept in a constant or a table, returned, sent."""
    assert {
        "There is no such folder or file.",
        "Reading this file takes too long.",
        "It is a picture.",
        "This file is gone.",
        "Loading the model.",
        "The file is larger than {megabytes} MB.",
        "Pages {shown} could not be read: {reason}",
        "{name}: {title}",
        "Word document",
        "Your documents don't say anything about this.",
    } <= said()


def test_each_sentence_has_a_chinese_one() -> None:
    """None is missing, none is left over."""
    chinese = set(sentences("zh"))
    missing, left_over = said() - chinese, chinese - said()
    assert not missing
    assert not left_over


def test_values_have_names_and_are_all_used() -> None:
    """A value without a name cannot be put anywhere: give it one before the f-string."""
    assert all(all(names(english)) for english in said())
    for english, chinese in sentences("zh").items():
        assert names(english) == names(chinese), english


def test_each_sentence_is_found_again() -> None:
    """As it arrives: with values in it, and with another sentence behind it."""
    use_language("zh")
    behind = "Try again in a moment."
    for english, chinese in sentences("zh").items():
        values = {name: f"<{name}>" for name in names(english)}
        one, other = english.format(**values), chinese.format(**values)
        assert translated(one) == other
        if one.endswith("."):
            assert translated(f"{one} {behind}") == other + sentences("zh")[behind]


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("This PDF is damaged.", "这份 PDF 文档已损坏。"),
        (
            "Pages 2, 3, … could not be read: This page is damaged.",
            "第 2, 3, … 页无法读取：这一页已损坏。",
        ),
        (
            "a: b. c.txt: There is no such folder or file. Check how the path is written.",
            "a: b. c.txt: 没有这个文件夹或文件。请检查路径的写法。",
        ),
        (
            "The model's file could not be read. Input/output error",
            "无法读取模型文件。Input/output error",
        ),
        ("Something else happened.", "Something else happened."),
        ("Something: else", "Something: else"),
        ("", ""),
    ],
)
def test_what_is_known_is_translated_and_the_rest_stays(english: str, chinese: str) -> None:
    """Values are translated where they are sentences themselves."""
    use_language("zh")
    assert translated(english) == chinese
    use_language("en")
    assert translated(english) == english
