"""Entries of other replicas: checked, kept and applied, an act whole or not yet. Nothing that comes is dropped.

What does not check, or comes from who is not heard, is kept in `Quarantined` with its reason, and its chain stops there.
"""

import itertools
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from nacl.exceptions import CryptoError

from permanence.journal import chain, exchange, keys, keys_in, live, merkle, registry, vault, wire, writer
from permanence.journal.categories import Scope, Stream
from permanence.journal.exchange import Outcome, Place, Result
from permanence.journal.tables import table
from permanence.lib import cbor, clock, suite
from permanence.lib.sqlcipher import run, run_many

MOST_ASKED = 1_000  # hashes of one question: SQLite takes 32,766, and one act may be larger
MOST_CONTROL = 256 << 10  # bytes of what is said of members, posts, machines: a page lists them all
SHARED = (Stream.CONTROL, Stream.RECORD)  # what lives in practice.db


class Why(StrEnum):
    """Why something stands in quarantine."""

    UNKNOWN = "unknown replica"
    LATE = "after the revocation"
    FORK = "fork"
    ACT = "act"
    REACH = "reach"  # of a limited machine, about what it was not given
    ORDER = "order"  # that nobody could take back, from a machine that may be stolen: a person agrees first


@dataclass(frozen=True, slots=True)
class Standing:
    """What the practice says of a replica: how much of each stream is heard; None: all that it says. `waits`: not this act, or not yet."""

    until: Mapping[int, int] | None = None
    waits: bool = False
    limited: bool = False  # it has the keys of some patients only: see `_within_reach`


@dataclass(frozen=True, slots=True)
class Arrival:
    """One entry whose own parts check; its place in its chain is asked when it is kept."""

    at: int  # its place in the batch
    sealed: wire.Sealed
    hash: bytes
    outer: wire.Outer
    inner: wire.Inner

    @property
    def place(self) -> Place:
        return self.outer.replica, self.outer.stream


# Of a replica's id and the act it brings, which may be the one that introduces it; None: it is not one of the practice's.
Judge = Callable[[bytes, Sequence[Arrival]], Standing | None]


class _Unkept(Exception):
    """An act that is not applied now: what is said of its entries, and of them whether they go to quarantine."""

    def __init__(self, result: Result, why: str = "") -> None:
        super().__init__(why)
        self.result, self.why = result, why


def held() -> dict[Place, int]:
    """How many entries of each chain of practice.db are here."""
    return {
        (replica, stream): size for replica, stream, size in run("default", "SELECT replica, stream, size FROM journal_chain").fetchall()
    }


def take(batch: exchange.Batch, judge: Judge) -> exchange.Pushed:
    """Keep and apply a batch, in short transactions between other work. Raises exchange.Malformed for another practice's.

    Signatures and headers are checked here, in the calling thread; places, acts and rows on the writer.
    """
    v = vault.current()
    if batch.practice != v.practice:
        raise exchange.Malformed("another practice")
    outcomes = [Outcome(bytes(16), 0, 0, Result.GAP)] * len(batch.entries)
    arrivals = list(_checked(batch.entries, outcomes))
    offered = keys_in.offered(batch.keys)
    keys_in.settle(offered)
    acts, here = list(_whole_acts(arrivals)), _here(arrivals)
    for act in acts:
        for one in act:
            outcomes[one.at] = _said(one, Result.ACCEPTED)
    kept = [act for act in acts if not _known_already(act, here, outcomes)]
    for act, error in writer.current().bulk(lambda act: _keep(act, judge, offered), kept, name="sync:take"):
        unkept = error if isinstance(error, _Unkept) else _unkept(error)
        for one in act:
            outcomes[one.at] = _said(one, unkept.result, unkept.why)
    refused = {one.inner.body_key for one in arrivals if outcomes[one.at].result is Result.QUARANTINED}
    keys_in.set_aside(offered, refused)  # first: killed in between, nobody would give the keys of what is kept already
    _put_aside(batch.entries, outcomes)
    for follow in registry.arrivals({one.inner.kind for one in arrivals if outcomes[one.at].result is Result.ACCEPTED}):
        follow()
    return exchange.Pushed(tuple(outcomes), held())


def _unkept(error: Exception) -> _Unkept:
    if isinstance(error, (writer.WriterStopped, writer.GroupLost, writer.DiskFull)):
        raise error  # of this machine, not of the act
    said = str(error) if isinstance(error, (wire.Broken, CryptoError, cbor.Malformed)) else type(error).__name__
    return _Unkept(Result.QUARANTINED, f"{Why.ACT}: {said}"[:200])


