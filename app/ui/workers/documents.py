"""Whole documents, as the window speaks of them to the worker that owns the library."""

from __future__ import annotations

import itertools
from pathlib import Path

from PySide6.QtCore import QObject

from app.messages.documents import (
    AskSection,
    CloseDocument,
    Compare,
    KeepSection,
    ListChanges,
    ListSections,
    Summarise,
)
from app.ui.workers.index import IndexClient


class DocumentClient(QObject):
    """Opens works on whole documents; what is said of them comes by a signal of the library.

    Signals:
        said(message): what is said of any of them (app/messages/documents.py).
        gone(): the worker has ended, and each work with it.
    """

    def __init__(self, index: IndexClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._index = index
        self._ids = (f"document-{number}" for number in itertools.count(1))
        self.said = index.documents
        self.gone = index.gone

    def summarise(self, path: Path, model: Path | None) -> str:
        """Begin with a summary, and return its id."""
        id_ = next(self._ids)
        self._index.send(Summarise(id_, path, model))
        return id_

    def compare(self, old: Path, new: Path) -> str:
        """Begin with a comparison, and return its id."""
        id_ = next(self._ids)
        self._index.send(Compare(id_, old, new))
        return id_

    def list_sections(self, id_: str, first: int) -> None:
        """Ask for the next sections."""
        self._index.send(ListSections(id_, first))

    def list_changes(self, id_: str, first: int) -> None:
        """Ask for the next changes."""
        self._index.send(ListChanges(id_, first))

    def ask_section(self, id_: str, number: int) -> None:
        """Ask what a model is to be told about a section."""
        self._index.send(AskSection(id_, number))

    def keep_section(self, id_: str, number: int, text: str) -> None:
        """Keep what a model wrote about a section."""
        self._index.send(KeepSection(id_, number, text))

    def close(self, id_: str) -> None:
        """Stop a work."""
        self._index.send(CloseDocument(id_))
