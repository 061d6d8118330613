"""Licences that ask more of a model's owner than to keep a notice; shown before it is fetched."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Terms:
    """A licence that has to be accepted."""

    name: str
    address: str
    summary: str  # in our words; the licence itself counts


TERMS = MappingProxyType(
    {
        "LicenseRef-Llama-3.1": Terms(
            "Llama 3.1 Community License",
            "https://www.llama.com/llama3_1/license/",
            "You may use, copy and change this model free of charge as long as you keep to its "
            "acceptable use policy and to the law. Whoever passes it on, or something made with "
            "it, adds the licence and shows “Built with Llama”. Whoever has more than 700 million "
            "users a month needs another licence of Meta's.",
        ),
    }
)


def terms_of(licence: str) -> Terms | None:
    """Return what has to be accepted before a model under this licence is fetched, if anything."""
    return TERMS.get(licence)