def _said(one: Arrival, result: Result, why: str = "") -> Outcome:
    return Outcome(one.outer.replica, one.outer.stream, one.outer.seq, result, why)


# -- checking


def _checked(entries: Sequence[wire.Sealed], outcomes: list[Outcome]) -> Iterator[Arrival]:
    """Those whose format, key, signature and parts hold, in the order of the batch; of the others, the outcome is written."""
    v, known, stopped = vault.current(), _verify_keys(), set[Place]()
    for at, sealed in enumerate(entries):
        place: Place = bytes(16), 0
        seq = 0
        try:
            outer = wire.Outer.decode(sealed.outer)
            place, seq = (outer.replica, outer.stream), outer.seq
            outcomes[at] = Outcome(*place, seq, Result.GAP)
            if place in stopped:
                continue
            key = known.get(place) or outer.verify_key
            if key is None:
                continue  # its first entry carries the key, and is not here
            wire.check(sealed, seq=seq, previous=outer.previous, verify_key=key, practice=v.practice)
            if outer.stream not in SHARED:
                raise wire.Broken(wire.Reason.PLACE, "another stream")
            if outer.stream == Stream.CONTROL and outer.length > MOST_CONTROL:
                raise wire.Broken(wire.Reason.BODY, "too large")
            inner = wire.open_inner(sealed.inner, v.metadata, v.practice)
            wire.check_opened(outer, inner)
        except (wire.Broken, CryptoError) as error:
            stopped.add(place)
            outcomes[at] = Outcome(*place, seq, Result.QUARANTINED, str(error) or "does not open")
            continue
        known[place] = key
        outcomes[at] = Outcome(*place, seq, Result.WAITING)
        yield Arrival(at, sealed, sealed.hash, outer, inner)


def _verify_keys() -> dict[Place, bytes]:
    return {
        (replica, stream): key
        for replica, stream, key in run("default", "SELECT replica, stream, verify_key FROM journal_chain").fetchall()
    }


def _whole_acts(arrivals: Iterable[Arrival]) -> Iterator[list[Arrival]]:
    """Acts of which every entry is here, in the order in which they were complete for their sender, each chain in its own order."""
    acts: dict[bytes, list[Arrival]] = {}
    chains: dict[Place, deque[Arrival]] = {}
    for one in arrivals:
        mine = acts.setdefault(one.inner.act[0] + one.outer.replica, [])
        mine.append(one)
        chains.setdefault(one.place, deque()).append(one)
        if len(mine) == one.inner.act[2]:
            yield from _ready(chains, acts)


def _ready(chains: dict[Place, deque[Arrival]], acts: dict[bytes, list[Arrival]]) -> Iterator[list[Arrival]]:
    """The acts that stand whole at the front of their chains, taken away from there."""
    found = True
    while found:
        found = False
        for waiting in sorted((queue for queue in chains.values() if queue), key=lambda queue: queue[0].at):
            act = acts[waiting[0].inner.act[0] + waiting[0].outer.replica]
            if len(act) == waiting[0].inner.act[2] and _in_front(act, chains):
                for one in act:
                    chains[one.place].popleft()
                yield act
                found = True
                break


def _in_front(act: Sequence[Arrival], chains: Mapping[Place, deque[Arrival]]) -> bool:
    counts = Counter(one.place for one in act)
    return all({one.hash for one in itertools.islice(chains[place], count)} == {one.hash for one in act if one.place == place}
               for place, count in counts.items())  # fmt: skip


def _here(arrivals: Sequence[Arrival]) -> set[bytes]:
    """The hashes of those that are kept already."""
    return _among("SELECT hash FROM journal_entry WHERE hash IN", arrivals)


def _among(select: str, arrivals: Sequence[Arrival]) -> set[bytes]:
    found, hashes = set[bytes](), [one.hash for one in arrivals]
    for at in range(0, len(hashes), MOST_ASKED):
        some = hashes[at:at + MOST_ASKED]
        found.update(hash for (hash,) in run("default", f"{select} ({','.join('?' * len(some))})", *some).fetchall())
    return found


def _known_already(act: Sequence[Arrival], here: Collection[bytes], outcomes: list[Outcome]) -> bool:
    if any(one.hash not in here for one in act):
        return False
    _heal(act)
    for one in act:
        outcomes[one.at] = _said(one, Result.DUPLICATE)
    return True


