"""The workers as the window sees them: their messages become signals here and nowhere else."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.llm_process import LLM_ENVIRONMENT
from app.messages import (
    AddPaths,
    AskPassword,
    Cancel,
    ChooseRules,
    EncoderReady,
    Failed,
    Files,
    Folders,
    Found,
    Generate,
    Generated,
    GetPage,
    Indexing,
    ListFiles,
    LoadModel,
    Message,
    ModelLoaded,
    OpenLibrary,
    PageRendered,
    PageText,
    Password,
    Pause,
    Reading,
    Recognise,
    RememberPassword,
    RemoveFolder,
    RenderPage,
    RetryFiles,
    Search,
    Token,
    UnlockFile,
    from_wire,
    to_wire,
)
from app.paths import Profile, worker_command
from app.supervisor import Worker, WorkerGone
from app.wire import ProtocolError
from indexer.types import EVERYTHING, Scope, State
from models.catalog import title_of

log = logging.getLogger(__name__)

# A worker that keeps dying is started again after these pauses, then no more.
_RESTART_MS = (200, 1000, 5000, 30_000)
# One that has lived for so long has not died of what it was told at first.
_LIVED_MS = 60_000


class _Inbox(QObject):
    """What a worker's thread puts here arrives in the window's thread.

    Signals:
        arrived(worker, message): message is None when the worker has ended.
    """

    arrived = Signal(object, object)

    def put(self, item: tuple[Worker, dict[str, Any] | None]) -> None:
        """Take what the worker's thread has read."""
        self.arrived.emit(*item)


