"""What becomes of each entry of a batch: plain values, no database. One bad entry stops its own chain and no other.

Entries are linked by hash, so the signature of the last one of a run vouches for all of it: one check per chain and batch, and one
each only when that one fails, to find which. A signature that was false all the same is mended by whoever gives the entry again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from permanence.journal import wire
from permanence.journal.exchange import Outcome, Place, Result
from permanence.journal.merkle import Frontier
from permanence.journal.witness import Point
from permanence.lib import suite

FORK = "fork"
NOWHERE = bytes(16)
MOST_STREAM = 64  # the streams that exist are four


@dataclass(frozen=True, slots=True)
class Read:
    """An entry that was read on its own: what can be said of it whatever came before. `wrong`: why it is refused already."""

    sealed: wire.Sealed
    outer: wire.Outer | None
    hash: bytes
    wrong: str = ""

    @property
    def place(self) -> Place:
        return (self.outer.replica, self.outer.stream) if self.outer else (NOWHERE, 0)

    @property
    def seq(self) -> int:
        return self.outer.seq if self.outer else 0

    @property
    def size(self) -> int:
        """Bytes that keeping it takes, about."""
        one = self.sealed
        return len(one.outer) + 64 + len(one.inner) + len(one.body or b"")


@dataclass(slots=True)
class Chain:
    """A chain as it is held. `head`: the largest head accepted, when it is larger than the chain was at last look."""

    size: int = 0
    last: bytes = wire.FIRST
    key: bytes | None = None
    frontier: Frontier = field(default_factory=Frontier)
    head: Point | None = None

    @property
    def point(self) -> Point | None:
        return Point(self.size, self.frontier.root()) if self.size else None


@dataclass(slots=True)
class Found:
    """What a batch gives: an outcome for each entry, those to keep in their order, those to put aside with the reason."""

    outcomes: list[Outcome]
    kept: list[Read]
    aside: list[tuple[Read, str]]
    mended: list[Read]  # held already, with a signature that did not hold; this one does


Stored = Callable[[Place, int, int], Mapping[int, tuple[bytes, bytes]]]  # hash and signature held, from one sequence to another


def read(sealed: wire.Sealed, practice: bytes) -> Read:
    """Format, practice, and that the parts are those that the header names. Needs no chain: do it before any lock."""
    hash = sealed.hash
    try:
        outer = wire.Outer.decode(sealed.outer)
    except wire.Broken as broken:
        return Read(sealed, None, hash, str(broken.reason))
    try:
        wire.check_content(sealed, outer)
    except wire.Broken as broken:
        return Read(sealed, outer, hash, str(broken.reason))
    if outer.practice != practice or outer.stream > MOST_STREAM or outer.seq >= 1 << 62:
        return Read(sealed, outer, hash, str(wire.Reason.PLACE))
    if len(sealed.signature) != 64:
        return Read(sealed, outer, hash, str(wire.Reason.SIGNATURE))
    return Read(sealed, outer, hash)


def check(batch: Sequence[Read], chains: Mapping[Place, Chain], stored: Stored) -> Found:
    """The outcomes; `chains` (one for each place of the batch) are moved on. `stored` is asked only for what came before."""
    results: dict[int, tuple[Result, str]] = {}
    kept: set[int] = set()
    mended: list[Read] = []
    by_place: dict[Place, list[int]] = {}
    for index, entry in enumerate(batch):
        if entry.outer is None:
            results[index] = (Result.QUARANTINED, entry.wrong)
        else:
            by_place.setdefault(entry.place, []).append(index)
    for place, indexes in by_place.items():
        one = _One(chains[place], place, stored)
        results.update(one.run([(index, batch[index]) for index in indexes]))
        kept.update(one.kept)
        mended += one.mended
    outcomes = [Outcome(*entry.place, entry.seq, *results[index]) for index, entry in enumerate(batch)]
    aside = [(entry, results[index][1]) for index, entry in enumerate(batch) if results[index][0] is Result.QUARANTINED]
    return Found(outcomes, [entry for index, entry in enumerate(batch) if index in kept], aside, mended)


class _One:
    """One chain's share of a batch."""

    def __init__(self, chain: Chain, place: Place, stored: Stored) -> None:
        self.chain, self.place, self.stored = chain, place, stored
        self.kept: list[int] = []
        self.mended: list[Read] = []
        self._stopped = False

    def run(self, entries: Sequence[tuple[int, Read]]) -> dict[int, tuple[Result, str]]:
        """Each entry's result by its index in the batch."""
        former, start = self._former(entry for _, entry in entries), self.chain.size
        results: dict[int, tuple[Result, str]] = {}
        run: list[tuple[int, Read]] = []
        size, last, key = self.chain.size, self.chain.last, self.chain.key
        for index, entry, outer in ((index, entry, entry.outer) for index, entry in entries if entry.outer is not None):
            if entry.wrong:
                results[index] = self._refuse(entry.wrong)
            elif outer.seq <= size:
                known = run[outer.seq - start - 1][1] if outer.seq > start else None
                results[index] = self._again(entry, (known.hash, known.sealed.signature) if known else former.get(outer.seq), key)
            elif self._stopped or outer.seq > size + 1:
                results[index] = (Result.GAP, "")
            elif wrong := _does_not_follow(outer, last, key):
                results[index] = self._refuse(wrong)
            else:
                key = key or outer.verify_key
                size, last = outer.seq, entry.hash
                run.append((index, entry))
        results.update(self._settle(run, key))
        return results

    def _former(self, entries: Iterable[Read]) -> Mapping[int, tuple[bytes, bytes]]:
        """What is held at the places that the batch gives again."""
        again = [entry.seq for entry in entries if entry.seq <= self.chain.size]
        return self.stored(self.place, min(again), max(again)) if again else {}

    def _refuse(self, why: str) -> tuple[Result, str]:
        self._stopped = True
        return Result.QUARANTINED, why

    def _again(self, entry: Read, known: tuple[bytes, bytes] | None, key: bytes | None) -> tuple[Result, str]:
        """An entry at a place that is taken. Another one that its replica signed is a fork; anything else is nobody's."""
        held, signature = known or (b"", b"")
        if held == entry.hash and signature == entry.sealed.signature:
            return Result.DUPLICATE, ""
        signed = key is not None and _signed(entry, key)
        if held != entry.hash:
            return Result.QUARANTINED, FORK if signed else str(wire.Reason.SIGNATURE)
        if signed:
            self.mended.append(entry)
        return Result.DUPLICATE, ""

    def _settle(self, run: Sequence[tuple[int, Read]], key: bytes | None) -> dict[int, tuple[Result, str]]:
        """Keep the run up to its last entry that is signed, and that no head contradicts; the next one is put aside."""
        if not run or key is None:
            return {}
        good = len(run) if _signed(run[-1][1], key) else next((i for i, (_, one) in enumerate(run) if not _signed(one, key)), len(run))
        why = str(wire.Reason.SIGNATURE)
        contradicted = self._against_head(run[:good])
        if contradicted is not None:
            good, why = contradicted, FORK
        results: dict[int, tuple[Result, str]] = {}
        for i, (index, entry) in enumerate(run):
            if i < good:
                self.chain.frontier.append(entry.hash)
                self.chain.size, self.chain.last, self.chain.key = entry.seq, entry.hash, key
                self.kept.append(index)
            results[index] = (Result.ACCEPTED, "") if i < good else (Result.QUARANTINED, why) if i == good else (Result.GAP, "")
        return results

    def _against_head(self, run: Sequence[tuple[int, Read]]) -> int | None:
        """Where the run must end when it passes an accepted head and does not give its root: before the entry that reaches it."""
        head = self.chain.head
        if head is None or not self.chain.size < head.size <= self.chain.size + len(run):
            return None
        tree = Frontier.from_bytes(self.chain.frontier.to_bytes())
        for i, (_, entry) in enumerate(run):
            tree.append(entry.hash)
            if tree.size == head.size:
                return None if tree.root() == head.root else i
        return None


def _signed(entry: Read, key: bytes) -> bool:
    return wire.signed(entry.sealed.signature, entry.hash, key)


def _does_not_follow(outer: wire.Outer, last: bytes, key: bytes | None) -> str:
    """The reason why this header cannot come next; empty when it can. The first entry brings its chain's key."""
    key = key or outer.verify_key
    if key is None or suite.replica_id(key) != outer.replica:
        return str(wire.Reason.KEY)
    return "" if outer.previous == last else str(wire.Reason.PLACE)
