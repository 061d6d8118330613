"""FAISS behind add, remove and search, and its copy on disk: a cache that can be thrown away.

The vectors in SQLite are the truth. The file here only saves reading them one by one; it is
written beside itself, synced and renamed, since an index that is written in place is
inconsistent after a kill.
"""

from __future__ import annotations

import json
import logging
import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

_MAGIC = b"pocket-llm vectors 2\n"
_BLOCK_ROWS = 8192  # one checksum each

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]


class VectorIndex:
    """Exact inner products over L2-normalised rows."""

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimensions))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, ids: Ids, vectors: Floats) -> None:
        """Add rows (n, dimensions) under ids (n,) that are not in use."""
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), ids)

    def remove(self, ids: Ids) -> None:
        """Remove rows; unknown ids are no error."""
        if len(ids):
            self._index.remove_ids(faiss.IDSelectorBatch(ids))

    def search(self, query: Floats, k: int, allowed: Ids | None = None) -> tuple[Ids, Floats]:
        """Return ids and cosines of the best k rows for a query (dimensions,), best first.

        `allowed` restricts the search to these ids.
        """
        if not len(self) or (allowed is not None and not len(allowed)):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        parameters = None
        if allowed is not None:
            parameters = faiss.SearchParameters(  # type: ignore[call-arg]
                sel=faiss.IDSelectorBatch(allowed)
            )
        cosines, ids = self._index.search(
            query[np.newaxis].astype(np.float32), min(k, len(self)), params=parameters
        )
        found = ids[0] >= 0
        return ids[0][found], cosines[0][found]

    def rows(self) -> tuple[Ids, Floats]:
        """Return all ids (n,) and rows (n, dimensions)."""
        ids = faiss.vector_to_array(self._index.id_map).copy()
        return ids, self._index.index.reconstruct_n(0, len(self))


@dataclass(frozen=True, slots=True)
class CachedVectors:
    """What a cache file held; `damaged` are the ids whose block cannot be trusted."""

    generation: int
    mark: str
    ids: Ids
    vectors: Floats
    damaged: Ids


def save(path: Path, generation: int, mark: str, ids: Ids, vectors: Floats) -> None:
    """Write a cache file so that it is whole or not there. Raises OSError.

    `mark` tells the library and encoder from all others, at this generation.
    """
    halves = np.ascontiguousarray(vectors, "<f2")
    sums = [
        zlib.crc32(halves[at : at + _BLOCK_ROWS].data) for at in range(0, len(ids), _BLOCK_ROWS)
    ]
    header = json.dumps(
        {
            "generation": generation,
            "mark": mark,
            "rows": len(ids),
            "dimensions": int(vectors.shape[1]),
            "ids": zlib.crc32(np.ascontiguousarray(ids, "<i8").data),
            "blocks": sums,
        }
    ).encode()
    # Only the library's one writer saves, so that what another has left is of a killed one.
    for left in path.parent.glob(f"{path.name}.*.tmp"):
        left.unlink(missing_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(_MAGIC + struct.pack("<II", len(header), zlib.crc32(header)) + header)
            file.write(np.ascontiguousarray(ids, "<i8").tobytes())
            file.write(halves.tobytes())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def load(path: Path, dimensions: int) -> CachedVectors | None:
    """Read a cache file; None if it is missing or of no use. Damaged blocks are left out."""
    try:
        data = path.read_bytes()
        if not data.startswith(_MAGIC):
            return None
        at = len(_MAGIC)
        length, header_sum = struct.unpack_from("<II", data, at)
        at += 8
        raw = data[at : at + length]
        if zlib.crc32(raw) != header_sum:
            return None
        header = json.loads(raw)
        rows, at = int(header["rows"]), at + length
        ids = np.frombuffer(data, "<i8", rows, at)
        halves = np.frombuffer(data, "<f2", rows * dimensions, at + 8 * rows)
        if header["dimensions"] != dimensions or zlib.crc32(ids.data) != header["ids"]:
            return None
    except (OSError, ValueError, KeyError, struct.error):
        return None
    halves = halves.reshape(rows, dimensions)
    good = np.ones(rows, bool)
    for block, expected in enumerate(header["blocks"]):
        part = slice(block * _BLOCK_ROWS, (block + 1) * _BLOCK_ROWS)
        good[part] = zlib.crc32(halves[part].data) == expected
    if not good.all():
        log.warning("a damaged part of the vector cache is read again from the library")
    return CachedVectors(
        int(header["generation"]),
        str(header["mark"]),
        ids[good].astype(np.int64),
        halves[good].astype(np.float32),
        ids[~good].astype(np.int64),
    )
