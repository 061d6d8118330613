"""What is left out of a library by rule, each with the sentence that names the rule.

Hidden and system files, folders that programs fill, what a repository's .gitignore files name, the
owner's own patterns, and what is too large. Patterns are those of git; pathspec knows them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.folders.placeholders import IN_A_CLOUD

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

# Above this a file is a database, a disk image or a film; reading it would hold up all others.
MOST_MEGABYTES = 256

_SYSTEM_NAMES = frozenset({"thumbs.db", "desktop.ini", "icon\r", "$recycle.bin"})

# Folders that programs fill, by their name alone, ...
_FILLED = frozenset({
    b"node_modules", b"bower_components", b"jspm_packages", b"__pycache__", b"site-packages",
    b"__MACOSX", b"DerivedData",
})  # fmt: skip
# ... by what stands in them (virtual environments, and https://bford.info/cachedir/), ...
_MARKS_INSIDE = (b"pyvenv.cfg", b"CACHEDIR.TAG")
# ... and by their name with what stands beside them: alone it may be anybody's.
_PYTHON = frozenset({b"pyproject.toml", b"setup.py"})
_JAVASCRIPT = frozenset({b"package.json"})
_JVM = frozenset({b"pom.xml", b"build.gradle", b"build.gradle.kts", b"build.sbt"})
_MARKS_BESIDE = {
    b"build": _PYTHON | _JAVASCRIPT | _JVM | {b"CMakeLists.txt", b"meson.build", b"pubspec.yaml"},
    b"dist": _PYTHON | _JAVASCRIPT,
    b"out": _JAVASCRIPT | _JVM,
    b"target": _JVM | {b"Cargo.toml"},
    b"vendor": frozenset({b"go.mod", b"composer.json", b"Gemfile"}),
    b"Pods": frozenset({b"Podfile"}),
    b"_build": frozenset({b"mix.exs", b"conf.py", b"dune-project"}),
    b"zig-out": frozenset({b"build.zig"}),
}

# A .gitignore file comes with a repository of anybody's: what it may cost is bounded. As a regular
# expression, a pattern of 3 stars takes up to 0.1 s for a path of 500 characters that was made for
# it, one of 4 in 255 characters 2.5 s. What goes beyond leaves nothing out.
_MOST_BYTES = 65_536
_MOST_PATTERNS = 1_000
_LONGEST_PATTERN = 300
_MOST_STARS = 3
_LONGEST_PATH = 500

_HIDDEN = "Hidden files and folders are left out."
_SYSTEM = "Files of the system are left out."
_PROGRAMS = "Folders that programs fill are left out."
# How every sentence of a rule begins; a rule that holds no more gives its files back.
_RULES = (
    _HIDDEN, _SYSTEM, _PROGRAMS, "A .gitignore file ", "A pattern of ", "The file is larger ",
    IN_A_CLOUD,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rules:
    """What an owner may choose."""

    patterns: tuple[str, ...] = ()  # as in a .gitignore file, or absolute paths
    gitignore: bool = True  # whether .gitignore files count, in repositories
    most_megabytes: int = MOST_MEGABYTES


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns and the folder that they are relative to."""

    folder: bytes  # with a separator at its end
    lines: tuple[str, ...]
    spec: GitIgnoreSpec

    def judge(self, path: bytes, *, is_folder: bool) -> tuple[bool | None, str]:
        """Return whether the last pattern that fits a path leaves it out, and that pattern."""
        inside = os.fsdecode(path[len(self.folder) :]) + (os.sep if is_folder else "")
        if len(inside) > _LONGEST_PATH:
            return None, ""
        found = self.spec.check_file(inside)
        return found.include, self.lines[found.index] if found.index is not None else ""


