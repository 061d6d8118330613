"""The script that pins the catalogue's models, against a hub on this machine."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.catalog import entries
from tests.app.model_files.local_hub import LocalHub, local_hub

ROOT = Path(__file__).parents[2]
SMALL = b'{"a": 1}'
CATALOG = """# A comment that stays.
[[model]]
name = "starter"
file = "a"

[[model]]
name = "one"
repository = "anna/model"
files = [
    { path = "config.json", bytes = 1 },
    { path = "sub/model.safetensors", bytes = 2_000 },
]

[[model]]
name = "other"
repository = "anna/model"
revision = "old"
files = [{ path = "sub/model.safetensors", bytes = 1, sha256 = "0" }]
"""


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    with local_hub({}) as served:
        served.pages = {
            "/api/models/anna/model/revision/main": b'{"sha": "c0ffee"}',
            "/api/models/anna/model/tree/c0ffee?recursive=true&limit=1000": json.dumps(
                [
                    {"path": "config.json", "size": len(SMALL), "oid": "1"},
                    {
                        "path": "sub/model.safetensors",
                        "size": 5_000_000,
                        "oid": "2",
                        "lfs": {"oid": "ab" * 32, "size": 5_000_000},
                    },
                ]
            ).encode(),
            "/anna/model/resolve/c0ffee/config.json": SMALL,
        }
        yield served


def pin(hub: LocalHub, catalog: Path) -> subprocess.CompletedProcess[str]:
    """Run the script."""
    return subprocess.run(
        [
            sys.executable, str(ROOT / "installer" / "pin_models.py"),
            "--hub", hub.base, "--catalog", str(catalog),
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


def test_each_file_is_pinned_and_the_rest_stays(hub: LocalHub, tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.toml"
    catalog.write_text(CATALOG)
    done = pin(hub, catalog)
    assert done.returncode == 0, done.stderr
    text = catalog.read_text()
    assert text.startswith("# A comment that stays.\n")
    starter, one, other = tomllib.loads(text)["model"]
    assert starter == {"name": "starter", "file": "a"}
    assert one["revision"] == other["revision"] == "c0ffee"
    assert one["files"] == [
        {
            "path": "config.json",
            "bytes": len(SMALL),
            "sha256": hashlib.sha256(SMALL).hexdigest(),
        },
        {"path": "sub/model.safetensors", "bytes": 5_000_000, "sha256": "ab" * 32},
    ]
    assert other["files"] == one["files"][1:]
    # A second time changes nothing.
    assert pin(hub, catalog).returncode == 0
    assert catalog.read_text() == text


def test_what_is_not_there_any_more_is_told_and_nothing_is_written(
    hub: LocalHub, tmp_path: Path
) -> None:
    catalog = tmp_path / "catalog.toml"
    catalog.write_text(CATALOG.replace("config.json", "gone.json"))
    before = catalog.read_text()
    done = pin(hub, catalog)
    assert done.returncode == 1
    assert "gone.json" in done.stderr
    assert catalog.read_text() == before


def test_the_catalogue_is_complete() -> None:
    """Each model has what `models list` and `models get` need to know of it."""
    for entry in entries():
        assert entry.package or entry.files, entry.name
        assert entry.weights, entry.name
        assert entry.kind == "encoder" or entry.token_bytes, entry.name
        for file in entry.files:
            assert file.bytes > 0
            assert file.repository.count("/") == 1
