"""Downloads by the real fetcher from a hub on this machine: a verified file, or none."""

from __future__ import annotations

import hashlib
import random
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.messages.fetching import Fetched, Fetching, FetchModel
from app.messages.general import Cancel, Failed
from app.messages.wire import from_wire, to_wire
from app.pipes.supervisor import Worker
from models.catalog import RemoteFile
from models.seal import require_sealed
from tests.app.model_files.local_hub import LocalHub, local_hub

ROOT = Path(__file__).parents[3]
DATA = random.Random(7).randbytes(1_500_000)  # noqa: S311
COMMAND = [sys.executable, "-m", "app", "--worker", "fetcher"]


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    with local_hub({"a.gguf": DATA, "config.json": b"{}", "sub/b.bin": DATA[:1000]}) as served:
        yield served


@pytest.fixture(scope="module")
def fetcher() -> Iterator[Callable[..., Worker]]:
    """Return what gives a fetcher: the same one as long as it lives, or a fresh one."""
    started: list[Worker] = []

    def start(*before: str, fresh: bool = False) -> Worker:
        if before or fresh or not started or not started[-1].alive:
            started.append(Worker([*before, *COMMAND], environment={"PYTHONPATH": str(ROOT)}))
        return started[-1]

    yield start
    for worker in started:
        worker.close()


def get(
    worker: Worker, target: Path, bases: list[str], *files: RemoteFile, folder: bool = False
) -> Fetched | Failed:
    """Have files fetched; return what is said last."""
    worker.send(to_wire(FetchModel("1", files, str(target), folder, tuple(bases))))
    while True:
        data = worker.receive(60)
        assert data is not None, "the fetcher says nothing"
        message = from_wire(data)
        if isinstance(message, Fetched | Failed):
            return message


def no_trace(folder: Path) -> None:
    """Nothing that looks like a model is there."""
    assert not [path for path in folder.iterdir() if not path.name.endswith((".part", ".json"))]


def test_a_file_is_fetched_verified_and_sealed(
    hub: LocalHub, fetcher: Callable[..., Worker], tmp_path: Path
) -> None:
    target = tmp_path / "a.gguf"
    for pinned in (True, False):
        done = get(fetcher(), target, [hub.base], hub.remote("a.gguf", pinned=pinned))
        assert isinstance(done, Fetched), done
        assert done.sha256 == (hashlib.sha256(DATA).hexdigest(),)
        assert target.read_bytes() == DATA
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gguf", "a.gguf.sha256"]
        require_sealed(target)


def test_a_folder_comes_file_by_file(
    hub: LocalHub, fetcher: Callable[..., Worker], tmp_path: Path
) -> None:
    files = [hub.remote("config.json"), hub.remote("sub/b.bin")]
    done = get(fetcher(), tmp_path, [hub.base], *files, folder=True)
    assert isinstance(done, Fetched), done
    assert (tmp_path / "config.json").read_bytes() == b"{}"
    assert (tmp_path / "sub" / "b.bin").read_bytes() == DATA[:1000]


def test_no_path_leads_out_of_the_folder(
    hub: LocalHub, fetcher: Callable[..., Worker], tmp_path: Path
) -> None:
    for path in ("../b.bin", "/etc/b.bin", "a\\b.bin"):
        file = RemoteFile("anna/model", "main", path, 10)
        said = get(fetcher(), tmp_path / "in", [hub.base], file, folder=True)
        assert isinstance(said, Failed)
        assert "damaged" in said.title


