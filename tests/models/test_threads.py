from __future__ import annotations

from pathlib import Path

import pytest

from models.llm import Llm
from models.threads import counts, measure


@pytest.mark.timeout(600)
def test_measuring_leaves_the_context_as_it_was(llm_path: Path) -> None:
    """Whether it ends, is closed, or is interrupted in the middle."""
    llm = Llm.load(llm_path, 256)
    tokens = llm.tokenize("The tower is 330 metres tall.")
    list(llm.read(tokens))
    expected = "".join(llm.write(8))
    list(llm.read(tokens))
    found = list(measure(llm.held, [1, 2]))
    assert {found[-1].writing, found[-1].reading} <= {1, 2}
    measuring = measure(llm.held, [1, 2])
    next(measuring)
    measuring.close()  # type: ignore[attr-defined]
    llm.interrupt()
    assert not list(measure(llm.held, [1, 2]))
    llm.resume()
    assert llm.tokens == tokens
    list(llm.read(tokens))
    assert "".join(llm.write(8)) == expected
    assert not list(measure(llm.held, [1]))
    llm.close()


def test_every_small_number_of_cores_is_tried() -> None:
    """Without one twice; of many cores only some."""
    tried = counts()
    assert len(tried) == len(set(tried)) <= 7
    assert min(tried) >= 1
