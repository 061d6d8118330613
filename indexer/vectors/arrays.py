"""The arrays that the modules of this folder hand to each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]  # of chunks, (n,)
Floats = NDArray[np.float32]
Halves = NDArray[np.float16]  # rows, (n, dimensions)
Vectors = tuple[Ids, Halves]
Places = NDArray[np.int64]  # of rows among others
Signs = NDArray[np.uint8]  # of rows, (n, bytes)
Sums = NDArray[np.uint32]  # checksums

PART_ROWS = 4096  # that are read or handed on at a time
