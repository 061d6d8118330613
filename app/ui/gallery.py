"""Each view of the window alone, with sample data: `python3 -m app.ui.gallery`.

With --save it writes a picture of each, for looking at all of them after a change.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QListWidget,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.messages.quality import Measuring
from app.paths import Profile
from app.ui import gallery_samples as samples
from app.ui import theme
from app.ui.ask_box import PLAIN, AskBox
from app.ui.document_view import DocumentView
from app.ui.documents.other_dialog import OtherDialog
from app.ui.drop_overlay import DropOverlay
from app.ui.encryption_dialogs import EncryptionDialog, UnlockDialog
from app.ui.gallery_documents import STATES, page_in
from app.ui.gallery_quality import QUALITIES
from app.ui.ledger_view import LedgerDialog
from app.ui.library_view import LibraryView
from app.ui.models_dialog import ModelsDialog
from app.ui.notices import Notices
from app.ui.open_chat import show_again
from app.ui.quality_dialog import QualityDialog
from app.ui.rules_dialog import RulesDialog
from app.ui.texts import system_language, tr, use_language
from app.ui.theme import Tokens
from app.ui.turn_view import TurnView
from app.ui.welcome_view import WelcomeView
from app.ui.workers.viewer import ViewerClient
from indexer.types import EVERYTHING, Scope

_TALL = 1000  # pixels, so that the conversations are in sight
_COLUMN = 700  # pixels, as wide as a conversation
_SETTLE_SECONDS = 1.5  # until a page was rendered


class Gallery:
    """Builds the views; the clients are real, but only the viewer's process is ever started."""

    def __init__(self, profile: Profile, tokens: Tokens) -> None:
        self._tokens = tokens
        self._index = samples.SampleIndex(profile)
        self.viewer = ViewerClient(profile)
        self.scenes: dict[str, Callable[[], QWidget]] = {
            "welcome, nothing there": lambda: self._welcome(has_folders=False),
            "welcome, with documents": lambda: self._welcome(has_folders=True),
            "library, empty": lambda: self._library("empty"),
            "library, busy": lambda: self._library("busy"),
            "library, paused": lambda: self._library("paused"),
            "library, waiting": lambda: self._library("waiting"),
            "library, many and long names": lambda: self._library("many"),
            "library, something taken out": self._taken_out,
            "chats, many": lambda: self._chats(""),
            "chats, found by words": lambda: self._chats("warranty"),
            "chats, none found": lambda: self._chats("zygomorphic"),
            "chats, one deleted": self._deleted,
            "turn, only found": lambda: self._turn("found"),
            "turn, being read": lambda: self._turn("reading"),
            "turn, being written": lambda: self._turn("writing"),
            "turn, answered": lambda: self._turn("answered"),
            "turn, nothing supported": lambda: self._turn("unsupported"),
            "turn, nothing found": lambda: self._turn("abstained"),
            "turn, passages only": lambda: self._turn("passages"),
            "turn, a set of files": lambda: self._turn("files"),
            "turn, stopped": lambda: self._turn("stopped"),
            "turn, failed": lambda: self._turn("failed"),
            "turn, being edited": self._edited,
            "turn, opened again": self._opened_again,
            "document, PDF": lambda: self._document(samples.PDF),
            "document, text": lambda: self._document(samples.TEXT),
            "document, vanished": lambda: self._document(samples.VANISHED),
            "files that could not be read": self._unread,
            "rules": self._rules,
            **{
                f"quality, {state}": partial(self._quality, state)
                for state in (*QUALITIES, "being measured")
            },
            **{f"whole document, {state}": partial(self._report, state) for state in STATES},
            "whole document, another chosen": self._other,
            "models, one being fetched": self._models,
            "encryption, off": lambda: self._encryption(encrypted=False),
            "encryption, on": lambda: self._encryption(encrypted=True),
            "locked, wrong passphrase": lambda: _flat(UnlockDialog(wrong=True)),
            "box": self._box,
            "box, of one document": lambda: self._box(samples.SCOPES["one"]),
            "box, of a named selection": lambda: self._box(samples.SCOPES["named"]),
            "box, without documents": self._plain_box,
            "notices": self._notices,
            "drop": self._drop,
        }

    def _welcome(self, *, has_folders: bool) -> QWidget:
        view = WelcomeView()
        view.show_library(has_folders=has_folders)
        return self._framed(view)

    def _library(self, state: str) -> LibraryView:
        view = LibraryView(self._tokens)
        folders, indexing = samples.LIBRARIES[state]
        view.show_indexing(indexing, paused=state == "paused")
        view.show_folders(folders)
        view.show_encryption(tr("Not encrypted") + " ›", choosable=True)
        view.show_machine("Qwen2.5 7B", "9 tokens/s")
        return view

    def _taken_out(self) -> QWidget:
        view = self._library("many")
        view.take_out(samples.LIBRARIES["many"][0].folders[0].path)
        return view

    def _chats(self, text: str) -> LibraryView:
        view = self._library("busy")
        view.setMinimumHeight(_TALL)
        view.chats._search.setText(text)
        view.chats.show_chats(samples.chats(text))
        view.chats.show_current(samples.chats("").chats[1].id)
        return view

    def _deleted(self) -> QWidget:
        view = self._chats("")
        view.chats.take_out(samples.chats("").chats[0])
        return view

    def _edited(self) -> QWidget:
        view = TurnView(samples.QUESTION, self._tokens)
        samples.play(view, "answered")
        view.edit()
        return self._framed(view)

    def _opened_again(self) -> QWidget:
        view = TurnView(samples.QUESTION, self._tokens)
        show_again(view, samples.RESTORED)
        return self._framed(view)

    def _turn(self, state: str) -> QWidget:
        view = TurnView(samples.QUESTION, self._tokens)
        samples.play(view, state)
        return self._framed(view)

    def _document(self, shown: samples.Shown) -> DocumentView:
        view = DocumentView(self._index, self.viewer, self._tokens)
        view.show_hit(shown.hit, shown.quote)
        return view

    def _unread(self) -> QWidget:
        view = LedgerDialog(samples.Unread())
        view.take(samples.UNREAD)
        view.tags.show_file(samples.TAGS.path)
        view.tags.take(samples.TAGS)
        return _flat(view)

    def _rules(self) -> QWidget:
        return _flat(RulesDialog(("*.bak", "/home/anna/Documents/Old drafts"), True, 256))

    def _quality(self, state: str) -> QWidget:
        view = QualityDialog(self._tokens)
        view.take(QUALITIES.get(state, QUALITIES["measured once"]))
        if state not in QUALITIES:
            view.show_progress(Measuring(120, 300))
        return _flat(view)

    def _report(self, state: str) -> QWidget:
        frame = QWidget()
        frame.setObjectName("conversation")
        frame.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        frame.setFixedSize(_COLUMN, _COLUMN)
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(page_in(state, self._tokens))
        return frame

    def _other(self) -> QWidget:
        view = OtherDialog(samples.PDF.hit.path, samples.Unread())
        view.take(samples.UNREAD)
        return _flat(view)

    def _models(self) -> QWidget:
        view = ModelsDialog()
        view.show_offers(samples.OFFERS, samples.ADAPTERS)
        view.show_progress(samples.FETCHING)
        return _flat(view)

    def _encryption(self, *, encrypted: bool) -> QWidget:
        return _flat(EncryptionDialog(encrypted=encrypted, kept=True))

    def _plain_box(self) -> QWidget:
        box = AskBox()
        box.choose_effort(PLAIN)
        return self._framed(box)

    def _box(self, scope: Scope = EVERYTHING) -> QWidget:
        box = AskBox()
        box.show_folders(samples.LIBRARIES["many"][0])
        box.where.show_selections(samples.SELECTIONS)
        box.where.choose(scope)
        box.set_text(samples.QUESTION)
        return self._framed(box)

    def _notices(self) -> QWidget:
        notices = Notices()
        for sentence in samples.NOTICES:
            notices.add(sentence)
        return self._framed(notices)

    def _drop(self) -> QWidget:
        around = self._framed(WelcomeView())
        around.resize(_COLUMN, 420)
        DropOverlay(around).cover()
        return around

    def _framed(self, view: QWidget) -> QWidget:
        frame = QWidget()
        frame.setObjectName("conversation")
        frame.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        frame.setFixedWidth(_COLUMN)
        column = QVBoxLayout(frame)
        column.setContentsMargins(34, 24, 34, 24)
        column.addWidget(view)
        column.addStretch(1)
        return frame


def _flat(dialog: QDialog) -> QWidget:
    """Return a dialog as a view among others."""
    dialog.setWindowFlags(Qt.WindowType.Widget)
    return dialog


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the gallery, or write its pictures."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python3 -m app.ui.gallery")
    parser.add_argument("--dark", action="store_true", help="the dark colours")
    parser.add_argument("--language", choices=("en", "zh"), default=system_language())
    parser.add_argument("--save", type=Path, metavar="DIR", help="write pictures and end")
    parsed = parser.parse_args(arguments)
    if parsed.save:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication(sys.argv[:1])
    tokens = theme.DARK if parsed.dark else theme.LIGHT
    theme.apply(application, tokens)
    use_language(parsed.language)
    with tempfile.TemporaryDirectory(prefix="pocket-llm-") as folder:
        profile = Profile(Path(folder))
        profile.create()
        gallery = Gallery(profile, tokens)
        try:
            if parsed.save:
                save(gallery, parsed.save)
                return 0
            window = _chooser(gallery)
            window.show()
            return application.exec()
        finally:
            gallery.viewer.close()


def save(gallery: Gallery, folder: Path) -> None:
    """Write a picture of each view. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    views = {name: build() for name, build in gallery.scenes.items()}
    for view in views.values():
        view.show()
    _settle()
    for view in views.values():
        view.resize(view.width(), max(420, view.heightForWidth(view.width())))
    _settle()
    for name, view in views.items():
        view.grab().save(str(folder / f"{name.replace(', ', '-').replace(' ', '-')}.png"))
        view.close()


def _settle() -> None:
    end = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.005)  # the viewer's messages come by a thread of Python


def _chooser(gallery: Gallery) -> QWidget:
    """Return a window with the names at the left and the chosen view beside them."""
    window = QWidget()
    window.setWindowTitle("Pocket-LLM")
    window.resize(1100, 760)
    names = QListWidget()
    names.setFixedWidth(260)
    shown = QStackedWidget()
    for name, build in gallery.scenes.items():
        names.addItem(name)
        shown.addWidget(build())
    names.currentRowChanged.connect(shown.setCurrentIndex)
    names.setCurrentRow(0)
    row = QHBoxLayout(window)
    row.addWidget(names)
    row.addWidget(shown, 1)
    return window


if __name__ == "__main__":
    sys.exit(main())
