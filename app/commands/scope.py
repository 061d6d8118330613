"""The options that restrict a search."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime

from app.paths import absolute
from indexer.types import Scope


def add_scope_options(parser: argparse.ArgumentParser) -> None:
    """Add --in, --type, --since and --before."""
    parser.add_argument(
        "--in", dest="inside", action="append", default=[], metavar="PATH",
        help="only this folder or file (may be repeated)",
    )  # fmt: skip
    parser.add_argument(
        "--type", dest="types", default="", metavar="TYPES", help="only these, as in pdf,docx"
    )
    parser.add_argument(
        "--since", type=_date, metavar="DATE", help="only files changed on or after this date"
    )
    parser.add_argument(
        "--before", type=_date, metavar="DATE", help="only files changed before this date"
    )


def scope_of(arguments: argparse.Namespace, inside: Sequence[str] = ()) -> Scope:
    """Return the scope that the options ask for; `inside` of a batch's line replaces --in."""
    types = (part.strip().lower().removeprefix(".") for part in arguments.types.split(","))
    return Scope(
        paths=tuple(absolute(path) for path in (inside or arguments.inside)),
        types=tuple(part for part in types if part),
        since_ns=arguments.since,
        before_ns=arguments.before,
    )


def _date(text: str) -> int:
    """Return a local date or time in nanoseconds since 1970."""
    try:
        moment = datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-01-31") from None
    return int(moment.timestamp()) * 10**9
