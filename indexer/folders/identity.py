"""What tells a folder of the library again.

An empty mount point, another drive in its place or a folder that replaced it must not read as if
all of its files were deleted.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.folders.ignoring import left_out
from indexer.folders.mounts import Mount, mounts, volume_of

# Where the numbers are others (a drive without lasting ones, a restored backup), so many of the
# known files are looked for; a folder that has this share of them, each of its size, is the same.
SAMPLE = 50
_SHARE = 0.5

# How the identity of a single file begins; volume and inode of the folder around it follow, or
# nothing where an older version wrote it.
_FILE = "a file"


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands at a place now."""

    now: tuple[int, int]  # device and inode: good until the next start of the system
    lasting: str  # volume, inode, and the time of its making where the system knows it
    volumes: dict[str, str]  # mounted inside of it, by their place


def standing(root: Path, before: str = "") -> Standing | None:
    """Return what stands at the place of a root; None if nothing that can be reached.

    `before` is the identity that it had. A single file keeps it while its folder is the same: to
    ask for the volume of ten thousand takes seconds.
    """
    try:
        real = Path(os.path.realpath(root))
        status = real.stat()
        now = status.st_dev, status.st_ino
        if not stat.S_ISDIR(status.st_mode):
            # A file that is replaced, as editors do it, is another one each time.
            inode = root.parent.stat().st_ino
            same = before.startswith(f"{_FILE} ") and before.endswith(f" {inode}")
            return Standing(now, before if same else _alone(root), {})
        among = mounts()
        lasting = f"{volume_of(real, status, among)} {status.st_ino} {_made(status)}"
        return Standing(now, lasting, _volumes_inside(real, among))
    except OSError:
        return None


def stood_alone(identity: str, root: Path) -> bool:
    """Tell whether a root was a single file, and its folder, on the same volume, still stands.

    Then it is gone if it is not there; else its drive may be away.
    """
    try:
        return identity == _alone(root)
    except OSError:
        return False


def _alone(root: Path) -> str:
    """Return the identity of a single file; of a link it is that of the link."""
    folder = Path(os.path.realpath(root.parent))
    status = folder.stat()
    volume = volume_of(folder, status, mounts()) or f"{status.st_dev:x}"
    return f"{_FILE} {volume} {status.st_ino}"


def place_of(path: Path) -> tuple[int, int] | None:
    """Return what tells a folder from another at its place within minutes; None if it is away."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def is_same(identity: str, there: Standing, sample: Callable[[], Mapping[bytes, int]]) -> bool:
    """Tell whether what stands at a place is what had an identity; asks the disk if it must.

    `sample` returns known files by path, with their sizes.
    """
    if (not identity or identity.startswith(_FILE)) and there.lasting.startswith(_FILE):
        return True
    return identity == there.lasting or _stand_by(sample())


def _stand_by(sample: Mapping[bytes, int]) -> bool:
    """Tell whether enough of some known files still stand where they were."""
    found = sum(_size(path) == size for path, size in sample.items())
    return found >= len(sample) * _SHARE


def changed_volumes(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the places inside a root where a volume came, went or was exchanged."""
    return [place for place in before.keys() | now.keys() if before.get(place) != now.get(place)]


def _volumes_inside(root: Path, among: Sequence[Mount]) -> dict[str, str]:
    inside: dict[str, str] = {}
    for mount in among:
        if mount.place == root or not mount.place.is_relative_to(root):
            continue
        if any(left_out(os.fsencode(part)) for part in mount.place.relative_to(root).parts):
            continue  # nothing of it is in the library, and programs mount what they like there
        try:
            status = mount.place.stat()
            volume = f"{volume_of(mount.place, status, among)} {status.st_ino}"
        except OSError:
            volume = ""  # it does not answer
        inside[mount.place.relative_to(root).as_posix()] = volume
    return inside


def _made(status: os.stat_result) -> int:
    if sys.platform == "win32":
        return int(getattr(status, "st_birthtime", status.st_ctime))
    return int(getattr(status, "st_birthtime", 0))


def _size(path: bytes) -> int | None:
    try:
        return os.lstat(path).st_size
    except OSError:
        return None
