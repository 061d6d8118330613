"""Which files of a citation the desktop may open with its own program; all others it only shows.

A citation names a file that somebody else may have written, and the click comes later than the
reading. So what is opened is on a list of kinds that only show something, and is looked at again
at the click: its place, its name, its first bytes.

Not on the list are what runs (programs, scripts, links, office files with macros or in the older
formats, which may hide some), and what its program completes from the network when it shows it:
web pages, mail, e-books.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePath, PureWindowsPath

_PDF, _ZIP = (b"%PDF-",), (b"PK\x03\x04",)
# How each kind begins; text has no beginning of its own.
_SIGNS: dict[str, tuple[bytes, ...]] = {
    "pdf": _PDF,
    **dict.fromkeys(["docx", "xlsx", "pptx", "odt", "ods", "odp", "odg"], _ZIP),
    "rtf": (b"{\\rtf",),
    "png": (b"\x89PNG\r\n",),
    **dict.fromkeys(["jpg", "jpe", "jpeg"], (b"\xff\xd8\xff",)),
    "gif": (b"GIF87a", b"GIF89a"),
    "bmp": (b"BM",),
    **dict.fromkeys(["tif", "tiff"], (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    "webp": (b"RIFF",),
    **dict.fromkeys(["txt", "text", "md", "markdown", "log", "csv", "tsv"], ()),
}
# What no text begins with: programs of Windows, Linux and macOS, archives, scripts, starters.
_PROGRAMS = (
    *(b"MZ", b"\x7fELF", b"\xfe\xed\xfa", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\xca\xfe"),
    *(b"PK", b"#!", b"[Desktop Entry]", b"[InternetShortcut]", b"L\0\0\0\x01\x14\x02\0"),
)
_MACROS = b"vbaProject.bin"
_HEAD = 1024
_TAIL = 1 << 18  # bytes in which the names of a zip's members stand, but for thousands of them

# Windows opens a device under these names, whatever follows a dot.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])", re.IGNORECASE)
_WINDOWS = sys.platform == "win32"
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def is_shown_by_name(path: PurePath) -> bool:
    """Tell by the name alone whether a file is of a kind that may be opened."""
    return path.suffix[1:].lower() in _SIGNS and is_plain_name(path.name)


def is_plain_name(name: str) -> bool:
    """Tell whether a name is what it looks like.

    Signs that turn the direction of writing let `exe.pdf` stand for `fdp.exe`; Windows knows
    devices, streams (`a.pdf:b.exe`) and ends that it leaves off.
    """
    if _TURNING.search(name) or any(unicodedata.category(sign) in ("Cc", "Cs") for sign in name):
        return False
    return not _WINDOWS or not (
        name != name.rstrip(". ")
        or any(sign in '<>:"/\\|?*' for sign in name)
        or _DEVICES.fullmatch(name.partition(".")[0].rstrip())
    )


def may_be_opened(path: Path, folders: Iterable[Path]) -> bool:
    """Tell whether a file may be opened now; `folders` are those of the library.

    It must lie where it was read, below the folder of the library around it or in its own, with no
    link on the way, and begin as its name says.
    """
    if not is_shown_by_name(path) or not path.is_absolute() or ".." in path.parts:
        return False
    root = _root(path, folders)
    if is_remote(path) and not is_remote(root):
        return False
    try:
        there = Path(os.path.realpath(root, strict=True)) / path.relative_to(root)
        real = os.path.realpath(path, strict=True)
        return os.path.normcase(real) == os.path.normcase(there) and _begins_as_named(path)
    except (OSError, ValueError):
        return False


def is_remote(path: PurePath) -> bool:
    """Tell whether a path names another machine, to which it would carry the owner's name."""
    text = str(path)
    return text.startswith("//") or PureWindowsPath(text).drive.startswith("\\\\")


def _root(path: Path, folders: Iterable[Path]) -> Path:
    around = [folder for folder in folders if path.is_relative_to(folder) and folder != path]
    return max(around, key=lambda folder: len(folder.parts), default=path.parent)


def _begins_as_named(path: Path) -> bool:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        head = file.read(_HEAD)
        signs = _SIGNS[path.suffix[1:].lower()]
        if signs == _ZIP:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            return head.startswith(_ZIP) and _MACROS not in file.read(_TAIL)
        if head.startswith(_PROGRAMS):
            return False
        if signs == _PDF:
            return _PDF[0] in head  # rubbish may stand before it, for our reader, too
        return not signs or head.startswith(signs)


def folder_to_show(path: Path) -> Path:
    """Return the folder of a file, or the nearest around it that is still there."""
    return next((place for place in path.parents if place.is_dir()), path.parent)


def is_started_by_opening(folder: PurePath) -> bool:
    """Tell whether the desktop would run a folder instead of showing it: a program of macOS."""
    return sys.platform == "darwin" and bool(folder.suffix)
