"""Texts of many languages in the encodings that they were written in, long and short."""

# ruff: noqa: E501 (wide letters count twice)

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.readers import Source, read_source
from indexer.readers.encodings.decoding import decode
from indexer.readers.encodings.ebcdic import looks_ebcdic, record_length
from indexer.types import UnreadPage

SHORT = {
    "zh": "会议纪要", "zh-Hant": "會議紀錄", "ja": "会議の議事録", "ja-kana": "テスト用データ",
    "ko": "회의록", "ru": "Счёт на оплату", "ru-capitals": "ДОГОВОР", "uk": "Замовлення відправлено",
    "el": "Η παραγγελία στάλθηκε", "he": "פרוטוקול הישיבה", "ar": "محضر الاجتماع",
    "tr": "Siparişiniz gönderildi", "pl": "Zamówienie zostało wysłane",
    "cs": "Schůzka se přesouvá na třetí", "hu": "A rendelést elküldtük, köszönjük",
    "lt": "Užsakymas išsiųstas", "th": "คำสั่งซื้อถูกส่งแล้ว", "de": "Pantothensäure",
    "fr": "La commande est expédiée", "es": "¿Dónde está la reunión?", "pt": "Ação de formação",
    "da": "Bestillingen er på vej", "en": "“Quoted” – it’s a café.", "price": "Price: £5",
}  # fmt: skip

LONG = {
    "zh": "昨天晚上我们在河边散步，看到许多人在放风筝。孩子们跑来跑去，老人坐在树下聊天。项目经理要求"
    "所有部门在星期五之前提交预算报告，逾期不予受理。",
    "zh-Hant": "昨天晚上我們在河邊散步，看到許多人在放風箏。孩子們跑來跑去，老人坐在樹下聊天。專案經理"
    "要求所有部門在星期五之前提交預算報告，逾期不予受理。",
    "ja": "昨日の夜、川のそばを散歩していたら、たくさんの人が凧をあげていた。責任者は、金曜日までに予算"
    "の報告書を提出するように求めた。",
    "ko": "어제 저녁에 강가를 산책하다가 연을 날리는 사람들을 많이 보았다. 담당자는 금요일까지 예산 보고서를 "
    "제출하라고 요청했다.",
    "ru": "Вчера вечером мы гуляли у реки и видели, как люди запускают змеев. Руководитель проекта "
    "попросил все отделы сдать отчёт до пятницы.",
    "uk": "Учора ввечері ми гуляли біля річки й бачили, як люди запускають зміїв. Керівник проєкту "
    "попросив усі відділи здати звіт до п’ятниці.",
    "el": "Χθες το βράδυ περπατούσαμε δίπλα στο ποτάμι και είδαμε πολλούς ανθρώπους να πετούν "
    "χαρταετό. Ο υπεύθυνος ζήτησε την έκθεση μέχρι την Παρασκευή.",
    "he": "אתמול בערב טיילנו ליד הנהר וראינו אנשים רבים מעיפים עפיפונים. מנהל הפרויקט ביקש להגיש את "
    "הדוח עד יום שישי.",
    "ar": "مساء أمس تمشينا بجانب النهر ورأينا كثيرا من الناس يطلقون الطائرات الورقية. طلب مدير المشروع "
    "تقديم التقرير قبل يوم الجمعة.",
    "tr": "Dün akşam ırmağın kıyısında yürürken uçurtma uçuran birçok insan gördük. Proje yöneticisi "
    "raporun cuma gününe kadar verilmesini istedi.",
    "pl": "Wczoraj wieczorem spacerowaliśmy nad rzeką i widzieliśmy, jak ludzie puszczają latawce. "
    "Kierownik poprosił, żeby oddać sprawozdanie do piątku.",
    "cs": "Včera večer jsme se procházeli u řeky a viděli jsme, jak lidé pouštějí draky. Vedoucí "
    "požádal, aby zprávu odevzdali do pátku.",
    "hu": "Tegnap este a folyóparton sétáltunk, és láttuk, hogy sokan sárkányt eresztenek. A vezető "
    "péntekre kérte a jelentést.",
    "lt": "Vakar vakare vaikščiojome prie upės ir matėme, kaip žmonės leidžia aitvarus. Vadovas "
    "paprašė ataskaitą pateikti iki penktadienio.",
    "th": "เมื่อวานตอนเย็นเราไปเดินเล่นริมแม่น้ำและเห็นผู้คนมากมายกำลังเล่นว่าว หัวหน้าขอให้ส่งรายงานภายในวันศุกร์",
    "de": "Gestern Abend sind wir am Fluss spazieren gegangen. Es war weder heiß noch kühl. Die "
    "Leiterin möchte den Bericht bis Freitag – „pünktlich“ – haben.",
    "fr": "Hier soir, nous nous sommes promenés près de la rivière. Les aînés étaient assis sous les "
    "arbres. Le rapport est exigé pour vendredi, où que vous soyez.",
    "es": "Anoche paseamos junto al río y vimos a mucha gente volando cometas. ¡Qué bonito! El jefe "
    "pidió el informe para mañana.",
    "pt": "Ontem à noite passeámos junto ao rio. As crianças corriam à volta. A direção pediu o "
    "relatório até sexta-feira; é obrigatório.",
    "da": "I går aftes gik vi tur langs åen og så mange mennesker flyve med drage. Rapporten skal "
    "være færdig på fredag, også bilagene.",
    "en": "Yesterday evening we walked by the river. “Come along,” she said – it’s a fine evening. "
    "The café’s résumé was naïve. It cost £20, or €25.",
}

