"""What a document is called when it is embedded, ranked and shown."""

from __future__ import annotations

import re

from indexer.text.words import has_cjk
from indexer.types import DocumentInfo

_TITLE_CHARACTERS = 160
_FIRST_WORDS = 10
_FIRST_SIGNS = 20  # of a text in Chinese, Japanese or Korean, where spaces part no words
# "d41d8cd98f00b204", "31715818", "IMG_0042", "scan-3": names that a machine gave.
_MACHINE_PART = re.compile(
    r"[0-9]+|[0-9a-f]*[0-9][0-9a-f]*|img|dsc|dcim|scan|scanned|untitled|doc|document|file|page|copy",
    re.IGNORECASE,
)


def given_name(stem: str) -> str:
    """Return the words of a file's name, or nothing if a machine gave it."""
    words = re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem)).strip()
    return words if any(not _MACHINE_PART.fullmatch(word) for word in words.split()) else ""


def own_title(info: DocumentInfo, first_text: str) -> str:
    """Return what a document calls itself: nothing if it has neither a title nor text.

    That is the title in its metadata, else its first line if that stands alone, else its first ten
    words.
    """
    if info.title and (title := " ".join(info.title.split())):
        return title[:_TITLE_CHARACTERS]
    # A first line that stands alone is a title: on SciFact the words alone find 66.5 with it and
    # 65.6 with the first ten words.
    beginning = first_text.lstrip()[: 2 * _TITLE_CHARACTERS]
    line, _, following = beginning.partition("\n")
    if line.strip() and len(line) <= _TITLE_CHARACTERS and following.lstrip(" \t").startswith("\n"):
        return line.strip()
    words = " ".join(beginning.split()[:_FIRST_WORDS])
    return words[: _FIRST_SIGNS if has_cjk(words) else _TITLE_CHARACTERS]


def file_title(stem: str, own: str) -> str:
    """Return the title of a file: the words of its name, unless a machine gave it.

    Else what the document calls itself (`own`), else the name all the same. `stem` is the file's
    name without its suffix.
    """
    # A name of the file system need not be UTF-8.
    plain = " ".join(stem.encode("utf-8", "replace").decode().split())
    return given_name(stem)[:_TITLE_CHARACTERS] or own or plain


def embedded_text(title: str, heading: str, text: str) -> str:
    """Return what the encoder sees of a chunk: where it stands, then what it says."""
    # The end of a heading path is the nearest heading; both are bounded so that the chunk fits.
    path = heading[-_TITLE_CHARACTERS:]
    return f"{title} > {path}\n{text}" if path else f"{title}\n{text}"
