"""How well search finds, over time: the figure of today, a chart, and a table of the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.messages.quality import Measuring, Quality
from app.ui.plain_label import PlainLabel
from app.ui.quality_chart import QualityChart
from app.ui.quality_texts import changes, day, explanation, percent, summary, warning
from app.ui.texts import tr
from app.ui.theme import Tokens
from indexer.storage.quality import Measured

_Index = QModelIndex | QPersistentModelIndex


class MeasurementsModel(QAbstractTableModel):
    """Measurements as rows, the latest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history: Sequence[Measured] = ()
        self._columns = (
            tr("Measured"),
            tr("Found"),
            tr("Without lessons"),
            tr("By words alone"),
            tr("What changed"),
        )

    def show_history(self, history: Sequence[Measured]) -> None:
        """Show other measurements."""
        self.beginResetModel()
        self._history = history
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Return how many measurements there are."""
        return 0 if parent.isValid() else len(self._history)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Return how many things are said of each."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return what a column is called."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, and the last one's as a tooltip since it may be long."""
        is_last = index.column() == len(self._columns) - 1
        if role == Qt.ItemDataRole.DisplayRole or (role == Qt.ItemDataRole.ToolTipRole and is_last):
            return self._cell(index.row(), index.column())
        return None

    def _cell(self, row: int, column: int) -> str:
        now = self._history[row]
        if column == 0:
            return day(now, exactly=True)
        figures = (now.five, now.five_untaught, now.five_by_words)
        if column <= len(figures):
            return percent(figures[column - 1], now.questions)
        before = self._history[row + 1] if row + 1 < len(self._history) else None
        worse = [tr("worse than before")] if now.change.is_worse else []
        return tr(", ").join([*worse, *changes(before, now)])


class QualityDialog(QDialog):
    """Shows what was measured, and has it measured anew.

    Signals:
        measure_asked(): the owner wants it to be measured now.
        stop_asked(): ... no longer.
    """

    measure_asked = Signal()
    stop_asked = Signal()

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("How well search finds"))
        self.resize(860, 640)
        self._summary = PlainLabel("", "question")
        self._explanation = PlainLabel("", "dim")
        self._warning = PlainLabel("", "warning", selectable=True)
        self._chart = QualityChart(tokens)
        self.model = MeasurementsModel(self)
        self._table = _table_of(self.model)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Questions that were asked"))
        self._count = QLabel()
        self._count.setObjectName("dim")
        self._measure = QPushButton()
        self._measure.clicked.connect(self._on_measure)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.close)
        below = QHBoxLayout()
        below.addWidget(self._bar, 1)
        below.addWidget(self._count)
        below.addStretch(0)
        below.addWidget(self._measure)
        below.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        for label in (self._summary, self._explanation, self._warning):
            column.addWidget(label)
        column.addWidget(self._chart, 3)
        column.addWidget(self._table, 2)
        column.addStretch(0)
        column.addLayout(below)
        self._is_measuring = False
        self._show_measuring(False)
        self.take(Quality("", ()))

    def take(self, message: Quality) -> None:
        """Show what was measured; nothing is measured any more."""
        history = message.history
        self._summary.setText(summary(history))
        self._explanation.setText(explanation(history))
        said = warning(history)
        self._warning.setText(said)
        self._warning.setVisible(bool(said))
        self._chart.show_history(history)
        self._chart.setAccessibleDescription(summary(history))
        self.model.show_history(history)
        for part in (self._chart, self._table):
            part.setVisible(bool(history))
        if message.id:
            self.end()

    def show_progress(self, message: Measuring) -> None:
        """Show how far it is."""
        self._show_measuring(True)
        self._bar.setRange(0, message.total)
        self._bar.setValue(message.done)
        if message.total:
            self._count.setText(
                tr("{done} of {total} questions", done=message.done, total=message.total)
            )

    def end(self) -> None:
        """Show that nothing is measured any more."""
        self._show_measuring(False)

    def _on_measure(self) -> None:
        if self._is_measuring:
            self.stop_asked.emit()
            return
        self._show_measuring(True)
        self._bar.setRange(0, 0)
        self._count.setText("")
        self.measure_asked.emit()

    def _show_measuring(self, measuring: bool) -> None:
        self._is_measuring = measuring
        self._bar.setVisible(measuring)
        self._count.setVisible(measuring)
        self._measure.setText(tr("Stop") if measuring else tr("Measure now"))


def _table_of(model: MeasurementsModel) -> QTableView:
    view = QTableView()
    view.setModel(model)
    view.setAccessibleName(tr("How well search found, over time"))
    view.setShowGrid(False)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setTabKeyNavigation(False)
    view.setWordWrap(False)
    view.verticalHeader().hide()
    header = view.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setResizeContentsPrecision(50)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setStretchLastSection(True)
    return view