def interrupted(
    hub: LocalHub, fetcher: Callable[..., Worker], folder: Path, seed: int, most: int
) -> Fetched | Failed:
    """Fetch from a hub that cuts, forgets Range, lies or refuses; some fetchers are killed."""
    order = random.Random(seed)  # noqa: S311
    patience = order.randrange(1, most)
    troubles = 0

    def behave(handler: Any, data: bytes) -> bool:
        nonlocal troubles
        troubles += 1
        if troubles > patience:
            return False
        asked = handler.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else None
        cut = order.randrange(len(data))
        match order.randrange(7):
            case 0 | 1 | 2:
                handler.answer(data, start, cut=cut)
            case 3:
                handler.answer(data, None, cut=cut)  # knows no Range
            case 4:
                handler.send_error(503)
            case 5:
                wrong = bytearray(data)
                wrong[order.randrange(len(data))] ^= 1
                hub_tags, hub.tags = hub.tags, False
                handler.answer(bytes(wrong), start, cut=cut)
                hub.tags = hub_tags
            case 6:
                handler.answer(data, max(0, (start or 0) - 1), cut=cut)  # another place
        return True

    hub.behave = behave
    target = folder / "a.gguf"
    remote = hub.remote("a.gguf", pinned=order.random() < 0.5)
    while order.random() < 0.3:
        worker = fetcher(fresh=True)
        worker.send(to_wire(FetchModel("1", (remote,), str(target), False, (hub.base,))))
        worker.receive(order.random() * 0.4 + 0.2)
        worker.kill()
    return get(fetcher(), target, [hub.base], remote)


def _interrupt_all(
    hub: LocalHub, fetcher: Callable[..., Worker], tmp_path: Path, seeds: range, most: int
) -> int:
    whole = 0
    for seed in seeds:
        folder = tmp_path / str(seed)
        folder.mkdir()
        said = interrupted(hub, fetcher, folder, seed, most)
        target = folder / "a.gguf"
        if isinstance(said, Fetched):
            assert target.read_bytes() == DATA, seed
            whole += 1
        else:
            no_trace(folder)
        shutil.rmtree(folder)
    return whole


def test_interrupted_downloads_end_in_a_verified_file_or_in_none(
    hub: LocalHub, fetcher: Callable[..., Worker], tmp_path: Path
) -> None:
    """Ten of the hundred."""
    assert _interrupt_all(hub, fetcher, tmp_path, range(10), 4) > 5


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hundred_interrupted_downloads(
    hub: LocalHub, fetcher: Callable[..., Worker], tmp_path: Path
) -> None:
    """Cut at random places, with the fetcher killed in a third of them."""
    assert _interrupt_all(hub, fetcher, tmp_path, range(100), 12) > 60


def test_a_cancelled_download_goes_on_from_where_it_was(
    hub: LocalHub, fetcher: Callable[..., Worker], tmp_path: Path
) -> None:
    stuck = True

    def behave(handler: Any, data: bytes) -> bool:
        if not stuck:
            return False
        handler.answer(data, None, cut=900_000)
        handler.wfile.flush()
        while stuck:  # holds the connection open and sends nothing
            time.sleep(0.02)
        return True

    hub.behave = behave
    target = tmp_path / "a.gguf"
    worker = fetcher()
    remote = hub.remote("a.gguf")
    worker.send(to_wire(FetchModel("1", (remote,), str(target), False, (hub.base,))))
    said = from_wire(worker.receive(30) or {})
    while not (isinstance(said, Fetching) and said.done > 0):
        said = from_wire(worker.receive(30) or {})
    assert said.host == "127.0.0.1"
    worker.send(to_wire(Cancel("1")))
    while worker.alive:
        time.sleep(0.02)
    stuck = False
    no_trace(tmp_path)
    kept = (tmp_path / "a.gguf.part").stat().st_size
    assert kept > 0
    assert isinstance(get(fetcher(), target, [hub.base], remote), Fetched)
    assert hub.asked[-1] == ("a.gguf", f"bytes={kept}-")
    assert target.read_bytes() == DATA


