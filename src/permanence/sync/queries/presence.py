"""Which of the practice's other machines are there, as far as this one hears them: by its own calls, or by theirs."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from permanence.journal import arrival, exchange, vault
from permanence.sync import apart, hearing, rules
from permanence.sync.models import Heard, Peer, Replica


@dataclass(frozen=True, slots=True)
class Sister:
    """Another machine of the practice that is heard. Instants are UTC.

    `last_at`: the last time either called the other; None: never directly. `away_since`: it should be there and is not.
    `gone`: a machine that comes and goes is not there now, which is nobody's alarm. `carer`: of a limited one, whose patients it carries.
    """

    id: UUID
    name: str
    kind: str
    last_at: datetime.datetime | None
    away_since: datetime.datetime | None = None
    gone: bool = False
    waiting_for: int | None = None  # Peer.id, when it is called from here
    origin: str = ""  # where browsers find it, as far as it said so
    carer: UUID | None = None

    @property
    def limited(self) -> bool:
        return self.kind == "limited"


@dataclass(frozen=True, slots=True)
class Around:
    """The practice's machines, read once. `own`: this one, once it has named itself; `heirs`: which id followed which; `compared`: for
    each that said what it holds, entries held here that it has not, and that it holds and we have not."""

    own: Sister | None
    sisters: tuple[Sister, ...]
    heirs: Mapping[UUID, UUID]
    compared: Mapping[UUID, tuple[int, int]]


def around() -> Around:
    """Four questions, however many they are."""
    rows, here = list(Replica.objects.order_by("name", "id")), UUID(bytes=vault.current().replica)
    own = next((Sister(row.id, row.name, row.kind, None, origin=row.origin) for row in rows if row.id == here), None)
    keys = [(row.id, row.transport_key) for row in rows if row.revoked_at is None]
    heirs = {row.succeeds_id: row.id for row in rows if row.succeeds_id}
    return Around(own, tuple(_sisters(rows, Peer.objects.all())), heirs, _compared(keys))


def sisters(peers: Iterable[Peer] | None = None) -> list[Sister]:
    """Every other machine under its present id, not revoked. `peers`: those already read."""
    return _sisters(Replica.objects.filter(revoked_at=None).order_by("name", "id"), Peer.objects.all() if peers is None else peers)


def _sisters(every: Iterable[Replica], peers: Iterable[Peer]) -> list[Sister]:
    here = UUID(bytes=vault.current().replica)
    rows = [row for row in every if row.id != here and row.revoked_at is None]
    heirs = {row.succeeds_id: row.id for row in rows if row.succeeds_id}
    called = {present(peer.replica, heirs): peer for peer in peers if peer.replica is not None}
    kept = dict(Heard.objects.values_list("replica", "at"))
    first = {row.id: row for row in rows}
    return [replace(_sister(row, called.get(row.id), kept.get(row.id)), carer=_first(row, first).panel_of_id)
            for row in rows if row.id not in heirs]  # fmt: skip


def _first(row: Replica, rows: Mapping[UUID, Replica]) -> Replica:
    """A machine's row under the first id that it had: what a titulaire said of it."""
    for _ in rows:
        row = rows.get(row.succeeds_id, row) if row.succeeds_id else row
    return row


def present(replica: UUID, heirs: Mapping[UUID, UUID]) -> UUID:
    """The id that a machine has now, when it had to take another since we began to call it."""
    for _ in heirs:
        replica = heirs.get(replica, replica)
    return replica


def own() -> Sister | None:
    """This machine's own row, once it has named itself."""
    row = Replica.objects.filter(id=UUID(bytes=vault.current().replica)).values_list("id", "name", "kind", "origin").first()
    return None if row is None else Sister(row[0], row[1], row[2], None, origin=row[3])


def called() -> list[Peer]:
    """Relays and machines that are called from here, without those that were revoked."""
    gone = set(Replica.objects.exclude(revoked_at=None).values_list("id", flat=True))
    return [peer for peer in Peer.objects.all() if peer.replica not in gone]


def _sister(row: Replica, peer: Peer | None, kept: datetime.datetime | None) -> Sister:
    key = bytes(row.transport_key or b"")
    sound, asked = hearing.last(*names_of(row.id, key)), hearing.last(key)
    every = (sound.at if sound else None, kept, peer.last_at if peer else None)
    last = max((at for at in every if at is not None), default=None)
    if peer is not None:  # one that still calls us is there, whatever keeps our own calls from it
        away = peer.failing_since
        away = None if away and asked and asked.at > away and hearing.quiet_for(key) <= hearing.SILENT_S else away
    else:
        away = last if hearing.quiet_for(key) > hearing.SILENT_S else None
    there = row.kind in rules.ALWAYS_THERE
    return Sister(row.id, row.name, row.kind, last, away if there else None, away is not None and not there,
                  peer.pk if peer else None, row.origin or (f"https://{row.hosts[0]}" if row.hosts else ""))  # fmt: skip


def uplink_down() -> bool:
    """Whether what is outside the practice's own network does not answer: relays and hosted machines, all of them. False: nobody knows."""
    hosted = set(Replica.objects.filter(kind="hosted", revoked_at=None).values_list("id", flat=True))
    outside = [peer for peer in called() if peer.replica is None or peer.replica in hosted]
    return bool(outside) and all(peer.failing_since is not None and peer.why not in (apart.WHY, apart.SAID) for peer in outside)


def compared() -> dict[UUID, tuple[int, int]]:
    """For each machine that said what it holds: entries held here that it has not, and that it holds and we have not."""
    return _compared(Replica.objects.filter(revoked_at=None).values_list("id", "transport_key"))


def _compared(machines: Iterable[tuple[UUID, bytes | None]]) -> dict[UUID, tuple[int, int]]:
    mine, found = arrival.held(), dict[UUID, tuple[int, int]]()
    for id, key in machines:
        theirs = hearing.held_by(*names_of(id, bytes(key or b"")))
        if theirs is not None:
            found[id] = _entries(mine, theirs), _entries(theirs, mine)
    return found


def _entries(held: exchange.Vector, by: exchange.Vector) -> int:
    return sum(max(0, size - by.get(place, 0)) for place, size in held.items())


def names_of(replica: UUID, transport_key: bytes) -> tuple[bytes, ...]:
    """Under which names `hearing` may know it."""
    return (replica.bytes, transport_key) if transport_key else (replica.bytes,)


def holdings(ids: Iterable[UUID]) -> dict[UUID, exchange.Vector]:
    """What those of these machines that said it hold: should one be cut off, what it lacks is known without it."""
    found = {}
    for id, key in Replica.objects.filter(id__in=list(ids)).values_list("id", "transport_key"):
        if (held := hearing.held_by(*names_of(id, bytes(key or b"")))) is not None:
            found[id] = held
    return found


def heard_since(kept_for: datetime.timedelta) -> dict[UUID, datetime.datetime]:
    """What is heard in memory and is worth writing down again."""
    kept, found = dict(Heard.objects.values_list("replica", "at")), dict[UUID, datetime.datetime]()
    for id, key in Replica.objects.filter(revoked_at=None).values_list("id", "transport_key"):
        sound = hearing.last(*names_of(id, bytes(key or b"")))
        if sound is not None and (id not in kept or abs(sound.at - kept[id]) >= kept_for):
            found[id] = sound.at
    return found
