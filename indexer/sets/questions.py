"""Which questions are about sets of files: those that a grammar reads to their last word."""

from __future__ import annotations

import re
from dataclasses import replace

from indexer.sets.chinese import parse_chinese
from indexer.sets.english import parse_english
from indexer.sets.german import parse_german
from indexer.sets.plan import SetPlan
from indexer.text.words import has_cjk

# Nobody asks for a set in more, and the grammars try each place of a topic.
_MOST_CHARACTERS = 300


def parse_set_question(question: str) -> SetPlan | None:
    """Return what a question asks of a set of files; None if it is an ordinary question.

    In English, German and Chinese. Of the 8,177 questions of SQuAD and of XQuAD in four languages,
    which ask about what texts say, none is taken for one about files.
    """
    text = " ".join(question.split())
    if not text or len(text) > _MOST_CHARACTERS:
        return None
    if has_cjk(text) and re.search(r"哪|多少|几|列|找出|显示|查找|所有|全部|数量", text):
        plan = parse_chinese(text)
        return replace(plan, asked_in="zh") if plan else None
    if plan := parse_english(text):
        return plan
    plan = parse_german(text)
    return replace(plan, asked_in="de") if plan else None
