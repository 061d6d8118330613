"""PDFs that were made to take for ever, gigabytes, or the way back to where they began."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from tests.bombs.lure import Lure
from tests.bombs.packed import deflated

_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
_SHOWN = b"BT /F1 12 Tf 72 700 Td (marmot) Tj ET"


def _pdf(objects: dict[int, bytes], more: bytes = b"", size: int | None = None) -> bytes:
    """Return a PDF of these objects, of which 1 is the catalogue."""
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, content in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    at = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    count = size or max(objects) + 1
    out += b"trailer\n<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (count, more, at)
    return bytes(out)


def _stream(data: bytes, more: bytes = b"") -> bytes:
    return b"<< /Length %d %s>>\nstream\n%s\nendstream" % (len(data), more, data)


def _packed(data: bytes, more: bytes = b"") -> bytes:
    return _stream(zlib.compress(data, 9), b"/Filter /FlateDecode " + more)


def _page(content: int, resources: bytes = b"") -> bytes:
    return (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
        b"/Resources << /Font << /F1 3 0 R >> %s >> >>" % (content, resources)
    )


def _one_page(content: bytes, resources: bytes = b"", **objects: bytes) -> bytes:
    """Return a PDF of one page; further objects are called o7, o8 and so on."""
    return _pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            3: _FONT,
            4: _page(5, resources),
            5: content,
            **{int(name[1:]): content for name, content in objects.items()},
        }
    )


def page_tree_loop() -> bytes:
    """Return one whose pages contain their own parent."""
    return _pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [4 0 R 6 0 R 2 0 R] /Count 3 >>",
            3: _FONT,
            4: _page(5),
            5: _stream(_SHOWN),
            6: b"<< /Type /Pages /Kids [2 0 R 6 0 R] /Count 2 /Parent 2 0 R >>",
        }
    )


def many_pages() -> bytes:
    """Return one that says that it has two billion pages, and names one of them a lot."""
    kids = b"4 0 R " * 20_000
    return _pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [%s] /Count 2000000000 >>" % kids,
            3: _FONT,
            4: _page(5),
            5: _stream(_SHOWN),
        }
    )


def deep_page_tree() -> bytes:
    """Return one whose only page is thirty thousand nodes deep."""
    depth = 30_000
    nodes = {
        10 + n: b"<< /Type /Pages /Kids [%d 0 R] /Count 1 /Parent %d 0 R >>"
        % (11 + n if n < depth - 1 else 4, 9 + n if n else 2)
        for n in range(depth)
    }
    return _pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [10 0 R] /Count 1 >>",
            3: _FONT,
            4: _page(5),
            5: _stream(_SHOWN),
            **nodes,
        }
    )


def outline_loop() -> bytes:
    """Return one whose bookmarks follow themselves."""
    return _pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R >>",
            2: b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            3: _FONT,
            4: _page(5),
            5: _stream(_SHOWN),
            6: b"<< /First 7 0 R /Last 8 0 R /Count 2 >>",
            7: b"<< /Title (One) /Parent 6 0 R /Next 8 0 R /First 6 0 R /Dest [4 0 R /Fit] >>",
            8: b"<< /Title (Two) /Parent 6 0 R /Next 7 0 R /First 7 0 R /Dest [4 0 R /Fit] >>",
        }
    )


def expanding_content() -> bytes:
    """Return one with a page of a gigabyte of blanks, in a megabyte."""
    packed = deflated(1_000_000_000, b" ", _SHOWN, wbits=15)
    return _one_page(_stream(packed, b"/Filter /FlateDecode "))


def expanding_twice() -> bytes:
    """Return one whose content is packed twice, and is four gigabytes."""
    packed = deflated(4_000_000_000, b" ", _SHOWN, wbits=15)
    more = b"/Filter [/FlateDecode /FlateDecode] "
    return _one_page(_stream(zlib.compress(packed, 9), more))


def many_words() -> bytes:
    """Return one with a page of three million words, above each other."""
    return _one_page(_packed(b"BT /F1 1 Tf 0 0 Td " + b"(word) Tj " * 3_000_000 + b"ET"))


def deep_graphics() -> bytes:
    """Return one that saves its state two million times."""
    return _one_page(_packed(b"q " * 2_000_000 + _SHOWN))


def nested_forms() -> bytes:
    """Return one whose forms draw two others each, twenty deep: a million words."""
    forms = {
        f"o{10 + n}": _stream(
            b"/A Do /A Do" if n < 20 else _SHOWN,
            b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] "
            b"/Resources << /Font << /F1 3 0 R >> /XObject << /A %d 0 R >> >> " % (11 + n),
        )
        for n in range(21)
    }
    return _one_page(_stream(b"/A Do"), b"/XObject << /A 10 0 R >>", **forms)


def form_in_itself() -> bytes:
    """Return one whose form draws itself."""
    form = _stream(
        _SHOWN + b" /A Do",
        b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] "
        b"/Resources << /Font << /F1 3 0 R >> /XObject << /A 10 0 R >> >> ",
    )
    return _one_page(_stream(b"/A Do"), b"/XObject << /A 10 0 R >>", o10=form)


def nested_patterns() -> bytes:
    """Return one that fills the page with tiles that are filled with tiles, twelve deep."""
    patterns = {
        f"o{10 + n}": _stream(
            b"/Pattern cs /P scn 0 0 612 792 re f",
            b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 1 "
            b"/YStep 1 /Resources << /Pattern << /P %d 0 R >> >> " % (11 + n % 12),
        )
        for n in range(12)
    }
    content = _stream(_SHOWN + b" /Pattern cs /P scn 0 0 612 792 re f")
    return _one_page(content, b"/Pattern << /P 10 0 R >>", **patterns)


def huge_references() -> bytes:
    """Return one that says that it has two billion objects."""
    head = _one_page(_stream(_SHOWN))
    return head.replace(b"/Size 6", b"/Size 2147483647").replace(
        b"xref\n0 1\n", b"xref\n0 2147483647\n", 1
    )


def reference_stream() -> bytes:
    """Return one whose table of references is a stream of a billion zeros."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(
        (
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            _FONT,
            _page(5),
            _stream(_SHOWN),
        ),
        1,
    ):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    at = len(out)
    rows = b"".join(b"\1" + place.to_bytes(4) for place in (0, *places, at))
    packed = deflated(1_000_000_000, before=rows, wbits=15)
    more = b"/Type /XRef /W [1 4 0] /Index [0 200000000] /Size 200000000 /Root 1 0 R "
    more += b"/Filter /FlateDecode "
    out += b"6 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (_stream(packed, more), at)
    return bytes(out)


