"""Says once that many documents are in a language that the encoder was not trained on."""

from __future__ import annotations

from collections.abc import Mapping

from app.model_files.installed import ENCODER
from indexer.storage.contents import Contents
from models.catalog import Entry, entries, find_entry
from models.errors import ModelMissing

# Fewer are a matter of chance, and found well enough by their words.
_LEAST_DOCUMENTS = 10
_LEAST_SHARE = 0.2
_CJK = frozenset({"zh", "ja", "ko"})
_KEY = "encoder that does not fit"


def misfit(contents: Contents, encoder: str, *, reads_cjk: bool) -> tuple[str, str] | None:
    """Return the title and detail to say, if the documents and the encoder do not fit.

    Only once for an encoder: the next time it is None. Of an encoder that is not in the catalogue
    it is known only whether it reads Chinese, Japanese and Korean.
    """
    counts = contents.count_languages()
    try:
        known = frozenset(find_entry(encoder).languages)
        unread = {code for code in counts if code not in known}
    except ModelMissing:
        unread = set() if reads_cjk else set(_CJK & counts.keys())
    many = sum(counts[code] for code in unread)
    if many < max(_LEAST_DOCUMENTS, _LEAST_SHARE * sum(counts.values())):
        return None
    if not contents.keep_once(_KEY, encoder):
        return None
    codes = ", ".join(sorted(unread, key=lambda code: (-counts[code], code))[:3])
    return (
        f"Many documents are in languages that the encoder does not read: {codes}.",
        _remedy(counts, many),
    )


def _remedy(counts: Mapping[str, int], unread: int) -> str:
    """Return what to do: take the smallest encoder that reads most of these documents."""

    def left(entry: Entry) -> int:
        return sum(count for code, count in counts.items() if code not in entry.languages)

    encoders = [entry for entry in entries() if entry.kind == ENCODER and entry.files]
    best = min(encoders, key=lambda entry: (left(entry), entry.bytes), default=None)
    if best is None or left(best) >= unread:
        return "They are found by their words; `models import` takes an encoder that reads them."
    return (
        f"They are found by their words. {best.title} reads them: `models get {best.name}`, then "
        f"`models use {best.name}`."
    )
