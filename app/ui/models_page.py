"""What the window does about models: its dialog, the work behind it, and which one is used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app import settings
from app.messages.fetching import Fetched, Fetching
from app.messages.general import Failed
from app.messages.preparing import Prepared, Preparing
from app.model_files.installed import LLM, Installed
from app.model_files.model_list import Adapter, Offer
from app.model_files.plans import (
    Plan,
    bases_of,
    plan_get,
    plan_import,
    plan_quantize,
    remove_model,
)
from app.paths import Profile
from app.ui.model_row import megabytes
from app.ui.models_dialog import ModelsDialog
from app.ui.texts import tr, translated
from app.ui.workers.llm import LlmClient
from app.ui.workers.models import ModelWork
from models.errors import ModelError


class ModelsPage(QObject):
    """Shows the dialog and does what it asks for; what takes long goes on when it is closed.

    Signals:
        changed(): another language model is used, or the same one with or without an adapter.
    """

    changed = Signal()

    def __init__(self, profile: Profile, llm: LlmClient | None, window: QWidget) -> None:
        super().__init__(window)
        self._profile = profile
        self._llm = llm
        self._window = window
        self._dialog: ModelsDialog | None = None
        self.work = ModelWork(profile, self)
        self.work.listed.connect(self._on_listed)
        self.work.progressed.connect(self._on_progressed)
        self.work.finished.connect(self._on_finished)
        self.work.failed.connect(self._on_failed)
        self.work.stopped.connect(self._on_stopped)

    def open(self) -> ModelsDialog:
        """Show the models."""
        if self._dialog is None:
            self._dialog = dialog = ModelsDialog(self._window)
            dialog.chosen.connect(self._on_chosen)
            dialog.wanted.connect(self._on_wanted)
            dialog.unwanted.connect(self._on_unwanted)
            dialog.shrunk.connect(self._on_shrunk)
            dialog.adapted.connect(self._on_adapted)
            dialog.released.connect(self._on_released)
            dialog.brought.connect(self.bring_in)
            dialog.stopped.connect(self.work.stop)
            dialog.finished.connect(self._on_closed)
            dialog.set_busy(self.work.plan is not None)
            dialog.open()
            self.work.list_models()
        return self._dialog

    def bring_in(self, path: Path) -> None:
        """Import a model that was dropped or chosen."""
        self.open()
        try:
            self._start(plan_import(self._profile, path))
        except ModelError as error:
            self._say(error)

    def close(self) -> None:
        """End the work; the window closes."""
        self.work.close()

    def _start(self, plan: Plan) -> None:
        if self.work.plan is not None:
            raise ModelError("Another model is being worked on.", "Wait for it, or stop it.")
        self._tell("")
        self.work.start(plan)
        if self._dialog is not None:
            self._dialog.set_busy(True)

    def _on_chosen(self, offer: Offer) -> None:
        chosen = settings.load(self._profile.settings)
        if offer.kind != LLM:
            settings.save(replace(chosen, encoder=offer.name), self._profile.settings)
            self._tell(tr("This encoder is used from the next start of Pocket-LLM on."))
        else:
            changed = replace(chosen, llm=offer.name, adapter="", adapted="")
            settings.save(changed, self._profile.settings)
            if self._llm is None or offer.path is None:
                self._tell(tr("This model is used from the next start of Pocket-LLM on."))
            else:
                self._llm.choose(offer.path)
                self.changed.emit()
        self.work.list_models()

    def _on_adapted(self, adapter: Adapter) -> None:
        chosen = settings.load(self._profile.settings)
        self._use_adapter(replace(chosen, adapter=adapter.name, adapted=chosen.llm))

    def _on_released(self) -> None:
        chosen = settings.load(self._profile.settings)
        self._use_adapter(replace(chosen, adapter="", adapted=""))

    def _use_adapter(self, changed: settings.Settings) -> None:
        settings.save(changed, self._profile.settings)
        if self._llm is not None:
            self._llm.choose(self._llm.model)
            self.changed.emit()
        self.work.list_models()

    def _on_wanted(self, offer: Offer) -> None:
        assert offer.entry is not None
        bases = bases_of(settings.load(self._profile.settings))
        try:
            # Its licence was shown, and the button said that it is accepted.
            self._start(plan_get(self._profile, offer.entry, bases, accepted=True))
        except ModelError as error:
            self._say(error)

    def _on_unwanted(self, offer: Offer | Adapter) -> None:
        try:
            remove_model(self._profile, offer.name)
        except (ModelError, OSError) as error:
            self._say(error)
        self.work.list_models()

    def _on_shrunk(self, offer: Offer, kind: str) -> None:
        assert offer.path is not None
        model = Installed(offer.name, offer.kind, offer.path, offer.bytes)
        try:
            self._start(plan_quantize(self._profile, model, kind))
        except ModelError as error:
            self._say(error)

    def _on_listed(self, offers: list[Offer], adapters: list[Adapter]) -> None:
        if self._dialog is not None:
            self._dialog.show_offers(offers, adapters)

    def _on_progressed(self, message: Fetching | Preparing) -> None:
        if self._dialog is not None:
            self._dialog.show_progress(message)

    def _on_finished(self, plan: Plan, message: Prepared | Fetched) -> None:
        self._end()
        text = tr("{name} is here.", name=plan.name)
        if isinstance(message, Prepared) and message.divergence is not None:
            text += " " + tr(
                "It has {size}; what it expects differs by {divergence} (Kullback-Leibler).",
                size=megabytes(message.bytes),
                divergence=f"{message.divergence:.4f}",
            )
        if isinstance(message, Prepared) and message.template != "known":
            text += " " + tr("It has no chat template that is known here: it may answer poorly.")
        self._tell(text)

    def _on_failed(self, _plan: Plan, failed: Failed) -> None:
        self._end()
        self._tell(translated(f"{failed.title} {failed.detail}".strip()))

    def _on_stopped(self, _plan: Plan) -> None:
        self._end()

    def _end(self) -> None:
        if self._dialog is not None:
            self._dialog.set_busy(False)
        self.work.list_models()

    def _on_closed(self) -> None:
        self._dialog = None

    def _say(self, error: ModelError | OSError) -> None:
        said = str(error) if isinstance(error, ModelError) else "The model cannot be written."
        self._tell(translated(said))

    def _tell(self, text: str) -> None:
        if self._dialog is not None:
            self._dialog.say(text)
