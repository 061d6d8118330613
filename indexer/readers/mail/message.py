"""A message taken apart: its headers, the forms of its text, and what is attached.

The standard library does the parsing, by its older policy: the newer one takes time quadratic in a
header's length (20 s for one of 20,000 encoded words (measured)) and fails at deep comments. What
a charset or an encoding says wrongly costs characters, never the message.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import Compat32
from pathlib import Path

from indexer.readers import damaged
from indexer.readers.encodings.decoding import decode, unify
from indexer.readers.kinds.sniffing import looks_utf16
from indexer.readers.mail.signed import signed_content
from indexer.readers.markup.web import declared_encoding
from indexer.readers.sheet import clean

# Characters; some have thousands of recipients, but the library takes quadratic time for thousands
# of parameters.
_LONGEST_HEADER = 20_000
_WORDS = re.compile(r"(?:=\?[^?\s]{1,60}\?[bq]\?[^?]*\?=(?:\s+(?==\?))?)+", re.IGNORECASE)
_WORD = re.compile(r"=\?([^?*\s]{1,60})[^?]*\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_EMLX = re.compile(
    rb"\s*(\d{1,10})[ \t]*\r?\n"
)  # Apple's: the length of the mail, the mail, a list

_SIGNATURES = frozenset(
    f"application/{name}" for name in ("pgp-signature", "pkcs7-signature", "x-pkcs7-signature")
)
# The last two are multiparts that have no parts.
_TEXTS = frozenset(("text/plain", "text/html", "multipart/mixed", "multipart/alternative"))
_ENCLOSED = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime"))
_SEVEN_BIT = frozenset(("utf-7", "hz-gb-2312", "iso-2022-kr"))  # look like ASCII in every byte


class _Lenient(Compat32):
    """Returns headers as text, whatever bytes they are made of."""

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002
        """Return the value of a header."""
        value = value[:_LONGEST_HEADER]
        if value.isascii():
            return value
        return decode(value.encode("utf-8", "surrogateescape"))


_POLICY = _Lenient()


@dataclass(frozen=True, slots=True)
class Body:
    """A piece of a message's text, in one form or in both."""

    plain: tuple[Message, ...] = ()
    html: tuple[Message, ...] = ()


@dataclass(slots=True)
class Parts:
    """What a message consists of, in its order."""

    bodies: list[Body] = field(default_factory=list)
    attached: list[Message] = field(default_factory=list)
    encrypted: bool = False


def parse(data: bytes, path: Path) -> Message:
    """Take a message apart. Raises Unreadable."""
    if (counted := _EMLX.match(data)) is not None:
        data = data[counted.end() : counted.end() + int(counted.group(1))]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or looks_utf16(data):
        data = decode(data).encode()
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    try:
        return message_from_bytes(data, policy=_POLICY)
    except RecursionError:
        raise damaged("mail", path) from None


def parts_of(message: Message) -> Parts:
    """Sort the parts of a message. A message that is attached stays whole."""
    parts = Parts()
    _sort(message, parts)
    return parts


def _sort(message: Message, parts: Parts) -> None:
    kind = message.get_content_type()
    if not message.is_multipart() or kind == "message/rfc822":
        if kind in _TEXTS and not _is_attached(message):
            one = (message,)
            parts.bodies.append(Body(html=one) if kind == "text/html" else Body(plain=one))
        elif kind in _ENCLOSED:
            content = signed_content(bytes_of(message))
            if content is None:
                parts.encrypted = True
            else:
                _sort(message_from_bytes(content, policy=_POLICY), parts)
        elif kind not in _SIGNATURES:
            parts.attached.append(message)
    elif message.get_content_maintype() == "message":
        parts.bodies.append(Body(plain=(message,)))
    elif kind == "multipart/encrypted":
        parts.encrypted = True
    else:
        inside = parts
        if kind in ("multipart/alternative", "multipart/related"):
            inside = Parts()
        for each in children(message):
            _sort(each, inside)
        if inside is not parts:
            _take_over(inside, parts, kind)


