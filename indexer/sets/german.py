"""German questions about sets: "Welche Verträge erwähnen ein Schiedsgericht?"."""

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
from indexer.sets.dates import period_at
from indexer.sets.lexicon import (
    FILES_GERMAN,
    FORMAT_ADJECTIVES,
    FORMAT_WORDS,
    KINDS,
    LANGUAGES,
)
from indexer.sets.plan import SetPlan, Term
from indexer.sets.reading import Grammar

_ALL = (
    r"(?:(?:von|den|die|der|meine[nr]?|unsere[nr]?|alle[nr]?|sämtliche[nr]?|jede[nrs]?|mir|uns|"
    r"bitte|auf)\s+)*"
)
_COUNT = re.compile(
    rf"(?:wie\s*viele[rn]?|zähle?|(?:was|wie)\s+ist\s+die\s+(?:an)?zahl\s+der)\s+{_ALL}",
    re.IGNORECASE,
)
_ASKED = re.compile(rf"(?:welche[rsn]?|was\s+für)\s+{_ALL}", re.IGNORECASE)
_ORDERED = re.compile(
    r"(?:(?:liste|zeige?|nenne?|finde|gib|suche?|gebt|zeigt)\s+(?:mir\s+|uns\s+|bitte\s+)*"
    rf"(?=(?:bitte\s+)?(?:all|sämtlich|jede|die\s))|(?=(?:alle|sämtliche)\s)|gibt\s+es\s+){_ALL}",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    rf"(?:in|auf)\s+(?:(?P<count>wie\s*vielen)|welche[nmr])\s+{_ALL}", re.IGNORECASE
)
_PASSIVE = re.compile(
    r"\s*(?P<first>wird|werden|kommt|kommen|steht|stehen|ist|sind|findet sich|geht es um|wurde)\s+"
    r"(?P<topic>.+?)(?P<no>\s+nicht)?(?:\s+(?:erwähnt|genannt|behandelt|vor|geregelt|beschrieben|"
    r"enthalten|zu finden|die rede))?(?=$|\s+(?:und|im|vom|aus|seit|vor)\s)",
    re.IGNORECASE,
)

_NOUNS: dict[str, tuple[str, str]] = {}
for _kind in KINDS:
    _NOUNS |= dict.fromkeys(_kind.german, ("kind", _kind.name))
_NOUNS |= dict.fromkeys(FILES_GERMAN, ("file", ""))
_NOUNS |= {word: ("format", name) for word, name in FORMAT_WORDS.items()}
_NOUN = re.compile(
    rf"(?P<before>[\w-]*?)(?P<noun>"
    rf"{'|'.join(sorted(map(re.escape, _NOUNS), key=len, reverse=True))})(?![\w-])",
    re.IGNORECASE,
)
_ONE = (
    "rechnung mahnung bestellung quittung vereinbarung richtlinie anleitung notiz datei "
    "niederschrift schreiben anschreiben bedienungsanleitung bescheinigung aktennotiz"
)
_SINGULARS = frozenset(_ONE.split())
_SAME = frozenset({"schreiben", "anschreiben", "unterlagen"})
_MOST_MODIFIERS = 3
_ARTICLES = re.compile(
    r"^(?:(?:der|die|das|den|dem|des|ein|eine|einen|einer|einem|wort|wörter|begriff|begriffe|"
    r"ausdruck|text|thema|irgendein\w*)\s+)+",
    re.IGNORECASE,
)
_LANGUAGE = "|".join(word for word in LANGUAGES if not word.endswith("文") and word != "english")
_NAME = (
    r"(?-i:(?P<name>[„\"“][^“”\"]+[“”\"]|[A-ZÄÖÜ0-9][\w&.'’-]*"
    r"(?:\s+(?:(?:und|&|von)\s+)?[A-ZÄÖÜ0-9&][\w&.'’-]*)*))"
)
_SAYS = (
    r"erwähnen|enthalten|behandeln|nennen|beinhalten|betreffen|verwenden|erwähnt|enthält|behandelt|"
    r"nennt|beinhaltet|betrifft"
)


