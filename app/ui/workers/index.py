"""The library, as the window speaks to its worker."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.messages.chats import ChatChange, ChatExported, ChatKey, ChatOpened, Chats
from app.messages.documents import DocumentSaid
from app.messages.general import Failed
from app.messages.index import (
    AddPaths,
    AskPassword,
    ChooseRules,
    Damaged,
    DecryptLibrary,
    EncoderReady,
    Encryption,
    EncryptLibrary,
    Files,
    Folders,
    ForgetMissing,
    Found,
    GetPage,
    GoOn,
    HideFolder,
    Indexing,
    ListFiles,
    Locked,
    OpenLibrary,
    PageText,
    Password,
    Pause,
    Recognise,
    RelinkFolder,
    RememberPassword,
    RemoveFolder,
    RetryFiles,
    Rewriting,
    Search,
    TakeBack,
    Taught,
    Teach,
    Unlock,
    UnlockFile,
    WaitAgain,
)
from app.messages.quality import AskQuality, Measure, Measuring, Quality, StopMeasuring
from app.messages.specialist import (
    ExportSpecialist,
    ImportSpecialist,
    SpecialistExported,
    SpecialistImported,
    SpecialistUndone,
    UndoSpecialist,
)
from app.messages.tags import AskTags, SetTags, Tags
from app.messages.wire import Message
from app.paths import Profile
from app.ui.workers.client import WorkerClient
from indexer.types import EVERYTHING, Scope, State


class IndexClient(WorkerClient):
    """The library.

    Signals:
        folders(Folders), indexing(Indexing), encoder_ready(EncoderReady), found(Found),
        taught(Taught), files(Files), page_text(PageText), password(Password), damaged(Damaged),
        locked(Locked), rewriting(Rewriting), encryption(Encryption), tags(Tags),
        measuring(Measuring), quality(Quality): the messages of the same names.
        specialist(message): SpecialistExported, SpecialistImported or SpecialistUndone.
        documents(message): what is said of whole documents (app/messages/documents.py).
        chats(message): Chats, ChatOpened, ChatKey or ChatExported.
    """

    folders = Signal(object)
    indexing = Signal(object)
    encoder_ready = Signal(object)
    found = Signal(object)
    taught = Signal(object)
    files = Signal(object)
    page_text = Signal(object)
    password = Signal(object)
    damaged = Signal(object)
    locked = Signal(object)
    rewriting = Signal(object)
    encryption = Signal(object)
    tags = Signal(object)
    specialist = Signal(object)
    documents = Signal(object)
    chats = Signal(object)
    measuring = Signal(object)
    quality = Signal(object)

    def __init__(self, profile: Profile, parent: QObject | None = None) -> None:
        super().__init__("index", profile, parent)
        # Changes of the library, until the worker has said that it made them.
        self._unanswered: dict[str, Message] = {}
        self.failed.connect(self._on_failed)
        self._pauses: set[str] = set()
        self._opening: OpenLibrary | EncryptLibrary | DecryptLibrary = OpenLibrary(profile.root)

    @property
    def pauses(self) -> frozenset[str]:
        """Who wants the indexing to stand still."""
        return frozenset(self._pauses)

    def rebuild(self) -> None:
        """Put the damaged library aside, with what is the owner's saved, and read all again."""
        self._open_anew(OpenLibrary(self._profile.root, rebuild=True))

    def encrypt(self, passphrase: str, keep: bool) -> None:
        """Encrypt the library, or give it this passphrase; Encryption says when it is done."""
        self._open_anew(EncryptLibrary(self._profile.root, passphrase, keep))

    def decrypt(self) -> None:
        """Make the library plain again; Encryption says when it is done."""
        self._open_anew(DecryptLibrary(self._profile.root))

    def unlock_library(self, passphrase: str, keep: bool) -> None:
        """Open an encrypted library; Locked comes again if this is not its passphrase."""
        self.send(Unlock(passphrase, keep))

    def _open_anew(self, opening: OpenLibrary | EncryptLibrary | DecryptLibrary) -> None:
        super().close()
        self._opening = opening
        self.start()

    def add(self, paths: Sequence[Path]) -> None:
        """Add folders or files."""
        self._change(AddPaths(self._next_id(), tuple(paths)))

    def hide(self, path: Path | None, hidden: bool) -> None:
        """Show nothing of a folder any more, since it may be removed, or show all of it again."""
        self._change(HideFolder(self._next_id(), path, hidden))

    def remove(self, path: Path | None) -> None:
        """Take a folder out of the library; None: all files that were added one by one."""
        self._change(RemoveFolder(self._next_id(), path))

    def relink(self, path: Path, new: Path) -> None:
        """Say that what stood at a path stands at another one now."""
        self._change(RelinkFolder(self._next_id(), path, new))

    def retry(self, paths: Sequence[Path] = ()) -> None:
        """Try failed files again: these, or all."""
        self._change(RetryFiles(self._next_id(), tuple(paths)))

    def forget_missing(self, path: Path) -> None:
        """Forget the files of a folder that are kept although they are gone."""
        self._change(ForgetMissing(self._next_id(), path))

    def choose_rules(self, patterns: Sequence[str], gitignore: bool, most_megabytes: int) -> None:
        """Leave out by these rules from now on."""
        rules = ChooseRules(self._next_id(), tuple(patterns), gitignore, most_megabytes)
        self._change(rules)

    def unlock(self, path: Path, password: str, keep: bool) -> None:
        """Read an encrypted file by its password."""
        self._change(UnlockFile(self._next_id(), path, password, keep))

    def ask_password(self, path: Path) -> str:
        """Ask for the password of a file, and return the id under which Password will come."""
        id_ = self._next_id()
        self.send(AskPassword(id_, path))
        return id_

    def remember(self, path: Path, password: str, keep: bool) -> None:
        """Tell a password that has opened a file."""
        self.send(RememberPassword(path, password, keep))

    def pause(self, who: str, *, paused: bool) -> None:
        """Stop indexing, or let it go on as far as `who` is concerned."""
        before = bool(self._pauses)
        (self._pauses.add if paused else self._pauses.discard)(who)
        if bool(self._pauses) != before:
            self.send(Pause(bool(self._pauses)))

    def go_on(self, *, always: bool) -> None:
        """Index although it would be better to wait: this time, or from now on."""
        self.send(GoOn(always))

    def wait_again(self) -> None:
        """Wait for every reason again."""
        self.send(WaitAgain())

    def recognise(self, on: bool) -> None:
        """Switch OCR on or off."""
        self.send(Recognise(on))

    def search(
        self, question: str, k: int, scope: Scope = EVERYTHING, *, sets: bool = False
    ) -> str:
        """Search, and return the id under which Found or Failed will come."""
        id_ = self._next_id()
        self.send(Search(id_, question, k, scope, sets=sets))
        return id_

    def teach(self, question: str, chunk: int, *, answers: bool) -> str:
        """Teach about a passage, and return the id under which Taught or Failed will come."""
        id_ = self._next_id()
        self.send(Teach(id_, question, chunk, answers))
        return id_

    def take_back(self, lesson: int) -> None:
        """Forget what was taught."""
        self.send(TakeBack(self._next_id(), lesson))

    def get_page(self, chunk: int) -> str:
        """Ask for a passage's page, and return the id under which PageText will come."""
        id_ = self._next_id()
        self.send(GetPage(id_, chunk))
        return id_

    def list_files(
        self, states: Sequence[State], offset: int = 0, limit: int = 200, *, named: str = ""
    ) -> str:
        """Ask for the ledger's lines in these states; Files will come under the id."""
        id_ = self._next_id()
        self.send(ListFiles(id_, tuple(states), offset=offset, limit=limit, named=named))
        return id_

    def ask_tags(self, path: Path) -> None:
        """Ask for the tags of a file, and for what is suggested."""
        self.send(AskTags(self._next_id(), path))

    def set_tags(self, path: Path, tags: Sequence[str]) -> None:
        """Give a file these tags in place of its own."""
        self._change(SetTags(self._next_id(), path, tuple(tags)))

    def ask_quality(self) -> None:
        """Ask what was measured of how well search finds."""
        self.send(AskQuality(self._next_id()))

    def measure(self) -> None:
        """Measure how well search finds."""
        self.send(Measure(self._next_id()))

    def stop_measuring(self) -> None:
        """Leave a measurement, and keep nothing of it."""
        self.send(StopMeasuring(self._next_id()))

    def change(self, message: ChatChange) -> None:
        """Change conversations, if need be by the worker that follows one that died."""
        self._change(message)

    def export_specialist(self, file: Path) -> None:
        """Write all that was taught to a file."""
        self.send(ExportSpecialist(self._next_id(), file))

    def import_specialist(self, file: Path) -> str:
        """Take in what a file holds; return the id under which SpecialistImported will come."""
        id_ = self._next_id()
        self._change(ImportSpecialist(id_, file))
        return id_

    def undo_specialist(self, specialist: int) -> None:
        """Take back what an import has brought."""
        self.send(UndoSpecialist(self._next_id(), specialist))

    def close(self) -> None:
        """Ask the process to end; what it was asked last it still does."""
        self._unanswered.clear()
        super().close()

    def _change(
        self,
        message: AddPaths
        | RemoveFolder
        | HideFolder
        | RelinkFolder
        | RetryFiles
        | ForgetMissing
        | ChooseRules
        | UnlockFile
        | SetTags
        | ImportSpecialist
        | ChatChange,
    ) -> None:
        self._unanswered[message.id] = message
        if self._worker is not None:
            self.send(message)

    def _greet(self) -> None:
        self.send(self._opening)
        self._opening = OpenLibrary(self._profile.root)
        if self._pauses:
            self.send(Pause(paused=True))
        # What the last process did not come to: all of it may be done twice.
        for message in self._unanswered.values():
            self.send(message)

    def _dead(self) -> str:
        return "The library cannot be kept open."

    def _on_failed(self, message: Failed) -> None:
        # Most changes that fail are answered besides; what a bad file holds is not asked for again.
        if isinstance(self._unanswered.get(message.id), ImportSpecialist):
            del self._unanswered[message.id]

    def _on_message(self, message: Message) -> None:
        if isinstance(message, Folders | Tags | Chats | SpecialistImported):
            self._unanswered.pop(message.id, None)
        if isinstance(message, DocumentSaid):
            self.documents.emit(message)
            return
        signals = {
            Folders: self.folders,
            Damaged: self.damaged,
            Locked: self.locked,
            Rewriting: self.rewriting,
            Encryption: self.encryption,
            Indexing: self.indexing,
            EncoderReady: self.encoder_ready,
            Found: self.found,
            Taught: self.taught,
            Files: self.files,
            PageText: self.page_text,
            Password: self.password,
            Tags: self.tags,
            SpecialistExported: self.specialist,
            SpecialistImported: self.specialist,
            SpecialistUndone: self.specialist,
            Chats: self.chats,
            ChatOpened: self.chats,
            ChatExported: self.chats,
            ChatKey: self.chats,
            Measuring: self.measuring,
            Quality: self.quality,
        }
        if (signal := signals.get(type(message))) is not None:
            signal.emit(message)
