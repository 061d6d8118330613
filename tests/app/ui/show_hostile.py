"""Shows each hostile string in each view, under the kernel's guard; run by its test, in a process.

Prints a JSON line: how many were shown, and the slowest one's seconds of processor time.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import hostile
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QApplication, QTextBrowser

from app.messages.index import PageText
from app.offline.filters import hand_over
from app.paths import Profile
from app.ui.answer_text import AnswerText
from app.ui.document_view import DocumentView
from app.ui.evidence_card import EvidenceCard
from app.ui.theme import LIGHT
from app.ui.workers.index import IndexClient
from app.ui.workers.viewer import ViewerClient
from indexer.types import Evidence, Hit
from models.grounding import Sentence

WIDTH, HEIGHT = 600, 400


def views(folder: Path) -> dict[str, Callable[[str], None]]:
    """Return what shows a string in each view."""
    profile = Profile(folder)
    index, viewer = IndexClient(profile), ViewerClient(profile)
    answer, written = AnswerText(LIGHT), AnswerText(LIGHT)
    document = DocumentView(index, viewer, LIGHT)
    for view in (answer, written, document):
        view.resize(WIDTH, HEIGHT)
        view.show()
    text = folder / "a.txt"
    text.write_text("x", "utf-8")

    def hit(shown: str, path: Path) -> Hit:
        return Hit(1, 1, path, None, None, shown[:80], 0, len(shown), shown, 1.0, None, None)

    def show_answer(shown: str) -> None:
        answer.show_checked(shown, [Sentence(shown.strip()[:200], (1,), True)])

    def write_answer(shown: str) -> None:
        written.clear()
        written.append_text(shown)

    def show_evidence(shown: str) -> None:
        # A passage has some 2,000 characters.
        passage = shown[:2000]
        card = EvidenceCard(1, Evidence(hit(passage, text), passage[:300], 0), LIGHT)
        card.resize(WIDTH, HEIGHT)
        card.show()
        QApplication.processEvents()
        card.deleteLater()

    def show_gone(shown: str) -> None:
        document.show_hit(hit(shown[:2000], folder / f"{shown[:20]!r}".replace("/", "_")), "")

    def show_page(shown: str) -> None:
        document.show_hit(hit(shown, text), "")
        index.page_text.emit(PageText(document._waiting, shown))

    return {
        "answer": show_answer, "written": write_answer, "evidence": show_evidence,
        "gone": show_gone, "page": show_page,
    }  # fmt: skip


def control(canary: str) -> None:
    """Load the canary as a careless view would: what watches must see that."""
    careless = QTextBrowser()
    careless.resize(WIDTH, HEIGHT)
    careless.setHtml(f"<img src='{canary}'>")
    careless.show()
    QApplication.processEvents()
    careless.document().resource(QTextDocument.ResourceType.ImageResource, canary)


def main() -> None:
    """Show them; the arguments are the canary, a folder, the guard's descriptor, and which.

    That is each how many-th string, or "control".
    """
    canary, folder, descriptor, how = sys.argv[1:]
    hand_over(socket.socket(fileno=int(descriptor)))
    application = QApplication([])
    application.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    if how == "control":
        control(canary)
        return
    slowest, seconds, count = "", 0.0, 0
    shown = views(Path(folder))
    for text in hostile.hostile(canary)[:: int(how)]:
        for name, show in shown.items():
            began = time.process_time()
            show(text)
            application.processEvents()
            took = time.process_time() - began
            count += 1
            if took > seconds:
                slowest, seconds = f"{name}: {text[:40]!r}", took
    sys.stdout.write(json.dumps({"shown": count, "slowest": slowest, "seconds": seconds}))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
