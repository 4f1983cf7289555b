"""What is known of another machine before a file is written for it, and what became of files written and read here."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from permanence.accounts.queries import member_names
from permanence.journal import arrival, departure, exchange, vault
from permanence.journal.doors import Reader, Refused
from permanence.journal.exchange import Vector
from permanence.lib.sqlcipher import run
from permanence.lib.text import NBSP, fold
from permanence.sync import permissions, rules
from permanence.sync.models import Carried, Held, Peer, Replica
from permanence.sync.queries.machines import known

MOST = 20
ANY = "toute machine du cabinet"


@dataclass(frozen=True, slots=True)
class Target:
    """A machine for which a file may be written. `lacks`: entries, at most; `sure`: as it said itself, once."""

    id: UUID
    name: str
    lacks: int
    sure: bool


@dataclass(frozen=True, slots=True)
class File:
    """One file that was written or read here."""

    id: UUID
    at: datetime.datetime
    out: bool
    who: str
    machine: str
    entries: int
    known: int
    aside: int
    stuck: int
    files: int
    absent: int
    to_settle: int
    lies: int
    whole: bool
    why: str


def boxes() -> dict[UUID, bytes]:
    """To whom a file is sealed: the box keys of the other machines that are heard."""
    here, found = vault.current().replica, known()
    rows = Replica.objects.filter(revoked_at=None).values_list("id", "transport_box_key")
    keys = {id: bytes(key) for id, key in rows if key and id.bytes != here and rules.heard(id, found) is None}
    return {id: key for id, key in keys.items() if len(key) == 32 and any(key)}


def named(name: str) -> UUID | None:
    """The one machine, among those to whom a file is sealed, that people call so."""
    rows = Replica.objects.filter(id__in=boxes()).values_list("id", "name")
    found = [id for id, called in rows if fold(called) == fold(name)]
    return found[0] if len(found) == 1 else None


def last_known(to: UUID) -> tuple[Vector, int]:
    """What that machine holds at least, and the place up to which it lacks nothing of what came here: (vector, place).

    From what it last said, in a file or asking here, and from the last talk with it; else its own entries alone.
    """
    told = Held.objects.filter(replica=to).values_list("held", flat=True).first() or []
    held = {(bytes.fromhex(replica), int(stream)): int(size) for replica, stream, size in told}
    mine = arrival.held()
    held |= {place: max(size, held.get(place, 0)) for place, size in mine.items() if place[0] == to.bytes}
    talked = Peer.objects.filter(replica=to).values_list("given_until", flat=True).first() or 0
    if not told:
        return held, talked
    return held, max(talked, departure.before(held) if exchange.lacking(mine, held) else departure.newest())


def targets(*, reader: Reader) -> list[Target]:
    """Every other machine that is heard. Raises Refused without a member of the practice."""
    permissions.check_carry(reader.actor)
    rows = Replica.objects.filter(id__in=boxes()).order_by("name").values_list("id", "name")
    return [_target(id, name) for id, name in rows]


def _target(id: UUID, name: str) -> Target:
    _, since = last_known(id)
    lacks: int = run("default", "SELECT count(*) FROM journal_entry WHERE id > ? AND replica <> ?", since, id.bytes).fetchone()[0]
    return Target(id, name, lacks, bool(since))


def carried(*, reader: Reader, most: int = MOST) -> list[File]:
    """The last files, the newest first. Raises Refused without a member of the practice."""
    permissions.check_carry(reader.actor)
    return _files(list(Carried.objects.order_by("-at")[:most]))


def carried_file(id: UUID, *, reader: Reader) -> File:
    """One of them. Raises Refused `unknown`."""
    permissions.check_carry(reader.actor)
    found = _files(list(Carried.objects.filter(pk=id)))
    if not found:
        raise Refused(f"Ce fichier n’est plus connu ici{NBSP}: le relire ne change rien à ce qui est arrivé.", code="unknown")
    return found[0]


def _files(rows: list[Carried]) -> list[File]:
    people = member_names([row.member for row in rows if row.member])
    machines = dict(Replica.objects.filter(id__in={row.replica for row in rows if row.replica}).values_list("id", "name"))
    return [_file(row, people.get(row.member, "") if row.member else "la console", str(machines.get(row.replica, ""))) for row in rows]


def _file(row: Carried, who: str, machine: str) -> File:
    return File(row.id, row.at, row.out, who, machine or (ANY if row.out else "une machine inconnue d’ici"), row.entries, row.known,
                row.aside, row.stuck, row.files, row.absent, row.to_settle, row.lies, row.whole, row.why)  # fmt: skip
