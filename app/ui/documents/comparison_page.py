"""How two documents differ: what was added, removed, changed and moved, with its pages."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal

from app.messages.documents import Changes, Compared
from app.ui.documents.report_page import ReportPage
from app.ui.documents.report_text import Marks, one_line
from app.ui.documents.summary_page import page_of
from app.ui.folder_row import count_pages
from app.ui.texts import tr
from app.ui.theme import Tokens
from indexer.documents.comparing import Change, Difference, Replacement

OLD, NEW = 0, 1


class ComparisonPage(ReportPage):
    """Shows a comparison.

    Signals:
        more_wanted(int): the changes from this one on are to be shown.
    """

    more_wanted = Signal(int)

    def __init__(self, old: Path, new: Path, tokens: Tokens) -> None:
        super().__init__(tr("COMPARISON"), f"{_name(old, new)} → {_name(new, old)}", tokens)
        self._total = 0
        self._shown = 0
        self._is_awaited = False
        self.text.end_neared.connect(self._ask_more)
        self.show_work(0, 0, tr("Reading the documents"))

    def begin(self, message: Compared) -> None:
        """Show how much differs, and ask for the first of it."""
        self._total, self._shown, self._is_awaited = message.changes, 0, False
        self.text.start_over()
        counts = (
            (message.changed, tr("{count} changed", count=f"{message.changed:,}")),
            (message.added, tr("{count} added", count=f"{message.added:,}")),
            (message.removed, tr("{count} removed", count=f"{message.removed:,}")),
            (message.moved, tr("{count} moved", count=f"{message.moved:,}")),
        )
        parts = [text for count, text in counts if count]
        parts.append(tr("{count} the same", count=f"{message.same:,}"))
        if message.values:
            parts.append(tr("other numbers or dates: {count}", count=f"{message.values:,}"))
        if message.unread:
            parts.append(count_pages(message.unread))
        self.say(" · ".join(parts))
        self.end_work("" if self._total else tr("Both say the same."))
        self._ask_more()

    def add(self, message: Changes) -> None:
        """Show the next changes."""
        if message.first != self._shown:
            return
        self._is_awaited = False
        self._shown += len(message.changes)
        cursor = self.text.at_end()
        cursor.beginEditBlock()
        for change in message.changes:
            self.text.add_label(cursor, _title(change))
            words = change.replaced
            values = change.values
            for document, sign, place, marks in (
                (OLD, "−", change.old, Marks(_olds(words), _olds(values))),
                (NEW, "+", change.new, Marks(_news(words), _news(values))),
            ):
                if place is None or (change.difference is Difference.MOVED and document == OLD):
                    continue
                self.text.add_place(cursor, document, place, sign=sign, marks=marks)
            for value in values:
                old, new = value.old or "–", value.new or "–"
                self.text.add_label(cursor, f"{one_line(old)} → {one_line(new)}", above=4)
        cursor.endEditBlock()

    def _ask_more(self) -> None:
        if self._shown < self._total and not self._is_awaited:
            self._is_awaited = True
            self.more_wanted.emit(self._shown)


def _title(change: Change) -> str:
    titles = {
        Difference.ADDED: tr("Added"),
        Difference.REMOVED: tr("Removed"),
        Difference.CHANGED: tr("Changed"),
        Difference.MOVED: tr("Moved"),
    }
    pages = [page_of(place) for place in (change.old, change.new) if place is not None]
    where = " → ".join(dict.fromkeys(filter(None, pages)))
    heading = next(
        (place.heading for place in (change.new, change.old) if place and place.heading), ""
    )
    return " · ".join(filter(None, (titles[change.difference], where, heading)))


def _olds(replaced: tuple[Replacement, ...]) -> tuple[str, ...]:
    return tuple(item.old for item in replaced)


def _news(replaced: tuple[Replacement, ...]) -> tuple[str, ...]:
    return tuple(item.new for item in replaced)


def _name(path: Path, other: Path) -> str:
    """Return a document's name, with its folder where both have the same."""
    return path.name if path.name != other.name else f"{path.parent.name}/{path.name}"
