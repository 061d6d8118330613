"""JSON and notebooks."""

from __future__ import annotations

import json

import pytest
from reader_items import headings_of, lines_of

from indexer.types import DocumentInfo


class TestJson:
    """JSON and notebooks."""

    def test_values_are_written_as_they_are_meant(self, written):
        """Escapes are letters and line ends, numbers keep their digits."""
        value = {"title": "你好\nworld", "tags": ["a", "b"], "of": {"id": 12345678901234567890.5}}
        text = json.dumps(value).replace("1.2345678901234567e+19", "12345678901234567890.5")
        assert "\\u4f60" in text
        info, pages = written("a.json", text)
        assert info == DocumentInfo("json")
        assert lines_of(pages) == [
            *("title: 你好", "world", "tags: a, b", "of:", "  id: 12345678901234567890.5"),
        ]

    def test_lines_of_json_and_what_is_none(self, written):
        """A faulty line stays as it is."""
        _, pages = written("a.ndjson", '{"a": 1, "b": [{"c": true}]}\n{"a": \n\n["x", null]\n')
        assert lines_of(pages)[:8] == [
            "a: 1",
            "b:",
            "  -",
            "    c: true",
            "",
            '{"a": ',
            "",
            "x, null",
        ]

    def test_one_huge_line_is_read_in_pieces(self, written):
        """A database's dump has no line end at all; a picture in it is left out."""
        rows = [{"number": n, "text": f"word{n}"} for n in range(60_000)]
        _, pages = written("a.json", json.dumps([*rows, "QUJD" * 1000], separators=(",", ":")))
        assert len(pages) > 2
        lines = lines_of(pages)
        assert "  text: word59999" in lines
        assert lines[-1] == "- (binary data)"

    @pytest.mark.parametrize("content", ["{not json", "[" * 200_000, "// x\n{"])
    def test_what_is_no_json_is_text(self, written, content: str):
        """Comments, damage and endless nesting are read as they are written."""
        assert "".join(lines_of(written("a.json", content)[1])) == content.replace("\n", "")

    def test_notebook_with_its_outputs(self, written):
        """Headings are those of the texts, not the comments of the code."""
        cells = [
            {"cell_type": "markdown", "source": ["# Waves\n", "They come."]},
            {
                "cell_type": "code",
                "source": "# no heading\nprint(1)",
                "outputs": [
                    {"output_type": "stream", "text": ["\x1b[31m1\x1b[0m\n"]},
                    {"output_type": "display_data", "data": {"image/png": "QUJD" * 500}},
                    {"output_type": "error", "ename": "ValueError", "evalue": "too high"},
                ],
            },
            {"cell_type": "raw", "source": "plain\ud800"},
        ]
        text = json.dumps({"metadata": {"title": "Sea"}, "cells": cells, "nbformat": 4})
        info, pages = written("a.ipynb", text)
        assert info == DocumentInfo("notebook", "Sea")
        assert [line for line in lines_of(pages) if line and line != "```"] == [
            *("# Waves", "They come.", "# no heading", "print(1)", "1", "ValueError: too high"),
            "plain",
        ]
        assert headings_of(pages) == [(1, "Waves")]

    @pytest.mark.parametrize("content", ["{", "[]", '{"cells": [3]}', '{"metadata": {}}', "null"])
    def test_what_is_no_notebook_is_text(self, written, content: str):
        """Nothing is lost for being in the wrong shape."""
        assert lines_of(written("a.ipynb", content)[1]) == [content]
