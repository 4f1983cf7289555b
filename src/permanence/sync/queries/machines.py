"""Who the replicas are, how far each talk has come, and what waits for a person."""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from permanence.accounts.queries import SheetInfo, member_names, sheets
from permanence.journal import arrival, chain, segments, vault, wire
from permanence.journal.doors import Reader
from permanence.lib import suite
from permanence.lib.sqlcipher import run
from permanence.sync import hearing, permissions, rules
from permanence.sync.models import Carried, Heard, Peer, Replica, Told
from permanence.sync.queries.counting import waiting as to_settle
from permanence.sync.queries.orders import waits_for_a_person
from permanence.sync.queries.presence import Sister, called, names_of, sisters


@dataclass(frozen=True, slots=True)
class Machine:
    """A replica as the list shows it. `here`: this very one."""

    id: UUID
    name: str
    kind: str
    hosts: tuple[str, ...]
    here: bool
    added_at: datetime.datetime | None
    added_by: str
    revoked_at: datetime.datetime | None
    revoked_by: str
    entries: int  # of its chains, here
    last_at: datetime.datetime | None
    failing_since: datetime.datetime | None
    why: str
    aside: int  # of its entries, kept to be looked at
    waiting: int = 0  # entries written here that it has not got, as far as we talk to it ourselves
    wipe: bool = False  # lost: it empties itself when it hears of it
    by_sheet: bool = False  # made anew with the recovery sheet: nobody of the practice added it
    way: str = ""  # how it is reached now: near (found on the local network), at (an address that was given), name, relay
    heard_at: datetime.datetime | None = None  # the last time either called the other
    away_since: datetime.datetime | None = None  # it should be there, and is not
    gone: bool = False  # it comes and goes, and is not there now
    revoked_reason: str = ""
    told_at: datetime.datetime | None = None  # revoked: when it was told so from here
    emptied_at: datetime.datetime | None = None  # lost: when it said here that it had emptied itself


@dataclass(frozen=True, slots=True)
class Talks:
    """What the strip says of the other machines."""

    peers: int
    failing: int
    failing_since: datetime.datetime | None
    last_at: datetime.datetime | None
    waiting: int  # entries written here that the one behind most has not got
    aside: int
    to_settle: int
    lies: int = 0  # stories that contradict each other of one machine's entries
    revoked: bool = False  # the others told this very machine that it is the practice's no more
    away: tuple[tuple[str, datetime.datetime], ...] = ()  # machines that should be there and are not: name, since when
    known: int = 0  # machines and relays that were ever talked with, those that come and go too
    doors: tuple[tuple[str, str], ...] = ()  # the other machines: name, where browsers find it; those that answer first
    full: bool = False  # a relay keeps nothing more of what is written here


def standing(replica: bytes, act: Sequence[arrival.Arrival]) -> arrival.Standing | None:
    """What is heard of a replica: for `arrival.take`. On the writer, in the transaction that keeps its entries.

    A replica that took a new id, or was made with the recovery sheet, introduces itself by the first entry of its new chain; the one
    with which this machine was paired, and those that it knew, are heard before their own rows have come.
    """
    id = UUID(bytes=replica)
    everyone, introduces = known(), False
    if id not in everyone and (told := _told(id)) is not None:
        return told
    if id not in everyone and len(act) == 1 and (named := introduced(act[0].outer, act[0].inner, act[0].sealed.body)) is not None:
        everyone[id], introduces = named, True
    found = rules.heard(id, everyone)
    if found is False:
        return None
    if found is None or found is True:
        return arrival.Standing(waits=not introduces and waits_for_a_person(everyone[id], act, everyone),
                                limited=everyone[id].kind == "limited")  # fmt: skip
    return arrival.Standing(found, limited=everyone[id].kind == "limited")


def _told(id: UUID) -> arrival.Standing | None:
    """What who let this machine in said of another one, whose row has not come yet."""
    if run("default", "SELECT 1 FROM sync_peer WHERE replica = ?", id.hex).fetchone():
        return arrival.Standing()
    row = Told.objects.filter(replica=id).first()
    return None if row is None else arrival.Standing(None if row.until is None else rules.places(row.until))


def believed() -> str:
    """What the practice says of its machines, to be compared with what it said before."""
    return repr(sorted(known().items()))


