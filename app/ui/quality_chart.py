"""A line chart of how well search found, over dates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.ui.elided_label import plain_tip
from app.ui.quality_texts import changes, day, is_notable, percent
from app.ui.texts import tr
from app.ui.theme import Tokens
from indexer.storage.quality import Measured

_ABOVE, _RIGHT, _BELOW, _LEFT = 12, 16, 28, 52  # pixels around the lines
_LEGEND = 24  # ... and of the row above them
_NEAR = 12.0  # pixels from a point within which it is meant
_MOST_DOTS = 60  # of more points only the lines are drawn
_STEPS = (5, 10, 20)  # percent between two lines of the grid
_MOST_STEPS = 5


@dataclass(frozen=True, slots=True)
class _Line:
    """One way to search: what it is called, how many questions it answered, and its pen."""

    name: str
    five: Callable[[Measured], int]
    pen: QPen


class QualityChart(QWidget):
    """Draws measurements; each has its figures, and what changed before it, as a tooltip."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens
        self._history: Sequence[Measured] = ()  # the first first
        self._times: list[int] = []
        self._low, self._step = 0, 20
        self._lines = (
            _Line(tr("Found"), lambda each: each.five, _pen(tokens.accent, 2)),
            _Line(
                tr("Without lessons"),
                lambda each: each.five_untaught,
                _pen(tokens.warning, 1.5, Qt.PenStyle.DashLine),
            ),
            _Line(
                tr("By words alone"),
                lambda each: each.five_by_words,
                _pen(tokens.dim, 1.5, Qt.PenStyle.DotLine),
            ),
        )
        self.setMouseTracking(True)
        self.setAccessibleName(tr("How well search found, over time; the table has the figures"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a size in which a year can be told from another."""
        return QSize(640, 240)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the least in which the legend has room."""
        return QSize(320, 180)

    def show_history(self, history: Sequence[Measured]) -> None:
        """Show measurements, the latest first."""
        self._history = tuple(reversed(history))
        # A clock may have been put back: no line goes back with it.
        self._times = list(accumulate((each.at_ns for each in self._history), max))
        self._low, self._step = self._scale()
        self.update()

    def tip_at(self, place: QPointF) -> str:
        """Return what is said of the measurement at a place; "" where there is none."""
        if not self._history or not self._area().adjusted(-8, -8, 8, 8).contains(place):
            return ""
        nearest = min(range(len(self._history)), key=lambda at: abs(self._x(at) - place.x()))
        if abs(self._x(nearest) - place.x()) > _NEAR:
            return ""
        now = self._history[nearest]
        before = self._history[nearest - 1] if nearest else None
        figures = [f"{line.name}: {percent(line.five(now), now.questions)}" for line in self._lines]
        worse = [tr("worse than before")] if now.change.is_worse else []
        return "\n".join([day(now, exactly=True), *figures, *worse, *changes(before, now)])

    def event(self, event: QEvent) -> bool:
        """Show a tooltip; Qt asks for it by an event of no class of its own."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            tip = plain_tip(self.tip_at(QPointF(event.pos()))).replace("\n", "<br>")
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    # --- painting ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Draw the grid, the marks of changes, the lines and what they are called."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPixelSize(12)
        painter.setFont(font)
        if not self._history:
            return
        self._draw_legend(painter)
        self._draw_grid(painter)
        self._draw_dates(painter)
        self._draw_marks(painter)
        for line in reversed(self._lines):
            self._draw_line(painter, line)

    def _draw_legend(self, painter: QPainter) -> None:
        x = float(_LEFT)
        for line in self._lines:
            painter.setPen(line.pen)
            middle = _ABOVE + _LEGEND / 2 - 8
            painter.drawLine(QPointF(x, middle), QPointF(x + 22, middle))
            painter.setPen(QColor(self._tokens.text))
            width = painter.fontMetrics().horizontalAdvance(line.name)
            place = QRectF(x + 28, middle - 10, width + 2, 20)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), line.name)
            x += 28 + width + 20

    def _draw_grid(self, painter: QPainter) -> None:
        area = self._area()
        for share in range(self._low, 101, self._step):
            y = self._y(share / 100)
            painter.setPen(QPen(QColor(self._tokens.line), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(self._tokens.dim))
            place = QRectF(0, y - 10, _LEFT - 8, 20)
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, int(flags), f"{share} %")

    def _draw_dates(self, painter: QPainter) -> None:
        """Write the first and the last date, and those between that have room."""
        painter.setPen(QColor(self._tokens.dim))
        area = self._area()
        width = painter.fontMetrics().horizontalAdvance("2000-00-00") + 12
        last = len(self._history) - 1
        written: dict[str, float] = {}
        for at in dict.fromkeys((last, *range(last))):
            left = min(max(self._x(at) - width / 2, 0), self.width() - width)
            name = day(self._history[at])
            if name in written or any(abs(left - other) < width for other in written.values()):
                continue
            written[name] = left
            place = QRectF(left, area.bottom() + 8, width, 18)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter), name)

    def _draw_marks(self, painter: QPainter) -> None:
        """Draw a line and a triangle where something notable had changed, or was lost."""
        area = self._area()
        for at in range(1, len(self._history)):
            now = self._history[at]
            worse = now.change.is_worse
            if not worse and not is_notable(self._history[at - 1], now):
                continue
            x = self._x(at)
            colour = QColor(self._tokens.warning if worse else self._tokens.dim)
            painter.setPen(QPen(QColor(self._tokens.line), 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            foot = area.bottom()
            painter.drawPolygon(
                QPolygonF([QPointF(x, foot - 7), QPointF(x - 4, foot), QPointF(x + 4, foot)])
            )
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw_line(self, painter: QPainter, line: _Line) -> None:
        points = [
            QPointF(self._x(at), self._y(line.five(each) / each.questions))
            for at, each in enumerate(self._history)
        ]
        painter.setPen(line.pen)
        painter.drawPolyline(points)
        if len(points) <= _MOST_DOTS:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(line.pen.color())
            for point in points:
                painter.drawEllipse(point, 2.5, 2.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    # --- places --------------------------------------------------------------------------------

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_LEFT, _ABOVE + _LEGEND, -_RIGHT, -_BELOW)

    def _x(self, at: int) -> float:
        area = self._area()
        times = self._times
        first, span = times[0], times[-1] - times[0]
        return area.left() + area.width() * ((times[at] - first) / span if span else 0.5)

    def _y(self, share: float) -> float:
        area = self._area()
        low = self._low / 100
        return area.bottom() - area.height() * (share - low) / (1 - low)

    def _scale(self) -> tuple[int, int]:
        """Return the percentage at the foot, and the step between two lines of the grid."""
        shares = (
            line.five(each) / each.questions for line in self._lines for each in self._history
        )
        least = min(shares, default=0.0)
        # Below the least, so that no line lies on the edge.
        feet = ((max(0, math.ceil(100 * least / step) - 1) * step, step) for step in _STEPS)
        scales = ((min(100 - step, foot), step) for foot, step in feet)
        return next(scale for scale in scales if (100 - scale[0]) / scale[1] <= _MOST_STEPS)


def _pen(colour: str, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    pen = QPen(QColor(colour), width, style)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen
