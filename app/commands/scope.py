"""What is asked of the library, and the options that restrict an answer."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from app.commands import Context
from app.paths import absolute
from indexer.storage.database import in_words, open_for_reading
from indexer.storage.ledger import ledger, under
from indexer.text.language import LANGUAGES
from indexer.types import Coverage, FileStatus, Scope, State, Wording

_FIRST_YEAR, _LAST_YEAR = 1970, 2262
_FAR = 2**63 - 1


def add_scope_options(parser: argparse.ArgumentParser) -> None:
    """Add --in, --selection, --type, --language, --since and --before."""
    parser.add_argument(
        "--in", dest="inside", action="append", default=[], metavar="PATH",
        help="only this folder or file (may be repeated)",
    )  # fmt: skip
    parser.add_argument(
        "--selection", type=whole_text, metavar="NAME",
        help="only what was given this name by `selections save`",
    )  # fmt: skip
    parser.add_argument(
        "--type", dest="types", default="", type=whole_text, metavar="TYPES",
        help="only these, as in pdf,docx",
    )  # fmt: skip
    parser.add_argument(
        "--language", dest="languages", default=(), type=_languages, metavar="LANGUAGES",
        help="only documents in these languages, as in zh,de",
    )  # fmt: skip
    parser.add_argument(
        "--since", type=_date, metavar="DATE", help="only files changed on or after this date"
    )
    parser.add_argument(
        "--before", type=_date, metavar="DATE", help="only files changed before this date"
    )


def add_status_options(parser: argparse.ArgumentParser) -> None:
    """Add --files, --state and --in."""
    parser.add_argument("--files", action="store_true", help="a line for each file")
    parser.add_argument(
        "--state", dest="states", type=_states, metavar="STATES",
        help="a line for each file in these, as in failed,partial; they are: "
        + ", ".join(State),
    )  # fmt: skip
    parser.add_argument(
        "--in", dest="inside", action="append", default=[], metavar="PATH",
        help="a line for each file of this folder (may be repeated)",
    )  # fmt: skip


def scope_of(arguments: argparse.Namespace, inside: Sequence[str] = ()) -> Scope:
    """Return the scope that the options ask for; `inside` of a batch's line replaces --in."""
    types = (part.strip().lower().removeprefix(".") for part in arguments.types.split(","))
    return Scope(
        paths=tuple(absolute(path) for path in (inside or arguments.inside)),
        types=tuple(part for part in types if part),
        since_ns=arguments.since,
        before_ns=arguments.before,
        languages=arguments.languages,
    )


def whole_text(text: str) -> str:
    """Return text that can be encoded: what was no UTF-8 when it was typed becomes a `?`."""
    return text.encode("utf-8", "replace").decode("utf-8")


def note_what_is_missing(context: Context, scope: Scope) -> None:
    """Say why nothing could be found: the library is empty, or the scope lies outside of it."""
    if not holds_any(context, ()):
        context.output.note("The library is empty. `add FOLDER` puts documents into it.")
        return
    for path in scope.paths:
        if not holds_any(context, (path,)):
            context.output.note(f"{path} is not in the library. `status` lists its folders.")
        elif (item := file_status(context, path)) is not None and item.state is State.SKIPPED:
            context.output.note(f"{path} is left out. {item.reason}")
    for type_ in scope.types:
        if not _has_type(context, type_):
            context.output.note(f"No file of the library ends in “.{type_}”.")


def note_coverage(context: Context, coverage: Coverage) -> None:
    """Say which files a search could not see, if there are any."""
    parts = (
        (coverage.waiting, "still to be read"),
        (coverage.unread, "could not be read"),
        (coverage.partial, "read in part only"),
        (coverage.pages, "pages waiting for text recognition"),
    )
    missing = ", ".join(f"{count} {what}" for count, what in parts if count)
    if missing:
        context.output.note(
            f"Searched {coverage.searched} of {coverage.files} files: {missing}. "
            "`status --state waiting,failed,partial` lists them."
        )


def note_wording(context: Context, wording: Wording, *, found: bool) -> None:
    """Say what of a question the library has not as it was typed."""
    for item in wording.replaced:
        context.output.note(f"Searched for “{item.by}” instead of “{item.word}”.")
    for phrase in wording.missing:
        context.output.note(f"“{phrase}” stands nowhere as written: searched for its words.")
    # Of an empty library another note says enough.
    if wording.nothing_known and not wording.replaced and holds_any(context, ()):
        context.output.note("No word of this question is in the library.")
        if found:
            context.output.note("These passages are only the nearest to it.")


def holds_any(context: Context, paths: Sequence[Path]) -> bool:
    """Tell whether any file of the library is, or lies inside, one of `paths` (none: anywhere)."""
    clause, values = under(paths)
    database = context.profile.database
    with in_words(database), closing(open_for_reading(database)) as db:
        row = db.execute(f"SELECT 1 FROM files WHERE {clause} LIMIT 1", values).fetchone()
    return row is not None


def _has_type(context: Context, type_: str) -> bool:
    database = context.profile.database
    with in_words(database), closing(open_for_reading(database)) as db:
        row = db.execute("SELECT 1 FROM files WHERE suffix = ? LIMIT 1", (type_,)).fetchone()
    return row is not None


def file_status(context: Context, path: Path) -> FileStatus | None:
    """Return the ledger's line of a file, or of a folder that is left out; None without one."""
    database = context.profile.database
    if not database.exists():
        return None
    with in_words(database), closing(open_for_reading(database)) as db:
        return next(ledger(db, "path = ?", (os.fsencode(path),)), None)


def _states(text: str) -> frozenset[State]:
    names = [part.strip() for part in text.split(",")]
    unknown = next((name for name in names if name not in set(State)), None)
    if unknown is not None:
        raise argparse.ArgumentTypeError(f"{unknown!r} is none of: {', '.join(State)}")
    chosen = {State(name) for name in names}
    # To whoever looks for what could not be read, both are one.
    return frozenset(chosen | {State.QUARANTINED} if State.FAILED in chosen else chosen)


def _languages(text: str) -> tuple[str, ...]:
    codes = [part.strip().lower() for part in text.split(",")]
    unknown = next((code for code in codes if code not in LANGUAGES), None)
    if unknown is not None:
        known = ", ".join(sorted(LANGUAGES))
        raise argparse.ArgumentTypeError(f"{unknown!r} is none of: {known}")
    return tuple(codes)


def _date(text: str) -> int:
    """Return a local date or time in nanoseconds since 1970."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-01-31") from None
    # No file was changed where nanoseconds in 64 bits, or the system's clock, end.
    if not _FIRST_YEAR < moment.year < _LAST_YEAR:
        return -_FAR if moment.year <= _FIRST_YEAR else _FAR
    return int(moment.astimezone().timestamp()) * 10**9
