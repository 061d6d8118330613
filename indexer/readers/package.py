"""The zip of parts that Office documents are, read without trust.

Parts are streamed through lxml with no entities, no network and a bound on what they expand to.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from lxml import etree

from indexer.errors import Unreadable
from indexer.readers import encrypted

MAX_EXPANDED = 400_000_000  # bytes of XML in all; 52 real documents had 0.8 million at most
_BLOCK = 65_536

# What reading a damaged part raises.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, etree.LxmlError, KeyError)


class Parts:
    """The parts of an Office file and their relations, within MAX_EXPANDED bytes in all."""

    def __init__(self, archive: zipfile.ZipFile, path: Path, what: str) -> None:
        """Take an open zip; `what` names the kind of document in errors. Raises Unreadable."""
        self._archive = archive
        self._path = path
        self._what = what
        self._left = MAX_EXPANDED
        # What is declared counts: Python's zipfile never expands a member beyond it.
        infos = archive.infolist()
        declared = sum(
            info.file_size for info in infos if info.filename.endswith((".xml", ".rels"))
        )
        if declared > MAX_EXPANDED:
            raise self._too_large()
        if any(info.flag_bits & 1 for info in infos):
            raise encrypted(what, path)

    def open(self, name: str) -> Any:
        """Open a part as a binary file. Raises KeyError where there is none."""
        return self._archive.open(name)

    def parse(self, name: str, handler: Any = None) -> Iterator[Any]:
        """Stream a part; hand each element to `handler` and yield after every block of it.

        Without a handler, yields each element when it is complete. Raises one of BROKEN.
        """
        parser = etree.XMLPullParser(
            events=("start", "end"), resolve_entities=False, no_network=True, huge_tree=False,
            load_dtd=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        with self.open(name) as file:
            while block := file.read(_BLOCK):
                self._left -= len(block)
                if self._left < 0:
                    raise self._too_large()
                try:
                    parser.feed(block)
                except etree.XMLSyntaxError as error:
                    if error.code == etree.ErrorTypes.ERR_NO_MEMORY:
                        raise MemoryError from None
                    if handler is not None:
                        handler.take(parser.read_events())  # what stood before the fault
                    raise
                if handler is None:
                    for event, element in parser.read_events():
                        if event == "end":
                            yield element
                else:
                    handler.take(parser.read_events())
                    yield None
            parser.close()
        if handler is None:
            yield from (element for event, element in parser.read_events() if event == "end")
        else:
            handler.take(parser.read_events())

    def related(self, name: str, relation: str) -> list[str]:
        """Return the parts that `name` ("": the package) relates to by a kind of relation."""
        at = PurePosixPath(name)
        relations = str(at.parent / "_rels" / f"{at.name}.rels") if name else "_rels/.rels"
        names = set(self._archive.namelist())
        found = []
        if relations in names:
            for element in self.parse(relations):
                kind = element.get("Type") or ""
                if kind.endswith(f"/{relation}") and element.get("TargetMode") != "External":
                    target = _join(at.parent if name else PurePosixPath(), element.get("Target"))
                    if target in names:
                        found.append(target)
        return found

    def _too_large(self) -> Unreadable:
        return Unreadable(
            f"This {self._what} expands to more than is allowed.",
            "It may have been made to overload programs that open it.",
            self._path,
        )


def _join(folder: PurePosixPath, target: str | None) -> str:
    """Resolve a relation's target, which may be absolute or climb."""
    parts: list[str] = []
    for part in (PurePosixPath(folder) / (target or "")).parts:
        if part == "..":
            parts = parts[:-1]
        elif part != "/":
            parts.append(part)
    return "/".join(parts)
