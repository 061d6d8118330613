"""Files that were inserted into documents of today's Office."""

from __future__ import annotations

import struct
from pathlib import Path

import documents
import pytest
import xlsxwriter
from containers import ole
from reader_items import items_of, reasons, texts

from indexer.readers.archives import members

_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARAGRAPH = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"


def native(name: str, data: bytes) -> bytes:
    """Return an object of another program around a file."""
    path = f"C:\\Temp\\{name}".encode("cp1252") + b"\0"
    inside = struct.pack("<H", 2) + name.encode("cp1252") + b"\0" + path + b"\0\0\3\0"
    inside += struct.pack("<I", len(path)) + path + struct.pack("<I", len(data)) + data
    return ole({("\x01Ole10Native",): struct.pack("<I", len(inside)) + inside})


def word(path: Path, objects: dict[str, tuple[str, bytes]], text: str = "The letter") -> Path:
    """Write a document with objects: name -> (kind of relation, bytes)."""
    parts = documents.word_parts(_PARAGRAPH.format(text))
    relations = "".join(
        f'<Relationship Id="r{at}" Type="{_TYPES}/{kind}" Target="embeddings/{name}"/>'
        for at, (name, (kind, _)) in enumerate(objects.items())
    )
    parts["word/_rels/document.xml.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{relations}</Relationships>"
    ).encode()
    parts |= {f"word/embeddings/{name}": data for name, (_, data) in objects.items()}
    documents.zipped(path, parts)
    return path


def test_objects_are_read_below_their_names(tmp_path: Path):
    """Whatever container they stand in; what is no file is passed over, a tune is named."""
    inner = word(tmp_path / "inner.docx", {}, "The annex").read_bytes()
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    book.add_worksheet("Ships").write(0, 0, "Anna")
    book.close()
    objects = {
        "Microsoft_Excel_Sheet1.xlsx": ("package", (tmp_path / "a.xlsx").read_bytes()),
        "oleObject1.bin": ("oleObject", native("Liste für Ada.txt", b"one\ntwo")),
        "oleObject2.bin": ("oleObject", ole({("Package",): inner})),
        "oleObject3.bin": ("oleObject", ole({("Equation Native",): b"x" * 80})),
        "oleObject4.bin": ("oleObject", native("tune.mp3", b"ID3")),
        "oleObject5.bin": ("oleObject", ole({("CONTENTS",): documents.pdf(["The map"])})),
        "oleObject6.bin": ("oleObject", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(90)),
        "chunk.htm": ("aFChunk", b"<html><body><h1>Rules</h1><p>Be kind.</p></body></html>"),
    }
    _, items = items_of(word(tmp_path / "a.docx", objects))
    assert texts(items) == [
        "The letter",
        "Microsoft_Excel_Sheet1.xlsx\nShips\nAnna",
        "Liste für Ada.txt\none\ntwo",
        "Embedded file 1\nThe annex",
        "Embedded file 2, page 1\nThe map",
        "chunk.htm\nRules\nBe kind.",
        "Not read\ntune.mp3",
    ]  # fmt: skip
    assert not reasons(items)


def test_of_sheets(tmp_path: Path):
    """They follow all sheets."""
    parts = documents.unzipped(with_chart(tmp_path))
    name = "xl/worksheets/_rels/sheet1.xml.rels"
    inserted = f'<Relationship Id="r9" Type="{_TYPES}/oleObject" Target="../embeddings/o.bin"/>'
    parts[name] = parts[name].replace(b"</Relationships>", f"{inserted}</Relationships>".encode())
    parts["xl/embeddings/o.bin"] = native("a.txt", b"inserted")
    documents.zipped(tmp_path / "b.xlsx", parts)
    _, items = items_of(tmp_path / "b.xlsx")
    assert texts(items)[1:] == ["a.txt\ninserted"]


def with_chart(folder: Path) -> Path:
    """Write a spreadsheet with a chart."""
    path = folder / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Ships")
    sheet.write_column(0, 0, [1, 2])
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=Ships!$A$1:$A$2"})
    sheet.insert_chart(3, 3, chart)
    book.close()
    return path


def test_what_they_expand_to_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An object counts like a file in an archive."""
    monkeypatch.setattr(members, "MAX_BYTES", 5_000)
    monkeypatch.setattr("indexer.readers.office.embedded.MAX_BYTES", 5_000)
    objects = {
        "oleObject1.bin": ("oleObject", native("big.txt", b"a" * 20_000)),
        "big.txt": ("package", b"a" * 20_000),
        "small.txt": ("package", b"small"),
    }
    _, items = items_of(word(tmp_path / "a.docx", objects))
    assert texts(items) == ["The letter", "small.txt\nsmall"]
    assert [reason.partition(":")[0] for reason in reasons(items)] == ["big.txt", "Embedded file"]


def test_documents_inside_each_other_end(tmp_path: Path):
    """Nested packages are read three deep."""
    data = b""
    for level in range(6):
        inside = {"Document1.docx": ("package", data)} if data else {}
        data = word(tmp_path / "a.docx", inside, f"Level {level}").read_bytes()
    _, items = items_of(tmp_path / "a.docx")
    assert [text.rpartition(" ")[2] for text in texts(items)] == ["5", "4", "3", "2"]
    assert any("too deep" in reason for reason in reasons(items))
