"""Subtitles: what is said, a time in front of each passage instead of codes around each line."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.readers.encodings.decoding import read_decoded
from indexer.readers.kinds.names import Kind
from indexer.readers.sheet import TOO_LONG, Sheet
from indexer.readers.source import Source
from indexer.types import DocumentInfo, ReaderItem, UnreadPage

_STAMP = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
# "00:01:02,500 --> 00:01:04,000" of SubRip and WebVTT, "0:01:02.500,0:01:04.000" of SubViewer.
_TIMES = re.compile(rf"\s*{_STAMP}(?:\s*-->\s*|,){_STAMP}(?:\s|$)")
_VOICE = re.compile(r"<v(?:\.[^ >]*)?\s+([^>]{1,80})>")
_TAG = re.compile(r"</?[a-zA-Z0-9.:_-][^<>]{0,200}>|\{\\[^{}]{0,100}\}")
_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_HEADER = re.compile(r"WEBVTT[ \t]*-?[ \t]*(.*)")

_LONGEST = 20.0  # seconds of one block; a speaker says some 50 words in that time
_SILENCE = 4.0  # seconds after which another block begins


@dataclass(slots=True)
class _Block:
    start: float
    end: float
    lines: list[str]
    voice: str = ""  # who speaks


def read_subtitles(source: Source) -> Iterator[ReaderItem]:
    """Read SubRip, WebVTT or SubViewer as lines like "[00:12:03] what is said"."""
    text, cut = read_decoded(source)
    title = None
    if (head := _HEADER.match(text)) and head.group(1).strip():
        title = head.group(1).strip()
    yield DocumentInfo(Kind.SUBTITLES.value, title)
    sheet = Sheet()
    for line in _passages(text):
        sheet.add(line)
        if sheet.full:
            yield sheet.take()
    yield sheet.take()
    if cut:
        yield UnreadPage(None, TOO_LONG)


def _passages(text: str) -> Iterator[str]:
    block: _Block | None = None
    for start, end, said in _cues(text):
        if block and (
            start - block.end > _SILENCE or end - block.start > _LONGEST or start < block.start
        ):
            yield _line(block)
            block = None
        if block is None:
            block = _Block(start, end, [])
        block.end = end
        for voice, line in said:
            if voice and voice != block.voice:
                block.lines.append(f"{voice}: {line}")
                block.voice = voice
            # Captions that roll repeat the line above.
            elif not block.lines or block.lines[-1] != line:
                block.lines.append(line)
    if block:
        yield _line(block)


def _line(block: _Block) -> str:
    seconds = int(block.start)
    time = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"[{time}] {' '.join(block.lines)}"


def _cues(text: str) -> Iterator[tuple[float, float, list[tuple[str, str]]]]:
    """Yield the start and end of each cue in seconds, and its lines with who speaks."""
    times: tuple[float, float] | None = None
    said: list[tuple[str, str]] = []
    before = ""  # the last line, if it may be the number of the cue that follows
    aside = False
    for raw in text.split("\n"):
        line = raw.strip()
        if match := _TIMES.match(line):
            if said and said[-1][1] == before and before.isdigit():
                said.pop()  # no empty line stood between the text and the next number
            if times and said:
                yield (*times, said)
            times, said, aside = (_seconds(match, 1), _seconds(match, 5)), [], False
        elif not line:
            if times and said:
                yield (*times, said)
                times, said = None, []
            aside = False
        elif times is None and _ASIDE.match(line):
            aside = True
        elif times is not None and not aside and (shown := _shown(line)):
            voice = _VOICE.search(line)
            said.append((voice.group(1).strip() if voice else "", shown))
        before = line
    if times and said:
        yield (*times, said)


def _seconds(match: re.Match[str], first: int) -> float:
    hours, minutes, seconds, fraction = match.group(first, first + 1, first + 2, first + 3)
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + float(f"0.{fraction or 0}")


def _shown(line: str) -> str:
    """Return a line without its styles."""
    return " ".join(html.unescape(_TAG.sub("", line)).replace("[br]", " ").split())
