"""OCR as the engine does it: the pages that wait, one at a time, each saved when it is read."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from indexer.errors import IndexerError
from indexer.reading.messages import PageRead, ReadDone, ReaderDied, ReadFailed
from indexer.reading.pool import ReaderPool
from indexer.storage.store import Store
from indexer.storage.unread import WaitingPage
from indexer.text.chunker import Chunker, TokenCounter
from indexer.types import UNLOCKABLE, Page

log = logging.getLogger(__name__)

_WAIT = 0.05  # seconds that a step may wait for the page that is being read


class Recognition:
    """Has the waiting pages read; nothing is lost when it ends in the middle of one."""

    def __init__(
        self,
        store: Store,
        pool: ReaderPool,
        tokens: TokenCounter,
        password_of: Callable[[Path], str | None],
        forget_password: Callable[[Path], None],
    ) -> None:
        """Start nothing; `password_of` is asked for the password of each file.

        `forget_password` is told of one that is wrong, or missing.
        """
        self._password_of = password_of
        self._forget_password = forget_password
        self._store = store
        self._pool = pool
        self._tokens = tokens
        self._present: WaitingPage | None = None
        self._page = Page("")
        self._left_out: set[int] = set()  # contents whose file is not to be had
        self._broken = False

    @property
    def busy(self) -> bool:
        """Whether a page is being read."""
        return self._present is not None

    def hold(self) -> None:
        """Stop the process where it is."""
        self._pool.suspend()

    def go_on(self) -> None:
        """Let the process go on."""
        self._pool.resume()

    def close(self) -> None:
        """End the process, until the next step; the page that it was reading still waits."""
        self._pool.close()
        self._present = None

    def step(self) -> list[int] | None:
        """Begin a page or take what was read; return the changed files, None if all is done."""
        waiting = self._present or self._store.unread.next(self._left_out)
        if waiting is None or self._broken:
            return None
        try:
            if self._present is None:
                password = self._password_of(waiting.path)
                self._pool.submit(
                    waiting.id, waiting.path, waiting.number, waiting.member, password
                )
                self._present, self._page = waiting, Page("", waiting.number)
            events = self._pool.poll(_WAIT)
        except IndexerError:
            # Without OCR everything else goes on; the pages wait for a better installation.
            log.warning("OCR does not start")
            self._broken, self._present = True, None
            return None
        changed: list[int] = []
        for event in events:
            match event:
                case PageRead(page=page):
                    self._page = page
                case ReadDone():
                    changed += self._save(waiting)
                case ReadFailed(detail=detail) if detail == UNLOCKABLE:
                    changed += self._lock(waiting, f"{event.title} {detail}")
                case ReadFailed() | ReaderDied():
                    changed += self._fail(waiting)
        return changed

    def _save(self, waiting: WaitingPage) -> list[int]:
        self._present = None
        chunks = Chunker(self._tokens).chunk(self._page)
        with self._store.transaction():
            if not self._store.unread.fill(waiting, self._page, chunks):
                return []
            return self._store.unread.settle(waiting.content)

    def _lock(self, waiting: WaitingPage, reason: str) -> list[int]:
        """Ask for the password of a file, which was given to an earlier run."""
        self._present = None
        self._forget_password(waiting.path)
        with self._store.transaction():
            self._store.unread.lock(waiting.content, reason)
            return self._store.unread.settle(waiting.content)

    def _fail(self, waiting: WaitingPage) -> list[int]:
        self._present = None
        if not waiting.path.exists():
            self._left_out.add(waiting.content)
            return []
        with self._store.transaction():
            self._store.unread.fail(waiting)
            return self._store.unread.settle(waiting.content)
