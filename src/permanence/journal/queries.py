"""Who has read what, and who has changed what. Reading the journal is itself a read, of category JOURNAL."""

import datetime
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from permanence.journal import access, vault, wire
from permanence.journal.categories import Category, Level, unmask
from permanence.journal.categories import mask as mask_of
from permanence.journal.doors import Ask, Reader, Refused
from permanence.lib import suite
from permanence.lib.sqlcipher import run

UTC = datetime.UTC


@dataclass(frozen=True, slots=True)
class Access:
    """One response that served something of one patient. `at` is UTC; `gates` and `route` as they were then; `reason` as it was
    found for this patient, empty where none was looked for."""

    patient: UUID
    at: datetime.datetime
    member: UUID | None
    session: UUID | None
    post: UUID | None
    level: Level
    categories: frozenset[Category]
    objects: tuple[UUID, ...]
    reason: str
    gates: tuple[str, ...]
    route: str
    purpose: str
    assurance: str
    replica: UUID  # the machine that served it
    number: int  # its place among the reads of that machine


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a patient's file: who wrote what kind of object, when, by which action. Values are not here."""

    at: datetime.datetime
    member: UUID | None
    action: str
    kind: str
    object: UUID | None
    fields: tuple[str, ...]
    readable: bool


def may_read_journal(patient: UUID, *, reader: Reader, answerable: UUID | None) -> bool:
    """Whether this reader may see who read the file: a titulaire, or `answerable`, the patient's médecin traitant, whose
    own the journal of that file is (docs/rights.md). Recorded as a read of the journal."""
    object = UUID(bytes=suite.sha256(b"permanence/journal-of/v1\0", patient.bytes)[:16])
    return object in reader.admit_objects([Ask(patient, Category.JOURNAL, object, author=answerable)])


def readers_of(patient: UUID, *, reader: Reader, answerable: UUID | None = None, limit: int = 200,
               since: datetime.datetime | None = None) -> list[Access]:
    """Who was served this patient's file, newest first, by any machine whose reads are here.

    `answerable`: the patient's médecin traitant, if a member. Raises Refused.
    """
    if not may_read_journal(patient, reader=reader, answerable=answerable):
        raise Refused("La liste des lectures de ce dossier est ouverte au médecin traitant et aux titulaires : "
                      "demandez-la à l’un d’eux.", code="right")
    after = int(since.timestamp() * 1000) if since else 0
    rows = run("access", "SELECT entry, patient, member, session, at, level, categories FROM journal_accessindex"
               " WHERE patient = ? AND at >= ? ORDER BY at DESC, id DESC LIMIT ? + 0", patient.bytes, after, limit).fetchall()
    return list(_accesses(rows))


def own_reads(patients: Collection[UUID], categories: Collection[Category], *, reader: Reader,
              limit: int = 400) -> list[datetime.datetime]:
    """When this reader was served one of these categories of these files, newest first: one's own readings, of which
    nothing but the hour is told. The response being prepared is not among them yet."""
    if reader.actor.member is None:
        return []
    rows = run("access", "SELECT at FROM journal_accessindex WHERE patient IN (SELECT unhex(value) FROM json_each(?))"
               " AND member = ? AND level >= ? AND categories & ? ORDER BY at DESC LIMIT ? + 0",
               json.dumps([patient.hex for patient in patients]), reader.actor.member.bytes, int(Level.READ),
               mask_of(frozenset(categories)), limit).fetchall()
    return [_at(at) for at, in rows]


def served_in(session: UUID, *, reader: Reader, limit: int = 500, of: UUID | None = None) -> list[Access]:
    """All that one session was served, newest first: one's own. Refused `right` for another's.

    `of`: whose session it is, said by `accounts.queries.session_reads` alone, which has asked whether the reader may
    (a test keeps it the only one). What is then shown counts as a read of the journal of each file.
    """
    rows = run("access", "SELECT entry, patient, member, session, at, level, categories FROM journal_accessindex"
               " WHERE session = ? ORDER BY id DESC LIMIT ? + 0", session.bytes, limit).fetchall()
    whose = of or reader.actor.member
    if whose is None or any(row[2] != whose.bytes for row in rows):
        raise Refused("Les lectures d’une autre personne se demandent à un titulaire.", code="right")
    if whose != reader.actor.member:
        patients = {UUID(bytes=row[1]) for row in rows}
        admitted = reader.admit(patients, [Category.JOURNAL]).patients(Category.JOURNAL)
        rows = [row for row in rows if UUID(bytes=row[1]) in admitted]
    return list(_accesses(rows))


