"""What a document says of itself: its kind, its date, its total, and whom it is from and for.

A date, a total or a name counts where a line calls it so ("Invoice date: 5 March 2024"); without
such a line a date counts in the file's name, then at the beginning of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from indexer.sets.building import money
from indexer.sets.dates import day_in_name, days_in
from indexer.sets.lexicon import BY_NAME, KINDS, plural

_HEAD = 1500  # characters in which a date that nothing names counts
_TITLE_LINES = 3
_TITLE_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Fact:
    """A value and the line that says it; "" where the name does."""

    value: date | float
    quote: str


# --- the kind ----------------------------------------------------------------------------------

_COMPOUNDS = ("vertrag", "verträge", "vereinbarung", "vereinbarungen", "rechnung", "rechnungen",
              "protokoll", "protokolle", "bericht", "berichte", "angebot", "angebote", "mahnung",
              "mahnungen", "handbuch")  # fmt: skip
# An adjective of English, a letter of German.
_GERMAN_ONLY = frozenset({"brief"})


def _nouns() -> dict[str, str]:
    found: dict[str, str] = {}
    for kind in KINDS:
        for noun in kind.english:
            found |= {noun: kind.name, plural(noun): kind.name}
        found |= dict.fromkeys((*kind.german, *kind.chinese), kind.name)
    return found


_NOUNS = _nouns()
_LATIN = sorted((noun for noun in _NOUNS if noun[0] < "\u3000"), key=len, reverse=True)
_HAN = sorted((noun for noun in _NOUNS if noun[0] >= "\u3000" and len(noun) > 1), key=len)[::-1]
_NAMED = re.compile(
    rf"(?<!\w)(?:{'|'.join(map(re.escape, _LATIN))})(?!\w)"
    rf"|(?<!\w)\w+?(?P<compound>(?<!be)(?<!ab)(?:{'|'.join(_COMPOUNDS)}))(?!\w)"
    rf"|{'|'.join(_HAN)}"
)
_SIGNS = tuple(
    (kind.name, re.compile(kind.signs, re.IGNORECASE | re.MULTILINE))
    for kind in KINDS
    if kind.signs
)
# What follows says what a document is about, not what it is.
_ABOUT = re.compile(
    r"\b(?:on|for|about|of|regarding|to|from|re|über|zu|für|von|an|no|nr|with)\b|[:#–]"
)
_NO_TITLE = re.compile(
    r"[\W_]*(?:from|to|cc|subject|date|re|betreff|von|an|dear|sehr)\b", re.IGNORECASE
)


def kind_of(parts: Sequence[str], stem: str, tags: Iterable[str], head: str, language: str) -> str:
    """Return the kind of a document, or "".

    `parts` are the names of its folders inside of the library, outermost first. What its owner
    named counts before what it says itself; that decides where folder and name differ.
    """
    for tag in tags:
        if named := _kinds_in(tag, language):
            return named[0][1]
    folder = next((found for part in reversed(parts) if (found := _one(part, language))), "")
    name = _named_by(stem, language)
    if folder and name and folder != name:
        title = _title_kind(head, language)
        return title if title in (folder, name) else folder
    return folder or name or _title_kind(head, language) or _by_signs(head)


def _kinds_in(text: str, language: str) -> list[tuple[re.Match[str], str]]:
    spaced = re.sub(r"(?<=[a-zäöü])(?=[A-ZÄÖÜ])", " ", text)
    plain = re.sub(r"[\W_]+|(?<=\d)(?=[^\W\d])|(?<=[^\W\d])(?=\d)", " ", spaced).lower()
    found = []
    for match in _NAMED.finditer(plain):
        word = match["compound"] or match[0]
        if word not in _GERMAN_ONLY or language == "de":
            found.append((match, _NOUNS[word]))
    return found


def _one(text: str, language: str) -> str:
    kinds = {kind for _, kind in _kinds_in(text, language)}
    return kinds.pop() if len(kinds) == 1 else ""


def _named_by(stem: str, language: str) -> str:
    """Return the kind that a file's name names: of neighbours the last, else the first."""
    found = _kinds_in(stem, language)
    if not found:
        return ""
    at = 0
    while at + 1 < len(found) and found[at + 1][0].start() - found[at][0].end() <= 1:
        at += 1
    return found[at][1]


def _title_kind(head: str, language: str) -> str:
    lines = [line.strip(" #*=|\t") for line in head.splitlines() if line.strip()]
    for line in lines[:_TITLE_LINES]:
        if len(line) > _TITLE_CHARACTERS or line.endswith((".", "。")) or _NO_TITLE.match(line):
            continue
        found = _kinds_in(_ABOUT.split(line.lower(), maxsplit=1)[0], language)
        if found:
            return found[-1][1]
    return ""


def _by_signs(head: str) -> str:
    return next((name for name, signs in _SIGNS if signs.search(head[:_HEAD])), "")


