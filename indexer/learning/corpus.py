"""What there is to learn from: documents of the library with their folders and tags.

Reads in short statements: an open one would keep the library's log from being emptied.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import apsw
import numpy as np
from numpy.typing import NDArray

from indexer.learning.features import TEXT_CHARACTERS, Document, count_words
from indexer.learning.fitting import FEWEST, Example
from indexer.learning.model import Kind
from indexer.learning.state import Stamp

_MOST_LABELS = 512
_MOST_OF_LABEL = 200  # documents
_MOST_WORK = 2_000_000  # documents times labels: some 40 s for each time that they are learned
_MOST_DOCUMENTS = 10_000
_MOST_PAGES = 40
_MOST_CHUNKS = 100
# Documents without a tag, for each that has one: they show what the tags are not about. More would
# drown those of them that their owner has not come to.
_UNTAGGED = 1
_FEWEST_UNTAGGED = 20

_WITH_TEXT = "EXISTS (SELECT 1 FROM chunks WHERE chunks.content_id = contents.id)"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Contents and the numbers of their labels; none where a document is of no label."""

    labels: tuple[str, ...]
    contents: tuple[tuple[int, tuple[int, ...]], ...]
    stamp: Stamp


def encoder_of(db: apsw.Connection) -> int | None:
    """Return the library's encoder, whose vectors are learned from."""
    row: Any = db.execute("SELECT value FROM library WHERE key = 'encoder'").fetchone()
    return int(row[0]) if row else None


def folder_of(path: bytes) -> str:
    """Return the folder that a file's path says."""
    return os.fsdecode(os.path.dirname(path))  # noqa: PTH120 -- as bytes, 100,000 times


def labelled(db: apsw.Connection, kind: Kind) -> Labelled:
    """Return what of the library can be learned from: of a large one a part, the same each time."""
    if kind is Kind.FOLDERS:
        rows: list[Any] = db.execute(
            "SELECT contents.id, path FROM files JOIN contents ON contents.id = content_id "
            f"WHERE {_WITH_TEXT} ORDER BY contents.id, path"
        ).fetchall()
        pairs = [(content, folder_of(path)) for content, path in rows]
    else:
        tagged: list[Any] = db.execute(
            f"""SELECT contents.id, tag FROM tags JOIN contents
                ON identity > sha256 AND identity < CAST(sha256 || x'ff' AS BLOB)
                WHERE {_WITH_TEXT} AND EXISTS (SELECT 1 FROM files WHERE content_id = contents.id)
                ORDER BY contents.id, tags.id"""
        ).fetchall()
        pairs = [(content, tag) for content, tag in tagged]
    counts = Counter(label for _, label in pairs)
    labels = [label for label, count in counts.most_common(_MOST_LABELS) if count >= FEWEST]
    numbers = {label: number for number, label in enumerate(labels)}
    of: defaultdict[int, dict[int, None]] = defaultdict(dict)
    for content, label in pairs:
        known = of[content]
        if label in numbers:
            known[numbers[label]] = None
    stamp = Stamp(encoder_of(db), _stamp_of(db, kind, labels), len(of) if labels else 0)
    chosen = _choose({content: tuple(known) for content, known in of.items()}, len(labels))
    if kind is Kind.TAGS and labels:
        chosen += _untagged(db, set(of), len(chosen))
    return Labelled(tuple(labels), tuple(sorted(chosen)), stamp)


def _stamp_of(db: apsw.Connection, kind: Kind, labels: Sequence[str]) -> str:
    if kind is Kind.TAGS:
        return "/".join(map(str, db.execute("SELECT count(*), max(id) FROM tags").fetchall()[0]))
    names = "\0".join(sorted(labels)).encode("utf-8", "surrogateescape")
    return hashlib.sha256(names).hexdigest()


def _choose(of: dict[int, tuple[int, ...]], labels: int) -> list[tuple[int, tuple[int, ...]]]:
    """Take some documents of each label, and of those without any as many as of a large one."""
    taken: Counter[int | None] = Counter()
    chosen: list[tuple[int, tuple[int, ...]]] = []
    most = min(_MOST_DOCUMENTS, _MOST_WORK // max(1, labels))
    order = sorted(of)
    random.Random(0).shuffle(order)  # noqa: S311 -- no secret
    for content in order:
        first = of[content][0] if of[content] else None
        if taken[first] < _MOST_OF_LABEL and len(chosen) < most:
            taken[first] += 1
            chosen.append((content, of[content]))
    return chosen


def _untagged(
    db: apsw.Connection, tagged: set[int], count: int
) -> list[tuple[int, tuple[int, ...]]]:
    rows: list[Any] = db.execute(
        f"""SELECT id FROM contents WHERE {_WITH_TEXT}
            AND EXISTS (SELECT 1 FROM files WHERE content_id = contents.id) ORDER BY id"""
    ).fetchall()
    others = [content for (content,) in rows if content not in tagged]
    wanted = min(len(others), max(_FEWEST_UNTAGGED, _UNTAGGED * count))
    return [(content, ()) for content in random.Random(0).sample(others, wanted)]  # noqa: S311


def examples(db: apsw.Connection, found: Labelled) -> Iterator[Example]:
    """Read the documents one after the other; those without words are left out."""
    for content, labels in found.contents:
        document = read_document(db, content, found.stamp.encoder)[0]
        if len(document.words.columns):
            yield Example(document, labels)


def read_document(db: apsw.Connection, content: int, encoder: int | None) -> tuple[Document, str]:
    """Return a document as it is learned from, and the text of which it was made."""
    text = _text(db, content)
    return Document(count_words(text), _meaning(db, content, encoder)), text


def _text(db: apsw.Connection, content: int) -> str:
    """Return what a document is called and how it begins."""
    titles: Any = db.execute("SELECT titles FROM contents WHERE id = ?", (content,)).fetchone()
    parts: list[str] = [titles[0]] if titles else []
    rows: list[Any] = db.execute(
        "SELECT substr(text, 1, ?) FROM pages WHERE content_id = ? ORDER BY id LIMIT ?",
        (TEXT_CHARACTERS, content, _MOST_PAGES),
    ).fetchall()
    return "\n".join([*parts, *(text for (text,) in rows)])[:TEXT_CHARACTERS]


def _meaning(db: apsw.Connection, content: int, encoder: int | None) -> NDArray[np.float32] | None:
    """Return the mean of the vectors of a document's first chunks, of length 1."""
    if encoder is None:
        return None
    rows: list[Any] = db.execute(
        """SELECT vector FROM chunks JOIN vectors ON chunk_id = chunks.id
           WHERE content_id = ? AND encoder_id = ? ORDER BY chunks.id LIMIT ?""",
        (content, encoder, _MOST_CHUNKS),
    ).fetchall()
    if not rows:
        return None
    vectors = np.stack([np.frombuffer(vector, "<f2") for (vector,) in rows])
    mean = vectors.astype(np.float32).mean(axis=0)
    length = float(np.linalg.norm(mean))
    return mean / np.float32(length) if length else None
