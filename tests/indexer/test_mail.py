"""Mail of every make: headers, the best form of the text, and what is attached."""

from __future__ import annotations

import struct
from email.message import EmailMessage
from pathlib import Path

import documents
import pytest
from containers import ole

from indexer.errors import Unreadable
from indexer.readers import Kind, Source, kind_of, read
from indexer.readers.compressed_rtf import expand
from indexer.readers.mail import ENCRYPTED
from indexer.readers.members import TOO_DEEP
from indexer.readers.message import decoded
from indexer.readers.signed import signed_content
from indexer.types import DocumentInfo, Heading, Page, ReaderItem, UnreadPage

# From [MS-OXRTFCP], 4.1.
HELLO_WORLD = (
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a80"
    "0fa0"
)
TRANSPORT = b"Received: from a\r\n  by b\r\nFrom: a@b.example\r\nSubject: Hi\r\n\r\nText"


@pytest.fixture
def written(tmp_path: Path):
    """Return a function that writes a file, reads it, and returns what is known and its items."""

    def written(name: str, content: bytes | str) -> tuple[DocumentInfo, list[ReaderItem]]:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        first, *rest = read(path)
        assert isinstance(first, DocumentInfo)
        return first, rest

    return written


def texts(items: list[ReaderItem]) -> list[str]:
    return [item.text for item in items if isinstance(item, Page)]


def letter(text: str = "Come at noon.", subject: str = "Lunch") -> EmailMessage:
    """Return a mail."""
    message = EmailMessage()
    message["From"] = "Ada Löwe <ada@a.example>"
    message["To"] = "bob@b.example"
    message["Date"] = "Tue, 28 Jun 2005 01:02:11 -0700"
    message["Subject"] = subject
    message.set_content(text)
    return message


def der(tag: int, content: bytes, open_ended: bool = False) -> bytes:
    """Return an element in DER, or one that ends with zeros."""
    if open_ended:
        return bytes((tag, 0x80)) + content + b"\0\0"
    return bytes((tag, 0x82)) + len(content).to_bytes(2) + content


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


