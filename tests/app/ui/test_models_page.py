"""The models in the window: the list, the work, and what the owner is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QPushButton

from app import settings
from app.messages.fetching import Fetching
from app.model_files.installed import LLM, looks_like_model
from app.model_files.model_list import Advice, Offer
from app.paths import Profile, starter_models
from app.ui.adapter_row import AdapterRow
from app.ui.main_window import MainWindow
from app.ui.model_row import ModelRow
from app.ui.models_dialog import ModelsDialog
from app.ui.models_page import ModelsPage
from models.advisor import Fit, Speed, size_of_entry
from models.catalog import find_entry
from tests.adapter_files import write_adapter
from tests.app.model_files.local_hub import local_hub
from tests.app.ui.conftest import wait_until


def offer(name: str = "qwen2.5-7b-instruct", fit: Fit = Fit.FITS, **values: Any) -> Offer:
    """Return a model of the catalogue as the list shows it."""
    entry = find_entry(name)
    advice = Advice(size_of_entry(entry), fit, Speed(15.4, 6.6), None)
    known = {"path": None, "used": False, "removable": False, "begun": False}
    return Offer(
        entry.name, entry.title, entry.kind, entry.bytes, entry=entry, advice=advice,
        **{**known, **values},
    )  # fmt: skip


def buttons(widget: Any) -> dict[str, QPushButton]:
    """Return the buttons that are shown, by their text."""
    return {button.text(): button for button in widget.findChildren(QPushButton)}


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    profile = Profile(tmp_path / "profile")
    profile.create()
    return profile


def test_a_row_says_what_to_expect_and_is_fetched_by_a_click(application: QApplication) -> None:
    row = ModelRow(offer())
    wanted: list[Offer] = []
    row.wanted.connect(wanted.append)
    said = "\n".join(label.text() for label in row.findChildren(type(row._said)))
    assert "about 4.7 GB" in said
    assert "reads 15 and writes 6.6 tokens/s" in said
    assert "Apache-2.0" in said
    buttons(row)["Get"].click()
    assert [each.name for each in wanted] == ["qwen2.5-7b-instruct"]


def test_a_licence_is_shown_before_it_is_accepted(application: QApplication) -> None:
    """The first click shows it, the second accepts it."""
    row = ModelRow(offer("llama-3.1-8b-instruct"))
    wanted: list[Offer] = []
    row.wanted.connect(wanted.append)
    get = buttons(row)["Get"]
    get.click()
    assert wanted == []
    assert "acceptable use policy" in row._said.text()
    assert get.text() == "Accept and get"
    get.click()
    assert len(wanted) == 1


def test_what_would_swap_is_not_fetched_or_used(application: QApplication) -> None:
    there = ModelRow(offer(fit=Fit.TOO_LARGE))
    assert not buttons(there)["Get"].isEnabled()
    here = ModelRow(offer(fit=Fit.TOO_LARGE, path=Path("a.gguf")))
    assert not buttons(here)["Use"].isEnabled()


def test_a_model_in_use_cannot_be_removed_and_another_after_a_second_click(
    application: QApplication,
) -> None:
    used_row = ModelRow(offer(path=Path("a.gguf"), used=True, removable=True))
    used = buttons(used_row)
    assert "Remove" not in used
    assert not used["In use"].isEnabled()
    row = ModelRow(offer(path=Path("a.gguf"), removable=True))
    unwanted: list[Offer] = []
    row.unwanted.connect(unwanted.append)
    remove = buttons(row)["Remove"]
    remove.click()
    assert unwanted == []
    assert "4.7 GB" in row._said.text()
    remove.click()
    assert len(unwanted) == 1


def test_progress_has_speed_and_estimate(application: QApplication) -> None:
    dialog = ModelsDialog()
    dialog.show_offers([offer()])
    dialog.show_progress(Fetching("1", "hub.example", 2_000_000_000, 4_000_000_000, 5e6, 400.0))
    assert dialog._step.text().replace("\u200b", "") == (
        "2.0 GB of 4.0 GB from hub.example, 5.0 MB/s · about 7 min left"
    )
    assert dialog._bar.value() == 500
    assert not buttons(dialog._rows[0])["Get"].isEnabled()
    dialog.close()


def test_a_model_is_fetched_stopped_and_gone_on_with(
    application: QApplication, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the real fetcher, from a hub on this machine, up to the list."""
    source = starter_models() / "smollm2-135m-instruct.gguf"
    if not source.exists():
        pytest.skip("the starter model is not prepared")
    data = source.read_bytes()[:2_000_000]
    stuck = True

    def behave(handler: Any, whole: bytes) -> bool:
        if stuck:
            handler.answer(whole, None, cut=600_000)
            handler.wfile.flush()
            while stuck:
                handler.rfile.readable()
        return stuck

    with local_hub({"a.gguf": data}) as hub:
        hub.behave = behave
        entry = find_entry("qwen2.5-1.5b-instruct")
        object.__setattr__(entry, "files", (hub.remote("a.gguf"),))
        try:
            settings.save(settings.Settings(mirrors=(hub.base,)), profile.settings)
            page = ModelsPage(profile, None, None)  # type: ignore[arg-type]
            ends: list[str] = []
            seen: list[Any] = []
            for signal, name in (
                (page.work.finished, "done"),
                (page.work.failed, "failed"),
                (page.work.stopped, "stopped"),
            ):
                signal.connect(lambda *_, name=name: ends.append(name))
            page.work.progressed.connect(seen.append)
            page._on_wanted(offer("qwen2.5-1.5b-instruct"))
            wait_until(lambda: any(isinstance(each, Fetching) and each.done for each in seen))
            page.work.stop()
            stuck = False
            wait_until(lambda: ends == ["stopped"])
            assert (profile.models / "qwen2.5-1.5b-instruct.gguf.part").stat().st_size
            page._on_wanted(offer("qwen2.5-1.5b-instruct"))
            wait_until(lambda: len(ends) == 2)
            assert ends[1] == "done"
            assert (profile.models / "qwen2.5-1.5b-instruct.gguf").read_bytes() == data
            page.close()
        finally:
            find_entry.__globals__["entries"].cache_clear()


