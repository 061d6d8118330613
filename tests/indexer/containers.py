"""Makes the container of the older Office (OLE) around streams."""

from __future__ import annotations

import struct

_NONE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SMALL = 4_096  # bytes; smaller streams share one that is cut into pieces of 64


def ole(streams: dict[tuple[str, ...], bytes]) -> bytes:
    """Return an OLE file of these streams; what a path has before its end are folders."""
    paths = sorted({path[:length] for path in streams for length in range(1, len(path) + 1)})
    small, small_table = bytearray(), []
    sectors: list[bytes] = []
    table: list[int] = []

    def store(data: bytes) -> int:
        if not data:
            return _END
        start, count = len(sectors), -(-len(data) // 512)
        sectors.extend(data[at : at + 512].ljust(512, b"\0") for at in range(0, len(data), 512))
        table.extend([*range(start + 1, start + count), _END])
        return start

    def entry(path: tuple[str, ...], kind: int, start: int, size: int) -> bytes:
        raw = (path[-1] if path else "Root Entry").encode("utf-16-le") + b"\0\0"
        inside = [paths.index(each) + 1 for each in paths if each[:-1] == path]
        later = [paths.index(each) + 1 for each in paths if each[:-1] == path[:-1] and each > path]
        return struct.pack(
            "<64sHBBIII16sIQQIQ", raw, len(raw), kind, 1, _NONE,
            later[0] if path and later else _NONE, inside[0] if inside else _NONE,
            b"", 0, 0, 0, start, size,
        )  # fmt: skip

    entries = []
    for path in paths:
        data = streams.get(path)
        if data is None:
            entries.append(entry(path, 1, 0, 0))
        elif len(data) >= _SMALL:
            entries.append(entry(path, 2, store(data), len(data)))
        else:
            entries.append(entry(path, 2, len(small_table) if data else _END, len(data)))
            count = -(-len(data) // 64)
            small += data.ljust(64 * count, b"\0")
            if count:
                small_table += [*range(len(small_table) + 1, len(small_table) + count), _END]
    root = entry((), 5, store(bytes(small)), len(small))
    directory = store(root + b"".join(entries))
    pieces = store(struct.pack(f"<{len(small_table)}I", *small_table))
    # The table tells of its own sectors as well.
    fats = 1
    while 128 * fats < len(table) + fats:
        fats += 1
    if fats > 109:
        raise ValueError("streams of more than seven megabytes need another table")
    first = len(sectors)
    table += [_TABLE] * fats
    table += [_NONE] * (128 * fats - len(table))
    sectors += [struct.pack("<128I", *table[at : at + 128]) for at in range(0, len(table), 128)]
    header = struct.pack(
        "<8s16sHHHHH6xIIIIIIIII", bytes.fromhex("d0cf11e0a1b11ae1"), b"", 0x3E, 3, 0xFFFE, 9, 6,
        0, fats, directory, 0, _SMALL, pieces, -(-len(small_table) // 128), _END, 0,
    ) + struct.pack("<109I", *range(first, first + fats), *[_NONE] * (109 - fats))  # fmt: skip
    return header + b"".join(sectors)
