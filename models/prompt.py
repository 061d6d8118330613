"""Question, numbered passages and history -> the ordered parts of a prompt within its budgets.

Reading is what a laptop is slow at, and what was read stays in the context as long as the prompt
begins the same. So the order is: system, then turn by turn the passages that the turn added, its
question, its answer; and everything is cut into parts that become tokens one by one, so that equal
parts are equal tokens. Only chat marks are `special`; a document cannot forge a turn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.errors import PromptTooLong
from models.instructions import instructions
from models.sentences import sentence_ends

LEAST_CUT = 32  # tokens; a passage cut shorter than this says nothing

_CHATML = ("<|im_start|>{role}\n", "<|im_end|>\n")
_QUOTES = re.compile('"{3,}')


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a prompt that becomes tokens by itself."""

    text: str
    special: bool = False  # ours: chat marks are read as such; never for a document's text


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage under the number by which the answer may cite it."""

    number: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A question, its answer if it has one, and the passages that are read for it."""

    question: str
    answer: str
    passages: tuple[Passage, ...] = ()
    language: str = ""  # of the question (ISO 639-1), in which it is answered; "" if that is open
    hint: str = ""  # a sentence of the passages; a small model answers by what it reads last


@dataclass(frozen=True, slots=True)
class Placed:
    """A passage in a prompt; `text` is shorter than its own where it was cut to fit."""

    passage: Passage
    text: str


