"""The paragraphs, cells and rows of rich text as lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from indexer.readers.office.links import LinkedText
from indexer.readers.rows import Rows
from indexer.readers.sheet import Sheet

_DEEPEST = 8  # notes in notes in text boxes
_LONGEST = 500_000  # characters of one paragraph
_ENDS = frozenset({"par", "sect", "page", "column"})


@dataclass(slots=True)
class _Flow:
    """A stream of paragraphs: the document's, or that of a note beside it."""

    place: str
    text: LinkedText = field(default_factory=LinkedText)
    length: int = 0
    lines: list[str] = field(default_factory=list)  # that come after the paragraph


class Lines:
    """Takes text and the words that end it; gives a sheet."""

    def __init__(self) -> None:
        self.sheet = Sheet()
        self.styles: dict[int, int] = {}  # heading levels
        self._flows = [_Flow("")]
        self._margins: list[str] = []
        self._level = 0
        self._in_table = False
        self._cell: list[str] = []
        self._row: list[str] = []
        self._rows: Rows | None = None
        self._closed = 0  # notes that were too deep to be opened

    def write(self, text: str, address: str = "") -> None:
        """Take text, and the address behind it where it is a link."""
        flow = self._flows[-1]
        flow.text.add(text, address)
        flow.length += len(text)
        if flow.length > _LONGEST:
            self.obey("par", None)

    def open(self, place: str) -> None:
        """Begin what stands beside the text: "after" the paragraph, or in the "margin"."""
        if len(self._flows) > _DEEPEST:
            self._closed += 1
        else:
            self._flows.append(_Flow(place))

    def close(self) -> None:
        """End it."""
        if self._closed:
            self._closed -= 1
        elif len(self._flows) > 1:
            flow = self._flows.pop()
            lines = [line for line in (*flow.lines, _text(flow)) if line]
            if flow.place == "margin":
                self._margins += [line for line in lines if line not in self._margins]
            else:
                self._flows[-1].lines += lines

    def obey(self, name: str, number: int | None) -> bool:
        """Obey a word about paragraphs and tables; tell whether it ended a paragraph."""
        if name == "pard":
            self._level, self._in_table = 0, False
        elif name == "intbl":
            self._in_table = True
        elif name == "s" and number is not None:
            self._level = self.styles.get(number, 0)
        elif name == "outlinelevel" and number is not None and 0 <= number < 9:
            self._level = number + 1
        elif name in _ENDS:
            self._paragraph()
            return True
        elif name == "cell" and len(self._flows) == 1:
            flow = self._flows[0]
            self._row.append(" ".join(" ".join([*self._cell, _text(flow)]).split()))
            self._cell = []
        elif name == "row":
            self._end_row()
            return True
        return False

    def end(self) -> None:
        """Take what stands behind the last paragraph's end, and the margins."""
        while len(self._flows) > 1:
            self.close()
        self._in_table = False
        self._paragraph()
        for line in self._margins:
            self.sheet.add(line)

    def _paragraph(self) -> None:
        flow = self._flows[-1]
        is_heading = self._level > 0 and len(self._flows) == 1 and not self._in_table
        line = _text(flow, is_heading=is_heading)
        if len(self._flows) > 1:
            flow.lines += [line] if line else []
        elif self._in_table:
            self._cell += [line] if line else []
        else:
            self._end_row()
            self._rows = None
            if line:
                self.sheet.add(" ".join(line.split()) if self._level else line, self._level)
            self._after(flow)

    def _end_row(self) -> None:
        if self._cell:
            self._row.append(" ".join(" ".join(self._cell).split()))
        if any(self._row):
            self._rows = self._rows or Rows(self.sheet.add, columns=3, between=" | ")
            self._rows.add(enumerate(self._row))
            self._after(self._flows[0])
        self._cell, self._row = [], []

    def _after(self, flow: _Flow) -> None:
        for line in flow.lines:
            self.sheet.add(line)
        flow.lines = []


def _text(flow: _Flow, *, is_heading: bool = False) -> str:
    text = (flow.text.plain() if is_heading else flow.text.whole()).strip()
    flow.text, flow.length = LinkedText(), 0
    return text
