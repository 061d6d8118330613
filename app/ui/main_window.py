"""The window: three columns, drops, and the three stages of quitting."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeySequence,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from app import settings
from app.ask import Answer
from app.messages.index import Indexing
from app.model_files.installed import looks_like_model
from app.paths import Profile
from app.ui.chat_desk import ChatDesk
from app.ui.conversation_view import ConversationView
from app.ui.document_view import DocumentView
from app.ui.documents.desk import DocumentDesk
from app.ui.drop_overlay import DropOverlay
from app.ui.kept_effort import KeptEffort
from app.ui.ledger_view import LedgerDialog
from app.ui.library_lock import LibraryLock
from app.ui.library_view import LibraryView
from app.ui.offered_adapters import OfferedAdapters
from app.ui.quality_page import QualityPage
from app.ui.rules_dialog import RulesDialog
from app.ui.specialist import Specialists
from app.ui.texts import tr
from app.ui.theme import DOCUMENT_OVER, LIBRARY_OVER, LIBRARY_WIDTH, Tokens
from app.ui.workers.index import IndexClient
from app.ui.workers.llm import LlmClient
from app.ui.workers.viewer import ViewerClient
from indexer.types import Hit, State

if TYPE_CHECKING:
    from app.ui.models_page import ModelsPage

_UNSEEN_MS = 3000
_OWNER = "its owner wants it"  # why indexing stands still


class MainWindow(QMainWindow):
    """Holds the views together; everything that it shows comes from the workers' messages.

    Signals:
        shown(): the window is on the screen, so that the workers may be started.
    """

    shown = Signal()

    def __init__(
        self, profile: Profile, llm: LlmClient | None, tokens: Tokens, reading_budget: int
    ) -> None:
        super().__init__()
        self.setWindowTitle("Pocket-LLM")
        self.setAcceptDrops(True)
        self.resize(1360, 860)
        self.setMinimumSize(480, 480)
        self._profile = profile
        self.index = IndexClient(profile, self)
        self.viewer = ViewerClient(profile, self)
        self.llm = llm
        if llm is not None:
            llm.setParent(self)
        self.library = LibraryView(tokens)
        self.conversation = ConversationView(self.index, llm, tokens, reading_budget)
        self.document = DocumentView(self.index, self.viewer, tokens)
        self._middle = QStackedWidget()
        self._middle.addWidget(self.conversation)
        self.documents = DocumentDesk(self._middle, self.index, llm, profile, tokens, self)
        KeptEffort(self.conversation.box, profile.settings, self)
        self._adapters = OfferedAdapters(self.conversation.box.where, profile, self)
        self._desk = ChatDesk(self.index, self.library.chats, self.conversation, self)
        self._lock = LibraryLock(self.index, self.library, self.conversation, self)
        Specialists(self.index, self.library.specialist, self.conversation, self)
        self._quality = QualityPage(self.index, self.library, self.conversation, tokens, self)
        self._toggle = QPushButton("☰")
        self._toggle.setAccessibleName(tr("Show the library"))
        self._toggle.setFixedSize(36, 32)
        self._lines = [_line(), _line()]
        self._overlay = DropOverlay(self)
        self._lay_out()
        self._connect()
        self._speed = ""
        self._is_started = False
        self._show_machine()

    def _lay_out(self) -> None:
        self._central = central = QWidget()
        row = QHBoxLayout(central)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.library)
        row.addWidget(self._lines[0])
        row.addWidget(self._middle, 1)
        row.addWidget(self._lines[1])
        row.addWidget(self.document)
        self._row = row
        self.setCentralWidget(central)
        self.document.hide()
        self._lines[1].hide()
        self._toggle.setParent(central)
        self._toggle.hide()
        self.conversation.setFocus()

    def _connect(self) -> None:
        self.index.folders.connect(self.library.show_folders)
        self.index.folders.connect(self.conversation.show_folders)
        self.index.indexing.connect(self._on_indexing)
        self.library.added.connect(self.index.add)
        self.library.hidden.connect(self.index.hide)
        self.library.removed.connect(self.index.remove)
        self.library.relinked.connect(self.index.relink)
        self.library.paused.connect(self._on_paused)
        self.library.waiting.overruled.connect(self._on_overruled)
        self.library.waiting.wait_asked.connect(self.index.wait_again)
        self.library.recognition_asked.connect(self.index.recognise)
        self.library.conversation_asked.connect(self.conversation.begin_anew)
        self.library.asked_only.connect(self._on_asked_only)
        self.document.asked_only.connect(self._on_asked_only)
        self.document.summarised.connect(self.documents.summarise)
        self.document.compared.connect(self.documents.choose_other)
        self.documents.opened.connect(self._on_opened)
        # What is asked or opened at the left is seen in the conversation.
        self.conversation.chat.begun.connect(self.documents.leave)
        self.conversation.busy.connect(self._on_busy)
        self.conversation.folder_asked.connect(self.library.choose_folder)
        self.library.unread_asked.connect(self._show_ledger)
        self.library.models_asked.connect(self._show_models)
        self.conversation.opened.connect(self._on_opened)
        self.conversation.answered.connect(self._on_answered)
        self.document.closed.connect(self._close_document)
        self._toggle.clicked.connect(self._on_toggle)
        for keys, slot in (
            (QKeySequence.StandardKey.Close, self.close),
            (QKeySequence.StandardKey.Quit, self.close),
            (QKeySequence(Qt.Key.Key_Escape), self._close_document),
            (QKeySequence.StandardKey.New, self.conversation.begin_anew),
            (QKeySequence.StandardKey.Find, self.conversation.box.setFocus),
        ):
            QShortcut(keys, self).activated.connect(slot)

    # --- what happens --------------------------------------------------------------------------

    def _on_opened(self, hit: Hit, quote: str) -> None:
        self.document.show_hit(hit, quote)
        self._arrange()

    def _on_busy(self, busy: bool) -> None:
        if busy:
            self.documents.leave()

    def _on_asked_only(self, path: Path) -> None:
        self.documents.leave()
        self.conversation.ask_only([path])

    def _close_document(self) -> None:
        self.document.hide()
        self._arrange()
        (self.documents.page or self.conversation).setFocus()

    def _on_answered(self, answer: Answer) -> None:
        if answer.generated is not None and answer.generated.tokens_per_s:
            self._speed = tr("{count} tokens/s", count=round(answer.generated.tokens_per_s))
            self._show_machine()

    @cached_property
    def _models(self) -> ModelsPage:
        # What it needs, a client of https among it, would take a tenth of the window's start.
        from app.ui.models_page import ModelsPage

        page = ModelsPage(self._profile, self.llm, self)
        page.changed.connect(self._on_model_chosen)
        page.work.listed.connect(self._adapters.look)
        return page

    def _show_models(self) -> None:
        self._models.open()

    def _on_model_chosen(self) -> None:
        self._speed = ""
        self._show_machine()
        self.documents.take_model()

    def _on_paused(self, paused: bool) -> None:
        self.index.pause(_OWNER, paused=paused)

    def _on_overruled(self, always: bool) -> None:
        self.index.go_on(always=always)

    def _on_indexing(self, message: Indexing) -> None:
        self.library.show_indexing(message, paused=_OWNER in self.index.pauses)
        busy = message.files or message.chunks or message.pages
        self.setWindowTitle(f"Pocket-LLM · {tr('indexing')}" if busy else "Pocket-LLM")

    def _show_ledger(self) -> None:
        dialog = LedgerDialog(self.index, self)
        self.index.files.connect(dialog.take)
        dialog.retried.connect(self.index.retry)
        dialog.unlocked.connect(self.index.unlock)
        dialog.asked_only.connect(self.documents.leave)
        dialog.asked_only.connect(self.conversation.ask_only)
        dialog.summarised.connect(self.documents.summarise)
        dialog.compared.connect(self.documents.compare)
        dialog.tags.asked.connect(self.index.ask_tags)
        dialog.tags.changed.connect(self.index.set_tags)
        self.index.tags.connect(dialog.tags.take)
        dialog.rules_asked.connect(self._show_rules)
        if not self.library.unread:
            dialog.show_state(State.SKIPPED)
        dialog.open()

    def _show_rules(self) -> None:
        chosen = settings.load(self._profile.settings)
        dialog = RulesDialog(chosen.exclude, chosen.gitignore, chosen.largest_file, self)
        dialog.chosen.connect(self.index.choose_rules)
        dialog.open()

    def _show_machine(self) -> None:
        model = self.llm.title if self.llm is not None else tr("no language model")
        self.library.show_machine(model, self._speed)

    # --- drops ---------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take whatever names files; what it is is said at the drop."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self._overlay.cover()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """Take the overlay away: the drop was not for us."""
        self._overlay.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Add what was dropped."""
        self._overlay.hide()
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if len(paths) < len(event.mimeData().urls()):
            self.conversation.say(
                tr("An address on the web cannot be added."),
                tr("Save the page as a file, then drop the file."),
            )
        models = [path for path in paths if looks_like_model(path)]
        if documents := [path for path in paths if path not in models]:
            self.index.add(documents)
        if models:
            self._models.bring_in(models[0])
        event.acceptProposedAction()

    # --- sizes ---------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Lay the side columns over the conversation where there is no room beside it."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        width, height = self._central.width(), self._central.height()
        open_ = not self.document.isHidden()
        over = width < DOCUMENT_OVER
        self._lines[1].setVisible(open_ and not over)
        if over and self._row.indexOf(self.document) >= 0:
            self._row.removeWidget(self.document)
        elif not over and self._row.indexOf(self.document) < 0:
            self._row.addWidget(self.document)
        if over and open_:
            self.document.setGeometry(
                width - self.document.width(), 0, self.document.width(), height
            )
            self.document.raise_()
        narrow = width < LIBRARY_OVER
        self._toggle.setVisible(narrow)
        self.conversation.leave_room(above=narrow)
        self.documents.leave_room(above=narrow)
        if narrow and self._row.indexOf(self.library) >= 0:
            self._row.removeWidget(self.library)
            self.library.hide()
        elif not narrow and self._row.indexOf(self.library) < 0:
            self._row.insertWidget(0, self.library)
            self.library.show()
        self._lines[0].setVisible(not narrow)
        if narrow:
            self.library.setGeometry(0, 0, LIBRARY_WIDTH, height)
            self._toggle.move(8, 8)
            self._toggle.raise_()

    def _on_toggle(self) -> None:
        self.library.setVisible(self.library.isHidden())
        self.library.raise_()
        self._toggle.raise_()

    # --- start and quit ------------------------------------------------------------------------

    def start(self) -> None:
        """Show the window where it was, then start the workers: they load while it is looked at."""
        geometry = self._places().value("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        self.show()
        # A window that is opened minimised paints nothing.
        QTimer.singleShot(_UNSEEN_MS, self._start_workers)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Start the workers when the first frame is there: they compete with it for the cores."""
        super().paintEvent(event)
        if not self._is_started:
            QTimer.singleShot(0, self._start_workers)

    def _start_workers(self) -> None:
        if self._is_started:
            return
        self._is_started = True
        self.index.start()
        if self.llm is not None:
            self.llm.start()
            self._adapters.look()
        self.shown.emit()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Save, tell everybody, leave."""
        self._places().setValue("geometry", self.saveGeometry())
        self.hide()
        self._is_started = True  # nothing is started any more
        self.conversation.leave()
        self.documents.leave()
        self.library.settle()
        if "_models" in vars(self):
            self._models.close()
        for client in (self.llm, self.viewer, self.index):
            if client is not None:
                client.close()
        event.accept()

    def _places(self) -> QSettings:
        return QSettings(str(self._profile.root / "window.ini"), QSettings.Format.IniFormat)


def _line() -> QFrame:
    line = QFrame()
    line.setObjectName("separator")
    line.setFixedWidth(1)
    return line