def readers_of_object(patient: UUID, object: UUID, *, reader: Reader, answerable: UUID | None = None,
                      limit: int = 2000) -> list[Access]:
    """Who was served one object (a note moved to another file): looked for in the sealed bodies of the file's accesses.

    `answerable` may see it: the médecin traitant, or the note's author.
    """
    return [access for access in readers_of(patient, reader=reader, answerable=answerable, limit=limit)
            if object in access.objects]


def _accesses(rows: list[Any]) -> Iterator[Access]:
    v, opened = vault.current(), dict[int, tuple[wire.Inner, dict[str, Any], UUID, int]]()
    wanted = sorted({row[0] for row in rows})
    for start in range(0, len(wanted), 500):
        part = wanted[start:start + 500]
        marks = ",".join("?" * len(part))
        for id, inner, body, replica, seq in run(
                "access", "SELECT e.id, e.inner, b.sealed, e.replica, e.seq FROM journal_entry e JOIN journal_body b"
                f" ON b.entry = e.hash WHERE e.id IN ({marks})", *part).fetchall():
            opened[id] = (wire.open_inner(inner, v.metadata, v.practice), wire.open_body(body, v.access, v.practice),
                          UUID(bytes=replica), seq)  # fmt: skip
    for entry, patient, member, session, at, level, mask in rows:
        if entry not in opened:
            continue
        inner, body, replica, seq = opened[entry]
        objects: list[bytes] = next((p[2] for p in body["patients"] if p[0] == patient), [])
        yield Access(UUID(bytes=patient), _at(at), _uuid(member), _uuid(session), _uuid(inner.post), Level(level),
                     unmask(mask), tuple(UUID(bytes=o) for o in objects), access.explains(body, patient),
                     tuple(body["gates"]), body["route"], inner.purpose, inner.assurance, replica, seq)


def changes_of(patient: UUID, *, reader: Reader, answerable: UUID | None = None, limit: int = 200,
               object: UUID | None = None) -> list[Change]:
    """What was written in a file and by whom, newest first: headers only, no values. Raises Refused."""
    if not may_read_journal(patient, reader=reader, answerable=answerable):
        raise Refused("L’historique des modifications est ouvert au médecin traitant et aux titulaires : "
                      "demandez-le à l’un d’eux.", code="right")
    v = vault.current()
    rows = run("default", "SELECT e.inner, b.entry FROM journal_entry e LEFT JOIN journal_body b ON b.entry = e.hash"
               " WHERE e.ref = ? AND (? IS NULL OR e.object = ?) ORDER BY e.id DESC LIMIT ? + 0", patient.bytes,
               object and object.bytes, object and object.bytes, limit).fetchall()
    found = []
    for sealed, body in rows:
        inner = wire.open_inner(sealed, v.metadata, v.practice)
        found.append(Change(_at(inner.wall), _uuid(inner.member), inner.action, inner.kind, _uuid(inner.object),
                            tuple(sorted(inner.base)), body is not None))
    return found


def conflicts_of(object: UUID, *, ask: Ask, reader: Reader) -> dict[str, list[tuple[bytes, Any]]]:
    """The fields of one object that hold several concurrent values: entry hash and value, the one shown first."""
    from permanence.journal import chain

    if ask.object not in reader.admit_objects([ask]):
        return {}
    several = {}
    for name, register in chain.load_state(object.bytes).items():
        if len(register.live) > 1:
            ordered = sorted(register.live.items(), key=lambda item: (item[1][0], item[0]), reverse=True)
            several[name] = [(entry, value) for entry, (_, value) in ordered]
    return several


def _at(ms: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)


def _uuid(id: bytes | None) -> UUID | None:
    return None if id is None else UUID(bytes=id)
