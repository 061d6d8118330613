"""Archives and what is in them: read below their names, within limits, nothing lost silently."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from pathlib import Path

import documents
import pytest
from PIL import Image

from indexer.errors import Unreadable, Unsupported
from indexer.readers import Source, kind_of, read, read_source, service
from indexer.readers.archives import archive, members
from indexer.readers.archives.members import find_member
from indexer.readers.ocr.picture import NOT_RECOGNISED
from indexer.readers.ocr.recognisable import needs_ocr
from indexer.readers.source import Allowance
from indexer.types import DocumentInfo, Heading, Page, ReaderItem, UnreadPage

ENCRYPTED = 0x1


def zip_of(files: dict[str, bytes | str]) -> bytes:
    """Return a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


def png(side: int) -> bytes:
    """Return a picture."""
    data = io.BytesIO()
    Image.new("L", (side, side), 200).save(data, "PNG")
    return data.getvalue()


def scan(pages: int) -> bytes:
    """Return a PDF whose pages are pictures."""
    images = [Image.new("L", (300, 400), 200) for _ in range(pages)]
    data = io.BytesIO()
    images[0].save(data, "PDF", save_all=True, append_images=images[1:])
    return data.getvalue()


def locked(data: bytes, *at: int) -> bytes:
    """Return a zip of which some members (or all) are marked as encrypted."""
    marked = bytearray(data)
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position, number = data.find(magic), 0
        while position >= 0:
            if not at or number in at:
                marked[position + flags] |= ENCRYPTED
            position, number = data.find(magic, position + 1), number + 1
    return bytes(marked)


