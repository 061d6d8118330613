"""What passes between the parts of the indexer: plain frozen values, and the one protocol it needs.

Offsets count characters of a page's text, start inclusive, end exclusive. Page numbers are
1-based, and None where the format has no pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # A reader process imports this module and must start in a tenth of a second.
    import numpy as np
    from numpy.typing import NDArray


# What a reader says of an encrypted file that its owner's password opens.
UNLOCKABLE = "Enter its password, or save a copy without one."


class State(StrEnum):
    """Where a file stands; every file of the library is in exactly one of these."""

    WAITING = "waiting"
    WORDS = "words"
    INDEXED = "indexed"
    PARTIAL = "partial"
    EMPTY = "empty"
    SKIPPED = "skipped"
    FAILED = "failed"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a page's text."""

    start: int  # character offset of the heading in the page's text
    level: int  # 1 is the outermost
    text: str


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What a reader knows about a document before its first page."""

    kind: str  # "pdf", "docx", "html", "markdown", "csv", "code", "text"
    title: str | None = None  # the title in the document's own metadata
    pages: int | None = None  # how many pages will follow, where the format has pages
    labels: tuple[tuple[int, str], ...] = ()  # of pages whose printed number is not their number


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of a page's text and where it stands, as shares of the page from the top left."""

    start: int
    end: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Page:
    """The text of one page (of the whole document where the format has no pages)."""

    text: str
    number: int | None = None
    headings: tuple[Heading, ...] = ()
    lines: tuple[Line, ...] = ()  # where OCR found it
    label: str | None = None  # the number that is printed on it, if it is another


@dataclass(frozen=True, slots=True)
class UnreadPage:
    """A page that could not be read; the document becomes `partial`."""

    number: int | None
    reason: str
    # Of a page of a member: which member it is of the file, and inside of that, and so on; `number`
    # counts the pages of the innermost.
    member: tuple[int, ...] = ()


# What a reader yields: one DocumentInfo first, then pages in order.
ReaderItem = DocumentInfo | Page | UnreadPage


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of one page, cut to the encoder's size."""

    page: int  # index of the page within the document, from 0
    start: int
    end: int
    heading: str  # heading path, outermost first, joined by " > "; "" where there is none


@dataclass(frozen=True, slots=True)
class Scope:
    """What a search may look at; empty tuples and None mean everything."""

    paths: tuple[Path, ...] = ()  # folders or files
    types: tuple[str, ...] = ()  # suffixes without the dot, lower case
    since_ns: int | None = None
    before_ns: int | None = None
    languages: tuple[str, ...] = ()  # ISO 639-1 codes

    @property
    def everything(self) -> bool:
        """Whether nothing is excluded."""
        return self == Scope()


EVERYTHING = Scope()


class Mode(StrEnum):
    """Which signals a search uses."""

    HYBRID = "hybrid"
    WORDS = "words"
    MEANING = "meaning"


@dataclass(frozen=True, slots=True)
class TaughtBy:
    """The lesson that lifted a passage, and the question for which it was taught."""

    lesson: int
    question: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, joined to the library's present state."""

    chunk: int
    rank: int  # from 1
    path: Path
    page: int | None
    pages: int | None
    heading: str
    start: int
    end: int
    text: str
    score: float
    bm25: float | None  # higher is better; None where the words did not find it
    cosine: float | None  # None where there is no vector, or the mode did not ask
    label: str | None = None  # the number that is printed on the page, if it is another
    away: bool = False  # whether its file is not there now, and may come back
    taught: TaughtBy | None = None
    also: tuple[Path, ...] = ()  # other files that hold the same text, or nearly


@dataclass(frozen=True, slots=True)
class Replaced:
    """A word that no document holds, and the word that was looked for instead."""

    word: str
    by: str


@dataclass(frozen=True, slots=True)
class Wording:
    """What a library has not of the words of a question."""

    replaced: tuple[Replaced, ...] = ()
    unknown: tuple[str, ...] = ()  # words for which there is no other either
    missing: tuple[str, ...] = ()  # phrases in quotes that stand nowhere as written
    nothing_known: bool = False  # whether no word of it is in the library


AS_WRITTEN = Wording()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A hit with the sentence in it that answers best."""

    hit: Hit
    quote: str
    quote_start: int  # offset within the page's text
    cosine: float | None = None  # of its sentence; None where the words decided
    closeness: float | None = None  # of its sentence's tokens to the question's, likewise


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what is to be searched can be: what is left out by rule or kind is not counted.

    A file that was read in part is searched, and counted as such besides.
    """

    files: int = 0
    searched: int = 0
    waiting: int = 0
    unread: int = 0  # failed or quarantined
    partial: int = 0
    pages: int = 0  # that wait for OCR

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return not (self.waiting or self.unread or self.partial or self.pages)


NOTHING_MISSING = Coverage()


@dataclass(frozen=True, slots=True)
class FileStatus:
    """One line of the ledger."""

    path: Path
    state: State
    reason: str
    pages: int | None
    chunks: int
    away: bool = False  # whether it is not there now, and may come back

    @property
    def wants_password(self) -> bool:
        """Whether it is encrypted and could be read by its owner's password."""
        return self.state in (State.FAILED, State.PARTIAL) and self.reason.endswith(UNLOCKABLE)


class Embedder(Protocol):
    """What the indexer needs of an encoder; models/embedder.py has the real one."""

    name: str  # identifies the vectors it makes; vectors of different names never mix
    dimensions: int
    reads_cjk: bool  # whether it was trained on Chinese, Japanese and Korean

    def token_offsets(self, text: str) -> NDArray[np.int64]:
        """Return an (n, 2) array of each token's start and end offset in `text`, in order."""

    def most_tokens(self, text: str) -> int:
        """Return a number that the tokens of `text` don't exceed; quicker than to count them."""

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one L2-normalised row a text: (len(texts), dimensions)."""

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return the L2-normalised vector of a question: (dimensions,)."""

    def match(
        self, question: str, texts: Sequence[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return each text's cosine to a question, and the closeness of their tokens (-1 to 1).

        Both are (len(texts),).
        """