Slots = tuple[tuple[Placed, ...], ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt in its parts."""

    parts: tuple[Part, ...]
    slots: Slots  # the passages by turn, the oldest first; the last slot is the question's
    tokens: int

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the passages in it, in their order."""
        return tuple(placed.passage.number for slot in self.slots for placed in slot)


# Renders (role, content) messages as the model's template does; None where it is not known.
Template = Callable[[Sequence[tuple[str, str]]], str | None]


def marks(roles: Sequence[str], template: Template, *, thinks: bool = False) -> list[str]:
    """Return the marks around the contents of messages: before the first, between, behind the last.

    Found by rendering sentinels and splitting at them; ChatML where the template is not known.
    `thinks` closes the thinking of models that think aloud unless told otherwise.
    """
    sentinels = [f"POCKET{i}CONTENT" for i in range(len(roles))]
    rendered = template(list(zip(roles, sentinels, strict=True)))
    found = _split(rendered, sentinels) if rendered is not None else None
    if found is None:
        before, behind = _CHATML
        found = [("" if not i else behind) + before.format(role=r) for i, r in enumerate(roles)]
        found.append(behind + before.format(role="assistant"))
    if thinks:
        for i, role in enumerate([*roles, "assistant"]):
            if role == "assistant":
                found[i] += "<think>\n\n</think>\n\n"
    return found


def _split(rendered: str, sentinels: Sequence[str]) -> list[str] | None:
    found = []
    for sentinel in sentinels:
        before, here, rendered = rendered.partition(sentinel)
        if not here:
            return None
        found.append(before)
    return [*found, rendered]


def build(
    asked: Turn,
    history: Sequence[Turn],
    *,
    frame: Callable[[Sequence[str]], Sequence[str]],
    count: Callable[[Part], int],
    budget: int,
    room: int,
    read: Slots = (),
) -> Prompt:
    """Build a prompt of at most `room` tokens with at most `budget` for passages.

    What is `asked` has its passages best first; `frame` gives the marks for a list of roles,
    `count` the tokens of a part, `read` is what the context holds from the last prompt: in a
    conversation the passages there are beyond the budget, and in any case they keep their places
    to be reused. A conversation begins in the language of its first question, so that nothing is
    read again when that changes; before a question in another one it is said in which to answer.
    At least one passage is kept, cut at a sentence's end if need be. Passages that a turn already
    has stay where they are. Raises PromptTooLong.
    """
    draft = _Draft(asked, list(history), frame, count)
    if draft.size() > room:
        draft.turns.clear()
        draft.slots = [[]]
        if draft.size() > room:
            raise PromptTooLong("The question is longer than the model's context.", "Shorten it.")
        draft.turns = list(history)
        draft.slots = [[] for _ in range(len(history) + 1)]
    draft.place(asked.passages, read)
    draft.fit_budget(budget)
    draft.fit_room(room)
    return draft.finish()


class _Draft:
    """A prompt that is being fitted."""

    def __init__(
        self,
        asked: Turn,
        turns: list[Turn],
        frame: Callable[[Sequence[str]], Sequence[str]],
        count: Callable[[Part], int],
    ) -> None:
        self.turns = turns
        self.slots: list[list[Placed]] = [[] for _ in range(len(turns) + 1)]
        self._asked = asked
        self._frame = frame
        self._count = count
        self._said = instructions([*turns, asked][0].language)
        documents = any(turn.passages for turn in [*turns, asked])
        self._system = self._said.system if documents else self._said.chat
        self._free: list[Placed] = []  # in the context, in order
        self._ranked: list[Placed] = []  # the dearest first

    def place(self, passages: Sequence[Passage], read: Slots) -> None:
        """Put every passage into the slot of its turn."""
        given = [passage for turn in self.turns for passage in turn.passages]
        new = [passage for passage in passages if passage not in given]
        # Passages that no turn claims stay at the front if that is where they were read.
        front = {placed.passage for placed in read[0]} if read else set()
        at = 0 if not given and any(p in front for p in new) else len(self.turns)
        wanted: list[list[Passage]] = [list(turn.passages) for turn in self.turns] + [[]]
        wanted[at] = new
        self._reuse(wanted, at, read)
        older = [p for turn in reversed(self.turns) for p in turn.passages]
        rest = {placed.passage: placed for slot in self.slots for placed in slot}
        # In a conversation what was read stays; a question of its own is answered from its best
        # passages, and that some of them were read before only makes it faster.
        self._ranked = [rest.pop(placed.passage) for placed in self._free if self.turns]
        self._ranked += [rest.pop(passage) for passage in (*new, *older) if passage in rest]

    def _reuse(self, wanted: list[list[Passage]], at: int, read: Slots) -> None:
        whole = True  # whether everything so far is in the context, in this order
        for i, passages in enumerate(wanted):
            held = read[i] if whole and i < len(read) else ()
            known = 0
            while known < len(held) and held[known].passage in passages:
                known += 1
            front = list(held[:known])
            if i != at and [placed.passage for placed in front] != passages[:known]:
                front = []  # an earlier turn's order is its own
            taken = {placed.passage for placed in front}
            rest = [p for p in passages if p not in taken]
            if front and i != at:
                rest = []  # what was not read for an earlier turn would push back all behind it
            self.slots[i] = front + [Placed(passage, passage.text) for passage in rest]
            self._free += front
            whole = whole and not rest and len(front) == len(held)

    def fit_budget(self, budget: int) -> None:
        """Drop what is beyond `budget` tokens, the last first; a conversation's own are free."""
        left = budget
        kept: list[Placed] = []
        for placed in self._ranked:
            free = self.turns and any(placed is other for other in self._free)
            cost = 0 if free else self._cost(placed)
            if cost > left:
                if not kept:
                    kept.append(self._cut(placed, max(left, LEAST_CUT)))
                break
            left -= cost
            kept.append(placed)
        self._retain(kept)

    def fit_room(self, room: int) -> None:
        """Drop the oldest history, then passages, until everything fits the context."""
        while (excess := self.size() - room) > 0:
            if self.turns:
                # Its words go, its passages stay: the conversation is still about them.
                self.turns.pop(0)
                self.slots[:2] = [self.slots[0] + self.slots[1]]
            elif len(self._ranked) > 1:
                self._retain(self._ranked[:-1])
            elif self._ranked and self._cost(self._ranked[0]) - excess >= LEAST_CUT:
                placed = self._ranked[0]
                cut = self._cut(placed, self._cost(placed) - excess)
                if cut == placed:
                    raise _too_long()
                self._retain([cut])
            else:
                raise _too_long()

    def finish(self) -> Prompt:
        """Return what it has become."""
        parts = tuple(self._parts())
        return Prompt(parts, tuple(tuple(slot) for slot in self.slots), self._sum(parts))

    def size(self) -> int:
        """Count the tokens of the whole prompt."""
        return self._sum(tuple(self._parts()))

    def _sum(self, parts: Sequence[Part]) -> int:
        return 1 + sum(map(self._count, parts))  # one for the mark of the beginning

    def _retain(self, kept: list[Placed]) -> None:
        by_passage = {placed.passage: placed for placed in kept}
        self.slots = [
            [by_passage[p.passage] for p in slot if p.passage in by_passage] for slot in self.slots
        ]
        self._ranked = kept

    def _parts(self) -> list[Part]:
        roles = ["system"] + ["user", "assistant"] * len(self.turns) + ["user"]
        marks_ = self._frame(roles)
        parts = [Part(marks_[0], special=True), Part(self._system)]
        for i, turn in enumerate([*self.turns, self._asked]):
            parts.append(Part(marks_[2 * i + 1], special=True))
            parts += [Part(fenced(placed)) for placed in self.slots[i]]
            said = instructions(turn.language)
            if said is not self._said:
                parts.append(Part(said.switch))
            if self.slots[i]:
                parts.append(Part(said.reminder))
            parts.append(Part(turn.question))
            if turn.hint and self._holds(turn.hint, i):
                # Behind passages that were read long ago the sentence is taken up better without.
                label = said.hint if self.slots[i] else ""
                parts.append(Part(f"\n{label}{' '.join(turn.hint.split())}"))
            parts.append(Part(marks_[2 * i + 2], special=True))
            if i < len(self.turns):
                parts.append(Part(turn.answer))
        return parts

    def _holds(self, sentence: str, turn: int) -> bool:
        """Whether a sentence is read before the question of a turn."""
        slots = self.slots[: turn + 1]
        return any(sentence in placed.text for slot in slots for placed in slot)

    def _cost(self, placed: Placed) -> int:
        return self._count(Part(fenced(placed)))

    def _cut(self, placed: Placed, tokens: int) -> Placed:
        """Cut a passage to `tokens` at most: at a sentence's end, a space, or anywhere."""
        text = placed.text
        spaces = [match.start() for match in re.finditer(r"\s+", text)]
        for ends in (list(sentence_ends(text)), spaces, list(range(1, len(text)))):
            low, high = 0, len(ends)  # the first `low` ends fit
            while low < high:
                middle = (low + high) // 2
                if self._cost(Placed(placed.passage, text[: ends[middle]])) <= tokens:
                    low = middle + 1
                else:
                    high = middle
            if low:
                return Placed(placed.passage, text[: ends[low - 1]].rstrip())
        return placed


def held(prompt: Prompt, count: Callable[[Part], int], tokens: int) -> Slots:
    """Return the passages among the first `tokens` tokens of a prompt, by turn."""
    end = 1
    ends: dict[str, int] = {}
    for part in prompt.parts:
        end += count(part)
        ends.setdefault(part.text, end)
    return tuple(
        tuple(placed for placed in slot if ends[fenced(placed)] <= tokens) for slot in prompt.slots
    )


def fenced(placed: Placed) -> str:
    """Return a passage as the model reads it: number, title, and the text between its fences."""
    title = " ".join(placed.passage.title.split())
    text = _QUOTES.sub("''", placed.text)  # so that a text cannot close its own fence
    return f'[{placed.passage.number}] {title}\n"""\n{text}\n"""\n\n'


def _too_long() -> PromptTooLong:
    return PromptTooLong(
        "The question and its passages are longer than the model's context.",
        "Shorten the question.",
    )