def tar_of(files: dict[str, str], mode: str = "w") -> bytes:
    """Return a tar with a folder and a link beside the files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as made:  # type: ignore[call-overload]
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        made.addfile(folder)
        link = tarfile.TarInfo("../../etc/passwd")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        made.addfile(link)
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            made.addfile(member, io.BytesIO(text.encode()))
    return out.getvalue()


@pytest.fixture
def read_bytes(tmp_path: Path):
    """Return a function that reads bytes under a name: the pages and what was not read."""

    def read_bytes(name: str, data: bytes) -> list[ReaderItem]:
        path = tmp_path / name
        path.write_bytes(data)
        first, *rest = read(path)
        assert isinstance(first, DocumentInfo)
        return rest

    return read_bytes


def texts(items: list[ReaderItem]) -> list[str]:
    return [item.text for item in items if isinstance(item, Page)]


def reasons(items: list[ReaderItem]) -> list[str]:
    return [item.reason for item in items if isinstance(item, UnreadPage)]


class TestMembers:
    """What a member becomes."""

    def test_pages_stand_below_the_members_name(self, read_bytes):
        """Its page is said, its headings are one level lower and go on over pages."""
        report = documents.pdf(["One", "Two"], outline=[("Start", 1)])
        items = read_bytes("a.zip", zip_of({"notes/plan.md": "# Plan\nSail", "report.pdf": report}))
        assert items == [
            Page(
                "notes/plan.md\n# Plan\nSail",
                None,
                (Heading(0, 1, "notes/plan.md"), Heading(14, 2, "Plan")),
            ),
            Page(
                "report.pdf, page 1\nOne",
                None,
                (Heading(0, 1, "report.pdf, page 1"), Heading(19, 2, "Start")),
            ),
            Page(
                "report.pdf, page 2\nTwo",
                None,
                (Heading(0, 1, "report.pdf, page 2"), Heading(0, 2, "Start")),
            ),
        ]

    def test_what_is_not_read_is_named(self, read_bytes):
        """Films, programs and empty files stand in a list at the end."""
        files = {f"{n}.mp4": b"film" for n in range(60)}
        items = read_bytes("a.zip", zip_of({"a.txt": "text", "empty.txt": "", **files}))
        first, last = texts(items)
        assert first == "a.txt\ntext"
        lines = last.split("\n")
        assert lines[:3] == ["Not read", "empty.txt", "0.mp4"]
        assert lines[-1] == "and 11 more"
        assert not reasons(items)

    def test_pictures_wait_for_ocr(self, read_bytes):
        """As scanned pages do, with their way through the files; small ones are decoration."""
        inner = zip_of({"a.txt": "text", "photo.png": png(300), "icon.png": png(100)})
        items = read_bytes(
            "a.zip", zip_of({"logo.png": png(64), "inner.zip": inner, "scan.pdf": scan(2)})
        )
        waiting = [item for item in items if isinstance(item, UnreadPage)]
        assert [(page.number, page.member) for page in waiting] == [
            (None, (1, 1)), (1, (2,)), (2, (2,)),
        ]  # fmt: skip
        assert all(map(needs_ocr, waiting))
        assert texts(items) == [
            "inner.zip\na.txt\ntext", "Not read\nicon.png", "Not read\nlogo.png",
        ]  # fmt: skip

    @pytest.mark.parametrize("name", ["a.zip", "a.tar", "a"])
    def test_an_archive_may_begin_with_a_pdf(self, tmp_path, name):
        """Stored as it is, its first bytes stand near those of the archive."""
        path, out = tmp_path / name, io.BytesIO()
        data = documents.pdf(["The menu"])
        if name == "a.tar":
            with tarfile.open(fileobj=out, mode="w") as made:
                info = tarfile.TarInfo("a.pdf")
                info.size = len(data)
                made.addfile(info, io.BytesIO(data))
        else:
            with zipfile.ZipFile(out, "w") as stored:
                stored.writestr("a.pdf", data)
        path.write_bytes(out.getvalue())
        assert texts(list(read(path))) == ["a.pdf, page 1\nThe menu"]

    def test_a_member_is_found_again(self, tmp_path):
        """By its way; what is on it is told, and what is gone is an error."""
        path = tmp_path / "a.zip"
        path.write_bytes(zip_of({"a.txt": "text", "in.zip": zip_of({"photo.png": png(300)})}))
        member, names = find_member(Source.of(path), (1, 0))
        assert (member.name, names) == ("photo.png", ["in.zip", "photo.png"])
        assert member.data == png(300)
        with pytest.raises(Unreadable, match="any more"):
            find_member(Source.of(path), (1, 1))

    def test_pages_for_ocr_are_bounded(self, read_bytes, monkeypatch):
        """Each opens the archive again; the others are named."""
        monkeypatch.setattr(Allowance.__init__, "__defaults__", (2_000, 400_000_000, 3))
        items = read_bytes("a.zip", zip_of({f"{n}.png": png(300) for n in range(5)}))
        unread = [item for item in items if isinstance(item, UnreadPage)]
        assert [page.member for page in unread] == [(0,), (1,), (2,), (), ()]
        assert unread[-1].reason == f"4.png: {NOT_RECOGNISED}"

    def test_a_bad_member_leaves_the_others(self, read_bytes):
        """Damaged and encrypted ones are told by name."""
        items = read_bytes(
            "a.zip", zip_of({"bad.pdf": "no pdf", "a.txt": "text", "x.docx": b"PK\x03\x04"})
        )
        assert texts(items) == ["a.txt\ntext"]
        assert reasons(items) == [
            "bad.pdf: This PDF is damaged.", "x.docx: This Word document is damaged.",
        ]  # fmt: skip

    def test_a_reader_that_fails_does_not_end_the_others(self, read_bytes, monkeypatch):
        """Whatever a parser raises, or how much memory it wants."""

        def fails(source: Source):
            if source.name in ("a.txt", "b.txt"):
                raise MemoryError if source.name == "a.txt" else ZeroDivisionError
            yield from read_source(source)

        monkeypatch.setattr(members, "read_source", fails)
        items = read_bytes("a.zip", zip_of({"a.txt": "1", "b.txt": "2", "c.txt": "3"}))
        assert texts(items) == ["c.txt\n3"]
        assert reasons(items) == [
            "a.txt: This file needs more memory than is allowed.",
            "b.txt: This file cannot be read.",
        ]

    def test_nesting_ends(self, read_bytes):
        """The third level is read, the fourth is not, and that is said."""
        data = zip_of({"deep.txt": "too deep"})
        for level in (3, 2, 1):
            data = zip_of({f"at {level}.txt": f"level {level}", f"in {level}.zip": data})
        items = read_bytes("a.zip", data)
        assert texts(items) == [
            "at 1.txt\nlevel 1", "in 1.zip\nat 2.txt\nlevel 2",
            "in 2.zip\nat 3.txt\nlevel 3",
        ]  # fmt: skip
        last = items[2]
        assert isinstance(last, Page)
        assert [heading.level for heading in last.headings] == [2, 3]
        assert reasons(items) == ["in 1.zip: in 2.zip: in 3.zip: " + members.TOO_DEEP]

    def test_number_is_limited_over_all_depths(self, tmp_path: Path):
        """What comes first is kept."""
        inner = zip_of({f"{n}.txt": "text" for n in range(5)})
        path = tmp_path / "a.zip"
        path.write_bytes(zip_of({"a.zip": inner, "b.zip": inner}))
        source = Source(path, path.name, allowance=Allowance(members=8))
        items = list(read_source(source))[1:]
        assert len(texts(items)) == 6
        assert reasons(items) == ["b.zip: " + members.TOO_MANY]

    def test_size_is_limited_in_each_and_in_all(self, tmp_path: Path, monkeypatch):
        """One that is too large is passed over; when all is too much, it ends."""
        monkeypatch.setattr(members, "MAX_BYTES", 1000)
        path = tmp_path / "a.zip"
        path.write_bytes(zip_of({"large.txt": "a" * 2000, "a.txt": "a" * 900, "b.txt": "b" * 900}))
        items = list(read_source(Source(path, path.name, allowance=Allowance(data=1500))))[1:]
        assert [text[:5] for text in texts(items)] == ["a.txt"]
        assert reasons(items)[0].startswith("large.txt: It is larger")
        assert reasons(items)[1] == members.TOO_LARGE

    @pytest.mark.parametrize("name", ["../../up.txt", "C:\\up.txt", "/etc/up\n\u202etxt.txt"])
    def test_a_name_is_only_a_name(self, read_bytes, name: str):
        """Paths that climb lead nowhere, and no sign turns the line around."""
        (text,) = texts(read_bytes("a.zip", zip_of({name: "text"})))
        assert text.endswith("\ntext")
        assert text.count("\n") == 1
        assert "\u202e" not in text


class TestZip:
    """Zip archives."""

    def test_nothing_of_a_kind_that_is_read(self, read_bytes):
        """An archive of photos is skipped with the reason."""
        with pytest.raises(Unsupported) as caught:
            read_bytes("a.zip", zip_of({"a.jpg": b"", "b.mp4": b""}))
        assert caught.value.detail == members.NOTHING_READ

    def test_encrypted(self, read_bytes):
        """A whole one says so; a single member is told by name."""
        data = zip_of({"a.txt": "one", "b.txt": "two"})
        with pytest.raises(Unreadable, match=r"This archive is encrypted\."):
            read_bytes("a.zip", locked(data))
        items = read_bytes("a.zip", locked(data, 1))
        assert texts(items) == ["a.txt\none"]
        assert reasons(items) == ["b.txt: This file is encrypted."]

    def test_damaged(self, read_bytes):
        """Without its directory nothing is known; a member with a fault is told."""
        data = zip_of({"a.txt": "one " * 50, "b.txt": "two " * 50})
        with pytest.raises(Unreadable, match=r"This archive is damaged\."):
            read_bytes("a.zip", data[: len(data) // 2])
        at = data.index(b"a.txt") + 5
        items = read_bytes("a.zip", data[:at] + b"\xff" + data[at + 1 :])
        assert reasons(items) == ["a.txt: This file is damaged."]
        assert texts(items) == ["b.txt\n" + "two " * 50]

    def test_unknown_compression(self, read_bytes):
        """It is told, not taken for damage."""
        data = bytearray(zip_of({"a.txt": "one", "b.txt": "two"}))
        for magic, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
            struct.pack_into("<H", data, data.index(magic) + method, 98)
        items = read_bytes("a.zip", bytes(data))
        assert reasons(items)[0].startswith("a.txt: This file is compressed in a way")
        assert texts(items) == ["b.txt\ntwo"]

    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "cp437"])
    def test_names_without_the_flag(self, read_bytes, encoding: str):
        """What Chinese Windows and macOS write is read as it was meant, the standard as well."""
        name = "Überblick.txt" if encoding == "cp437" else "会议记录和合同文件.txt"
        raw = name.encode(encoding)
        data = zip_of({"x" * len(raw): "text"}).replace(b"x" * len(raw), raw)
        assert texts(read_bytes("a.zip", data)) == [f"{name}\ntext"]

    def test_what_macos_adds_is_left_out(self, read_bytes):
        """Nobody knows of these files."""
        items = read_bytes("a.zip", zip_of({"a.txt": "one", "__MACOSX/._a.txt": b"\0\5\x16\7"}))
        assert texts(items) == ["a.txt\none"]

    def test_empty(self, read_bytes):
        """An archive without members has no text, and no fault."""
        assert read_bytes("a.zip", zip_of({})) == []

    def test_a_program_stays_one(self, tmp_path: Path):
        """Zips that are something else by their name are not unpacked."""
        path = tmp_path / "a.jar"
        path.write_bytes(zip_of({"a.txt": "one"}))
        with pytest.raises(Unsupported, match="a program"):
            list(read(path))


class TestTar:
    """Tar archives."""

    @pytest.mark.parametrize(
        ("name", "mode"),
        [("a.tar", "w"), ("a.tgz", "w:gz"), ("a.tar.gz", "w:gz"), ("a.tar.bz2", "w:bz2"),
         ("a.tar.xz", "w:xz"), ("noname", "w")],
    )  # fmt: skip
    def test_ordinary_files_are_read(self, read_bytes, name: str, mode: str):
        """Folders and links are none."""
        items = read_bytes(name, tar_of({"folder/a.txt": "one", "b.md": "two"}, mode))
        assert texts(items) == ["folder/a.txt\none", "b.md\ntwo"]

    def test_what_came_before_the_fault_is_kept(self, read_bytes):
        """A download that broke off."""
        data = tar_of({"a.txt": "one", "b.txt": "two " * 1000})
        items = read_bytes("a.tar", data[: data.index(b"two") + 100])
        assert texts(items) == ["a.txt\none"]
        assert reasons(items)[0] == "b.txt: This file is damaged."

    def test_skipping_expands_too(self, read_bytes, monkeypatch):
        """A bomb that hides in a member that is passed over ends all the same."""
        monkeypatch.setattr(archive, "_MOST_EXPANDED", 200_000)
        files = {"a.txt": "one", "film.mp4": "a" * 500_000, "b.txt": "two"}
        items = read_bytes("a.tgz", tar_of(files, "w:gz"))
        assert texts(items) == ["a.txt\none", "Not read\nfilm.mp4"]
        assert reasons(items) == [members.TOO_LARGE]

    @pytest.mark.parametrize("data", [b"no tar at all", b"\x1f\x8b\x08rubbish"])
    def test_damaged(self, read_bytes, data: bytes):
        """What cannot be opened says so."""
        with pytest.raises(Unreadable, match=r"This archive is damaged\."):
            read_bytes("a.tgz", data)

    def test_other_archives_are_named(self):
        """They are skipped with the reason."""
        for name, head in (("a.7z", b"7z\xbc\xaf\x27\x1c"), ("a.txt.gz", b"\x1f\x8b\x08")):
            with pytest.raises(Unsupported, match="It is an archive"):
                kind_of(Source.of(Path(name)), head)


def test_what_is_read_of_an_archive_is_a_sign_of_life(monkeypatch):
    """Small pages are held back to go together, but not for long."""
    now = [0.0]
    monkeypatch.setattr(service.time, "monotonic", lambda: now[0])

    def slow():
        yield DocumentInfo("zip")
        for number in range(6):
            now[0] += 1.0
            yield Page(f"{number}")

    sent: list[service.Message] = []
    service.answer(1, slow(), sent.append)
    assert [len(each["messages"]) for each in sent] == [5, 3]
