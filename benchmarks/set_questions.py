"""Measures questions about sets: which of them name exactly the files that they ask for.

    python -m benchmarks.set_questions [--keep DIR]

The library is benchmarks/set_library.py. QUESTIONS were at hand when the rules were written; OTHERS
were written afterwards, in other words, and LATER after what these had shown was mended: their
first results are in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.library import open_engine, open_searcher
from app.paths import Profile
from benchmarks.set_library import Record, write_library
from indexer.engine import pending

Wanted = Callable[[Record], bool]


def _is(kind: str, *words: str) -> Wanted:
    return lambda record: record.kind == kind and record.words.issuperset(words)


def _told(kind: str, language: str, *words: str) -> Wanted:
    """Return what holds words in a language: questions are answered as they are written."""
    return lambda record: (
        record.kind == kind and record.language == language and record.words.issuperset(words)
    )


def _and(*wanted: Wanted) -> Wanted:
    return lambda record: all(each(record) for each in wanted)


def _not(wanted: Wanted) -> Wanted:
    return lambda record: not wanted(record)


def _month(month: int, year: int | None = None) -> Wanted:
    return lambda record: record.day.month == month and year in (None, record.day.year)


def _year(year: int) -> Wanted:
    return lambda record: record.day.year == year


def _vendor(name: str) -> Wanted:
    return lambda record: record.vendor == name


def _holds(word: str, language: str = "en") -> Wanted:
    return lambda record: word in record.words and record.language == language


_INVOICE, _CONTRACT, _LETTER, _MINUTES = (
    _is(kind) for kind in ("invoice", "contract", "letter", "minutes")
)

QUESTIONS: tuple[tuple[str, Wanted], ...] = (
    ("Which contracts mention arbitration?", _told("contract", "en", "arbitration")),
    ("How many invoices in March?", _and(_INVOICE, _month(3))),
    ("List all files about solar panels", _holds("solar panels")),
    ("How many invoices are there?", _INVOICE),
    ("How many contracts do I have?", _CONTRACT),
    ("List all minutes", _MINUTES),
    ("How many letters are there?", _LETTER),
    ("How many invoices are there in March 2024?", _and(_INVOICE, _month(3, 2024))),
    ("Which invoices are from 2023?", _and(_INVOICE, _year(2023))),
    ("Show me all invoices from Acme Corp", _and(_INVOICE, _vendor("Acme Corp"))),
    ("How many Delta GmbH invoices are there?", _and(_INVOICE, _vendor("Delta GmbH"))),
    ("Which invoices are over 5,000 EUR?", lambda r: r.kind == "invoice" and r.total > 5000),
    ("How many invoices are below 100 EUR?", lambda r: r.kind == "invoice" and r.total < 100),
    ("List all invoices between 1,000 and 2,000 EUR",
     lambda r: r.kind == "invoice" and 1000 <= r.total <= 2000),
    ("Which invoices from Bolt Ltd are over 3,000?",
     lambda r: r.kind == "invoice" and r.vendor == "Bolt Ltd" and r.total > 3000),
    ("Which invoices to Old Mill Housing are dated May 2022?",
     lambda r: r.customer == "Old Mill Housing" and r.kind == "invoice"
     and (r.day.year, r.day.month) == (2022, 5)),
    ("Which contracts mention confidentiality and force majeure?",
     _told("contract", "en", "confidentiality", "force majeure")),
    ("Which contracts contain \"force majeure\" or \"non-compete\"?",
     lambda r: r.kind == "contract" and r.language == "en"
     and bool(r.words & {"force majeure", "non-compete"})),
    ("Which English contracts do not mention arbitration?",
     lambda r: r.kind == "contract" and r.language == "en" and "arbitration" not in r.words),
    ("How many contracts mention late payment?", _told("contract", "en", "late payment")),
    ("In how many contracts is data protection mentioned?",
     _told("contract", "en", "data protection")),
    ("Which contracts mention termination but not arbitration?",
     lambda r: r.kind == "contract" and r.language == "en" and "termination" in r.words
     and "arbitration" not in r.words),
    ("Which contracts were signed in 2023?", _and(_CONTRACT, _year(2023))),
    ("Which contracts mention confidentiality and were signed in 2024?",
     _and(_told("contract", "en", "confidentiality"), _year(2024))),
    ("List all contracts signed before 1 July 2022",
     lambda r: r.kind == "contract" and r.day.isoformat() < "2022-07-01"),
    ("List all contracts signed after 30 June 2024",
     lambda r: r.kind == "contract" and r.day.isoformat() > "2024-06-30"),
    ("Which letters are about heating?", _told("letter", "en", "heating")),
    ("How many letters mention the roof?", _told("letter", "en", "roof")),
    ("Which letters from Cedar Supplies mention the elevator?",
     _and(_told("letter", "en", "elevator"), _vendor("Cedar Supplies"))),
    ("How many letters were sent to Northwind Trading in 2022?",
     lambda r: r.kind == "letter" and r.customer == "Northwind Trading" and r.day.year == 2022),
    ("Which minutes mention the roof and the elevator?",
     _told("minutes", "en", "roof", "elevator")),
    ("Which minutes from 2023 mention parking?",
     _and(_told("minutes", "en", "parking"), _year(2023))),
    ("How many minutes mention the budget?", _told("minutes", "en", "budget")),
    ("How many PDF files are there?", lambda r: r.suffix == "pdf"),
    ("List all Word documents", lambda r: r.suffix == "docx"),
    ("How many files are in German?", lambda r: r.language == "de"),
    ("List all Chinese contracts", lambda r: r.kind == "contract" and r.language == "zh"),
    ("How many files are in the folder scans?", lambda r: r.path.startswith("scans/")),
    ("How many invoices in the second quarter of 2024?",
     lambda r: r.kind == "invoice" and r.day.year == 2024 and r.day.month in (4, 5, 6)),
    ("How many invoices and contracts are from October 2023?",
     lambda r: r.kind in ("invoice", "contract") and (r.day.year, r.day.month) == (2023, 10)),
    ("Welche Verträge erwähnen ein Schiedsgericht?", _told("contract", "de", "arbitration")),
    ("Wie viele Rechnungen gibt es im März 2024?", _and(_INVOICE, _month(3, 2024))),
    ("Welche Protokolle erwähnen den Aufzug?", _told("minutes", "de", "elevator")),
    ("Welche Rechnungen sind von Fjord AS?", _and(_INVOICE, _vendor("Fjord AS"))),
    ("In welchen Verträgen kommt Datenschutz vor?", _told("contract", "de", "data protection")),
    ("哪些合同提到仲裁？", _told("contract", "zh", "arbitration")),
    ("2023年5月有多少张发票？", _and(_INVOICE, _month(5, 2023))),
    ("列出所有关于电梯的文件", _holds("elevator", "zh")),
    ("哪些中文合同没有提到保密？",
     lambda r: r.kind == "contract" and r.language == "zh" and "confidentiality" not in r.words),
    ("哪些会议记录提到预算？", _told("minutes", "zh", "budget")),
)  # fmt: skip

OTHERS: tuple[tuple[str, Wanted], ...] = (
    ("Please give me a list of all contracts with an arbitration clause",
     _told("contract", "en", "arbitration")),
    ("Can you tell me how many invoices we received in July 2023?",
     _and(_INVOICE, _month(7, 2023))),
    ("What contracts talk about data protection?", _told("contract", "en", "data protection")),
    ("Find all letters concerning the fire alarm", _told("letter", "en", "fire alarm")),
    ("Count the invoices from Elm Partners", _and(_INVOICE, _vendor("Elm Partners"))),
    ("Are there any contracts without confidentiality?",
     lambda r: r.kind == "contract" and not (r.language == "en" and "confidentiality" in r.words)),
    ("Which of our contracts refer to force majeure?", _told("contract", "en", "force majeure")),
    ("Show every invoice issued in November 2022", _and(_INVOICE, _month(11, 2022))),
    ("What is the number of minutes from 2024?", _and(_MINUTES, _year(2024))),
    ("Which invoices exceed 4,500 EUR?", lambda r: r.kind == "invoice" and r.total > 4500),
    ("How many invoices with a total of more than 2500 euros do we have?",
     lambda r: r.kind == "invoice" and r.total > 2500),
    ("List the letters from Delta GmbH", _and(_LETTER, _vendor("Delta GmbH"))),
    ("Which agreements mention non-compete?", _told("contract", "en", "non-compete")),
    ("Which agreements contain neither arbitration nor termination?",
     lambda r: r.kind == "contract"
     and not (r.language == "en" and r.words & {"arbitration", "termination"})),
    ("Which documents mention both the roof and the budget?",
     lambda r: r.language == "en" and r.words.issuperset({"roof", "budget"})),
    ("How many meeting minutes discuss solar panels?", _told("minutes", "en", "solar panels")),
    ("Give me all bills from February 2024", _and(_INVOICE, _month(2, 2024))),
    ("Which invoices came from Acme Corp in 2024?",
     _and(_INVOICE, _vendor("Acme Corp"), _year(2024))),
    ("All invoices since 1 October 2024",
     lambda r: r.kind == "invoice" and r.day.isoformat() >= "2024-10-01"),
    ("List invoices dated between 1 March 2023 and 31 May 2023",
     lambda r: r.kind == "invoice" and "2023-03-01" <= r.day.isoformat() <= "2023-05-31"),
    ("How many spreadsheets are there?", lambda r: r.suffix == "xlsx"),
    ("Which PDFs mention heating?",
     lambda r: r.suffix == "pdf" and "heating" in r.words and r.language == "en"),
    ("How many emails do I have?", lambda r: r.suffix == "eml"),
    ("List everything in the folder minutes", lambda r: r.path.startswith("minutes/")),
    ("Which files in the inbox folder are contracts?",
     lambda r: r.path.startswith("inbox/") and r.kind == "contract"),
    ("How many German invoices are there?",
     lambda r: r.kind == "invoice" and r.language == "de"),
    ("Which letters written in Chinese mention 电梯?", _told("letter", "zh", "elevator")),
    ("Which contracts do I have with Acme Corp?", _and(_CONTRACT, _vendor("Acme Corp"))),
    ("Which contracts with Bolt Ltd mention arbitration?",
     _and(_told("contract", "en", "arbitration"), _vendor("Bolt Ltd"))),
    ("How many letters did Fjord AS send?", _and(_LETTER, _vendor("Fjord AS"))),
    ("Which contracts include the words \"late payment\"?",
     _told("contract", "en", "late payment")),
    ("How many files mention the elevator or the parking?",
     lambda r: r.language == "en" and bool(r.words & {"elevator", "parking"})),
    ("Which minutes don't mention the roof?",
     lambda r: r.kind == "minutes" and not (r.language == "en" and "roof" in r.words)),
    ("Which invoices are for less than 200 EUR?",
     lambda r: r.kind == "invoice" and r.total < 200),
    ("How many documents do I have in total?", lambda r: True),  # noqa: ARG005
    ("Which 2022 invoices are over 5,500 EUR?",
     lambda r: r.kind == "invoice" and r.day.year == 2022 and r.total > 5500),
    ("Welche Verträge wurden 2023 abgeschlossen?", _and(_CONTRACT, _year(2023))),
    ("Zeige mir alle Rechnungen aus dem Jahr 2022", _and(_INVOICE, _year(2022))),
    ("Wie viele Briefe erwähnen die Heizung?", _told("letter", "de", "heating")),
    ("Welche Verträge enthalten eine Geheimhaltung?", _told("contract", "de", "confidentiality")),
    ("Gibt es Verträge ohne Datenschutz?",
     lambda r: r.kind == "contract" and not (r.language == "de" and "data protection" in r.words)),
    ("Welche Rechnungen liegen über 5.000 Euro?",
     lambda r: r.kind == "invoice" and r.total > 5000),
    ("Wie viele Dateien handeln vom Parkplatz?", _holds("parking", "de")),
    ("Nenne alle Protokolle vom Mai 2022", _and(_MINUTES, _month(5, 2022))),
    ("哪几份合同涉及不可抗力？", _told("contract", "zh", "force majeure")),
    ("一共有多少份合同？", _CONTRACT),
    ("找出所有来自Acme Corp的发票", _and(_INVOICE, _vendor("Acme Corp"))),
    ("金额超过5000元的发票有哪些？", lambda r: r.kind == "invoice" and r.total > 5000),
    ("2022年的会议记录有几份？", _and(_MINUTES, _year(2022))),
    ("有多少封信提到供暖？", _told("letter", "zh", "heating")),
)  # fmt: skip

LATER: tuple[tuple[str, Wanted], ...] = (
    ("I'd like to see all contracts that have something to do with data protection",
     _told("contract", "en", "data protection")),
    ("How many of the invoices are from December?", _and(_INVOICE, _month(12))),
    ("Do any letters mention solar panels?", _told("letter", "en", "solar panels")),
    ("Which invoices did Bolt Ltd send us in 2023?",
     _and(_INVOICE, _vendor("Bolt Ltd"), _year(2023))),
    ("What files mention the word parking?", _holds("parking")),
    ("Show the contracts from the first quarter of 2023",
     lambda r: r.kind == "contract" and r.day.year == 2023 and r.day.month < 4),
    ("In which contracts is confidentiality not mentioned?",
     lambda r: r.kind == "contract" and not (r.language == "en" and "confidentiality" in r.words)),
    ("How many invoices were issued by Cedar Supplies?",
     _and(_INVOICE, _vendor("Cedar Supplies"))),
    ("List all invoices of at least 5,900 EUR", lambda r: r.kind == "invoice" and r.total >= 5900),
    ("Which letters to Old Mill Housing discuss the budget?",
     lambda r: r.kind == "letter" and r.customer == "Old Mill Housing" and r.language == "en"
     and "budget" in r.words),
    ("list all Excel files", lambda r: r.suffix == "xlsx"),
    ("How many documents mention heating and were written in 2024?",
     _and(_holds("heating"), _year(2024))),
    ("Which contracts cover termination, late payment and arbitration?",
     _told("contract", "en", "termination", "late payment", "arbitration")),
    ("Which minutes are from before 2023?", lambda r: r.kind == "minutes" and r.day.year < 2023),
    ("how many letters from delta gmbh", _and(_LETTER, _vendor("Delta GmbH"))),
    ("Give me the names of all files that mention fire alarms", _holds("fire alarm")),
    ("How many contracts were concluded between 2022 and 2023?",
     lambda r: r.kind == "contract" and r.day.year in (2022, 2023)),
    ("Which invoices lack a mention of the roof?",
     lambda r: r.kind == "invoice" and not (r.language == "en" and "roof" in r.words)),
    ("Wie viele Verträge gibt es mit Acme Corp?", _and(_CONTRACT, _vendor("Acme Corp"))),
    ("Welche Dokumente enthalten die Wörter Dach und Heizung?",
     lambda r: r.language == "de" and r.words.issuperset({"roof", "heating"})),
    ("Liste bitte alle Rechnungen zwischen 500 und 1000 Euro auf",
     lambda r: r.kind == "invoice" and 500 <= r.total <= 1000),
    ("Welche Protokolle sind aus dem Jahr 2023?", _and(_MINUTES, _year(2023))),
    ("哪些文件里提到了太阳能板？", _holds("solar panels", "zh")),
    ("请列出2024年的所有合同", _and(_CONTRACT, _year(2024))),
    ("有几份合同包含终止和仲裁？", _told("contract", "zh", "termination", "arbitration")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a question."""

    question: str
    understood: tuple[str, ...]  # nothing if it was taken for an ordinary question
    missing: frozenset[str]
    wrong: frozenset[str]

    @property
    def right(self) -> bool:
        """Whether exactly the files were named that it asks for."""
        return bool(self.understood) and not (self.missing or self.wrong)


