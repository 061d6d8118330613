"""Every text of the window is there in every language."""

from __future__ import annotations

import ast
import string
from pathlib import Path

from app.ui.texts import tr, translations, use_language

UI = Path(__file__).parents[3] / "app" / "ui"


def used() -> set[str]:
    """Return the first argument of every tr() call."""
    found = set()
    for file in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "tr":
                assert isinstance(node.args[0], ast.Constant), f"{file.name}:{node.lineno}"
                found.add(str(node.args[0].value))
    return found


def test_each_text_has_a_chinese_one_with_the_same_values() -> None:
    """None is missing, none is left over."""
    chinese = translations("zh")
    assert set(chinese) == used()
    for english, translated in chinese.items():
        names = [
            {name for _, name, _, _ in string.Formatter().parse(text) if name}
            for text in (english, translated)
        ]
        assert names[0] == names[1], english


def test_values_are_filled_in_after_the_translation() -> None:
    """A language may order them as it likes."""
    use_language("zh")
    assert tr("page {page} of {pages}", page=3, pages=12) == "第 3 页，共 12 页"
