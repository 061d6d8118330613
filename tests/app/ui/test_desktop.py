"""What a click on a citation may open: sixty and more kinds of targets, none of them executed."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QProcess, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from app import opening
from app.opening import is_remote, may_be_opened
from app.ui.desktop import open_file

SCRIPT = b"#!/bin/sh\ntouch ../executed\n"
STARTER = b"[Desktop Entry]\nType=Application\nExec=touch executed\n"
ELF, MZ, PNG, PDF = b"\x7fELF\x02\x01", b"MZ\x90\0", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7\n"


def packed(*names: str) -> bytes:
    """Return a zip with empty members."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    return file.getvalue()


WORD = packed("[Content_Types].xml", "word/document.xml")

OPENED: dict[str, bytes] = {
    "a.pdf": PDF, "B.PDF": b"rubbish\n" + PDF, "a.docx": WORD, "a.xlsx": WORD, "a.pptx": WORD,
    "a.odt": WORD, "a.ods": WORD, "a.odp": WORD, "a.rtf": b"{\\rtf1}", "a.png": PNG,
    "a.jpg": b"\xff\xd8\xff\xe0", "a.gif": b"GIF89a", "a.tif": b"II*\0", "a.webp": b"RIFF....WEBP",
    "a.bmp": b"BM", "a.txt": b"text", "a.md": b"# text", "a.csv": b"a,b", "报告 %41#?.txt": b"text",
    "-rf; $(touch executed) `id`.txt": b"text", "می\u200cخواهم.pdf": PDF,
}  # fmt: skip
SHOWN: dict[str, bytes] = {
    # What runs, by its name.
    "a.sh": SCRIPT, "a.py": SCRIPT, "a.exe": MZ, "a.com": MZ, "a.scr": MZ, "a.bat": b"x",
    "a.cmd": b"x", "a.ps1": b"x", "a.vbs": b"x", "a.js": b"x", "a.wsf": b"x", "a.hta": b"x",
    "a.msi": b"x", "a.jar": WORD, "a.desktop": STARTER, "a.lnk": b"L\0\0\0", "a.url": b"x",
    "a.webloc": b"x", "a.command": SCRIPT, "a.app": b"x", "a.AppImage": ELF, "a.reg": b"x",
    "a.scf": b"x", "a.library-ms": b"x", "a.search-ms": b"x", "a.chm": b"x", "a.iso": b"x",
    # What its program completes from the network, or runs scripts of.
    "a.html": b"<html>", "a.svg": b"<svg>", "a.mht": b"x", "a.eml": b"x", "a.msg": b"x",
    "a.epub": WORD, "a.xml": b"<a/>", "a.ics": b"x", "a.zip": WORD, "a.ipynb": b"{}",
    # Macros, and older formats that may have them.
    "a.docm": WORD, "a.xlsm": WORD, "a.pptm": WORD, "a.dotm": WORD, "a.doc": b"\xd0\xcf\x11\xe0",
    "a.xls": b"\xd0\xcf\x11\xe0", "a.ppt": b"\xd0\xcf\x11\xe0", "a.xlsb": WORD, "a.slk": b"ID",
    "macros.docx": packed("word/document.xml", "word/vbaProject.bin"),
    # Something else under a harmless name.
    "script.txt": SCRIPT, "starter.md": STARTER, "program.csv": ELF, "program.txt": MZ,
    "program.pdf": ELF + PDF, "page.pdf": b"<html>", "text.png": b"text", "script.docx": SCRIPT,
    "web.rtf": b"<html>", "empty.pdf": b"", "archive.txt": WORD,
    # Names that are not what they look like.
    "invoice\u202efdp.exe": MZ, "exe.\u202etxt.pdf": PDF, "a\u2066.txt": b"x", "none": b"x",
    "a.pdf.exe": MZ, ".pdf": PDF, "a\n.pdf": PDF,
}  # fmt: skip


