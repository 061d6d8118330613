"""Archives that expand without end, or whose members point out of them."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile

from tests.bombs.lure import MARK, Lure
from tests.bombs.packed import deflated, zip_of, zip_of_zeros

_GIGABYTE = 1_000_000_000


def flat_zip(_: Lure) -> bytes:
    """Return a zip of a text and of one file of a gigabyte."""
    return zip_of_zeros("zeros.txt", _GIGABYTE, {"a.txt": MARK.encode()})


def nested_zip(_: Lure) -> bytes:
    """Return a zip of sixteen zips of sixteen zips, five deep, with ten megabytes at the bottom."""
    inner = zip_of({"zeros.txt": b"0" * 10_000_000})
    for _depth in range(5):
        inner = zip_of({f"{n}.zip": inner for n in range(16)})
    return inner


def overlapping_zip(_: Lure) -> bytes:
    """Return a zip whose directory names one member of sixty megabytes two thousand times."""
    return zip_of_zeros("a.txt", 60_000_000, {}, times=2_000)


def many_members(_: Lure) -> bytes:
    """Return a zip of twenty thousand files."""
    return zip_of({f"{n}.txt": b"" for n in range(20_000)})


def expanding_word(_: Lure) -> bytes:
    """Return a Word document of half a gigabyte of zeros."""
    return zip_of_zeros("word/document.xml", 500_000_000, {"_rels/.rels": b"<Relationships/>"})


def tar_of_zeros(_: Lure) -> bytes:
    """Return a compressed tar of one file of four gigabytes."""
    info = tarfile.TarInfo("zeros.txt")
    info.size = 4 * _GIGABYTE
    head = gzip.compress(b"")[:10]
    return head + deflated(info.size, before=info.tobuf()) + struct.pack("<II", 0, 0)


def tar_of_links(lure: Lure) -> bytes:
    """Return a tar whose members are links to what is outside, and climb out of their folder."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            info = tarfile.TarInfo("link.txt")
            info.type, info.linkname = kind, str(lure.secret)
            archive.addfile(info)
        info = tarfile.TarInfo(f"../../{lure.secret.name}")
        info.size = len(MARK)
        archive.addfile(info, io.BytesIO(MARK.encode()))
    return out.getvalue()


def zip_of_links(lure: Lure) -> bytes:
    """Return the same as a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("link.txt")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, str(lure.secret))
        archive.writestr(f"../../../{lure.secret.name}", MARK)
        archive.writestr(str(lure.secret), MARK)
    return out.getvalue()
