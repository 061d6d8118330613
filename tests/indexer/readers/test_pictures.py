"""Pictures that are not what they promise."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from PIL import Image
from reader_items import items_of

from indexer.errors import Unreadable


def test_a_page_without_dimensions(tmp_path: Path) -> None:
    """A file of several pages of which one is mangled is said to be damaged."""
    stream = io.BytesIO()
    first, second = (Image.new("L", (64, 64), grey) for grey in (0, 99))
    first.save(stream, "TIFF", save_all=True, append_images=[second])
    path = tmp_path / "a.tif"
    path.write_bytes(stream.getvalue())
    assert len(items_of(path)[1]) == 2
    width = struct.pack("<HHII", 256, 4, 1, 64)
    assert stream.getvalue().count(width) == 2
    head, _, tail = stream.getvalue().rpartition(width)
    path.write_bytes(head + struct.pack("<HHII", 255, 4, 1, 64) + tail)
    with pytest.raises(Unreadable, match=r"This picture is damaged\."):
        items_of(path)
