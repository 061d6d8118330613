"""Nothing that the program stands on may report to its maker; what could is named here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest

from models.silence import SWITCHES

_PROJECT = Path(__file__).parents[2] / "pyproject.toml"

_REPORTING = re.compile(
    rb"google-analytics|sentry_sdk|posthog|mixpanel|segment\.(?:io|com)/v1|amplitude\.com|"
    rb"scarf\.sh|openvino_telemetry|DISABLE_TELEMETRY|def send_telemetry"
)
_KNOWN = {
    "huggingface_hub": "HF_HUB_DISABLE_TELEMETRY; huggingface_hub 2 has no telemetry but a header",
    "nncf": "imports openvino_telemetry, which cannot be imported",
    "openvino": "imports openvino_telemetry, which cannot be imported",
    "openvino_telemetry": "cannot be imported",
    "transformers": "a header of requests to the hub, which is never asked",
}


def _distributions() -> Iterator[Distribution]:
    """Yield what pocket-llm asks for, and what that asks for, as far as it is installed."""
    project = tomllib.loads(_PROJECT.read_text("utf-8"))["project"]
    asked: list[str] = project["dependencies"] + project["optional-dependencies"]["prepare"]
    seen: set[str] = set()
    while asked:
        name = re.split(r"[^\w.-]", asked.pop(), maxsplit=1)[0].lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        yield found
        asked += [line for line in found.requires or () if "extra ==" not in line]


@pytest.mark.slow
def test_every_library_that_could_report_is_known() -> None:
    """A new dependency with telemetry fails here until it is switched off."""
    reporting = {
        file.parts[0]
        for found in _distributions()
        for file in found.files or ()
        if file.suffix == ".py" and _REPORTING.search(_content(Path(str(found.locate_file(file)))))
    }
    assert reporting <= set(_KNOWN), sorted(reporting - set(_KNOWN))


def _content(path: Path) -> bytes:
    # torch has no telemetry of its own, but 3,000 files.
    return path.read_bytes() if path.is_file() and "torch" not in path.parts else b""


def test_every_process_is_silent_before_it_imports_anything() -> None:
    """Whatever role it has: the entrance imports nothing that could report."""
    program = (
        "import sys, json, os\n"
        "import app.__main__ as entrance\n"
        "before = sorted({name.partition('.')[0] for name in sys.modules})\n"
        "try:\n    entrance.main(['--version'])\nexcept SystemExit:\n    pass\n"
        "print(json.dumps([before, dict(os.environ), sys.modules['openvino_telemetry']]))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    before, environment, reporter = json.loads(ran.stdout.splitlines()[-1])
    assert not set(before) & set(_KNOWN)
    assert environment.items() >= SWITCHES.items()
    assert reporter is None


def test_openvino_speaks_to_a_stub() -> None:
    """Also where the reporting package is installed, and is asked for by the converter."""
    program = (
        "from models.embedder import import_openvino\n"
        "import_openvino()\n"
        "from openvino.tools.ovc.telemetry_utils import tm\n"
        "print(tm.__name__)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.strip().endswith("telemetry_stub")