class TestMail:
    """Single mails."""

    def test_headers_then_text(self, written):
        """The subject is the title; encoded words are decoded."""
        info, items = written("a.eml", letter(subject="Mittag über 12").as_bytes())
        assert info == DocumentInfo("mail", "Mittag über 12")
        assert texts(items) == [
            "From: Ada Löwe <ada@a.example>\nTo: bob@b.example\n"
            "Date: Tue, 28 Jun 2005 01:02:11 -0700\nSubject: Mittag über 12\n\nCome at noon."
        ]

    def test_plain_text_before_html(self, written):
        """Unless the plain text only says that there is HTML, which keeps its headings."""
        message = letter()
        message.add_alternative("<h1>Lunch</h1><p>Come at noon.</p>", subtype="html")
        _, (page,) = written("a.eml", message.as_bytes())
        assert page.text.endswith("\n\nCome at noon.")
        assert not page.headings
        message = letter("This mail is in HTML.")
        message.add_alternative(f"<h1>Lunch</h1><p>{'Come at noon. ' * 20}</p>", subtype="html")
        _, (page,) = written("b.eml", message.as_bytes())
        assert page.text.endswith("Come at noon.")
        at = page.text.index("\n\nLunch") + 2
        assert page.headings == (Heading(at, 1, "Lunch"),)

    def test_attachments_are_read(self, written):
        """Below their names; the pictures of the text are no attachments, other ones are named."""
        message = letter()
        message.add_alternative("<p>Come at noon. <img src=cid:1></p>", subtype="html")
        html = message.get_payload()[1]
        html.add_related(b"\x89PNG", "image", "png", cid="<1>")
        message.add_attachment(
            documents.pdf(["The menu"]), "application", "pdf", filename="Speisekarte für Ada.pdf"
        )
        message.add_attachment(b"\xff\xd8\xff", "image", "jpeg", filename="table.jpg")
        message.add_attachment("one;two", subtype="csv", filename="a.csv")
        _, items = written("a.eml", message.as_bytes())
        assert texts(items)[1:] == [
            "Speisekarte für Ada.pdf, page 1\nThe menu", "a.csv\none; two", "Not read\ntable.jpg",
        ]  # fmt: skip

    def test_a_mail_in_a_mail(self, written):
        """It stands below its subject; too many inside each other are not opened."""
        message = letter("Innermost")
        for level in range(5):
            outer = letter(f"Level {level}", subject=f"Fwd {level}")
            outer.add_attachment(message)
            message = outer
        _, items = written("a.eml", message.as_bytes())
        assert [text.split("\n")[0] for text in texts(items)] == [
            "From: Ada Löwe <ada@a.example>", "Fwd 3", "Fwd 2", "Fwd 1",
        ]  # fmt: skip
        assert texts(items)[3].endswith("Level 1")
        assert [each.reason for each in items if isinstance(each, UnreadPage)] == [
            f"Fwd 3: Fwd 2: Fwd 1: {TOO_DEEP}"
        ]

    def test_encrypted(self, written):
        """Who wrote it is read, and it is said that the rest is encrypted."""
        head = "From: a@b.example\nSubject: Secret\nMIME-Version: 1.0\nContent-Type: "
        pgp = "multipart/encrypted; boundary=x\n\n--x\n\nVersion: 1\n--x\n\nhQEM\n--x--\n"
        smime = 'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"\n\nMIAG\n'
        for rest in (pgp, smime):
            _, items = written("a.eml", head + rest)
            assert texts(items) == ["From: a@b.example\nSubject: Secret"]
            assert items[1] == UnreadPage(None, ENCRYPTED)

    def test_a_charset_that_is_none(self, written):
        """Not even a name, of a part whose bytes are not what they are said to be."""
        head = b"From: a@b.example\nContent-Type: application/x; charset=a\0b; name=a.txt\n\n"
        _, items = written("a.eml", head + "Grüße".encode())
        assert texts(items)[1] == "a.txt\nGrüße"

    @pytest.mark.parametrize("parted", [False, True])
    def test_signed_and_enclosed(self, written, parted: bool):
        """What a signature encloses is read, also where its lengths are open."""
        inner = letter("Signed.").as_bytes()
        octets = der(0x24, der(0x04, inner[:50]) + der(0x04, inner[50:]), parted)
        if not parted:
            octets = der(0x04, inner)
        data = der(0x06, bytes.fromhex("2a864886f70d010701")) + der(0xA0, octets, parted)
        signed = der(2, b"\1") + der(0x31, b"", parted) + der(0x30, data, parted) + der(0x31, b"")
        name = der(0x06, bytes.fromhex("2a864886f70d010702"))
        whole = der(0x30, name + der(0xA0, der(0x30, signed, parted), parted), parted)
        outer = EmailMessage()
        outer["From"] = "ada@a.example"
        outer.set_content(whole, "application", "pkcs7-mime", filename="smime.p7m")
        _, items = written("a.eml", outer.as_bytes())
        assert texts(items) == ["From: ada@a.example\n\nSigned."]
        assert signed_content(whole[:60]) is None
        assert signed_content(b"\x30\x80" * 1000) is None

    @pytest.mark.parametrize("declared", ["windows-1251", "us-ascii", "x-unknown", "utf-8", ""])
    def test_wrong_charsets(self, written, declared: str):
        """What a mail says of its encoding is believed only where it can be true."""
        text = "Привет, это письмо о договоре поставки и оплате товара. " * 4
        head = f"From: a@b.example\nContent-Type: text/plain; charset={declared}\n\n"
        _, items = written("a.eml", head.encode() + text.encode("cp1251"))
        assert text.strip() in texts(items)[0]

    def test_raw_bytes_in_headers(self, written):
        """Old programs write them as they come."""
        raw = "From: a@b.example\nSubject: Договор поставки товара\n\nText"
        for encoding in ("utf-8", "cp1251", "utf-16"):
            info, _ = written("a.eml", raw.encode(encoding))
            assert info.title == "Договор поставки товара"

    @pytest.mark.parametrize(
        ("raw", "text"),
        [
            ("=?utf-8?q?caf=C3=A9_au?= lait", "café au lait"),
            ("=?UTF-8?B?5L2g?=\n =?utf-8?B?5aW9?=", "你好"),
            ("=?utf-8?b?5L2g5aU=?= =?utf-8?b?vQ==?=", "你好"),
            ('"=?iso-8859-1*de?Q?K=F6ln?=" <a@b>', '"Köln" <a@b>'),
            ("=?nonsense?q?abc?= =?utf-8?b?%%%?= =?", "abc=?"),
        ],
    )
    def test_encoded_words(self, raw: str, text: str):
        """A character may be cut between two; nonsense survives."""
        assert decoded(raw) == text

    def test_apple_mail(self, written):
        """The length before the mail and the list behind it are no text."""
        body = letter().as_bytes()
        whole = b"%-10d\n%s<?xml version='1.0'?><plist></plist>" % (len(body), body)
        _, items = written("1234.emlx", whole)
        assert texts(items)[0].endswith("\n\nCome at noon.")

    def test_report_of_a_delivery(self, written):
        """Its fields are text."""
        content = (
            "From: a@b.example\nSubject: Undelivered\nMIME-Version: 1.0\nContent-Type: "
            "multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n"
            "Reporting-MTA: dns; mail.example\n\nStatus: 5.1.1\n--x--\n"
        )
        _, items = written("a.eml", content)
        assert texts(items)[0].endswith("Reporting-MTA: dns; mail.example\n\nStatus: 5.1.1")

    def test_thousands_inside_each_other(self, written):
        """A bomb of messages ends with a sentence."""
        with pytest.raises(Unreadable, match=r"This mail is damaged\."):
            written("a.eml", b"From: a@b\nContent-Type: message/rfc822\n\n" * 5000)

    @pytest.mark.parametrize(
        ("name", "head", "kind"),
        [
            ("1234.M1P2.host:2,S", TRANSPORT, Kind.MAIL),
            ("a.txt", TRANSPORT, Kind.MAIL),
            ("a.md", TRANSPORT, Kind.MARKDOWN),
            ("memo.txt", b"From: Ada\nTo: Bob\nSubject: Lunch\n\nText", Kind.TEXT),
            ("Inbox", b"From - Tue Jun 28 01:02:11 2005\nX-Mozilla-Status: 0001\n", Kind.MAILBOX),
            ("letter.txt", b"From Monday on, at 10:00 in 2005, we meet.\n", Kind.TEXT),
            ("a.doc", b"MIME-Version: 1.0\nContent-Type: multipart/related; a=b\n", Kind.MHTML),
            ("a", b"\xef\xbb\xbfBEGIN:VCALENDAR\r\n", Kind.CALENDAR),
            ("a.txt", b"begin:vcard\n", Kind.CONTACTS),
        ],
    )
    def test_known_without_its_name(self, name: str, head: bytes, kind: Kind):
        """Mail is told by what its transport adds, a memo is none."""
        assert kind_of(Source.of(Path(name)), head) is kind


