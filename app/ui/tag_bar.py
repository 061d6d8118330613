"""One file's tags, small and quiet below the list of files, with what is suggested for it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QWidget

from app.messages.tags import Suggested, Tags
from app.ui.desktop import show_folder
from app.ui.elided_label import one_line, plain_tip
from app.ui.texts import tr

_BUTTON_WIDTH = 150  # pixels of a suggestion's text


class _Line(QLineEdit):
    """A line in a dialog whose Enter presses none of the dialog's buttons."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Finish the line by Enter."""
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()


class TagBar(QWidget):
    """Shows the tags of a file to be edited, and takes a suggestion with one click.

    Signals:
        asked(Path): Tags of this file are wanted.
        changed(Path, list[str]): the file is to have these tags.
    """

    asked = Signal(object)
    changed = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._tags: tuple[str, ...] = ()
        self._line = _Line()
        self._line.setPlaceholderText(tr("Tags, with commas between them"))
        self._line.setAccessibleName(tr("Tags of this file"))
        self._line.editingFinished.connect(self._on_edited)
        self._suggested = QHBoxLayout()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._line, 1)
        row.addLayout(self._suggested)
        self.hide()

    def show_file(self, path: Path | None) -> None:
        """Ask for the tags of another file; None: there is no one file."""
        self._path, self._tags = path, ()
        self._show(())
        self._line.setEnabled(False)
        self.setVisible(path is not None)
        if path is not None:
            self.asked.emit(path)

    def take(self, message: Tags) -> None:
        """Show what has come, if it is of the file that is shown."""
        if message.path == self._path:
            self._tags = message.tags
            self._line.setEnabled(True)
            self._show(message.suggestions)

    def _show(self, suggestions: tuple[Suggested, ...]) -> None:
        with QSignalBlocker(self._line):
            self._line.setText(", ".join(map(one_line, self._tags)))
        while (item := self._suggested.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for each in suggestions:
            self._suggested.addWidget(self._button(each))

    def _button(self, each: Suggested) -> QPushButton:
        name = one_line(Path(each.label).name if each.is_folder else each.label)
        text = tr("Like {folder}", folder=name) if each.is_folder else f"+ {name}"
        button = QPushButton()
        button.setObjectName("flat")
        button.setAutoDefault(False)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        fitting = QFontMetrics(button.font()).elidedText(
            text, Qt.TextElideMode.ElideRight, _BUTTON_WIDTH
        )
        button.setText(fitting.replace("&", "&&"))
        button.setAccessibleName(text)
        words = tr("Suggested for these words: {words}", words=", ".join(each.words))
        more = f"\n{each.label}\n{tr('Shows the folder; nothing is moved.')}"
        tip = words + (more if each.is_folder else "")
        button.setToolTip(plain_tip(tip).replace("\n", "<br>"))
        if each.is_folder:
            button.clicked.connect(lambda: show_folder(Path(each.label)))
        else:
            button.clicked.connect(lambda: self._change((*self._tags, each.label)))
        return button

    def _on_edited(self) -> None:
        typed = [part.strip() for part in self._line.text().split(",")]
        tags = tuple(part for part in typed if part)
        if tags != tuple(map(one_line, self._tags)):
            self._change(tags)

    def _change(self, tags: tuple[str, ...]) -> None:
        if self._path is not None:
            self.changed.emit(self._path, list(tags))
