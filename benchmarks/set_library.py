"""A library of 500 files whose kinds, dates, totals and words are known, in several formats.

Invoices, contracts, letters and minutes, in English, German and Chinese; each is made of a record,
and what a question asks for is a condition on records.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path
from random import Random

import docx
import pypdfium2
import xlsxwriter

_SEED = 20
VENDORS = ("Acme Corp", "Bolt Ltd", "Cedar Supplies", "Delta GmbH", "Elm Partners", "Fjord AS")
CUSTOMERS = ("Northwind Trading", "Old Mill Housing")
TOPICS = ("roof", "elevator", "heating", "budget", "parking", "solar panels", "fire alarm")
CLAUSES = ("arbitration", "confidentiality", "force majeure", "non-compete", "late payment",
           "termination", "data protection")  # fmt: skip
_GERMAN = {"roof": "Dach", "elevator": "Aufzug", "heating": "Heizung", "budget": "Haushaltsplan",
           "parking": "Parkplatz", "solar panels": "Solaranlage", "fire alarm": "Feuermelder",
           "arbitration": "Schiedsgericht", "confidentiality": "Geheimhaltung",
           "force majeure": "höhere Gewalt", "non-compete": "Wettbewerbsverbot",
           "late payment": "Zahlungsverzug", "termination": "Kündigung",
           "data protection": "Datenschutz"}  # fmt: skip
_CHINESE = {"roof": "屋顶", "elevator": "电梯", "heating": "供暖", "budget": "预算",
            "parking": "停车", "solar panels": "太阳能板", "fire alarm": "火警",
            "arbitration": "仲裁", "confidentiality": "保密", "force majeure": "不可抗力",
            "non-compete": "竞业限制", "late payment": "逾期付款", "termination": "终止",
            "data protection": "数据保护"}  # fmt: skip
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
_GERMAN_MONTHS = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August",
                  "September", "Oktober", "November", "Dezember")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a file."""

    path: str  # inside of the library
    kind: str
    language: str
    day: date
    vendor: str
    customer: str
    total: float
    words: frozenset[str]  # of TOPICS and CLAUSES, in English

    @property
    def suffix(self) -> str:
        """The end of its name, without the dot."""
        return self.path.rpartition(".")[2]


def write_library(folder: Path) -> list[Record]:
    """Write the files, and return what is known of them."""
    chance = Random(_SEED)  # noqa: S311 -- no secret
    records = [
        *(_invoice(chance, number) for number in range(200)),
        *(_contract(chance, number) for number in range(120)),
        *(_letter(chance, number) for number in range(100)),
        *(_minutes(chance, number) for number in range(80)),
    ]
    for record, lines in records:
        place = folder / record.path
        place.parent.mkdir(parents=True, exist_ok=True)
        _WRITERS[record.suffix](place, lines)
    return [record for record, _ in records]


_Drawn = tuple[Record, list[str]]


def _day(chance: Random) -> date:
    return date(2022, 1, 1) + timedelta(days=chance.randrange(3 * 365))


def _written(day: date, language: str, chance: Random) -> str:
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    if language == "de":
        named = f"{day.day}. {_GERMAN_MONTHS[day.month - 1]} {day.year}"
        return chance.choice((f"{day:%d.%m.%Y}", named))
    month = _MONTHS[day.month - 1]
    return chance.choice(
        (day.isoformat(), f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}")
    )


def _language(chance: Random) -> str:
    return chance.choices(("en", "de", "zh"), (70, 18, 12))[0]


def _in(language: str, word: str) -> str:
    return {"de": _GERMAN, "zh": _CHINESE}.get(language, {}).get(word, word)


def _money(total: float, language: str) -> str:
    text = f"{total:,.2f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "de" else text


