"""ask: evidence at once, then a cited answer, streamed."""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from app.ask import PASSAGES, Answer, EarlierTurn, Passage, Question
from app.commands import Context
from app.commands.batch import read_batch
from app.commands.scope import note_coverage, note_what_is_missing, note_wording, scope_of
from app.installed import find_llm, reading_budget
from app.library import open_embedder, open_searcher
from app.llm_process import LlmProcess
from app.messages.llm import Reading, Token
from app.output import answer_line, evidence_line, place, taught_text
from indexer.errors import IndexerError
from indexer.search.searcher import Searcher
from indexer.storage.chats import ChatPassage, append_turn, load_chat
from indexer.types import AS_WRITTEN, Scope
from models.errors import ModelError


@dataclass(frozen=True, slots=True)
class _Request:
    id: str | None
    question: str
    scope: Scope
    chat: str | None
    kept: bool  # whether the conversation is kept in the library


def ask(context: Context, arguments: argparse.Namespace) -> int:
    """Answer one question, or each of a batch."""
    # Both loads run side by side: the LLM's in its own process, the encoder's in this one.
    model = find_llm(context.profile, arguments.model or context.settings.llm)
    with closing(LlmProcess(context.profile, model)) as llm:
        embedder = open_embedder(context.profile, context.settings)
        with closing(open_searcher(context.profile, embedder)) as searcher:
            failed = False
            for request in _requests(arguments):
                failed |= not _answer(context, arguments, searcher, llm, request)
    return 1 if failed else 0


def _requests(arguments: argparse.Namespace) -> Iterator[_Request]:
    if arguments.batch is None:
        chat = arguments.chat or uuid.uuid4().hex
        question = " ".join(arguments.question)
        yield _Request(None, question, scope_of(arguments), chat, kept=True)
        return
    for item in read_batch(arguments.batch):
        scope = scope_of(arguments, item.inside)
        yield _Request(item.id, item.query, scope, item.chat, kept=item.chat is not None)


def _answer(
    context: Context,
    arguments: argparse.Namespace,
    searcher: Searcher,
    llm: LlmProcess,
    request: _Request,
) -> bool:
    if not request.question.strip():
        # Only a line of a batch; the others shall be answered.
        context.output.error("A question is empty. Write one in its line.")
        nothing = Question("", "").abstain()
        context.output.line(answer_line(nothing, request.id, request.chat, None))
        return False
    history = _history(context, searcher, arguments.chat or request.chat, arguments.chat)
    question = Question(
        uuid.uuid4().hex, request.question, history, documents=not arguments.no_documents
    )
    coverage, wording = None, AS_WRITTEN
    if question.documents:
        coverage = searcher.coverage(request.scope)
        hits = searcher.search(question.search_text, PASSAGES, request.scope)
        evidence = searcher.evidence(question.search_text, hits)
        question.found(hits, evidence)
        wording = searcher.wording(question.search_text)
        note_wording(context, wording, found=bool(hits))
        if question.abstains:
            note_what_is_missing(context, request.scope)
        for item in evidence:
            number = question.number_of(item.hit)
            context.output.line(evidence_line(item, number, request.id))
            quoted = f"{place(item.hit)}\n    “{_one_line(item.quote)}”"
            context.output.text(f"[{number}] {quoted}{taught_text(item.hit)}")
        context.output.text()
    sentence = ""
    try:
        answer = _stream(context, arguments, question, llm, request)
    except ModelError as error:
        if not question.documents or question.abstains:
            raise
        # Without a model the evidence still answers.
        sentence = str(error)
        answer = question.extract()
    model = llm.name if answer.generated else None
    if request.kept and answer.generated and request.chat:
        read = question.read_passages(answer.generated)
        passages = [ChatPassage(item.number, item.hit.chunk) for item in read]
        append_turn(context.profile.database, request.chat, request.question, answer.text, passages)
    context.output.line(answer_line(answer, request.id, request.chat, model, coverage, wording))
    _print_checked(context, answer)
    if coverage is not None:
        note_coverage(context, coverage)
    if arguments.batch is None and request.kept and answer.generated:
        context.output.note(f"`ask --chat {request.chat} QUESTION` goes on with this.")
    if sentence:
        context.output.error(sentence)
    return not sentence


def _stream(
    context: Context,
    arguments: argparse.Namespace,
    question: Question,
    llm: LlmProcess,
    request: _Request,
) -> Answer:
    if question.abstains:
        answer = question.abstain()
        context.output.text(answer.text)
        return answer
    generate = question.request(
        reading_budget=context.settings.reading_budget or reading_budget(llm.name),
        reading_seconds=arguments.seconds,
        max_tokens=arguments.max_tokens,
    )
    for message in llm.generate(generate):
        if isinstance(message, Reading):
            context.output.line(
                {
                    "type": "reading",
                    "id": request.id,
                    "tokens": message.tokens,
                    "total": message.total,
                    "reused": message.reused,
                }
            )
            context.output.progress("Reading", message.tokens, message.total)
        elif isinstance(message, Token):
            context.output.line({"type": "token", "id": request.id, "text": message.text})
            context.output.text(message.text, end="")
        finished = question.on_message(message)
        if finished is not None:
            return finished
    raise ModelError("The model stopped before its answer was complete.", "Ask again.")


def _history(
    context: Context, searcher: Searcher, chat: str | None, asked_for: str | None
) -> Sequence[EarlierTurn]:
    """Return a conversation's turns with the passages that are still in the library."""
    turns = load_chat(context.profile.database, chat) if chat else None
    if turns is None:
        if asked_for:
            raise IndexerError(
                "There is no such conversation.", "Ask without --chat to begin a new one."
            )
        return ()
    chunks = [passage.chunk for turn in turns for passage in turn.passages]
    hits = {hit.chunk: hit for hit in searcher.passages(chunks)}
    return [
        EarlierTurn(
            turn.question,
            turn.answer,
            tuple(
                Passage(passage.number, replace(hits[passage.chunk], rank=passage.number))
                for passage in turn.passages
                if passage.chunk in hits
            ),
        )
        for turn in turns
    ]


def _print_checked(context: Context, answer: Answer) -> None:
    output = context.output
    if answer.generated is None:
        if not answer.abstained:
            output.text(answer.text)
        return
    output.text("\n")
    for citation in answer.citations:
        output.text(f"[{citation.number}] {place(citation.hit)}")
        output.text(f"    “{_one_line(citation.quote)}”")
    unsupported = [item.text for item in answer.sentences if not item.supported]
    if unsupported:
        output.text("\nNo passage supports:")
        for text in unsupported:
            output.text(f"  ▲ {_one_line(text)}")
    read = answer.generated.prompt_tokens - answer.generated.reused_tokens
    output.text(
        f"\nread {read} tokens ({answer.generated.reused_tokens} reused), "
        f"wrote {answer.generated.answer_tokens} at {answer.generated.tokens_per_s:.1f}/s"
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
