"""Every message that crosses a pipe between our processes, as dataclasses, and the protocol number.

A message travels as one JSON line: the fields of its dataclass and `type`, its name. Vectors never
cross a pipe. Names that are not UTF-8 travel as surrogate escapes in ASCII JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from app.wire import ProtocolError, rebuild, take_apart
from indexer.types import (
    EVERYTHING,
    NOTHING_MISSING,
    Coverage,
    Evidence,
    FileStatus,
    Hit,
    Line,
    Mode,
    Scope,
    State,
)

PROTOCOL = 1  # raised when a worker of another version could misunderstand us


# --- to the LLM worker -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LoadModel:
    """Load a GGUF; answered by ModelLoaded or Failed."""

    path: str
    context: int = 4096  # tokens
    threads: int = 0  # 0: as measured best by the worker


@dataclass(frozen=True, slots=True)
class PromptPassage:
    """A passage as the model reads it."""

    number: int  # the number under which the answer may cite it, from 1
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question of a conversation, its answer, and the passages that it added."""

    question: str
    answer: str
    passages: tuple[PromptPassage, ...] = ()


@dataclass(frozen=True, slots=True)
class Generate:
    """Answer a question; answered by Reading..., Token..., then Generated or Failed.

    `passages` may be empty (plain chat). `reading_budget` is the number of new tokens that may be
    read for passages; those that do not fit are left out, the last first.
    """

    id: str
    question: str
    passages: tuple[PromptPassage, ...] = ()
    history: tuple[Turn, ...] = ()
    reading_budget: int = 800
    reading_seconds: float | None = None  # if set, replaces the budget by speed x seconds
    max_tokens: int = 256


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the running Generate or Prepare of this id; it still ends in its last message."""

    id: str


# --- from the LLM worker -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """A model is ready."""

    name: str
    context: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Reading:
    """Progress of reading the prompt, in tokens; `total` counts the reused ones too."""

    id: str
    tokens: int
    total: int
    reused: int


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Generated:
    """The end of a Generate."""

    id: str
    text: str
    passages: tuple[int, ...]  # numbers of the passages that were read
    prompt_tokens: int
    reused_tokens: int
    answer_tokens: int
    tokens_per_s: float  # while writing; 0.0 where fewer than two tokens were written
    stopped: str  # "end", "length" or "cancelled"


# --- the preparer ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PrepareEncoder:
    """Make the int8 encoder of a sentence-transformers folder; Preparing..., Prepared or Failed."""

    id: str
    source: str
    destination: str
    name: str


@dataclass(frozen=True, slots=True)
class Preparing:
    """Progress of a preparation."""

    id: str
    step: str  # a sentence for the owner
    done: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model was prepared and stands at its destination."""

    id: str
    name: str
    bytes: int
    seconds: float


# --- to the index worker -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenLibrary:
    """Open a profile's library; the first message. Answered by Folders or Failed."""

    profile: Path


@dataclass(frozen=True, slots=True)
class AddPaths:
    """Add folders or files; answered by Folders, and by Failed for each that cannot be added."""

    id: str
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class RemoveFolder:
    """Take a folder out of the library and erase it; answered by Folders, or Failed before it."""

    id: str
    path: Path | None  # None: all files that were added one by one


@dataclass(frozen=True, slots=True)
class SyncFolders:
    """Compare all folders with the disk; answered by Folders."""

    id: str


@dataclass(frozen=True, slots=True)
class RetryFiles:
    """Try failed and quarantined files again (all, or those under `paths`); Folders."""

    id: str
    paths: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class ChooseRules:
    """Leave out by these rules from now on, and compare all folders by them; Folders."""

    id: str
    patterns: tuple[str, ...]  # as in a .gitignore file, or absolute paths
    gitignore: bool  # whether the .gitignore files of repositories count
    most_megabytes: int


@dataclass(frozen=True, slots=True)
class UnlockFile:
    """Read an encrypted file by its password; answered by Folders, or Failed before it."""

    id: str
    path: Path
    password: str = field(repr=False)
    keep: bool  # in the system's key store, if it opens the file


@dataclass(frozen=True, slots=True)
class AskPassword:
    """Ask for the password that was given for a file, to show a page; answered by Password."""

    id: str
    path: Path


