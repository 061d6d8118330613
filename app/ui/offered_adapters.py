"""The adapters that a named selection may be answered with, as the box offers them."""

from __future__ import annotations

import logging
import threading

from PySide6.QtCore import QObject, Signal

from app import settings
from app.model_files.model_list import list_adapters
from app.paths import Profile
from app.ui.scope_choice import ScopeChoice

log = logging.getLogger(__name__)


class OfferedAdapters(QObject):
    """Gives the box the adapters that fit the language model in use."""

    _found = Signal(object)

    def __init__(self, choice: ScopeChoice, profile: Profile, parent: QObject) -> None:
        super().__init__(parent)
        self._profile = profile
        self._found.connect(choice.offer_adapters)

    def look(self) -> None:
        """Look which there are now; the heads of models are read behind the window."""
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        chosen = settings.load(self._profile.settings)
        try:
            found = list_adapters(self._profile, chosen)
            self._found.emit([each.name for each in found if chosen.llm in each.fits])
        except (OSError, RuntimeError):
            # The folder vanished, or the window is gone.
            log.info("the adapters could not be listed")
