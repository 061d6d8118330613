"""How well the tokens of a question match those of a text: MaxSim, the late interaction of ColBERT.

Khattab and Zaharia (2020) trained an encoder for it; the token states of one that was trained for
whole sentences tell what its vectors of sentences do not: whether each part of the question is met.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def with_token_states(graph: Any, dimensions: int) -> Any:
    """Return an encoder's graph with what its last layer says of each token as a second output."""
    copy = graph.clone()
    shapes = ((op, op.output(0).partial_shape) for op in copy.get_ordered_ops() if op.outputs())
    states = [
        op
        for op, shape in shapes
        if shape.rank == 3 and shape[2] == dimensions and shape[1].is_dynamic
    ]
    copy.add_outputs([states[-1].output(0)])
    return copy


def unit_rows(states: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return an array's rows with length 1."""
    unit: NDArray[np.float32] = states / np.linalg.norm(states, axis=1, keepdims=True)
    return unit


def closeness(asked: NDArray[np.float32], states: NDArray[np.float32]) -> float:
    """Return the mean, over a question's tokens, of the cosine of a text's nearest token.

    `asked` are rows of length 1, `states` rows of any length.
    """
    return float((asked @ unit_rows(states).T).max(axis=1).mean())
