"""What fuzzing begins with: small files of each kind, by the generators that the tests use."""

from __future__ import annotations

import bz2
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

# The tests of the indexer import their helpers by plain names.
sys.path.insert(0, str(Path(__file__).parents[1] / "indexer"))

from containers import ole

from tests.indexer.readers import (
    test_archives,
    test_encodings,
    test_links,
    test_mail,
    test_old_office,
    test_outlook,
)

DATA = Path(__file__).parents[1] / "data"

_RTF = (
    rb"{\rtf1\ansi\ansicpg1252\uc1{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset134 S;}}"
    rb"{\stylesheet{\s3\outlinelevel1 heading 2;}}{\info{\title Yearly report}}"
    rb"{\header Port\par}\pard\s3 The crew\par\pard Gr\'fc\'dfe {\f1\'c4\'e3} \u1074?\u-10179?"
    rb"{\v hidden}{\*\unknown gone}{\footnote In {\i May}.}{\pict\bin7 }}}}}}}}.\line on\par"
    rb"\trowd\intbl Ship\cell Tons\cell\row\intbl Anna\cell 900\cell\row\pard"
    rb'{\field{\*\fldinst HYPERLINK "http://a.b/%D0%A1"}{\fldrslt link}}\emdash\~\par}',
    rb"{\rtf1\mac\deff0{\listtext 1.\tab}\ls1 One\page{\annotation seen}\'8e\sect\tab two}",
)
_LINKS = 'See \x13HYPERLINK "mailto:a@b.c"\x14the form\x15 first.\r\x13REF \x13x\x15\x14y\x15\r'
_TEXTS = {
    "calendar": (
        "BEGIN:VCALENDAR\r\nX-WR-CALNAME:Work\r\nBEGIN:VEVENT\r\n"
        "DTSTART;TZID=Europe/Berlin:20250701T213000\r\nDTEND:20250701T223000Z\r\n"
        "SUMMARY:Meeting\\, weekly\r\nRRULE:FREQ=WEEKLY;BYDAY=MO\r\nLOCATION:Room 4\r\n"
        'ATTENDEE;CN="Ada, A":mailto:ada@a.example\r\nDESCRIPTION:First\\nsecond li\r\n ne\r\n'
        "BEGIN:VALARM\r\nDESCRIPTION:Ring\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCARD\nVERSION:4.0\nFN:Ada\nORG:Engine;Analysis\nitem1.TEL;TYPE=cell:+49 1\n"
        "ADR:;;Weg 1;Bonn;;50667;\nPHOTO;ENCODING=b:AAAA\n BBBB\nEND:VCARD\nBEGIN:VCARD\n"
        "VERSION:2.1\nN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;=\nJan\nEND:VCARD\n",
    ),
    "subtitles": (
        "1\n00:00:01,000 --> 00:00:04,000\n<i>One</i>\ntwo\n\n2\n00:00:04,500 --> 00:00:05,000\n",
        "WEBVTT - Harbour\n\nSTYLE\n::cue { color: red }\n\nNOTE no\n\n"
        "a\n01:00.000 --> 01:02.000 align:left\n<v Ada>Ships <00:01.500><c>come</c>\n",
        "0:00:01.000,0:00:04.000\nOne[br]two\n\n0:00:05.000,0:00:06.000\nthree\n",
    ),
}


def seeds(target: str) -> Iterator[bytes]:
    """Yield the files that a target begins with."""
    if target in _TEXTS:
        yield from (text.encode() for text in _TEXTS[target])
    else:
        yield from _MADE[target]()


def _mails() -> Iterator[bytes]:
    letter = test_mail.letter("Grüße", "=?utf-8?q?L=C3=B6we?= =?gb2312?b?xOO6ww==?=")
    letter.add_alternative("<h1>Lunch</h1><p>Come at noon.</p>", subtype="html")
    letter.add_attachment(b"one;two", "text", "csv", filename="Übersicht.csv")
    letter.add_attachment(test_mail.letter())
    yield letter.as_bytes()
    yield b"From ada Tue Jun 28 01:02:11 2005\n%s\n\nFrom bob Tue Jun 28 01:02:11 2005\n%s" % (
        test_mail.letter("One\n>From two").as_bytes(),
        letter.as_bytes(),
    )
    plain = test_mail.letter().as_bytes()
    yield b"%d\n%s<?xml version='1.0'?><plist/>" % (len(plain), plain)
    page = EmailMessage()
    page.make_related()
    part = EmailMessage()
    part.set_content("<title>Harbour</title><h1>Ships</h1>", subtype="html")
    page.attach(part)
    yield page.as_bytes()
    signed = EmailMessage()
    der = test_mail.der
    content = der(0x30, der(6, bytes.fromhex("2a864886f70d010701")) + der(0xA0, der(4, plain)))
    data = der(0x30, der(2, b"\x01") + der(0x31, b"") + content)
    whole = der(0x30, der(6, bytes.fromhex("2a864886f70d010702")) + der(0xA0, data))
    signed.set_content(whole, "application", "pkcs7-mime")
    yield signed.as_bytes()
    yield test_mail.TRANSPORT


def _outlook() -> Iterator[bytes]:
    attached, inner = "__attach_version1.0_#00000000", "__substg1.0_3701000D"
    person = "__recip_version1.0_#00000000"
    wide = "Löwe".encode("utf-16-le")
    mail = test_outlook.outlook("Lunch", {"__substg1.0_1000001F": "Noon".encode("utf-16-le")})
    streams = {(name,): data for name, data in mail.items()}
    streams |= {
        (person, "__properties_version1.0"): test_outlook.properties(8, p0C15=1),
        (person, "__substg1.0_3001001F"): wide,
        (attached, "__properties_version1.0"): test_outlook.properties(8),
        (attached, "__substg1.0_3707001F"): "a.txt".encode("utf-16-le"),
        (attached, "__substg1.0_37010102"): b"text",
    }
    yield ole(streams)
    inside = test_outlook.outlook("Inner", {"__substg1.0_1013001E": b"<p>Html"}, 24)
    yield ole(
        {(name,): data for name, data in mail.items()}
        | {(attached, "__properties_version1.0"): test_outlook.properties(8)}
        | {(attached, inner, name): data for name, data in inside.items()}
    )
    rich = test_outlook.outlook(
        "Rich", {"__substg1.0_10090102": bytes.fromhex(test_outlook.HELLO_WORLD)}
    )
    yield ole({(name,): data for name, data in rich.items()})


def _encoded() -> Iterator[bytes]:
    for name, text in test_encodings.LONG.items():
        yield from (text.encode(each, "ignore") for each in test_encodings.ENCODINGS[name])
    yield "\ufeffwide".encode("utf-16-le")
    yield b"\x1b$B4A;z\x1b(B"


def _archives() -> Iterator[bytes]:
    inner = test_archives.zip_of({"c.txt": "text"})
    yield test_archives.zip_of({"a.txt": "text", "b/ö.csv": "1;2", "c.zip": inner})
    yield test_archives.tar_of({"a.txt": "text", "b.md": "# text"})
    yield test_archives.tar_of({"a.txt": "text"}, "w:gz")
    yield bz2.compress(test_archives.tar_of({"a.txt": "text"}))


_MADE = {
    "doc": lambda: iter([(DATA / "report.doc").read_bytes(), test_links.word_95(_LINKS)]),
    "ppt": lambda: iter([test_old_office.presentation()]),
    "msg": _outlook,
    "rtf": lambda: iter(_RTF),
    "mail": _mails,
    "encodings": _encoded,
    "xls": lambda: iter([(DATA / "report.xls").read_bytes()]),
    "archive": _archives,
}
