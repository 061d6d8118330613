"""The document at the right: the page of a citation with the passage marked."""

from __future__ import annotations

import base64
import zlib
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import (
    QColor,
    QImage,
    QPainter,
    QPainterPath,
    QPixmap,
    QTextCursor,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.messages.general import Failed
from app.messages.index import Folders, PageText
from app.messages.viewer import PageBox, PageRendered
from app.opening import is_shown_by_name
from app.ui.desktop import open_file, show_in_folder
from app.ui.document_foot import DocumentFoot
from app.ui.elided_label import ElidedLabel
from app.ui.page_source import PageSource
from app.ui.password_dialog import PasswordDialog
from app.ui.tame import cut_long_lines
from app.ui.texts import tr, translated
from app.ui.theme import DOCUMENT_WIDTH, LIGHT, Tokens
from app.ui.workers.index import IndexClient
from app.ui.workers.viewer import ViewerClient
from indexer.types import Hit

_PICTURES = frozenset({".png", ".jpg", ".jpe", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".gif"})
_RENDER_MS = 15_000
_PICTURE = "picture"  # what is awaited while a page is drawn


class DocumentView(QWidget):
    """Shows one page.

    Signals:
        closed(): the owner does not want to see it any more.
        asked_only(Path): the owner wants to ask about this document alone.
        summarised(Path): ... to see in short what it says.
        compared(Path): ... to see how it differs from another.
    """

    closed = Signal()
    asked_only = Signal(object)
    summarised = Signal(object)
    compared = Signal(object)

    def __init__(self, index: IndexClient, viewer: ViewerClient, tokens: Tokens) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(DOCUMENT_WIDTH)
        self._index = index
        self._source = PageSource(index, viewer, self)
        self._tokens = tokens
        self._hit: Hit | None = None
        self._folders: tuple[Path, ...] = ()  # of the library
        self._page = 1
        self._pages = 1
        self._quote = ""
        self._waiting = ""  # the id of the page that is awaited
        self._places = ""  # the id under which the places of its lines will come
        self._image = QImage()  # the page without marks
        self._boxes: tuple[PageBox, ...] = ()
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(_RENDER_MS)
        self._late.timeout.connect(self._on_late)
        self._build()
        index.folders.connect(self._on_folders)
        index.page_text.connect(self._on_page_text)
        self._source.rendered.connect(self._on_rendered)
        self._source.failed.connect(self._on_failed)
        self._source.locked.connect(self._on_locked)
        viewer.gone.connect(self._on_late)

    def show_hit(self, hit: Hit, quote: str) -> None:
        """Show the page of a passage with the quote marked."""
        self._hit, self._quote = hit, quote
        self._page, self._pages = hit.page or 1, hit.pages or 1
        self._name.set_full(hit.path.name)
        self._foot.open.setVisible(is_shown_by_name(hit.path))
        self._show_page()
        self.show()

    def _build(self) -> None:
        self._name = ElidedLabel("")
        self._previous = QPushButton("‹")
        self._next = QPushButton("›")
        self._place = QLabel()
        self._place.setObjectName("dim")
        self._place.setTextFormat(Qt.TextFormat.PlainText)  # the label of a page is its author's
        close = QPushButton("×")
        close.setAccessibleName(tr("Close the document"))
        close.setToolTip(tr("Close the document"))
        close.clicked.connect(self.closed)
        self._previous.setAccessibleName(tr("Previous page"))
        self._next.setAccessibleName(tr("Next page"))
        self._previous.clicked.connect(lambda: self._turn(-1))
        self._next.clicked.connect(lambda: self._turn(1))
        head = QHBoxLayout()
        head.addWidget(self._name, 1)
        for widget in (self._previous, self._place, self._next, close):
            if isinstance(widget, QPushButton):
                widget.setFixedWidth(28)
                widget.setStyleSheet("padding: 4px 0")
            head.addWidget(widget)
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignTop)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(self._picture)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll = scroll
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setObjectName("page")
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._sentence.setObjectName("dim")
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._stack = QStackedWidget()
        for page in (scroll, self._text, self._sentence):
            self._stack.addWidget(page)
        self._foot = DocumentFoot()
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._stack, 1)
        column.addWidget(self._foot)
        self._foot.opened.connect(self._on_open)
        self._foot.unlock_asked.connect(self._on_unlock)
        self._foot.showing.connect(self._on_show)
        for signal, ours in (
            (self._foot.asked_only, self.asked_only),
            (self._foot.summarised, self.summarised),
            (self._foot.compared, self.compared),
        ):
            signal.connect(partial(self._pass_on, ours))

    def _show_page(self) -> None:
        hit = self._hit
        assert hit is not None
        self._place.setText(f"{self._page} / {self._pages}" if hit.page is not None else "")
        self._foot.unlock.hide()
        suffix = hit.path.suffix.lower()
        drawn = suffix in _PICTURES or (suffix == ".pdf" and hit.page is not None)
        for button, step in ((self._previous, -1), (self._next, 1)):
            button.setVisible(drawn and hit.page is not None)
            button.setEnabled(1 <= self._page + step <= self._pages)
        if not hit.path.exists():
            self._say(tr("This file is not there any more. What was read of it:"), hit.text)
        elif drawn:
            width = round((DOCUMENT_WIDTH - 36) * self.devicePixelRatioF())
            is_cited = self._page == (hit.page or 1)
            self._image, self._boxes = QImage(), ()
            # A page that OCR has read holds no text that the viewer could find.
            self._places = self._index.get_page(hit.chunk) if is_cited else ""
            quote = self._quote if is_cited else ""
            self._waiting = _PICTURE
            self._source.render(hit.path, self._page, width, quote)
            self._late.start()
        else:
            self._waiting = self._index.get_page(hit.chunk)

    def _turn(self, step: int) -> None:
        self._page += step
        self._show_page()

    def _on_rendered(self, message: PageRendered) -> None:
        if self._waiting != _PICTURE:
            return
        self._late.stop()
        if message.label and message.label != str(self._page):
            self._place.setText(f"{message.label} ({self._page} / {self._pages})")
        pixels = zlib.decompress(base64.b64decode(message.pixels))
        self._image = QImage(
            pixels, message.width, message.height, message.stride, QImage.Format.Format_RGB32
        ).copy()
        self._boxes = message.boxes or self._boxes
        self._show_image()

    def _show_image(self) -> None:
        image = self._image.copy()
        mark_boxes(image, self._boxes)
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        self._picture.setPixmap(pixmap)
        self._stack.setCurrentWidget(self._scroll)
        if self._boxes:
            at = min(box.top for box in self._boxes) * pixmap.deviceIndependentSize().height()
            QTimer.singleShot(0, lambda: self._scroll.ensureVisible(0, round(at), 0, 120))

    def _on_places(self, hit: Hit, message: PageText) -> None:
        """Mark the lines of the quote on a page that OCR has read."""
        start, end = _find_quote(message.text, self._quote, hit)
        self._boxes = self._boxes or tuple(
            PageBox(line.left, line.top, line.right, line.bottom)
            for line in message.lines
            if line.start < end and line.end > start
        )
        if self._boxes and not self._image.isNull():
            self._show_image()

    def _on_page_text(self, message: PageText) -> None:
        hit = self._hit
        if hit is not None and message.id == self._places:
            self._on_places(hit, message)
            return
        if hit is None or message.id != self._waiting:
            return
        if not message.text:
            self._say(tr("This passage is not in the library any more."), "")
            return
        text, places = cut_long_lines(message.text, *_find_quote(message.text, self._quote, hit))
        self._text.setPlainText(text)
        # Qt counts UTF-16 units, Python code points.
        start, end = (_utf16(text[:place]) for place in places)
        cursor = self._text.textCursor()
        cursor.setPosition(start)
        self._text.setTextCursor(cursor)
        self._text.centerCursor()
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        mark = QTextEdit.ExtraSelection()
        mark.cursor = cursor
        mark.format.setBackground(QColor(self._tokens.mark))
        self._text.setExtraSelections([mark])
        self._stack.setCurrentWidget(self._text)

    def _on_failed(self, message: Failed) -> None:
        if self._waiting == _PICTURE:
            self._late.stop()
            self._say(
                translated(f"{message.title} {message.detail}".strip()),
                self._hit_text(),
            )

    def _on_locked(self, tried: bool) -> None:
        """Say that a page needs a password, or that this was not it."""
        if self._waiting == _PICTURE:
            self._late.stop()
            wrong = translated("This password does not open the file.")
            needed = tr("This page is shown by the file's password. What was read of it:")
            self._say(wrong if tried else needed, self._hit_text())
            self._foot.unlock.show()

    def _on_unlock(self) -> None:
        if self._hit is not None:
            dialog = PasswordDialog(self._hit.path, self)
            dialog.given.connect(self._on_given)
            dialog.open()

    def _on_given(self, path: Path, password: str, keep: bool) -> None:
        if self._hit is None or self._hit.path != path:
            return
        self._waiting = _PICTURE
        self._foot.unlock.hide()
        self._late.start()
        self._source.unlock(password, keep)

    def _on_late(self) -> None:
        """Give a page up that takes too long, or whose viewer has died."""
        if self._waiting and self._stack.currentWidget() is not self._text:
            self._late.stop()
            self._source.give_up()
            self._say(tr("This page could not be shown. What was read of it:"), self._hit_text())

    def _hit_text(self) -> str:
        return self._hit.text if self._hit and self._page == (self._hit.page or 1) else ""

    def _say(self, sentence: str, text: str) -> None:
        self._waiting = ""
        self._sentence.setText(f"{sentence}\n\n{text}".strip())
        self._stack.setCurrentWidget(self._sentence)

    def _on_folders(self, message: Folders) -> None:
        self._folders = tuple(folder.path for folder in message.folders if folder.path)

    def _on_open(self) -> None:
        if self._hit is not None:
            open_file(self._hit.path, self._folders)

    def _pass_on(self, signal: SignalInstance) -> None:
        if self._hit is not None:
            signal.emit(self._hit.path)

    def _on_show(self) -> None:
        if self._hit is not None:
            show_in_folder(self._hit.path)


def mark_boxes(image: QImage, boxes: tuple[PageBox, ...]) -> None:
    """Mark a quote on the picture of its page: what is printed stays readable."""
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
    marked = QPainterPath()
    marked.setFillRule(Qt.FillRule.WindingFill)  # the boxes of inclined lines overlap
    for box in boxes:
        width, height = image.width(), image.height()
        marked.addRect(
            box.left * width - 2,
            box.top * height - 1,
            (box.right - box.left) * width + 4,
            (box.bottom - box.top) * height + 2,
        )
    # Paper is white in the dark, too.
    painter.fillPath(marked, QColor(LIGHT.mark))
    painter.end()


def _find_quote(text: str, quote: str, hit: Hit) -> tuple[int, int]:
    """Return where a quote stands in a page's text, or else its passage."""
    at = text.find(quote, hit.start) if quote else -1
    return (at, at + len(quote)) if at >= 0 else (hit.start, hit.end)


def _utf16(text: str) -> int:
    return len(text) + sum(sign > "\uffff" for sign in text)
