"""A page about whole documents, in the place of the conversation: progress first, then a text."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui.documents.report_text import ReportText
from app.ui.elided_label import ElidedLabel
from app.ui.plain_label import PlainLabel
from app.ui.texts import tr, translated
from app.ui.theme import Tokens

_WIDTH = 792  # pixels, for lines as long as those of a conversation


class ReportPage(QWidget):
    """Holds what each such page has.

    Signals:
        left(): the owner wants to see the conversation again.
        stopped(): what takes long shall end.
        retried(): what failed shall be tried again.
    """

    left = Signal()
    stopped = Signal()
    retried = Signal()

    def __init__(self, label: str, title: str, tokens: Tokens) -> None:
        super().__init__()
        self.text = ReportText(tokens)
        self.text.setAccessibleName(title)
        self.offers = QHBoxLayout()
        self.offers.setSpacing(8)
        self._about = PlainLabel("", "dim")
        self._warning = PlainLabel("", "warning", selectable=True)
        self._again = QPushButton(tr("Try again"))
        self._again.clicked.connect(self._on_again)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._count = PlainLabel("", "dim")
        self._cancel = QPushButton(tr("Cancel"))
        self._cancel.clicked.connect(self.stopped)
        self._lay_out(label, title)
        self.setFocusProxy(self.text)
        self.leave_room(above=False)
        self._warning.hide()
        self._again.hide()
        self.show_work(0, 0, "")

    def _lay_out(self, label: str, title: str) -> None:
        back = QPushButton(f"‹ {tr('Conversation')}")
        back.setObjectName("flat")
        back.clicked.connect(self.left)
        above = QHBoxLayout()
        above.addWidget(back)
        above.addStretch(1)
        above.addLayout(self.offers)
        name = ElidedLabel(title)
        name.setObjectName("question")
        work = QHBoxLayout()
        work.setSpacing(12)
        work.addWidget(self._count, 1)
        work.addWidget(self._cancel)
        inner = QWidget()
        inner.setMaximumWidth(_WIDTH)
        head = QWidget()
        head.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        lines = QVBoxLayout(head)
        lines.setContentsMargins(34, 0, 34, 0)
        lines.setSpacing(6)
        lines.addWidget(PlainLabel(label, "label"))
        for widget in (name, self._about, self._warning, self._again, self._bar):
            lines.addWidget(widget)
        lines.setAlignment(self._again, Qt.AlignmentFlag.AlignLeft)
        lines.addLayout(work)
        self._column = QVBoxLayout(inner)
        self._column.setSpacing(10)
        self._column.addLayout(above)
        self._column.addWidget(head)
        self._column.addWidget(self.text, 1)
        centred = QHBoxLayout(self)
        centred.setContentsMargins(0, 0, 0, 0)
        centred.addStretch(0)
        centred.addWidget(inner, 1)
        centred.addStretch(0)

    def leave_room(self, *, above: bool) -> None:
        """Leave the place above the page to a button, or not."""
        self._column.setContentsMargins(16, 48 if above else 14, 16, 16)

    def say(self, text: str) -> None:
        """Say what the page is about, in a dim line."""
        self._about.setText(text)

    def show_work(self, done: int, total: int, said: str) -> None:
        """Show how far it is; of 0 as long as that is not known."""
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._count.setText(said)
        for widget in (self._bar, self._count, self._cancel):
            widget.show()

    def end_work(self, said: str = "") -> None:
        """Show that nothing is worked on, and maybe what came of it."""
        self._count.setText(said)
        self._count.setVisible(bool(said))
        self._bar.hide()
        self._cancel.hide()

    def fail(self, title: str, detail: str, *, again: bool = True) -> None:
        """Say what went wrong, and offer to try it again."""
        self.end_work()
        self._warning.setText(translated(f"{title} {detail}".strip()))
        self._warning.show()
        self._again.setVisible(again)

    def _on_again(self) -> None:
        self._warning.hide()
        self._again.hide()
        self.retried.emit()
