"""English questions about sets: "which contracts mention arbitration?"."""

from __future__ import annotations

import re
from dataclasses import replace

from indexer.sets.building import (
    Draft,
    TimeWords,
    amount_clause,
    party,
    pattern_clause,
    take_language,
    take_unread,
    terms_of,
    time_clause,
)
from indexer.sets.english_nouns import noun_phrase, take_noun
from indexer.sets.lexicon import (
    KINDS,
    LANGUAGES,
    plural,
)
from indexer.sets.plan import SetPlan, Term
from indexer.sets.reading import Grammar

_POLITE = re.compile(
    r"(?:please|can you|could you|would you|i(?: would|'d) like(?: you)? to|i want to|let me|hey|"
    r"kindly|tell me|do you know|what are the names of)[\s,]+",
    re.IGNORECASE,
)
_ALL = r"(?:(?:of|all|every|each|any|both|the|my|our|these|those|different|other|single)\s+)*"
_COUNT = re.compile(
    rf"(?:how many|count|(?:what(?:'s| is)|give me|show me) the (?:number|count|total number) of)"
    rf"\s+{_ALL}",
    re.IGNORECASE,
)
_ASKED = re.compile(rf"(?:which|what)\s+(?:are\s+)?{_ALL}", re.IGNORECASE)
_WHICH = re.compile(r"which\s+(?!are\b)", re.IGNORECASE)
_ORDERED = re.compile(
    r"(?:(?:list|show|find|give|get|name|enumerate|display|fetch|see)(?:\s+(?:me|us|up|out))*"
    rf"(?:\s+(?:a list|the names?|the list) of)?|i need|do\s+(?=any\s)|(?=(?:all|every)\s)|"
    rf"are there)\s*\b\s*{_ALL}",
    re.IGNORECASE,
)
_INSIDE = re.compile(rf"(?:in|on)\s+(?:(?P<count>how many)|which|what)\s+{_ALL}", re.IGNORECASE)
_EVERY = re.compile(r"\b(?:all|every|each)\b", re.IGNORECASE)
_PASSIVE = re.compile(
    r"\s*(?:is|are|was|were|does|do|did|has|have|can)\s+(?:(?:i|we|you)\s+find\s+)?(?P<topic>.+?)"
    r"(?P<no>\s+not)?\s+(?:been\s+)?(?:mentioned|appear|appears|occur|occurs|discussed|named|found|"
    r"used|covered|described|included|contained|addressed|referenced|stand|come up)"
    r"(?=[\s,]|$)",
    re.IGNORECASE,
)  # fmt: skip

_KIND_NOUNS = "|".join(
    sorted((re.escape(plural(noun)) for kind in KINDS for noun in kind.english), key=len)[::-1]
)

_ARTICLES = re.compile(
    r"^(?:(?:the|a|an|any|some|both|either|word|words|phrase|phrases|term|terms|text|topic|subject|"
    r"anything about|something about|expression|mention of|reference to)\s+)+",
    re.IGNORECASE,
)
# "An arbitration clause" is told by its subject: a contract need not call it a clause.
_PART_OF_TEXT = re.compile(r"\s+(?:clauses?|provisions?|sections?|paragraphs?)$", re.IGNORECASE)
_LANGUAGE = "|".join(word for word in LANGUAGES if word.isascii())
# A name ends where a small word begins that is none of a name.
_NAME = (
    r"(?-i:(?P<name>[\"“„'][^\"”“']+[\"”“']|[A-Z0-9][\w&.'’-]*"
    r"(?:\s+(?:(?:of|and|&|de|van|von)\s+)?[A-Z0-9&][\w&.'’-]*)*))"
)


def _terms(topic: str, about: bool) -> tuple[Term, ...] | None:
    text = re.sub(r"^(?:both|either)\s+", "", topic.strip(), flags=re.IGNORECASE)
    return terms_of(
        _PART_OF_TEXT.sub("", text),
        conjunctions=r"\s*,\s*(?:and\s+)?(?:also\s+)?|\s+(?:and|nor)\s+(?:also\s+)?"
        r"|\s+as well as\s+",
        alternatives=r"\s*,?\s+or\s+",
        noise=_ARTICLES,
        also_name=about,
    )


