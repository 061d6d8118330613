"""How the first bytes of mail, calendars, address books and tars give them away.

Mail is often found without a suffix: Maildir and Thunderbird use none, Word saves web archives as
.doc, and lists are archived as .txt.
"""

from __future__ import annotations

import re

_TAR_AT = 257  # where a tar says so, for want of a beginning of its own
_BEGINNINGS = ((b"BEGIN:VCALENDAR", "calendar"), (b"BEGIN:VCARD", "contacts"))
_FROM_LINE = re.compile(
    rb"From \S[^\n]{0,200}\d\d:\d\d[^\n]{0,40}\d{4}[^\n]{0,20}\r?\n[!-9;-~]{1,60}:", re.ASCII
)
_HEADER = re.compile(rb"([A-Za-z][!-9;-~]{1,60}):[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?(?:\n|$)")
# What every transport adds, and no memo that a person writes begins with.
_TRANSPORT = frozenset(
    (b"received", b"message-id", b"return-path", b"delivered-to", b"mime-version")
)
_ADDRESSED = frozenset((b"from", b"to", b"subject", b"date", b"reply-to", b"cc"))
_WEB_PAGE = re.compile(
    rb"^(?:Snapshot-Content-Location:|From: .{0,3}Saved by )", re.IGNORECASE | re.MULTILINE
)
_RELATED = re.compile(rb"^Content-Type:\s*multipart/related\b", re.IGNORECASE | re.MULTILINE)


def kind_by_signs(head: bytes) -> str | None:
    """Return the value of the Kind that the first bytes of a file tell, if it is one of these."""
    if head.startswith(b"ustar", _TAR_AT):
        return "tar"
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    for beginning, kind in _BEGINNINGS:
        if head[: len(beginning)].upper() == beginning:
            return kind
    if _FROM_LINE.match(head):
        return "mailbox"
    return _message(head)


def _message(head: bytes) -> str | None:
    names = set()
    end = 0
    while match := _HEADER.match(head, end):
        names.add(match.group(1).lower())
        end = match.end()
    if not names & _TRANSPORT:
        return None
    headers = head[:end]
    if _RELATED.search(headers) and (_WEB_PAGE.search(headers) or b"to" not in names):
        return "mhtml"
    return "mail" if len(names & _ADDRESSED) > 1 else None
