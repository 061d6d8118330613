"""The views alone, with what the gallery shows and with what is hard to show."""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton, QWidget

from app.messages.index import Folders, FolderStatus, Indexing, PageText
from app.messages.viewer import PageRendered
from app.paths import Profile
from app.ui import gallery_samples as samples
from app.ui import undo_bar
from app.ui.ask_box import FIND, AskBox
from app.ui.document_view import DocumentView
from app.ui.elided_label import ElidedLabel
from app.ui.evidence_card import EvidenceCard
from app.ui.gallery import Gallery
from app.ui.library_view import LibraryView
from app.ui.notices import Notices
from app.ui.plain_label import PlainLabel
from app.ui.theme import LIGHT
from app.ui.turn_view import TurnView, copied
from app.ui.workers.index import IndexClient
from app.ui.workers.viewer import ViewerClient
from indexer.types import Hit, Line, Scope

PAPERS = Path("/documents/Papers")


def shown(view: QWidget) -> str:
    """Return the text of a view's labels."""
    return "\n".join(label.text() for label in view.findChildren(QLabel))


def press(view: QWidget, text: str) -> None:
    buttons = view.findChildren(QPushButton)
    next(b for b in buttons if text in b.text() and b.isVisibleTo(view)).click()


def folders(*paths: Path | None) -> Folders:
    return Folders("", tuple(FolderStatus(path, True, 3, 0, 0, 0) for path in paths), 9)


def test_the_gallery_builds_every_view(application: QApplication, tmp_path: Path) -> None:
    """Each by itself, in each of its states."""
    profile = Profile(tmp_path)
    profile.create()
    gallery = Gallery(profile, LIGHT)
    for name, build in gallery.scenes.items():
        view = build()
        view.resize(view.sizeHint())
        assert not view.grab().isNull(), name
        view.deleteLater()
    gallery.viewer.close()


def test_a_long_name_is_cut_and_its_view_stays_narrow(application: QApplication) -> None:
    """The whole of it is in the tooltip."""
    label = ElidedLabel("a/" * 2000 + "end.pdf")
    label.resize(200, 20)
    label.grab()  # which tells it its size
    assert label.text().endswith("end.pdf")
    assert label.fontMetrics().horizontalAdvance(label.text()) <= 200
    assert label.minimumSizeHint().width() <= 200
    assert "end.pdf" in label.toolTip()


def test_a_name_cannot_pose_as_another(application: QApplication) -> None:
    """A mark that turns the direction of writing around would hide the true suffix."""
    label = ElidedLabel("invoice\u202efdp.exe")
    label.resize(400, 20)
    assert "\u202e" not in label.text()
    assert ElidedLabel("two\nlines").text().count("\n") == 0


def test_a_word_without_end_does_not_widen_the_window(application: QApplication) -> None:
    """A path or an address without a space is broken."""
    assert PlainLabel("x" * 5000, "warning").minimumSizeHint().width() < 400


def test_what_was_taken_out_can_be_put_back(application: QApplication) -> None:
    """Nothing is erased before the undo has gone."""
    view = LibraryView(LIGHT)
    view.show_folders(folders(PAPERS, None))
    removed: list[Path | None] = []
    view.removed.connect(removed.append)
    hidden: list[tuple[Path | None, bool]] = []
    view.hidden.connect(lambda path, is_hidden: hidden.append((path, is_hidden)))
    view.take_out(PAPERS)
    assert [row.isHidden() for row in view._rows.values()] == [True, False]
    view.show_folders(folders(None))  # as the worker says when it has hidden it
    press(view, "Undo")
    view.show_folders(folders(PAPERS, None))
    assert not any(row.isHidden() for row in view._rows.values())
    rows = [view._list.itemAt(place).widget() for place in range(view._list.count())]
    assert rows.index(view._rows[PAPERS]) < rows.index(view._rows[None])
    assert hidden == [(PAPERS, True), (PAPERS, False)]
    assert removed == []


