"""What a room says was written here by hand since an instant, for who works beside another software: heads, and plain words.

The rooms decide what counts and who may see it; nothing is read here but the headers of entries.
"""

import datetime
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

from permanence.journal import vault, wire
from permanence.journal.doors import Ask
from permanence.lib.sqlcipher import run

FROM_ELSEWHERE = ("interop:", "agenda:keep_events", "agenda:import_calendar")  # acts that a person asked for, of words not typed here


@dataclass(frozen=True, slots=True)
class Head:
    """One thing, without a word of it. `at`: when it was last written by hand; `new`: it was not there before the instant asked;
    `gone`: taken away since; `brought`: an import made it; `revision`: of a line that an import may have left."""

    kind: str
    ask: Ask
    at: datetime.datetime
    by: UUID | None
    new: bool = True
    gone: bool = False
    brought: bool = False
    revision: UUID | None = None

    @property
    def id(self) -> UUID:
        """What it is known by beside its kind."""
        return self.ask.object or self.ask.patient


@dataclass(frozen=True, slots=True)
class Written:
    """The same with its words, as they are to be typed elsewhere."""

    head: Head
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Hand:
    """One entry that a person's act made of an object: `fields` are those it wrote."""

    object: UUID
    ref: UUID | None
    at: datetime.datetime
    member: UUID
    fields: frozenset[str]


def by_hand(kind: str, since: datetime.datetime, *, of: Collection[UUID] | None = None,
            among: Callable[[set[UUID]], Collection[UUID]] | None = None) -> Iterator[Hand]:
    """The entries of one kind that people made here since, in their order; `of`: of these objects only. Headers, never values.

    `among`: asked once which of the objects count, before any header is opened.
    """
    v, after = vault.current(), int(since.timestamp() * 1000) << 16
    if of is None:
        rows = run("default", "SELECT object, inner FROM journal_entry WHERE id >= ? AND kind = ? AND hlc >= ? ORDER BY id", _first(after),
                   kind, after).fetchall()  # fmt: skip
    else:
        rows = run("default", "SELECT object, inner FROM journal_entry WHERE object IN (SELECT unhex(value) FROM json_each(?))"
                   " AND kind = ? AND hlc >= ? ORDER BY id", json.dumps([one.hex for one in of]), kind, after).fetchall()  # fmt: skip
    if among is not None:
        kept = {one.bytes for one in among({UUID(bytes=object) for object, _ in rows if object})}
        rows = [row for row in rows if row[0] in kept]
    for _, sealed in rows:
        inner = wire.open_inner(sealed, v.metadata, v.practice, trusted=True)
        if inner.member and inner.object and not inner.action.startswith(FROM_ELSEWHERE):
            at = datetime.datetime.fromtimestamp(inner.wall / 1000, datetime.UTC)
            yield Hand(UUID(bytes=inner.object), UUID(bytes=inner.ref) if inner.ref else None, at, UUID(bytes=inner.member),
                       frozenset(inner.base))  # fmt: skip


def _first(hlc: int) -> int:
    """An id before which no entry of this machine is as young: entries are numbered as they arrive, so that it is found by halves."""
    low, high = 1, (run("default", "SELECT max(id) FROM journal_entry").fetchone()[0] or 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = run("default", "SELECT hlc FROM journal_entry WHERE id >= ? ORDER BY id LIMIT 1", middle).fetchone()
        if row is None or row[0] >= hlc:
            high = middle
        else:
            low = middle + 1
    return low
