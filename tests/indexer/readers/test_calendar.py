"""Calendars and address books."""

from __future__ import annotations

from reader_items import texts

from indexer.types import DocumentInfo, Page


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
