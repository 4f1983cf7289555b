"""What waits for a person: what a revoked machine wrote, orders of one that may be stolen; act by act; never its words."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from nacl.exceptions import CryptoError

from permanence.accounts.queries import member_names
from permanence.journal import arrival, exchange, vault, wire
from permanence.journal.categories import Level
from permanence.journal.doors import Ask, Reader
from permanence.lib import cbor, clock
from permanence.lib.sqlcipher import run
from permanence.sync import permissions, rules
from permanence.sync.kinds import french
from permanence.sync.queries import concerned, orders
from permanence.sync.queries.machines import introduced, known
from permanence.sync.rules import clock_said

MOST = 300  # entries read for one page
OWN = str(arrival.Why.LATE), str(arrival.Why.ORDER)


@dataclass(frozen=True, slots=True)
class Kept:
    """One act kept aside, in the order of its chain. `until`: the last place of each chain up to it, as `id:stream:seq`. `order`: it
    would destroy something, say which machines are the practice's, let somebody in or shut somebody out. `patients`: whose files it is
    about, as far as this reader may know; of the others, how many are `closed` to them, and how many have no file here (`absent`)."""

    number: int
    by: str
    what: tuple[str, ...]
    at: datetime.datetime | None
    clock: str
    until: tuple[str, ...]
    readable: bool
    order: bool = False
    patients: tuple[UUID, ...] = ()
    closed: int = 0
    absent: int = 0


@dataclass(frozen=True, slots=True)
class _Entry:
    replica: bytes
    stream: int
    seq: int
    act: bytes
    kind: str
    member: UUID | None
    wall: int
    hlc: int
    order: bool
    said: str = ""  # of an order: what it does
    patient: UUID | None = None  # and whose file it is about
    ask: Ask | None = None  # of what is no order: what the gates are asked before the patient is named


def heirs() -> dict[UUID, rules.Known]:
    """Machines that took a new id after they were revoked, as the entries that were put aside introduce them."""
    found = dict[UUID, rules.Known]()
    for (sealed,) in run("default", "SELECT entry FROM journal_quarantined WHERE seq = 1 AND why = ?", str(arrival.Why.UNKNOWN)).fetchall():
        v, parts = vault.current(), wire.Sealed(*cbor.loads_trusted(sealed))
        try:
            one = introduced(wire.Outer.decode(parts.outer), wire.open_inner(parts.inner, v.metadata, v.practice), parts.body)
        except (wire.Broken, CryptoError):
            continue
        if one is not None and one.vouched:
            found[one.id] = one
    return found


def places_aside(id: UUID) -> dict[UUID, dict[int, set[int]]]:
    """The places that wait, of a machine and of those that it became: {id: {stream: entries}}."""
    found = dict[UUID, dict[int, set[int]]]()
    for replica, stream, seq, _, _ in _rows(id, "0"):
        found.setdefault(UUID(bytes=replica), {}).setdefault(stream, set()).add(seq)
    return found


def _rows(id: UUID, entry: str, most: int = -1) -> list[tuple[bytes, int, int, bytes, str]]:
    """replica, stream, seq, entry, why"""
    everyone = known() | heirs()
    became = [one.bytes for one in everyone if one != id and id in _line(one, everyone)]
    marks = ",".join("?" * len(became))
    asked = (
        f"SELECT replica, stream, seq, {entry}, why FROM journal_quarantined WHERE (replica = ? AND why IN (?, ?))"  # noqa: S608
        f" OR (replica IN ({marks}) AND why IN (?, ?)) ORDER BY replica, stream, seq LIMIT ? + 0"
    )
    unheard = str(arrival.Why.UNKNOWN), str(arrival.Why.LATE)
    found: list[tuple[bytes, int, int, bytes, str]] = run("default", asked, id.bytes, *OWN, *became, *unheard, most).fetchall()
    return found


def _line(id: UUID, everyone: dict[UUID, rules.Known]) -> set[UUID]:
    """Whom a machine succeeds, and whom those did."""
    line, one = set[UUID](), everyone.get(id)
    while one is not None and one.succeeds is not None and one.succeeds not in line:
        line.add(one.succeeds)
        one = everyone.get(one.succeeds)
    return line


def parts_aside(id: UUID) -> Iterator[tuple[wire.Sealed, ...]]:
    """All that is aside of one replica, in the order of its chains, some at a time."""
    asked = "SELECT id, length(entry) FROM journal_quarantined WHERE replica = ? ORDER BY at, stream, seq"
    places = run("default", asked, id.bytes).fetchall()
    part, size = list[bytes](), 0
    for place, length in places:
        if part and (len(part) >= exchange.MOST_ENTRIES or size + length > exchange.MOST_BYTES):
            yield _sealed(part)
            part, size = [], 0
        part.append(place)
        size += length
    if part:
        yield _sealed(part)


def _sealed(ids: Sequence[bytes]) -> tuple[wire.Sealed, ...]:
    """In this order; those that are there no more are left out."""
    marks = ",".join("?" * len(ids))
    found = dict(run("default", f"SELECT id, entry FROM journal_quarantined WHERE id IN ({marks})", *ids).fetchall())  # noqa: S608
    return tuple(wire.Sealed(*cbor.loads_trusted(found[id])) for id in ids if id in found)


def kept_aside(replica: UUID, *, reader: Reader) -> tuple[Kept, ...]:
    """Acts that came after a revocation, or that wait for somebody to agree; that a file is concerned is listed to the reader. Raises
    Refused: titulaires."""
    permissions.check_settle(reader)
    entries = sorted((_read(sealed, why) for *_, sealed, why in _rows(replica, "entry", MOST)),
                     key=lambda one: (one.hlc, one.replica, one.stream, one.seq))  # fmt: skip
    acts: dict[bytes, list[_Entry]] = {}
    for one in entries:
        acts.setdefault(one.act, []).append(one)
    names, about = member_names({one.member for one in entries if one.member}), _about(entries, reader)
    found, until = list[Kept](), dict[tuple[bytes, int], int]()
    for number, act in enumerate(acts.values(), 1):
        for one in act:
            place = one.replica, one.stream
            until[place] = max(until.get(place, 0), one.seq)
        found.append(_shown(number, act, names, until, about))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _About:
    """What this reader may know of who is concerned: objects that the gates admitted, patients who have a file here."""

    admitted: frozenset[UUID]
    here: frozenset[UUID]


def _about(entries: Sequence[_Entry], reader: Reader) -> _About:
    asks = [one.ask for one in entries if one.ask]
    here = concerned.here([ask.patient for ask in asks])
    return _About(frozenset(reader.admit_objects([ask for ask in asks if ask.patient in here], level=Level.LISTED)), here)


def _read(sealed: bytes, why: str) -> _Entry:
    """Its header: what says who and when. One that does not open is shown as such."""
    v, parts, order = vault.current(), wire.Sealed(*cbor.loads_trusted(sealed)), why == arrival.Why.ORDER
    outer = wire.Outer.decode(parts.outer)
    try:
        inner = wire.open_inner(parts.inner, v.metadata, v.practice)
    except (wire.Broken, CryptoError):
        return _Entry(outer.replica, outer.stream, outer.seq, parts.hash, "", None, 0, 0, order)
    member = UUID(bytes=inner.member) if inner.member else None
    found = _Entry(outer.replica, outer.stream, outer.seq, inner.act[0], inner.kind, member, inner.wall, inner.hlc, order)
    if not order:
        return replace(found, ask=concerned.ask_of(inner, parts.body))
    return replace(found, said=orders.said(inner, parts.body), patient=concerned.patient_of_order(inner))


def _shown(number: int, act: Sequence[_Entry], names: dict[UUID, str], until: dict[tuple[bytes, int], int], about: _About) -> Kept:
    first, now = act[0], int(clock.now().timestamp() * 1000)
    by = names.get(first.member, "un membre inconnu ici") if first.member else "une tâche du cabinet"
    at = datetime.datetime.fromtimestamp(first.wall / 1000, datetime.UTC) if first.kind else None
    places = tuple(f"{replica.hex()}:{stream}:{seq}" for (replica, stream), seq in sorted(until.items()))
    said = clock_said(first.wall, clock.hlc_ms(first.hlc), now) if first.kind else ""
    asks = [one.ask for one in act if one.ask]
    open_ = {ask.patient for ask in asks if ask.object in about.admitted}
    patients = tuple(dict.fromkeys([*(one.patient for one in act if one.patient), *(ask.patient for ask in asks if ask.patient in open_)]))
    others = {ask.patient for ask in asks} - open_
    return Kept(number, by, _named(act), at, said, places, bool(first.kind), any(one.order for one in act), patients,
                len(others & about.here), len(others - about.here))


def _named(act: Iterable[_Entry]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.said or french(one.kind) for one in act if one.kind))
