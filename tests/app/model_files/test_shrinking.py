"""Writing a language model in fewer bits: the real quantizer in the real preparer."""

from __future__ import annotations

import struct
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.messages.general import Cancel, Failed
from app.messages.preparing import ImportModel, Prepared, Preparing, QuantizeModel
from app.messages.wire import Message, from_wire, to_wire
from app.pipes.supervisor import Worker
from benchmarks.float_model import write
from models.gguf import read_gguf
from models.quantize_gguf import KINDS, bytes_as
from models.seal import require_sealed

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def floats(tmp_path_factory: pytest.TempPathFactory, starter: Path) -> Path:
    """Return the starter's first layer in 16 bits."""
    path = tmp_path_factory.mktemp("floats") / "float.gguf"
    write(starter, path, layers=1)
    return path


@pytest.fixture(scope="module")
def starter() -> Path:
    """Return the starter model."""
    from app.paths import starter_models

    path = starter_models() / "smollm2-135m-instruct.gguf"
    if not path.exists():
        pytest.skip("the starter model is not prepared")
    return path


@pytest.fixture(scope="module")
def shared() -> Iterator[Worker]:
    process = preparer()
    yield process
    process.close()


def preparer() -> Worker:
    """Start a preparer."""
    command = [sys.executable, "-m", "app", "--worker", "preparer"]
    return Worker(command, environment={"PYTHONPATH": str(ROOT)})


def said(worker: Worker, message: Message) -> list[Message]:
    """Return all that is said to a message."""
    worker.send(to_wire(message))
    answers: list[Message] = []
    while not answers or not isinstance(answers[-1], Prepared | Failed):
        data = worker.receive(300)
        assert data is not None, "the worker says nothing"
        answers.append(from_wire(data))
    return answers


def test_a_float_model_is_written_in_8_bits_and_compared(
    shared: Worker, floats: Path, tmp_path: Path
) -> None:
    """What it lost is small; the file is whole, sealed, and of the size that was expected."""
    target = tmp_path / "small.gguf"
    answers = said(shared, QuantizeModel("1", str(floats), str(target), "Q8_0"))
    done = answers[-1]
    assert isinstance(done, Prepared), done
    assert done.divergence is not None
    assert 0 < done.divergence <= 0.003
    assert done.same_best is not None
    assert done.same_best > 0.9
    shares = [step.done for step in answers if isinstance(step, Preparing)]
    assert shares == sorted(shares)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.gguf", "small.gguf.sha256"]
    require_sealed(target)
    assert done.bytes == target.stat().st_size
    expected = bytes_as(read_gguf(floats).weights, "Q8_0")
    assert abs(expected - done.bytes) < 0.1 * done.bytes


def test_a_cancel_leaves_nothing(floats: Path, tmp_path: Path) -> None:
    """The process ends with the quantizer that cannot be stopped, at once."""
    target = tmp_path / "small.gguf"
    worker = preparer()
    worker.send(to_wire(QuantizeModel("1", str(floats), str(target), "Q4_K_M")))
    assert isinstance(from_wire(worker.receive(60) or {}), Preparing)
    began = time.monotonic()
    worker.send(to_wire(Cancel("1")))
    while worker.alive:
        time.sleep(0.02)
    assert time.monotonic() - began < 6
    assert list(tmp_path.iterdir()) == []
    worker.close()


@pytest.mark.parametrize("kind", ["Q8_0", "Q5_K_M"])
def test_what_has_no_more_bits_is_left_as_it_is(
    shared: Worker, starter: Path, tmp_path: Path, kind: str
) -> None:
    done = said(shared, QuantizeModel("1", str(starter), str(tmp_path / "a.gguf"), kind))[-1]
    assert isinstance(done, Failed)
    assert done.title == f"This model has no more bits than {kind}."
    assert list(tmp_path.iterdir()) == []


def test_an_imported_model_is_copied_checked_and_sealed(
    shared: Worker, starter: Path, tmp_path: Path
) -> None:
    target = tmp_path / "own.gguf"
    done = said(shared, ImportModel("1", str(starter), str(target)))[-1]
    assert isinstance(done, Prepared), done
    assert done.template == "known"
    assert target.read_bytes() == starter.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.gguf", "own.gguf.sha256"]
    require_sealed(target)


def without_template(data: bytes) -> bytes:
    return data.replace(b"tokenizer.chat_template", b"tokenizer.chat_tomplate")


def with_hostile_template(data: bytes) -> bytes:
    at = data.index(b"tokenizer.chat_template") + len(b"tokenizer.chat_template") + 4
    length = int.from_bytes(data[at : at + 8], "little")
    template = b"{{ x.__class__.__base__.__subclasses__() }}".ljust(length)
    return data[: at + 8] + template[:length] + data[at + 8 + length :]


@pytest.mark.parametrize(
    ("change", "found"), [(without_template, "none"), (with_hostile_template, "unknown")]
)
def test_a_template_is_never_run(
    shared: Worker,
    starter: Path,
    tmp_path: Path,
    change: Callable[[bytes], bytes],
    found: str,
) -> None:
    """Whether there is one, and one that is known, is told at the import."""
    source, target = tmp_path / "a.gguf", tmp_path / "own.gguf"
    source.write_bytes(change(starter.read_bytes()))
    done = said(shared, ImportModel("1", str(source), str(target)))[-1]
    assert isinstance(done, Prepared), done
    assert done.template == found


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (struct.pack("<Q5s", 5, b"llama"), struct.pack("<Q5s", 5, b"lnova"), "'lnova'"),
        (struct.pack("<Q5s", 5, b"llama"), struct.pack("<Q5s", 5, b"nbert"), "no language model"),
        (b"GGUF\x03", b"GGUF\x04", "newer Pocket-LLM"),
        (b"GGUF\x03", b"tjgg\x03", "no GGUF model"),
    ],
)
def test_a_wrong_file_is_told_at_the_import(
    shared: Worker, starter: Path, tmp_path: Path, old: bytes, new: bytes, sentence: str
) -> None:
    """Of an unknown architecture, an encoder, of another version, of the time before GGUF."""
    source, target = tmp_path / "a.gguf", tmp_path / "own.gguf"
    source.write_bytes(starter.read_bytes().replace(old, new, 1))
    done = said(shared, ImportModel("1", str(source), str(target)))[-1]
    assert isinstance(done, Failed), done
    assert sentence in done.title
    assert [path.name for path in tmp_path.iterdir()] == ["a.gguf"]


@pytest.mark.slow
def test_the_whole_starter_in_each_type(shared: Worker, starter: Path, tmp_path: Path) -> None:
    """The fewer bits, the smaller the file, and the more is lost."""
    source = tmp_path / "float.gguf"
    write(starter, source)
    lost: dict[str, float] = {}
    for kind in KINDS:
        target = tmp_path / f"{kind}.gguf"
        done = said(shared, QuantizeModel("1", str(source), str(target), kind))[-1]
        assert isinstance(done, Prepared), done
        assert done.divergence is not None
        lost[kind] = done.divergence
    assert lost["Q8_0"] < lost["Q6_K"] < min(lost["Q5_K_M"], lost["Q4_K_M"])
    assert lost["Q8_0"] <= 0.003
