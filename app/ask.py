"""One question as a small state machine: found, read, written, checked. No Qt, no waiting.

Whoever drives it hands in what was found and the LLM worker's messages, and shows what comes out.
Citations are computed here from the passages, never taken from what the model wrote.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from app.messages.llm import Generate, Generated, PromptPassage, Reading, Token, Turn
from indexer.sets.plan import SetAnswer
from indexer.text.followups import Asked, standalone
from indexer.text.language import LANGUAGES, asked_in, recognise
from indexer.types import Evidence, Hit
from models.grounding import Sentence, ground, quote

# Passages that are offered to the model; the reading budget decides how many are read.
PASSAGES = 8
# In a conversation the earlier passages stay; when its subject changes, only the best few new ones
# are worth the reading.
FOLLOW_UP_PASSAGES = 3

NOTHING_FOUND = "Your documents don't say anything about this."
NOT_ANSWERED = "Your documents don't seem to answer this; the nearest passages are shown."


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of this conversation under its number."""

    number: int
    hit: Hit


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a document that a sentence of the answer stands on."""

    number: int
    hit: Hit
    quote: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a question."""

    text: str
    abstained: bool
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    generated: Generated | None
    first_evidence_ms: float | None
    first_token_ms: float | None
    files: SetAnswer | None = None  # all that were asked for, if the question was about a set


@dataclass(frozen=True, slots=True)
class EarlierTurn:
    """An earlier question of the conversation with the passages that it added."""

    question: str
    answer: str
    passages: tuple[Passage, ...]
    hint: str = ""  # the sentence that answered best before a model wrote