def _terms(topic: str, about: bool) -> tuple[Term, ...] | None:
    text = re.sub(r"^(?:sowohl|entweder)\s+", "", topic.strip(), flags=re.IGNORECASE)
    return terms_of(
        text,
        conjunctions=r"\s*,\s*(?:und\s+)?|\s+und\s+(?:auch\s+)?|\s+sowie\s+|\s+als\s+auch\s+",
        alternatives=r"\s*,?\s+oder\s+",
        noise=_ARTICLES,
        also_name=about,
    )


def _strip(text: str) -> str:
    return text.strip(" .,;?!\"“”„'")


def _take_folder(draft: Draft, match: re.Match[str]) -> bool:
    name = _strip(match["folder"])
    if draft.negated:
        return False
    draft.plan = replace(draft.plan, folders=(*draft.plan.folders, name))
    return bool(name)


def _take_tag(draft: Draft, match: re.Match[str]) -> bool:
    draft.plan = replace(draft.plan, tags=(*draft.plan.tags, _strip(match["tag"])))
    return not draft.negated


def _take_relative(draft: Draft, match: re.Match[str]) -> bool:
    """Take "die ein Schiedsgericht (nicht) erwähnen", whose verb comes last."""
    topic = match["topic"]
    none = re.match(r"kein(?:e|en|er|em)?\s+", topic, re.IGNORECASE)
    terms = _terms(topic[none.end() :] if none else topic, about=False)
    if terms is None:
        return False
    draft.negated = draft.negated != bool(none or match["no"])
    draft.add(*terms)
    return True


def _take_name(draft: Draft, match: re.Match[str]) -> None:
    draft.add(Term((_strip(match["name"]),)))


_PART = (
    r"(?:datiert|ausgestellt|geschrieben|unterschrieben|unterzeichnet|abgeschlossen|erstellt|"
    r"eingegangen|verfasst)"
)
_TIME = TimeWords(
    inside=rf"(?:(?:{_PART}|wurden|wurde|im|in|vom|aus|am|von|für|während|des|der|dem|den)\s+)+",
    before=rf"(?:{_PART}\s+)?vor\s+(?:dem\s+)?",
    until=rf"(?:{_PART}\s+)?bis\s+(?:zum\s+)?",
    after=rf"(?:{_PART}\s+)?nach\s+(?:dem\s+)?",
    since=rf"(?:{_PART}\s+)?(?:seit|ab|von|vom)\s+(?:dem\s+)?",
    between=(r"zwischen(?:\s+dem)?", r"und(?:\s+dem)?"),
    upto=r"bis(?:\s+zum)?|-|–",
    changed=r"(?:zuletzt\s+)?(?:geändert|bearbeitet|gespeichert)(?=\s)",
)
_MORE = (
    r"(?:(?:mit|über|von)\s+)?(?:eine[rmn]?\s+)?(?:betrag|summe|gesamtbetrag|wert)?\s*(?:von\s+)?"
)

