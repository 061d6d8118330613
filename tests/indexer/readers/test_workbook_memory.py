"""What a spreadsheet would take is known before it is read, and no reader ends for want of memory.

Files are written here record by record, as [MS-XLS] and [MS-XLSB] have them.
"""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import documents
import pytest
from containers import ole

from indexer.errors import Unreadable
from indexer.readers import read
from indexer.readers.office.workbook_memory import of_stream
from indexer.types import Page, ReaderItem

DATA = Path(__file__).parents[2] / "data"
LOCK, CLAIM, BEGIN, END = 0x002F, 0x0200, 0x0809, 0x000A


@pytest.fixture
def written(tmp_path: Path):
    """Return a function that writes a file and reads it."""

    def written(name: str, content: bytes) -> list[ReaderItem]:
        path = tmp_path / name
        path.write_bytes(content)
        return list(read(path))

    return written


def record(kind: int, content: bytes = b"") -> bytes:
    """Return a record of an xls."""
    return struct.pack("<2H", kind, len(content)) + content


def number(row: int, column: int) -> bytes:
    """Return a cell."""
    return record(0x0203, struct.pack("<3Hd", row, column, 0, 9.5))


def formula(row: int, column: int) -> bytes:
    """Return a cell with a formula of nothing."""
    return record(0x0006, struct.pack("<3Hd", row, column, 0, 9.5) + bytes(8))


def begin(kind: int) -> bytes:
    """Return how the list of sheets (5) or a sheet (16) begins."""
    return record(BEGIN, struct.pack("<8H", 0x0600, kind, *bytes(6)))


def workbook(*sheets: bytes, places: tuple[int, ...] = (), before: bytes = b"") -> bytes:
    """Return the stream of an xls; `places` are the sheets that are listed, by their number."""
    listed = places or tuple(range(len(sheets)))
    at = len(begin(5) + before) + len(listed) * 13 + len(record(END))
    starts = [at + sum(map(len, sheets[:place])) for place in listed]
    names = b"".join(
        record(0x0085, struct.pack("<IHBB", start, 0, 1, 0) + bytes([65 + number]))
        for number, start in enumerate(starts)
    )
    return begin(5) + before + names + record(END) + b"".join(sheets)


