"""E-books (EPUB): a zip of web pages, a list of them in their order, and a table of contents."""

from __future__ import annotations

import logging
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from indexer.errors import Unreadable
from indexer.readers import damaged
from indexer.readers.archives.members import read_members
from indexer.readers.encodings.decoding import decode, unify
from indexer.readers.kinds.names import Kind
from indexer.readers.markup.web import declared_encoding, extract
from indexer.readers.office.package import BROKEN, Bound, Parts, attribute, local, package
from indexer.readers.office.pictures import pictures
from indexer.readers.sheet import TOO_LONG, clean, real_title
from indexer.readers.source import Source
from indexer.types import DocumentInfo, Heading, Page, ReaderItem, UnreadPage

log = logging.getLogger(__name__)

WHAT = "e-book"
_CHAPTER = 20_000_000  # bytes of one chapter; a whole novel has one or two million
_BROKEN = (*BROKEN, ValueError)  # a zip's directory may point before its beginning
_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_CHAPTER_DAMAGED = "A chapter of this e-book is damaged."
_WEB_PAGES = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document"})
# Fonts are scrambled in books that are free to read (https://www.w3.org/TR/epub-33/#sec-font-obfuscation).
_OF_FONTS = frozenset(
    {"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"}  # names, not addresses
)
# Dublin Core's names, as a reader of the book would say them.
_ABOUT = {
    "title": "Title", "creator": "Author", "contributor": "With", "publisher": "Publisher",
    "date": "Date", "subject": "Subject", "description": "Description", "identifier": "Identifier",
}  # fmt: skip


@dataclass(slots=True)
class _Book:
    """What the package document says."""

    title: str | None = None
    about: list[str] = field(default_factory=list)  # what it says of itself, in lines
    chapters: list[str] = field(default_factory=list)  # names in the zip, in reading order
    contents: list[str] = field(default_factory=list)  # names of the tables of contents
    pictures: list[str] = field(default_factory=list)  # their names


def read_epub(source: Source) -> Iterator[ReaderItem]:
    """Read an EPUB chapter by chapter; the table of contents names those without a heading.

    Raises Unreadable if it is damaged, or protected against copying.
    """
    with package(source, WHAT) as parts:
        try:
            book = _book(parts)
            _refuse_protected(parts, book, source)
            labels = _labels(parts, book)
        except _BROKEN:
            raise damaged(WHAT, source.path) from None
        if not book.chapters:
            raise damaged(WHAT, source.path)
        yield DocumentInfo(Kind.EPUB.value, book.title)
        if book.about:
            yield Page("\n".join(book.about))
        bound = Bound(source.path, WHAT)
        for name in book.chapters:
            try:
                with parts.open(name) as file:
                    data = file.read(_CHAPTER + 1)
            except _BROKEN as error:
                log.info("a chapter could not be read: %s", type(error).__name__)
                yield UnreadPage(None, _CHAPTER_DAMAGED)
                continue
            bound.spend(len(data))
            yield from _chapter(data[:_CHAPTER], labels.get(name))
            if len(data) > _CHAPTER:
                yield UnreadPage(None, TOO_LONG)
        yield from read_members(source, pictures(parts, book.pictures, source))


def _chapter(data: bytes, label: str | None) -> Iterator[Page]:
    _, pages = extract(unify(decode(data, declared_encoding(data))))
    for page in pages:
        if page.text.strip():
            if label and not page.headings:
                yield replace(page, headings=(Heading(0, 1, label),))
            else:
                yield page
            label = None


def _book(parts: Parts) -> _Book:
    opf = "content.opf"
    if _CONTAINER in parts:
        for element in parts.parse(_CONTAINER):
            if local(element) == "rootfile" and (path := attribute(element, "full-path")):
                opf = path
                break
    book = _Book()
    manifest: dict[str, tuple[str, str]] = {}  # id -> (name in the zip, media type)
    spine: list[str] = []
    for element in parts.parse(opf):
        tag = local(element)
        if tag in _ABOUT and (value := " ".join("".join(element.itertext()).split())):
            if tag == "title" and not book.title:
                book.title = real_title(value)
            book.about.append(clean(f"{_ABOUT[tag]}: {value}"))
        elif tag == "item":
            name = _name(opf, attribute(element, "href"))
            kind = attribute(element, "media-type").lower()
            manifest[attribute(element, "id")] = (name, kind)
            if kind.startswith("image/") and name in parts:
                book.pictures.append(name)
            if "nav" in attribute(element, "properties").split() or kind.endswith("ncx+xml"):
                book.contents.append(name)
        elif tag == "itemref":
            spine.append(attribute(element, "idref"))
    ordered = [manifest[each] for each in spine if each in manifest] or list(manifest.values())
    chapters = [
        name
        for name, kind in ordered
        if kind in _WEB_PAGES or name.lower().endswith((".xhtml", ".html", ".htm"))
    ]
    book.chapters = list(dict.fromkeys(chapters))
    return book


def _refuse_protected(parts: Parts, book: _Book, source: Source) -> None:
    if _ENCRYPTION not in parts:
        return
    method = ""
    for element in parts.parse(_ENCRYPTION):
        tag = local(element)
        if tag == "EncryptionMethod":
            method = attribute(element, "Algorithm")
        elif (
            tag == "CipherReference"
            and method not in _OF_FONTS
            and unquote(attribute(element, "URI")) in book.chapters
        ):
            raise Unreadable(
                "This e-book is encrypted.",
                "It is protected against copying; only its seller's program opens it.",
                source.path,
            )


def _labels(parts: Parts, book: _Book) -> dict[str, str]:
    """Return what the table of contents calls each chapter."""
    labels: dict[str, str] = {}
    for name in book.contents:
        try:
            for element in parts.parse(name):
                target = ""
                tag = local(element)
                if tag == "navPoint":  # EPUB 2
                    for child in element:
                        if local(child) == "content":
                            target = attribute(child, "src")
                    label = "".join(element[0].itertext()) if len(element) else ""
                elif tag == "a" and _is_in_contents(element):  # EPUB 3
                    target, label = attribute(element, "href"), "".join(element.itertext())
                if target and (label := " ".join(label.split())):
                    labels.setdefault(_name(name, target), label[:300])
        except _BROKEN as error:
            log.info("a table of contents could not be read: %s", type(error).__name__)
    return labels


def _is_in_contents(element: object) -> bool:
    """Tell a link of the table of contents from one of the list of pages or landmarks."""
    return any(
        local(above) == "nav" and "toc" in attribute(above, "type").split()
        for above in element.iterancestors()  # type: ignore[attr-defined]
    )


def _name(base: str, address: str) -> str:
    """Return the name in the zip of what `base` refers to by a relative address."""
    path = unquote(address.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), path)).lstrip("/")
