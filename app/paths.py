"""Where everything lives, and how this program starts itself again.

`--profile DIR` moves all that is the owner's. The frozen program is a folder with two executables:
the window, and one with a console, which is the command line and every worker.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

_CONSOLE = "pocket-llm-worker"  # as installer/pocket-llm.spec calls it


@dataclass(frozen=True, slots=True)
class Profile:
    """The folder that holds one owner's library, models, settings and logs."""

    root: Path

    @property
    def database(self) -> Path:
        """The library: the only file whose loss costs more than time."""
        return self.root / "library.db"

    @property
    def caches(self) -> Path:
        """Copies of vectors; may be thrown away."""
        return self.root / "caches"

    @property
    def models(self) -> Path:
        """Models that the owner imported."""
        return self.root / "models"

    @property
    def settings(self) -> Path:
        """The owner's choices."""
        return self.root / "settings.json"

    @property
    def answering(self) -> Path:
        """The lock that is taken while a language model works."""
        return self.root / "answering.lock"

    @property
    def logs(self) -> Path:
        """What went wrong, without names, texts or questions."""
        return self.root / "logs"

    def create(self) -> None:
        """Make the folders, for this user alone, and what is in them. Raises OSError."""
        # A folder that is not ours alone, as with `--profile .`, keeps its rights.
        ours = self.database.exists() or not self.root.exists()
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.caches, self.models, self.logs):
            folder.mkdir(mode=0o700, exist_ok=True)
        if os.name == "posix":
            self._withdraw_rights(ours)

    def _withdraw_rights(self, ours: bool) -> None:
        """Take others' rights away where an older version, or a copy, has left them."""
        folders = [self.caches, self.models, self.logs, *([self.root] if ours else [])]
        files = [*self.root.glob("library.*"), *self.root.glob(self.settings.name + "*")]
        files += [path for folder in (self.caches, self.logs) for path in folder.iterdir()]
        for path in (*folders, *files):
            with contextlib.suppress(OSError):  # another process may have just removed it
                mode = path.lstat().st_mode
                if mode & 0o077 and not stat.S_ISLNK(mode):
                    path.chmod(mode & 0o700)


def default_profile() -> Profile:
    """Return the platform's place for this user's data."""
    return Profile(platformdirs.user_data_path("Pocket-LLM", appauthor=False))


def is_frozen() -> bool:
    """Tell whether this is the frozen program, which has no Python beside it."""
    return bool(getattr(sys, "frozen", False))


def starter_models() -> Path:
    """Return the folder of the models that every installation has.

    In the frozen program sys.prefix is the folder of what was collected.
    """
    return Path(sys.prefix) / "share" / "pocket-llm" / "models"


def program_command() -> list[str]:
    """Return the command that starts this program on a console; its arguments go behind.

    It takes its modules from where this process took them: an `app` or a `json.py` in the folder
    where the user stands is not ours.
    """
    if is_frozen():
        # Not this executable itself: on Windows the window's has no standard streams.
        own = Path(sys.executable)
        return [str(own.with_name(_CONSOLE + own.suffix))]
    here = ("", os.getcwd())  # noqa: PTH109 -- as it stands in sys.path
    safe = [] if any(place in sys.path for place in here) else ["-P"]
    return [sys.executable, *safe, "-m", "app"]


def worker_command(role: str) -> list[str]:
    """Return the command that starts this program as a worker."""
    return [*program_command(), "--worker", role]


def typed_command() -> str:
    """Return what the user types to call this program on a terminal."""
    return _CONSOLE if is_frozen() else "python3 start.py"


def repair() -> str:
    """Return the sentence that says how a part of the installation that is missing comes back."""
    return "Install Pocket-LLM again." if is_frozen() else "Run `python3 start.py` again."


def absolute(path: str) -> Path:
    """Return an absolute path with its links unresolved."""
    return Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100 -- resolve() follows links
