"""The window asks whether files that went at once were deleted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from app.messages.index import Folders, FolderStatus
from app.ui.evidence_card import EvidenceCard
from app.ui.held_files import HeldFiles
from app.ui.notices import Notices
from app.ui.theme import LIGHT
from indexer.types import Evidence, Hit

PAPERS = Path("/documents/Papers")


def _folders(held: int) -> Folders:
    return Folders("", (FolderStatus(PAPERS, True, 300, 0, 0, 0, held=held),), 9)


def _texts(notices: Notices) -> list[str]:
    return [label.text() for label in notices.findChildren(QLabel) if label.isVisibleTo(notices)]


def _press(notices: Notices, text: str) -> None:
    next(b for b in notices.findChildren(QPushButton) if b.text() == text).click()


def test_it_is_asked_once_and_answered_by_a_button(application: QApplication) -> None:
    """Kept means no more questions until the number is another; back means none at all."""
    notices = Notices()
    forgotten: list[Path] = []
    held = HeldFiles(notices, forgotten.append)
    held.show_folders(_folders(0))
    assert notices.isHidden()
    for _ in range(2):
        held.show_folders(_folders(120))
    (text,) = _texts(notices)
    assert text.startswith("120 files of “Papers” went at once.")
    _press(notices, "Keep them")
    held.show_folders(_folders(120))
    assert notices.isHidden()
    held.show_folders(_folders(80))
    assert len(_texts(notices)) == 1
    held.show_folders(_folders(0))
    assert notices.isHidden()
    assert forgotten == []
    held.show_folders(_folders(60))
    _press(notices, "They were deleted: forget them")
    assert forgotten == [PAPERS]
    assert notices.isHidden()


def test_evidence_of_a_file_that_is_away_says_so(application: QApplication) -> None:
    """Beside its page."""
    hit = Hit(7, 1, PAPERS / "a.pdf", 3, 9, "", 0, 4, "Text", 1.0, None, None)
    for each, expected in ((hit, "page 3 of 9"), (replace(hit, away=True), "not there now")):
        card = EvidenceCard(1, Evidence(each, "Text", 0), LIGHT)
        assert any(label.text().endswith(expected) for label in card.findChildren(QLabel))