GRAMMAR = Grammar(
    clauses=(
        time_clause(_TIME),
        amount_clause(
            rf"{_MORE}(?:über|mehr als|größer als|höher als|oberhalb von)",
            rf"{_MORE}(?:mindestens|ab)",
            rf"{_MORE}(?:unter|weniger als|kleiner als)",
            rf"{_MORE}(?:höchstens|maximal|bis zu)",
            rf"{_MORE}zwischen\s+MONEY\s+und\s+MONEY(?![\w-])",
        ),
        pattern_clause(
            r"(?:im|in\s+dem|aus\s+dem|unter)\s+(?:ordner|verzeichnis)\s+"
            r"(?P<folder>[„\"“][^“”\"]+[“”\"]|[\w./-]+)",
            _take_folder,
        ),
        pattern_clause(
            r"(?:mit\s+(?:dem\s+)?(?:tag|schlagwort|etikett))\s+"
            r"(?P<tag>[„\"“][^“”\"]+[“”\"]|[\w-]+)",
            _take_tag,
        ),
        pattern_clause(
            rf"auf\s+(?P<language>{_LANGUAGE})\b(?:\s+(?:geschrieben|verfasst))?", take_language
        ),
        pattern_clause(
            r"(?:die\s+)?(?:konnten|können)?\s*(?:nicht\s+(?:gelesen|durchsucht|geöffnet)\s+"
            r"(?:werden|wurden)(?:\s+(?:konnten|können))?|(?:sind\s+)?unlesbar)",
            take_unread,
        ),
        pattern_clause(
            rf"(?:die|welche)\s+(?P<topic>.+?)(?P<no>\s+nicht)?\s+(?:{_SAYS})(?=[\s,]|$)",
            _take_relative,
        ),
        pattern_clause(
            r"in\s+denen\s+(?:es\s+um\s+)?(?P<topic>.+?)(?P<no>\s+nicht)?\s+"
            r"(?:vorkommt|vorkommen|geht|steht|stehen|(?:erwähnt|genannt|behandelt)\s+"
            r"(?:wird|werden))(?=[\s,]|$)",
            _take_relative,
        ),
        pattern_clause(
            rf"(?:(?:sind|kommen|stammen|kamen)\s+)?(?:von|vom|der)\s+(?:der\s+)?"
            rf"(?:(?:firma|lieferanten|lieferant)\s+)?{_NAME}",
            lambda draft, match: party(draft, match["name"], sender=True),
        ),
        pattern_clause(
            rf"(?:(?:gehen|gingen|sind)\s+)?(?:an|für)\s+(?:die\s+)?(?:firma\s+)?{_NAME}",
            lambda draft, match: party(draft, match["name"], sender=False),
        ),
        pattern_clause(rf"mit\s+(?:der\s+)?(?:firma\s+)?{_NAME}", _take_name),
    ),
    fillers=re.compile(
        r"(?:gibt\s+es|stammen|kommen|liegen|haben\s+wir|habe\s+ich|liegen\s+vor|"
        r"es|sind|ist|war|waren|wurden|wurde|und|"
        r"aber|auch|die|welche|der|in\s+(?:meiner|der|unserer)\s+bibliothek|in\s+meinen\s+"
        r"(?:dokumenten|unterlagen)|insgesamt|bitte|auf|vorhanden|worden|mir|uns|an|"
        rf"{_PART})(?=[\s,]|$)",
        re.IGNORECASE,
    ),
    negation=re.compile(r"(?:nicht|nie)(?=\s)", re.IGNORECASE),
    opener=re.compile(
        rf"(?:(?P<no>ohne(?:\s+(?:eine?n?|das\s+wort|erwähnung\s+(?:von|des|der)))?"
        rf"|(?:{_SAYS}|haben)\s+kein(?:e|en|er|em)?|(?:{_SAYS})(?=\s.*\snicht$)"
        r"(?:(?=\s)))"
        r"|(?P<about>(?:(?:handeln|sprechen|berichten|sind|gehen)\s+)?(?:über|zum\s+thema|"
        r"bezüglich|betreffend|rund\s+um|zu|von(?=\s+der\s+rede))"
        r"|handeln\s+vo[nm])"
        rf"|(?:{_SAYS}|haben|sprechen\s+von)|mit\s+(?:dem|den|der)\s+(?:wort|wörtern|begriff|"
        r"begriffen|ausdruck)|mit\s+eine[rmn])\s+",
        re.IGNORECASE,
    ),
    terms=_terms,
)  # fmt: skip


