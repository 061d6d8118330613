"""Whether a folder is a place for a profile: on this machine, and copied to no other.

A library holds the text of every document. In a folder that a service copies, that text leaves the
machine; on a drive of the network, SQLite's locks do not hold either.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from app.opening import is_remote
from indexer.errors import IndexerError

_REMOTE = frozenset(
    (
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "webdav", "davfs", "afs", "ncpfs"),
        *("ceph", "glusterfs", "fuse.glusterfs", "fuse.davfs", "fuse.davfs2", "fuse.sshfs"),
        *("fuse.rclone", "fuse.gvfsd-fuse", "fuse.s3fs", "fuse.onedriver"),
        "fuse.google-drive-ocamlfuse",
    )
)
# What a service leaves in the folder that it copies.
_MARKS = {
    ".dropbox": "Dropbox",
    ".dropbox.cache": "Dropbox",
    ".stfolder": "Syncthing",
    ".nextcloudsync.log": "Nextcloud",
    ".owncloudsync.log": "ownCloud",
    ".tmp.drivedownload": "Google Drive",
    ".849C9593-D756-4E56-8D6E-42412F2A707B": "OneDrive",
}
_MARKS_LIKE = {"._sync_*.db": "Nextcloud", ".sync_*.db": "Nextcloud"}
# ... and what these folders are called, in small letters, where that is always so.
_NAMES = {
    "onedrive": "OneDrive",
    "dropbox": "Dropbox",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "mobile documents": "iCloud",
    "icloud drive": "iCloud",
    "iclouddrive": "iCloud",
    "cloudstorage": "a cloud drive",
}
_ONEDRIVE = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")  # variables of Windows


def require_own_place(root: Path, *, any_place: bool) -> None:
    """Refuse a folder of the network, or one that is copied elsewhere. Raises IndexerError."""
    if any_place:
        return
    real = Path(os.path.realpath(root))
    if is_remote(real) or _mount_type(real) in _REMOTE:
        raise IndexerError(
            "The library cannot be kept on a drive of the network.",
            "Choose a folder of this computer with --profile DIR, or add --any-place: everybody "
            "who may read that drive can then read your documents' text.",
        )
    if service := copied_by(real, os.environ):
        raise IndexerError(
            f"The library cannot be kept in a folder that {service} copies.",
            "Choose another folder with --profile DIR, or add --any-place: your documents' text "
            "then leaves this computer.",
        )


def copied_by(folder: Path, environment: os._Environ[str] | dict[str, str]) -> str:
    """Return the name of the service that copies a folder to other machines; "" if none does."""
    for variable in _ONEDRIVE:
        if (place := environment.get(variable)) and folder.is_relative_to(place):
            return "OneDrive"
    for around in (folder, *folder.parents):
        name = around.name.lower()
        for begin, service in _NAMES.items():
            if name == begin or name.startswith((f"{begin} - ", f"{begin}-", f"{begin} (")):
                return service
        if service := next((_MARKS[mark] for mark in _MARKS if (around / mark).exists()), ""):
            return service
        for like, service in _MARKS_LIKE.items():
            if next(_matching(around, like), None):
                return service
    return ""


def _matching(folder: Path, like: str) -> Iterator[Path]:
    try:
        return iter(list(folder.glob(like))[:1])
    except OSError:
        return iter(())


def _mount_type(folder: Path) -> str:
    """Return the type of the file system around a folder, as the system calls it."""
    best, kind = -1, ""
    for part in psutil.disk_partitions(all=True):
        depth = len(Path(part.mountpoint).parts)
        if depth > best and folder.is_relative_to(part.mountpoint):
            remote = sys.platform == "win32" and "remote" in part.opts
            best, kind = depth, "cifs" if remote else part.fstype.lower()
    return kind
