"""Model files that are broken, hostile or something else: a sentence, whatever the worker does."""

from __future__ import annotations

import pickle
import re
import struct
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from app.cli import run
from app.llm.process import LlmProcess
from app.messages.llm import Generate
from app.paths import Profile, starter_models
from models.errors import ModelDamaged, ModelError
from models.source import refuse_pickle, require_sha256

COUNT = struct.Struct("<Q")
TENSORS_AT, ENTRIES_AT, FIRST_LENGTH_AT = 8, 16, 24
HUGE = (1 << 64) - 1, 1 << 63, 1 << 40, 1 << 24, 0


@pytest.fixture(scope="module")
def whole() -> bytes:
    """Return the starter model."""
    path = starter_models() / "smollm2-135m-instruct.gguf"
    if not path.exists():
        pytest.skip("the starter model is not prepared")
    return path.read_bytes()


def hostile(whole: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield files that begin like a model, each with what is wrong with it."""
    for at in (4, 8, 16, 24, 100, 1_000, 10_000, 100_000, 1_000_000, 1_700_000, 50_000_000):
        yield f"cut at {at}", whole[:at]
    yield "cut at its last byte", whole[:-1]
    for magic in (b"FUGG", b"ggml", b"ggjt", b"GGUF"[::-1], b"\0\0\0\0", b"PK\x03\x04"):
        yield f"magic {magic!r}", magic + whole[4:4096]
    for version in (0, 1, 4, 0xFFFFFFFF):
        yield f"version {version}", whole[:4] + struct.pack("<I", version) + whole[8:]
    for place in (TENSORS_AT, ENTRIES_AT, FIRST_LENGTH_AT):
        for number in HUGE:
            yield f"{number} at {place}", whole[:place] + COUNT.pack(number) + whole[place + 8 :]
    for name in (b"llama.block_count", b"llama.embedding_length", b"llama.attention.head_count"):
        at = whole.index(name) + len(name) + 4
        for value in (0, 0x7FFFFFFF, 0xFFFFFFFF):
            yield f"{name!r} {value}", whole[:at] + struct.pack("<I", value) + whole[at + 4 :]
    for name in (b"token_embd.weight", b"blk.0.attn_q.weight"):
        at = whole.index(name) + len(name) + 4
        for value in (0, (1 << 63) - 1, 7):
            yield f"{name!r} {value} wide", whole[:at] + COUNT.pack(value) + whole[at + 8 :]
    for name in (b"general.architecture", b"tokenizer.ggml.model", b"tokenizer.ggml.tokens"):
        at = whole.index(name)
        yield f"no {name!r}", whole[:at] + b"X" * len(name) + whole[at + len(name) :]


def refused(profile: Profile, path: Path) -> bool:
    """Ask a model; tell whether that ended in a sentence instead of an answer."""
    with closing(LlmProcess(profile, path, 256)) as llm:
        try:
            for _ in llm.generate(Generate("1", "Say hello.", max_tokens=2)):
                pass
        except ModelError as error:
            return error.title.endswith(".") and "Traceback" not in str(error)
    return False


def _ask_all(profile: Profile, whole: bytes, every: int) -> None:
    path = profile.root / "model.gguf"
    answered = []
    for what, data in islice(hostile(whole), 0, None, every):
        path.write_bytes(data)
        if not refused(profile, path):
            answered.append(what)
    # A file that is only a little wrong may still write.
    assert not [what for what in answered if what.startswith(("cut", "magic", "version"))]


def test_a_hostile_file_is_a_sentence(whole: bytes, tmp_path: Path) -> None:
    """The worker may die of it; whoever asked it does not."""
    profile = Profile(tmp_path)
    profile.create()
    _ask_all(profile, whole, 13)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_each_hostile_file_is_a_sentence(whole: bytes, tmp_path: Path) -> None:
    """All of them."""
    profile = Profile(tmp_path)
    profile.create()
    _ask_all(profile, whole, 1)


@pytest.mark.parametrize(
    "name", ["a.bin", "a.pt", "a.pth", "a.ckpt", "a.pkl", "a.PT", "a.gguf", "a"]
)
def test_a_pickle_is_refused_and_not_run(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its name, or by its content under another."""

    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (Path(tmp_path / "run"),))  # type: ignore[return-value]

    path = tmp_path / name
    path.write_bytes(pickle.dumps(Bomb(), protocol=4))
    assert run(["--profile", str(tmp_path / "profile"), "models", "import", str(path)]) == 1
    assert "can hide programs" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_model_by_its_content_is_none_whatever_its_name(tmp_path: Path) -> None:
    """A GGUF that was called .bin is a GGUF."""
    path = tmp_path / "a.bin"
    path.write_bytes(b"GGUF" + bytes(100))
    refuse_pickle(path)


def test_another_file_under_a_known_name_is_not_parsed(tmp_path: Path) -> None:
    """The starters are those that the catalogue names."""
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    with pytest.raises(ModelDamaged):
        require_sha256(path, "0" * 64)
    with pytest.raises(ModelDamaged):
        require_sha256(tmp_path / "gone", "0" * 64)


def test_nothing_of_ours_trusts_code_or_unpickles() -> None:
    """What would is not even written anywhere."""
    root = Path(__file__).parents[3]
    for folder in ("app", "indexer", "models"):
        for path in (root / folder).rglob("*.py"):
            text = path.read_text("utf-8")
            assert "trust_remote_code=True" not in text
            # NumPy unpickles nothing unless it is told to.
            plain = text.count("np.load(")
            assert plain == len(re.findall(r"np\.load\(.*allow_pickle=False\)", text)), path.name
            for word in ("import pickle", "torch.load(", "joblib", "allow_pickle=True"):
                assert word not in text.replace(".joblib", ""), path.name