def test_a_folder_that_is_away_can_be_shown_elsewhere(
    application: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its menu asks where it is now; of one that is there it does not."""
    view = LibraryView(LIGHT)
    here = folders(PAPERS)
    view.show_folders(here)
    asked = "It is somewhere else now…"
    assert asked not in [action.text() for action in view._rows[PAPERS].menu().actions()]
    view.show_folders(replace(here, folders=(replace(here.folders[0], online=False),)))
    relinked: list[tuple[Path, Path]] = []
    view.relinked.connect(lambda old, new: relinked.append((old, new)))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    next(each for each in view._rows[PAPERS].menu().actions() if each.text() == asked).trigger()
    assert relinked == [(PAPERS, tmp_path)]


def test_what_was_taken_out_leaves_in_the_end(
    application: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some seconds, or when the window closes before."""
    monkeypatch.setattr(undo_bar, "UNDO_MS", 1)
    view = LibraryView(LIGHT)
    view.show_folders(folders(PAPERS, None))
    removed: list[Path | None] = []
    view.removed.connect(removed.append)
    view.take_out(PAPERS)
    QTest.qWait(50)
    assert removed == [PAPERS]
    monkeypatch.setattr(undo_bar, "UNDO_MS", 60_000)
    view.take_out(None)
    view.settle()
    assert removed == [PAPERS, None]


def test_many_folders_are_listed_little_by_little(application: QApplication) -> None:
    """In their order, and all of them in the end; the window lives meanwhile."""
    view = LibraryView(LIGHT)
    paths = [Path(f"/documents/{number}") for number in range(60)]
    view.show_folders(folders(*paths))
    assert 0 < len(view._rows) < 60
    QTest.qWait(300)
    assert list(view._rows) == paths
    view.show_folders(folders(PAPERS))
    assert list(view._rows) == [PAPERS]


def test_a_sentence_is_said_once_and_can_be_dismissed(application: QApplication) -> None:
    """A thousand failures of one kind are one line, and the oldest of many goes."""
    notices = Notices()
    for _ in range(3):
        notices.add("The drive is full.")
    assert shown(notices).count("full") == 1
    for number in range(5):
        notices.add(f"Sentence {number}.")
    assert "full" not in shown(notices)
    assert "Sentence 4." in shown(notices)
    notices.remove("Sentence 4.")
    assert "Sentence 4." not in shown(notices)


def test_the_box_says_where_in_what_and_how(application: QApplication) -> None:
    """What was chosen goes along with the question; a folder that left is chosen no more."""
    box = AskBox()
    box.show_folders(folders(PAPERS, Path("/documents/Mail"), None))
    asked: list[tuple[str, Scope, object]] = []
    box.asked.connect(lambda *what: asked.append(what))
    for choice, action in ((box.where._choice, 1), (box._types, 1), (box._effort, 5)):
        choice.menu_.actions()[action].trigger()
    box.set_text("  warranty  ")
    press(box, "Ask")
    assert asked == [("warranty", Scope(paths=(PAPERS,), types=("pdf",)), FIND)]
    box.show_folders(folders(Path("/documents/Mail")))
    box.set_text("warranty")
    press(box, "Ask")
    assert asked[1][1].paths == ()


def test_what_nothing_supports_stands_apart_and_is_copied_apart(application: QApplication) -> None:
    """Neither the eye nor the clipboard takes it for an answer."""
    view = TurnView(samples.QUESTION, LIGHT)
    samples.play(view, "answered")
    assert view._text is not None
    assert "refurbished" not in view._text.toPlainText()
    assert "refurbished" in shown(view)
    assert view._answer is not None
    text = copied(view._answer)
    assert text.index("30 months") < text.index("no passage") < text.index("refurbished")
    assert "[1] printer-manual.pdf page 4 of 4" in text


def test_passages_alone_are_all_shown(application: QApplication) -> None:
    """Also those without a sentence that answers, and nothing pretends to be an answer."""
    view = TurnView(samples.QUESTION, LIGHT)
    samples.play(view, "passages")
    assert len(view.findChildren(EvidenceCard)) == 3
    assert view._text is None


def test_waiting_pages_are_said_and_can_be_left(application: QApplication) -> None:
    """The switch is there while pages wait and there is OCR."""
    view = LibraryView(LIGHT)
    wishes: list[bool] = []
    view.recognition_asked.connect(wishes.append)
    view.show_folders(Folders("", (FolderStatus(PAPERS, True, 3, 0, 0, 0, 12),), 9))
    assert "3 files · 12 pages wait for text recognition" in shown(view)
    switch = view._recognition
    assert switch.isHidden()
    view.show_indexing(Indexing(0, 0, None, pages=12, recognising=True), paused=False)
    assert not switch.isHidden()
    switch.click()
    view.show_indexing(Indexing(0, 0, None, recognising=False), paused=False)
    switch.click()
    assert wishes == [False, True]
    view.show_folders(folders(PAPERS))
    assert switch.isHidden()


class Recognised(IndexClient):
    """A library that knows where OCR found a text."""

    def get_page(self, chunk: int) -> str:
        return f"page-{chunk}"


class Drawing(ViewerClient):
    """A viewer that draws nothing by itself."""

    def render(
        self, path: Path, page: int, width: int, quote: str, password: str | None = None
    ) -> str:
        return "drawing"


def test_the_lines_of_a_quote_are_marked_on_a_picture(
    application: QApplication, tmp_path: Path
) -> None:
    """Whichever comes first, the picture or the places."""
    path = tmp_path / "scan.png"
    path.write_bytes(b"")
    text = "Rules of the garden\nThe fee is forty\ncrowns."
    hit = Hit(7, 1, path, None, None, "", 0, len(text), text, 1.0, None, None)
    lines = (Line(0, 19, 0.1, 0.1, 0.5, 0.2), Line(20, 36, 0.1, 0.5, 0.9, 0.6),
             Line(37, 44, 0.1, 0.7, 0.3, 0.8))  # fmt: skip
    places = PageText("page-7", text, lines)
    pixels = base64.b64encode(zlib.compress(b"\xff" * 4 * 100 * 100)).decode()
    drawing = PageRendered("drawing", 100, 100, 400, 1, pixels, ())
    for order in ((places, drawing), (drawing, places)):
        index, viewer = Recognised(Profile(tmp_path)), Drawing(Profile(tmp_path))
        view = DocumentView(index, viewer, LIGHT)
        view.show_hit(hit, "The fee is forty\ncrowns.")
        for message in order:
            (index.page_text if message is places else viewer.rendered).emit(message)
        image = view._picture.pixmap().toImage()
        marked = [image.pixelColor(20, y).name() != "#ffffff" for y in (15, 55, 75)]
        assert marked == [False, True, True]
