"""Pictures that are large, or say that they are."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from tests.bombs.lure import Lure


def _png(width: int, height: int, rows: Iterator[bytes]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer = zlib.compressobj(9)
    pixels = b"".join([packer.compress(row) for row in rows] + [packer.flush()])
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def large_picture(_: Lure) -> bytes:
    """Return a picture of 10,000 by 10,000 white pixels."""
    return _png(10_000, 10_000, (b"\0" + b"\xff" * 10_000 for _row in range(10_000)))


def lying_picture(_: Lure) -> bytes:
    """Return a picture that says that it has 60,000 by 60,000 pixels, and has one row."""
    return _png(60_000, 60_000, iter([bytes(60_001)]))


def lying_tiff(_: Lure) -> bytes:
    """Return a picture of a hundred thousand pages which are one and the same."""
    entries = [(256, 4, 1, 60_000), (257, 4, 1, 60_000), (273, 4, 1, 8), (279, 4, 1, 1)]
    page = struct.pack("<H", len(entries))
    page += b"".join(struct.pack("<HHII", *entry) for entry in entries) + struct.pack("<I", 8)
    return b"II*\0" + struct.pack("<I", 8) + page


def endless_gif(_: Lure) -> bytes:
    """Return a film of fifty thousand pictures of 65,535 by 65,535 pixels."""
    frame = struct.pack("<BHHHHB", 0x2C, 0, 0, 65_535, 65_535, 0) + b"\x08\x02\x00\x01\x00"
    head = b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + frame * 50_000 + b";"