def _heal(act: Sequence[Arrival]) -> None:
    """A body that did not come with its entry, for no order that is known here, is kept when it comes: a relay may have dropped it."""
    lacking = [one for one in act if one.sealed.body is not None and not run(
        "default", "SELECT 1 FROM journal_body WHERE entry = ?", one.hash).fetchone()]  # fmt: skip
    if lacking:
        writer.current().run_job(lambda: _put_back(lacking), urgent=False, name="sync:heal")


def _put_back(lacking: Sequence[Arrival]) -> None:
    """On the writer: no erasure or pruning comes between the question and the answer."""
    for one in lacking:
        opened = chain.Opened()
        try:
            if not _wanted(one, _pruned([one]), opened):
                continue
        except _Unkept:  # its key opens with a root that is not here: it comes again
            continue
        run("default", "INSERT INTO journal_body (entry, sealed) VALUES (?, ?) ON CONFLICT DO NOTHING", one.hash, one.sealed.body)
        if one.inner.opener not in opened:
            keys.note_lacking(*one.inner.opener)
        if one.inner.object is not None and not one.inner.kind.startswith("journal."):
            chain.refold(one.inner.object)


# -- keeping, on the writer


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a chain ends here; `hlc`: the newest clock of the act under way."""

    size: int = 0
    last: bytes = wire.FIRST
    frontier: merkle.Frontier = field(default_factory=merkle.Frontier)
    key: bytes = b""
    hlc: int = 0


def _keep(act: Sequence[Arrival], judge: Judge, offered: keys_in.Offered) -> None:
    """One act: its entries take their places, with the keys they cite, then its objects are folded.

    Raises _Unkept, wire.Broken, CryptoError."""
    places: dict[Place, _Place] = {}
    rows, bodies, standing = [], [], judge(act[0].outer.replica, act)
    pruned, opened = _pruned(act), chain.Opened()
    if standing is None:
        raise _Unkept(Result.QUARANTINED, Why.UNKNOWN)
    for one in act:
        outer, inner = one.outer, one.inner
        if standing.until is not None and outer.seq > standing.until.get(outer.stream, 0):
            raise _Unkept(Result.QUARANTINED, Why.LATE)
        place = places.get(one.place) or _place_of(one)
        _follow(one, place)
        if standing.limited and not _within_reach(inner):
            raise _Unkept(Result.QUARANTINED, Why.REACH)
        if inner.opener not in opened:
            keys_in.keep_cited(inner, offered)
        body = one.sealed.body if _wanted(one, pruned, opened) else None
        rows.append((one.hash, outer.replica, outer.stream, outer.seq, one.sealed.outer, one.sealed.signature, one.sealed.inner, inner.kind,
                     inner.object, inner.ref, inner.hlc))  # fmt: skip
        if body is not None:
            bodies.append((one.hash, body))
        place.frontier.append(one.hash)
        places[one.place] = replace(place, size=outer.seq, last=one.hash, hlc=max(place.hlc, inner.hlc))
    if standing.waits:
        raise _Unkept(Result.QUARANTINED, Why.ORDER)
    _insert(rows, bodies, places)
    kept = dict(bodies)
    for one in act:
        chain.apply(one.hash, kept.get(one.hash), one.inner, opened)
    live.tell((one.inner.kind, one.inner.object) for one in act if one.inner.object is not None)


def _follow(one: Arrival, place: _Place) -> None:
    if one.outer.seq > place.size + 1:
        raise _Unkept(Result.GAP)
    if one.outer.seq <= place.size:
        here = run("default", "SELECT 1 FROM journal_entry WHERE hash = ?", one.hash).fetchone()
        raise _Unkept(Result.DUPLICATE) if here else _Unkept(Result.QUARANTINED, Why.FORK)
    if one.outer.previous != place.last:
        raise _Unkept(Result.QUARANTINED, Why.FORK)


def _within_reach(inner: wire.Inner) -> bool:
    """Whether a limited machine may write this: in the scope of its kind, about an object that nobody knows as another kind or another
    patient's. It has every id and the practice's keys: it could otherwise change what it cannot read, and so be given more."""
    known = table(inner.kind)
    if inner.object is None or inner.kind in (chain.ERASE, chain.PRUNE):
        return True
    if known is not None and (inner.scope != known.scope or (known.scope_field == "id" and inner.ref != inner.object)):
        return False
    other = "SELECT 1 FROM journal_entry WHERE object = ? AND kind NOT LIKE 'journal.%' AND (kind <> ? OR ref IS NOT ?)"
    return run("default", other, inner.object, inner.kind, inner.ref).fetchone() is None


def _pruned(act: Sequence[Arrival]) -> set[bytes]:
    return _among("SELECT entry FROM journal_pruned WHERE entry IN", act)


def _wanted(one: Arrival, pruned: Collection[bytes], opened: chain.Opened) -> bool:
    """Whether the body is kept: not when it was pruned here before it came, when its patient's key was destroyed, or when a limited
    machine keeps none of its kind."""
    if one.sealed.body is None or one.hash in pruned:
        return False
    if vault.current().limited is not None and registry.is_withheld(one.inner.kind):
        return False
    if one.inner.ref is not None and one.inner.scope != Scope.PATIENT and keys.is_erased(one.inner.ref):
        return False
    try:
        if one.inner.opener not in opened:
            opened[one.inner.opener] = keys.of_body(*one.inner.opener)
    except keys.Erased:
        return False
    except KeyError:
        return True
    except CryptoError as error:  # wrapped under a root that has not reached this machine: asked for again
        raise _Unkept(Result.WAITING, "root") from error
    return True


def _insert(rows: Sequence[tuple[object, ...]], bodies: Sequence[tuple[bytes, bytes]], places: Mapping[Place, _Place]) -> None:
    run_many("default", chain.INSERT_ENTRY, rows)
    run_many("default", "INSERT INTO journal_body (entry, sealed) VALUES (?, ?)", bodies)
    for at, place in places.items():
        chain.keep_head("default", *at, place.size, place.last, clock.hlc_merge(0, place.hlc, clock.ms()), place.frontier, place.key)


def _place_of(one: Arrival) -> _Place:
    found = run("default", "SELECT size, head, frontier, verify_key FROM journal_chain WHERE replica = ? AND stream = ?",
                *one.place).fetchone()  # fmt: skip
    return _Place(found[0], found[1], merkle.Frontier.from_bytes(found[2]), found[3]) if found else _Place(key=one.outer.verify_key or b"")


# -- quarantine

HEARD = (Why.LATE, Why.FORK, Why.REACH, Why.ORDER)  # of a machine that was one of the practice's: kept whatever there is
MOST_ASIDE, MOST_ASIDE_BYTES = 2_000, 64 << 20  # of strangers: whoever has a transport key could otherwise fill the disk
MOST_HEARD_BYTES = 1 << 30  # of machines that were the practice's: years of visits; a thief who has one fills no disk either


def _room_aside() -> tuple[int, bool]:
    """How many more entries of strangers are kept, and whether those of machines that were the practice's are."""
    count, size = run("default", "SELECT count(*), coalesce(sum(length(entry)), 0) FROM journal_quarantined").fetchone()
    return 0 if size > MOST_ASIDE_BYTES else max(0, MOST_ASIDE - count), size < MOST_HEARD_BYTES


