"""All files of a set that answers a question, in one list: a click opens the passage of one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.ui.evidence_card import page_text
from app.ui.texts import tr
from indexer.sets.plan import Member, SetAnswer

_ROWS = 12  # shown at once; the list scrolls


class FileList(QWidget):
    """Shows the files.

    Signals:
        opened(Hit, str): the passage of a file is to be shown, with this quote marked.
    """

    opened = Signal(object, str)

    def __init__(self, found: SetAnswer) -> None:
        super().__init__()
        self._members = found.members
        self.list = QListWidget()
        self.list.setObjectName("chats")
        self.list.setUniformItemSizes(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(tr("The files that were asked for"))
        for number, member in enumerate(found.members, 1):
            self.list.addItem(_item(number, member))
        self.list.itemClicked.connect(self._open)
        self.list.itemActivated.connect(self._open)
        rows = min(len(found.members), _ROWS)
        height = self.list.sizeHintForRow(0) if found.members else 0
        self.list.setFixedHeight(rows * max(height, 1) + 2 * self.list.frameWidth() + 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)

    def _open(self, item: QListWidgetItem) -> None:
        member = self._members[self.list.row(item)]
        if member.hit is not None:
            self.opened.emit(member.hit, member.quote)


def _item(number: int, member: Member) -> QListWidgetItem:
    # Names and quotes are plain text to a list.
    parts = [f"{number}. {member.path.name}"]
    if member.hit is not None:
        parts.append(page_text(member.hit))
    if member.away:
        parts.append(tr("not there now"))
    if quote := " ".join(member.quote.split()):
        parts.append(quote)
    return QListWidgetItem(" · ".join(filter(None, parts)))
