from __future__ import annotations

import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.drafting import Draft, Pace
from models.errors import ModelDamaged, ModelError, ModelMissing, PromptTooLong
from models.gguf import read_gguf, require_writer
from models.llm import Llm
from models.loops import repeats_lines
from models.prompt import Part
from models.quiet_llama import is_repacked

pytestmark = pytest.mark.timeout(600)  # the first run prepares the starter models

Q4_K = 12  # as ggml numbers it


@pytest.fixture(scope="module")
def llm(llm_path: Path) -> Iterator[Llm]:
    """Return the starter model."""
    model = Llm.load(llm_path, 1024)
    yield model
    model.close()


def prompt(llm: Llm, question: str) -> list[int]:
    """Return a ChatML prompt's tokens."""
    return llm.prompt_tokens(
        [
            Part("<|im_start|>user\n", special=True),
            Part(question),
            Part("<|im_end|>\n<|im_start|>assistant\n", special=True),
        ]
    )


def test_it_answers(llm: Llm) -> None:
    """Reading ends at the prompt's length, and writing gives text."""
    tokens = prompt(llm, "What is the capital of France?")
    assert list(llm.read(tokens))[-1] == len(tokens)
    assert "Paris" in "".join(llm.write(40))
    assert llm.tokens[: len(tokens)] == tokens


def test_what_was_read_is_not_read_again(llm: Llm) -> None:
    """A prompt that begins alike starts where it differs, and gives what a fresh one gives."""
    long = "The tower is 330 metres tall. " * 8
    first, second = prompt(llm, long + "How tall is it?"), prompt(llm, long + "Is it tall?")
    list(llm.read(first))
    reused = next(iter(llm.read(second)))
    assert reused > 50
    list(llm.read(second))
    warm = "".join(llm.write(16))
    list(llm.read(prompt(llm, "Something else.")))
    list(llm.read(second))
    assert "".join(llm.write(16)) == warm


def test_a_closed_iterator_leaves_the_context_consistent(llm: Llm) -> None:
    """Stopping is not asking for the next, while reading and while writing."""
    tokens = prompt(llm, "Count from one to fifty. " * 8)
    list(llm.read(prompt(llm, "What is the capital of France?")))
    expected = "".join(llm.write(12))
    reading = llm.read(tokens)
    next(reading)
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert llm.tokens == tokens[: len(llm.tokens)]
    list(llm.read(tokens))
    writing = llm.write(50)
    next(writing)
    writing.close()  # type: ignore[attr-defined]
    list(llm.read(prompt(llm, "What is the capital of France?")))
    assert "".join(llm.write(12)) == expected


def test_an_interrupt_takes_effect_at_once(llm: Llm) -> None:
    """Also inside a slice; afterwards the model goes on as if nothing had happened."""
    tokens = prompt(llm, "word " * 900)
    called: list[float] = []

    def interrupt() -> None:
        called.append(time.monotonic())
        llm.interrupt()

    threading.Timer(0.3, interrupt).start()
    for _ in llm.read(tokens):
        pass
    ended = time.monotonic()
    if called:  # a fast machine may have read it all
        assert ended - called[0] < 1.0
    while not called:
        time.sleep(0.01)
    assert llm.interrupted
    llm.resume()
    assert llm.tokens == tokens[: len(llm.tokens)]
    list(llm.read(prompt(llm, "What is the capital of France?")))
    assert "Paris" in "".join(llm.write(30))


def test_a_document_cannot_forge_a_chat_mark(llm: Llm) -> None:
    """Marks count in our own parts only."""
    assert len(llm.tokenize("<|im_end|>", special=True)) == 1
    assert len(llm.tokenize("<|im_end|>")) > 1
    assert llm.is_plain(llm.tokenize("<|im_end|>"))
    assert not llm.is_plain(llm.tokenize("<|im_end|>", special=True))


class Always(Pace):
    """Drafts wherever there is something to draft from."""

    def length(self, draft: Draft, most: int) -> int:
        return min(len(draft.tokens), most)


def in_batches(llm: Llm, tokens: list[int], count: int) -> list[int]:
    """Return what is likeliest behind a prompt, each token computed in a batch of four."""
    list(llm.read(tokens))
    written = [llm.held.likeliest(-1)]
    while len(written) < count:
        assert llm.held.decode([written[-1], 1, 2, 3], every=True)
        written.append(llm.held.likeliest(0))
        llm.held.keep(len(llm.tokens) - 3)
    return written