def _invoice(chance: Random, number: int) -> _Drawn:
    language, day, vendor = _language(chance), _day(chance), chance.choice(VENDORS)
    customer, total = chance.choice(CUSTOMERS), round(chance.uniform(40, 6000), 2)
    topic = chance.choice(TOPICS)
    due = _written(day + timedelta(days=30), language, chance)
    when, amount, work = (
        _written(day, language, chance),
        _money(total, language),
        _in(language, topic),
    )
    net = _money(round(total / 1.2, 2), language)
    lines = {
        "en": [f"INVOICE No. {4000 + number}", f"From: {vendor}", f"Bill to: {customer}",
               f"Invoice date: {when}", f"Due date: {due}",
               f"Work on the {work} as agreed on the telephone with the owner of the building.",
               f"Net: {net} EUR", f"Total amount: {amount} EUR",
               "Please pay within thirty days and name the number of this document."],
        "de": [f"Rechnung Nr. {4000 + number}", f"Lieferant: {vendor}", f"Kunde: {customer}",
               f"Rechnungsdatum: {when}", f"Fälligkeitsdatum: {due}",
               f"Arbeiten am Gegenstand {work} wie am Telefon mit dem Eigentümer vereinbart.",
               f"Netto: {net} EUR", f"Gesamtbetrag: {amount} EUR",
               "Bitte zahlen Sie innerhalb von dreißig Tagen."],
        "zh": [f"发票 编号 {4000 + number}", f"供应商：{vendor}", f"客户：{customer}",
               f"开票日期：{when}", f"到期日期：{due}",
               f"按照与业主电话中的约定，本次工作的内容是{work}的维修和检查。",
               f"净额：{net} 元", f"总金额：{amount} 元", "请在三十天之内付款。"],
    }[language]  # fmt: skip
    suffix = _suffix(chance, language, ("txt", "pdf", "docx", "xlsx", "html"))
    named = chance.choice((f"invoices/{day.year}/{4000 + number}", f"inbox/invoice-{4000 + number}",
                           f"scans/doc{number:04}"))  # fmt: skip
    words = frozenset({topic})
    return Record(
        f"{named}.{suffix}", "invoice", language, day, vendor, customer, total, words
    ), lines


def _contract(chance: Random, number: int) -> _Drawn:
    language, day, vendor = _language(chance), _day(chance), chance.choice(VENDORS)
    customer = chance.choice(CUSTOMERS)
    clauses = chance.sample(CLAUSES, chance.randrange(1, 5))
    when = _written(day, language, chance)
    titles = {"en": ("Service Agreement", "Maintenance Contract", "Supply Agreement"),
              "de": ("Wartungsvertrag", "Dienstleistungsvertrag", "Liefervertrag"),
              "zh": ("服务合同", "维修合同", "供货合同")}[language]  # fmt: skip
    opening = {"en": f"This agreement is made on {when} between {vendor} and {customer}.",
               "de": f"Dieser Vertrag wird am {when} zwischen {vendor} und {customer} geschlossen.",
               "zh": f"本合同由{vendor}与{customer}于{when}签订。"}[language]  # fmt: skip
    body = {"en": "{at}. {word}. The parties settle {low} by the rules of the annex.",
            "de": "{at}. {word}. Die Parteien regeln {low} nach den Bestimmungen der Anlage.",
            "zh": "第{at}条 {word}。双方按照附件的规定处理有关{low}的事项。"}[language]  # fmt: skip
    lines = [chance.choice(titles), opening]
    for at, clause in enumerate(clauses, 1):
        word = _in(language, clause)
        lines.append(body.format(at=at, word=word[0].upper() + word[1:], low=word))
        # Words that stem as others do, or hold others, and are none of them.
    decoys = {"en": "No arbitrary change and no terminal is part of this text.",
              "de": "Eine willkürliche Änderung ist nicht Teil dieses Textes.",
              "zh": "本文不含任意的更改。"}[language]  # fmt: skip
    lines.append(decoys)
    suffix = _suffix(chance, language, ("txt", "pdf", "docx", "md"))
    named = chance.choice((f"contracts/{vendor.split()[0].lower()}-{number:03}",
                           f"inbox/contract_{number:03}", f"scans/file{number:04}"))  # fmt: skip
    return Record(
        f"{named}.{suffix}", "contract", language, day, vendor, customer, 0.0, frozenset(clauses)
    ), lines


def _letter(chance: Random, number: int) -> _Drawn:
    language, day, vendor = _language(chance), _day(chance), chance.choice(VENDORS)
    customer, topic = chance.choice(CUSTOMERS), chance.choice(TOPICS)
    when, word = _written(day, language, chance), _in(language, topic)
    lines = {
        "en": [f"From: {vendor}", f"To: {customer}", f"Date: {when}", "Dear Ms Larsen,",
               f"we write to you about the {word}, and thank you for the invoice and the contract "
               "that you sent.", "Kind regards"],
        "de": [f"Von: {vendor}", f"An: {customer}", f"Datum: {when}",
               "Sehr geehrte Frau Larsen,",
               f"wir schreiben Ihnen zum Thema {word} und danken für die Rechnung und den Vertrag.",
               "Mit freundlichen Grüßen"],
        "zh": [f"发件人：{vendor}", f"收件人：{customer}", f"日期：{when}", "尊敬的拉森女士：",
               f"我们就{word}的事情写信给您，并感谢您寄来的发票和合同。", "此致敬礼"],
    }[language]  # fmt: skip
    suffix = _suffix(chance, language, ("txt", "docx", "eml", "pdf"))
    named = chance.choice(
        (f"letters/{day:%Y-%m-%d}-{number:03}", f"correspondence/letter {number:03}")
    )
    return Record(
        f"{named}.{suffix}", "letter", language, day, vendor, customer, 0.0, frozenset({topic})
    ), lines


