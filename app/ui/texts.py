"""The window's own words, and what the workers say, in English and Chinese.

English is written where it is used, as `tr("Ask")`; resources/translations has one file a
language. Values are filled in after the translation, by name, so that a language may order them.
The sentences of workers and libraries, which know no language but English, arrive with their values
in them; `translated` takes them out again.
"""

from __future__ import annotations

import re
import string
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


def translated(sentence: str) -> str:
    """Return what a worker or library says, one sentence or several, in the chosen language.

    What has no translation stays as it is, be it all of the text, its end or a value in it.
    """
    return sentence if _chosen == "en" else _piecewise(sentence, _chosen)


@cache
def translations(language: str) -> dict[str, str]:
    """Return English -> translated for the window's own texts."""
    return _read(language)


@cache
def sentences(language: str) -> dict[str, str]:
    """Return English -> translated for the workers' sentences; values stand as {names} in both."""
    return _read(f"{language}_sentences")


def _read(name: str) -> dict[str, str]:
    file = resources.files("resources") / "translations" / f"{name}.toml"
    return {str(key): str(value) for key, value in tomllib.loads(file.read_text("utf-8")).items()}


def _piecewise(text: str, language: str) -> str:
    """Translate the sentence that a text begins with and its values, then the rest."""
    for pattern, template in _patterns(language):
        if found := pattern.fullmatch(text):
            values = {
                name: _piecewise(value or "", language) for name, value in found.groupdict().items()
            }
            # Chinese has no space between sentences.
            return template.format(**values) + values["_rest"]
    return text


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Return what finds each sentence at the beginning of a text, with its translation.

    Those with the most text of their own come first: a bare "{name}: {title}" fits too much.
    """
    found: list[tuple[int, re.Pattern[str], str]] = []
    for english, template in sentences(language).items():
        pattern, length = "", 0
        name: str | None = None
        for literal, name, _, _ in string.Formatter().parse(english):
            again = name is not None and f"(?P<{name}>" in pattern
            value = f"(?P={name})" if again else f"(?P<{name}>.+?)"
            pattern += re.escape(literal) + (value if name else "")
            length += len(literal)
        # A value at the end takes all that is left.
        pattern += "(?P<_rest>)" if name else "(?: (?P<_rest>.+))?"
        found.append((length, re.compile(pattern, re.DOTALL), template))
    found.sort(key=lambda item: item[0], reverse=True)
    return [(compiled, template) for _, compiled, template in found]
