"""Which volume a path lies on, and whether it is one of the network.

The system's list of mounts is read anew each time: it is short, and what was mounted a second ago
may be another drive by now.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Of these a change by another machine is never heard of; the kinds as Linux and macOS call them.
_REMOTE = frozenset({
    "nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "ncpfs", "afs",
    "ceph", "glusterfs", "lustre", "9p", "virtiofs", "vboxsf", "vmhgfs", "prl_fs", "sshfs",
})  # fmt: skip
_BY_UUID = Path("/dev/disk/by-uuid")
_DRIVE_REMOTE = 4  # of GetDriveTypeW


@dataclass(frozen=True, slots=True)
class Mount:
    """A file system and where it is mounted."""

    place: Path
    source: str  # a device, or a share of another machine
    kind: str  # in small letters


def mounts() -> list[Mount]:
    """Return what is mounted, as the system lists it: what lies on top of another comes later."""
    # Windows has volumes in place of mounts, and asking for all would wake drives that sleep.
    if sys.platform == "win32":
        return []
    import psutil

    parts = psutil.disk_partitions(all=True)
    return [Mount(Path(part.mountpoint), part.device, part.fstype.lower()) for part in parts]


def mount_of(path: Path, among: Sequence[Mount]) -> Mount | None:
    """Return the mount that a path without links lies on; None if the system has no list."""
    best: Mount | None = None
    for mount in among:
        deeper = best is None or len(mount.place.parts) >= len(best.place.parts)
        if deeper and path.is_relative_to(mount.place):
            best = mount
    return best


def volume_of(path: Path, status: os.stat_result, among: Sequence[Mount]) -> str:
    """Return what a volume is called by whichever machine it is plugged into, as far as known."""
    if sys.platform == "win32":
        # The serial number; from Python 3.12 on with 32 more bits.
        return f"{status.st_dev & 0xFFFFFFFF:08x}"
    mount = mount_of(path, among)
    if mount is None or sys.platform != "linux":
        return ""
    if uuid := _uuid(mount.source):
        return uuid
    # ext4 and btrfs make it of their UUID.
    return f"{mount.kind} {mount.source} {os.statvfs(path).f_fsid:x}"


def is_remote(path: Path) -> bool:
    """Tell whether a path lies on a drive of the network, or one that another system serves."""
    real = Path(os.path.realpath(path))
    if sys.platform == "win32":
        return _is_remote_drive(real)
    mount = mount_of(real, mounts())
    return mount is not None and is_remote_kind(mount.kind)


def is_remote_kind(kind: str) -> bool:
    """Tell whether a kind of file system is served by another system."""
    # "fuse.sshfs", "fuse.rclone" and others; a local NTFS drive is "fuseblk".
    return kind in _REMOTE or kind.startswith("fuse.")


def _is_remote_drive(path: Path) -> bool:
    if path.drive.startswith("\\\\"):
        return True
    import ctypes

    kernel: object = getattr(ctypes, "windll").kernel32  # noqa: B009 -- exists on Windows alone
    kind: int = getattr(kernel, "GetDriveTypeW")(f"{path.drive}\\")  # noqa: B009
    return kind == _DRIVE_REMOTE


def _uuid(device: str) -> str:
    """Return the UUID of the file system on a device; "" if the system does not say."""
    try:
        number = Path(device).stat().st_rdev
        links = list(_BY_UUID.iterdir())
    except (OSError, ValueError):
        return ""
    for link in links:
        try:
            if number and link.stat().st_rdev == number:
                return link.name
        except OSError:
            continue
    return ""