ENCODINGS = {
    "zh": ("gb18030", "utf-16-le", "utf-16-be"), "zh-Hant": ("big5",),
    "ja": ("cp932", "euc_jp", "iso2022_jp"), "ja-kana": ("cp932", "euc_jp"), "ko": ("cp949",),
    "ru": ("cp1251", "koi8_r", "cp866"), "ru-capitals": ("cp1251",), "uk": ("cp1251", "koi8_u"),
    "el": ("cp1253",), "he": ("cp1255",), "ar": ("cp1256",), "tr": ("cp1254",),
    "pl": ("cp1250", "iso8859_2"), "cs": ("cp1250",), "hu": ("cp1250",), "lt": ("cp1257",),
    "th": ("cp874",), "de": ("cp1252", "cp850"), "fr": ("cp1252", "mac_roman"), "es": ("cp1252",),
    "pt": ("cp1252",), "da": ("cp1252",), "en": ("cp1252",), "price": ("cp1252",),
}  # fmt: skip


def _written(texts: dict[str, str]) -> list[tuple[str, str]]:
    return [(text, encoding) for name, text in texts.items() for encoding in ENCODINGS[name]]


@pytest.mark.parametrize(("text", "encoding"), _written(SHORT))
def test_a_few_words_are_enough(text: str, encoding: str) -> None:
    """Alone, and among plain lines as in a table or a letter's head."""
    assert decode(text.encode(encoding)) == text
    if not encoding.startswith("utf-16"):
        plain = f"Order 4711\nFrom: info@acme.example\n{text}\n"
        assert decode(plain.encode(encoding)) == plain


@pytest.mark.parametrize(("text", "encoding"), _written(LONG))
def test_a_paragraph_is_recognised(text: str, encoding: str) -> None:
    """Also where it goes on for pages."""
    for whole in (text, text * 100):
        assert decode(whole.encode(encoding, "ignore")) == whole.encode(encoding, "ignore").decode(
            encoding
        )


def test_a_mainframe_writes_ebcdic() -> None:
    """Records without line ends, and lines with theirs."""
    text = "0047 open     Pot hole on the road      " * 5
    assert decode(text.encode("cp037")) == "\n".join(["0047 open\tPot hole on the road"] * 5)
    assert decode(b"\xc8\x85\x93\x93\x96\x40\xe6\x96\x99\x93\x84\x15\x89\x95\x40\x81") == (
        "Hello World\nin a"
    )


def test_what_is_declared_is_believed_unless_it_is_untrue() -> None:
    """UTF-8 that says that it is something else stays UTF-8."""
    assert decode("Straße".encode("cp850"), "cp850") == "Straße"
    assert decode("Straße".encode(), "windows-1251") == "Straße"


def test_a_letter_at_the_very_end() -> None:
    """A last odd byte is a letter of an older encoding, not half a character of UTF-8."""
    assert decode("Straße in Orléans, Café".encode("cp1252")) == "Straße in Orléans, Café"
    assert decode("Café".encode("cp1252")) == "Café"


def _record(number: int, name: str) -> bytes:
    amount = bytes.fromhex(f"{number * 37:07}c")  # a packed number
    return f"{number:05}{name:<30}{'OPEN':<10}".encode("cp500") + amount + b"\0" * 11


def test_records_of_a_mainframe_are_lines() -> None:
    """They have one length and no line ends; packed numbers are no text."""
    names = [f"{word} FIELD" for text in LONG.values() for word in text.upper().split()]
    names = [name for name in names if name.isascii()][:32]
    records = b"".join(_record(*each) for each in enumerate(names))
    assert looks_ebcdic(records)
    assert record_length(records) == 60
    lines = decode(records).split("\n")
    assert len(lines) == 32
    assert lines[1].startswith(f"00001{names[1]}\tOPEN")
    assert not any(character < " " and character not in "\t\n" for character in decode(records))
    *_, last = read_source(Source(Path("claims.ebc"), "claims.ebc", records))
    assert isinstance(last, UnreadPage)
    assert last.reason.startswith("It holds a mainframe's records")


@pytest.mark.parametrize(
    "data",
    [
        b"From ada@example.com to bob@example.com @@@@@@@@@@ 1234567890 " * 40,
        bytes(range(256)) * 16,
        bytes(4000),
        "这是一份关于合同的文件，请仔细阅读全部内容。".encode("gb18030") * 90,
        "这是一份关于合同的文件，请仔细阅读全部内容。".encode() * 60,
        b"\x40" + b"\x90\xf3\x0f\x1e\xfa\x48\x83\xec\x08\x48\x8b\x05\xd9\x2f" * 200,
    ],
)
def test_what_is_no_ebcdic(data: bytes) -> None:
    """Texts and programs of other machines are not taken for it."""
    assert not looks_ebcdic(data)