def _strip(text: str) -> str:
    return text.strip(" .,;?!\"“”„'’‘")


def _take_folder(draft: Draft, match: re.Match[str]) -> bool:
    name = _strip(match["folder"])
    if draft.negated:
        draft.plan = replace(draft.plan, outside=(*draft.plan.outside, name))
        draft.negated = False
    else:
        draft.plan = replace(draft.plan, folders=(*draft.plan.folders, name))
    return bool(name)


def _take_tag(draft: Draft, match: re.Match[str]) -> bool:
    name = _strip(match["tag"])
    if draft.negated:
        return False
    draft.plan = replace(draft.plan, tags=(*draft.plan.tags, name))
    return bool(name)


def _take_named(draft: Draft, match: re.Match[str]) -> bool:
    terms = _terms(match["named"], about=False)
    if terms is None:
        return False
    draft.add(*(replace(term, name_only=True) for term in terms))
    return True


def _take_sender(draft: Draft, match: re.Match[str]) -> bool:
    return party(draft, match["name"], sender=True)


def _take_kind(draft: Draft, match: re.Match[str]) -> bool:
    take_noun(draft, match["kind"])
    return not draft.negated


def _take_partner(draft: Draft, match: re.Match[str]) -> None:
    draft.add(Term((_strip(match["name"]),)))


def _take_receiver(draft: Draft, match: re.Match[str]) -> bool:
    return party(draft, match["name"], sender=False)


_PART = r"(?:dated|issued|written|sent|signed|received|created|made|paid|drawn up|concluded|held)"
_TIME = TimeWords(
    inside=rf"(?:(?:{_PART}|from|in|during|of|for|on|at|within|throughout)\s+)+(?:the\s+)?",
    before=rf"(?:{_PART}\s+)?(?:from\s+)?(?:before|earlier than|prior to|older than)\s+(?:the\s+)?",
    until=rf"(?:{_PART}\s+)?(?:until|till|up to|no later than|by the end of)\s+(?:the\s+)?",
    after=rf"(?:{_PART}\s+)?(?:after|later than|newer than)\s+(?:the\s+)?",
    since=rf"(?:{_PART}\s+)?(?:since|from|starting)\s+(?:the\s+)?",
    between=(rf"(?:{_PART}\s+)?between", "and"),
    upto=r"to|until|till|through|and|-|–",
    changed=r"(?:last\s+)?(?:changed|modified|edited|updated|saved)(?=\s)",
)
_MORE = (
    r"(?:(?:of|with|over|having|for)\s+)?(?:an?\s+|the\s+)?(?:totals?|amounts?|sums?|values?)?"
    r"\s*(?:of\s+|is\s+|are\s+)?"
)

