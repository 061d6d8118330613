"""The list of conversations, the choice of what is asked about, and the pace of reading, alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QMenu

from app import settings
from app.messages.chats import Chats, Selection
from app.messages.index import Folders, FolderStatus
from app.messages.llm import Reading
from app.ui.ask_box import PLAIN, AskBox, Effort
from app.ui.chat_list import ChatList
from app.ui.kept_effort import KeptEffort
from app.ui.reading_pace import ReadingPace
from app.ui.scope_choice import ScopeChoice
from indexer.chats import Chat
from indexer.types import EVERYTHING, Scope

PAPERS = Path("/documents/Papers")


def listed(count: int, text: str = "") -> Chats:
    chats = tuple(Chat(str(n), f"Conversation {n}", n, 1) for n in range(count))
    return Chats("", text, chats, max(count, 9), ())


def test_a_conversation_is_opened_renamed_and_taken_out_by_keys(
    application: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a click or its menu; what was taken out is put back or erased."""
    view = ChatList()
    view.show_chats(listed(3))
    said: list[tuple[object, ...]] = []
    for signal in (view.opened, view.renamed, view.hidden, view.erased):
        signal.connect(lambda *what: said.append(what))
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("Of orchids", True))
    view.show_current("1")
    for key in (Qt.Key.Key_Return, Qt.Key.Key_F2, Qt.Key.Key_Delete):
        QTest.keyClick(view._list, key)
    assert said == [("1",), ("1", "Of orchids"), ("1", True)]
    assert [chat.id for chat in view._model.chats] == ["0", "2"]
    view._undo._on_undo()
    assert [chat.id for chat in view._model.chats] == ["0", "1", "2"]
    view.take_out(view._model.chats[0])
    view.settle()
    assert said[3:] == [("1", False), ("0", True), ("0",)]


def test_words_are_looked_for_when_typing_rests(application: QApplication) -> None:
    """Nothing found is said; with few conversations there is nothing to look for."""
    view = ChatList()
    view.show_chats(Chats("", "", (), 0, ()))
    assert view._search.isHidden()
    searched: list[str] = []
    view.searched.connect(searched.append)
    view.show_chats(listed(20))
    assert not view._search.isHidden()
    QTest.keyClicks(view._search, "mill")
    QTest.qWait(300)
    assert searched == ["mill"]
    view.show_chats(listed(0, "mill"))
    assert not view._none.isHidden()


def test_what_is_asked_about_stands_at_the_box_until_it_is_removed(
    application: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be given a name, which is offered from then on and can be forgotten."""
    choice = ScopeChoice()
    choice.show_folders(Folders("", (FolderStatus(PAPERS, True, 3, 0, 0, 0),), 9))
    scope = Scope(paths=(PAPERS / "a.pdf", PAPERS / "b.pdf"))
    choice.choose(scope)
    assert "2 files" in choice._choice.accessibleName()
    assert not choice._remove.isHidden()
    named: list[tuple[str, Scope, str]] = []
    choice.named.connect(lambda *what: named.append(what))
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("Taxes", True))
    choice._choice.menu_.actions()[-1].trigger()
    assert named == [("Taxes", scope, "")]
    choice.show_selections((Selection("Taxes", scope, "legal"),))
    assert choice.adapter_of(scope) == "legal"
    assert choice.adapter_of(EVERYTHING) == ""
    assert "Taxes" in choice._choice.accessibleName()
    forgotten: list[str] = []
    choice.forgotten.connect(forgotten.append)
    choice._choice.menu_.actions()[-1].trigger()
    assert forgotten == ["Taxes"]
    changed: list[Scope] = []
    choice.changed.connect(changed.append)
    choice._remove.click()
    assert changed == [EVERYTHING]
    assert choice._remove.isHidden()


def test_a_named_selection_is_given_an_adapter_and_lets_go_of_it(
    application: QApplication,
) -> None:
    """Those that fit are offered, and one that is gone as long as it is chosen."""
    choice = ScopeChoice()
    scope = Scope(paths=(PAPERS,))
    choice.choose(scope)
    choice.offer_adapters(["legal", "letters"])
    assert not any(action.menu() for action in choice._choice.menu_.actions())  # no name yet
    named: list[tuple[str, Scope, str]] = []
    choice.named.connect(lambda *what: named.append(what))
    choice.show_selections((Selection("Taxes", scope),))
    assert _adapters(choice) == {"no adapter of its own": True, "legal": False, "letters": False}
    _adapter_actions(choice)[1].trigger()
    choice.show_selections((Selection("Taxes", scope, "legal"),))
    assert choice.adapter_of(scope) == "legal"
    choice.offer_adapters([])
    assert _adapters(choice) == {"no adapter of its own": False, "legal": True}
    _adapter_actions(choice)[0].trigger()
    assert named == [("Taxes", scope, "legal"), ("Taxes", scope, "")]
    choice.show_selections((Selection("Taxes", scope),))
    assert "Taxes" in choice._choice.accessibleName()
    assert not any(action.menu() for action in choice._choice.menu_.actions())


def _adapter_actions(choice: ScopeChoice) -> list[QAction]:
    menus = (action.menu() for action in choice._choice.menu_.actions())
    menu = next(menu for menu in menus if isinstance(menu, QMenu))
    return menu.actions()


def _adapters(choice: ScopeChoice) -> dict[str, bool]:
    return {action.text(): action.isChecked() for action in _adapter_actions(choice)}


def test_a_kept_scope_is_put_back_into_the_box(application: QApplication) -> None:
    """Folder and kind of documents; a kind that is none of the choices is any."""
    box = AskBox()
    scope = Scope(paths=(PAPERS,), types=("pdf",))
    box.choose_scope(scope)
    assert box.scope == scope
    box.choose_scope(Scope(types=("zzz",)))
    assert box.scope == EVERYTHING
    said: list[Scope] = []
    box.scope_chosen.connect(said.append)
    box._types.menu_.actions()[1].trigger()
    assert said == [Scope(types=("pdf",))]


def test_the_time_for_reading_is_remembered(application: QApplication, tmp_path: Path) -> None:
    """A chat without documents is chosen for a question, not for good."""
    path = tmp_path / "settings.json"
    box = AskBox()
    kept = KeptEffort(box, path, box)
    for effort in (Effort(reading_seconds=20), PLAIN):
        box.choose_effort(effort)
    assert settings.load(path).reading_seconds == 20
    again = AskBox()
    assert kept is not KeptEffort(again, path, again)
    assert again.effort == Effort(reading_seconds=20)
    again.show_speed(47.3)
    assert "950 tokens" in again._effort.toolTip()


def test_the_time_that_is_left_is_measured() -> None:
    """From what was read until now, or at first from the last reading."""
    now = [0.0]
    pace = ReadingPace(lambda: now[0])
    assert pace.seconds_left(Reading("a", 100, 500, 100)) is None
    now[0] = 2.0
    assert pace.seconds_left(Reading("a", 200, 500, 100)) == 6.0
    now[0] = 9.0
    assert pace.seconds_left(Reading("b", 0, 100, 0)) == 2.0
    assert pace.tokens_per_s == 50
