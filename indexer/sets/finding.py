"""All files that fulfil a plan: exact SQL over the ledger, then what the documents say."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import apsw

from indexer.sets.dates import month_first_of
from indexer.sets.facts import Fact, date_of, kind_of, party_line, total_of
from indexer.sets.lexicon import FORMATS
from indexer.sets.matching import Matching, Place, texts_of, word_pattern
from indexer.sets.passages import member_of
from indexer.sets.plan import Amount, Member, Nothing, Party, Period, SetAnswer, SetPlan, Term
from indexer.sets.understanding import understood
from indexer.storage.ledger import AWAY, coverage, path_of
from indexer.storage.tags import tags_by_content
from indexer.types import State

_HEAD = 4000  # characters that tell a kind or a date


@dataclass
class _File:
    """A file of the library, and what is looked up of it."""

    id: int
    path: Path
    root: Path
    suffix: str
    content: int | None
    state: State
    changed_ns: int
    language: str
    identity: bytes
    away: bool
    place: Place | None = None  # where it holds what was asked for
    quote: str = ""  # the line that says it
    parts: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        around = self.path.parent
        inside = around.relative_to(self.root).parts if around.is_relative_to(self.root) else ()
        # A single file that was added has no folder of the library around it.
        self.parts = () if self.path == self.root else (self.root.name, *inside)


class SetFinder:
    """Finds the files of one plan over one connection that only reads."""

    def __init__(
        self,
        db: apsw.Connection,
        plan: SetPlan,
        clause: str,
        values: Sequence[Any],
    ) -> None:
        """`clause` says, with its values, which of the files are asked about at all."""
        self._db = db
        self._plan = plan
        self._clause, self._values = clause, list(values)
        self._matching = Matching(db, german=plan.asked_in == "de")
        self._texts: dict[int, str] = {}
        self._missing: dict[type, int] = {}

    def find(self) -> SetAnswer | None:
        """Return the files; None if no file is of a kind, or in a folder, that was asked for."""
        plan = self._plan
        if nothing := self._nothing():
            return SetAnswer(plan.counting, (), (), 0, nothing=nothing)
        files = self._named(self._listed())
        if not files and (plan.folders or plan.tags):
            return None
        among = self._of_kinds(files)
        if plan.kinds and not among:
            return None
        left = among
        for each in sorted(plan.filters, key=lambda item: not isinstance(item, Term)):
            left = self._fulfilling(left, each)
        members = tuple(self._member(file) for file in left)
        said = understood(plan, self._matching.apart)
        return SetAnswer(
            plan.counting, said, members, len(among),
            undated=self._missing.get(Period, 0),
            without_total=self._missing.get(Amount, 0),
            coverage=coverage(self._db, self._clause, self._values),
        )  # fmt: skip

    def _nothing(self) -> Nothing | None:
        held = "SELECT EXISTS (SELECT 1 FROM files WHERE state != 'skipped' AND {})"
        if self._db.execute(held.format(self._clause), self._values).get:
            return None
        return Nothing.SCOPE if self._db.execute(held.format("1")).get else Nothing.LIBRARY

    # --- by the ledger -------------------------------------------------------------------------

    def _listed(self) -> list[_File]:
        states = "('failed', 'quarantined')" if self._plan.unread else None
        wanted = f"files.state IN {states}" if states else "files.state != 'skipped'"
        rows = self._db.execute(
            f"""SELECT files.id, files.path,
                       (SELECT path FROM folders WHERE folders.id = folder_id), suffix,
                       content_id, files.state, mtime_ns,
                       (SELECT language FROM contents WHERE contents.id = content_id),
                       (SELECT identity FROM contents WHERE contents.id = content_id), {AWAY}
                FROM files WHERE {wanted} AND {self._clause} ORDER BY files.path""",
            self._values,
        )
        return [
            _File(
                id_, path_of(path), path_of(root or b""), suffix, content, State(state), changed,
                language or "", bytes(identity or b"")[:32], bool(away),
            )
            for id_, path, root, suffix, content, state, changed, language, identity, away in rows
        ]  # fmt: skip

    def _named(self, files: list[_File]) -> list[_File]:
        plan = self._plan
        if plan.formats:
            suffixes = {suffix for name in plan.formats for suffix in FORMATS[name]}
            files = [file for file in files if file.suffix in suffixes]
        if plan.languages:
            files = [file for file in files if file.language in plan.languages]
        for name in plan.folders:
            files = [file for file in files if _lies_in(file, name)]
        for name in plan.outside:
            files = [file for file in files if not _lies_in(file, name)]
        if plan.tags:
            tags = tags_by_content(self._db)
            wanted = {tag.casefold() for tag in plan.tags}
            files = [
                file
                for file in files
                if wanted <= {tag.casefold() for tag in tags.get(file.identity, ())}
            ]
        return files

    # --- by what the documents are and say -----------------------------------------------------

    def _of_kinds(self, files: list[_File]) -> list[_File]:
        if not self._plan.kinds:
            return files
        tags = tags_by_content(self._db)
        self._read(files)
        return [
            file
            for file in files
            if kind_of(
                file.parts, file.path.stem, tags.get(file.identity, ()), self._head(file),
                file.language,
            ) in self._plan.kinds
        ]  # fmt: skip

    def _fulfilling(self, files: list[_File], each: Term | Period | Party | Amount) -> list[_File]:
        match each:
            case Term():
                return self._holding(files, each)
            case Period(changed=True):
                return [file for file in files if each.holds(_changed(file)) != each.absent]
            case Period():
                self._read(files)
                first = self._month_first(files)
                return self._by_fact(
                    files, each, each.absent,
                    lambda file: date_of(
                        file.path.stem, file.parts, self._head(file),
                        month_first=self._of_file(file, default=first),
                    ),
                )  # fmt: skip
            case Amount():
                self._read(files)
                return self._by_fact(files, each, False, lambda file: total_of(self._text(file)))
            case Party():
                return self._of_party(files, each)

    def _holding(self, files: list[_File], term: Term) -> list[_File]:
        contents = {file.content for file in files if file.content is not None}
        places: dict[int, Place] = {}
        if not term.name_only:
            for option in term.options:
                held = self._matching.holding(option, contents, exact=term.exact)
                places = {**held, **places}
        patterns = [
            word_pattern(option, exact=term.exact, german=self._plan.asked_in == "de")
            for option in term.options
        ]
        kept: list[_File] = []
        for file in files:
            place = places.get(file.content) if file.content is not None else None
            named = (term.name_only or term.also_name) and any(
                pattern.search(file.path.stem.replace("_", " ")) for pattern in patterns
            )
            unknown = file.content is None and not term.name_only
            if (place is not None or named) == term.absent or (term.absent and unknown):
                continue
            if not term.absent:
                file.place = file.place or place
            kept.append(file)
        return kept

    def _of_party(self, files: list[_File], each: Party) -> list[_File]:
        self._read(files)
        pattern = word_pattern(each.name, exact=True, german=False)
        kept = []
        for file in files:
            said = party_line(self._text(file), file.path.stem, pattern, sender=each.sender)
            if (said is None) == each.absent:
                file.quote = file.quote or said or ""
                kept.append(file)
        return kept

    def _by_fact(
        self, files: list[_File], each: Period | Amount, absent: bool, fact: Any
    ) -> list[_File]:
        kept = []
        for file in files:
            found: Fact | None = fact(file)
            if found is None:
                self._missing[type(each)] = self._missing.get(type(each), 0) + 1
            elif each.holds(found.value) != absent:  # type: ignore[arg-type]
                file.quote = file.quote or found.quote
                kept.append(file)
        return kept

    # --- texts ---------------------------------------------------------------------------------

    def _read(self, files: list[_File]) -> None:
        wanted = {file.content for file in files if file.content is not None} - self._texts.keys()
        pages: dict[int, list[str]] = {content: [] for content in wanted}
        for _, content, text in texts_of(self._db, sorted(wanted)):
            pages[content].append(text)
        self._texts |= {content: "\n".join(texts) for content, texts in pages.items()}

    def _text(self, file: _File) -> str:
        return self._texts.get(file.content, "") if file.content is not None else ""

    def _head(self, file: _File) -> str:
        return self._text(file)[:_HEAD]

    def _month_first(self, files: list[_File]) -> bool:
        """Tell what 03/04/2024 means in most of these documents; in English ones, as in the US."""
        said = [month_first_of(self._text(file)) for file in files]
        if any(each is not None for each in said):
            return said.count(True) > said.count(False)
        return any(file.language == "en" for file in files)

    def _of_file(self, file: _File, *, default: bool) -> bool:
        own = month_first_of(self._text(file))
        return default if own is None else own

    def _member(self, file: _File) -> Member:
        return member_of(
            self._db, file.path, file.content, file.place, file.quote, away=file.away, file=file.id
        )


def _lies_in(file: _File, name: str) -> bool:
    wanted = [part.casefold() for part in Path(name).parts if part not in (os.sep, ".")]
    parts = [part.casefold() for part in file.parts]
    width = len(wanted)
    return bool(width) and any(
        parts[at : at + width] == wanted for at in range(len(parts) - width + 1)
    )


def _changed(file: _File) -> date:
    return datetime.fromtimestamp(file.changed_ns / 1e9).astimezone().date()
