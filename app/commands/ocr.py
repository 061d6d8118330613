"""ocr: whether the text of pictures and of scanned pages is read."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import replace

from app import settings
from app.commands import Context
from app.library import has_ocr
from app.paths import repair
from indexer.storage.database import in_words, open_for_reading
from indexer.storage.ledger import pages_waiting


def ocr(context: Context, arguments: argparse.Namespace) -> int:
    """Switch it on or off if that is asked, and say how it stands."""
    chosen = context.settings
    if arguments.switch is not None:
        chosen = replace(chosen, ocr=arguments.switch == "on")
        settings.save(chosen, context.profile.settings)
    database, waiting = context.profile.database, 0
    if database.exists():
        with in_words(database), closing(open_for_reading(database)) as db:
            waiting = pages_waiting(db)
    state = {"type": "ocr", "on": chosen.ocr, "installed": has_ocr(), "pages_waiting": waiting}
    context.output.line(state)
    switch = "on" if chosen.ocr else "off"
    context.output.text(f"Text recognition is {switch}; {waiting} pages wait for it.")
    if not has_ocr():
        context.output.text(f"It is not installed. {repair()}")
    elif waiting and chosen.ocr:
        context.output.text("`sync` or the open window reads them.")
    return 0