def _put_aside(entries: Sequence[wire.Sealed], outcomes: Sequence[Outcome]) -> None:
    """Keep what was refused as it came, so that nothing is lost and a person can look at it."""
    aside = [(sealed, said) for sealed, said in zip(entries, outcomes, strict=True) if said.result is Result.QUARANTINED]
    if aside:
        at, (room, heard) = clock.ms(), _room_aside()
        strangers = [pair for pair in aside if pair[1].why not in HEARD][:room]
        aside = [*(pair for pair in aside if heard and pair[1].why in HEARD), *strangers]
        rows = [_aside(sealed, said, at) for sealed, said in aside]
        writer.current().run_job(lambda: run_many(
            "default", "INSERT INTO journal_quarantined (id, replica, stream, seq, entry, why, at) VALUES (?,?,?,?,?,?,?)"
            " ON CONFLICT(id) DO UPDATE SET why = excluded.why", rows), urgent=False, name="sync:aside")  # fmt: skip


def _aside(sealed: wire.Sealed, said: Outcome, at: int) -> tuple[bytes, bytes, int, int, bytes, str, int]:
    whole = cbor.dumps([sealed.outer, sealed.signature, sealed.inner, sealed.body])
    return suite.sha256(sealed.outer, sealed.signature), said.replica, said.stream, said.seq, whole, said.why[:200], at
