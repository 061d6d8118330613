"""Why the process that indexes a profile waits, kept where `status` finds it."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import psutil

from app.paths import Profile
from app.pausing.pressure import Reason


def tell(profile: Profile, reason: Reason | None) -> None:
    """Keep the reason for as long as this process lives; None: it does not wait."""
    with suppress(OSError):
        if reason is None:
            _note(profile).unlink(missing_ok=True)
        else:
            note = {"process": os.getpid(), "reason": reason}
            _note(profile).write_text(json.dumps(note), encoding="utf-8")


def told(profile: Profile) -> Reason | None:
    """Return why indexing waits; None where it does not, or nobody indexes."""
    try:
        note = json.loads(_note(profile).read_text("utf-8"))
        return Reason(note["reason"]) if psutil.pid_exists(int(note["process"])) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note(profile: Profile) -> Path:
    return profile.caches / "waits.json"