def test_drafting_changes_no_token(llm: Llm, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written is what writing in batches gives, and the context holds just that."""
    monkeypatch.setattr(llm, "pace", Always())
    text = "The LP-320 printer has a warranty of 24 months; the toner is not covered by it. "
    tokens = prompt(llm, f'{text * 2}Repeat: "{text}"')
    expected = in_batches(llm, tokens, 20)
    list(llm.read(tokens))
    written = "".join(llm.write(20))
    assert 0 < llm.accepted <= llm.drafted
    assert llm.written == expected[: len(llm.written)]
    assert llm.tokens[: len(tokens) + 8] == tokens + llm.written[:8]
    list(llm.read(prompt(llm, "Something else.")))
    list(llm.read(tokens))
    assert "".join(llm.write(20)) == written


def test_the_limit_holds_in_the_middle_of_a_draft(
    llm: Llm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many tokens as were asked for, and a closed iterator leaves no other behind."""
    monkeypatch.setattr(llm, "pace", Always())
    tokens = prompt(llm, "Repeat for ever: one two three four. one two three four. one two three")
    for most in (1, 3, 6):
        list(llm.read(tokens))
        "".join(llm.write(most))
        assert len(llm.written) <= most
        assert llm.tokens[: len(tokens)] == tokens
    list(llm.read(tokens))
    writing = llm.write(30)
    next(writing)
    writing.close()  # type: ignore[attr-defined]
    assert llm.tokens[: len(tokens)] == tokens
    list(llm.read(tokens))
    assert llm.tokens == tokens


def test_a_loop_ends(llm: Llm) -> None:
    """A small model that repeats itself is stopped before its limit."""
    list(llm.read(prompt(llm, "Say no for ever: no no no no no no no no no no no no")))
    "".join(llm.write(300))
    assert len(llm.written) < 300
    assert llm.stopped == "end"


def test_lines_that_repeat_are_a_loop_whatever_their_numbers() -> None:
    """A list that says one thing over and over says nothing more; a list of things does."""
    assert repeats_lines("Years:\n1. 2025\n2. 2025\n3. 2025\n")
    assert not repeats_lines("1. 2025\n2. 2025\n3. 2026\n")
    assert not repeats_lines("- a\n\n- a\n")


def test_pieces_are_valid_text(llm: Llm) -> None:
    """A sign of several tokens is not torn into pieces."""
    list(llm.read(prompt(llm, "Repeat exactly: 汉字 😀 汉字 😀")))
    for piece in llm.write(40):
        piece.encode("utf-8")


def test_more_than_the_context_is_refused(llm: Llm) -> None:
    """Before anything is read."""
    with pytest.raises(PromptTooLong):
        next(iter(llm.read([1] * 2000)))
    with pytest.raises(PromptTooLong):
        next(iter(llm.read([])))


def test_the_template_is_rendered(llm: Llm) -> None:
    """By llama.cpp's own templates, not by running the file's."""
    rendered = llm.render([("system", "A"), ("user", "B")])
    assert rendered is not None
    assert rendered.endswith("<|im_start|>assistant\n")


def string(text: str) -> bytes:
    """Return a GGUF string."""
    return struct.pack("<Q", len(text)) + text.encode()


def gguf(tensors: int = 1, **metadata: str | int) -> bytes:
    """Return a GGUF's header with these entries."""
    body = b""
    for key, value in metadata.items():
        body += string(key.replace("__", "."))
        if isinstance(value, str):
            body += struct.pack("<I", 8) + string(value)
        else:
            body += struct.pack("<II", 4, value)
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, len(metadata)) + body


def test_bad_files_are_refused_in_a_sentence(llm_path: Path, tmp_path: Path) -> None:
    """No model, an incomplete one, one that cannot write, one that nobody knows."""
    whole = llm_path.read_bytes()
    cases: list[tuple[bytes, type[ModelError], str]] = [
        (b"", ModelDamaged, "no GGUF"),
        (b"PK\x03\x04" + bytes(100), ModelDamaged, "no GGUF"),
        (whole[:1000], ModelDamaged, "damaged"),
        (whole[: len(whole) // 2], ModelDamaged, "damaged"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1 << 60) + bytes(64), ModelDamaged, "damaged"),
        (gguf(general__architecture="bert"), ModelError, "cannot|no language model"),
        (gguf(general__architecture="qwen3", qwen3__pooling_type=3), ModelError, "no language"),
        (gguf(general__architecture="llama", general__type="adapter"), ModelError, "no language"),
        (gguf(general__architecture="martian"), ModelError, "martian|damaged"),
        (gguf(0, general__architecture="llama"), ModelDamaged, "damaged"),
    ]
    for i, (data, error, words) in enumerate(cases):
        path = tmp_path / f"{i}.gguf"
        path.write_bytes(data)
        with pytest.raises(error, match=words):
            Llm.load(path)
    with pytest.raises(ModelMissing):
        Llm.load(tmp_path / "none.gguf")


def test_a_file_that_is_cut_off_is_known_before_it_is_copied(
    llm_path: Path, tmp_path: Path
) -> None:
    """A broken download ends within the last tensor; what stands behind it does no harm."""
    whole = llm_path.read_bytes()
    path = tmp_path / "model.gguf"
    path.write_bytes(whole[:-1])
    with pytest.raises(ModelDamaged):
        require_writer(read_gguf(path))
    path.write_bytes(whole + b"tail")
    require_writer(read_gguf(path))


def test_a_model_larger_than_the_memory_is_refused(llm_path: Path) -> None:
    """Before it is mapped, since it would make the machine unusable."""
    with pytest.raises(ModelError, match="memory"):
        Llm.load(llm_path, memory=100_000_000)


def test_the_metadata_is_read(llm_path: Path) -> None:
    """Name, architecture, and what keys and values of the context will take."""
    file = read_gguf(llm_path)
    require_writer(file)
    assert file.architecture == "llama"
    assert file.number("context_length") == 8192
    assert file.context_bytes(4096) == 2 * 4096 * 30 * 3 * (64 + 64)


def test_what_llama_cpp_puts_in_another_order_is_read_and_not_mapped(llm_path: Path) -> None:
    """Or a 7B in 4 bits would be in memory twice; what is used as it is in the file is mapped."""
    gguf = read_gguf(llm_path)
    weights = [name for name, shape in gguf.shapes.items() if len(shape) > 1]
    assert not is_repacked(gguf)
    assert is_repacked(replace(gguf, kinds=dict.fromkeys(weights, Q4_K)))
    assert not is_repacked(replace(gguf, kinds=dict.fromkeys(weights[:3], Q4_K)))
