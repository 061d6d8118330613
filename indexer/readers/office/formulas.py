"""Formulas of Office documents in the linear form in which one types them: x^2, (a+b)/2, √(x).

Without it the bars and heights are lost, and a half reads as twelve. The form is that of Unicode's
technical note 28, which Word itself offers; a person, a word index and a model can read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from indexer.readers.office.package import attribute, local

_CLOSED = {"(": ")", "[": "]", "{": "}", "|": "|"}
_ACCENTS = {"\u0302": "^", "\u0303": "~", "\u0304": "¯", "\u0307": "˙", "\u20d7": "→"}
_UNDER = "⏟"  # a brace below


def linear(element: Any) -> str:
    """Return the text of an element of a formula, an m:oMath or a part of one."""
    name = local(element)
    if name == "t":
        return element.text or ""
    # Properties: fonts, and what the elements below look up; and what is deleted.
    if name.endswith("Pr") or name == "del":
        return ""
    if write := _WRITERS.get(name):
        return write(element)
    return _inside(element)


def _inside(element: Any) -> str:
    return "".join(map(linear, element))


def _part(element: Any, name: str) -> str:
    return "".join(_inside(each) for each in element if local(each) == name).strip()


def _sign(element: Any, name: str, usual: str) -> str:
    """Return a sign that the properties give; one that is given as empty is none."""
    for properties in element:
        if local(properties).endswith("Pr"):
            for each in properties:
                if local(each) == name:
                    return attribute(each, "val")
    return usual


def _grouped(text: str, product: bool = False) -> str:
    """Put parentheses around what would not hold together without; a product does in a quotient."""
    if len(text) < 2 or text.isdecimal() or (product and text.isalnum()):
        return text
    if _CLOSED.get(text[0]) == text[-1] and text.count(text[0]) == 1:
        return text
    return f"({text})"


def _fraction(element: Any) -> str:
    sign = "¦" if _sign(element, "type", "") == "noBar" else "/"  # one above the other: n over k
    above, below = (_grouped(_part(element, name), product=True) for name in ("num", "den"))
    return f"{above}{sign}{below}"


def _raised(element: Any) -> str:
    return f"{_base(element)}{_script(element, '_', 'sub')}{_script(element, '^', 'sup')}"


def _before(element: Any) -> str:
    scripts = f"{_script(element, '_', 'sub')}{_script(element, '^', 'sup')}"
    return f"{scripts} {_part(element, 'e')}".strip()


def _base(element: Any) -> str:
    return _grouped(_part(element, "e"))


def _script(element: Any, sign: str, name: str) -> str:
    text = _part(element, name)
    return f"{sign}{_grouped(text)}" if text else ""


def _root(element: Any) -> str:
    degree = _part(element, "deg")
    body = _part(element, "e")
    return f"√({degree}&{body})" if degree else f"√({body})"


def _large(element: Any) -> str:
    """Write a sum, a product or an integral with its bounds."""
    sign = _sign(element, "chr", "∫")
    scripts = f"{_script(element, '_', 'sub')}{_script(element, '^', 'sup')}"
    return f"{sign}{scripts} {_part(element, 'e')} "


def _fenced(element: Any) -> str:
    between = _sign(element, "sepChr", "|")
    inside = between.join(_inside(each).strip() for each in element if local(each) == "e")
    return f"{_sign(element, 'begChr', '(')}{inside}{_sign(element, 'endChr', ')')}"


def _function(element: Any) -> str:
    argument = _part(element, "e")
    return f"{_part(element, 'fName')} {argument} " if argument else _part(element, "fName")


def _limit(sign: str) -> Callable[[Any], str]:
    def write(element: Any) -> str:
        return f"{_part(element, 'e')}{_script(element, sign, 'lim')}"

    return write


def _accent(element: Any) -> str:
    sign = _sign(element, "chr", "\u0302")
    body = _part(element, "e")
    return f"{body}{sign}" if len(body) == 1 else f"{_grouped(body)}{_ACCENTS.get(sign, sign)}"


def _bar(element: Any) -> str:
    return f"{_grouped(_part(element, 'e'))}{'¯' if _sign(element, 'pos', '') == 'top' else '_'}"


def _brace(element: Any) -> str:
    return f"{_sign(element, 'chr', _UNDER)}({_part(element, 'e')})"


def _lines(element: Any) -> str:
    return _joined((each for each in element if local(each) == "e"), "; ")


def _matrix(element: Any) -> str:
    rows = (
        _joined((each for each in row if local(each) == "e"), ", ")
        for row in element
        if local(row) == "mr"
    )
    return f"[{'; '.join(rows)}]"


def _joined(elements: Iterable[Any], between: str) -> str:
    return between.join(_inside(each).strip() for each in elements)


_WRITERS: dict[str, Callable[[Any], str]] = {
    "f": _fraction,
    "sSup": _raised,
    "sSub": _raised,
    "sSubSup": _raised,
    "sPre": _before,
    "rad": _root,
    "nary": _large,
    "d": _fenced,
    "func": _function,
    "limLow": _limit("_"),
    "limUpp": _limit("^"),
    "acc": _accent,
    "bar": _bar,
    "groupChr": _brace,
    "eqArr": _lines,
    "m": _matrix,
}
