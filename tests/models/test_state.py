from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from models.llm import Llm
from models.state import State, States, discard_states

KEY, OTHER = bytes(range(32)), bytes(32)
NOTES = {"slots": [[[1, "a.txt", "text", "text"]]]}
STATE = State((1, 2, 3), b"what llama.cpp wrote" * 1000, NOTES)
MEGABYTE = 1 << 20


@pytest.fixture
def states(tmp_path: Path) -> States:
    """Return the states of a model in an empty folder."""
    return States(tmp_path, "model", MEGABYTE)


def test_a_state_comes_back_as_it_was(states: States, tmp_path: Path) -> None:
    """For its conversation, with its key, in the same model; the file is the owner's alone."""
    assert states.save("chat", KEY, STATE)
    found = states.load("chat", KEY)
    assert found is not None
    assert (list(found.tokens), bytes(found.data), found.notes) == ([1, 2, 3], STATE.data, NOTES)
    assert states.load("another", KEY) is None
    (path,) = tmp_path.iterdir()
    assert b"llama" not in path.read_bytes()
    if os.name == "posix":
        assert path.stat().st_mode & 0o077 == 0


def test_what_is_not_proved_is_not_used(states: States, tmp_path: Path) -> None:
    """Another key, another model, a flipped bit, a file that is cut: the file goes."""
    for other in (States(tmp_path, "another model", MEGABYTE), None):
        states.save("chat", KEY, STATE)
        found = states.load("chat", OTHER) if other is None else other.load("chat", KEY)
        assert found is None
        assert list(tmp_path.iterdir()) == []
    states.save("chat", KEY, STATE)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for data in (b"", whole[:20], whole[:-1], bytes(flipped), whole[:5] + bytes(100)):
        path.write_bytes(data)
        assert states.load("chat", KEY) is None
        assert not path.exists()


def test_the_oldest_states_make_room(states: States, tmp_path: Path) -> None:
    """One that was used lately stays; one that is larger than all room is not kept at all."""
    third = State((1,), bytes(MEGABYTE // 3))
    for number, name in enumerate("ab"):
        assert states.save(name, KEY, third)
        for path in tmp_path.iterdir():
            os.utime(path, (number, min(path.stat().st_mtime, number)))
    states.load("a", KEY)
    assert states.save("c", KEY, third)
    assert [states.load(name, KEY) is not None for name in "abc"] == [True, False, True]
    assert not states.save("d", KEY, State((1,), bytes(2 * MEGABYTE)))
    assert states.load("a", KEY)


def test_what_a_killed_process_left_goes(states: States, tmp_path: Path) -> None:
    """With the next state that is written; erased conversations leave nothing."""
    (tmp_path / "new.abc.state").write_bytes(bytes(100))
    assert states.save("a", KEY, STATE)
    assert states.save("b", KEY, STATE)
    assert len(list(tmp_path.iterdir())) == 2
    discard_states(tmp_path, ["a"])
    assert states.load("a", KEY) is None
    discard_states(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_costs_only_the_state(tmp_path: Path) -> None:
    """Nothing is raised where nobody waits for it."""
    assert not States(tmp_path / "gone", "model", MEGABYTE).save("a", KEY, STATE)


@pytest.mark.timeout(600)
def test_a_model_goes_on_where_another_process_was(llm_path: Path, tmp_path: Path) -> None:
    """It writes what it would have written, and need not read."""
    first = Llm.load(llm_path, 512)
    tokens = first.tokenize("The tower is 330 metres tall. " * 20)
    began = time.process_time()
    list(first.read(tokens))
    cost = time.process_time() - began
    expected = "".join(first.write(12))
    first.held.keep(len(tokens))
    states = States(tmp_path, first.fingerprint, 1 << 30)
    assert states.save("chat", KEY, State(first.tokens, first.held.state()))
    first.close()
    second = Llm.load(llm_path, 512)
    began = time.process_time()
    state = states.load("chat", KEY)
    assert state is not None
    assert isinstance(state.data, memoryview)
    assert second.held.restore(state.tokens, state.data)
    assert list(second.read(tokens)) == [len(tokens) - 1, len(tokens)]
    assert time.process_time() - began < cost / 2
    assert "".join(second.write(12)) == expected
    assert not second.held.restore(state.tokens, state.data[:-8])
    assert second.tokens == []
    second.close()
