"""The events of a parser as the beginnings and ends of those elements that are read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from indexer.readers.office.package import forget, local


class Elements:
    """Passes the elements of a part on, streaming: what was read is freed at once."""

    # Elements by their names without namespace, for a subclass to fill.
    skipped: frozenset[str]  # which are not read: second copies, what was deleted
    whole: frozenset[str]  # of which only the end is passed on, with all that is in them
    forgotten: frozenset[str]  # which are freed when they end

    def __init__(self) -> None:
        self._skipping = 0  # elements that are open
        self._whole = 0

    def take(self, events: Iterable[tuple[str, Any]]) -> None:
        """Take a parser's events."""
        for event, element in events:
            name = local(element)
            step = 1 if event == "start" else -1
            if name in self.whole:
                self._whole += step
            if self._whole:
                continue
            if name in self.skipped:
                # An empty <w:del/> marks a deleted row or paragraph end, and holds nothing.
                self._skipping += step
            elif self._skipping:
                pass
            elif event == "start":
                self.start(name, element)
            else:
                self.end(name, element)
            if event == "end" and name in self.forgotten:
                forget(element)

    def start(self, name: str, element: Any) -> None:
        """Take the beginning of an element; what is inside is not there yet."""
        raise NotImplementedError

    def end(self, name: str, element: Any) -> None:
        """Take the end of an element."""
        raise NotImplementedError
