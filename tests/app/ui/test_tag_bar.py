"""A file's tags below the list: edited, suggested, and taken with one click."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import wait_until
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from app.messages.tags import Suggested, Tags
from app.ui.main_window import MainWindow
from app.ui.tag_bar import TagBar

_FILE = Path("/docs/new.txt")


@pytest.fixture
def bar(application: QApplication) -> Iterator[TagBar]:
    """Return a bar that remembers what it sent."""
    bar = TagBar()
    bar.sent = []  # type: ignore[attr-defined]
    bar.asked.connect(bar.sent.append)  # type: ignore[attr-defined]
    bar.changed.connect(lambda path, tags: bar.sent.append((path, tags)))  # type: ignore[attr-defined]
    yield bar
    bar.deleteLater()


def buttons(bar: TagBar) -> list[QPushButton]:
    QApplication.processEvents()  # a layout shows what was added to it a turn later
    return [button for button in bar.findChildren(QPushButton) if not button.isHidden()]


def line(bar: TagBar) -> QLineEdit:
    found = bar.findChild(QLineEdit)
    assert isinstance(found, QLineEdit)
    return found


def test_a_suggestion_is_taken_with_one_click(bar: TagBar, monkeypatch: pytest.MonkeyPatch) -> None:
    """It joins the tags that are there; a folder is shown, and nothing is moved."""
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    bar.show_file(_FILE)
    assert bar.sent == [_FILE]  # type: ignore[attr-defined]
    bar.take(Tags("1", Path("/docs/other.txt"), ("not", "mine")))
    assert line(bar).text() == ""
    suggested = (Suggested("/docs/R&D", True, ("sum",)), Suggested("to pay", False, ("<b>due",)))
    bar.take(Tags("2", _FILE, ("2026",), suggested))
    assert line(bar).text() == "2026"
    folder, tag = buttons(bar)
    assert [folder.text(), tag.text()] == ["Like R&&D", "+ to pay"]
    assert "&lt;b&gt;due" in tag.toolTip()
    assert "nothing is moved" in folder.toolTip()
    tag.click()
    assert bar.sent[1:] == [(_FILE, ["2026", "to pay"])]  # type: ignore[attr-defined]
    folder.click()
    assert [url.toLocalFile() for url in opened] == ["/docs/R&D/"]
    bar.take(Tags("3", _FILE, ("2026", "to pay")))
    assert buttons(bar) == []


def test_tags_are_edited_as_a_line(bar: TagBar) -> None:
    """Only what differs is sent, and for the file that was shown."""
    bar.show_file(_FILE)
    bar.take(Tags("1", _FILE, ("a", "b")))
    QTest.keyClick(line(bar), "\r")
    line(bar).setText(" b,, c ")
    QTest.keyClick(line(bar), "\r")
    assert bar.sent[1:] == [(_FILE, ["b", "c"])]  # type: ignore[attr-defined]
    bar.show_file(None)
    assert bar.isHidden()


def test_deceiving_and_long_names_keep_the_bar_small(bar: TagBar) -> None:
    """A tag of a hundred characters is cut, and none turns the line around."""
    bar.show_file(_FILE)
    bar.take(Tags("1", _FILE, (), (Suggested("x\u202e" + "y" * 98, False, ()),)))
    (button,) = buttons(bar)
    assert button.sizeHint().width() < 250
    assert "\u202e" not in button.text()


def test_a_tag_reaches_the_library_and_comes_back(window: MainWindow, tmp_path: Path) -> None:
    """Through the index worker; a wrong one is refused with a sentence and the old ones stay."""
    file = tmp_path / "documents" / "bill.txt"
    file.parent.mkdir()
    file.write_text("The sum of forty crowns.", "utf-8")
    told: list[Tags] = []
    failed: list[str] = []
    window.index.tags.connect(told.append)
    window.index.failed.connect(lambda message: failed.append(message.title))
    window.index.add([file.parent])
    window.index.set_tags(file, ["early"])  # before it was read
    wait_until(lambda: told)
    indexed: list[object] = []
    window.index.indexing.connect(
        lambda message: indexed.append(message) if not (message.files or message.chunks) else None
    )
    wait_until(lambda: indexed)
    window.index.set_tags(file, ["to pay"])
    wait_until(lambda: told and told[-1].tags == ("to pay",))
    window.index.set_tags(file, ["a/b"])
    wait_until(lambda: any("cannot be a path" in title for title in failed))
    window.index.ask_tags(file)
    wait_until(lambda: len(told) >= 4)
    assert told[-1].tags == ("to pay",)
