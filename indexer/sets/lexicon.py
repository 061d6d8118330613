"""What files are called: kinds of documents, formats, languages and months in three languages.

A kind is told by a tag, a folder's or file's name, a title or words that only such documents have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: how it is called, and the words by which a text without a title shows it.

    `english` are singular forms; `german` ends of compounds, as in Mietvertrag.
    """

    name: str
    english: tuple[str, ...]
    german: tuple[str, ...]
    chinese: tuple[str, ...]
    signs: str = ""


def _kind(name: str, english: str, german: str, chinese: str, signs: str = "") -> Kind:
    return Kind(
        name,
        tuple(english.split(",")),
        tuple(filter(None, german.split(","))),
        tuple(filter(None, chinese.split(","))),
        signs,
    )


# Singular and plural of German words: nouns as they stand, since their plurals follow no rule.
KINDS: tuple[Kind, ...] = (
    _kind("reminder", "reminder,dunning letter", "mahnung,mahnungen", "催款单,催款函"),
    _kind("receipt", "receipt", "quittung,quittungen,kassenbon,kassenbons,beleg,belege",
          "收据,小票", r"\breceipt (?:no|number)\b"),
    _kind("delivery note", "delivery note", "lieferschein,lieferscheine,lieferscheinen", "送货单"),
    _kind("order", "purchase order,order", "bestellung,bestellungen", "订单,采购单",
          r"\b(?:purchase order|order number|bestellnummer)\b|订单号"),
    _kind("invoice", "invoice,bill", "rechnung,rechnungen", "发票,账单,發票",
          r"\b(?:invoice (?:no|number|date)|rechnungs(?:nummer|datum|nr))\b|发票(?:号|日期|编号)"),
    _kind("minutes", "minutes,meeting note,minutes of meeting",
          "protokoll,protokolle,protokollen,niederschrift,niederschriften",
          "会议记录,会议纪要,纪要,會議記錄",
          r"\b(?:attendees|attending|present|teilnehmer|anwesend)\s*:|参会人|与会人|出席"),
    _kind("offer", "quotation,quote,offer,proposal", "angebot,angebote,angeboten,"
          "kostenvoranschlag,kostenvoranschläge", "报价,报价单,報價單"),
    _kind("statement", "bank statement,account statement,statement",
          "kontoauszug,kontoauszüge,kontoauszügen", "对账单,银行对账单"),
    _kind("contract", "contract,agreement,lease,nda", "vertrag,verträge,verträgen,vereinbarung,"
          "vereinbarungen", "合同,协议,协议书,契约,合約",
          r"\bthis [\w ]{0,40}(?:agreement|contract)\b|\b(?:hereinafter|vertragsparteien)\b|甲方"),
    _kind("resume", "resume,résumé,cv,curriculum vitae", "lebenslauf,lebensläufe,lebensläufen",
          "简历,履历"),
    _kind("memo", "memo,memorandum", "aktennotiz,aktennotizen", "备忘录",
          r"\Amemo(?:randum)?\b"),
    _kind("manual", "manual,handbook,user guide", "handbuch,handbücher,handbüchern,"
          "bedienungsanleitung,bedienungsanleitungen,anleitung,anleitungen", "手册,说明书"),
    _kind("policy", "policy", "richtlinie,richtlinien", "政策,规定"),
    _kind("certificate", "certificate", "zeugnis,zeugnisse,zertifikat,zertifikate,bescheinigung,"
          "bescheinigungen", "证书,证明"),
    _kind("recipe", "recipe", "rezept,rezepte,rezepten", "食谱,菜谱"),
    _kind("report", "report", "bericht,berichte,berichten", "报告,報告"),
    _kind("letter", "letter", "brief,briefe,briefen,anschreiben,schreiben", "信,信件,信函,来信,函",
          r"^dear [\w .,'-]{2,60}[,:]?\s*$|^sehr geehrte\w*\b|^尊敬的"),
    _kind("note", "note", "notiz,notizen", "笔记"),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in KINDS}

