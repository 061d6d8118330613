"""Switches off whatever a library would tell its maker, or ask a hub, before any is imported.

The first thing in each process: most of these switches are read once, when their library loads.
What else of our dependencies can speak to a network does so only where it is called to.
"""

from __future__ import annotations

import os
import sys
from typing import Any, cast

SWITCHES = {
    "DO_NOT_TRACK": "1",  # kept by many, huggingface_hub among them
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",  # the owner's account is nobody's business
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "DISABLE_SAFETENSORS_CONVERSION": "1",  # transformers asks the hub for one in a thread
}
# Reports what is imported and converted to OpenVINO's maker, unless a file in the home folder says
# no. OpenVINO and nncf fall back to a stub where it cannot be imported.
REPORTERS = ("openvino_telemetry",)


def silence() -> None:
    """Switch it all off for this process and those that it starts."""
    os.environ.update(SWITCHES)
    for module in REPORTERS:
        sys.modules.setdefault(module, cast(Any, None))
