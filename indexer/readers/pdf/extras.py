"""What a PDF holds beside the text of its pages: outline, fields, comments, attached files."""

from __future__ import annotations

import ctypes
import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from indexer.readers.pdf.text import normalise
from indexer.types import Heading

log = logging.getLogger(__name__)

_MOST_HEADINGS = 10_000
_MOST_NOTES = 2_000  # annotations of a page, links among them
_MOST_FILES = 200
_MOST_LABELS = 20_000
_LONGEST_LABEL = 20  # characters
_LABEL_SECONDS = 3.0  # of a tree of labels that is made to be slow
_LONGEST = 100_000  # characters of a field or comment
_MOST_CHARACTERS = 1_000_000  # of all of a page

Titles = dict[int, list[tuple[int, str]]]


def outline_of(document: Any) -> Titles:
    """Return for each page index its entries as (level from 1, title)."""
    entries: Titles = {}
    try:
        for count, bookmark in enumerate(document.get_toc()):
            if count >= _MOST_HEADINGS:
                break
            target = bookmark.get_dest()
            title = normalise(bookmark.get_title()).replace("\n", " ")
            index = target.get_index() if target else None
            if title and index is not None:
                entries.setdefault(index, []).append((bookmark.level + 1, title[:300]))
    except (RuntimeError, ValueError, RecursionError) as error:
        log.info("an outline could not be read: %s", type(error).__name__)
    return entries


def locate(titles: Sequence[tuple[int, str]], text: str) -> tuple[Heading, ...]:
    """Return the outline's entries as headings where their words stand in the text, else at 0."""
    found = []
    for level, title in titles:
        start = text.find(title)
        if start < 0:
            match = re.search(r"\s+".join(map(re.escape, title.split())), text, re.IGNORECASE)
            start = match.start() if match else 0
        found.append(Heading(start, level, title))
    return tuple(sorted(found, key=lambda heading: heading.start))


def label_of(document: Any, index: int) -> str:
    """Return the number that is printed on a page, as far as the document knows it."""
    label = " ".join(normalise(document.get_page_label(index)).split())
    return label if len(label) <= _LONGEST_LABEL else ""


def labels_of(document: Any) -> tuple[tuple[int, str], ...]:
    """Return the printed numbers of those pages, counted from 1, that are printed otherwise."""
    found = []
    until = time.monotonic() + _LABEL_SECONDS
    try:
        for number in range(1, min(len(document), _MOST_LABELS) + 1):
            label = label_of(document, number - 1)
            if label and label != str(number):
                found.append((number, label))
            if time.monotonic() > until:
                break
    except (RuntimeError, ValueError) as error:
        log.info("the labels of pages could not be read: %s", type(error).__name__)
    return tuple(found)


def attached_names(document: Any) -> list[str]:
    """Return the names of the files that are attached to a document."""
    try:
        count = min(document.count_attachments(), _MOST_FILES)
        names = [document.get_attachment(index).get_name() for index in range(count)]
    except (RuntimeError, ValueError) as error:
        log.info("the attached files could not be listed: %s", type(error).__name__)
        return []
    return [name for each in names if (name := " ".join(normalise(each).split()))]


def prepare_fields(document: Any) -> None:
    """Load a document's form, if it has one, for notes_of."""
    from pypdfium2 import PdfiumError

    try:
        if document.get_formtype():
            document.init_forms()
    except PdfiumError:
        log.info("a form could not be read")


def notes_of(page: Any) -> Iterator[str]:
    """Yield what a page says in form fields, as "name: value", and in comments.

    The fields' values need prepare_fields before the page is loaded.
    """
    from pypdfium2 import raw

    left = _MOST_CHARACTERS
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST_NOTES)):
        note = raw.FPDFPage_GetAnnot(page, index)
        if not note:
            continue
        try:
            kind = raw.FPDFAnnot_GetSubtype(note)
            if kind == raw.FPDF_ANNOT_WIDGET:
                text = _field(page.formenv, note) if page.formenv else ""
            elif kind in (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP):
                text = ""
            else:
                text = _string(
                    lambda *to, note=note: raw.FPDFAnnot_GetStringValue(note, b"Contents", *to)
                )
        finally:
            raw.FPDFPage_CloseAnnot(note)
        if text and left > 0:
            left -= len(text)
            yield text


def _field(forms: Any, note: Any) -> str:
    from pypdfium2 import raw

    kind = raw.FPDFAnnot_GetFormFieldType(forms, note)
    if kind in (raw.FPDF_FORMFIELD_PUSHBUTTON, raw.FPDF_FORMFIELD_SIGNATURE):
        return ""
    if kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON):
        if not raw.FPDFAnnot_IsChecked(forms, note):
            return ""
        value = "✓"
    else:
        value = _string(lambda *to: raw.FPDFAnnot_GetFormFieldValue(forms, note, *to))
    if not value:
        return ""
    # The alternate name is what a person is shown; the name may be "topmostSubform[0].f1_01".
    name = _string(lambda *to: raw.FPDFAnnot_GetFormFieldAlternateName(forms, note, *to))
    name = name or _string(lambda *to: raw.FPDFAnnot_GetFormFieldName(forms, note, *to))
    return f"{name}: {value}" if name else value


def _string(ask: Callable[..., int]) -> str:
    """Return a string that pdfium writes into a buffer of its length in bytes."""
    size = ask(None, 0)
    if not 2 < size <= 2 * _LONGEST:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    ask(buffer, size)
    return normalise(bytes(buffer)[: size - 2].decode("utf-16-le", "ignore"))
