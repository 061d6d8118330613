"""The pages that could not be read, and those among them that wait for OCR.

A page that waits has its place among the pages of its content: filling it changes no offset and no
number of another page.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import apsw

from indexer.storage import fulltext
from indexer.storage.contents import Contents
from indexer.storage.database import id_list
from indexer.storage.ledger import WAITS, pages_waiting, path_of, under
from indexer.storage.naming import Naming
from indexer.text.titles import own_title
from indexer.types import UNLOCKABLE, Chunk, DocumentInfo, Page, State, UnreadPage

NOTHING_FOUND = "No text was found in it."
_NOT_RECOGNISED = "The text of this picture could not be recognised."

_MOST_NUMBERS = 10


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A page that OCR is to read."""

    id: int
    content: int
    page: int  # the row of its empty page
    path: Path  # a file that holds it
    number: int | None
    member: tuple[int, ...]  # of the file, whose page it is


class UnreadPages:
    """The table of unread pages, over the connection of the one writer."""

    def __init__(self, db: apsw.Connection, contents: Contents, naming: Naming) -> None:
        self._db = db
        self._contents = contents
        self._naming = naming

    def count_waiting(self) -> int:
        """Return how many pages wait for OCR."""
        return pages_waiting(self._db)

    def next(self, without: Collection[int]) -> WaitingPage | None:
        """Return the next page whose file is as it was read; `without` are contents to leave out.

        Documents come before single pictures, of which a folder may hold ten thousand.
        """
        rows: list[Any] = self._db.execute(
            f"""SELECT unread_pages.id, unread_pages.content_id, page_id, number, member,
                       files.path, size, mtime_ns
                FROM unread_pages
                JOIN contents ON contents.id = unread_pages.content_id
                JOIN files ON files.content_id = contents.id
                WHERE {WAITS} AND unread_pages.content_id NOT IN ({id_list(without)})
                ORDER BY failures, contents.pages IS NULL, unread_pages.id LIMIT 20"""
        ).fetchall()
        for id_, content, page, number, member, raw, size, mtime_ns in rows:
            try:
                status = os.stat(raw)  # noqa: PTH116 (the path is bytes)
            except OSError:
                continue
            if (status.st_size, status.st_mtime_ns) == (size, mtime_ns):
                way = tuple(json.loads(member))
                return WaitingPage(id_, content, page, path_of(raw), number, way)
        return None

    def fill(self, waiting: WaitingPage, page: Page, chunks: Sequence[Chunk]) -> bool:
        """Save what OCR read of a page, with its words; False if its content is gone meanwhile.

        Call inside a transaction, and `settle` after it.
        """
        row: Any = self._db.execute(
            "SELECT titles, name_words, own_title FROM contents WHERE id = "
            "(SELECT content_id FROM unread_pages WHERE id = ?)",
            (waiting.id,),
        ).fetchone()
        if row is None:
            return False
        titles, names, own = row
        self._db.execute("DELETE FROM unread_pages WHERE id = ?", (waiting.id,))
        self._replace_text(waiting, names, page.text)
        if not own and not waiting.member and not self._has_chunks(waiting.content):
            # What it calls itself stands in it; by that it is found where a scanner named it.
            titles = self._call_itself(waiting.content, own_title(DocumentInfo(""), page.text))
        self._db.executemany(
            "INSERT INTO page_lines (page_id, start, end, left, top, right, bottom) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((waiting.page, *astuple(line)) for line in page.lines),
        )
        self._db.execute(
            "UPDATE contents SET language = NULL WHERE id = ? AND language = ''", (waiting.content,)
        )
        for chunk in chunks:
            self._contents.save_chunk(waiting.content, waiting.page, titles, page.text, chunk)
        return True

    def fail(self, waiting: WaitingPage) -> None:
        """Count that a page could not be recognised. Call inside a transaction, and `settle`."""
        self._db.execute(
            "UPDATE unread_pages SET failures = failures + 1 WHERE id = ?", (waiting.id,)
        )

    def lock(self, content: int, reason: str) -> None:
        """Have the pages of an encrypted file wait for its password, which `reason` asks for.

        Call inside a transaction, and `settle` after it.
        """
        self._db.execute(
            f"UPDATE unread_pages SET failures = 2, reason = ? WHERE content_id = ? AND {WAITS}",
            (reason, content),
        )

    def unlock(self, paths: Sequence[Path]) -> int:
        """Have pages of files (all, or those under `paths`) wait for OCR that wait for a password.

        Returns how many files have such pages. Call inside a transaction.
        """
        clause, values = under(paths)
        locked = "page_id IS NOT NULL AND substr(unread_pages.reason, -length(?1)) = ?1"
        contents: list[Any] = self._db.execute(
            f"""SELECT DISTINCT content_id FROM unread_pages WHERE {locked} AND content_id IN
                (SELECT content_id FROM files WHERE {clause})""",
            (UNLOCKABLE, *values),
        ).fetchall()
        files = 0
        for (content,) in contents:
            self._db.execute(
                f"UPDATE unread_pages SET failures = 0, reason = ?2 "
                f"WHERE {locked} AND content_id = ?3",
                (UNLOCKABLE, _NOT_RECOGNISED, content),
            )
            # No text came of this: vectors are not waited for, and nothing proves the password.
            self._db.execute(
                "UPDATE files SET state = ?, reason = ? "
                "WHERE content_id = ? AND state IN ('partial', 'failed')",
                (*self._settle_content(content), content),
            )
            files += self._db.changes()
        return files

    def settle(self, content: int) -> list[int]:
        """Give a content and its files the state that they have now; return the files' ids.

        Call inside a transaction.
        """
        state, reason = self._settle_content(content)
        # What is searchable by word waits for its vectors before it is final.
        self._db.execute(
            "UPDATE files SET state = ?, reason = ? WHERE content_id = ? AND state != 'waiting'",
            (State.WORDS if self._has_chunks(content) else state, reason, content),
        )
        rows = self._db.execute("SELECT id FROM files WHERE content_id = ?", (content,))
        return [row[0] for row in rows]

    def _settle_content(self, content: int) -> tuple[State, str]:
        unread: list[Any] = self._db.execute(
            f"SELECT {WAITS}, number, reason, member FROM unread_pages "
            "WHERE content_id = ? ORDER BY id",
            (content,),
        ).fetchall()
        waiting: list[UnreadPage] = []
        lost: list[UnreadPage] = []
        for waits, number, reason, member in unread:
            page = UnreadPage(number, reason, tuple(json.loads(member)))
            (waiting if waits else lost).append(page)
        state, reason = state_of(waiting, lost, has_text=self._has_chunks(content))
        self._db.execute(
            "UPDATE contents SET state = ?, reason = ? WHERE id = ?", (state, reason, content)
        )
        return state, reason

    def _has_chunks(self, content: int) -> bool:
        return bool(
            self._db.execute(
                "SELECT EXISTS (SELECT 1 FROM chunks WHERE content_id = ?)", (content,)
            ).get
        )

    def _call_itself(self, content: int, title: str) -> str:
        self._db.execute("UPDATE contents SET own_title = ? WHERE id = ?", (title, content))
        self._naming.collect(content)
        return str(self._db.execute("SELECT titles FROM contents WHERE id = ?", (content,)).get)

    def _replace_text(self, waiting: WaitingPage, names: str, text: str) -> None:
        """Fill the empty page; the beginning of the first one helps to find the document."""
        first = self._db.execute(
            "SELECT min(id) FROM pages WHERE content_id = ?", (waiting.content,)
        ).get
        if first == waiting.page:
            fulltext.take_head(self._db, waiting.content, names, "")
            fulltext.put_head(self._db, waiting.content, names, text)
        self._db.execute("UPDATE pages SET text = ? WHERE id = ?", (text, waiting.page))


