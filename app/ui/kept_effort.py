"""The time that the owner allows for reading, remembered for the next start."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject

from app import settings
from app.ui.ask_box import AskBox, Effort

log = logging.getLogger(__name__)


class KeptEffort(QObject):
    """Gives the box what was chosen last, and writes down what is chosen."""

    def __init__(self, box: AskBox, path: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._path = path
        box.choose_seconds(settings.load(path).reading_seconds)
        box.effort_chosen.connect(self._on_chosen)

    def _on_chosen(self, effort: Effort) -> None:
        if not (effort.answers and effort.documents):
            return  # chosen for a question, not for good
        chosen = settings.load(self._path)
        try:
            settings.save(
                replace(chosen, reading_seconds=float(effort.reading_seconds or 0)), self._path
            )
        except OSError:
            log.warning("a choice could not be kept for the next start")
