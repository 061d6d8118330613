"""What the gallery shows: invented states of the library, and a question on its way."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from PySide6.QtCore import QTimer

from app.ask import NOTHING_FOUND, Answer, Citation, EarlierTurn
from app.chats.set_answer import count_set
from app.chats.turns import Details, Restored
from app.messages.chats import Chats, Selection
from app.messages.fetching import Fetching
from app.messages.index import Files, Folders, FolderStatus, Indexing, PageText
from app.messages.llm import Generated, Reading
from app.messages.tags import Suggested, Tags
from app.model_files.model_list import Adapter, Advice, Offer
from app.ui.texts import translated
from app.ui.turn_view import TurnView
from app.ui.workers.index import IndexClient
from indexer.chats import Chat
from indexer.sets.plan import Member, SetAnswer
from indexer.types import Coverage, Evidence, FileStatus, Hit, Scope, State, TaughtBy
from models.advisor import Fit, Speed, size_of_entry
from models.catalog import find_entry
from models.grounding import Sentence

QUESTION = "How long is the warranty of the LP-320 printer?"

_SAMPLES = Path(str(resources.files("resources") / "samples"))
_HOME = Path.home()
_WARRANTY = (
    "Larkfield Systems gives a warranty of 30 months on the LP-320 from the date of purchase, or "
    "50,000 printed pages, whichever comes first."
)
_MANUAL = (
    f"7. Warranty {_WARRANTY} Toner and drum are wearing parts and are covered for six months."
)
_MINUTES = "The move takes place on Saturday 14 June 2025"
_LONG = "a report about everything that happened in the year, in the second and final version " * 3


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage and what is marked in it."""

    hit: Hit
    quote: str


def _hit(path: Path, text: str, rank: int = 1, page: int | None = None) -> Hit:
    return Hit(
        chunk=rank,
        rank=rank,
        path=path,
        page=page,
        pages=4 if page else None,
        heading="",
        start=0,
        end=len(text),
        text=text,
        score=1.0,
        bm25=None,
        cosine=None,
    )


_TAUGHT = TaughtBy(1, "For how long is the printer under warranty?")
PDF = Shown(_hit(_SAMPLES / "printer-manual.pdf", _MANUAL, page=4), _WARRANTY)
TEXT = Shown(_hit(_SAMPLES / "meeting-minutes.md", _MINUTES), _MINUTES)
VANISHED = Shown(_hit(Path("/nowhere/printer-manual.pdf"), _MANUAL, page=4), _WARRANTY)

_MAIL_QUOTE = "extend the warranty to 48 months"
_EVIDENCE = (
    Evidence(replace(PDF.hit, taught=_TAUGHT), _WARRANTY, _MANUAL.find(_WARRANTY)),
    Evidence(
        _hit(_HOME / "mail" / f"{_LONG}.eml", f"For all units we {_MAIL_QUOTE}.", 2),
        _MAIL_QUOTE,
        17,
    ),
    Evidence(
        _hit(_HOME / "מסמכים" / "אחריות מדפסת.pdf", "תקופת האחריות היא 30 חודשים.", 3, 2), "30", 18
    ),
)

_ANSWER = "The warranty lasts **30 months** or 50,000 pages. It also covers refurbished units."
_GENERATED = Generated("sample", _ANSWER, (1, 2, 3), 640, 0, 71, 9.2, "end")


def _answer(text: str, *sentences: Sentence, abstained: bool = False) -> Answer:
    citations = (Citation(1, PDF.hit, _WARRANTY),)
    generated = None if abstained else _GENERATED
    return Answer(text, abstained, sentences, citations, generated, 41.0, 900.0)


_SUPPORTED = Sentence("The warranty lasts **30 months** or 50,000 pages.", (1,), supported=True)
_INVENTED = Sentence("It also covers refurbished units.", (), supported=False)


def play(view: TurnView, state: str) -> None:
    """Bring a turn into a state, by the way that a real one takes."""
    if state == "abstained":
        view.show_coverage(Coverage(1204, 1140, 7, 57, 3, 12))
        view.show_answer(_answer(NOTHING_FOUND, abstained=True))
        return
    if state == "files":
        members = tuple(
            Member(item.hit.path, item.hit, item.quote) for item in (*_EVIDENCE, *_EVIDENCE * 5)
        )
        found = SetAnswer(
            counting=False,
            understood=("Files that are contracts by their tag, folder, name or beginning.",),
            members=members,
            among=204,
            undated=3,
        )
        view.show_files(found, 41)
        view.show_answer(count_set(found, translated))
        return
    if state == "passages":
        view.show_passages([item.hit for item in _EVIDENCE], _EVIDENCE[:1], 41)
        return
    view.show_evidence(_EVIDENCE, lambda hit: hit.rank, 41)
    if state == "reading":
        view.show_reading(Reading("sample", 320, 640, 0), 18.0)
    elif state == "writing":
        view.show_token("The warranty lasts **30 mon")
    elif state == "answered":
        view.show_answer(_answer(_ANSWER, _SUPPORTED, _INVENTED))
    elif state == "unsupported":
        view.show_answer(_answer(_INVENTED.text, _INVENTED))
    elif state == "stopped":
        view.show_stopped()
    elif state == "failed":
        view.show_failure("The model stopped working.", "It is started anew: ask again.")


def _folder(
    name: str, files: int, waiting: int = 0, words: int = 0, unread: int = 0
) -> FolderStatus:
    return FolderStatus(_HOME / name, True, files, waiting, words, unread)