# Words for files of any kind, and the ends of names by which formats are told.
FILES_ENGLISH = ("file", "document", "doc")
FILES_GERMAN = ("datei", "dateien", "dokument", "dokumente", "dokumenten", "unterlagen")
FILES_CHINESE = ("文件", "文档", "文書", "资料", "檔案")
FORMATS: dict[str, tuple[str, ...]] = {
    name: tuple(suffixes.split())
    for name, suffixes in {
        "pdf": "pdf",
        "word": "docx doc docm dotx rtf odt",
        "spreadsheet": "xlsx xls xlsm xlsb ods csv tsv numbers",
        "excel": "xlsx xls xlsm xlsb",
        "csv": "csv tsv",
        "presentation": "pptx ppt pptm ppsx odp key",
        "powerpoint": "pptx ppt pptm ppsx",
        "mail": "eml emlx msg mbox",
        "picture": "png jpg jpeg gif bmp tif tiff webp",
        "text": "txt text",
        "markdown": "md markdown",
        "web page": "html htm xhtml mht mhtml",
    }.items()
}
# Words for formats, besides "PDF files" and the like: they stand alone.
FORMAT_WORDS: dict[str, str] = {
    "pdf": "pdf", "pdfs": "pdf",
    "spreadsheet": "spreadsheet", "spreadsheets": "spreadsheet", "tabellen": "spreadsheet",
    "excel files": "excel", "csvs": "csv",
    "presentation": "presentation", "presentations": "presentation",
    "präsentationen": "presentation", "slide decks": "presentation",
    "email": "mail", "emails": "mail", "e-mail": "mail", "e-mails": "mail", "mails": "mail",
    "picture": "picture", "pictures": "picture", "photos": "picture", "images": "picture",
    "bilder": "picture", "fotos": "picture", "web pages": "web page", "webseiten": "web page",
    "邮件": "mail", "电子邮件": "mail", "表格": "spreadsheet", "电子表格": "spreadsheet",
    "演示文稿": "presentation", "图片": "picture", "照片": "picture", "网页": "web page",
}  # fmt: skip
# In front of "files": "Word documents", "Markdown-Dateien", "PDF文件".
FORMAT_ADJECTIVES: dict[str, str] = {
    "pdf": "pdf", "word": "word", "excel": "excel", "csv": "csv", "powerpoint": "powerpoint",
    "markdown": "markdown", "text": "text", "html": "web page", "txt": "text", "docx": "word",
    "xlsx": "excel", "pptx": "powerpoint",
}  # fmt: skip

LANGUAGES: dict[str, str] = {
    "english": "en", "englisch": "en", "german": "de", "deutsch": "de", "chinese": "zh",
    "chinesisch": "zh", "french": "fr", "französisch": "fr", "spanish": "es", "spanisch": "es",
    "italian": "it", "italienisch": "it", "dutch": "nl", "niederländisch": "nl",
    "portuguese": "pt", "portugiesisch": "pt", "polish": "pl", "polnisch": "pl",
    "russian": "ru", "russisch": "ru", "japanese": "ja", "japanisch": "ja",
    "英文": "en", "英语": "en", "德文": "de", "德语": "de", "中文": "zh", "汉语": "zh",
    "法文": "fr", "法语": "fr", "西班牙文": "es", "西班牙语": "es", "日文": "ja", "日语": "ja",
}  # fmt: skip

_ENGLISH_MONTHS = (
    "january february march april may june july august september october november december"
)
_GERMAN_MONTHS = (
    "januar februar märz april mai juni juli august september oktober november dezember"
)
_CHINESE_NUMBERS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
MONTHS: dict[str, int] = {
    **{name: at for at, name in enumerate(_ENGLISH_MONTHS.split(), 1)},
    **{name: at for at, name in enumerate(_GERMAN_MONTHS.split(), 1)},
    **{
        name[:3]: at for at, name in enumerate(_ENGLISH_MONTHS.split(), 1) if name != "may"
    },
    "sept": 9, "jänner": 1, "mär": 3, "maerz": 3, "okt": 10, "dez": 12,
}  # fmt: skip
MONTH = "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True))
CHINESE_MONTHS = {sign: at for at, sign in enumerate(_CHINESE_NUMBERS, 1)}


def english_kind(word: str) -> str | None:
    """Return the kind that an English word in the singular or plural names."""
    for kind in KINDS:
        for noun in kind.english:
            if word in (noun, plural(noun)):
                return kind.name
    return None


def plural(noun: str) -> str:
    """Return the plural of an English noun of the lexicon."""
    if noun.endswith("s"):
        return noun
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"
