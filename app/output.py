"""What the command line prints: JSON lines or sentences on stdout, progress on stderr."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from app.ask import Answer, Citation
from indexer.types import AS_WRITTEN, Coverage, Evidence, FileStatus, Hit, Wording

_LINES_EVERY = 5.0  # seconds between plain progress lines
_BAR_EVERY = 0.1
_JSON_EVERY = 0.2  # the contract allows five a second
_BAR_WIDTH = 24


class Output:
    """Prints for one command."""

    def __init__(self, *, as_json: bool, quiet: bool) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self._bar = sys.stderr.isatty() and not quiet
        self._last = 0.0
        self._drawn = False

    def line(self, data: dict[str, Any]) -> None:
        """Print one JSON line, if JSON was asked for."""
        if self.as_json:
            print(json.dumps(data, ensure_ascii=True), flush=True)

    def text(self, text: str = "", end: str = "\n") -> None:
        """Print text for a person, if JSON was not asked for."""
        if not self.as_json:
            self.clear()
            print(printable(text), end=end, flush=True)

    def note(self, text: str) -> None:
        """Say something beside the result, on stderr."""
        if not self.quiet:
            self.clear()
            print(printable(text), file=sys.stderr, flush=True)

    def error(self, text: str) -> None:
        """Say why it could not be done, on stderr."""
        self.clear()
        print(printable(text), file=sys.stderr, flush=True)

    def progress(self, what: str, done: int, total: int, seconds: float | None = None) -> None:
        """Show how far a long work is: a bar on a terminal, a line now and then elsewhere."""
        now = time.monotonic()
        if self.as_json and now - self._last >= _JSON_EVERY:
            self._last = now
            self.line({"type": "progress", "what": what, "done": done, "total": total,
                       "seconds_left": seconds})  # fmt: skip
        if self.quiet or now - self._last < (_BAR_EVERY if self._bar else _LINES_EVERY):
            return
        self._last = now
        left = f", about {_duration(seconds)} left" if seconds is not None else ""
        if not self._bar:
            print(f"{what}: {done} of {total}{left}", file=sys.stderr, flush=True)
            return
        full = round(_BAR_WIDTH * done / total) if total else _BAR_WIDTH
        bar = "█" * full + "·" * (_BAR_WIDTH - full)
        text = f"{what} {bar} {done} of {total}{left}"
        print(f"\r{text}\033[K", end="", file=sys.stderr, flush=True)
        self._drawn = True

    def clear(self) -> None:
        """Take the bar away."""
        if self._drawn:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self._drawn = False


def printable(text: str) -> str:
    """Return text that neither breaks the terminal's encoding nor steers the terminal."""
    encoding = sys.stdout.encoding or "utf-8"
    shown = "".join(
        char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )
    return shown.encode(encoding, "replace").decode(encoding)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


# --- the lines of the contract -----------------------------------------------------------------


def hit_line(hit: Hit, id_: str | None) -> dict[str, Any]:
    """Return a hit as its JSON line."""
    return {
        "type": "hit",
        "id": id_,
        "rank": hit.rank,
        "chunk": hit.chunk,
        "path": os.fspath(hit.path),
        "page": hit.page,
        "pages": hit.pages,
        "label": hit.label,
        "away": hit.away,
        "heading": hit.heading,
        "start": hit.start,
        "end": hit.end,
        "text": hit.text,
        "score": round(hit.score, 6),
        "bm25": hit.bm25,
        "cosine": hit.cosine,
        "also": [os.fspath(path) for path in hit.also],
        "lesson": hit.taught and {"id": hit.taught.lesson, "question": hit.taught.question},
    }


def evidence_line(item: Evidence, number: int | None, id_: str | None) -> dict[str, Any]:
    """Return a piece of evidence as its JSON line; `n` is its passage's number in the answer."""
    return {
        **hit_line(item.hit, id_),
        "type": "evidence",
        "n": number,
        "quote": item.quote,
        "quote_start": item.quote_start,
    }


