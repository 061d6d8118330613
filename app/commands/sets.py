"""What `ask` prints where a set of files answers: how many there are, and each of them."""

from __future__ import annotations

import os

from app.ask import Answer
from app.chats.set_answer import count_set, sentences_of
from app.commands import Context
from app.commands.scope import note_coverage
from app.output import answer_line, hit_line, one_line, place
from indexer.sets.plan import SetAnswer


def print_set(context: Context, found: SetAnswer, id_: str | None, chat: str | None) -> Answer:
    """Print an answer that is a set of files, and return it."""
    output = context.output
    output.line(
        {
            "type": "set",
            "id": id_,
            "count": len(found.members),
            "among": found.among,
            "understood": list(found.understood),
            "undated": found.undated,
            "without_total": found.without_total,
        }
    )
    count, *understood = sentences_of(found)
    output.text("\n".join([count, *(f"  {sentence}" for sentence in understood)]))
    for number, member in enumerate(found.members, 1):
        hit = member.hit
        line = {"path": os.fspath(member.path)} if hit is None else hit_line(hit, id_)
        output.line({**line, "type": "member", "id": id_, "n": number, "quote": member.quote})
        where = one_line(str(member.path)) if hit is None else place(hit)
        quote = " ".join(member.quote.split())
        output.text(f"{number}. {where}" + (f"\n   “{quote}”" if quote else ""))
    answer = count_set(found)
    output.line(answer_line(answer, id_, chat, None, found.coverage))
    note_coverage(context, found.coverage)
    if found.nothing is None:
        output.note("`ask --anyway QUESTION` has it answered from passages instead.")
    return answer
