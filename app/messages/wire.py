"""Messages as JSON lines and back.

A message travels as the fields of its dataclass and `type`, its name. File names that are not UTF-8
travel as surrogate escapes in ASCII JSON.
"""

from __future__ import annotations

from typing import Any, get_args

from app.messages.chats import (
    ChatAsked,
    ChatExported,
    ChatKey,
    ChatOpened,
    Chats,
)
from app.messages.documents import DocumentAsked, DocumentSaid
from app.messages.fetching import (
    Fetched,
    Fetching,
    FetchModel,
)
from app.messages.general import (
    Cancel,
    Failed,
    Hello,
)
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
    SyncFolders,
    TakeBack,
    Taught,
    Teach,
    Unlock,
    UnlockFile,
    WaitAgain,
)
from app.messages.llm import (
    Generate,
    Generated,
    LoadModel,
    ModelLoaded,
    Reading,
    Token,
)
from app.messages.preparing import (
    ImportModel,
    Prepared,
    PrepareEncoder,
    Preparing,
    QuantizeModel,
)
from app.messages.quality import (
    AskQuality,
    Measure,
    Measuring,
    Quality,
    StopMeasuring,
)
from app.messages.specialist import (
    ExportSpecialist,
    ImportSpecialist,
    SpecialistExported,
    SpecialistImported,
    SpecialistUndone,
    UndoSpecialist,
)
from app.messages.tags import (
    AskTags,
    SetTags,
    Tags,
)
from app.messages.viewer import (
    PageRendered,
    RenderPage,
)
from app.pipes.wire import ProtocolError, rebuild, take_apart

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
    | ImportModel
    | QuantizeModel
    | FetchModel
    | Fetching
    | Fetched
    | OpenLibrary
    | EncryptLibrary
    | DecryptLibrary
    | Unlock
    | AddPaths
    | RemoveFolder
    | HideFolder
    | RelinkFolder
    | SyncFolders
    | RetryFiles
    | ForgetMissing
    | ChooseRules
    | UnlockFile
    | AskPassword
    | RememberPassword
    | Password
    | Pause
    | GoOn
    | WaitAgain
    | Recognise
    | AskTags
    | SetTags
    | Tags
    | ExportSpecialist
    | ImportSpecialist
    | UndoSpecialist
    | SpecialistExported
    | SpecialistImported
    | SpecialistUndone
    | AskQuality
    | Measure
    | StopMeasuring
    | Measuring
    | Quality
    | Search
    | ListFiles
    | GetPage
    | Teach
    | TakeBack
    | Taught
    | PageText
    | ChatAsked
    | Chats
    | ChatOpened
    | ChatKey
    | ChatExported
    | DocumentAsked
    | DocumentSaid
    | RenderPage
    | PageRendered
    | Folders
    | Indexing
    | Damaged
    | Locked
    | Rewriting
    | Encryption
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
