"""What is known here of who could go on during a cut: people, posts, machines, exercises."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from permanence.accounts import entering
from permanence.accounts.permissions import check_member
from permanence.continuity import readiness
from permanence.continuity.models import Exercise
from permanence.continuity.readiness import Count, Machine, Post, Said
from permanence.journal import vault
from permanence.journal.doors import Reader
from permanence.sync import queries as sync

HOSTED = "hosted"
LAST = 6  # exercises that a page names


@dataclass(frozen=True, slots=True)
class Done:
    """An exercise. `kind`: list, cut. `checks`: [what, True, False or None when it cannot be known, detail]."""

    id: UUID
    kind: str
    replica: UUID | None
    by: UUID | None
    at: datetime.datetime | None
    until: datetime.datetime | None
    ended_at: datetime.datetime | None
    checks: tuple[tuple[str, bool | None, str], ...]
    came_in: tuple[UUID, ...]
    written: int
    received: int
    copies_equal: bool | None


@dataclass(frozen=True, slots=True)
class Ready:
    """`machines`: those that stay without the Internet; `sisters`: every other one; `done`: the last exercises, the newest first."""

    people: tuple[Said, ...]
    posts: tuple[Post, ...]
    machines: tuple[Machine, ...]
    around: sync.Around
    count: Count
    sheet_since: datetime.datetime | None
    done: tuple[Done, ...]

    @property
    def sisters(self) -> tuple[sync.Sister, ...]:
        return self.around.sisters

    @property
    def last(self) -> Done | None:
        return self.done[0] if self.done else None


def ready(*, reader: Reader) -> Ready:
    """All of it, in a dozen questions however many they are, for who sees to it. Raises Refused."""
    ways, around = entering.ways_in(reader=reader), sync.around()
    stay, places = staying(around), _posts(ways.places, around.heirs)
    said = tuple(readiness.of_member(readiness.Member(one.id, one.name, one.keys, one.by_phone), places, stay, ways.rehearsed)
                 for one in ways.people)  # fmt: skip
    done = tuple(exercises(reader=reader, most=LAST))
    return Ready(said, places, stay, around, readiness.count(said), entering.sheet_since(), done)


def _posts(places: Iterable[entering.Place], heirs: Mapping[UUID, UUID]) -> tuple[Post, ...]:
    return tuple(Post(one.id, one.name, one.owner, frozenset(sync.present(id, heirs) for id in one.at), one.pending) for one in places)


def elsewhere(post: UUID) -> tuple[Post | None, tuple[sync.Sister, ...]]:
    """A post, and the other machines that do not know its browser yet. It names nobody: whoever sits at it may ask."""
    around = sync.around()
    found = next((one for one in _posts(entering.places(), around.heirs) if one.id == post), None)
    return found, tuple(one for one in around.sisters if found is not None and one.id not in found.at)


def staying(around: sync.Around) -> tuple[Machine, ...]:
    """The machines that people could work at without the Internet: this one and the others, hosted ones apart."""
    own = around.own
    here = Machine(own.id if own else UUID(bytes=vault.current().replica), own.name if own else "Cette machine", True)
    others = (Machine(one.id, one.name, only=one.carer) for one in around.sisters if one.kind != HOSTED)
    return tuple(others) if own is not None and own.kind == HOSTED else (here, *others)


def exercises(*, reader: Reader, most: int = 20) -> list[Done]:
    """The last exercises, the newest first, on whichever machine. Every member may read them. Raises Refused."""
    check_member(reader.actor)
    return [_done(row) for row in Exercise.objects.order_by("-at")[:most]]


def exercise(id: UUID, *, reader: Reader) -> Done | None:
    check_member(reader.actor)
    row = Exercise.objects.filter(id=id).first()
    return None if row is None else _done(row)


def unfinished() -> list[Done]:
    """This machine's own exercises that have no report yet; no person is asked for."""
    here = UUID(bytes=vault.current().replica)
    return [_done(row) for row in Exercise.objects.filter(kind="cut", replica_id=here, ended_at=None)]


def _done(row: Exercise) -> Done:
    return Done(row.id, row.kind, row.replica_id, row.by_id, row.at, row.until, row.ended_at,
                tuple((str(what), ok, str(detail)) for what, ok, detail in row.checks), tuple(UUID(one) for one in row.came_in),
                row.written, row.received, row.copies_equal)  # fmt: skip

