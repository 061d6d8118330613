"""Invented summaries and comparisons for the gallery."""

from __future__ import annotations

from pathlib import Path

from app.messages.documents import Changes, Compared, Sections, ShownSection, Summarised
from app.ui.documents.comparison_page import ComparisonPage
from app.ui.documents.report_page import ReportPage
from app.ui.documents.summary_page import SummaryPage
from app.ui.folder_row import time_left
from app.ui.texts import tr
from app.ui.theme import Tokens
from indexer.documents.comparing import Difference, compare
from indexer.documents.summarising import SectionSummary
from indexer.documents.texts import Place
from models.grounding import Sentence

STATES = ("own sentences", "being written", "being read", "not there", "comparison", "the same")

_RENT = "The monthly rent is 1,250 EUR and is due on the third working day of each month."
_SECTIONS = (
    ShownSection(
        SectionSummary(
            "1. Rent and deposit",
            1,
            2,
            (
                Place(_RENT, 1),
                Place("The deposit of three months' rent is paid back within six months.", 2, "ii"),
            ),
        ),
        (
            Sentence("The rent of 1,250 EUR is due each month.", (1,), supported=True),
            Sentence("It rises by 3 % each year.", (), supported=False),
        ),
    ),
    ShownSection(
        SectionSummary(
            "",
            3,
            3,
            (Place("Subletting a room needs the landlord's consent in writing.", 3),),
        ),
        None,
    ),
    ShownSection(
        SectionSummary("附件：家具清单", 4, 9, (Place("厨房配有冰箱、洗碗机和四把椅子。", 4),)),
        None,
    ),
)
_OLD = (
    Place(_RENT, 1, None, "Rent"),
    Place("Pets are allowed with consent.", 2, None, "Use of the flat"),
    Place("The contract ends on 31 March 2024 without notice.", 3),
    Place("Keys are handed over on the first day.", 3),
)
_NEW = (
    Place(_RENT.replace("1,250", "1,310").replace("third", "fifth"), 1, None, "Rent"),
    Place("The contract ends on 30 September 2025 without notice.", 3),
    Place("Keys are handed over on the first day.", 4),
    Place("Bicycles stand in the cellar.", 4, None, "Use of the flat"),
)


def page_in(state: str, tokens: Tokens) -> ReportPage:
    """Return a page in a state, by the way that a real one takes."""
    if state in ("comparison", "the same"):
        return _comparison(_NEW if state == "comparison" else _OLD, tokens)
    page = SummaryPage(Path("/home/anna/Contracts/Lease of the flat in Garden Street.pdf"), tokens)
    if state == "being read":
        said = tr("{done} of {total} sentences", done="12,400", total="42,000")
        page.show_work(12_400, 42_000, said)
    elif state == "not there":
        page.fail("This file is not in the library.", "Add it, or a folder around it, first.")
    else:
        page.begin(Summarised("sample", 9, 2, (0, 400, 900)))
        page.add(Sections("sample", 0, _SECTIONS))
        page.offer_writing(
            tr(
                "Write it with {model}: about {time}",
                model="Qwen2.5 7B",
                time=tr("{count} minutes", count=6),
            )
        )
    if state == "being written":
        said = tr("{done} of {total} sections are written", done=1, total=3)
        page.show_work(1, 3, f"{said} · {time_left(240)}")
        page.offer_writing("")
    return page


def _comparison(new: tuple[Place, ...], tokens: Tokens) -> ComparisonPage:
    page = ComparisonPage(Path("/home/anna/lease-2023.pdf"), Path("/home/anna/lease.pdf"), tokens)
    found = compare(_OLD, new)
    values = sum(len(change.values) for change in found.changes)
    added, removed, changed, moved = (found.count(each) for each in Difference)
    page.begin(
        Compared(
            "sample",
            (9, 9),
            0,
            len(found.changes),
            added,
            removed,
            changed,
            moved,
            found.same,
            values,
        )
    )
    page.add(Changes("sample", 0, found.changes))
    return page
