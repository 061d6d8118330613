"""Texts and mails that are too deep, too long, or take in what is elsewhere."""

from __future__ import annotations

import struct

from tests.bombs.lure import MARK, Lure
from tests.indexer.containers import ole


def deep_html(_: Lure) -> bytes:
    return b"<p>%s</p>" % MARK.encode() + b"<div>" * 200_000 + b"deep" + b"</div>" * 200_000


def deep_xml(_: Lure) -> bytes:
    return b"<x>%s%s%s</x>" % (MARK.encode(), b"<y>" * 200_000, b"</y>" * 200_000)


def blank_xml(_: Lure) -> bytes:
    """Return an element of three megabytes of blanks, which patterns may try from each of them."""
    return b"<x>%s%s</x>" % (MARK.encode(), b" " * 3_000_000)


def deep_json(_: Lure) -> bytes:
    return b'{"a": "%s", "b": %s%s}' % (MARK.encode(), b"[" * 200_000, b"]" * 200_000)


def including(lure: Lure) -> bytes:
    """Return lines by which markup of several kinds takes another file in."""
    return (
        f"{MARK}\n\n#+INCLUDE: {lure.secret}\n\n.. include:: {lure.secret}\n\n"
        f"include::{lure.secret}[]\n\n\\input{{{lure.secret}}}\n"
    ).encode()


def rich_text(lure: Lure) -> bytes:
    name = lure.secret.as_posix()
    return (
        rf"{{\rtf1 {MARK}{{\field{{\*\fldinst INCLUDETEXT {name}}}{{\fldrslt x}}}}"
        rf"{{\*\template {lure.address}/t}}\bin999999999 x}}"
    ).encode()


def one_line(_: Lure) -> bytes:
    """Return text that never ends its line, twenty megabytes of it."""
    return MARK.encode() + b" word" * 4_000_000


def mail_of_parts(_: Lure) -> bytes:
    """Return a mail of ten thousand parts inside each other."""
    opened = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(10_000)
    )
    return f"Subject: {MARK}\n{opened}\n\n{MARK}".encode()


def nested_mails(_: Lure) -> bytes:
    return f"Subject: {MARK}\n".encode() + b"Content-Type: message/rfc822\n\n" * 20_000


def old_workbook(_: Lure) -> bytes:
    """Return an xls with a cell in its first place and one in its last."""
    cells = b"".join(
        struct.pack("<2H3Hd", 0x0203, 14, row, column, 0, 9.5)
        for row, column in ((0, 0), (65_535, 255))
    )
    begin = struct.pack("<2H8H", 0x0809, 16, 0x0600, 0x0005, 0, 0, 0, 0, 0, 0)
    sheet = struct.pack("<2H8H", 0x0809, 16, 0x0600, 0x0010, 0, 0, 0, 0, 0, 0)
    end = struct.pack("<2H", 10, 0)
    where = len(begin) + 4 + 9 + len(end)
    listed = struct.pack("<2HIHBB", 0x0085, 9, where, 0, 1, 0) + b"A"
    return ole({("Workbook",): begin + listed + end + sheet + cells + end})