def state_of(
    waiting: Sequence[UnreadPage], lost: Sequence[UnreadPage], *, has_text: bool
) -> tuple[State, str]:
    """Return the state of a document, and why, from its pages that wait for OCR or are lost."""
    reasons = []
    locked = [page for page in lost if page.reason.endswith(UNLOCKABLE)]
    lost = [page for page in lost if not page.reason.endswith(UNLOCKABLE)]
    for pages, own, inside in (
        (waiting, _waiting_reason, _waiting_inside),
        (lost, _lost_reason, _lost_inside),
    ):
        here = [page for page in pages if not page.member]
        reasons += [own(here)] if here else []
        reasons += [inside(len(pages) - len(here))] if len(pages) > len(here) else []
    if locked:
        reasons.append(_locked_reason(locked))  # the last: what its owner can do is at the end
    if not reasons:
        return (State.INDEXED, "") if has_text else (State.EMPTY, NOTHING_FOUND)
    if waiting or has_text:
        return State.PARTIAL, " ".join(reasons)
    return State.FAILED, reasons[-1 if locked else 0]


def _waiting_reason(pages: Sequence[UnreadPage]) -> str:
    shown = _numbers(pages)
    if not shown:
        return "This picture waits for text recognition."
    if len(pages) == 1:
        return f"Page {shown} waits for text recognition."
    return f"Pages {shown} wait for text recognition."


def _waiting_inside(count: int) -> str:
    if count == 1:
        return "A page or picture in it waits for text recognition."
    return f"{count} pages or pictures in it wait for text recognition."


def _lost_inside(count: int) -> str:
    if count == 1:
        return "A page or picture in it could not be recognised."
    return f"{count} pages or pictures in it could not be recognised."


def _locked_reason(pages: Sequence[UnreadPage]) -> str:
    here = [page for page in pages if not page.member]
    return _lost_reason(here) if here else f"{_lost_inside(len(pages))} {pages[0].reason}"


def _lost_reason(pages: Sequence[UnreadPage]) -> str:
    numbered = [page for page in pages if page.number is not None]
    if not numbered:
        return pages[0].reason
    shown = _numbers(numbered)
    # Of what has no number, the last is about the rest of the document.
    others = [page.reason for page in pages if page.number is None][-1:]
    reason = " ".join([numbered[0].reason, *others])
    if len(numbered) == 1:
        return f"Page {shown} could not be read: {reason}"
    return f"Pages {shown} could not be read: {reason}"


def _numbers(pages: Sequence[UnreadPage]) -> str:
    numbers = [str(page.number) for page in pages if page.number is not None]
    return ", ".join(numbers[:_MOST_NUMBERS]) + (", …" if len(numbers) > _MOST_NUMBERS else "")