class Question:
    """A question on its way to an answer."""

    def __init__(
        self,
        id_: str,
        text: str,
        history: Sequence[EarlierTurn] = (),
        *,
        documents: bool = True,
        anyway: bool = False,
    ) -> None:
        """`anyway`: answer although the documents don't seem to."""
        self.id = id_
        self.text = text
        self.documents = documents
        self.is_refused = False  # since what was found does not seem to answer it
        self._anyway = anyway
        self.passages: tuple[Passage, ...] = ()  # what this question adds to the conversation
        self._history = tuple(history)
        self._evidence: tuple[Evidence, ...] = ()
        self._asked = time.perf_counter()
        self._first_evidence_ms: float | None = None
        self._first_token_ms: float | None = None

    @property
    def search_text(self) -> str:
        """What is searched for: with what a follow-up ("and the toner?") leaves out."""
        return standalone(self.text, [Asked(turn.question, turn.answer) for turn in self._history])

    def found(
        self, hits: Sequence[Hit], evidence: Sequence[Evidence], *, answerable: bool = True
    ) -> None:
        """Take what the search found, and whether it seems to answer the question."""
        self._evidence = tuple(evidence)
        self._first_evidence_ms = self._elapsed()
        earlier = {passage.hit.chunk for passage in self._earlier}
        if earlier and hits and hits[0].chunk in earlier:
            # Still about what was read: more passages would cost a new reading for little.
            return
        # A short follow-up says too little to be judged by itself.
        follows = self.search_text != self.text
        self.is_refused = not (answerable or self._anyway or follows) and bool(hits)
        limit = FOLLOW_UP_PASSAGES if earlier else PASSAGES
        new = [hit for hit in hits[:limit] if hit.chunk not in earlier]
        first = max((passage.number for passage in self._earlier), default=0) + 1
        # Read in the order of the ranking, but numbered as they are shown: evidence comes first.
        shown = dict.fromkeys(item.hit.chunk for item in evidence)
        shown |= dict.fromkeys(hit.chunk for hit in new)
        numbers = {
            chunk: first + at
            for at, chunk in enumerate(c for c in shown if c in {hit.chunk for hit in new})
        }
        self.passages = tuple(Passage(numbers[hit.chunk], hit) for hit in new)

    @property
    def abstains(self) -> bool:
        """Whether there is nothing that a model could answer from."""
        return self.documents and (self.is_refused or not (self.passages or self._earlier))

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The sentences that were found, best first."""
        return self._evidence

    @property
    def hint(self) -> str:
        """The sentence that answers best; "" without one."""
        return self._evidence[0].quote if self._evidence and self.documents else ""

    def number_of(self, hit: Hit) -> int | None:
        """Return the number of a hit's passage in this conversation."""
        for passage in (*self._earlier, *self.passages):
            if passage.hit.chunk == hit.chunk:
                return passage.number
        return None

    def request(
        self,
        *,
        reading_budget: int,
        reading_seconds: float | None,
        max_tokens: int,
        hinted: bool = False,
    ) -> Generate:
        """Return what the LLM worker is asked; `hinted` shows a small model where to look."""
        language, history = "", []
        for turn in self._history:
            # With passages before it, a chat without documents would be held to them.
            passages = turn.passages if self.documents else ()
            language = _language(turn.question, passages, language)
            history.append(
                Turn(
                    turn.question,
                    turn.answer,
                    _for_prompt(passages),
                    language,
                    turn.hint if hinted else "",
                )
            )
        return Generate(
            id=self.id,
            question=self.text,
            passages=_for_prompt(self.passages),
            history=tuple(history),
            reading_budget=reading_budget,
            reading_seconds=reading_seconds,
            max_tokens=max_tokens,
            language=_language(self.text, self.passages, language),
            hint=self.hint if hinted else "",
        )

    def on_message(self, message: Reading | Token | Generated) -> Answer | None:
        """Take a message of the LLM worker; the answer comes with its last."""
        if isinstance(message, Token) and self._first_token_ms is None:
            self._first_token_ms = self._elapsed()
        return self._check(message) if isinstance(message, Generated) else None

    def read_passages(self, generated: Generated) -> tuple[Passage, ...]:
        """Return the passages of this question that the model has read."""
        return tuple(item for item in self.passages if item.number in generated.passages)

    def abstain(self) -> Answer:
        """Answer that the documents don't say, without a model."""
        text = NOT_ANSWERED if self.is_refused else NOTHING_FOUND
        return Answer(text, True, (), (), None, self._first_evidence_ms, None)

    def extract(self) -> Answer:
        """Answer with the evidence alone, where no model is at hand."""
        best = self._evidence[:1]
        citations = tuple(
            Citation(number, item.hit, item.quote)
            for item in best
            if (number := self.number_of(item.hit)) is not None
        )
        support = tuple(citation.number for citation in citations)
        sentences = tuple(Sentence(item.quote, support, supported=True) for item in best)
        text = " ".join(item.quote for item in best)
        return Answer(text, False, sentences, citations, None, self._first_evidence_ms, None)

    @property
    def _earlier(self) -> tuple[Passage, ...]:
        return tuple(passage for turn in self._history for passage in turn.passages)

    def _elapsed(self) -> float:
        return (time.perf_counter() - self._asked) * 1000

    def _check(self, generated: Generated) -> Answer:
        """Tie each sentence to the passages that support it."""
        if not self.documents:
            # A plain chat claims nothing about documents, so there is nothing to check against.
            return self._answer(generated, (), ())
        read = {
            passage.number: passage
            for passage in (*self._earlier, *self.passages)
            if passage.number in generated.passages
        }
        texts = [(number, passage.hit.text) for number, passage in read.items()]
        sentences = tuple(ground(generated.text, texts))
        quotes: dict[int, str] = {}
        for sentence in sentences:
            for number in sentence.support:
                quotes.setdefault(number, quote(sentence.text, read[number].hit.text))
        if not quotes:
            # Nothing that the model wrote is supported: the evidence stands for itself.
            for item in self._evidence:
                if (found := self.number_of(item.hit)) is not None:
                    quotes.setdefault(found, item.quote)
        numbered = {passage.number: passage for passage in (*self._earlier, *self.passages)}
        citations = tuple(
            Citation(number, numbered[number].hit, text) for number, text in sorted(quotes.items())
        )
        return self._answer(generated, sentences, citations)

    def _answer(
        self,
        generated: Generated,
        sentences: tuple[Sentence, ...],
        citations: tuple[Citation, ...],
    ) -> Answer:
        return Answer(
            generated.text,
            False,
            sentences,
            citations,
            generated,
            self._first_evidence_ms,
            self._first_token_ms,
        )


def _language(question: str, passages: Sequence[Passage], before: str) -> str:
    """Return the language in which a question is to be answered; "" if that is open.

    Its own, else that of the question before it, else that of the best passage: a question of one
    word was found there.
    """
    language = recognise(question) or asked_in(question, LANGUAGES) or before
    return language or next((recognise(each.hit.text) for each in passages[:1]), "")


def _for_prompt(passages: Sequence[Passage]) -> tuple[PromptPassage, ...]:
    return tuple(
        PromptPassage(passage.number, _title(passage.hit), passage.hit.text) for passage in passages
    )


def _title(hit: Hit) -> str:
    page = f", page {hit.label or hit.page}" if hit.page is not None else ""
    return f"{hit.path.name}{page}"