def told() -> list[tuple[UUID, dict[int, int] | None]]:
    """Every machine whose entries the practice keeps, and how much of a revoked one: for a machine that joins."""
    everyone = known()
    found = [(id, rules.heard(id, everyone)) for id in sorted(everyone)]
    return [(id, None if heard is None else dict(heard)) for id, heard in found if not isinstance(heard, bool)]


def introduced(outer: wire.Outer, inner: wire.Inner, body: bytes | None) -> rules.Known | None:
    """Who an entry introduces, when it is the first of a machine that took a new id: vouched for by the one it was, and of its kind;
    or of one that the recovery sheet in service names."""
    if outer.seq != 1 or inner.kind != rules.REPLICA or inner.object != outer.replica or not outer.verify_key:
        return None
    values = chain.open_values(body, inner) or {}
    if values.get("verify_key") != outer.verify_key or any(values.get(name) for name in rules.GIVEN) or not rules.can_be_shown(values):
        return None
    if not values.get("succeeds_id"):
        in_service = [sheet for sheet in sheets() if sheet.live]
        good = not _taken(values, set()) and _by_sheet(outer.verify_key, bytes(values.get("vouched") or b""), in_service)
        return rules.Known(UUID(bytes=outer.replica), outer.verify_key, None, False, added=False, revoked=False, heard_until={},
                           kind=str(values.get("kind")), by_sheet=good)  # fmt: skip
    succeeds = UUID(bytes=bytes(values["succeeds_id"]))
    former = Replica.objects.filter(id=succeeds).first()
    good = former is not None and former.kind == values.get("kind") and _may_succeed(succeeds, values) and suite.check_signature(
        bytes(values.get("vouched") or b""), rules.LABEL + outer.verify_key, bytes(former.verify_key or b""))  # fmt: skip
    return rules.Known(UUID(bytes=outer.replica), outer.verify_key, succeeds, good, added=False, revoked=False, heard_until={},
                       kind=former.kind if former else "")  # fmt: skip


def _before(id: UUID, everyone: Mapping[UUID, rules.Known]) -> set[UUID]:
    """An id with all those that it succeeds."""
    line, one = set[UUID](), everyone.get(id)
    while one is not None and one.id not in line:
        line.add(one.id)
        one = everyone.get(one.succeeds) if one.succeeds else None
    return line


def _may_succeed(id: UUID, values: Mapping[str, Any]) -> bool:
    """Not with the transport key of another line; nor for ever: who has a machine's key could fill every list with its ids."""
    everyone = known()
    line = _before(id, everyone)
    return not _taken(values, line) and sum(bool(line & _before(one, everyone)) for one in everyone) < rules.MOST_IDS


def _taken(values: Mapping[str, Any], line: set[UUID]) -> bool:
    """Whether the transport key is a machine's of another line: revoked with it, that one would be refused everywhere."""
    key = values.get("transport_key")
    return bool(key) and any(id not in line for id in Replica.objects.filter(transport_key=key).values_list("id", flat=True))


def known() -> dict[UUID, rules.Known]:
    """Every replica that an entry names. Asked for each act that arrives: read again only when a row or a sheet changed."""
    global _read
    table = run("default", "SELECT * FROM sync_replica ORDER BY id").fetchall()
    papers = run("default", "SELECT id, vouches_key FROM accounts_unlockslot WHERE kind = 'sheet' ORDER BY id").fetchall()
    if _read[0] != [*table, *papers]:
        _read = [*table, *papers], _known()
    return dict(_read[1])


_read: tuple[list[tuple[Any, ...]], dict[UUID, rules.Known]] = [], {}


def _known() -> dict[UUID, rules.Known]:
    rows = list(Replica.objects.all())
    keys = {row.id: bytes(row.verify_key or b"") for row in rows}
    papers = sheets() if any(row.vouched and row.succeeds_id is None for row in rows) else []
    return {row.id: rules.Known(row.id, keys[row.id], row.succeeds_id, _vouched(row, keys), row.added_at is not None,
                                row.revoked_at is not None, row.heard_until or {}, row.kind, row.orders_until or {},
                                row.succeeds_id is None and _by_sheet(keys[row.id], bytes(row.vouched or b""), papers)) for row in rows
            if len(keys[row.id]) == 32 and suite.replica_id(keys[row.id]) == row.id.bytes}  # fmt: skip


