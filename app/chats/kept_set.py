"""A set of files that answered, as it is kept: numbers of files and places, no name and no text.

So what is erased from the library is gone from the list, too, and a file that was moved is listed
where it is now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.chats.quotes import Quote, place_of, text_of
from indexer.chats import KnownFile
from indexer.sets.plan import Member, SetAnswer
from indexer.types import Hit

# A conversation with 1,000 files is opened in 0.3 s; of more the first are kept.
_MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class KeptMember:
    """A file of the library, and where it says why it was meant, if it has a text."""

    file: int
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class KeptSet:
    """The files that answered, of `count` in all."""

    counting: bool
    among: int
    count: int
    members: tuple[KeptMember, ...]


def kept_set(found: SetAnswer) -> KeptSet:
    """Return a set as it is kept."""
    members = tuple(_kept(member) for member in found.members[:_MOST_KEPT])
    return KeptSet(found.counting, found.among, len(found.members), members)


def restored_set(
    kept: KeptSet, hits: Mapping[int, Hit], files: Mapping[int, KnownFile]
) -> SetAnswer:
    """Return a set with those of its files that are still in the library."""
    members = tuple(
        _restored(member, files[member.file], hits)
        for member in kept.members
        if member.file in files
    )
    return SetAnswer(kept.counting, (), members, kept.among)


def _kept(member: Member) -> KeptMember:
    if member.hit is None:
        return KeptMember(member.file)
    return KeptMember(member.file, place_of(0, member.hit, member.quote))


def _restored(member: KeptMember, file: KnownFile, hits: Mapping[int, Hit]) -> Member:
    place = member.quote
    hit = hits.get(place.chunk) if place is not None else None
    # A copy has the passages of the file that it is a copy of, until it is changed.
    if place is None or hit is None or file.path not in (hit.path, *hit.also):
        return Member(file.path, away=file.away, file=file.id)
    own = replace(hit, path=file.path, away=file.away, also=())
    return Member(file.path, own, text_of(place, hit), file.away, file.id)