GRAMMAR = Grammar(
    clauses=(
        time_clause(_TIME),
        amount_clause(
            rf"{_MORE}(?:over|above|more than|greater than|higher than|exceed(?:s|ing)?)",
            rf"{_MORE}(?:at least|not less than|no less than)",
            rf"{_MORE}(?:under|below|less than|lower than|smaller than)",
            rf"{_MORE}(?:at most|up to|not more than|no more than)",
            rf"{_MORE}between\s+MONEY\s+and\s+MONEY(?![\w-])",
        ),
        pattern_clause(
            r"(?:in|under|inside|within|from|of)\s+(?:the\s+|my\s+)?(?:(?:folder|directory)\s+"
            r"(?:called\s+|named\s+)?(?P<folder>[\"“][^\"”]+[\"”]|[\w./-]+)"
            r")",
            _take_folder,
        ),
        pattern_clause(
            r"(?:in|under|inside|within|from|of)\s+(?:the\s+|my\s+)?"
            r"(?P<folder>[\"“][^\"”]+[\"”]|[\w./-]+(?:\s+[\w./-]+)?)\s+(?:folder|directory)\b",
            _take_folder,
        ),
        pattern_clause(
            r"(?:(?:tagged|labelled|labeled)(?:\s+(?:as|with))?|(?:with|having|have|has)\s+"
            r"(?:the\s+)?(?:tag|label))\s+(?P<tag>[\"“][^\"”]+[\"”]|[\w-]+)",
            _take_tag,
        ),
        pattern_clause(
            rf"(?:(?:written|are|is)\s+)?in\s+(?P<language>{_LANGUAGE})\b", take_language
        ),
        pattern_clause(
            r"(?:that\s+|which\s+)?(?:(?:could|can)(?:\s*not|n't)\s+be\s+"
            r"(?:read|searched|opened|indexed)|failed(?:\s+to\s+(?:be\s+)?(?:read|index|open))?"
            r"|(?:are|were)\s+(?:unreadable|not\s+(?:read|searched|searchable)))(?=[\s,]|$)",
            take_unread,
        ),
        pattern_clause(
            r"(?:called|named|titled|entitled|whose\s+(?:file\s*)?(?:names?|titles?)\s+"
            r"(?:contains?|has|have|includes?|mentions?|holds?)|with|have|has)\s+(?P<named>[^,]+?)"
            r"(?:\s+in\s+(?:the|their|its)\s+(?:file\s*)?(?:names?|titles?))(?=[\s,]|$)",
            _take_named,
        ),
        pattern_clause(
            r"(?:called|named|titled|entitled|whose\s+(?:file\s*)?(?:names?|titles?)\s+"
            r"(?:contains?|has|have|includes?|mentions?|holds?))\s+"
            r"(?P<named>[\"“][^\"”]+[\"”]|[^\s,]+)",
            _take_named,
        ),
        pattern_clause(
            rf"(?:(?:sent|issued|signed|written|made|sold|come|came)\s+)?(?:from|by)\s+{_NAME}",
            _take_sender,
        ),
        pattern_clause(rf"(?:are|were)\s+(?P<kind>{_KIND_NOUNS})(?=[\s,]|$)", _take_kind),
        pattern_clause(rf"(?:signed\s+|concluded\s+)?with\s+{_NAME}", _take_partner),
        pattern_clause(
            rf"(?:did|has|have)\s+{_NAME}\s+(?:send|sent|issue|issued|write|written|bill|billed)"
            r"(?:\s+(?:to\s+)?(?:us|me))?(?=[\s,]|$)",
            _take_sender,
        ),
        pattern_clause(
            r"(?:in|under|inside)\s+(?!total$)(?P<folder>[\"“][^\"”]+[\"”]|[\w./-]+)$",
            # "payment in advance" names no folder, "files in Taxes" does.
            lambda draft, match: not draft.plan.filters and _take_folder(draft, match),
        ),
        # A name that was typed in small letters is one where nothing follows.
        pattern_clause(
            r"(?:from|by)\s+(?!(?:the|my|our|a|an|this|last|all)\s)(?P<name>\w[\w&.-]*"
            r"(?:\s+\w[\w&.-]*){0,2})$",
            lambda draft, match: bool(draft.plan.kinds) and _take_sender(draft, match),
        ),
        pattern_clause(
            rf"(?:(?:sent|addressed|issued|written|billed|went|go)\s+)?(?:to|for)\s+{_NAME}",
            _take_receiver,
        ),
    ),
    fillers=re.compile(
        r"(?:(?:are|is|were|was)\s+there|there\s+(?:are|is|were)|do\s+(?:i|we|you)\s+(?:have|know|"
        r"find|see)|have\s+(?:i|we)(?:\s+got)?|did\s+(?:i|we)\s+(?:get|receive|send|write|have)|"
        r"(?:i|we)\s+(?:have|got|received)|"
        r"(?:in|of|from|within)\s+(?:my|the|our|this)\s+(?:whole\s+)?(?:library|documents|files|"
        r"archive|collection)|in\s+total|altogether|overall|exist|exists|are|is|was|were|that|"
        r"which|who|and|but|do|does|did|have|has|had|been|here|also|to me|to us|for me|please|"
        r"(?:got|came|come)(?=\s+(?:from|in)))(?=[\s,]|$)",
        re.IGNORECASE,
    ),
    negation=re.compile(
        r"(?:(?:do|does|did|are|is|was|were|have|has)\s*(?:not|n['’]t)|not|never)(?=\s)",
        re.IGNORECASE,
    ),
    opener=re.compile(
        r"(?:(?P<no>without(?:\s+(?:any|a|an|the))*(?:\s+(?:mention(?:ing)?|reference|word|words|"
        r"phrase|containing)(?:\s+(?:of|to))?)?|lack(?:s|ing)?|"
        r"(?:with|(?:contain|includ|mention|hav|hold)(?:s|e|es|ing)?|has)\s+n(?:o|either)"
        r"(?:\s+(?:mention\s+of|reference\s+to))?)"
        r"|(?P<about>(?:(?:are|is|were|was|talks?|speaks?|writes?|says?|say\s+something|"
        r"says\s+something|something)\s+)?"
        r"(?:about|regarding|concerning|related\s+to|relating\s+to|to\s+do\s+with|"
        r"on\s+the\s+(?:topic|subject)\s+of)|(?:has|have|having)\s+to\s+do\s+with|"
        r"deal(?:s|ing)?\s+with|concern(?:s|ing)?|discuss(?:es|ing)?|cover(?:s|ing)?)"
        r"|mention(?:s|ed|ing)?|contain(?:s|ed|ing)?|includ(?:e|es|ing)|hold(?:s|ing)?|"
        r"reference(?:s)?|referencing|cit(?:e|es|ing)|us(?:e|es|ing)|nam(?:e|es|ing)|"
        r"address(?:es|ing)?|describ(?:e|es|ing)|stat(?:e|es|ing)|"
        r"(?:refer(?:s|ring)?|allud(?:e|es|ing)|point(?:s|ing)?)\s+to|"
        r"speak(?:s|ing)?\s+of|but\s+(?P<not>not)|(?:has|have|having|with)(?=\s+(?:the\s+)?"
        r"(?:word|words|phrase|term|terms|text|an?|some|\")))\s+",
        re.IGNORECASE,
    ),
    terms=_terms,
)  # fmt: skip