def _by_sheet(verify_key: bytes, vouched: bytes, papers: Iterable[SheetInfo]) -> bool:
    """Whether one of these sheets named this machine: who is kept already stays so when the sheet is replaced."""
    said = rules.BY_SHEET + vault.current().practice + verify_key
    return bool(vouched) and any(suite.check_signature(vouched, said, sheet.vouches) for sheet in papers)


def _vouched(row: Replica, keys: dict[UUID, bytes]) -> bool:
    former = keys.get(row.succeeds_id) if row.succeeds_id else None
    return bool(former and row.vouched and suite.check_signature(bytes(row.vouched), rules.LABEL + bytes(row.verify_key or b""), former))


def transport_keys() -> dict[bytes, UUID]:
    """Who may ask this replica for entries: the transport keys of the replicas that are heard whole."""
    found = known()
    gone = {bytes(key) for key in Replica.objects.exclude(revoked_at=None).values_list("transport_key", flat=True) if key}
    return {bytes(row.transport_key): row.id for row in Replica.objects.filter(revoked_at=None)
            if row.transport_key and bytes(row.transport_key) not in gone and rules.heard(row.id, found) is None}  # fmt: skip


def revoked_keys() -> set[bytes]:
    """The transport keys of revoked machines: they may say what they wrote, and are told that they were revoked."""
    return {bytes(key) for key in Replica.objects.exclude(revoked_at=None).values_list("transport_key", flat=True) if key}


def machines(*, reader: Reader) -> list[Machine]:
    """Every replica, this one first. Raises Refused without a member of the practice."""
    permissions.check_see(reader)
    here, peers = UUID(bytes=vault.current().replica), {peer.replica: peer for peer in Peer.objects.exclude(replica=None)}
    sizes: dict[bytes, int] = dict(run("default", "SELECT replica, sum(size) FROM journal_chain GROUP BY replica").fetchall())
    aside: dict[bytes, int] = dict(run("default", "SELECT replica, count(*) FROM journal_quarantined GROUP BY replica").fetchall())
    rows = sorted(Replica.objects.all(), key=lambda row: (row.id != here, row.revoked_at is not None, row.name))
    names = member_names([id for row in rows for id in (row.added_by_id, row.revoked_by_id) if id])
    relayed = Peer.objects.filter(replica=None, failing_since=None).exclude(last_at=None).exists()
    there = {one.id: one for one in sisters(peers.values())}
    found = [_machine(row, row.id == here, peers.get(row.id), there.get(row.id), names, sizes.get(row.id.bytes, 0),
                      aside.get(row.id.bytes, 0), relayed) for row in rows]  # fmt: skip
    keys, kept = {row.id: bytes(row.transport_key or b"") for row in rows}, {one.replica: one for one in Heard.objects.all()}
    return [_left(one, keys[one.id], kept.get(one.id)) if one.revoked_at else one for one in found]


def _left(one: Machine, key: bytes, kept: Heard | None) -> Machine:
    """A revoked one, with what is known here of it since."""
    sound = hearing.last(*names_of(one.id, key))
    last = max((at for at in (sound.at if sound else None, kept.at if kept else None, one.last_at) if at), default=None)
    told = kept is not None and kept.told_at is not None and one.revoked_at is not None and kept.told_at >= one.revoked_at
    if kept is None or not told:
        return replace(one, heard_at=last)
    return replace(one, heard_at=last, told_at=kept.told_at, emptied_at=kept.emptied_at)


def _machine(row: Replica, here: bool, peer: Peer | None, there: Sister | None, names: dict[UUID, str], entries: int,
             aside: int, relayed: bool) -> Machine:  # fmt: skip
    def name(id: UUID | None) -> str:
        return names.get(id, "") if id else ""

    return Machine(row.id, row.name, row.kind, tuple(row.hosts), here, row.added_at, name(row.added_by_id), row.revoked_at,
                   name(row.revoked_by_id), entries, peer.last_at if peer else None, peer.failing_since if peer else None,
                   peer.why if peer else "", aside, _written_after(peer.given_until) if peer and not row.revoked_at else 0,
                   row.wipe, bool(row.vouched) and row.succeeds_id is None, "" if here or row.revoked_at else _way(peer, relayed),
                   there.last_at if there else None, there.away_since if there else None, there.gone if there else False,
                   row.revoked_reason)  # fmt: skip


