"""Fetches the files of a model: resumed where they broke off, and verified before they count.

A file ends in its place, whole and with the hash that the catalogue or the hub named, or it is not
there at all. The standard library is enough: the hub's own client does not check what arrives.
"""

from __future__ import annotations

import json
import re
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from email.message import Message
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from models.catalog import RemoteFile
from models.errors import ModelDamaged
from models.partial import Expected, Partial
from models.transport import Refused, Response, Unreachable, address_of, cut_off, get, require_base

_BLOCK = 1 << 18
_PROGRESS_EVERY = 0.2  # seconds
_SPEED_OVER = 5.0  # seconds that the speed is an average of
# A connection that brought something is made again at once; one that brought nothing after these
# pauses, in seconds.
_PAUSES = (0.2, 1.0, 3.0)
_LONGEST_LIST = 1 << 22  # bytes of a hub's list of files
# A hub whose file is larger than this many times what the catalogue expects has another one.
_MOST_LARGER = 1.5
_SPARE = 1 << 20
_NO_SUCH_RANGE = 416
_NOT_FOUND = frozenset((401, 403, 404, 410, 451))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download is."""

    host: str  # that sends it; "" while what is there is read anew
    done: int  # bytes
    total: int
    bytes_per_s: float
    seconds_left: float | None  # None while it cannot be said


def fetch_file(
    file: RemoteFile, target: Path, bases: Sequence[str]
) -> Generator[Progress, None, str]:
    """Fetch one file to `target` and return its SHA-256; closing the iterator keeps the beginning.

    `bases` are asked in turn until one has it. Raises ModelError.
    """
    (sha256,) = yield from _fetch([(file, target)], bases)
    return sha256


def fetch_folder(
    files: Sequence[RemoteFile], folder: Path, bases: Sequence[str]
) -> Generator[Progress, None, list[str]]:
    """Fetch files into a folder, by their paths in the repository; return their SHA-256.

    Files that are there whole are not fetched again. Raises ModelError.
    """
    pairs = []
    for file in files:
        path = PurePosixPath(file.path)
        if path.is_absolute() or ".." in path.parts or "\\" in file.path:
            raise ModelDamaged("The list of this model's files is damaged.", "Update Pocket-LLM.")
        target = folder.joinpath(*path.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        pairs.append((file, target))
    return (yield from _fetch(pairs, bases))


def _fetch(
    pairs: Sequence[tuple[RemoteFile, Path]], bases: Sequence[str]
) -> Generator[Progress, None, list[str]]:
    bases = [require_base(base) for base in bases]
    meter = _Meter(sum(file.bytes for file, _ in pairs))
    hashes = []
    commit = ""
    for file, target in pairs:
        # The files of a branch are taken from the commit that it showed first.
        pinned = replace(file, revision=commit) if commit else file
        download = _Download(pinned, Partial(target), meter)
        try:
            hashes.append((yield from download.run(bases)))
        finally:
            with suppress(OSError):
                download.part.close()
        commit = commit or download.commit
        meter.next_file(file.bytes, download.size)
    return hashes


class _Download:
    """The way of one file."""

    def __init__(self, file: RemoteFile, part: Partial, meter: _Meter) -> None:
        self.part = part
        self.commit = ""  # what the hub says that the revision is
        self.size = 0
        self._file = file
        self._meter = meter
        self._began_anew = False

    def run(self, bases: Sequence[str]) -> Generator[Progress, None, str]:
        problem: Unreachable | Refused | None = None
        for size in self.part.take_up():
            yield self._meter.again(size)
        self._began_anew = not self.part.size
        for base in bases:
            try:
                return (yield from self._from(base))
            except (Unreachable, Refused) as error:
                problem = problem or error
        assert problem is not None
        raise problem

    def _from(self, base: str) -> Generator[Progress, None, str]:
        fruitless = 0
        while True:
            before = self.part.size
            try:
                host = yield from self._attempt(base)
            except Unreachable:
                if self.part.size > before:
                    fruitless = 0
                elif fruitless == len(_PAUSES):
                    raise
                else:
                    yield from self._wait(_PAUSES[fruitless])
                    fruitless += 1
                continue
            self.size = self.part.size
            if sha256 := self.part.finish():
                return sha256
            # Pieces of two versions, or of a disk that lost some; from the beginning, once.
            if self._began_anew:
                raise Refused(
                    f"What {host} sent is not the model that was promised.",
                    "It was thrown away. Use another mirror, or try again later.",
                )
            self._began_anew = True

    def _attempt(self, base: str) -> Generator[Progress, None, str]:
        """Ask for what is missing, and return which host sent it."""
        file, part = self._file, self.part
        if part.is_whole():
            return "the server"
        wanted = part.size
        headers = {"Range": f"bytes={wanted}-"} if wanted else {}
        address = address_of(base, file.repository, file.revision, file.path)
        with get(address, headers) as response:
            if response.status == _NO_SUCH_RANGE:
                part.discard()  # it belongs to a longer file than there is now
            _require_answer(response)
            expected = _expected(response, base, file)
            self.commit = response.first.get("X-Repo-Commit", "")
            part.expect(expected)
            begins = _begins_at(response)
            if part.size != wanted or begins not in (0, wanted):
                # The beginning was of another file, or the server answers something else.
                self._began_anew |= part.size != wanted
                raise cut_off(response.host)
            yield from self._take(response, part.size - begins)
        return response.host

    def _take(self, response: Response, known: int) -> Iterator[Progress]:
        """Append the body; a server that knows no Range sends `known` bytes again."""
        part, expected = self.part, self.part.expected
        assert expected is not None
        while not part.is_whole():
            data = response.read(_BLOCK)
            if not data:
                raise cut_off(response.host)
            fresh = data[known:] if known else data
            known = max(0, known - len(data))
            part.append(fresh[: expected.bytes - part.size])
            if progress := self._meter.take(response.host, part.size, expected.bytes, len(data)):
                yield progress

    def _wait(self, seconds: float) -> Iterator[Progress]:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            yield self._meter.again(self.part.size)
            time.sleep(min(left, 0.1))


class _Meter:
    """Counts bytes over several files, and how fast they come."""

    def __init__(self, total: int) -> None:
        self._total = total  # of files that are still to come as the catalogue knows them
        self._before = 0  # of files that are there
        self._moments: deque[tuple[float, int]] = deque()
        self._come = 0
        self._said = 0.0

    def next_file(self, announced: int, size: int) -> None:
        self._total += size - announced
        self._before += size

    def again(self, size: int) -> Progress:
        done = self._before + size
        return Progress("", done, max(self._total, done), 0.0, None)

    def take(self, host: str, size: int, expected: int, come: int) -> Progress | None:
        """Count bytes that came; return what is to be said of it, now and then."""
        now = time.monotonic()
        self._come += come
        self._moments.append((now, self._come))
        while now - self._moments[0][0] > _SPEED_OVER:
            self._moments.popleft()
        if now - self._said < _PROGRESS_EVERY and size < expected:
            return None
        self._said = now
        began, counted = self._moments[0]
        speed = (self._come - counted) / (now - began) if now > began else 0.0
        done, total = self._before + size, max(self._total, self._before + expected)
        return Progress(host, done, total, speed, (total - done) / speed if speed else None)


def _require_answer(response: Response) -> None:
    host = response.host
    if response.status in _NOT_FOUND:
        raise Refused(
            f"{host} does not have this model's files.",
            "Use another mirror, or update Pocket-LLM.",
        )
    if response.status not in (200, 206):
        raise Unreachable(f"{host} cannot send the model at the moment.", "Try again later.")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise _odd(response)


def _begins_at(response: Response) -> int:
    """Return which byte of the file the body begins with; -1 if it cannot be told."""
    if response.status == 200:
        return 0
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(found[1]) if found else -1


def _expected(response: Response, base: str, file: RemoteFile) -> Expected:
    """Return what the file must be, by the catalogue or else by the asked server.

    A server that it redirected to is not believed.
    """
    size = _size(response)
    linked = response.first.get("X-Linked-Size", "")
    if size is None or (linked.isdecimal() and int(linked) != size):
        raise _odd(response)
    if file.sha256:
        if size != file.bytes:
            raise _odd(response)
        return Expected(size, file.sha256)
    if size > file.bytes * _MOST_LARGER + _SPARE:
        raise _odd(response)
    return _by_tag(response.first, size) or _by_list(base, file, size)


def _size(response: Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    if response.status == 206:
        text = response.headers.get("Content-Range", "").rpartition("/")[2]
    return int(text) if text.isdecimal() else None


def _by_tag(headers: Message, size: int) -> Expected | None:
    for name in ("X-Linked-Etag", "ETag"):
        tag = headers.get(name, "").removeprefix("W/").strip('"')
        if re.fullmatch("[0-9a-f]{64}", tag):
            return Expected(size, sha256=tag)
        if re.fullmatch("[0-9a-f]{40}", tag):
            return Expected(size, git_sha1=tag)
    return None


def _by_list(base: str, file: RemoteFile, size: int) -> Expected:
    """Ask the hub's list of a repository's files."""
    folder = PurePosixPath(file.path).parent.as_posix()
    address = f"{base}/api/models/{quote(file.repository)}/tree/{quote(file.revision, safe='')}"
    address += f"/{quote(folder)}" if folder != "." else ""
    with get(address, {}) as response:
        _require_answer(response)
        text = b""
        while len(text) < _LONGEST_LIST and (data := response.read(_BLOCK)):
            text += data
    with suppress(ValueError, KeyError, TypeError):
        for item in json.loads(text):
            if item["path"] == file.path:
                large = item.get("lfs")
                oid = str(large["oid"]) if large else str(item["oid"])
                tagged = Message()
                tagged["ETag"] = oid
                if (expected := _by_tag(tagged, size)) is not None:
                    return expected
    raise Refused(
        f"{response.host} does not say what this model's files have to be.",
        "Use another mirror.",
    )


def _odd(response: Response) -> Refused:
    return Refused(
        f"What {response.host} sends is not the size that it has to be.",
        "Use another mirror, or update Pocket-LLM.",
    )