@dataclass(frozen=True, slots=True)
class Ground:
    """A folder that is being walked, with the rules that hold for what stands in it."""

    rules: Rules
    own: _Patterns | None
    own_paths: frozenset[bytes]
    in_repository: bool = False
    inherited: tuple[_Patterns, ...] = ()  # of .gitignore files, the innermost first

    @staticmethod
    def of(root: Path, rules: Rules) -> Ground:
        """Return what holds where a folder of the library stands."""
        paths = [line for line in rules.patterns if Path(line).is_absolute()]
        ground = Ground(
            rules,
            _parse(os.fsencode(root), [line for line in rules.patterns if line not in paths]),
            frozenset(os.fsencode(Path(path)) for path in paths),
        )
        if rules.gitignore:
            # The folder may be a part of a repository.
            above = list(root.parents)
            within = next((n for n, place in enumerate(above) if (place / ".git").exists()), -1)
            for place in above[within::-1] if within >= 0 else []:
                found = {name for name in (b".git", b".gitignore") if _is_there(place, name)}
                ground = ground.enter(os.fsencode(place), found)
        return ground

    def enter(self, folder: bytes, names: Collection[bytes]) -> Ground:
        """Return what holds in a folder that has these names in it."""
        if not self.rules.gitignore:
            return self
        ground = replace(self, in_repository=True, inherited=()) if b".git" in names else self
        if ground.in_repository and b".gitignore" in names:
            patterns = _parse(folder, _lines(os.path.join(folder, b".gitignore")))  # noqa: PTH118
            if patterns is not None:
                ground = replace(ground, inherited=(patterns, *ground.inherited))
        return ground

    def reason(
        self, path: bytes, name: bytes, *, is_folder: bool, beside: Collection[bytes] = ()
    ) -> str:
        """Return why a file or folder is left out; "" if it is not."""
        if reason := left_out(name):
            return reason
        if is_folder and _is_filled(path, name, beside):
            return _PROGRAMS
        if path in self.own_paths:
            return "A pattern of yours leaves this out."
        if self.own is not None:
            include, pattern = self.own.judge(path, is_folder=is_folder)
            if include:
                return f"A pattern of yours leaves this out: {pattern}"
        for patterns in self.inherited:
            include, pattern = patterns.judge(path, is_folder=is_folder)
            if include:
                return f"A .gitignore file leaves this out: {pattern}"
            if include is False:
                break
        return ""

    def too_large(self, size: int) -> str:
        """Return why a file of this size is left out; "" if it is not."""
        megabytes = self.rules.most_megabytes
        return f"The file is larger than {megabytes} MB." if size > megabytes << 20 else ""


def left_out(name: bytes) -> str:
    """Return why a file or folder of this name is left out anywhere; "" if it is not."""
    if name.startswith(b"."):
        return _HIDDEN
    if os.fsdecode(name).lower() in _SYSTEM_NAMES:
        return _SYSTEM
    return _PROGRAMS if name in _FILLED else ""


def is_rule(reason: str) -> bool:
    """Tell whether it was a rule that gave this reason, and neither the file nor a reader."""
    return reason.startswith(_RULES)


def is_pattern(line: str) -> bool:
    """Tell whether an owner's line can leave anything out."""
    return Path(line).is_absolute() or bool(_usable([line]))


def _is_filled(path: bytes, name: bytes, beside: Collection[bytes]) -> bool:
    marks = _MARKS_BESIDE.get(name)
    if marks is not None and not marks.isdisjoint(beside):
        return True
    return any(os.path.lexists(os.path.join(path, mark)) for mark in _MARKS_INSIDE)  # noqa: PTH118


def _is_there(folder: Path, name: bytes) -> bool:
    return os.path.lexists(os.path.join(os.fsencode(folder), name))  # noqa: PTH118 -- bytes


def _parse(folder: bytes, lines: Iterable[str]) -> _Patterns | None:
    usable = _usable(lines)
    if not usable:
        return None
    from pathspec import GitIgnoreSpec

    sep = os.fsencode(os.sep)
    return _Patterns(folder.rstrip(sep) + sep, usable, GitIgnoreSpec.from_lines(usable))


def _usable(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the lines that are patterns, without those that would take too long."""
    stripped = (line.rstrip("\r\n") for line in lines)
    return tuple(line for line in stripped if _is_usable(line))


@cache
def _is_usable(line: str) -> bool:
    stars = line.replace("**", "*").count("*")
    if not line.strip() or line.startswith("#"):
        return False
    if len(line) > _LONGEST_PATTERN or stars > _MOST_STARS:
        return False
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _lines(path: bytes) -> list[str]:
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return []
        with open(path, "rb") as file:  # noqa: PTH123 -- bytes
            text = file.read(_MOST_BYTES)
    except OSError:
        return []
    return text.decode("utf-8", "surrogateescape").splitlines()[:_MOST_PATTERNS]
