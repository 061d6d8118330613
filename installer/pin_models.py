"""Fills in what the catalogue of models leaves open: revisions, sizes and hashes, from the hub.

For whoever prepares a release, on a machine with a network: `python installer/pin_models.py`. Run
it again to move to newer revisions. Small files, which a hub keeps in git, are fetched for their
hashes; large ones have theirs in the hub's list. Nothing is written unless all of it is known.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CATALOG = ROOT / "resources" / "catalog.toml"
_BLOCK = 1 << 20
_LONGEST = 1 << 26  # bytes of an answer; large files are never asked for


class Unknown(Exception):
    """Something that the hub does not say."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Rewrite the catalogue."""
    parser = argparse.ArgumentParser(description=__doc__, prog="installer/pin_models.py")
    parser.add_argument("--hub", default="https://huggingface.co", metavar="URL")
    parser.add_argument("--catalog", type=Path, default=CATALOG, metavar="FILE")
    parsed = parser.parse_args(arguments)
    sys.path.insert(0, str(ROOT))  # it is run as a file
    from models.errors import ModelError
    from models.transport import require_base

    try:
        base = require_base(parsed.hub)
        text = parsed.catalog.read_text(encoding="utf-8")
        for model in tomllib.loads(text)["model"]:
            if "repository" in model:
                text = _pin(text, model, base)
                print(f"{model['name']}: pinned")
    except (ModelError, Unknown) as error:
        print(error, file=sys.stderr)
        return 1
    parsed.catalog.write_text(text, encoding="utf-8")
    return 0


def _pin(text: str, model: dict[str, Any], base: str) -> str:
    """Return the catalogue's text with one model pinned."""
    repository = str(model["repository"])
    commit = str(json.loads(_ask(f"{base}/api/models/{repository}/revision/main"))["sha"])
    listed = json.loads(
        _ask(f"{base}/api/models/{repository}/tree/{commit}?recursive=true&limit=1000")
    )
    known = {str(item["path"]): item for item in listed}
    begin = text.index(f'name = "{model["name"]}"')
    end = text.find("[[model]]", begin)
    section = text[begin:] if end < 0 else text[begin:end]
    pinned = re.sub(r'\nrevision = "[^"]*"', "", section)
    line = f'repository = "{repository}"'
    pinned = pinned.replace(line, f'{line}\nrevision = "{commit}"')
    for file in model["files"]:
        path = str(file["path"])
        if path not in known:
            raise Unknown(f"{repository} has no file {path} any more.")
        size, sha256 = _facts(known[path], f"{base}/{repository}/resolve/{commit}/{path}")
        pinned = re.sub(
            rf'\{{ path = "{re.escape(path)}",[^}}]*\}}',
            f'{{ path = "{path}", bytes = {size:_}, sha256 = "{sha256}" }}',
            pinned,
        )
    return text[:begin] + pinned + ("" if end < 0 else text[end:])


def _facts(item: dict[str, Any], address: str) -> tuple[int, str]:
    """Return a file's size and SHA-256."""
    if large := item.get("lfs"):
        return int(large["size"]), str(large["oid"])
    data = _ask(address)
    if len(data) != int(item["size"]):
        raise Unknown(f"{address} is not as large as the hub's list says.")
    return len(data), hashlib.sha256(data).hexdigest()


def _ask(address: str) -> bytes:
    from models.transport import get

    data = b""
    with get(address, {}) as response:
        if response.status != 200:
            raise Unknown(f"{address} answers with status {response.status}.")
        while len(data) < _LONGEST and (piece := response.read(_BLOCK)):
            data += piece
    return data


if __name__ == "__main__":
    sys.exit(main())