def references_in_a_ring() -> bytes:
    """Return one whose tables of references name each other as the one before."""
    head = _one_page(_stream(_SHOWN))
    at = head.rindex(b"xref\n0 1")
    return head.replace(b"/Root", b"/Prev %d /Root" % at)


def deep_arrays() -> bytes:
    """Return one with an array a million deep."""
    return _one_page(_stream(_SHOWN), b"/X " + b"[" * 1_000_000 + b"]" * 1_000_000)


def wide_map() -> bytes:
    """Return one whose font maps each of four billion codes to a long text."""
    ranges = b"".join(
        b"<%08x> <%08x> <%s>\n" % (n << 24, (n << 24) + 0xFFFFFF, b"0041" * 200) for n in range(100)
    )
    table = (
        b"/CIDInit /ProcSet findresource begin begincmap "
        b"1 begincodespacerange <00000000> <ffffffff> endcodespacerange 100 beginbfrange\n"
        + ranges
        + b"endbfrange endcmap end"
    )
    font = b"/Font << /F1 10 0 R >>"
    type0 = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /ToUnicode 12 0 R "
        b"/DescendantFonts [11 0 R] >>"
    )
    inner = (
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (Adobe) "
        b"/Ordering (Identity) /Supplement 0 >> >>"
    )
    shown = b"BT /F1 12 Tf 72 700 Td <%s> Tj ET" % (b"00000041" * 100_000)
    return _one_page(_packed(shown), font, o10=type0, o11=inner, o12=_packed(table))


def drawn_letters() -> bytes:
    """Return one whose letters are drawn with letters of the same font."""
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1 1] /FontMatrix [1 0 0 1 0 0] "
        b"/FirstChar 97 /LastChar 97 /Widths [1] /Encoding << /Differences [97 /a] >> "
        b"/CharProcs << /a 11 0 R >> /Resources << /Font << /F2 10 0 R >> >> >>"
    )
    glyph = _stream(b"1 0 d0 BT /F2 1 Tf (aaaa) Tj ET")
    shown = _stream(_SHOWN + b" BT /F2 1 Tf (aaaa) Tj ET")
    return _one_page(shown, b"/Font << /F1 3 0 R /F2 10 0 R >>", o10=font, o11=glyph)


def huge_picture() -> bytes:
    """Return one with a picture of 60,000 by 60,000 pixels, and a text."""
    picture = _packed(
        bytes(1_000_000),
        b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceRGB "
        b"/BitsPerComponent 8 ",
    )
    return _one_page(
        _stream(_SHOWN + b" q 612 0 0 792 0 0 cm /A Do Q"), b"/XObject << /A 10 0 R >>", o10=picture
    )


def _named(*makers: Callable[[], bytes]) -> dict[str, Callable[[Lure], bytes]]:
    return {maker.__name__.replace("_", "-"): _alone(maker) for maker in makers}


def _alone(make: Callable[[], bytes]) -> Callable[[Lure], bytes]:
    return lambda _: make()


HARMLESS = _named(
    page_tree_loop, deep_page_tree, outline_loop, deep_graphics, form_in_itself, nested_patterns,
    huge_references, reference_stream, references_in_a_ring, deep_arrays, wide_map, drawn_letters,
    huge_picture,
)  # fmt: skip
# What takes a reader all of its memory, or some seconds.
HEAVY = _named(many_pages, expanding_content, expanding_twice, many_words, nested_forms)