_IDLE = Indexing(0, 0, None)
_BUSY = Folders(
    "",
    (
        _folder("Contracts", 1204, unread=57),
        _folder("Papers", 840, waiting=528),
        _folder("Mail", 3100, words=900),
        FolderStatus(Path("/media/Backup drive"), False, 210, 0, 0, 0),
    ),
    9000,
)
LIBRARIES = {
    "empty": (Folders("", (), 0), _IDLE),
    "busy": (_BUSY, Indexing(528, 9000, 245)),
    "paused": (_BUSY, Indexing(528, 9000, None, paused=True)),
    "waiting": (_BUSY, Indexing(528, 9000, None, waits="battery")),
    "many": (
        Folders(
            "",
            (
                _folder(_LONG, 12),
                _folder("חוזים ומסמכים", 31),
                _folder("合同与发票（二〇二五年度）", 7, unread=1),
                _folder("R&D <b>drafts", 1),
                *(_folder(f"Project {number}", number * 37) for number in range(1, 16)),
                FolderStatus(None, True, 10_000, 0, 0, 0),
            ),
            90_000,
        ),
        _IDLE,
    ),
}


_TITLES = (
    QUESTION,
    "What was decided about working from home, and who has to enter the days in the calendar?",
    "京都的旅馆预订编号是多少？",
    "מתי נבנה השעון?",
    "R&D <b>drafts",
    *(f"What does contract number {number} say of the warranty?" for number in range(1, 16)),
)
SCOPES = {
    "one": Scope(paths=(_HOME / "Contracts" / f"{_LONG}.pdf",)),
    "named": Scope(paths=(_HOME / "Contracts", _HOME / "Mail")),
}
SELECTIONS = (Selection("Everything about the printer", SCOPES["named"]),)


def chats(text: str) -> Chats:
    """Return the conversations that hold a word."""
    now = time.time_ns()
    listed = tuple(
        Chat(str(number), title, now - number * 3600 * 10**9, 3)
        for number, title in enumerate(_TITLES)
        if text in title
    )
    return Chats("sample", text, listed, len(_TITLES), SELECTIONS)


RESTORED = Restored(
    "sample",
    EarlierTurn(QUESTION, _ANSWER, ()),
    _answer(_ANSWER, _SUPPORTED, _INVENTED),
    (Evidence(PDF.hit, _WARRANTY, _MANUAL.find(_WARRANTY)),),
    Details(),
    lost=2,
)


class Unread:
    """Answers each question for rows with UNREAD, which somebody has to hand on."""

    def list_files(
        self,
        states: Sequence[State],  # noqa: ARG002
        offset: int = 0,  # noqa: ARG002
        limit: int = 200,  # noqa: ARG002
        *,
        named: str = "",  # noqa: ARG002
    ) -> str:
        """Return the id of UNREAD."""
        return UNREAD.id


UNREAD = Files(
    "sample",
    (
        FileStatus(_HOME / "Contracts" / "scan.pdf", State.FAILED, "This PDF is damaged.", None, 0),
        FileStatus(
            _HOME / "Papers" / f"{_LONG}.pdf",
            State.QUARANTINED,
            "Reading this file crashed twice; it is left alone until it changes.",
            None,
            0,
        ),
    ),
    57,
)

TAGS = Tags(
    "sample",
    UNREAD.files[0].path,
    ("contract", "2026"),
    (
        Suggested(str(_HOME / "R&D <b>drafts"), True, ("prototype", "drawing", "tolerance")),
        Suggested("to be signed by the end of the month", False, ("signature", "party", "term")),
        Suggested("合同", False, ("甲方", "乙方")),
    ),
)

NOTICES = (
    "An address on the web cannot be added. Save the page as a file, then drop the file.",
    f"{_LONG}: There is no such folder or file. Check how the path is written.",
    "averyveryverylongnamewithoutasinglespace" * 6,
)


class SampleIndex(IndexClient):
    """Knows the pages of the samples, without a process."""

    def get_page(self, chunk: int) -> str:
        """Answer at once with the sample text."""
        text = TEXT.hit.path.read_text("utf-8")
        QTimer.singleShot(0, lambda: self.page_text.emit(PageText(f"page-{chunk}", text)))
        return f"page-{chunk}"


def _offer(
    name: str, path: Path | None, fit: Fit = Fit.FITS, *, used: bool = False, begun: bool = False
) -> Offer:
    entry = find_entry(name)
    size = replace(size_of_entry(entry), bytes=entry.bytes or 98_362_432)
    advice = Advice(size, fit, Speed(15.4, 6.6), Speed(13.1, 5.9) if used else None)
    return Offer(
        entry.name,
        entry.title,
        entry.kind,
        size.bytes,
        path,
        used=used,
        removable=path is not None and not used,
        begun=begun,
        entry=entry,
        advice=advice if entry.kind == "llm" else None,
    )


OFFERS = (
    _offer("all-minilm-l6-v2", _HOME),
    _offer("qwen2.5-7b-instruct", _HOME, used=True),
    _offer("smollm2-135m-instruct", _HOME),
    _offer("multilingual-e5-small", None),
    _offer("qwen3-4b-instruct-2507", None, begun=True),
    _offer("llama-3.1-8b-instruct", None, Fit.TIGHT),
    _offer("qwen3-8b", None, Fit.TOO_LARGE),
)
_FITS = ("qwen2.5-7b-instruct",)
ADAPTERS = (
    Adapter("contract-language", 38_000_000, "qwen2", _FITS, used=True),
    Adapter("recipes", 20_000_000, "llama", (), used=False),
    Adapter("short-letters", 40_000_000, "qwen2", _FITS, used=False),
)
FETCHING = Fetching("1", "huggingface.co", 1_310_000_000, 2_497_281_120, 6.4e6, 190.0)
