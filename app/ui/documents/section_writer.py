"""Has the language model write about the sections of a document, one after the other."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.llm.speeds import known
from app.messages.documents import SectionTask
from app.messages.general import Failed
from app.messages.llm import Generated, Reading, Token
from app.paths import Profile
from app.ui.workers.documents import DocumentClient
from app.ui.workers.index import IndexClient
from app.ui.workers.llm import LlmClient

# Beside it, indexing would take half of its speed.
_PAUSE = "a summary is being written"
_WRITTEN_TOKENS = 80  # of a section, about


class SectionWriter(QObject):
    """Asks for what is to be written, hands it to the model, and has the worker keep it.

    Signals:
        progressed(int, int, object): so many sections of so many are written, and how many seconds
            the others will take, or None as long as that is not known.
        ended(): all is written, or it was stopped.
        failed(str, str): it cannot go on: a title and a detail.
    """

    progressed = Signal(int, int, object)
    ended = Signal()
    failed = Signal(str, str)

    def __init__(
        self,
        client: DocumentClient,
        index: IndexClient,
        llm: LlmClient,
        profile: Profile,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._client, self._index, self._llm, self._profile = client, index, llm, profile
        self._id = ""  # of the summary
        self._left: list[int] = []  # tokens of each section, 0 where nothing is to be written
        self._number = 0
        self._request = ""
        self._began = 0.0
        self._done_tokens = 0
        llm.said.connect(self._on_said)
        llm.failed.connect(self._on_failed)
        llm.gone.connect(self._on_gone)

    def open(self, id_: str, left: Sequence[int]) -> None:
        """Take a summary, of whose sections some are to be written."""
        self.stop()
        self._id, self._left = id_, list(left)

    @property
    def is_writing(self) -> bool:
        """Whether the model is at it."""
        return self._began > 0

    @property
    def waiting(self) -> int:
        """How many sections are still to be written."""
        return sum(tokens > 0 for tokens in self._left)

    def seconds_left(self) -> float | None:
        """Return how long the rest will take: as fast as until now, or as the model was before."""
        tokens = sum(self._left)
        if self._began and self._done_tokens:
            return (time.monotonic() - self._began) / self._done_tokens * tokens
        speeds = known(self._profile).models.get(self._llm.model.stem)
        if speeds is None or not (speeds[1].reading and speeds[1].writing):
            return None
        return tokens / speeds[1].reading + self.waiting * _WRITTEN_TOKENS / speeds[1].writing

    def start(self) -> None:
        """Write what is not written."""
        if self.is_writing or not self.waiting:
            return
        self._began, self._done_tokens = time.monotonic(), 0
        self._index.pause(_PAUSE, paused=True)
        self._next()

    def stop(self) -> None:
        """Write no more; what was written is kept."""
        if self.is_writing:
            if self._request:
                self._llm.cancel(self._request)
            self._end()
            self.ended.emit()

    def take(self, message: SectionTask) -> None:
        """Have the model write what was asked for."""
        # Stopped and begun again, it has asked for the same section twice.
        awaited = self.is_writing and not self._request
        if awaited and message.id == self._id and message.number == self._number:
            self._request = message.request.id
            self._llm.generate(message.request)

    def _next(self) -> None:
        self._request = ""
        self.progressed.emit(len(self._left) - self.waiting, len(self._left), self.seconds_left())
        if not self.waiting:
            self._end()
            self.ended.emit()
            return
        self._number = next(n for n, tokens in enumerate(self._left) if tokens)
        self._client.ask_section(self._id, self._number)

    def _end(self) -> None:
        self._began, self._request = 0.0, ""
        self._index.pause(_PAUSE, paused=False)

    def _on_said(self, message: Reading | Token | Generated) -> None:
        if not isinstance(message, Generated) or not self._request or message.id != self._request:
            return
        if message.stopped == "cancelled":
            self._end()
            self.ended.emit()
            return
        self._done_tokens += self._left[self._number]
        self._left[self._number] = 0
        if message.text.strip():
            self._client.keep_section(self._id, self._number, message.text)
        self._next()

    def _on_failed(self, message: Failed) -> None:
        # A model that cannot be loaded answers nothing at all.
        if self._request and message.id in (self._request, ""):
            self._end()
            self.failed.emit(message.title, message.detail)

    def _on_gone(self) -> None:
        if self._request:
            self._end()
            self.failed.emit("The model stopped working.", "What it has written is kept.")