@pytest.mark.parametrize(
    "what", ["wrong bytes", "too long", "too short", "no hash", "nothing", "another size"]
)
def test_what_is_not_the_promised_file_is_thrown_away(
    hub: LocalHub, fetcher: Callable[..., Worker], tmp_path: Path, what: str
) -> None:
    """In a sentence that names the server."""
    wrong = bytes(len(DATA))

    def behave(handler: Any, data: bytes) -> bool:
        match what:
            case "wrong bytes":
                handler.answer(wrong, None)
            case "too long":
                handler.answer(data * 2, None)
            case "too short":
                handler.answer(data[:1000], None)
            case "nothing":
                handler.send_error(404)
            case _:
                handler.answer(data, None)
        return True

    hub.behave = behave
    hub.tags = what != "no hash"
    size = 100 if what == "another size" else None
    remote = hub.remote("a.gguf", pinned=what != "no hash", size=size)
    said = get(fetcher(), tmp_path / "a.gguf", [hub.base], remote)
    assert isinstance(said, Failed), said
    assert "127.0.0.1" in said.title
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "http://192.0.2.1/a.gguf",
        "http://localhost.example.org/a.gguf",
        "ftp://127.0.0.1/a.gguf",
        "data:text/plain,x",
        "//192.0.2.1/a.gguf",
        "https://[/",
    ],
)
def test_no_redirect_leads_to_another_scheme(
    hub: LocalHub, fetcher: Callable[..., Worker], tmp_path: Path, target: str
) -> None:
    """Plain http stays on this machine, and nothing reads a file."""

    def behave(handler: Any, _data: bytes) -> bool:
        handler.redirect(target)
        return True

    hub.behave = behave
    said = get(fetcher(), tmp_path / "a.gguf", [hub.base], hub.remote("a.gguf"))
    assert isinstance(said, Failed)
    assert "https" in said.title
    assert list(tmp_path.iterdir()) == []


def test_a_redirect_on_this_machine_is_followed_and_an_endless_one_is_not(
    hub: LocalHub, fetcher: Callable[..., Worker], tmp_path: Path
) -> None:
    endless = False

    def behave(handler: Any, _data: bytes) -> bool:
        if endless or handler.path.endswith("a.gguf"):
            handler.redirect(handler.path.replace("a.gguf", "sub/b.bin"))
            return True
        return False

    hub.behave = behave
    remote = RemoteFile(
        "anna/model", "main", "a.gguf", 1000, hub.remote("sub/b.bin", pinned=True).sha256
    )
    assert isinstance(get(fetcher(), tmp_path / "a.gguf", [hub.base], remote), Fetched)
    endless = True
    said = get(fetcher(), tmp_path / "b.gguf", [hub.base], remote)
    assert isinstance(said, Failed)
    assert "only redirects" in said.title


def test_the_next_address_has_it(
    hub: LocalHub, fetcher: Callable[..., Worker], tmp_path: Path
) -> None:
    with local_hub({}) as empty:
        bases = [empty.base, hub.base]
        said = get(fetcher(), tmp_path / "a.gguf", bases, hub.remote("a.gguf"))
    assert isinstance(said, Fetched)


@pytest.mark.parametrize(
    "base",
    ["http://example.org", "ftp://x", "file:///tmp", "https://a:b@x.org", "x", "https://x/?a"],
)
def test_a_mirror_is_https_or_of_this_machine(
    hub: LocalHub, fetcher: Callable[..., Worker], tmp_path: Path, base: str
) -> None:
    said = get(fetcher(), tmp_path / "a.gguf", [base], hub.remote("a.gguf"))
    assert isinstance(said, Failed)
    assert said.title == "A mirror's address begins with https://."


@pytest.mark.skipif(not shutil.which("prlimit"), reason="needs prlimit")
def test_a_full_disk_is_a_sentence(
    hub: LocalHub, fetcher: Callable[..., Worker], tmp_path: Path
) -> None:
    """As far as the program sees, a disk that takes no file this large; then it goes on."""
    target = tmp_path / "a.gguf"
    limited = fetcher("prlimit", "--fsize=600000", "--")
    said = get(limited, target, [hub.base], hub.remote("a.gguf"))
    assert isinstance(said, Failed)
    assert said.title == "There is not enough disk space for this model."
    no_trace(tmp_path)
    done = get(fetcher(fresh=True), target, [hub.base], hub.remote("a.gguf"))
    assert isinstance(done, Fetched)


def test_nothing_else_of_ours_can_open_a_connection() -> None:
    """One module has what a connection takes; the offline guard, sockets to refuse."""
    able = re.compile(
        r"^\s*(?:import|from) (?:socket|ssl|http|urllib\.request|ftplib|asyncio|requests)\b",
        re.MULTILINE,
    )
    users = {
        path.relative_to(ROOT).as_posix()
        for folder in ("app", "indexer", "models")
        for path in (ROOT / folder).rglob("*.py")
        if able.search(path.read_text("utf-8"))
    }
    assert {user for user in users if not user.startswith("app/offline/")} == {
        "models/transport.py"
    }
