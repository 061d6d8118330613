"""What is said of documents that the encoder does not read."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from app.index_worker.language_fit import misfit
from indexer.storage.contents import Contents, NewContent
from indexer.storage.store import Store
from indexer.types import Page, State

_TEXTS = {
    "en": "The clock of the town hall was built in the year of the fire.",
    "de": "Die Uhr des Rathauses wurde im Jahr des Brandes gebaut.",
    "zh": "市政厅的钟建于大火那一年。",
}


def fill(contents: Contents, store: Store, **counts: int) -> None:
    for language, count in counts.items():
        for number in range(count):
            identity = f"{language}{number}".encode().ljust(32)
            text = (Page(_TEXTS[language]),)
            with store.transaction():
                contents.save(
                    NewContent(identity, "text", "a", "", "", None, State.INDEXED, "", text, ())
                )


def test_documents_that_the_encoder_does_not_read_are_said_once(tmp_path: Path) -> None:
    """And again if another encoder was chosen that does not read them either."""
    with closing(Store(tmp_path / "library.db")) as store:
        contents = store.contents
        fill(contents, store, en=15, de=9)
        assert misfit(contents, "all-minilm-l6-v2", reads_cjk=False) is None
        fill(contents, store, zh=3)
        said = misfit(contents, "all-minilm-l6-v2", reads_cjk=False)
        assert said is not None
        assert said[0].endswith("does not read: de, zh.")
        assert "`models get multilingual-e5-small`" in said[1]
        assert misfit(contents, "all-minilm-l6-v2", reads_cjk=False) is None


@pytest.mark.parametrize("reads", [True, False])
def test_of_an_unknown_encoder_it_is_known_whether_it_reads_chinese(
    tmp_path: Path, *, reads: bool
) -> None:
    """Nothing is said of what is not known."""
    with closing(Store(tmp_path / "library.db")) as store:
        fill(store.contents, store, zh=12, de=30)
        said = misfit(store.contents, "my-encoder", reads_cjk=reads)
        assert (said is None) is reads
