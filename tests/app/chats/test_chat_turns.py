"""What is kept of an answer, shown again and exported."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.ask import Answer, Question
from app.chats.export import export, to_markdown
from app.chats.set_answer import count_set
from app.chats.turns import (
    Restored,
    chunks_of,
    kept_turn,
    read_scope,
    restored,
    written_scope,
)
from app.messages.llm import Generated
from indexer.chats import KnownFile
from indexer.errors import IndexerError
from indexer.sets.plan import Member, SetAnswer
from indexer.types import EVERYTHING, Evidence, Hit, Scope

TEXT = "The clock was built in 1887. It <b>stands</b> on the *market*."


def hit(chunk: int, text: str = TEXT, start: int = 40) -> Hit:
    path = Path(f"/documents/clock {chunk}.txt")
    return Hit(chunk, 1, path, 3, 9, "", start, start + len(text), text, 1.0, None, None)


def answered() -> tuple[Question, Answer]:
    """Return a question with an answer of which one sentence has no support."""
    question = Question("key", "When was the _clock_ built?")
    quote = "The clock was built in 1887."
    question.found([hit(7), hit(8, "The cheese ripens.")], [Evidence(hit(7), quote, 40)])
    text = "The clock was built in 1887 [1]. It was painted green by Otto."
    answer = question.on_message(Generated("key", text, (1,), 90, 10, 12, 9.5, "end"))
    assert answer is not None
    return question, answer


def kept_and_restored(*hits: Hit) -> Restored:
    turn = kept_turn(*answered(), model="a model")
    (again,) = restored([turn], {item.chunk: item for item in hits})
    return again


def test_an_answer_is_shown_again_as_it_was() -> None:
    """Its text, sentences, citations, evidence, what it took, and what it was read from."""
    question, answer = answered()
    again = kept_and_restored(hit(7), hit(8))
    assert again.key == "key"
    assert again.is_read
    assert again.answer.text == answer.text
    assert again.answer.sentences == answer.sentences
    assert [item.quote for item in again.answer.citations] == [
        item.quote for item in answer.citations
    ]
    assert [item.quote for item in again.evidence] == [item.quote for item in question.evidence]
    assert again.answer.generated is not None
    assert again.answer.generated.tokens_per_s == 9.5
    assert [(item.number, item.hit.chunk) for item in again.turn.passages] == [(1, 7)]
    assert again.lost == 0


def test_no_text_of_a_document_is_kept_but_what_the_answer_says() -> None:
    """What is erased from the library is gone from conversations, too."""
    turn = kept_turn(*answered(), model="a model")
    assert "market" not in turn.details
    assert "stands" not in turn.details
    assert chunks_of([turn]) == [7]
    gone = kept_and_restored()
    assert gone.lost == 1
    assert gone.answer.citations == ()
    assert gone.evidence == ()
    assert gone.answer.sentences[0].support == ()
    assert gone.turn.passages == ()


def test_a_passage_that_begins_elsewhere_now_keeps_its_quote() -> None:
    """Places count characters of the page."""
    later = hit(7, TEXT[4:], start=44)
    assert kept_and_restored(later).evidence[0].quote == "clock was built in 1887."


def test_what_failed_is_kept_with_what_was_written() -> None:
    """A model does not read it with the next question."""
    question, _ = answered()
    (again,) = restored([kept_turn(question, None, text="The clo")], {7: hit(7)})
    assert again.turn.answer == "The clo"
    assert not again.is_read
    (unreadable,) = restored([replace(kept_turn(*answered()), details="{")], {})
    assert unreadable.answer.sentences == ()


def test_a_scope_is_kept_as_it_is() -> None:
    """Names that are no UTF-8 too; what cannot be read restricts nothing."""
    scope = Scope((Path("/documents/\udc80.txt"),), ("pdf",), since_ns=1)
    assert read_scope(written_scope(scope)) == scope
    assert read_scope("{}") == EVERYTHING
    assert read_scope("[") == EVERYTHING


def test_markdown_has_citations_and_no_markup_of_documents() -> None:
    """Questions, names and quotes are text; what nothing supports stands apart."""
    turn = kept_and_restored(hit(7))
    text = to_markdown("The *clock*", [turn])
    assert text.startswith("# The \\*clock\\*\n\n## When was the \\_clock\\_ built?")
    assert "The clock was built in 1887. [1]" in text
    assert "- [1] **clock 7.txt, page 3**: “The clock was built in 1887.”" in text
    assert "(`/documents/clock 7.txt`)" in text
    assert text.index("No passage supports this") < text.index("painted green")
    loading = replace(turn, turn=replace(turn.turn, answer="![x](http://a) <script>"))
    tame = to_markdown("x", [replace(loading, answer=replace(turn.answer, sentences=()))])
    assert "\\![x]" in tame
    assert "\\<script>" in tame


def test_the_name_of_a_file_says_its_form(tmp_path: Path) -> None:
    """Another one is refused, and a file that cannot be written leaves nothing."""
    turn = kept_and_restored(hit(7))
    export("id", "Clock", [turn], tmp_path / "chat.json")
    data = json.loads((tmp_path / "chat.json").read_text())
    assert data["turns"][0]["citations"][0]["quote"] == "The clock was built in 1887."
    for path in (tmp_path / "chat.pdf", tmp_path / "nowhere" / "chat.md"):
        with pytest.raises(IndexerError):
            export("id", "Clock", [turn], path)
    assert [path.name for path in tmp_path.iterdir()] == ["chat.json"]


def test_a_copy_that_was_changed_is_listed_without_what_it_said() -> None:
    """The passage is still there, in the file that it was a copy of."""
    said = hit(7)
    copy = replace(said, path=Path("/documents/copy.txt"))
    members = tuple(Member(item.path, item, TEXT, file=n) for n, item in enumerate((said, copy)))
    turn = kept_turn(Question("key", "Which files?"), count_set(SetAnswer(True, (), members, 2)))
    files = [KnownFile(n, member.path, False) for n, member in enumerate(members)]
    for also, quotes in (((copy.path,), [TEXT, TEXT]), ((), [TEXT, ""])):
        (again,) = restored([turn], {7: replace(said, also=also)}, files)
        assert again.answer.files is not None
        assert [item.quote for item in again.answer.files.members] == quotes
        assert [item.path for item in again.answer.files.members] == [said.path, copy.path]
