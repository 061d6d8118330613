"""Mail of every make: headers, the best form of the text, and what is attached."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import documents
import pytest
from reader_items import texts

from indexer.errors import Unreadable
from indexer.readers import Kind, Source, kind_of
from indexer.readers.archives.members import TOO_DEEP
from indexer.readers.mail.message import decoded
from indexer.readers.mail.reader import ENCRYPTED
from indexer.readers.mail.signed import signed_content
from indexer.types import DocumentInfo, Heading, Page, UnreadPage

TRANSPORT = b"Received: from a\r\n  by b\r\nFrom: a@b.example\r\nSubject: Hi\r\n\r\nText"


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
        message.add_attachment(b"film", "video", "mp4", filename="table.mp4")
        message.add_attachment("one;two", subtype="csv", filename="a.csv")
        _, items = written("a.eml", message.as_bytes())
        assert texts(items)[1:] == [
            "Speisekarte für Ada.pdf, page 1\nThe menu", "a.csv\none; two", "Not read\ntable.mp4",
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