class Desktop(QObject):
    """Takes what would go to the desktop."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[Path] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        assert url.isLocalFile()
        assert not url.host()
        self.urls.append(Path(url.toLocalFile()))


@pytest.fixture
def desktop(application: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    """Return the desktop; no process may be started on Linux, nor one that is a file's."""

    def start(program: str, _arguments: list[str]) -> bool:
        assert program == {"win32": "explorer.exe", "darwin": "open"}[sys.platform]
        desktop.urls.append(folder_of(_arguments[1]))
        return True

    def folder_of(path: str) -> Path:
        return Path(path).parent

    desktop = Desktop()
    monkeypatch.setattr(QProcess, "startDetached", start)
    QDesktopServices.setUrlHandler("file", desktop, "take")
    yield desktop
    QDesktopServices.unsetUrlHandler("file")


@pytest.mark.parametrize("name", [*OPENED, *SHOWN])
def test_only_what_shows_something_is_opened(desktop: Desktop, tmp_path: Path, name: str) -> None:
    """A document or picture is; everything else is shown in its folder."""
    path = tmp_path / "library" / name
    path.parent.mkdir()
    try:
        path.write_bytes((OPENED | SHOWN)[name])
    except OSError:
        pytest.skip("this system has no such name")
    path.chmod(0o755)
    open_file(path, [path.parent])
    assert desktop.urls == [path if name in OPENED else path.parent]
    assert not (tmp_path / "executed").exists()


def _link(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def _folder_link(path: Path, outside: Path) -> None:
    path.parent.rmdir()
    path.parent.symlink_to(outside.parent)


def _fifo(path: Path, _outside: Path) -> None:
    os.mkfifo(path)


def _device(path: Path, _outside: Path) -> None:
    path.symlink_to("/dev/null")


def _folder(path: Path, _outside: Path) -> None:
    path.mkdir()


def _nothing(path: Path, _outside: Path) -> None:
    assert not path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
@pytest.mark.parametrize("swap", [_link, _folder_link, _fifo, _device, _folder, _nothing])
def test_what_took_a_files_place_is_not_opened(
    desktop: Desktop, tmp_path: Path, swap: Callable[[Path, Path], None]
) -> None:
    """Links, folders that are links, pipes, devices: looked at again at the click."""
    outside = tmp_path / "outside" / "a.pdf"
    path = tmp_path / "library" / "inner" / "a.pdf"
    for folder in (outside.parent, path.parent):
        folder.mkdir(parents=True)
    outside.write_bytes(PDF)
    swap(path, outside)
    open_file(path, [tmp_path / "library"])
    assert path not in desktop.urls
    assert outside not in desktop.urls


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_library_that_is_reached_by_a_link_is_opened(tmp_path: Path) -> None:
    """The owner chose that path; what counts is what lies below it."""
    real = tmp_path / "real"
    real.mkdir()
    (real / "a.pdf").write_bytes(PDF)
    (tmp_path / "link").symlink_to(real)
    assert may_be_opened(tmp_path / "link" / "a.pdf", [tmp_path / "link"])
    assert may_be_opened(tmp_path / "link" / "a.pdf", [])


@pytest.mark.parametrize(
    "name",
    [
        *("con.pdf", "NUL.txt", "com1.pdf", "lpt9.md", "aux.tar.pdf", "CONIN$.txt", "nul .pdf"),
        *("a.pdf:b.exe", "a.txt.", "a.pdf ", 'a".pdf', "a|b.pdf", "a?.pdf"),
    ],
)
def test_names_with_a_meaning_of_their_own_on_windows(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Devices, streams, and ends that it leaves off."""
    monkeypatch.setattr(opening, "_WINDOWS", True)
    assert not opening.is_plain_name(name)
    assert opening.is_plain_name("Contract 2024 (2).pdf")


@pytest.mark.parametrize(
    "path",
    [r"\\server\share\a.pdf", "//server/share/a.pdf", r"\\?\UNC\server\a.pdf", r"\\.\pipe\a.pdf"],
)
def test_another_machine_is_not_asked(path: str) -> None:
    """Windows would sign in there with the owner's name."""
    assert is_remote(Path(path))
    assert not may_be_opened(Path(path), [])
    assert not may_be_opened(Path(path), [Path("/home/owner")])
