"""What the index worker is asked about conversations, and what it says of them.

A change is answered by Chats under its id, or by Failed; it may be asked for twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from indexer.chats import Chat, ChatTurn, KeptChat, KnownFile
from indexer.types import EVERYTHING, Hit, Scope

# --- to the index worker -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListChats:
    """List the conversations that hold these words, or all; answered by Chats."""

    id: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class OpenChat:
    """Ask for a whole conversation; answered by ChatOpened, or Failed if it is gone."""

    id: str
    chat: str


@dataclass(frozen=True, slots=True)
class AskChatKey:
    """Ask for the key under which a model may keep what it read of a chat; answered by ChatKey."""

    id: str
    chat: str


@dataclass(frozen=True, slots=True)
class KeepTurn:
    """Add a turn to a conversation, which begins with its first."""

    id: str
    chat: str
    turn: ChatTurn
    scope: Scope = EVERYTHING
    instead_of: str = ""  # the key of the first turn whose place it takes


@dataclass(frozen=True, slots=True)
class TakeBackTurn:
    """Erase a turn, and put those back whose place it took."""

    id: str
    chat: str
    key: str


@dataclass(frozen=True, slots=True)
class RenameChat:
    """Give a conversation another title."""

    id: str
    chat: str
    title: str


@dataclass(frozen=True, slots=True)
class HideChat:
    """Show a conversation no more until SettleChat erases it, or show it again."""

    id: str
    chat: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class SettleChat:
    """Erase a conversation that is hidden, or what was replaced in it: nobody takes it back."""

    id: str
    chat: str


@dataclass(frozen=True, slots=True)
class ScopeChat:
    """Note what a conversation is asked about."""

    id: str
    chat: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class ExportChat:
    """Write a conversation to a file; answered by ChatExported, or Failed."""

    id: str
    chat: str
    path: Path


@dataclass(frozen=True, slots=True)
class SaveSelection:
    """Give a scope a name."""

    id: str
    name: str
    scope: Scope
    adapter: str = ""  # the LoRA adapter that answers inside of it


@dataclass(frozen=True, slots=True)
class DropSelection:
    """Forget the name of a scope."""

    id: str
    name: str


ChatChange = (
    KeepTurn
    | TakeBackTurn
    | RenameChat
    | HideChat
    | SettleChat
    | ScopeChat
    | SaveSelection
    | DropSelection
)
ChatAsked = ChatChange | ListChats | OpenChat | AskChatKey | ExportChat

# --- from the index worker ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Selection:
    """A scope with a name."""

    name: str
    scope: Scope
    adapter: str = ""  # the LoRA adapter that answers inside of it


@dataclass(frozen=True, slots=True)
class Chats:
    """The conversations that hold the words asked for last, the last changed first."""

    id: str
    text: str
    chats: tuple[Chat, ...]
    total: int  # whatever the words are
    selections: tuple[Selection, ...]


@dataclass(frozen=True, slots=True)
class ChatOpened:
    """A conversation, and the passages and listed files of it that are still in the library."""

    id: str
    chat: KeptChat
    scope: Scope
    hits: tuple[Hit, ...]
    files: tuple[KnownFile, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatKey:
    """The key of a conversation, in hexadecimal."""

    id: str
    chat: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChatExported:
    """A conversation stands in a file."""

    id: str
    path: Path
