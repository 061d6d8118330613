"""Packs gigabytes of one byte within milliseconds: one packed block is written again and again."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

_BLOCK = 10_000_000  # bytes


def deflated(count: int, byte: bytes = b"\0", before: bytes = b"", wbits: int = -15) -> bytes:
    """Return `before` and then `count` times a byte as deflate has them.

    `wbits` are zlib's: -15 is bare, 15 has a head; the sum at the end is of `before` alone, which
    nobody comes to check.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    head = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    bare = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bare.compress(byte * _BLOCK) + bare.flush(zlib.Z_FULL_FLUSH)
    return head + block * (count // _BLOCK) + packer.flush()


def zip_of(parts: dict[str, bytes]) -> bytes:
    """Return a zip of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def zip_of_zeros(name: str, size: int, parts: dict[str, bytes], times: int = 1) -> bytes:
    """Return a zip of these members and of one of `size` zeros, which is named `times` times."""
    data = bytearray(zip_of(parts))
    end = data.rfind(b"PK\x05\x06")
    start = struct.unpack_from("<I", data, end + 16)[0]
    listed = bytes(data[start:end])
    raw = name.encode()
    packed = deflated(size)
    fields = struct.pack("<HHHHH3IHH", 20, 0, 8, 0, 0, 0, len(packed), size, len(raw), 0)
    member = b"PK\x03\x04" + fields + raw + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + fields + bytes(10)
    entry += struct.pack("<I", start) + raw
    listed += entry * times
    count = len(parts) + times
    tail = struct.pack(
        "<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(listed), start + len(member), 0
    )
    return bytes(data[:start]) + member + listed + tail
