"""The readers that are fuzzed: how an input becomes a file, and how one is changed.

Bytes that are changed at random seldom get past the container of the older Office. So its streams
are changed one at a time, and a container is built around them; whole containers are changed too.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random

import olefile

from indexer.readers.source import Source
from tests.indexer.containers import ole

Stream = tuple[str, ...]
_OLE = olefile.MAGIC
_HERE = Path("input")


@dataclass(frozen=True, slots=True)
class Target:
    """A reader under a name, and the streams that its container has, if it needs one."""

    name: str
    suffixes: tuple[str, ...]  # names that it is read under
    streams: tuple[Stream, ...] = ()

    def file(self, data: bytes) -> bytes:
        """Return the file that an input stands for."""
        if not self.streams or data.startswith(_OLE):
            return data
        return ole(dict(_unpacked(data, self.streams)))

    def source(self, data: bytes) -> Source:
        """Return what the reader is given for an input; texts are read under each name in turn."""
        suffix = self.suffixes[len(data) % len(self.suffixes)]
        return Source(_HERE, f"input.{suffix}", self.file(data))

    def seeds(self, data: bytes) -> Iterator[bytes]:
        """Yield the inputs that a file gives."""
        yield data
        if self.streams and data.startswith(_OLE):
            yield _packed(_streams_of(data, self.streams), self.streams)

    def change(
        self, data: bytes, most: int, seed: int, mutate: Callable[[bytes, int], bytes]
    ) -> bytes:
        """Return an input like another one, of `most` bytes at most."""
        if not self.streams or data.startswith(_OLE):
            return mutate(data, most)
        random = Random(seed)  # noqa: S311 (it is to be repeatable)
        parts = dict(_unpacked(data, self.streams))
        name = random.choice(list(parts) or self.streams)
        if random.random() < 0.05:
            name = random.choice(self.streams)
        others = sum(map(len, parts.values())) - len(parts.get(name, b""))
        room = max(16, most - others - 5 * (len(parts) + 1))
        parts[name] = mutate(parts.get(name, b"")[:room] or b"\0", room)
        ordered = {name: parts[name] for name in self.streams if name in parts}
        return _packed(ordered, self.streams)[:most]


def _unpacked(data: bytes, names: tuple[Stream, ...]) -> Iterator[tuple[Stream, bytes]]:
    at = 0
    while at + 5 <= len(data):
        index, length = struct.unpack_from("<BI", data, at)
        at += 5
        yield names[index % len(names)], data[at : at + length]
        at += length


def _packed(parts: dict[Stream, bytes], names: tuple[Stream, ...]) -> bytes:
    return b"".join(
        struct.pack("<BI", names.index(name), len(data)) + data for name, data in parts.items()
    )


def _streams_of(data: bytes, names: tuple[Stream, ...]) -> dict[Stream, bytes]:
    try:
        with olefile.OleFileIO(BytesIO(data)) as container:
            present = [name for name in names if container.exists(list(name))]
            return {name: container.openstream(list(name)).read() for name in present}
    except Exception:  # noqa: BLE001 (a damaged container has no streams to start from)
        return {}


def _mail_in(*folder: str) -> Iterator[Stream]:
    yield (*folder, "__properties_version1.0")
    for number in ("001A", "0037", "0C1A", "0C1F", "0E04", "1000", "1013", "3001", "3003"):
        yield (*folder, f"__substg1.0_{number}001F")
    for number in ("0037001E", "1000001E", "1013001E", "10130102", "10090102"):
        yield (*folder, f"__substg1.0_{number}")


_ATTACHED = "__attach_version1.0_#00000000"
_OUTLOOK = (
    *_mail_in(),
    ("__recip_version1.0_#00000000", "__properties_version1.0"),
    ("__recip_version1.0_#00000000", "__substg1.0_3001001F"),
    ("__recip_version1.0_#00000000", "__substg1.0_39FE001F"),
    (_ATTACHED, "__properties_version1.0"),
    (_ATTACHED, "__substg1.0_3707001F"),
    (_ATTACHED, "__substg1.0_3704001E"),
    (_ATTACHED, "__substg1.0_37010102"),
    (_ATTACHED, "__substg1.0_3712001F"),
    *_mail_in(_ATTACHED, "__substg1.0_3701000D"),
)
_TITLE = ("\x05SummaryInformation",)

TARGETS = {
    target.name: target
    for target in (
        Target("doc", ("doc",), (("WordDocument",), ("1Table",), ("0Table",), _TITLE)),
        Target("ppt", ("ppt",), (("PowerPoint Document",), ("Current User",), _TITLE)),
        Target("msg", ("msg",), _OUTLOOK),
        Target("rtf", ("rtf",)),
        Target("mail", ("eml", "mbox", "emlx", "mht")),
        Target("encodings", ("txt",)),
        Target("xls", ("xls",), (("Workbook",), _TITLE)),
        Target("archive", ("zip", "tar", "tgz")),
        Target("calendar", ("ics", "vcf")),
        Target("subtitles", ("srt", "vtt", "sbv")),
    )
}