def noun_of(kind: str, language: str) -> str:
    """Return the plural by which a kind is called in a language."""
    found = BY_NAME[kind]
    if language == "zh":
        return found.chinese[0]
    if language == "de":
        return found.german[min(1, len(found.german) - 1)].capitalize()
    return plural(found.english[0])


# --- the date ----------------------------------------------------------------------------------

_DATE_LABEL = re.compile(
    r"^[\W_]*(?P<label>[^\n:：|,;]{0,30}?(?:date|dated|datum|sent|日期|时间)\w{0,2})"
    r"[\s:：|,;*]+(?P<rest>.{4,40})",
    re.IGNORECASE | re.MULTILINE,
)
_OTHER_DATE = re.compile(
    r"due|deliver|birth|expir|until|end|payment|valid|start|next|print|fällig|liefer|geburt|"
    r"zahl|gültig|druck|nächst|到期|截止|交货|出生|有效|下次",
    re.IGNORECASE,
)


def date_of(stem: str, parts: Sequence[str], text: str, *, month_first: bool) -> Fact | None:
    """Return the day that a document is dated, if any is known."""
    head = text[: 2 * _HEAD]
    for match in _DATE_LABEL.finditer(head):
        if _OTHER_DATE.search(match["label"]):
            continue
        for at, day in days_in(match["rest"], month_first=month_first):
            if at <= 12:
                return Fact(day, match[0].strip())
    if (named := day_in_name(stem)) is not None:
        return Fact(named, "")
    for at, day in days_in(head[:_HEAD], month_first=month_first):
        line = _line_around(head, at)
        if not _OTHER_DATE.search(line[: max(0, at - head.rfind("\n", 0, at))]):
            return Fact(day, line.strip())
    for part in reversed(parts):
        if (named := day_in_name(part)) is not None:
            return Fact(named, "")
    return None


def _line_around(text: str, at: int) -> str:
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    return text[start : end if end >= 0 else len(text)][:200]


# --- the total ---------------------------------------------------------------------------------

_NUMBER = r"(\d{1,3}(?:[ .,'\u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)(?![\d%])"
_TOTALS = tuple(
    re.compile(
        rf"^[\W_]*(?:{labels})(?![^\W_])[^\n\d]{{0,40}}?{_NUMBER}", re.IGNORECASE | re.MULTILINE
    )
    for labels in (
        r"grand total|total amount due|total due|amount due|balance due|invoice total|"
        r"total amount|gesamtbetrag|rechnungsbetrag|endbetrag|zahlbetrag|bruttobetrag|"
        r"价税合计|应付总额|总金额|总计|总额",
        r"total|gesamtsumme|gesamt|summe|合计",
        r"amount|betrag|contract value|金额",
    )
)


def total_of(text: str) -> Fact | None:
    """Return the amount that a document comes to, if a line calls it so."""
    for pattern in _TOTALS:
        if matches := list(pattern.finditer(text)):
            last = matches[-1]
            digits = re.sub(r"[ '\u00a0\u202f]", "", last[1])
            return Fact(money(digits, None), last[0].strip())
    return None


# --- from whom, for whom -----------------------------------------------------------------------

_SENDERS = (
    "from|vendor|supplier|seller|issued by|issuer|biller|billed by|provider|sender|sold by|"
    "absender|lieferant|verkäufer|rechnungssteller|aussteller|auftragnehmer|von|"
    "供应商|卖方|销售方|开票方|发件人|销货方"
)
_RECEIVERS = (
    "to|bill to|billed to|invoice to|customer|client|buyer|recipient|sold to|ship to|addressee|"
    "an|kunde|empfänger|käufer|rechnungsempfänger|auftraggeber|客户|买方|购买方|收件人|致|购货方"
)


def _field(labels: str) -> re.Pattern[str]:
    return re.compile(
        rf"^[\W_]*(?:{labels})[ \t*]*(?:[:：|,;\t][ \t|*]*)+(?P<value>[^\n]*)"
        r"(?:\n(?P<next>[^\n]*))?",
        re.IGNORECASE | re.MULTILINE,
    )


_SENDER_FIELD, _RECEIVER_FIELD = _field(_SENDERS), _field(_RECEIVERS)


def party_line(text: str, stem: str, name: re.Pattern[str], *, sender: bool) -> str | None:
    """Return the line by which a document is from (or for) somebody; None if it is not.

    Where no line names any sender, the name anywhere else counts, but for those lines that name
    a receiver; and the other way round.
    """
    own, other = (_SENDER_FIELD, _RECEIVER_FIELD) if sender else (_RECEIVER_FIELD, _SENDER_FIELD)
    lines = list(_values(own, text))
    if lines:
        return next((line for value, line in lines if name.search(value)), None)
    elsewhere = {line for _, line in _values(other, text)}
    for match in name.finditer(text):
        line = _line_around(text, match.start()).strip()
        if not any(line and line in each for each in elsewhere):
            return line
    return "" if name.search(re.sub(r"[\W_]+", " ", stem)) else None


def _values(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, str]]:
    for match in pattern.finditer(text):
        value = match["value"].strip() or (match["next"] or "").strip()
        if value:
            yield value, match[0].strip()
