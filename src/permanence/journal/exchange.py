"""What replicas and relay say to each other, as bytes: batches of sealed entries, vectors, results. No database, no clock, no key.

Specified in `docs/format/exchange.md`. A batch holds whole acts, in the order in which its sender received them, so that what an
entry builds on comes before it; nobody but a replica can open what it carries.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from permanence.journal import wire
from permanence.lib import cbor

FORMAT = 1
MOST_ENTRIES = 500  # of one batch, but for an act that is larger alone
MOST_BYTES = 8 << 20
MOST_OUTCOMES = 1_000_000  # items: six for each entry of an act without an end
Place = tuple[bytes, int]  # replica, stream
Vector = Mapping[Place, int]  # how many entries of each chain are held


class Result(StrEnum):
    """What became of one entry. Nothing is ever dropped: what is neither accepted nor a duplicate is asked for again."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    GAP = "gap"  # an earlier entry of its chain is missing
    WAITING = "waiting"  # the rest of its act is missing
    QUARANTINED = "quarantined"  # kept aside with its reason: its chain stops there


class Malformed(ValueError):
    """Not a message of this version."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries in their sender's arrival order. `keys`: the patient keys they need, sealed for replicas; opaque to a relay."""

    practice: bytes
    entries: tuple[wire.Sealed, ...]
    keys: bytes = b""

    def encode(self) -> bytes:
        return cbor.dumps({1: FORMAT, 2: self.practice, 3: [[e.outer, e.signature, e.inner, e.body] for e in self.entries], 4: self.keys})

    @classmethod
    def decode(cls, data: bytes) -> "Batch":
        """Raises Malformed. The entries themselves are not checked."""
        found = shaped(data, {1: int, 2: bytes, 3: list, 4: bytes})
        if any(type(e) is not list or len(e) != 4 or any(type(part) is not bytes for part in e[:3]) or type(e[3]) not in (bytes, type(None))
               for e in found[3]):  # fmt: skip
            raise Malformed("entries")
        return cls(found[2], tuple(wire.Sealed(*entry) for entry in found[3]), found[4])


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one entry that was pushed."""

    replica: bytes
    stream: int
    seq: int
    result: Result
    why: str = ""


@dataclass(frozen=True, slots=True)
class Pushed:
    """The answer to a batch: what became of each of its entries, in its order, and what the receiver now holds."""

    outcomes: tuple[Outcome, ...]
    held: Vector

    def encode(self) -> bytes:
        return cbor.dumps({1: FORMAT, 2: [[o.replica, o.stream, o.seq, str(o.result), o.why] for o in self.outcomes], 3: listed(self.held)})

    @classmethod
    def decode(cls, data: bytes) -> "Pushed":
        """Raises Malformed."""
        found = shaped(data, {1: int, 2: list, 3: list}, most=MOST_OUTCOMES)
        try:
            outcomes = tuple(Outcome(replica, stream, seq, Result(result), why) for replica, stream, seq, result, why in found[2])
        except (ValueError, TypeError) as error:
            raise Malformed("outcomes") from error
        return cls(outcomes, vector(found[3]))


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody lacks: everything beyond `held` that came to the one asked after its own place `since` (0: from the first)."""

    held: Vector
    since: int = 0
    most: int = MOST_ENTRIES

    def encode(self) -> bytes:
        return cbor.dumps({1: FORMAT, 2: listed(self.held), 3: self.since, 4: self.most})

    @classmethod
    def decode(cls, data: bytes) -> "Asked":
        """Raises Malformed."""
        found = shaped(data, {1: int, 2: list, 3: int, 4: int})
        if found[3] < 0 or found[4] < 1:
            raise Malformed("numbers")
        return cls(vector(found[2]), found[3], min(found[4], MOST_ENTRIES))


@dataclass(frozen=True, slots=True)
class Given:
    """The answer: batches, the place from which to ask next, whether there is more, and what the one asked holds."""

    batches: tuple[Batch, ...]
    until: int
    more: bool
    held: Vector

    def encode(self) -> bytes:
        return cbor.dumps({1: FORMAT, 2: [batch.encode() for batch in self.batches], 3: self.until, 4: self.more, 5: listed(self.held)})

    @classmethod
    def decode(cls, data: bytes) -> "Given":
        """Raises Malformed."""
        found = shaped(data, {1: int, 2: list, 3: int, 4: bool, 5: list})
        return cls(tuple(Batch.decode(one) for one in found[2]), found[3], found[4], vector(found[5]))


def listed(held: Vector) -> list[list[Any]]:
    """A vector as it is written: [[replica, stream, how many], ...], in order."""
    return [[replica, int(stream), size] for (replica, stream), size in sorted(held.items()) if size]


def vector(rows: Iterable[Any]) -> dict[Place, int]:
    """Raises Malformed."""
    found: dict[Place, int] = {}
    for row in rows:
        if type(row) is not list or list(map(type, row)) != [bytes, int, int] or len(row[0]) != 16 or row[1] < 1 or row[2] < 0:
            raise Malformed("vector")
        found[row[0], row[1]] = row[2]
    return found


MOST_ITEMS, BYTES_AN_ITEM = 50_000, 16  # of one message: so many small things in any, and no more than that for its size


def shaped(data: bytes, shape: Mapping[int, type], *, most: int = 0) -> dict[int, Any]:
    """A message: a map of at least these keys, of these types, of this version, and of no more items than it may have. Raises Malformed."""
    try:
        cbor.check_few(data, most or MOST_ITEMS + len(data) // BYTES_AN_ITEM)
        found = cbor.loads(data)
    except ValueError as error:
        raise Malformed("not CBOR") from error
    if type(found) is not dict or any(type(found.get(key)) is not kind for key, kind in shape.items()) or found[1] != FORMAT:
        raise Malformed("another shape or version")
    return found


def lacking(mine: Vector, theirs: Vector) -> dict[Place, tuple[int, int]]:
    """The chains of which they hold less than I do: (their size, mine)."""
    return {place: (theirs.get(place, 0), size) for place, size in mine.items() if size > theirs.get(place, 0)}
