"""What the index worker is asked, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from indexer.sets.plan import SetAnswer
from indexer.types import (
    AS_WRITTEN,
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
    Wording,
)

# --- to the index worker -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenLibrary:
    """Open a profile's library; the first message. Answered by Folders, Locked, Damaged or Failed.

    Before all else Encryption says what the library is.
    """

    profile: Path
    rebuild: bool = False  # a damaged one, after what is the owner's was saved from it


@dataclass(frozen=True, slots=True)
class Unlock:
    """Open an encrypted library by its passphrase; as OpenLibrary."""

    passphrase: str = field(repr=False)
    keep: bool  # the key, in the system's key store


@dataclass(frozen=True, slots=True)
class EncryptLibrary:
    """Encrypt a profile's library, or give it another passphrase; a first message as OpenLibrary.

    Answered by Rewriting until it is done.
    """

    profile: Path
    passphrase: str = field(repr=False)
    keep: bool  # the key, in the system's key store


@dataclass(frozen=True, slots=True)
class DecryptLibrary:
    """Make a profile's library plain again; a first message as OpenLibrary."""

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
class HideFolder:
    """Show nothing of a folder until RemoveFolder, or show all again; Folders.

    What is still hidden when the library is opened the next time is removed then.
    """

    id: str
    path: Path | None  # None: all files that were added one by one
    hidden: bool = True


@dataclass(frozen=True, slots=True)
class RelinkFolder:
    """Take what stands at `new` for what stood at `path`; Folders, or Failed before it."""

    id: str
    path: Path
    new: Path


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
class ForgetMissing:
    """Forget the files of a folder that are kept although they are gone; Folders."""

    id: str
    path: Path


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
class GoOn:
    """Index although it would be better to wait, until the present reason has passed."""

    always: bool = False  # from now on, whenever that reason holds


@dataclass(frozen=True, slots=True)
class WaitAgain:
    """Wait for every reason again, whatever was said before."""


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
    sets: bool = False  # whether a question about a set of files is answered by that set


@dataclass(frozen=True, slots=True)
class ListFiles:
    """Ask for lines of the ledger, by path; answered by Files."""

    id: str
    states: tuple[State, ...] = ()  # none: all
    inside: Path | None = None
    offset: int = 0
    limit: int = 200
    named: str = ""  # what their paths hold, in any case of ASCII


@dataclass(frozen=True, slots=True)
class GetPage:
    """Ask for the whole text of the page that a passage stands on; answered by PageText."""

    id: str
    chunk: int


@dataclass(frozen=True, slots=True)
class Teach:
    """Teach that a passage answers a question, or does not; answered by Taught, or Failed.

    A search that is asked for after it counts by it.
    """

    id: str
    question: str
    chunk: int
    answers: bool


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Forget a lesson; answered by Failed if that cannot be done."""

    id: str
    lesson: int


# --- from the index worker ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Damaged:
    """The library cannot be used as it is; a worker that is told to can rebuild it."""

    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Locked:
    """The library is encrypted and waits for Unlock; nothing else is done before."""

    wrong: bool  # the passphrase that was given


@dataclass(frozen=True, slots=True)
class Rewriting:
    """How far encrypting a library, or making it plain, is; in bytes."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Encryption:
    """Whether the library is encrypted, and whether the system's key store opens it."""

    encrypted: bool
    kept: bool


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
    held: int = 0  # files that went at once, kept until its owner says whether they were deleted


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
    waits: str = ""  # the value of an app.pausing.pressure.Reason: why it waits, but for the owner
    never_waits: bool = False  # for one of them, since the owner wants it so


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
    wording: Wording = AS_WRITTEN
    answerable: bool = True  # whether an answer seems to be among it
    files: SetAnswer | None = None  # all files that were asked for, instead of hits


@dataclass(frozen=True, slots=True)
class Taught:
    """A lesson is in the library."""

    id: str
    lesson: int


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
