"""What models wrote about documents goes with the documents."""

from __future__ import annotations

import pytest

from indexer.storage.summaries import Summaries
from tests.indexer.conftest import Library


def test_a_summary_is_kept_by_content_and_model_and_erased_with_its_document(
    library: Library,
) -> None:
    """Not a word of it is left in the library's file."""
    path = library.write("a.txt", "The mill stands on the river.")
    library.write("b.txt", "Something else stands here.")
    library.sync(words_only=True)
    kept = Summaries(library.database, path, "small")
    assert kept.find("The mill.") is None
    kept.keep("The mill.", "quokkalike words")
    kept.keep("The mill.", "quokkalike words, again")
    assert kept.find("The mill.") == "quokkalike words, again"
    assert kept.find("Another section.") is None
    assert Summaries(library.database, path, "large").find("The mill.") is None
    path.unlink()
    library.sync(words_only=True)
    kept.keep("The mill.", "quokkalike words")
    assert kept.find("The mill.") is None
    for file in library.root.glob("library.db*"):
        assert b"quokkalike" not in file.read_bytes()


@pytest.mark.parametrize("text", ["", "with a \0 in it"])
def test_whatever_a_model_writes_is_kept(library: Library, text: str) -> None:
    """But for what SQLite would cut a text at."""
    path = library.write("a.txt", "The mill stands on the river.")
    library.sync(words_only=True)
    kept = Summaries(library.database, path, "small")
    kept.keep("s", text)
    assert kept.find("s") == text.replace("\0", "")
