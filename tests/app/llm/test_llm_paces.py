from __future__ import annotations

import time
from pathlib import Path

from app.llm.paces import Paces, load_paces, save_paces
from models.threads import Threads


def test_what_was_measured_is_kept_for_a_while(tmp_path: Path) -> None:
    """By model and machine; a file that is damaged says nothing."""
    paces = Paces(Threads(2, 4), time.time(), {1: 0.1, 4: 0.2})
    save_paces(tmp_path, "a", paces)
    save_paces(tmp_path, "b", Paces(Threads(1, 1), time.time() - 1e8, {1: 0.3}))
    assert load_paces(tmp_path, "a") == paces
    assert load_paces(tmp_path, "b").threads is None
    assert load_paces(tmp_path, "b").seconds == {1: 0.3}
    assert load_paces(tmp_path, "c") == Paces()
    for text in ("", "[]", "{", '{"a": 1}'):
        (tmp_path / "paces.json").write_text(text)
        assert load_paces(tmp_path, "a") == Paces()
    save_paces(tmp_path / "gone", "a", paces)
