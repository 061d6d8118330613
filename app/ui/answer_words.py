"""What is said of an answer in words: what it took, and itself as plain text."""

from __future__ import annotations

from app.ask import Answer
from app.messages.llm import Generated
from app.ui.evidence_card import page_text
from app.ui.texts import tr


def is_stopped(answer: Answer) -> bool:
    """Tell whether an answer was stopped before its end."""
    return answer.generated is not None and answer.generated.stopped == "cancelled"


def cost_of(answer: Answer, written: Generated) -> str:
    """Return what an answer took: tokens, their speed, and the time before the first."""
    parts = [
        tr(
            "read {read} tokens · wrote {written} at {speed}/s",
            read=written.prompt_tokens - written.reused_tokens,
            written=written.answer_tokens,
            speed=f"{written.tokens_per_s:.0f}",
        )
    ]
    if answer.first_token_ms is not None:
        seconds = f"{answer.first_token_ms / 1000:.1f}"
        parts.append(tr("first word after {seconds} s", seconds=seconds))
    return " · ".join(parts)


def found_in(ms: float) -> str:
    """Return "found in 41 ms"."""
    if ms < 1000:
        return tr("found in {ms} ms", ms=round(ms))
    return tr("found in {seconds} s", seconds=f"{ms / 1000:.1f}")


def copied(answer: Answer) -> str:
    """Return an answer as plain text that keeps its sources, and what has none, apart."""
    if not answer.sentences:
        return answer.text
    supported = [
        f"{item.text} {''.join(f'[{number}]' for number in item.support)}".strip()
        for item in answer.sentences
        if item.supported
    ]
    unsupported = [item.text for item in answer.sentences if not item.supported]
    used = {number for item in answer.sentences for number in item.support}
    sources = []
    for citation in answer.citations:
        if citation.number in used:
            place = page_text(citation.hit)
            sources.append(f"[{citation.number}] {citation.hit.path.name} {place}".rstrip())
    if unsupported:
        unsupported.insert(0, f"{tr('no passage supports this')}:")
    return "\n\n".join("\n".join(part) for part in (supported, unsupported, sources) if part)