class TestMailbox:
    """Mails in one file."""

    def test_each_mail_is_a_section(self, written):
        """Below its subject; a sentence that begins with From begins no mail."""
        mails = [letter("One\n\n>From here on.\n\nFrom now on.", "First"), letter("Two", "")]
        line = b"From ada@a.example Tue Jun 28 01:02:11 2005\n"
        info, items = written("a.mbox", b"".join(line + m.as_bytes() + b"\n" for m in mails))
        assert info.kind == "mailbox"
        first, second = texts(items)
        assert first.startswith("First\nFrom: Ada Löwe")
        assert first.endswith("One\n\nFrom here on.\n\nFrom now on.")
        assert second.startswith("Mail\nFrom: Ada Löwe")
        assert isinstance(items[0], Page)
        assert items[0].headings == (Heading(0, 1, "First"),)

    def test_deleted_mails_are_not_read(self, written):
        """Mozilla keeps them in the file until it is compacted."""
        mail = "From - Tue Jun 28 01:02:11 2005\nX-Mozilla-Status: {}\nSubject: {}\n\nText\n\n"
        _, items = written("Inbox", mail.format("0001", "Kept") + mail.format("0009", "Deleted"))
        assert texts(items) == ["Kept\nText"]

    def test_not_a_mailbox(self, written):
        """What only has the name says so."""
        with pytest.raises(Unreadable, match=r"This mailbox is damaged\."):
            written("a.mbox", "Nothing of the kind")


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


