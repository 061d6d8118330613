"""Pictures in Office documents and e-books wait for OCR, and are found again by their way."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import documents
import docx
import pptx
import pytest
from PIL import Image
from pptx.util import Inches
from reader_items import items_of, reasons, texts

from indexer.readers import read_source
from indexer.readers.archives.members import find_member
from indexer.readers.ocr.picture import NOT_RECOGNISED
from indexer.readers.office import pictures
from indexer.readers.source import Source
from indexer.types import UnreadPage


def picture(width: int = 300, height: int = 200, kind: str = "PNG", shade: int = 9) -> bytes:
    """Return a picture of one colour."""
    file = io.BytesIO()
    Image.new("L", (width, height), shade).save(file, kind)
    return file.getvalue()


SHOWN = picture(200, 60)
# Each may be there; the second is the first once more.
PICTURES = {
    "a.png": SHOWN, "b.png": SHOWN, "c.png": picture(199, 300), "d.png": picture(300, 59),
    "e.tiff": picture(kind="TIFF"), "f.png": b"\x89PNG\r\n\x1a\n", "g.emf": b"drawn", "h.png": b"",
}  # fmt: skip


def word(path: Path) -> None:
    """Write a letter, and a footer with a logo."""
    letter = docx.Document()
    letter.add_paragraph("The letter")
    for data in (PICTURES["a.png"], PICTURES["c.png"], PICTURES["e.tiff"]):
        letter.add_picture(io.BytesIO(data))
    footer = letter.sections[0].footer.paragraphs[0]
    footer.add_run().add_picture(io.BytesIO(picture(shade=200)))
    letter.save(str(path))


def slides(path: Path) -> None:
    """Write a presentation, with a picture that two slides show."""
    deck = pptx.Presentation()
    for data in (SHOWN, SHOWN, PICTURES["d.png"], PICTURES["e.tiff"]):
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        slide.shapes.add_picture(io.BytesIO(data), 0, 0)
        slide.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "Tide"
    deck.save(str(path))


def opendocument(path: Path) -> None:
    """Write a text."""
    content = b'<o xmlns:text="t"><text:p>The letter</text:p></o>'
    shown = {f"Pictures/{name}": data for name, data in PICTURES.items()}
    documents.zipped(path, {"content.xml": content, **shown})


def book(path: Path) -> None:
    """Write an e-book of a chapter, whose list names a picture that is not there."""
    items = "".join(
        f'<item id="{name}" href="{name}" media-type="image/png"/>' for name in (*PICTURES, "z.png")
    )
    chapter = '<item id="one" href="one.xhtml" media-type="application/xhtml+xml"/>'
    documents.zipped(
        path,
        {
            "content.opf": f"<package><manifest>{items}{chapter}</manifest></package>".encode(),
            "one.xhtml": b"<html><body><p>Low.</p></body></html>",
            **PICTURES,
        },
    )


FORMATS = {"docx": word, "pptx": slides, "odt": opendocument, "epub": book}


@pytest.mark.parametrize("suffix", FORMATS)
def test_those_that_may_show_words_wait(tmp_path: Path, suffix: str) -> None:
    """One of each content, none that is small, damaged, drawn or on each page; text stays."""
    path = tmp_path / f"a.{suffix}"
    FORMATS[suffix](path)
    _, items = items_of(path)
    assert texts(items)
    unread = [item for item in items if isinstance(item, UnreadPage)]
    assert unread == [UnreadPage(None, NOT_RECOGNISED, (at,)) for at in (0, 1)]
    for each, (called, data) in zip(
        unread, (("Picture 1", SHOWN), ("Picture 2", PICTURES["e.tiff"])), strict=True
    ):
        member, names = find_member(Source.of(path), each.member)
        assert names == [called]
        assert Image.open(io.BytesIO(member.data or b"")).size == Image.open(io.BytesIO(data)).size


def test_in_an_archive(tmp_path: Path) -> None:
    """They are no files that were taken out of it, so that the next file is read."""
    opendocument(tmp_path / "a.odt")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "a.odt", "a.odt")
        archive.writestr("b.txt", "after")
    source = Source.of(tmp_path / "a.zip")
    source.allowance.members = 2
    _, *items = read_source(source)
    assert texts(items) == ["a.odt\nThe letter", "b.txt\nafter"]
    assert [item.member for item in items if isinstance(item, UnreadPage)] == [(0, 0), (0, 1)]
    assert find_member(Source.of(tmp_path / "a.zip"), (0, 1))[1] == ["a.odt", "Picture 2"]


def test_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A book of photographs keeps nobody busy for an hour, and says so."""
    monkeypatch.setattr(pictures, "MOST", 2)
    shown = {f"Pictures/{shade}.png": picture(shade=shade) for shade in range(5)}
    documents.zipped(tmp_path / "a.odt", {"content.xml": b"<a/>", **shown})
    _, items = items_of(tmp_path / "a.odt")
    assert reasons(items) == [NOT_RECOGNISED] * 2 + [f"Picture 3: {pictures.TOO_MANY}"]
