"""Signs, links and fields of forms in Word documents: what stands in no text.

A box is written as in lists of tasks, [x] or [ ]: most encoders and models know no ballot boxes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from indexer.readers.office.links import address_in
from indexer.readers.office.package import attribute, local

_TICKED, _EMPTY = "[x]", "[ ]"
# Where such a sign is all of a run, it is a box that somebody can tick.
BOXES = {"☐": _EMPTY, "☑": _TICKED, "☒": _TICKED, "🗹": _TICKED, "🗷": _TICKED}
# The places of signs in the fonts that they are taken from, in F000 to F0FF.
_SIGNS = {
    "wingdings": {
        0x6F: _EMPTY, 0x71: _EMPTY, 0xA8: _EMPTY, 0x78: _TICKED, 0xFD: _TICKED, 0xFE: _TICKED,
        0xFB: "✗", 0xFC: "✓", 0xE0: "→", 0xDF: "←", 0xE8: "→", 0xF0: "⇒", 0x4A: "☺", 0x4C: "☹",
    },
    "wingdings 2": {
        0x2A: _EMPTY, 0xA3: _EMPTY, 0x30: _TICKED, 0x51: _TICKED, 0x52: _TICKED, 0x53: _TICKED,
        0x54: _TICKED, 0x4F: "✗", 0x50: "✓",
    },
    "symbol": {
        0x6D: "μ", 0x61: "α", 0x62: "β", 0x44: "Δ", 0x57: "Ω", 0x70: "π", 0x73: "σ", 0xB0: "°",
        0xB1: "±", 0xB4: "×", 0xA3: "≤", 0xB3: "≥", 0xB9: "≠", 0xBB: "≈", 0xA5: "∞", 0xAE: "→",
        0xD6: "√", 0x2D: "−", 0xB7: "•", 0xDE: "⇒", 0xE5: "∑",
    },
}  # fmt: skip


# Elements that are a sign by themselves.
SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def _symbol(element: Any) -> str:
    place = attribute(element, "char")
    try:
        at = int(place, 16) & 0xFF
    except ValueError:
        return ""
    return _SIGNS.get(attribute(element, "font").lower(), {}).get(at, "")


def _check_box(element: Any) -> str:
    """Return the state of a box of an old form: what was chosen, else what it begins with."""
    states = {local(each): attribute(each, "val") not in ("0", "false") for each in element}
    return _TICKED if states.get("checked", states.get("default", False)) else _EMPTY


def _choice(element: Any) -> str:
    """Return what is chosen in a list of an old form."""
    entries = [attribute(each, "val") for each in element if local(each) == "listEntry"]
    results = [attribute(each, "val") for each in element if local(each) in ("default", "result")]
    at = int(results[-1]) if results and results[-1].isdecimal() and len(results[-1]) < 4 else 0
    return entries[at] if at < len(entries) else ""


FIELDS: dict[str, Callable[[Any], str]] = {
    "sym": _symbol,
    "checkBox": _check_box,
    "ddList": _choice,
}

# Elements around a link's text, and where its address is. The last is of Word 2003.
LINKS: dict[str, Callable[[Any, Mapping[str, str]], str]] = {
    "hyperlink": lambda element, addresses: addresses.get(attribute(element, "id"), ""),
    "fldSimple": lambda element, _: address_in(attribute(element, "instr")),
    "hlink": lambda element, _: attribute(element, "dest"),
}


@dataclass(slots=True)
class Link:
    """A link or another field that is open in a paragraph."""

    instruction: list[str] = field(default_factory=list)
    address: str = ""
    shown: bool = False  # whether its result has begun


def follow(mark: str, links: list[Link]) -> None:
    """Begin a field, tell its instruction from its result, or end it."""
    if mark == "begin":
        links.append(Link(address=links[-1].address if links else ""))
    elif links and mark == "separate":
        links[-1].shown = True
        links[-1].address = address_in("".join(links[-1].instruction)) or links[-1].address
    elif links and mark == "end":
        links.pop()
