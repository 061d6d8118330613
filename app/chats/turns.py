"""What is kept of an answer, and the answer made of it again, with passages and citations.

Quotes are kept as places in the pages of their passages, never as text: what is erased from the
library is gone from its conversations, but for what an answer itself says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.ask import Answer, Citation, EarlierTurn, Passage, Question
from app.chats.kept_set import KeptSet, kept_set, restored_set
from app.chats.quotes import Quote, place_of, text_of
from app.chats.set_answer import citations_of
from app.messages.llm import Generated
from app.pipes.wire import ProtocolError, decode, encode, rebuild, take_apart
from indexer.chats import ChatPassage, ChatTurn, KnownFile
from indexer.sets.plan import SetAnswer
from indexer.types import EVERYTHING, Evidence, Hit, Scope
from models.grounding import Sentence

# Ends of an answer besides those of Generated.
ABSTAINED, EXTRACTED, FAILED, CANCELLED = "abstained", "extracted", "failed", "cancelled"
COUNTED = "counted"
_UNREAD = (ABSTAINED, FAILED, COUNTED)  # by a model, with later questions


@dataclass(frozen=True, slots=True)
class Details:
    """What an answer was besides its text."""

    ended: str = "end"
    documents: bool = True
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Quote, ...] = ()
    evidence: tuple[Quote, ...] = ()
    files: KeptSet | None = None
    model: str = ""
    prompt_tokens: int = 0
    reused_tokens: int = 0
    answer_tokens: int = 0
    tokens_per_s: float = 0.0
    first_evidence_ms: float | None = None
    first_token_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """A turn as it is shown again; `lost` of its quotes or files are not in the library now."""

    key: str
    turn: EarlierTurn
    answer: Answer
    evidence: tuple[Evidence, ...]
    details: Details
    lost: int

    @property
    def is_read(self) -> bool:
        """Whether a model reads it with later questions."""
        return bool(self.turn.answer) and self.details.ended not in _UNREAD


def kept_turn(
    question: Question, answer: Answer | None, *, text: str = "", model: str = ""
) -> ChatTurn:
    """Return a turn as it is kept; without an answer `text` is what was written until it failed."""
    if answer is None:
        details = Details(FAILED, question.documents, evidence=_quotes_of(question))
        return ChatTurn(question.text, text, (), _written(details), question.id)
    written = answer.generated
    details = Details(
        ended=_end_of(answer),
        documents=question.documents,
        sentences=answer.sentences,
        citations=tuple(
            place_of(citation.number, citation.hit, citation.quote)
            for citation in (answer.citations if answer.files is None else ())
        ),
        evidence=_quotes_of(question),
        files=kept_set(answer.files) if answer.files is not None else None,
        model=model if written else "",
        first_evidence_ms=answer.first_evidence_ms,
        first_token_ms=answer.first_token_ms,
    )
    passages: tuple[Passage, ...] = ()
    if written is not None:
        passages = question.read_passages(written)
        details = replace(
            details,
            prompt_tokens=written.prompt_tokens,
            reused_tokens=written.reused_tokens,
            answer_tokens=written.answer_tokens,
            tokens_per_s=written.tokens_per_s,
        )
    return ChatTurn(
        question.text,
        answer.text,
        tuple(ChatPassage(passage.number, passage.hit.chunk) for passage in passages),
        _written(details),
        question.id,
    )


def chunks_of(turns: Sequence[ChatTurn]) -> list[int]:
    """Return the chunks that turns name, each once."""
    found: dict[int, None] = {}
    for turn in turns:
        details = _read(turn.details)
        found |= dict.fromkeys(passage.chunk for passage in turn.passages)
        found |= dict.fromkeys(quote.chunk for quote in (*details.citations, *details.evidence))
        members = details.files.members if details.files is not None else ()
        found |= dict.fromkeys(item.quote.chunk for item in members if item.quote is not None)
    return list(found)


def files_of(turns: Sequence[ChatTurn]) -> list[int]:
    """Return the numbers of the files that turns list."""
    kept = (_read(turn.details).files for turn in turns)
    return [member.file for item in kept if item is not None for member in item.members]


def restored(
    turns: Sequence[ChatTurn], hits: Mapping[int, Hit], files: Sequence[KnownFile] = ()
) -> list[Restored]:
    """Make turns again with the passages, and the files, that are still in the library."""
    known = {file.id: file for file in files}
    return [_restored(turn, _read(turn.details), hits, known) for turn in turns]


def _restored(
    turn: ChatTurn, details: Details, hits: Mapping[int, Hit], files: Mapping[int, KnownFile]
) -> Restored:
    passages = tuple(
        Passage(passage.number, replace(hits[passage.chunk], rank=passage.number))
        for passage in turn.passages
        if passage.chunk in hits
    )
    citations = tuple(
        Citation(quote.number, hit, text_of(quote, hit))
        for quote in details.citations
        if (hit := hits.get(quote.chunk)) is not None
    )
    evidence = tuple(
        Evidence(replace(hit, rank=quote.number), text_of(quote, hit), max(quote.start, hit.start))
        for quote in details.evidence
        if (hit := hits.get(quote.chunk)) is not None
    )
    found = restored_set(details.files, hits, files) if details.files is not None else None
    if found is not None:
        citations = citations_of(found)
    there = {citation.number for citation in citations}
    sentences = tuple(
        replace(item, support=tuple(number for number in item.support if number in there))
        for item in details.sentences
    )
    generated = None
    if details.ended not in (ABSTAINED, EXTRACTED, COUNTED):
        numbers = tuple(passage.number for passage in passages)
        generated = Generated(
            "", turn.answer, numbers, details.prompt_tokens, details.reused_tokens,
            details.answer_tokens, details.tokens_per_s, details.ended,
        )  # fmt: skip
    answer = Answer(
        turn.answer, details.ended == ABSTAINED, sentences, citations, generated,
        details.first_evidence_ms, details.first_token_ms, found,
    )  # fmt: skip
    named = {quote.chunk for quote in (*details.citations, *details.evidence)}
    return Restored(
        turn.key,
        EarlierTurn(turn.question, turn.answer, passages, evidence[0].quote if evidence else ""),
        answer,
        evidence,
        details,
        lost=len(named - hits.keys()) + _lost_files(details, found),
    )


def _lost_files(details: Details, found: SetAnswer | None) -> int:
    if details.files is None or found is None:
        return 0
    return len(details.files.members) - len(found.members)


def written_scope(scope: Scope) -> str:
    """Return what a conversation is asked about as it is kept."""
    return encode(take_apart(scope)).decode("ascii").strip()


def read_scope(text: str) -> Scope:
    """Return what a conversation is asked about; everything where that cannot be read."""
    try:
        scope: Scope = rebuild(Scope, decode(text.encode()))
    except ProtocolError:
        return EVERYTHING
    return scope


def _end_of(answer: Answer) -> str:
    if answer.abstained:
        return ABSTAINED
    if answer.files is not None:
        return COUNTED
    return answer.generated.stopped if answer.generated is not None else EXTRACTED


def _quotes_of(question: Question) -> tuple[Quote, ...]:
    return tuple(
        place_of(question.number_of(item.hit) or 0, item.hit, item.quote)
        for item in question.evidence
    )


def _written(details: Details) -> str:
    return encode(take_apart(details)).decode("ascii").strip()


def _read(text: str) -> Details:
    """Return the details of a turn; of an older or damaged one, nothing."""
    try:
        details: Details = rebuild(Details, decode(text.encode()))
    except ProtocolError:
        return Details()
    return details