def citation_field(citation: Citation) -> dict[str, Any]:
    """Return a citation as it stands in the answer's line."""
    return {
        "n": citation.number,
        "chunk": citation.hit.chunk,
        "path": os.fspath(citation.hit.path),
        "page": citation.hit.page,
        "label": citation.hit.label,
        "away": citation.hit.away,
        "quote": citation.quote,
    }


def answer_line(
    answer: Answer,
    id_: str | None,
    chat: str | None,
    model: str | None,
    coverage: Coverage | None = None,
    wording: Wording = AS_WRITTEN,
) -> dict[str, Any]:
    """Return an answer as its JSON line."""
    generated = answer.generated
    return {
        "type": "answer",
        "id": id_,
        "chat": chat,
        "text": answer.text,
        "abstained": answer.abstained,
        "sentences": [
            {"text": item.text, "support": list(item.support), "supported": item.supported}
            for item in answer.sentences
        ],
        "citations": [citation_field(citation) for citation in answer.citations],
        "model": model,
        "prompt_tokens": generated.prompt_tokens if generated else 0,
        "reused_tokens": generated.reused_tokens if generated else 0,
        "answer_tokens": generated.answer_tokens if generated else 0,
        "first_evidence_ms": _rounded(answer.first_evidence_ms),
        "first_token_ms": _rounded(answer.first_token_ms),
        "tokens_per_s": round(generated.tokens_per_s, 2) if generated else 0.0,
        "stopped": generated.stopped if generated else "end",
        **({**coverage_fields(coverage), **wording_fields(wording)} if coverage else {}),
    }


def file_line(status: FileStatus) -> dict[str, Any]:
    """Return one line of the ledger as its JSON line."""
    return {
        "type": "file",
        "path": os.fspath(status.path),
        "state": status.state,
        "reason": status.reason,
        "pages": status.pages,
        "chunks": status.chunks,
        "away": status.away,
    }


def file_text(status: FileStatus) -> str:
    """Return one line of the ledger for a person."""
    reason = f": {status.reason}" if status.reason else ""
    away = " (not there now)" if status.away else ""
    return f"{status.state}: {one_line(str(status.path))}{away}{reason}"


def wording_fields(wording: Wording) -> dict[str, Any]:
    """Return how a question was put to the library, as fields of a search's last line."""
    return {
        "replaced": [{"word": item.word, "by": item.by} for item in wording.replaced],
        "unknown": list(wording.unknown),
        "missing_phrases": list(wording.missing),
        "nothing_known": wording.nothing_known,
    }


def also_text(hit: Hit) -> str:
    """Return a line that says in how many other files the same stands; "" if in none."""
    count = len(hit.also)
    return f"\n   (also in {count} other file{'s' if count > 1 else ''})" if count else ""


def coverage_fields(coverage: Coverage) -> dict[str, int]:
    """Return what a search could see, as fields of its last line."""
    return {
        "files": coverage.files,
        "searched": coverage.searched,
        "waiting": coverage.waiting,
        "unread": coverage.unread,
        "partial": coverage.partial,
        "pages_waiting": coverage.pages,
    }


def place(hit: Hit) -> str:
    """Return a hit's place in words: file, page, heading."""
    page = ""
    if hit.page is not None:
        number = f"{hit.page} of {hit.pages}" if hit.pages else str(hit.page)
        page = f", page {one_line(hit.label)} ({number})" if hit.label else f", page {number}"
    heading = f" · {hit.heading}" if hit.heading else ""
    away = " (not there now, or on a drive that is not connected)" if hit.away else ""
    return f"{one_line(str(hit.path))}{page}{heading}{away}"


def taught_text(hit: Hit) -> str:
    """Return the lesson that lifted a hit, in words on a line of its own; empty without one."""
    return f"\n   taught for: {one_line(hit.taught.question)}" if hit.taught else ""


def one_line(text: str) -> str:
    """Return a name without the line breaks and tabs that it may hold."""
    return "".join("\N{REPLACEMENT CHARACTER}" if char in "\n\t" else char for char in text)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