class TestXls:
    """Spreadsheets of Excel 97."""

    @pytest.mark.parametrize(
        "corners",
        [
            (0, 0xFFFF_FFFF, 0, 0xFFFF),
            (0, 0xFF_FFFF, 0, 255),
            (9, 2, 0, 3),
            (0, 0xFF_FFFF, 300, 300),
        ],
        ids=["all", "many rows", "rows below zero", "columns that are none"],
    )
    def test_a_sheet_that_claims_too_much(self, written, corners: tuple[int, int, int, int]):
        """The library would end its process for want of memory. The last two found by fuzzing."""
        whole = (DATA / "report.xls").read_bytes()
        claim = struct.pack("<2H2I2H", CLAIM, 14, 0, 2, 0, 3)
        assert claim in whole
        with pytest.raises(Unreadable, match="This spreadsheet is damaged"):
            written("a.xls", whole.replace(claim, claim[:4] + struct.pack("<2I2H", *corners)))

    def test_sheets_that_run_into_each_other(self, written):
        """One without an end goes on in the next, and its cells lie far apart.

        Found by fuzzing, with a cell in a column that no sheet has.
        """
        sheets = begin(16) + number(0, 0), begin(16) + number(2_000, 16_385), record(END)
        with pytest.raises(Unreadable, match="This spreadsheet is damaged"):
            written("a.xls", ole({("Workbook",): workbook(*sheets)}))

    @pytest.mark.parametrize("cell", [number, formula])
    def test_sheets_that_are_too_large_together(self, written, cell):
        """All are read at once, and one that is listed twice is made twice."""
        sheet = begin(16) + cell(0, 0) + cell(19_999, 255) + record(END)
        stream = workbook(sheet, places=(0,) * 6)
        with pytest.raises(MemoryError):
            written("a.xls", ole({("Workbook",): stream}))
        assert of_stream(workbook(sheet)).memory < of_stream(stream).memory / 3

    def test_a_sheet_in_a_folder(self, written):
        """The library takes a stream by its name alone, wherever it is."""
        sheet = begin(16) + number(0, 0) + number(65_535, 255) + record(END)
        with pytest.raises(MemoryError):
            written(
                "a.xls",
                ole({("Book",): workbook(begin(16)), ("Inserted", "Workbook"): workbook(sheet)}),
            )

    def test_more_cells_in_a_record(self):
        """A record of several cells takes the room of all of them."""
        several = record(0x00BD, struct.pack("<2H", 0, 10) + bytes(6 * 90) + struct.pack("<H", 99))
        assert of_stream(workbook(begin(16) + several)) == of_stream(
            workbook(begin(16) + b"".join(number(0, column) for column in range(10, 100)))
        )

    def test_encrypted(self, written):
        """What follows the record that says so is noise, of which nothing is read or believed."""
        claim = record(CLAIM, struct.pack("<2I3H", 0, 0xFFFF_FFFF, 0, 0xFFFF, 0))
        sheet = begin(16) + claim + number(0, 0) + record(END)
        for lock in (bytes((0, 0, 1, 2, 3, 4)), bytes((1, 0, 1, 0))):
            with pytest.raises(Unreadable, match="This spreadsheet is encrypted"):
                written("a.xls", ole({("Workbook",): workbook(sheet, before=record(LOCK, lock))}))
        assert of_stream(workbook(sheet)).impossible

    def test_small_streams_that_are_larger_than_the_file(self, written):
        """They are not given the room that they claim."""
        data = bytearray(ole({("Workbook",): begin(16)}))
        root = data.index("Root Entry".encode("utf-16-le"))
        struct.pack_into("<I", data, root + 120, 1 << 24)
        with pytest.raises(Unreadable, match="This spreadsheet is damaged"):
            written("a.xls", bytes(data))

    @pytest.mark.skipif(sys.platform != "linux", reason="asks /proc what was taken")
    def test_what_is_asked_for_is_taken(self, tmp_path: Path):
        """The library takes as much as was foretold, so far as it is not spread over the file."""
        claim = record(CLAIM, struct.pack("<2I3H", 0, 4_000, 0, 256, 0))
        corners = number(0, 0) + number(3_999, 255)
        sheets = [
            begin(16) + corners + formula(9, 0) + formula(2_008, 255) + record(END),
            begin(16) + claim + corners + record(END),
            begin(16) + corners + record(END),
        ]
        stream = workbook(*sheets)
        (tmp_path / "a.xls").write_bytes(ole({("Workbook",): stream}))
        taken = subprocess.run(
            [sys.executable, "-c", _TAKEN, str(tmp_path / "a.xls")],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert int(taken.stdout) == pytest.approx(of_stream(stream).memory, rel=0.05)


_TAKEN = """
import sys
from pathlib import Path
import python_calamine

def peak():
    return int(Path("/proc/self/status").read_text().partition("VmPeak:")[2].split()[0]) << 10

before = peak()
book = python_calamine.CalamineWorkbook.from_path(sys.argv[1])
sheet = book.get_sheet_by_index(0)
print(peak() - before)
"""


class TestXlsb:
    """Binary spreadsheets."""

    def test_cells_that_are_far_apart(self, tmp_path: Path):
        """Two are found, however far they are apart, or memory is said to be short."""
        binary_workbook(tmp_path / "a.xlsb", 9)
        _, page = read(tmp_path / "a.xlsb")
        assert isinstance(page, Page)
        assert page.text == "Cargo\nAnna\nOle"
        binary_workbook(tmp_path / "a.xlsb", 1_000_000)
        with pytest.raises(MemoryError):
            list(read(tmp_path / "a.xlsb"))


def binary_workbook(path: Path, row: int) -> None:
    """Write an xlsb with a cell in the first row and one in the last column of another."""

    def part(*records: tuple[int, bytes]) -> bytes:
        return b"".join(
            (bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7]))
            + bytes([len(content)])
            + content
            for kind, content in records
        )

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    def cells(row: int, column: int, text: str) -> list[tuple[int, bytes]]:
        return [
            (0, struct.pack("<I", row) + bytes(21)),
            (6, struct.pack("<2I", column, 0) + wide(text)),
        ]

    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"

    def related(name: str, target: str) -> bytes:
        return (
            f'<Relationships xmlns="{relations}"><Relationship Id="rId1" '
            f'Type="{kind}/{name}" Target="{target}"/></Relationships>'
        ).encode()

    sheet = (156, struct.pack("<2I", 0, 1) + wide("rId1") + wide("Cargo"))
    documents.zipped(
        path,
        {
            "[Content_Types].xml": b"<Types/>",
            "_rels/.rels": related("officeDocument", "xl/workbook.bin"),
            "xl/_rels/workbook.bin.rels": related("worksheet", "worksheets/sheet1.bin"),
            "xl/workbook.bin": part((131, b""), (143, b""), sheet, (144, b""), (132, b"")),
            "xl/worksheets/sheet1.bin": part(
                (129, b""), (148, struct.pack("<4I", 0, row, 0, 16383)), (145, b""),
                *cells(0, 0, "Anna"), *cells(row, 16383, "Ole"), (146, b""), (130, b""),
            ),
        },
    )  # fmt: skip
