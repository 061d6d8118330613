"""Passages that hold a number or name with signs inside exactly as the question has it.

The index parts INV-2023/04 at its signs: there it is the same as INV-2023-04 or "inv. 2023, 04".
"""

from __future__ import annotations

from typing import Any

import apsw

from indexer.search import ranking
from indexer.storage.database import id_list
from indexer.text.words import Query, folded_words, normalise


def exact_bonus(db: apsw.Connection, query: Query) -> dict[int, float]:
    """Return what passages gain that hold a code of a question, as far as few of them do."""
    gains: dict[int, float] = {}
    for code in query.codes:
        share = len(folded_words(code)) / max(1, len(query.words))
        chunks: list[Any] = db.execute(
            "SELECT rowid FROM chunk_words WHERE chunk_words MATCH ? LIMIT ?",
            (f'"{code}"', ranking.CODE_PASSAGES + 1),
        ).fetchall()
        if len(chunks) > ranking.CODE_PASSAGES:
            continue
        texts: list[Any] = db.execute(
            f"""SELECT chunks.id, substr(pages.text, start + 1, end - start), heading
                FROM chunks JOIN pages ON pages.id = page_id
                WHERE chunks.id IN ({id_list(row[0] for row in chunks)})"""
        ).fetchall()
        wanted = code.casefold()
        for chunk, text, heading in texts:
            if wanted in normalise(f"{heading} {text}").casefold():
                gains[chunk] = ranking.CODE_WEIGHT * min(1.0, share)
    return gains
