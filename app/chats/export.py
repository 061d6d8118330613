"""A conversation as a file for others: Markdown with its citations, or JSON."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.ask import Answer, Citation
from app.chats.turns import Restored
from app.output import citation_field
from indexer.errors import IndexerError
from indexer.sets.plan import Member
from indexer.types import Hit

SUFFIXES = (".md", ".markdown", ".json")
_WRITTEN_CITATION = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")
# What would be markup in a quote, a name or a question.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")
# An answer is Markdown already, but loads nothing and holds no HTML.
_LOADING = re.compile(r"<(?=[A-Za-z/!])|!(?=\[)")


def export(id_: str, title: str, turns: Sequence[Restored], path: Path) -> None:
    """Write a conversation in the form that the file's name asks for. Raises IndexerError."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise IndexerError(
            "The name of the file says no form.", "Let it end with .md or .json.", path
        )
    text = to_json(id_, title, turns) if suffix == ".json" else to_markdown(title, turns)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise IndexerError(
            "The file cannot be written.", "Choose another place, with room for it.", path
        ) from error


def to_markdown(title: str, turns: Sequence[Restored]) -> str:
    """Return a conversation as Markdown, each answer with its citations below it."""
    parts = [f"# {_escaped(title)}"]
    for turn in turns:
        parts.append(f"## {_escaped(turn.turn.question)}")
        text, unsupported = _cited(turn)
        if text:
            parts.append(text)
        if unsupported:
            listed = "\n".join(f"> - {_tamed(_one_line(item))}" for item in unsupported)
            parts.append(f"> **No passage supports this:**\n>\n{listed}")
        sources = _sources(turn.answer)
        if sources:
            parts.append("\n".join(sources))
        if turn.answer.generated is not None and turn.details.model:
            parts.append(f"*{_escaped(turn.details.model)}*")
    return "\n\n".join(parts) + "\n"


def to_json(id_: str, title: str, turns: Sequence[Restored]) -> str:
    """Return a conversation as JSON, with the fields of the lines that `--json ask` prints."""
    data = {
        "type": "chat",
        "id": id_,
        "title": title,
        "turns": [_turn_field(turn) for turn in turns],
    }
    # A name that is no UTF-8 travels as escapes, as in all JSON of ours.
    return json.dumps(data, ensure_ascii=True, indent=2) + "\n"


def _turn_field(turn: Restored) -> dict[str, Any]:
    details = turn.details
    return {
        "question": turn.turn.question,
        "answer": turn.turn.answer,
        "abstained": turn.answer.abstained,
        "documents": details.documents,
        "sentences": [asdict(item) for item in turn.answer.sentences],
        "citations": [citation_field(item) for item in turn.answer.citations],
        "files": [_file_field(item) for item in turn.answer.files.members]
        if turn.answer.files is not None
        else None,
        "model": details.model or None,
        "prompt_tokens": details.prompt_tokens,
        "reused_tokens": details.reused_tokens,
        "answer_tokens": details.answer_tokens,
        "tokens_per_s": details.tokens_per_s,
        "first_token_ms": details.first_token_ms,
        "stopped": details.ended,
    }


def _file_field(member: Member) -> dict[str, Any]:
    return {
        "path": os.fspath(member.path),
        "page": member.hit.page if member.hit is not None else None,
        "away": member.away,
        "quote": member.quote,
    }


def _cited(turn: Restored) -> tuple[str, list[str]]:
    """Return what is supported of an answer with its citations, and what is not."""
    text = _WRITTEN_CITATION.sub("", turn.turn.answer)
    unsupported: list[str] = []
    at = 0
    for item in turn.answer.sentences:
        wanted = _WRITTEN_CITATION.sub("", item.text).strip()
        found = text.find(wanted, at)
        if not wanted or found < 0:
            continue
        kept = wanted
        if item.supported:
            kept += "".join(f" [{number}]" for number in item.support)
        else:
            kept = ""
            unsupported.append(wanted)
        text = text[:found] + kept + text[found + len(wanted) :]
        at = found + len(kept)
    return _tamed(text.strip()), unsupported


def _sources(answer: Answer) -> list[str]:
    if answer.files is not None:
        return [_member(number, item) for number, item in enumerate(answer.files.members, 1)]
    used = {number for item in answer.sentences for number in item.support}
    return [_source(item) for item in answer.citations if item.number in used or not used]


def _source(citation: Citation) -> str:
    hit = citation.hit
    place = f"{_escaped(hit.path.name)}{_page(hit)}"
    return (
        f"- [{citation.number}] **{place}**: “{_escaped(_one_line(citation.quote))}” "
        f"(`{_path(hit.path)}`)"
    )


def _member(number: int, member: Member) -> str:
    page = _page(member.hit) if member.hit is not None else ""
    quote = _escaped(_one_line(member.quote))
    said = f": “{quote}”" if quote else ""
    return f"{number}. **{_escaped(member.path.name)}{page}**{said} (`{_path(member.path)}`)"


def _path(path: Path) -> str:
    return _one_line(os.fspath(path).replace("`", "'"))


def _page(hit: Hit) -> str:
    return f", page {_escaped(hit.label or str(hit.page))}" if hit.page is not None else ""


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", _one_line(text))


def _tamed(text: str) -> str:
    return _LOADING.sub(lambda sign: f"\\{sign[0]}", text)


def _one_line(text: str) -> str:
    return " ".join(text.split())
