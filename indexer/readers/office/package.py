"""The zip of parts that Office documents are, read without trust.

Parts are streamed through lxml with no entities, no network and a bound on what they expand to.
"""

from __future__ import annotations

import logging
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from lxml import etree

from indexer.errors import Unreadable
from indexer.readers import damaged, encrypted
from indexer.readers.kinds.sniffing import OLE
from indexer.readers.sheet import real_title
from indexer.readers.source import Source

log = logging.getLogger(__name__)

MAX_EXPANDED = 400_000_000  # bytes of XML in all; 52 real documents had 0.8 million at most
_BLOCK = 65_536
_OLE_SCAN = 64_000_000  # bytes in which the name of an encrypted package is looked for
_ENCRYPTED = "encryptedpackage".encode("utf-16-le")

# What reading a damaged part raises.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, etree.LxmlError, KeyError)


@contextmanager
def package(source: Source, what: str) -> Iterator[Parts]:
    """Open an Office file for as long as its parts are read; `what` names it in errors.

    Raises Unreadable if it is encrypted, damaged or something else.
    """
    with source.open() as file:
        head = file.read(len(OLE))
        # The old container holds an encrypted package whole, under this name.
        if head == OLE and _ENCRYPTED in file.read(_OLE_SCAN).lower():
            raise encrypted(what, source.path)
    try:
        archive = zipfile.ZipFile(source.file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
        if head.startswith((b"PK", OLE)):
            raise damaged(what, source.path) from None
        raise Unreadable(
            f"This is not a {what}.",
            "Its name says so, but its content is something else.",
            source.path,
        ) from None
    with archive:
        yield Parts(archive, source.path, what)


class Parts:
    """The parts of an Office file and their relations, within MAX_EXPANDED bytes in all."""

    def __init__(self, archive: zipfile.ZipFile, path: Path, what: str) -> None:
        """Take an open zip; `what` names the kind of document in errors. Raises Unreadable."""
        self._archive = archive
        self._path = path
        self._what = what
        self._bound = Bound(path, what)
        # What is declared counts: Python's zipfile never expands a member beyond it.
        infos = archive.infolist()
        declared = sum(
            info.file_size for info in infos if info.filename.endswith((".xml", ".rels"))
        )
        if declared > MAX_EXPANDED:
            raise self._bound.exceeded()
        if any(info.flag_bits & 1 for info in infos):
            raise encrypted(what, path, unlockable=False)
        self.names = frozenset(archive.namelist())  # of all parts

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def open(self, name: str) -> Any:
        """Open a part as a binary file. Raises KeyError where there is none."""
        return self._archive.open(name)

    def content(self, name: str) -> tuple[int, int]:
        """Return what tells a part from others: its checksum and size, as the zip has them."""
        info = self._archive.getinfo(name)
        return info.CRC, info.file_size

    def parse(
        self, name: str, handler: Any = None, tags: Sequence[str] | None = None
    ) -> Iterator[Any]:
        """Stream a part as `parse` does. Raises one of BROKEN."""
        with self.open(name) as file:
            yield from parse(file, self._bound, handler, tags)

    def title(self) -> str | None:
        """Return the title in the document's properties; None if there is none to be had."""
        try:
            for part in self.related("", "core-properties"):
                for element in self.parse(part):
                    if local(element) == "title":
                        return real_title(element.text)
        except BROKEN as error:
            log.info("properties could not be read: %s", type(error).__name__)
        return None

    def related(self, name: str, relation: str) -> list[str]:
        """Return the parts that `name` ("": the package) relates to by a kind of relation."""
        return list(self.relations(name, relation).values())

    def relations(self, name: str, relation: str) -> dict[str, str]:
        """Return the same as `related` by the identifiers that `name` knows them by."""
        at = PurePosixPath(name).parent if name else PurePosixPath()
        found: dict[str, str] = {}
        for element in self._relations(name, relation):
            if element.get("TargetMode") != "External":
                target = _join(at, element.get("Target"))
                if target in self.names:
                    found[element.get("Id") or str(len(found))] = target
        return found

    def addresses(self, name: str) -> dict[str, str]:
        """Return the addresses that a part links to, by the identifiers that it knows them by."""
        found: dict[str, str] = {}
        try:
            for element in self._relations(name, "hyperlink"):
                if element.get("TargetMode") == "External":
                    found[element.get("Id") or ""] = element.get("Target") or ""
        except BROKEN as error:
            log.info("links could not be read: %s", type(error).__name__)
        return found

    def _relations(self, name: str, relation: str) -> Iterator[Any]:
        at = PurePosixPath(name)
        relations = str(at.parent / "_rels" / f"{at.name}.rels") if name else "_rels/.rels"
        if relations in self.names:
            for element in self.parse(relations):
                if (element.get("Type") or "").endswith(f"/{relation}"):
                    yield element


class Bound:
    """What the XML of one file may still expand to."""

    def __init__(self, path: Path, what: str) -> None:
        self._path = path
        self._what = what
        self._left = MAX_EXPANDED

    def spend(self, count: int) -> None:
        """Count bytes. Raises Unreadable when they are too many."""
        self._left -= count
        if self._left < 0:
            raise self.exceeded()

    def exceeded(self) -> Unreadable:
        """Return the error for a file that expands without end."""
        return Unreadable(
            f"This {self._what} expands to more than is allowed.",
            "It may have been made to overload programs that open it.",
            self._path,
        )


def parse(
    file: BinaryIO, bound: Bound, handler: Any = None, tags: Sequence[str] | None = None
) -> Iterator[Any]:
    """Stream XML; hand each element to `handler` and yield after every block of it.

    Without a handler, yields each element when it is complete. With `tags` ("{*}row") only such
    elements are handed on, which is quick where others are many. Raises etree.LxmlError and
    whatever the file raises.
    """
    parser = etree.XMLPullParser(
        events=("start", "end"), resolve_entities=False, no_network=True, huge_tree=False,
        tag=tags, load_dtd=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    while block := file.read(_BLOCK):
        bound.spend(len(block))
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


def local(element: Any) -> str:
    """Return an element's name without its namespace; "" of what is no element."""
    tag = element.tag
    return tag[tag.rfind("}") + 1 :] if isinstance(tag, str) else ""


def attribute(element: Any, name: str) -> str:
    """Return an attribute by its name without a namespace; "" where there is none."""
    for key, value in element.attrib.items():
        if key == name or key.endswith(f"}}{name}"):
            return str(value)
    return ""


def forget(element: Any) -> None:
    """Free what was read, so that a long document needs no more memory than a short one."""
    element.clear(keep_tail=False)
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        parent.remove(before)


def _join(folder: PurePosixPath, target: str | None) -> str:
    """Resolve a relation's target, which may be absolute or climb."""
    parts: list[str] = []
    for part in (PurePosixPath(folder) / (target or "")).parts:
        if part == "..":
            parts = parts[:-1]
        elif part != "/":
            parts.append(part)
    return "/".join(parts)