def _way(peer: Peer | None, relayed: bool) -> str:
    if peer is not None and peer.last_at and not peer.failing_since:
        return peer.way or ("at" if peer.at else "name")
    return "relay" if relayed else ""


def talks() -> Talks:
    """For the strip; no clinical data, no reader: counts only.

    Machines that come and go count while they are there: their absence is nobody's cut, and what waits for them is no delay.
    """
    every = called()
    others = sisters(every)
    absent = {one.waiting_for for one in others if one.gone or one.away_since} - {None}
    here = {one.waiting_for for one in others} - absent
    away = [(one.name, one.away_since) for one in others if one.away_since]
    for peer in every:  # relays, and who let this machine in, before its row has come
        if peer.failing_since and peer.pk not in absent | here:
            away.append(("Le relais" if peer.replica is None else "L’autre machine", peer.failing_since))
    counted = [peer for peer in every if peer.pk not in {one.waiting_for for one in others if one.gone}]
    newest = run("default", "SELECT coalesce(max(id), 0) FROM journal_entry").fetchone()[0]
    waiting = max((_written_after(peer.given_until) for peer in counted if peer.given_until < newest), default=0)
    aside = run("default", "SELECT count(*) FROM journal_quarantined").fetchone()[0]
    last = max((at for at in (*(one.last_at for one in others), *(peer.last_at for peer in every)) if at), default=None)
    uncalled = [one for one in others if one.waiting_for is None and one.last_at and not one.gone]
    lies = sum(len(peer.lies) for peer in every) + segments.stories() + Carried.objects.filter(lies__gt=0).count()
    return Talks(len(counted) + len(uncalled), len(away), min((since for _, since in away), default=None), last, waiting, aside,
                 len(to_settle()), lies, any(peer.why == "revoked" for peer in every), tuple(away),
                 len(every) + sum(one.waiting_for is None and one.last_at is not None for one in others), _doors(others),
                 any(peer.replica is None and peer.why == "quota" for peer in every))  # fmt: skip


def _doors(others: Iterable[Sister]) -> tuple[tuple[str, str], ...]:
    """Where anybody may go on working: not at one carer's laptop."""
    there = sorted(others, key=lambda one: (one.gone or one.away_since is not None, one.name))
    return tuple((one.name, one.origin) for one in there if one.origin and not one.limited)


def _written_after(place: int) -> int:
    found: int = run(
        "default", "SELECT count(*) FROM journal_entry WHERE id > ? AND replica = ?", place, vault.current().replica
    ).fetchone()[0]
    return found


@dataclass(frozen=True, slots=True)
class Aside:
    """An entry that was not kept: from whom, why, since when; never its words."""

    id: bytes
    replica: UUID
    stream: int
    seq: int
    why: str
    at: datetime.datetime


def aside(*, reader: Reader, most: int = 200) -> list[Aside]:
    """What waits in quarantine. Raises Refused: titulaires."""
    permissions.check_settle(reader)
    rows = run(
        "default", "SELECT id, replica, stream, seq, why, at FROM journal_quarantined ORDER BY replica, stream, seq LIMIT ? + 0", most
    ).fetchall()
    return [Aside(id, UUID(bytes=replica), stream, seq, why, datetime.datetime.fromtimestamp(at / 1000, datetime.UTC))
            for id, replica, stream, seq, why, at in rows]  # fmt: skip


def machines_beside() -> int:
    """How many other machines of the practice are heard."""
    here, found = UUID(bytes=vault.current().replica), known()
    return sum(rules.heard(id, found) is None for id in found if id != here)


def relays() -> list[str]:
    """The addresses of the relays that this machine talks to."""
    return list(Peer.objects.filter(replica=None).order_by("id").values_list("base", flat=True))


def peers() -> Iterator[Peer]:
    """Whom this replica talks to: relays, and machines that are heard. One that was revoked is given nothing any more."""
    return (row for row in Peer.objects.order_by("id") if still_heard(row.replica))


def still_heard(replica: UUID | None) -> bool:
    """Whether a peer is a relay, a machine that is heard whole, or the one that let this machine in, before its own row has come."""
    if replica is None:
        return True
    found = known()
    return replica not in found or rules.heard(replica, found) is None
