from __future__ import annotations

import json
import random
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from models.embedder import FEW_PASSAGES, OpenVinoEmbedder
from models.errors import ModelDamaged, ModelMissing

pytestmark = pytest.mark.timeout(600)  # the first run prepares the starter encoder

WHEAT = "The wheat harvest of 1930 was the largest in the history of the province."
BREAD = "Never before had so much grain been brought in."
SHIPS = "The engine of a container ship has twelve cylinders."


@pytest.fixture(scope="module")
def embedder(encoder_folder: Path) -> OpenVinoEmbedder:
    """Return the starter encoder."""
    return OpenVinoEmbedder(encoder_folder)


def test_meaning_is_near(embedder: OpenVinoEmbedder) -> None:
    """Vectors are unit rows, and a paraphrase is nearer than another subject."""
    vectors = embedder.embed_passages([WHEAT, BREAD, SHIPS])
    assert vectors.shape == (3, embedder.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_a_text_has_one_vector_whatever_stands_beside_it(embedder: OpenVinoEmbedder) -> None:
    """Order, batching and padding change next to nothing; a question is embedded alike."""
    texts = [WHEAT, BREAD * 40, SHIPS, "", "x"] * 4
    together = embedder.embed_passages(texts)
    alone = np.stack([embedder.embed_query(text) for text in texts[:5]])
    assert np.all(np.sum(together[:5] * alone, axis=1) > 0.99)
    assert np.allclose(together[0], together[5], atol=1e-3)


def test_questions_of_many_lengths_have_few_shapes(
    embedder: OpenVinoEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenVINO keeps compiled kernels of every shape that it meets."""
    shapes = set()
    infer = embedder._queries.infer

    class Watched:
        def infer(self, inputs: dict[str, np.ndarray]) -> None:
            shapes.add(inputs["input_ids"].shape)
            infer(inputs)

        get_output_tensor = staticmethod(embedder._queries.get_output_tensor)

    monkeypatch.setattr(embedder, "_queries", Watched())
    for words in range(1, 60, 3):
        embedder.embed_query("wheat " * words)
    embedder.embed_query("wheat " * 9999)
    assert len(shapes) == 3
    assert max(shapes) == (1, embedder.max_tokens)


def test_many_passages_are_as_few(embedder: OpenVinoEmbedder) -> None:
    """The graph of the first passages and that of all others give the same vectors."""
    texts = [*(f"{WHEAT} {BREAD * i}" for i in range(7)), *[BREAD] * FEW_PASSAGES]
    many = embedder.embed_passages(texts)
    few = np.stack([embedder.embed_query(text) for text in texts[:7]])
    assert np.all(np.sum(many[:7] * few, axis=1) > 0.99)


def test_tokens_are_matched_beside_the_whole(embedder: OpenVinoEmbedder) -> None:
    """The words of a question find themselves in their sentence, whatever stands around it."""
    texts = [WHEAT, BREAD, SHIPS, f"{BREAD} {SHIPS} {WHEAT}", "", "x"]
    cosines, closeness = embedder.match("How large was the wheat harvest of 1930?", texts)
    expected = embedder.embed_passages(texts) @ embedder.embed_query(
        "How large was the wheat harvest of 1930?"
    )
    assert np.allclose(cosines, expected, atol=1e-3)
    assert closeness[0] > max(closeness[1:3]) + 0.2
    # The vector of the whole says less the more else stands there; the tokens lose little.
    assert closeness[0] - closeness[3] < cosines[0] - cosines[3]
    assert np.all((closeness >= -1) & (closeness <= 1))
    assert embedder.match(WHEAT, [])[1].shape == (0,)


def test_no_text_no_rows(embedder: OpenVinoEmbedder) -> None:
    """An empty batch is no error."""
    assert embedder.embed_passages([]).shape == (0, embedder.dimensions)
    assert embedder.token_offsets("").shape == (0, 2)


def test_offsets_point_into_the_text(embedder: OpenVinoEmbedder) -> None:
    """They rise, lie inside the text, and count characters, not bytes."""
    text = "Größe: naïve 汉字 and more words. " * 5000
    offsets = embedder.token_offsets(text)
    assert np.all(offsets[:, 0] < offsets[:, 1])
    assert np.all(np.diff(offsets[:, 0]) >= 0)
    assert offsets[-1, 1] <= len(text)
    first = [text[start:end] for start, end in offsets[:8]]
    assert "".join(first).startswith("Größe:naïve")
    assert len(offsets) == 5000 * len(embedder.token_offsets("Größe: naïve 汉字 and more words."))


def test_offsets_are_found_in_linear_time(embedder: OpenVinoEmbedder) -> None:
    """Neither a long text nor an endless word is quadratic."""
    seconds = []
    for length in (50_000, 400_000):
        began = time.perf_counter()
        embedder.token_offsets("x" * length)
        embedder.token_offsets("word " * (length // 5))
        seconds.append(time.perf_counter() - began)
    assert seconds[1] < 30 * max(seconds[0], 0.05)


def test_a_text_has_no_more_tokens_than_are_foretold(embedder: OpenVinoEmbedder) -> None:
    """Whatever it is made of; and of plain words about as many."""
    draw = random.Random(5)  # noqa: S311
    parts = [
        *"the Größe naïve xyzzyplugh ½ ± µ ª « » ’ … — _ . , '' @@ 12.5 ı ß".split(),  # noqa: SIM905
        *"汉字 ключ 한국어 \u00ad \u200d e\u0301 \x01 İ 😀 Ⅷ".split(" "),  # noqa: SIM905
        "\x0c",
    ]
    for _ in range(3000):
        spaces = draw.choice(["", " ", "\n"])
        text = spaces.join(draw.choice(parts) for _ in range(draw.randint(0, 12)))
        assert len(embedder.token_offsets(text)) <= embedder.most_tokens(text), repr(text)
    assert embedder.most_tokens(WHEAT) == len(embedder.token_offsets(WHEAT))


def test_questions_and_passages_at_the_same_time(embedder: OpenVinoEmbedder) -> None:
    """A question in one thread and a batch in another give what they give alone."""
    expected = embedder.embed_query(WHEAT)
    passages = embedder.embed_passages([SHIPS * 10] * 8)
    found: list[bool] = []

    def work() -> None:
        again = embedder.embed_passages([SHIPS * 10] * 8)
        found.append(np.allclose(again, passages, atol=1e-3))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        assert np.allclose(embedder.embed_query(WHEAT), expected, atol=1e-3)
    for thread in threads:
        thread.join()
    assert found == [True, True]


def test_the_english_encoder_reads_no_chinese(embedder: OpenVinoEmbedder) -> None:
    """Its vocabulary has single signs only."""
    assert embedder.reads_cjk is False
    assert embedder.name.startswith("all-minilm-l6-v2-")
    assert embedder.card.cosine > 0.995


def test_a_missing_encoder_is_named_so(tmp_path: Path) -> None:
    """A folder without a card was never finished."""
    with pytest.raises(ModelMissing):
        OpenVinoEmbedder(tmp_path)


@pytest.mark.parametrize("file", ["model.xml", "model.bin", "tokenizer.json", "encoder.json"])
@pytest.mark.parametrize("harm", ["cut", "flip", "gone"])
def test_damage_is_noticed(encoder_folder: Path, tmp_path: Path, file: str, harm: str) -> None:
    """A truncated, changed or missing file is refused in a sentence."""
    folder = tmp_path / "encoder"
    shutil.copytree(encoder_folder, folder)
    place = folder / file
    data = place.read_bytes()
    if harm == "cut":
        place.write_bytes(data[: len(data) // 2])
    elif harm == "flip":
        place.write_bytes(data[:200] + bytes([data[200] ^ 1]) + data[201:])
        if file == "encoder.json":
            place.write_text(json.dumps({**json.loads(data), "format": 99}), encoding="utf-8")
    else:
        place.unlink()
    with pytest.raises((ModelDamaged, ModelMissing)):
        OpenVinoEmbedder(folder)
