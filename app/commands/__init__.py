"""The commands of the command line, one file a family; each takes a Context and the arguments."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from app import settings
from app.keys.library_key import PassphraseOwner
from app.output import Output
from app.paths import Profile
from app.settings import Settings


@dataclass
class Context:
    """What every command gets: whose data, and where to print."""

    profile: Profile
    output: Output
    owner: PassphraseOwner = field(default_factory=PassphraseOwner)

    @cached_property
    def settings(self) -> Settings:
        """The owner's choices."""
        return settings.load(self.profile.settings)
