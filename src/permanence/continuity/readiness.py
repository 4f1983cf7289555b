"""Whether everybody could go on if the Internet were cut: from what is known of keys, posts and machines. Plain values.

« Verified » means that somebody came in while a machine stood alone, not that it should work (design, names and passkeys).
"""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

LEAF = datetime.timedelta(days=30)  # what a certificate must still have: a month without Internet
LATE_COPY = datetime.timedelta(hours=36)
EXERCISE_EVERY = datetime.timedelta(days=90)


class Can(StrEnum):
    VERIFIED = "verified"
    PROBABLY = "probably"
    PARTLY = "partly"  # at this machine or that one, not at each that stays
    NO = "no"


class Lack(StrEnum):
    """What stands in the way; the screens say what to do about it."""

    KEY = "key"  # no passkey that is good at the practice's machines
    PHONE = "phone"  # only keys that pass by a phone and the Internet
    POST = "post"  # no post of theirs is known at a machine
    REHEARSAL = "rehearsal"  # nothing is missing that is seen from here, but nobody tried


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that stays when the Internet is cut. `here`: this one. `only`: the one carer whose patients a limited one carries."""

    id: UUID
    name: str
    here: bool = False
    only: UUID | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A post in use. `at`: the machines that know its browser; `owner`: the one member who uses it."""

    id: UUID
    name: str
    owner: UUID | None
    at: Collection[UUID]
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    id: UUID
    name: str
    keys: int
    by_phone: int


@dataclass(frozen=True, slots=True)
class Said:
    """One member: whether they could come in, what lacks, and at which machines."""

    id: UUID
    name: str
    can: Can
    lacks: tuple[Lack, ...] = ()
    where: tuple[str, ...] = ()
    rehearsed_at: datetime.datetime | None = None


def of_member(one: Member, posts: Iterable[Post], machines: Sequence[Machine],
              rehearsed: Mapping[tuple[UUID, UUID], datetime.datetime]) -> Said:  # fmt: skip
    """No key, no post at any of the machines that stay: no. Posts at some of them: partly. All of it: probably, until they came in
    during a cut."""
    lacks = [Lack.KEY] if not one.keys else [Lack.PHONE] if one.by_phone >= one.keys else []
    machines = [machine for machine in machines if machine.only in (None, one.id)]
    theirs = [post for post in posts if not post.pending and post.owner in (None, one.id)]
    where = tuple(machine.name for machine in machines if not any(machine.id in post.at for post in theirs))
    if where:
        lacks.append(Lack.POST)
    at = max((at for (member, replica), at in rehearsed.items() if member == one.id and replica in {m.id for m in machines}), default=None)
    if lacks:
        can = Can.PARTLY if lacks == [Lack.POST] and len(where) < len(machines) else Can.NO
        return Said(one.id, one.name, can, tuple(lacks), where, at)
    return Said(one.id, one.name, Can.PROBABLY, (Lack.REHEARSAL,)) if at is None else Said(one.id, one.name, Can.VERIFIED, rehearsed_at=at)


@dataclass(frozen=True, slots=True)
class Count:
    """How many of all: the tile."""

    verified: int
    probably: int
    partly: int
    no: int

    @property
    def all(self) -> int:
        return self.verified + self.probably + self.partly + self.no


def count(said: Iterable[Said]) -> Count:
    found = [one.can for one in said]
    return Count(found.count(Can.VERIFIED), found.count(Can.PROBABLY), found.count(Can.PARTLY), found.count(Can.NO))


def missing(post: Post, machines: Iterable[Machine]) -> list[Machine]:
    """The machines that do not know a post's browser yet, and should."""
    return [machine for machine in machines if machine.id not in post.at and (machine.only is None or machine.only == post.owner)]


def names_written(hosts: str, names: Iterable[str]) -> dict[str, bool]:
    """Which of these names a hosts file (its text) answers for; names below `localhost` need none (RFC 6761)."""
    known = {name.lower() for line in hosts.splitlines() for name in line.partition("#")[0].split()[1:]}
    return {name: name.lower() in known or name.lower().endswith(".localhost") for name in names}
