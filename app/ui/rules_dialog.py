"""What is left out of the library, as its owner chooses it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.ui.elided_label import one_line
from app.ui.plain_label import PlainLabel
from app.ui.texts import tr
from indexer.folders.ignoring import is_pattern

_MOST_MEGABYTES = 1_000_000


class RulesDialog(QDialog):
    """Shows the rules and takes others.

    Signals:
        chosen(list[str], bool, int): patterns, whether .gitignore files count, and megabytes.
    """

    chosen = Signal(object, bool, int)

    def __init__(
        self,
        patterns: Sequence[str],
        gitignore: bool,
        most_megabytes: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("What is left out"))
        self.resize(480, 360)
        head = QLabel(tr("Patterns as in a .gitignore file, or whole paths, one a line:"))
        head.setWordWrap(True)
        self._patterns = QPlainTextEdit("\n".join(patterns))
        self._patterns.setAccessibleName(head.text())
        self._patterns.setPlaceholderText("*.bak\nold drafts/")
        self._patterns.setTabChangesFocus(True)
        self._wrong = PlainLabel("", "warning")
        self._wrong.hide()
        self._gitignore = QCheckBox(tr("What the .gitignore files of repositories name"))
        self._gitignore.setChecked(gitignore)
        self._megabytes = QSpinBox()
        self._megabytes.setRange(1, _MOST_MEGABYTES)
        self._megabytes.setSuffix(" MB")
        self._megabytes.setValue(most_megabytes)
        size = QLabel(tr("Files larger than"))
        size.setBuddy(self._megabytes)
        row = QHBoxLayout()
        row.addWidget(size)
        row.addWidget(self._megabytes)
        row.addStretch(1)
        always = QLabel(
            tr("Hidden files, files of the system and folders that programs fill always are.")
        )
        always.setObjectName("dim")
        always.setWordWrap(True)
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Cancel)
        buttons.addButton(tr("Leave out"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (head, self._patterns, self._wrong, self._gitignore):
            column.addWidget(widget)
        column.addLayout(row)
        column.addWidget(always)
        column.addWidget(buttons)

    def _on_accepted(self) -> None:
        lines = [line for line in self._patterns.toPlainText().splitlines() if line.strip()]
        for line in lines:
            if not is_pattern(line):
                self._wrong.setText(tr("This is no pattern: {line}", line=one_line(line)))
                self._wrong.show()
                return
        self.chosen.emit(lines, self._gitignore.isChecked(), self._megabytes.value())
        self.accept()
