"""A replica enters the practice, changes its name, and leaves it: orders that every other one applies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from permanence.accounts.permissions import present_members
from permanence.accounts.rules import CLINICIANS
from permanence.journal import arrival, exchange, segments, vault, wire, writer
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock, suite
from permanence.lib.sqlcipher import run
from permanence.lib.text import NBSP, collapse
from permanence.sync import permissions, queries, rules
from permanence.sync.models import Replica

UNKNOWN = "Cette machine n’est pas du cabinet, ou plus\u00a0: actualisez la liste."


@dataclass(frozen=True, slots=True)
class Keys:
    """The public keys of a replica: of its entries, of what it asks, of what is sealed to it. 32 bytes each."""

    verify: bytes
    transport: bytes
    box: bytes


@action
def introduce_oneself(*, name: str, kind: str, hosts: Sequence[str], transport: bytes, box: bytes, origin: str = "",
                      succeeds: UUID | None = None, vouched: bytes | None = None, by: Actor) -> UUID:  # fmt: skip
    """The machine that made the practice names itself; or one that had to take a new id, vouched for by its former one; or one made
    with the recovery sheet, vouched for by the sheet."""
    permissions.check_introduce(by)
    v = vault.current()
    here = UUID(bytes=v.replica)
    row = Replica.objects.filter(id=here).first()
    if row is not None:
        return here
    Replica(id=here, name=name, kind=kind, verify_key=v.verify_key, transport_key=transport, transport_box_key=box, hosts=list(hosts),
            origin=origin, added_at=None if vouched else clock.now(), succeeds_id=succeeds, vouched=vouched).save()  # fmt: skip
    return here


@action
def tell_origin(origin: str, *, by: Actor) -> None:
    """This machine says where browsers find it."""
    permissions.check_introduce(by)
    row = Replica.objects.filter(id=UUID(bytes=vault.current().replica), revoked_at=None).first()
    if row is not None and row.origin != origin:
        row.origin = origin
        row.save()


@action
def add_replica(id: UUID, keys: Mapping[str, bytes], *, name: str, kind: str, hosts: Sequence[str],
                panel_of: UUID | None = None, by: Actor) -> None:  # fmt: skip
    """One more machine holds the practice; a limited one, the panel of a member. `keys`: verify, transport, box; and entrusted, of a
    limited one. Raises Refused: right, kind, member, key."""
    permissions.check_change(by)
    if kind not in rules.KINDS:
        raise Refused(f"Cette sorte de machine n’existe pas{NBSP}: choisissez dans la liste.", code="kind")
    if kind == "limited" and (panel_of is None or "entrusted" not in keys or present_members().get(panel_of) not in CLINICIANS):
        raise Refused(f"Un portable limité porte les dossiers d’un soignant du cabinet{NBSP}: le choisir dans la liste.", code="member")
    if suite.replica_id(keys["verify"]) != id.bytes or any(len(key) != 32 for key in keys.values()):
        raise Refused(f"Les clés de cette machine ne sont pas les siennes{NBSP}: recommencez l’association.", code="key")
    taken = list(Replica.objects.filter(revoked_at=None).values_list("name", flat=True))
    Replica(id=id, name=rules.first_free(taken, name.strip() or rules.KINDS[kind]), kind=kind, verify_key=keys["verify"],
            transport_key=keys["transport"], transport_box_key=keys["box"], hosts=list(hosts), added_by_id=by.member,
            added_at=clock.now(), panel_of_id=panel_of if kind == "limited" else None,
            entrusted_key=keys["entrusted"] if kind == "limited" else None).save()  # fmt: skip


@action
def rename_replica(id: UUID, *, name: str, by: Actor) -> None:
    """How people call it."""
    permissions.check_change(by)
    row = _found(id)
    row.name = name.strip()[:80] or row.name
    row.save()


@action
def revoke_replica(id: UUID, *, wipe: bool = False, reason: str = "", by: Actor) -> None:
    """From now on it is not heard: what it wrote and we hold stays; later entries are kept aside, one by one to be looked at.

    `wipe`: it is lost, and empties itself when it hears of it. `reason`: why, in a few words, where there is time to say it. Raises
    Refused for this very machine, and for an unknown one.
    """
    permissions.check_change(by)
    if id.bytes == vault.current().replica:
        raise Refused(f"Une machine ne se révoque pas elle-même{NBSP}: faites-le depuis une autre.", code="here")
    _found(id)
    held, now = {**arrival.held(), **segments.held()}, clock.now()
    for row in _line_of(id):  # under every id that it has had: one of them left would still speak for it
        if row.revoked_at is not None:
            continue
        row.revoked_at, row.revoked_by_id, row.wipe, row.revoked_reason = now, by.member, wipe, collapse(reason)[:200]
        row.heard_until = {str(stream): size for (replica, stream), size in held.items() if replica == row.id.bytes}
        row.save()


def _line_of(id: UUID) -> list[Replica]:
    """A machine under all the ids that it took one after the other."""
    rows = {row.id: row for row in Replica.objects.all()}
    line, grown = {id}, True
    while grown:
        wider = line | {row.id for row in rows.values() if row.succeeds_id in line} | {
            before for one in line if one in rows and (before := rows[one].succeeds_id) in rows and before is not None}  # fmt: skip
        grown, line = wider != line, wider
    return [rows[one] for one in sorted(line) if one in rows]


def _found(id: UUID) -> Replica:
    row: Replica | None = Replica.objects.filter(id=id, revoked_at=None).first()
    if row is None:
        raise Refused(UNKNOWN, code="unknown")
    return row


@action
def readmit_replica(id: UUID, *, by: Actor) -> None:
    """Revoked by mistake, or found again: heard as before, under every id that it has had. Raises Refused."""
    permissions.check_change(by)
    line = [row for row in _line_of(id) if row.revoked_at is not None]
    if not line:
        raise Refused(UNKNOWN, code="unknown")
    for row in line:
        row.revoked_at, row.revoked_by_id, row.heard_until, row.wipe, row.revoked_reason = None, None, {}, False, ""
        row.save()


def readmit(id: UUID, *, by: Actor) -> None:
    """And what it wrote meanwhile is kept now. Raises Refused."""
    readmit_replica(id, by=by)
    for one in sorted({id, *queries.places_aside(id)}):
        retry(one)


def retry(id: UUID) -> exchange.Pushed:
    """Try again what was put aside of one replica: its keys may have come, or who adds it. A part at a time: it may be years of visits."""
    outcomes, waiting = list[exchange.Outcome](), tuple[wire.Sealed, ...]()
    for part in queries.parts_aside(id):
        entries = (*waiting, *part)
        pushed = arrival.take(exchange.Batch(vault.current().practice, entries), queries.standing)
        waiting = tuple(entry for entry, said in zip(entries, pushed.outcomes, strict=True) if _goes_on(said))
        outcomes += [said for said in pushed.outcomes if not _goes_on(said)]
    _forget_kept(id)
    return exchange.Pushed(tuple(outcomes), arrival.held())


def _goes_on(said: exchange.Outcome) -> bool:
    """Its act ends in the next part; what waits for a root waits longer than that."""
    return said.result is exchange.Result.WAITING and not said.why


def retry_all() -> None:
    """Once the practice says something else of a machine: whoever is heard now is kept."""
    for (replica,) in run("default", "SELECT DISTINCT replica FROM journal_quarantined ORDER BY replica").fetchall():
        retry(UUID(bytes=replica))


_KEPT = (
    "DELETE FROM journal_quarantined WHERE replica = ? AND why <> ? AND seq <= coalesce((SELECT size FROM journal_chain c"
    " WHERE c.replica = journal_quarantined.replica AND c.stream = journal_quarantined.stream), 0)"
)


def _forget_kept(id: UUID) -> None:
    writer.current().run_job(lambda: run("default", _KEPT, id.bytes, str(arrival.Why.FORK)) and None, urgent=False, name="sync:aside")
