"""ask: evidence at once, then a cited answer, streamed."""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from app.ask import PASSAGES, Answer, EarlierTurn, Question
from app.chats.named_scopes import adapter_for
from app.chats.turns import kept_turn, read_scope, written_scope
from app.commands import Context
from app.commands.batch import read_batch
from app.commands.scope import note_coverage, note_what_is_missing, note_wording, scope_of
from app.commands.selections import use_selection
from app.commands.sets import print_set
from app.index_worker.chat_work import restore
from app.index_worker.serving import serving
from app.library import open_embedder, open_searcher
from app.llm.process import LlmProcess
from app.messages.llm import Reading, Token
from app.model_files.installed import adapter_path, find_llm, is_hinted, reading_budget
from app.output import answer_line, evidence_line, place, taught_text
from indexer.chats import ChatTurn
from indexer.errors import IndexerError
from indexer.search.searcher import Searcher
from indexer.sets.plan import SetAnswer
from indexer.sets.questions import parse_set_question
from indexer.storage.chat_keys import chat_key
from indexer.storage.chats import keep_turn, open_chat
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
    use_selection(context, arguments)
    if arguments.batch is None and _count_at_once(context, arguments):
        return 0
    # Both loads run side by side: the LLM's in its own process, the encoder's in this one.
    model = find_llm(context.profile, arguments.model or context.settings.llm)
    with closing(LlmProcess(context.profile, model)) as llm:
        embedder = serving(context.profile, open_embedder(context.profile, context.settings))
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


def _count_at_once(context: Context, arguments: argparse.Namespace) -> bool:
    """Answer a question about a set of files, for which no model has to be there."""
    if arguments.no_documents or arguments.anyway:
        return False
    (request,) = _requests(arguments)
    if not arguments.chat and parse_set_question(request.question) is None:
        return False
    with closing(open_searcher(context.profile, None)) as searcher:
        request, history = _go_on(context, searcher, request, arguments.chat)
        question = Question(uuid.uuid4().hex, request.question, history)
        found = searcher.find_set(question.search_text, request.scope)
    if found is not None:
        _print_set(context, question, found, request, is_batch=False)
    return found is not None


def _print_set(
    context: Context, question: Question, found: SetAnswer, request: _Request, *, is_batch: bool
) -> None:
    """Print a set of files, and keep it with its conversation."""
    answer = print_set(context, found, request.id, request.chat)
    if request.kept and request.chat and found.nothing is None:
        _keep(context, request, kept_turn(question, answer))
        _note_chat(context, request, is_batch=is_batch)


def _keep(context: Context, request: _Request, turn: ChatTurn) -> None:
    assert request.chat is not None
    scope = written_scope(request.scope)
    keep_turn(context.profile.database, request.chat, turn, scope=scope)


def _note_chat(context: Context, request: _Request, *, is_batch: bool) -> None:
    if not is_batch:
        context.output.note(f"`ask --chat {request.chat} QUESTION` goes on with this.")


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
    request, history = _go_on(context, searcher, request, arguments.chat)
    question = Question(
        uuid.uuid4().hex,
        request.question,
        history,
        documents=not arguments.no_documents,
        anyway=arguments.anyway,
    )
    coverage, wording = None, AS_WRITTEN
    if question.documents and not arguments.anyway:
        found = searcher.find_set(question.search_text, request.scope)
        if found is not None:
            _print_set(context, question, found, request, is_batch=arguments.batch is not None)
            return True
    if question.documents:
        coverage = searcher.coverage(request.scope)
        hits = searcher.search(question.search_text, PASSAGES, request.scope)
        evidence = searcher.evidence(question.search_text, hits)
        answerable = searcher.may_answer(question.search_text, hits, evidence, request.scope)
        question.found(hits, evidence, answerable=answerable)
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
        _keep(context, request, kept_turn(question, answer, model=llm.name))
    context.output.line(answer_line(answer, request.id, request.chat, model, coverage, wording))
    _print_checked(context, answer)
    if coverage is not None:
        note_coverage(context, coverage)
    if request.kept and answer.generated:
        _note_chat(context, request, is_batch=arguments.batch is not None)
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
        if question.is_refused:
            context.output.note("`ask --anyway QUESTION` has it answered all the same.")
        return answer
    generate = question.request(
        reading_budget=context.settings.reading_budget or reading_budget(llm.name),
        reading_seconds=arguments.seconds or context.settings.reading_seconds or None,
        max_tokens=arguments.max_tokens,
        hinted=is_hinted(llm.name),
    )
    if request.kept and request.chat:
        key = chat_key(context.profile.database, request.chat)
        generate = replace(generate, conversation=request.chat, key=key.hex())
    if adapter := adapter_for(context.profile.database, request.scope):
        generate = replace(generate, adapter=adapter_path(context.profile, adapter))
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
            if finished.generated is not None and finished.generated.trouble:
                context.output.note(f"\nAnswered without it: {finished.generated.trouble}")
            return finished
    raise ModelError("The model stopped before its answer was complete.", "Ask again.")


def _go_on(
    context: Context, searcher: Searcher, request: _Request, asked_for: str | None
) -> tuple[_Request, Sequence[EarlierTurn]]:
    """Return a request as its conversation has it, and the turns before it.

    Their passages are those that are still in the library; what the conversation is asked about
    holds where nothing else is said.
    """
    chat = asked_for or request.chat
    kept = open_chat(context.profile.database, chat) if chat else None
    if kept is None:
        if asked_for:
            raise IndexerError(
                "There is no such conversation.", "Ask without --chat to begin a new one."
            )
        return request, ()
    if request.scope.everything:
        request = replace(request, scope=read_scope(kept.scope))
    turns = restore(kept, searcher)
    return request, [turn.turn for turn in turns if turn.is_read]


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