def _take_over(inside: Parts, parts: Parts, kind: str) -> None:
    parts.encrypted = parts.encrypted or inside.encrypted
    if kind == "multipart/alternative":
        plain = [each for body in inside.bodies for each in body.plain]
        html = [each for body in inside.bodies for each in body.html]
        parts.bodies.append(Body(tuple(plain), tuple(html)))
        parts.attached += inside.attached
    else:
        parts.bodies += inside.bodies
        parts.attached += [each for each in inside.attached if not _is_decoration(each)]


def children(message: Message) -> Iterator[Message]:
    """Yield the parts of a message."""
    # Asked for the payload of a part without parts, the library would decode that.
    if message.is_multipart():
        yield from (each for each in message.get_payload() if isinstance(each, Message))


def _is_attached(message: Message) -> bool:
    disposition = str(message.get("Content-Disposition", "")).lstrip().lower()
    return disposition.startswith("attachment") or bool(name_of(message))


def _is_decoration(message: Message) -> bool:
    """Tell whether a part is a picture or a style of the text beside it."""
    kind = message.get_content_type()
    return kind.startswith(("image/", "font/")) or kind in ("text/css", "text/javascript")


def name_of(message: Message) -> str:
    """Return the file name of a part; "" if it has none."""
    try:
        return decoded(message.get_filename() or "")
    except (ValueError, LookupError, TypeError):
        return ""  # its parameters are beyond reading


def header(message: Message, name: str) -> str:
    """Return a header in one line, with its encoded words decoded; "" if there is none."""
    value = message.get(name)
    return " ".join(clean(decoded(str(value))).split()) if value else ""


def decoded(text: str) -> str:
    """Decode the encoded words of a header (RFC 2047), also where the standard allows none."""
    return _WORDS.sub(_decode_words, text) if "=?" in text else text


def _decode_words(match: re.Match[str]) -> str:
    """Decode words that follow each other: a character may be cut between two of them."""
    runs: list[tuple[str, bytearray]] = []
    for charset, kind, word in _WORD.findall(match.group()):
        raw = word.encode("utf-8", "replace")
        if kind in "bB":
            try:
                raw = binascii.a2b_base64(raw + b"===")
            except binascii.Error:
                return match.group()
        else:
            raw = quopri.decodestring(raw, header=True)
        if not runs or runs[-1][0] != charset.lower():
            runs.append((charset.lower(), bytearray()))
        runs[-1][1].extend(raw)
    return "".join(_decode(bytes(raw), charset) for charset, raw in runs)


def bytes_of(message: Message) -> bytes:
    """Return what a part holds, as far as its encoding can be undone."""
    try:
        payload = message.get_payload(decode=True)
    except (ValueError, LookupError):
        payload = None
    return payload if isinstance(payload, bytes) else b""


def text_of(message: Message) -> str:
    """Return the text of a part in plain text; of a report about a delivery its fields."""
    if message.is_multipart():
        fields = [each.items() for each in children(message)]
        return unify(
            "\n\n".join("\n".join(f"{name}: {value}" for name, value in each) for each in fields)
        )
    return unify(_decode(bytes_of(message), _charset_of(message)))


def html_of(message: Message) -> str:
    """Return the HTML of a part."""
    data = bytes_of(message)
    return unify(_decode(data, _charset_of(message) or declared_encoding(data)))


def _charset_of(message: Message) -> str | None:
    try:
        return message.get_content_charset()
    except (ValueError, LookupError, TypeError):
        return None


def _decode(data: bytes, charset: str | None) -> str:
    if charset in _SEVEN_BIT and data.isascii():
        return data.decode(charset, "replace")
    # Programs say "ASCII" when they know no better.
    untrue = charset in ("us-ascii", "ascii") and not data.isascii()
    return decode(data, None if untrue else charset)
