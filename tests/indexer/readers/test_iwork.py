"""Documents of Apple's iWork, by hand: no free program writes them."""

from __future__ import annotations

from pathlib import Path

import documents
import pytest
from reader_items import items_of, reasons

from indexer.errors import Unreadable, Unsupported
from indexer.types import DocumentInfo, Page

XML = (
    '<sl:document xmlns:sl="sl" xmlns:sf="sf" xmlns:sfa="sfa" xmlns:ls="ls"><sl:stylesheet><sf:p>'
    'no</sf:p></sl:stylesheet><ls:workspace ls:workspace-name="Ships"><sf:p>The <sf:span>harbour'
    "</sf:span><sf:br/></sf:p><sf:p><sf:ghost-text>Lorem ipsum</sf:ghost-text> is open</sf:p>"
    '<sf:tabular-model sf:name="Crew"/><sf:t><sf:ct sfa:s="Anna"/></sf:t>'
    '<sf:n sf:v="900"/></ls:workspace></sl:document>'
)


def test_the_preview_is_read(tmp_path: Path) -> None:
    """It is a PDF of the whole document."""
    parts = {"Index/Document.iwa": b"x", "QuickLook/Preview.pdf": documents.pdf(["One", "Two"])}
    documents.zipped(tmp_path / "a.pages", parts)
    info, pages = items_of(tmp_path / "a.pages")
    assert info == DocumentInfo("iwork", None, 2)
    assert pages == [Page("One", 1), Page("Two", 2)]


def test_documents_of_2009(tmp_path: Path) -> None:
    """Paragraphs and cells are lines; what waits to be replaced is left out."""
    documents.zipped(tmp_path / "a.numbers", {"index.xml": XML.encode()})
    _, (page,) = items_of(tmp_path / "a.numbers")
    assert isinstance(page, Page)
    assert page.text.split("\n") == ["Ships", "The harbour", "is open", "Crew", "Anna", "900"]
    documents.zipped(tmp_path / "b.key", {"index.apxl": XML.encode()[:-60]})
    _, items = items_of(tmp_path / "b.key")
    assert reasons(items) == ["The rest of this document is damaged."]


def test_a_table_is_found_by_its_name(tmp_path: Path) -> None:
    """Be that shown above it or not; tables that wait to be inserted are none of the document."""
    table = '<sf:tabular-model sf:name="{}" sf:name-is-visible="false"/>'
    xml = (
        '<ls:document xmlns:sf="sf" xmlns:ls="ls"><ls:prototypes><sf:tabular-prototypes>'
        f"{table.format('Unnamed Table')}</sf:tabular-prototypes></ls:prototypes>"
        f'<ls:workspace ls:workspace-name="Sheet 1">{table.format("Crew of 1887")}</ls:workspace>'
        "</ls:document>"
    )
    documents.zipped(tmp_path / "a.numbers", {"index.xml": xml.encode()})
    _, (page,) = items_of(tmp_path / "a.numbers")
    assert isinstance(page, Page)
    assert page.text.split("\n") == ["Sheet 1", "Crew of 1887"]


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    """No preview, a password, damage."""
    path = tmp_path / "a.key"
    documents.zipped(path, {"Presentation.key/Index.zip": b""})
    with pytest.raises(Unsupported) as caught:
        items_of(path)
    assert caught.value.detail == "It is an iWork document without a preview."
    documents.zipped(path, {"Index/Document.iwa": b"", ".iwpv2": b""})
    with pytest.raises(Unreadable, match=r"This iWork document is encrypted\."):
        items_of(path)
    documents.zipped(path, {"index.xml": XML.encode()})
    raw = bytearray(path.read_bytes())
    for at in (raw.index(b"PK\x03\x04") + 8, raw.index(b"PK\x01\x02") + 10):
        raw[at : at + 2] = b"kc"  # how the part is compressed
    path.write_bytes(raw)
    with pytest.raises(Unreadable, match=r"This iWork document is encrypted\."):
        items_of(path)
    path.write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(Unreadable, match=r"This iWork document is damaged\."):
        items_of(path)