def test_a_dropped_model_is_imported_and_no_document(window: MainWindow, tmp_path: Path) -> None:
    """What it is is told where the owner looks."""
    path = tmp_path / "wrong.gguf"
    path.write_bytes(b"no model" * 100)
    assert looks_like_model(path)
    window._models.bring_in(path)
    dialog = window.findChild(ModelsDialog)
    assert dialog is not None
    wait_until(lambda: "no GGUF model" in dialog._said.text())
    assert not dialog._is_busy


def test_another_model_is_used_at_once(window: MainWindow, tmp_path: Path) -> None:
    """The window's own line names it, and the next start knows it."""
    if window.llm is None:
        pytest.skip("the starter model is not prepared")
    source = starter_models() / "smollm2-135m-instruct.gguf"
    own = window._profile.models / "own.gguf"
    own.symlink_to(source)
    dialog = window._models.open()
    wait_until(lambda: len(dialog._rows) > 5)
    rows = (each for each in dialog._rows if isinstance(each, ModelRow))
    (row,) = (each for each in rows if each._offer.name == "own")
    assert row._offer.kind == LLM
    buttons(row)["Use"].click()
    assert settings.load(window._profile.settings).llm == "own"
    assert window.llm.title == "own"
    dialog.close()


def test_an_adapter_is_brought_in_used_let_go_of_and_removed(
    window: MainWindow, tmp_path: Path
) -> None:
    """The line of the window names it; a selection with a name may have it for itself."""
    if window.llm is None:
        pytest.skip("the starter model is not prepared")
    alone = window.llm.title
    source = write_adapter(tmp_path / "legal.gguf", starter_models() / "smollm2-135m-instruct.gguf")
    window._models.bring_in(source)
    dialog = window.findChild(ModelsDialog)
    assert dialog is not None

    def press(text: str) -> None:
        def there() -> list[QPushButton]:
            rows = (each for each in dialog._rows if isinstance(each, AdapterRow))
            found = (buttons(row).get(text) for row in rows)
            return [button for button in found if button is not None and button.isEnabled()]

        wait_until(there)
        there()[0].click()

    press("Answer with it")
    assert settings.load(window._profile.settings).adapter == "legal"
    assert window.llm.title == f"{alone} + legal"
    wait_until(lambda: window.conversation.box.where._adapters == ["legal"])
    press("Answer without it")
    assert settings.load(window._profile.settings).adapter == ""
    assert window.llm.title == alone
    press("Remove")
    press("Remove it")
    wait_until(lambda: not any(isinstance(row, AdapterRow) for row in dialog._rows))
    wait_until(lambda: window.conversation.box.where._adapters == [])
    assert not (window._profile.models / "legal.lora").exists()
    dialog.close()