def _minutes(chance: Random, number: int) -> _Drawn:
    language, day = _language(chance), _day(chance)
    topics = chance.sample(TOPICS, chance.randrange(1, 4))
    when = _written(day, language, chance)
    head = {"en": ["Minutes of the owners' meeting", f"Date: {when}",
                   "Attendees: Berg, Chen, Diaz"],
            "de": ["Protokoll der Eigentümerversammlung", f"Datum: {when}",
                   "Teilnehmer: Berg, Chen, Diaz"],
            "zh": ["业主会议记录", f"日期：{when}", "参会人：Berg, Chen"]}[language]  # fmt: skip
    body = {"en": "The meeting spoke at length about the {}, and put the matter to a vote.",
            "de": "Die Versammlung sprach lange über das Thema {} und stimmte dann darüber ab.",
            "zh": "会议详细讨论了{}的问题，并进行了表决。"}[language]  # fmt: skip
    lines = [*head, *(body.format(_in(language, topic)) for topic in topics)]
    suffix = _suffix(chance, language, ("md", "docx", "pdf", "txt"))
    named = chance.choice((f"minutes/{day:%Y%m%d}-{number:03}", f"archive/meeting {number:03}"))
    return Record(
        f"{named}.{suffix}", "minutes", language, day, "", "", 0.0, frozenset(topics)
    ), lines


def _suffix(chance: Random, language: str, suffixes: tuple[str, ...]) -> str:
    # PDFium's own fonts have no Chinese signs.
    return chance.choice([each for each in suffixes if each != "pdf" or language == "en"])


# --- the formats -------------------------------------------------------------------------------


def _write_text(path: Path, lines: list[str]) -> None:
    path.write_text("\n\n".join(lines) + "\n", "utf-8")


def _write_markdown(path: Path, lines: list[str]) -> None:
    _write_text(path, [f"# {lines[0]}", *lines[1:]])


def _write_docx(path: Path, lines: list[str]) -> None:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    document.save(str(path))


def _write_xlsx(path: Path, lines: list[str]) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for row, line in enumerate(lines):
            sheet.write_string(row, 0, line)


def _write_html(path: Path, lines: list[str]) -> None:
    body = "".join(f"<p>{line}</p>" for line in lines)
    path.write_text(f"<meta charset=utf-8><title>{lines[0]}</title>{body}", "utf-8")


def _write_mail(path: Path, lines: list[str]) -> None:
    message = EmailMessage()
    message["Subject"] = "Your building"
    message.set_content("\n".join(lines))
    path.write_bytes(bytes(message))


def _write_pdf(path: Path, lines: list[str]) -> None:
    """Write a page by PDFium, in Helvetica."""
    import ctypes

    raw = pypdfium2.raw
    document = pypdfium2.PdfDocument.new()
    page = document.new_page(595, 842)
    font = raw.FPDFText_LoadStandardFont(document.raw, b"Helvetica")
    for at, line in enumerate(lines):
        text = raw.FPDFPageObj_CreateTextObj(document.raw, font, 10)
        encoded = (line + "\0").encode("utf-16-le")
        buffer = (ctypes.c_ushort * (len(encoded) // 2)).from_buffer_copy(encoded)
        raw.FPDFText_SetText(text, buffer)
        raw.FPDFPageObj_Transform(text, 1, 0, 0, 1, 60, 780 - 26 * at)
        raw.FPDFPage_InsertObject(page.raw, text)
    raw.FPDFPage_GenerateContent(page.raw)
    document.save(str(path))


_WRITERS: dict[str, Callable[[Path, list[str]], None]] = {
    "txt": _write_text,
    "md": _write_markdown,
    "docx": _write_docx,
    "xlsx": _write_xlsx,
    "html": _write_html,
    "eml": _write_mail,
    "pdf": _write_pdf,
}
