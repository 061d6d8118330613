"""Mails that Outlook saved."""

from __future__ import annotations

import struct

import pytest
from containers import ole
from reader_items import texts

from indexer.errors import Unreadable
from indexer.readers.office.compressed_rtf import expand
from indexer.types import DocumentInfo

# From [MS-OXRTFCP], 4.1.
HELLO_WORLD = (
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a80"
    "0fa0"
)


def properties(header: int, **values: int) -> bytes:
    """Return a stream of numbers: `p0039=5` is the property 0x0039 with the value 5."""
    out = b"\0" * header
    for name, value in values.items():
        out += struct.pack("<HHIQ", 3, int(name[1:], 16), 6, value)
    return out


def outlook(subject: str, text: dict[str, bytes], header: int = 32) -> dict[str, bytes]:
    """Return the streams of a mail, `text` being those of its body."""
    sent = (1119920531 + 11644473600) * 10_000_000  # 28 June 2005
    return {
        "__properties_version1.0": properties(header, p0039=sent, p3FFD=1251, p3FDE=1251),
        "__substg1.0_0037001F": subject.encode("utf-16-le"),
        "__substg1.0_0C1A001F": "Ada Löwe".encode("utf-16-le"),
        "__substg1.0_0C1F001F": "ada@a.example".encode("utf-16-le"),
        **text,
    }


class TestOutlook:
    """Mails that Outlook saved."""

    def test_text_recipients_and_attachments(self, written):
        """A mail inside is a part of the same file."""
        plain = {"__substg1.0_1000001F": "Come at noon.".encode("utf-16-le")}
        inner = outlook("Menu", {"__substg1.0_1000001E": "Борщ и хлеб".encode("cp1251")}, 24)
        attach, second = "__attach_version1.0_#00000000", "__attach_version1.0_#00000001"
        recipient = "__recip_version1.0_#00000000"
        streams = {(name,): data for name, data in outlook("Lunch", plain).items()}
        streams |= {
            (recipient, "__properties_version1.0"): properties(8, p0C15=1),
            (recipient, "__substg1.0_3001001F"): "Bob".encode("utf-16-le"),
            (recipient, "__substg1.0_39FE001F"): "bob@b.example".encode("utf-16-le"),
            (attach, "__properties_version1.0"): properties(8),
            (attach, "__substg1.0_3707001F"): "a.txt".encode("utf-16-le"),
            (attach, "__substg1.0_37010102"): b"attached",
        }
        streams |= {(second, "__substg1.0_3701000D", name): data for name, data in inner.items()}
        info, items = written("a.msg", ole(streams))
        assert info == DocumentInfo("outlook", "Lunch")
        head = "From: Ada Löwe <ada@a.example>\n"
        date = "Date: Tue, 28 Jun 2005 01:02:11 +0000\n"
        assert texts(items) == [
            f"{head}To: Bob <bob@b.example>\n{date}Subject: Lunch\n\nCome at noon.",
            "a.txt\nattached",
            f"Menu\n{head}{date}\nБорщ и хлеб",
        ]

    def test_html_without_plain_text(self, written):
        """In the code page that the mail names."""
        html = {"__substg1.0_10130102": "<p>Борщ</p>".encode("cp1251")}
        streams = {(name,): data for name, data in outlook("Lunch", html).items()}
        _, items = written("noname", ole(streams))
        assert texts(items)[0].endswith("\n\nБорщ")

    def test_rich_text_alone(self, written):
        """Older Outlooks keep nothing else."""
        rich = {"__substg1.0_10090102": bytes.fromhex(HELLO_WORLD)}
        streams = {(name,): data for name, data in outlook("Lunch", rich).items()}
        _, items = written("a.msg", ole(streams))
        assert texts(items)[0].endswith("\n\nhello world")

    def test_damaged(self, written):
        """What is cut off says so."""
        streams = {(name,): data for name, data in outlook("Lunch", {}).items()}
        with pytest.raises(Unreadable, match=r"This Outlook mail is damaged\."):
            written("a.msg", ole(streams)[:600])

    def test_a_folder_inside_itself(self, written):
        """It has no end, but the reader has."""
        streams = {(name,): data for name, data in outlook("Lunch", {}).items()}
        data = bytearray(ole(streams))
        at = data.index("Root Entry".encode("utf-16-le"))
        struct.pack_into("<I", data, at + 76, 0)  # it is inside itself
        with pytest.raises(Unreadable, match=r"This Outlook mail is damaged\."):
            written("a.msg", bytes(data))

    @pytest.mark.parametrize(
        ("data", "rtf"),
        [
            # The two examples of [MS-OXRTFCP].
            (
                HELLO_WORLD,
                b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n",
            ),
            (
                "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0",
                b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}",
            ),
            ("100000000400000041" + "4c454d" + "00000000", b""),
            ("10000000040000004d454c4100000000" + "7b5c727d", b"{\\r}"),
            ("00", b""),
        ],
    )
    def test_compressed_rich_text(self, data: str, rtf: bytes):
        """As the specification has it; what is none gives nothing."""
        assert expand(bytes.fromhex(data)) == rtf