def parse_english(question: str) -> SetPlan | None:
    """Return what an English question asks of a set of files; None if it is another question."""
    text = question.strip().rstrip("?!. ")
    while match := _POLITE.match(text):
        text = text[match.end() :]
    text = re.sub(r"[\s,]+please$", "", text, flags=re.IGNORECASE)
    if match := _INSIDE.match(text):
        return _inside(text, match)
    for pattern, counting in ((_COUNT, True), (_ASKED, False), (_ORDERED, False)):
        match = pattern.match(text)
        if match is None:
            continue
        read = noun_phrase(text, match.end(), SetPlan(counting))
        if read is None:
            return None
        draft, end, many = read
        if not many and not _EVERY.search(match[0]) and not _WHICH.match(text):
            return None
        done = GRAMMAR.read(text, end, draft)
        if done is None:
            return None
        return done.plan
    return None


def _inside(text: str, match: re.Match[str]) -> SetPlan | None:
    """Read "in which contracts is arbitration mentioned?"."""
    read = noun_phrase(text, match.end(), SetPlan(bool(match["count"])))
    if read is None:
        return None
    draft, end, _ = read
    passive = _PASSIVE.match(text, end)
    if passive is None:
        return None
    topic = passive["topic"]
    negative = re.compile(r"^(?:not|no|never)\s+", re.IGNORECASE)
    terms = _terms(negative.sub("", topic), about=False)
    if terms is None:
        return None
    draft.negated = bool(passive["no"] or negative.match(topic))
    draft.add(*terms)
    done = GRAMMAR.read(text, passive.end(), draft)
    return done.plan if done else None