class TestWebArchive:
    """Web pages in one file."""

    def test_the_page_is_read(self, written):
        """Its frames and pictures are not."""
        message = EmailMessage()
        message["From"] = "<Saved by Blink>"
        message["Subject"] = "A page"
        message.make_related()
        for html in ("<title>Harbour</title><h1>Ships</h1><p>Come and go", "<p>advertisement"):
            part = EmailMessage()
            part.set_content(html, subtype="html")
            message.attach(part)
        info, items = written("a.mht", message.as_bytes())
        assert info == DocumentInfo("mhtml", "Harbour")
        assert items == [Page("Ships\nCome and go", None, (Heading(0, 1, "Ships"),))]


class TestCalendar:
    """Calendars and address books."""

    def test_events(self, written):
        """Each below its name, without its alarms; folded lines are whole."""
        lines = (
            "BEGIN:VCALENDAR\r\nX-WR-CALNAME:Work\r\nBEGIN:VEVENT\r\n"
            "DTSTART;TZID=Europe/Berlin:20250701T213000\r\nDTEND:20250701T223000Z\r\n"
            "SUMMARY:Meeting\\, weekly\r\nRRULE:FREQ=WEEKLY;BYDAY=MO\r\nLOCATION:Room 4\r\n"
            'ATTENDEE;CN="Löwe, Ada";ROLE=CHAIR:mailto:ada@a.example\r\n'
            "DESCRIPTION:First line\\nsecond li\r\n ne\r\n"
            "BEGIN:VALARM\r\nDESCRIPTION:Ring\r\nEND:VALARM\r\nEND:VEVENT\r\n"
            "BEGIN:VTODO\r\nDUE;VALUE=DATE:20250801\r\nSUMMARY:Pay\r\n"
        )
        info, items = written("a.ics", lines)
        assert info == DocumentInfo("calendar", "Work")
        assert texts(items) == [
            "Meeting, weekly\nStart: 2025-07-01 21:30 (Europe/Berlin)\nEnd: 2025-07-01 22:30 UTC\n"
            "Repeats: FREQ=WEEKLY, BYDAY=MO\nPlace: Room 4\nWith: Löwe, Ada <ada@a.example>\n"
            "First line\nsecond line\n\nPay\nDue: 2025-08-01\n"
        ]
        assert isinstance(items[0], Page)
        assert [heading.text for heading in items[0].headings] == ["Meeting, weekly", "Pay"]

    def test_cards(self, written):
        """Old ones in quoted-printable as well; photos are no text."""
        lines = (
            "BEGIN:VCARD\nVERSION:4.0\nFN:Ada Löwe\nORG:Engine;Analysis\n"
            "item1.TEL;TYPE=cell:+49 1\nADR:;;Weg 1;Köln;;50667;\nPHOTO;ENCODING=b:AAAA\n BBBB\n"
            "END:VCARD\nBEGIN:VCARD\nVERSION:2.1\nN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:"
            "M=FCller;=\nJan\nEND:VCARD\n"
        )
        _, items = written("a.vcf", lines)
        assert texts(items) == [
            "Ada Löwe\nOrganization: Engine, Analysis\nTelephone: +49 1\n"
            "Address: Weg 1, Köln, 50667\n\nMüller, Jan\n"
        ]