def ask_all(
    profile: Profile, folder: Path, records: Sequence[Record],
    questions: Sequence[tuple[str, Wanted]],
) -> list[Asked]:  # fmt: skip
    """Ask the questions of the library in a profile."""
    found = []
    with closing(open_searcher(profile, None)) as searcher:
        for question, wanted in questions:
            expected = {record.path for record in records if wanted(record)}
            answer = searcher.find_set(question)
            members = answer.members if answer else ()
            named = {member.path.relative_to(folder).as_posix() for member in members}
            found.append(
                Asked(
                    question,
                    answer.understood if answer else (),
                    frozenset(expected - named),
                    frozenset(named - expected),
                )
            )
    return found


def make(place: Path) -> tuple[Profile, Path, list[Record]]:
    """Write the library's files below a folder, and index them by their words."""
    profile, folder = Profile(place / "profile"), place / "library"
    profile.create()
    records = write_library(folder)
    with closing(open_engine(profile, None)) as engine:
        engine.reconcile(engine.add(folder))
        for _ in pending(engine, words_only=True):
            pass
    return profile, folder, records


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how many questions are answered exactly, and what is wrong with the others."""
    parser = argparse.ArgumentParser(prog="benchmarks.set_questions")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="make the library here")
    parsed = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        profile, folder, records = make(parsed.keep or Path(temporary))
        for name, questions in (("at hand", QUESTIONS), ("others", OTHERS), ("later", LATER)):
            asked = ask_all(profile, folder, records, questions)
            print(f"{name}: {sum(each.right for each in asked)} of {len(asked)} exactly right")
            for each in asked:
                if not each.right:
                    print(
                        f"  {each.question}: {len(each.missing)} missing, {len(each.wrong)} wrong"
                    )
                    print(f"    {' '.join(each.understood) or 'an ordinary question'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