@dataclass(frozen=True, slots=True)
class RememberPassword:
    """Take a password that has opened a file, until the worker ends; Failed if it is not kept."""

    path: Path
    password: str = field(repr=False)
    keep: bool  # in the system's key store


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop or resume indexing (while the LLM works, or because the owner says so)."""

    paused: bool


@dataclass(frozen=True, slots=True)
class Recognise:
    """Switch OCR on or off, for this run and the next ones."""

    on: bool


@dataclass(frozen=True, slots=True)
class Search:
    """Find passages; answered by Found or Failed, before any indexing goes on."""

    id: str
    question: str
    k: int = 10
    scope: Scope = EVERYTHING
    mode: Mode = Mode.HYBRID


@dataclass(frozen=True, slots=True)
class ListFiles:
    """Ask for lines of the ledger, by path; answered by Files."""

    id: str
    states: tuple[State, ...] = ()  # none: all
    inside: Path | None = None
    offset: int = 0
    limit: int = 200


@dataclass(frozen=True, slots=True)
class GetPage:
    """Ask for the whole text of the page that a passage stands on; answered by PageText."""

    id: str
    chunk: int


# --- the viewer --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RenderPage:
    """Render a page of a PDF or a picture; answered by PageRendered or Failed."""

    id: str
    path: Path
    page: int
    width: int  # pixels
    quote: str  # to be found on the page
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PageBox:
    """A rectangle on a page, as shares of its width and height, from the top left."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PageRendered:
    """A page as a picture: zlib-compressed rows of BGRX pixels in base64."""

    id: str
    width: int
    height: int
    stride: int
    pages: int
    pixels: str
    boxes: tuple[PageBox, ...]  # one a line of the quote
    label: str = ""  # the number that is printed on the page


# --- from the index worker ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """A folder (or single file) of the library and how far it is."""

    path: Path | None  # None: all files that were added one by one, where they are many
    online: bool
    files: int
    waiting: int  # not read yet
    words: int  # searchable by word, vectors to come
    unread: int  # failed or quarantined
    pages: int = 0  # waiting for OCR


@dataclass(frozen=True, slots=True)
class Folders:
    """The library's folders; sent when asked and whenever they change, at most 5 a second."""

    id: str  # of the request that it answers, or empty
    folders: tuple[FolderStatus, ...]
    chunks: int


@dataclass(frozen=True, slots=True)
class Indexing:
    """How far the work is; sent at most 5 times a second, and once when nothing is left."""

    files: int  # waiting to be read
    chunks: int  # waiting for a vector
    seconds_left: float | None  # None: not known yet
    paused: bool = False
    pages: int = 0  # that OCR is to read now
    recognising: bool | None = None  # whether OCR is switched on; None: it is not installed


@dataclass(frozen=True, slots=True)
class EncoderReady:
    """The encoder is loaded: from here on the meaning is searched as well."""

    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, with the sentences that answer, best first."""

    id: str
    hits: tuple[Hit, ...]
    evidence: tuple[Evidence, ...]
    ms: float
    coverage: Coverage = NOTHING_MISSING


@dataclass(frozen=True, slots=True)
class Files:
    """Lines of the ledger."""

    id: str
    files: tuple[FileStatus, ...]
    total: int  # that fulfil the request, whatever its limit


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of a page as it was read; empty if it is not in the library any more."""

    id: str
    text: str
    lines: tuple[Line, ...] = ()  # where OCR found it, if it did


@dataclass(frozen=True, slots=True)
class Password:
    """The password of a file; None if none is known."""

    id: str
    password: str | None = field(repr=False)


# --- from any worker ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message of every worker."""

    role: str
    protocol: int = PROTOCOL


@dataclass(frozen=True, slots=True)
class Failed:
    """It could not be done; `id` is empty where no request was being answered."""

    id: str
    title: str
    detail: str


Message = (
    LoadModel
    | Generate
    | Cancel
    | ModelLoaded
    | Reading
    | Token
    | Generated
    | PrepareEncoder
    | Preparing
    | Prepared
    | OpenLibrary
    | AddPaths
    | RemoveFolder
    | SyncFolders
    | RetryFiles
    | ChooseRules
    | UnlockFile
    | AskPassword
    | RememberPassword
    | Password
    | Pause
    | Recognise
    | Search
    | ListFiles
    | GetPage
    | PageText
    | RenderPage
    | PageRendered
    | Folders
    | Indexing
    | EncoderReady
    | Found
    | Files
    | Hello
    | Failed
)

_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Message)}


def to_wire(message: Message) -> dict[str, Any]:
    """Turn a message into what json.dumps takes."""
    return {"type": type(message).__name__, **take_apart(message)}


def from_wire(data: dict[str, Any]) -> Message:
    """Turn a decoded JSON line back into its message. Raises ProtocolError."""
    rest = dict(data)
    kind = _KINDS.get(rest.pop("type", ""))
    if kind is None:
        raise ProtocolError("A line that is no message of ours.")
    message: Message = rebuild(kind, rest)
    return message