def parse_german(question: str) -> SetPlan | None:
    """Return what a German question asks of a set of files; None if it is another question."""
    text = re.sub(
        r"^(?:bitte|kannst du|können sie)[\s,]+", "", question.strip(), flags=re.IGNORECASE
    )
    text = re.sub(r"\s+auf$", "", text.rstrip("?!. "))
    if match := _INSIDE.match(text):
        return _inside(text, match)
    for pattern, counting in ((_COUNT, True), (_ASKED, False), (_ORDERED, False)):
        match = pattern.match(text)
        if match is None:
            continue
        read = _noun_phrase(text, match.end(), SetPlan(counting))
        if read is None:
            return None
        draft, end = read
        trailing = re.search(r"\s+nicht$", text[end:])
        if trailing and re.match(rf"\s*(?:{_SAYS})\s", text[end:], re.IGNORECASE):
            # "erwähnen das Wort nicht": the not comes last.
            draft.negated = True
            text = text[: end + trailing.start()]
        done = GRAMMAR.read(text, end, draft)
        return done.plan if done else None
    return None


def _inside(text: str, match: re.Match[str]) -> SetPlan | None:
    """Read "In welchen Verträgen kommt ein Schiedsgericht vor?"."""
    read = _noun_phrase(text, match.end(), SetPlan(bool(match["count"])))
    if read is None:
        return None
    draft, end = read
    # A time or a sender may stand before the verb: "Rechnungen vom März".
    passive = _PASSIVE.match(text, end)
    if passive is None:
        return None
    topic = re.sub(r"\s+nicht$", "", passive["topic"])
    none = re.match(r"(?:kein(?:e|en|er|em)?|nicht|von)\s+", topic, re.IGNORECASE)
    terms = _terms(topic[none.end() :] if none else topic, about=False)
    if terms is None:
        return None
    negative = none is not None and none[0].lower() != "von "
    draft.negated = bool(passive["no"] or negative or topic != passive["topic"])
    draft.add(*terms)
    done = GRAMMAR.read(text, passive.end(), draft)
    return done.plan if done else None


def _noun_phrase(text: str, at: int, plan: SetPlan) -> tuple[Draft, int] | None:
    """Read "deutschen Rechnungen und Mahnungen"; return where it ends."""
    draft = Draft(plan)
    for _ in range(_MOST_MODIFIERS + 1):
        noun = _NOUN.match(text, at)
        if noun is not None:
            if not _take_noun(draft, noun):
                return None
            end = noun.end()
            more = re.compile(r"\s*(?:,|und|oder)\s+", re.IGNORECASE)
            while (gap := more.match(text, end)) and (other := _NOUN.match(text, gap.end())):
                if not _take_noun(draft, other):
                    return None
                end = other.end()
            return draft, end
        period = period_at(text, at)
        if period is not None and text[period[1] : period[1] + 1] == " ":
            draft.add(period[0])
            at = period[1] + 1
            continue
        word = re.compile(r"([\w-]+)\s+").match(text, at)
        if word is None:
            return None
        stem = re.sub(r"(?:sprachige)?[nrsm]?$", "", word[1].lower()).removesuffix("e")
        if stem not in LANGUAGES:
            return None
        code = LANGUAGES[stem]
        draft.plan = replace(draft.plan, languages=(*draft.plan.languages, code))
        at = word.end()
    return None


def _take_noun(draft: Draft, noun: re.Match[str]) -> bool:
    what, name = _NOUNS[noun["noun"].lower()]
    before = noun["before"].strip("-").lower()
    plan = draft.plan
    if noun["noun"].lower() in _SINGULARS - _SAME:
        return False
    if what == "format":
        draft.plan = replace(plan, formats=(*plan.formats, name))
        return not before
    if what == "kind":
        draft.plan = replace(plan, kinds=(*plan.kinds, name))
        if before:
            # Mietverträge: the compound in its own forms, Mietvertrag.
            kind = next(kind for kind in KINDS if kind.name == name)
            forms = (f"{before}{form}" for form in kind.german)
            draft.add(Term(tuple(forms), exact=True, also_name=True))
        return True
    if before:
        if before not in FORMAT_ADJECTIVES:
            return False
        draft.plan = replace(plan, formats=(*plan.formats, FORMAT_ADJECTIVES[before]))
    return True