class WorkerClient(QObject):
    """Starts a worker, sends to it, starts it again when it dies.

    Signals:
        failed(Failed): something could not be done.
        gone(): it has ended without being asked, and everything that it was asked is lost.
    """

    failed = Signal(object)
    gone = Signal()

    def __init__(self, role: str, profile: Profile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._role = role
        self._profile = profile
        self._inbox = _Inbox(self)
        self._inbox.arrived.connect(self._on_arrived)
        self._worker: Worker | None = None
        self._unsent: list[Message] = []
        self._deaths = 0
        self._lived = QTimer(self)
        self._lived.setSingleShot(True)
        self._lived.setInterval(_LIVED_MS)
        self._lived.timeout.connect(self._on_lived)
        self._ids = itertools.count(1)

    def start(self) -> None:
        """Start the process."""
        self._worker = Worker(
            worker_command(self._role),
            log_file=self._profile.logs / f"{self._role}.log",
            environment=self._environment(),
            inbox=self._inbox,
        )
        self._lived.start()
        self._greet()
        unsent, self._unsent = self._unsent, []
        for message in unsent:
            self.send(message)

    def close(self) -> None:
        """Ask the process to end, and wait for it a moment."""
        worker, self._worker = self._worker, None
        self._lived.stop()
        self._unsent.clear()
        if worker is not None:
            worker.close()

    def send(self, message: Message) -> None:
        """Send a message, or keep it until the process is there."""
        if self._worker is None:
            self._unsent.append(message)
            return
        try:
            self._worker.send(to_wire(message))
        except WorkerGone:
            log.info("a message met a worker that had ended")

    def _next_id(self) -> str:
        return f"{self._role}-{next(self._ids)}"

    def _environment(self) -> dict[str, str]:
        return {}

    def _greet(self) -> None:
        """Send what every new process must know first."""

    def _on_arrived(self, worker: Worker, data: dict[str, Any] | None) -> None:
        if data is None:
            worker.close()  # it has ended; this lets its pipes go
        if worker is not self._worker:
            return  # an earlier process; nobody waits for it
        if data is None:
            self._worker = None
            self._lived.stop()
            self.gone.emit()
            if self._deaths < len(_RESTART_MS):
                QTimer.singleShot(_RESTART_MS[self._deaths], self._restart)
                self._deaths += 1
            else:
                self.failed.emit(Failed("", self._dead(), "Close the window and open it anew."))
            return
        try:
            message = from_wire(data)
        except ProtocolError:
            log.warning("a worker sent what is no message")
            return
        if isinstance(message, Failed):
            self.failed.emit(message)
        else:
            self._on_message(message)

    def _restart(self) -> None:
        if self._worker is None:
            self.start()

    def _on_lived(self) -> None:
        self._deaths = 0

    def _dead(self) -> str:
        """Return the sentence for a process that cannot be kept alive."""
        raise NotImplementedError

    def _on_message(self, message: Message) -> None:
        raise NotImplementedError


class IndexClient(WorkerClient):
    """The library.

    Signals:
        folders(Folders), indexing(Indexing), encoder_ready(EncoderReady), found(Found),
        files(Files), page_text(PageText), password(Password): the messages of the same names.
    """

    folders = Signal(object)
    indexing = Signal(object)
    encoder_ready = Signal(object)
    found = Signal(object)
    files = Signal(object)
    page_text = Signal(object)
    password = Signal(object)

    def __init__(self, profile: Profile, parent: QObject | None = None) -> None:
        super().__init__("index", profile, parent)
        # Changes of the library, until the worker has said that it made them.
        self._unanswered: dict[str, Message] = {}
        self._pauses: set[str] = set()

    @property
    def pauses(self) -> frozenset[str]:
        """Who wants the indexing to stand still."""
        return frozenset(self._pauses)

    def add(self, paths: Sequence[Path]) -> None:
        """Add folders or files."""
        self._change(AddPaths(self._next_id(), tuple(paths)))

    def remove(self, path: Path | None) -> None:
        """Take a folder out of the library; None: all files that were added one by one."""
        self._change(RemoveFolder(self._next_id(), path))

    def retry(self, paths: Sequence[Path] = ()) -> None:
        """Try failed files again: these, or all."""
        self._change(RetryFiles(self._next_id(), tuple(paths)))

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

    def recognise(self, on: bool) -> None:
        """Switch OCR on or off."""
        self.send(Recognise(on))

    def search(self, question: str, k: int, scope: Scope = EVERYTHING) -> str:
        """Search, and return the id under which Found or Failed will come."""
        id_ = self._next_id()
        self.send(Search(id_, question, k, scope))
        return id_

    def get_page(self, chunk: int) -> str:
        """Ask for a passage's page, and return the id under which PageText will come."""
        id_ = self._next_id()
        self.send(GetPage(id_, chunk))
        return id_

    def list_files(self, states: Sequence[State], offset: int = 0, limit: int = 200) -> str:
        """Ask for the ledger's lines in these states; Files will come under the id."""
        id_ = self._next_id()
        self.send(ListFiles(id_, tuple(states), offset=offset, limit=limit))
        return id_

    def close(self) -> None:
        """Ask the process to end; what it was asked last it still does."""
        self._unanswered.clear()
        super().close()

    def _change(
        self, message: AddPaths | RemoveFolder | RetryFiles | ChooseRules | UnlockFile
    ) -> None:
        self._unanswered[message.id] = message
        if self._worker is not None:
            self.send(message)

    def _greet(self) -> None:
        self.send(OpenLibrary(self._profile.root))
        if self._pauses:
            self.send(Pause(paused=True))
        # What the last process did not come to: all of it may be done twice.
        for message in self._unanswered.values():
            self.send(message)

    def _dead(self) -> str:
        return "The library cannot be kept open."

    def _on_message(self, message: Message) -> None:
        match message:
            case Folders():
                self._unanswered.pop(message.id, None)
                self.folders.emit(message)
            case Indexing():
                self.indexing.emit(message)
            case EncoderReady():
                self.encoder_ready.emit(message)
            case Found():
                self.found.emit(message)
            case Files():
                self.files.emit(message)
            case PageText():
                self.page_text.emit(message)
            case Password():
                self.password.emit(message)


class ViewerClient(WorkerClient):
    """Renders pages of documents; started when it is first needed.

    Signals:
        rendered(PageRendered): a page is there.
    """

    rendered = Signal(object)

    def __init__(self, profile: Profile, parent: QObject | None = None) -> None:
        super().__init__("viewer", profile, parent)

    def render(
        self, path: Path, page: int, width: int, quote: str, password: str | None = None
    ) -> str:
        """Render a page, and return the id under which PageRendered or Failed will come."""
        if self._worker is None:
            self.start()
        id_ = self._next_id()
        self.send(RenderPage(id_, path, page, width, quote, password))
        return id_

    def _dead(self) -> str:
        return "Pages cannot be shown."

    def _on_message(self, message: Message) -> None:
        if isinstance(message, PageRendered):
            self.rendered.emit(message)


class LlmClient(WorkerClient):
    """The language model; started when it is first needed.

    Signals:
        loaded(ModelLoaded): it is ready.
        said(message): Reading, Token or Generated.
    """

    loaded = Signal(object)
    said = Signal(object)

    def __init__(
        self, profile: Profile, model: Path, context: int, parent: QObject | None = None
    ) -> None:
        super().__init__("llm", profile, parent)
        self.title = title_of(model.stem)
        self._load = LoadModel(str(model), context)

    def generate(self, request: Generate) -> None:
        """Answer a question; the worker is started if it is not there."""
        if self._worker is None:
            self.start()
        self.send(request)

    def cancel(self, id_: str) -> None:
        """Stop an answer; it still ends in Generated."""
        self.send(Cancel(id_))

    def _environment(self) -> dict[str, str]:
        return LLM_ENVIRONMENT

    def _greet(self) -> None:
        self.send(self._load)

    def _dead(self) -> str:
        return "The language model cannot be kept running."

    def _on_message(self, message: Message) -> None:
        match message:
            case ModelLoaded():
                self.loaded.emit(message)
            case Reading() | Token() | Generated():
                self.said.emit(message)
