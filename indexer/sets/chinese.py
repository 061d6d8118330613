"""Chinese questions about sets: "哪些合同提到仲裁？"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from indexer.sets.building import MONEY, Draft, money, party, terms_of
from indexer.sets.dates import chinese_period_at
from indexer.sets.lexicon import (
    FILES_CHINESE,
    FORMAT_ADJECTIVES,
    FORMAT_WORDS,
    KINDS,
    LANGUAGES,
)
from indexer.sets.plan import Amount, Period, SetPlan, Term

_COUNT = re.compile(
    r"(?:一共|总共|共)?(?:有)?(?:多少|(?<!哪)几)(?:份|个|张|封|篇|本)?|的(?:数量|总数)(?:是多少)?$"
)
_LIST = re.compile(
    r"(?:请|帮我|给我)*(?:列出|列举|找出|显示|查找|列一下)(?:所有|全部|每一?[份个张封篇]?)?(?:的)?"
    r"|(?:有|是)?哪(?:些|几[份个张封篇])|^(?:所有|全部)(?:的)?"
)
_NOUNS: dict[str, tuple[str, str]] = {}
for _kind in KINDS:
    _NOUNS |= dict.fromkeys(_kind.chinese, ("kind", _kind.name))
_NOUNS |= dict.fromkeys(FILES_CHINESE, ("file", ""))
_NOUNS |= {word: ("format", name) for word, name in FORMAT_WORDS.items() if not word.isascii()}
_NOUN_WORDS = "|".join(sorted(map(re.escape, _NOUNS), key=len, reverse=True))
_LANGUAGE = "|".join(sorted((w for w in LANGUAGES if not w.isascii()), key=len, reverse=True))
_FORMAT = "|".join(FORMAT_ADJECTIVES)
_NOUN = re.compile(
    rf"(?P<adjective>(?:(?:{_LANGUAGE}|{_FORMAT})(?:的)?)*)\s*(?P<noun>(?:{_NOUN_WORDS})(?!夹)|pdf)",
    re.IGNORECASE,
)
_SAYS = (
    "提到过|提到了|提到|提及|包含|包括|含有|涉及到|涉及|讲到|谈到|写到|写有|出现了|出现|讨论了|讨论|"
    "带有|里有|中有"
)
_NO = r"(?:都)?(?:没有|没|不|未)"
_END = r"(?=的?(?:，|、|,|。|$|且|并且|而且|但)|的)"
_REST = re.compile(
    r"[\s，,。、？?！!：:]|(?:的|是|有|在|里面|里|中|了|所有|全部|我的|我们的|我|我们|吗|呢|请|问|都|那些|份|"
    r"资料库|库|日期|写于|签订于|开具|签署|签订|开|寄|发|写|且|并且|而且|但是|但|和|一共|总共|月份|"
    r"内|间|期间|以来|之间|文件夹|目录)"
)  # fmt: skip
_NOISE = re.compile(r"^(?:(?:了|过|有关|关于|“|”|词|这个词|词语)\s*)+")

_Take = Callable[[Draft, re.Match[str]], bool | None]


def _terms(topic: str, *, about: bool) -> tuple[Term, ...] | None:
    return terms_of(
        topic.removesuffix("的"),
        conjunctions=r"[、，,]|以及|并且|和|与|及",
        alternatives=r"或者|或",
        noise=_NOISE,
        also_name=about,
    )


def _says(draft: Draft, match: re.Match[str]) -> bool:
    terms = _terms(match["topic"], about=bool(match.groupdict().get("about")))
    if terms is None:
        return False
    draft.negated = bool(match["no"])
    draft.add(*terms)
    return True


def _more(draft: Draft, match: re.Match[str]) -> None:
    value = money(match["number"], match["scale"])
    low = match["word"] in ("超过", "大于", "高于", "多于", "不少于", "至少", "不低于")
    strict = not match["word"].startswith(("不", "至"))
    draft.add(Amount(least=value, strict=strict) if low else Amount(most=value, strict=strict))


def _language(draft: Draft, match: re.Match[str]) -> None:
    code = LANGUAGES[match["language"]]
    draft.plan = replace(draft.plan, languages=(*draft.plan.languages, code))


def _folder(draft: Draft, match: re.Match[str]) -> None:
    name = (match["one"] or match["other"]).strip("“”\"「」'‘’ ")
    draft.plan = replace(draft.plan, folders=(*draft.plan.folders, name))


def _tag(draft: Draft, match: re.Match[str]) -> None:
    name = match["tag"].strip('“”"「」 ')
    draft.plan = replace(draft.plan, tags=(*draft.plan.tags, name))


def _unread(draft: Draft, _match: re.Match[str]) -> None:
    draft.plan = replace(draft.plan, unread=True)


_NUMBER = MONEY.replace(r"(\d[\d.,']*)", r"(?P<number>\d[\d.,']*)").replace(
    "(k|m|万)?", "(?P<scale>k|m|万)?"
)
_CLAUSES: tuple[tuple[re.Pattern[str], _Take], ...] = (
    (re.compile(r"(?:无法|不能|没能|未能)(?:被)?(?:读取|搜索|打开|识别)"), _unread),
    (
        re.compile(
            r"(?:在|位于)?(?:文件夹|目录)(?P<one>[“\"「][^”\"」]+[”\"」]|[\w-]+?)(?:里面?|中|下|内)"
            r"|(?:在|位于)?(?P<other>[“\"「][^”\"」]+[”\"」]|[A-Za-z][\w-]*)(?:文件夹|目录)"
            r"(?:里面?|中|下|内)?"
        ),
        _folder,
    ),
    (
        re.compile(
            r"(?:带有?|有|打了|标为)?标签(?:是|为)?(?P<tag>[“\"「][^”\"」]+[”\"」]|\w+?)(?=的|$)"
        ),
        _tag,
    ),
    (
        re.compile(
            rf"(?:(?:总)?(?:金额|额|价|计))?(?:在)?(?P<word>不少于|不低于|不超过|超过|大于|高于|多于|"
            rf"至少|至多|低于|少于|小于){_NUMBER}(?:以上|以下)?",
            re.IGNORECASE,
        ),
        _more,
    ),
    (re.compile(rf"(?:用|以)(?P<language>{_LANGUAGE})(?:写成|写|撰写|书写)?"), _language),
    (
        re.compile(rf"(?P<no>{_NO})?(?:{_SAYS})(?:了|过)?(?P<topic>.+?){_END}"),
        _says,
    ),
    (
        re.compile(rf"(?P<no>{_NO}|不是)?(?P<about>关于|有关|与(?=.+有关|.+相关))"
                   rf"(?P<topic>.+?)(?:有关|相关)?{_END}"),
        _says,
    ),
    (
        re.compile(r"(?:来自于?|由|从)(?P<name>[^的，,]+?)(?:公司)?(?:发来|开具|寄来|发出|寄出|开出|"
                   r"发送|撰写|写)?(?=的|，|,|$)"),
        lambda draft, match: party(draft, match["name"], sender=True),
    ),
    (
        re.compile(r"(?:发给|寄给|给|致|写给)(?P<name>[^的，,]+?)(?=的|，|,|$)"),
        lambda draft, match: party(draft, match["name"], sender=False),
    ),
)  # fmt: skip


def parse_chinese(question: str) -> SetPlan | None:
    """Return what a Chinese question asks of a set of files; None if it is another question."""
    text = re.sub(r"^(?:请问|请|帮我|麻烦)+", "", question.strip()).rstrip("？?。！! ")
    head = _COUNT.search(text)
    counting = head is not None
    if head is None:
        head = _LIST.search(text)
    if head is None:
        return None
    text = f"{text[: head.start()]}，{text[head.end() :]}" if head.start() else text[head.end() :]
    if counting:
        text = re.sub(r"^(?:我|我们|库里|资料库里|里面)?(?:一共|总共)?有?", "", text)
    draft = Draft(SetPlan(counting))
    rest = _take_noun(text, draft)
    if rest is None:
        return None
    left = _take_clauses(rest, draft)
    return draft.plan if not _REST.sub("", left) else None


def _take_noun(text: str, draft: Draft) -> str | None:
    """Take the noun that the question is about out of its text; None if there is none."""
    found = [
        match
        for match in _NOUN.finditer(text)
        if match.start() == 0
        or text[match.start() - 1] in "的，,有 "
        or match.end() == len(text)
        or text[match.end()] in "，,"
        or chinese_period_at(text) is not None
    ]
    if not found:
        return None
    # What clauses say stands before the noun, behind a 的, or the noun stands first.
    first = found[0] if found[0].start() == 0 else found[-1]
    _note_noun(draft, first)
    before, after = text[: first.start()], text[first.end() :]
    while match := re.match(rf"(?:和|或|与|及|、)(?P<noun>{_NOUN_WORDS})", after):
        _note_noun(draft, match)
        after = after[match.end() :]
    return f"{before}，{after}" if before else after


def _note_noun(draft: Draft, match: re.Match[str]) -> None:
    what, name = _NOUNS.get(match["noun"], ("format", "pdf"))
    plan = draft.plan
    if what == "kind":
        plan = replace(plan, kinds=(*plan.kinds, name))
    elif what == "format":
        plan = replace(plan, formats=(*plan.formats, name))
    adjective = match.groupdict().get("adjective") or ""
    for word in re.findall(rf"{_LANGUAGE}|{_FORMAT}", adjective, re.IGNORECASE):
        if word in LANGUAGES:
            plan = replace(plan, languages=(*plan.languages, LANGUAGES[word]))
        else:
            plan = replace(plan, formats=(*plan.formats, FORMAT_ADJECTIVES[word.lower()]))
    draft.plan = plan


def _take_clauses(text: str, draft: Draft) -> str:
    """Take all clauses out of a text; return what is left of it."""
    for pattern, take in _CLAUSES:
        while match := pattern.search(text):
            if take(draft, match) is False:
                break
            text = f"{text[: match.start()]}，{text[match.end() :]}"
    return _take_time(text, draft)


def _take_time(text: str, draft: Draft) -> str:
    for at in range(len(text)):
        found = chinese_period_at(text, at)
        if found is None:
            continue
        period, end = found
        rest = text[end:]
        if (to := re.match(r"\s*(?:到|至|-)\s*", rest)) and (
            other := chinese_period_at(rest, to.end())
        ):
            first, last = period, other[0]
            if first.since is None and last.months and first.months:
                period = Period(months=tuple(range(first.months[0], last.months[-1] + 1)))
            elif first.since and last.until:
                period = Period(first.since, last.until)
            elif first.since and last.months:
                year = first.since.year
                until = chinese_period_at(f"{year}年{last.months[0]}月")
                period = Period(first.since, until[0].until if until else first.until)
            rest = rest[other[1] :]
        elif (match := re.match(r"(?:之前|以前)", rest)) and period.since:
            before = period.since.fromordinal(period.since.toordinal() - 1)
            period, rest = Period(until=before), rest[match.end() :]
        elif (match := re.match(r"(?:之后|以后|以来)", rest)) and period.until:
            day = period.until.fromordinal(period.until.toordinal() + 1)
            since = period.since if match[0] == "以来" else day
            period, rest = Period(since=since), rest[match.end() :]
        draft.add(period)
        return f"{text[:at]}，{_take_time(rest, draft)}"
    return text
