"""The two networks of OCR on OpenVINO: one finds where text stands, one reads a line.

They are PP-OCRv6's for Chinese, English and other languages in Latin letters. They travel in the
package `rapidocr`; none of its code is run, which would ask for OpenCV and can fetch from the net.
"""

from __future__ import annotations

import math
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

_PACKAGE = "rapidocr"
MODELS = _FINDER, _READER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"

# OpenVINO compiles and keeps a graph for every shape that it meets: with sides of any length 36
# pages took 5 GB of data and 1.4 GB of memory, so 1.2 and 0.7.
_STEP = 160
LINE_HEIGHT = 48  # as the model was trained
_GREY = 127  # what it takes for nothing


def models_folder() -> Path | None:
    """Return where the models are, None if they are not installed. Imports nothing."""
    spec = find_spec(_PACKAGE)
    for place in (spec and spec.submodule_search_locations) or ():
        folder = Path(place) / "models"
        if all((folder / name).exists() for name in MODELS):
            return folder
    return None


class Networks:
    """Both networks, loaded."""

    def __init__(self, folder: Path) -> None:
        """Load them; takes a second."""
        import openvino

        core = openvino.Core()
        options = {"PERFORMANCE_HINT": "LATENCY"}
        self._finder = core.compile_model(folder / _FINDER, "CPU", options)
        reader = core.read_model(folder / _READER)
        letters = reader.get_rt_info(["framework", "character"]).astype(str).splitlines()
        self._letters = ["", *letters, " "]  # the first stands for "between letters"
        self._reader = core.compile_model(reader, "CPU", options)

    def find(self, page: Image) -> NDArray[np.float32]:
        """Return for each pixel, (height, width), how likely it is inside of a line."""
        import numpy as np

        paper = np.full((_filled(page.height), _filled(page.width), 3), 255, np.uint8)
        paper[: page.height, : page.width] = np.asarray(page)
        heat: NDArray[np.float32] = _run(self._finder, paper)[0, 0]
        return heat[: page.height, : page.width]

    def read(self, line: Image) -> tuple[str, float]:
        """Return what stands in a line of LINE_HEIGHT, and how sure that is (0 to 1)."""
        import numpy as np

        strip = np.full((LINE_HEIGHT, _filled(line.width), 3), _GREY, np.uint8)
        strip[:, : line.width] = np.asarray(line)
        odds = _run(self._reader, strip)[0]
        best = odds.argmax(axis=1)
        # A letter is told again and again as long as the network looks at it.
        new = np.append(True, best[1:] != best[:-1]) & (best != 0)
        sure = odds.max(axis=1)[new]
        text = "".join(self._letters[index] for index in best[new])
        return text, float(sure.mean()) if len(sure) else 0.0


@cache
def networks() -> Networks:
    """Return the networks, loaded once. Raises FileNotFoundError if they are not installed."""
    folder = models_folder()
    if folder is None:
        raise FileNotFoundError(_PACKAGE)
    return Networks(folder)


def _filled(side: int) -> int:
    return _STEP * math.ceil(side / _STEP)


def _run(network: Any, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what a network makes of a picture of (height, width, 3) in red, green, blue."""
    import numpy as np

    inverted = pixels[:, :, ::-1].astype(np.float32) / 127.5 - 1  # it was trained on blue first
    found: NDArray[np.float32] = network(inverted.transpose(2, 0, 1)[np.newaxis])[0]
    return found
