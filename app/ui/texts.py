"""The window's own words, in English and Chinese.

English is written where it is used, as `tr("Ask")`; resources/translations has one file a
language. Values are filled in after the translation, by name, so that a language may order them.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from PySide6.QtCore import QLocale

_chosen = "en"


def use_language(language: str) -> None:
    """Choose "en" or "zh" for all texts that are asked for from now on."""
    global _chosen  # noqa: PLW0603 -- one program speaks one language
    _chosen = language


def system_language() -> str:
    """Return the language of the desktop, as far as we have it."""
    return "zh" if QLocale.system().name().startswith("zh") else "en"


def tr(text: str, **values: object) -> str:
    """Return a text in the chosen language, with its {values} filled in."""
    translated = translations(_chosen).get(text, text) if _chosen != "en" else text
    return translated.format(**values) if values else translated


@cache
def translations(language: str) -> dict[str, str]:
    """Return English -> translated."""
    file = resources.files("resources") / "translations" / f"{language}.toml"
    return {str(key): str(value) for key, value in tomllib.loads(file.read_text("utf-8")).items()}
