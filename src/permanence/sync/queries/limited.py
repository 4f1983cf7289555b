"""Limited machines: whose panel each carries, what it was entrusted with, and who is in that panel now."""

import datetime
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from permanence.accounts import permissions
from permanence.accounts.queries import member_names
from permanence.accounts.rules import CLINICIANS
from permanence.agenda.models import Appointment
from permanence.agenda.rules import GONE
from permanence.agenda.times import instant
from permanence.journal import keys, vault
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.lib.sqlcipher.compiled import stored
from permanence.patients.models import Alias, Opposition, Patient
from permanence.patients.permissions import load_files
from permanence.sync import rules
from permanence.sync.models import EntrustedKey, Held, Replica
from permanence.sync.queries.machines import known

DAYS = 10  # before today and after
EDGE = 2  # days more, before what was given is taken back


@dataclass(frozen=True, slots=True)
class Limited:
    """A limited machine under its present id. `line`: every id that it has had."""

    id: UUID
    line: frozenset[UUID]
    member: UUID  # whose patients
    box: bytes  # keys are sealed to it


@dataclass(frozen=True, slots=True)
class Carried:
    """What a limited machine carries: whose patients, how many files, and how many of them are taken back at its next contact."""

    member: UUID
    of: str
    files: int
    left: int = 0


def limited() -> list[Limited]:
    """Those that are heard. Whose panel it is, and the key, are what a member said when it was added: it says nothing of this itself."""
    rows = {row.id: row for row in Replica.objects.filter(kind="limited")}
    everyone, heirs = known(), {row.succeeds_id for row in rows.values()}
    found = []
    for row in rows.values():
        line = _line(row, rows)
        first = rows[line[-1]]
        if row.id not in heirs and rules.heard(row.id, everyone) is None and first.panel_of_id and first.entrusted_key:
            found.append(Limited(row.id, frozenset(line), first.panel_of_id, bytes(first.entrusted_key)))
    return found


def _line(row: Replica, rows: Mapping[UUID, Replica]) -> list[UUID]:
    """Its ids, the present one first."""
    line = [row.id]
    while (before := rows[line[-1]].succeeds_id) in rows and before is not None and before not in line:
        line.append(before)
    return line


def is_limited(replica: UUID | None) -> bool:
    """Whether a machine is one: it is given no keys beside entries, for it could open none."""
    return replica is not None and Replica.objects.filter(id=replica, kind="limited").exists()


def panel(member: UUID) -> set[UUID]:
    """Files whose médecin traitant is this member, or with an appointment with them from ten days ago to ten days ahead, and those tied to
    them; without those whose patient objects to this member."""
    return _panel(member, _booked(member, DAYS).exclude(status__in=GONE))


def _stays(member: UUID) -> set[UUID]:
    """Files that are not taken back: the panel, and appointments at its edge, cancelled ones too, so that nothing comes and goes."""
    return _panel(member, _booked(member, DAYS + EDGE))


def _booked(member: UUID, days: int) -> QuerySet[Appointment]:
    today = permissions.today()
    since, until = instant(today - datetime.timedelta(days=days), 0), instant(today + datetime.timedelta(days=days + 1), 0)
    return Appointment.objects.filter(practitioner_id=member, start__gte=since, start__lt=until)


def _panel(member: UUID, booked: QuerySet[Appointment]) -> set[UUID]:
    treated = set(Patient.objects.filter(medecin_traitant_id=member).values_list("id", flat=True))
    seen = _of_their_own(booked.values_list("id", "patient_id"))
    found = _with_tied(treated | seen)
    return found - _objecting(member, found)


_OWN = ("SELECT DISTINCT value ->> 1 FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM journal_entry e"
        " WHERE e.object = unhex(value ->> 0) AND e.ref IS NOT unhex(value ->> 1))")  # fmt: skip


def _of_their_own(rows: Iterable[tuple[UUID, UUID]]) -> set[UUID]:
    """The patients of these rows, but for a row of which an entry is another patient's: it says who wrote it nothing of this one."""
    pairs = json.dumps([[id.hex, patient.hex] for id, patient in rows])
    return {UUID(patient) for (patient,) in run("default", _OWN, pairs).fetchall()}


def _with_tied(files: set[UUID]) -> set[UUID]:
    """And the other files of the same people, as far as no limited machine said that they are the same."""
    ours = {id.bytes for id in Replica.objects.filter(kind="limited").values_list("id", flat=True)}
    wider = set(files)
    for id, one, other in Alias.objects.filter(undone=False).values_list("id", "patient_id", "merged_id"):
        if {one, other} & files and not _authors(id) & ours:
            wider |= {one, other}
    return wider


def _authors(object: UUID) -> set[bytes]:
    return {by for (by,) in run("default", "SELECT replica FROM journal_entry WHERE object = ?", object.bytes).fetchall()}


def _objecting(member: UUID, files: Collection[UUID]) -> set[UUID]:
    """Files whose patient objects to what this member reads, by the rule that every page asks."""
    if not Opposition.objects.filter(lifted=False).exists():
        return set()
    profession = permissions.present_members().get(member, "")
    return {patient for patient, file in load_files(files).items() if file.objects_to(member, profession)}


def entrusted(line: Collection[UUID]) -> set[UUID]:
    """The patients whose keys were given to a machine, under any of its ids."""
    return set(EntrustedKey.objects.filter(replica_id__in=line).values_list("patient_id", flat=True))


def carriers(patient: UUID) -> list[Limited]:
    """The limited machines that carry a file and may go on doing so."""
    if not (machines := limited()):
        return []
    present = permissions.present_members()
    return [one for one in machines if one.member in present and patient in entrusted(one.line) and not _objecting(one.member, {patient})]


_BEHIND = ("SELECT ref FROM journal_key WHERE label = 'patient' AND ref IN (SELECT unhex(value) FROM json_each(?)) GROUP BY ref"
           " HAVING max(made) <> ? AND NOT max(wrapped IS NULL) ORDER BY ref")  # fmt: skip


def behind() -> list[UUID]:
    """Of the files that limited machines carry, those of which the newest key that was drawn here is of a former root."""
    epoch = vault.current().epoch
    if epoch == keys.FIRST or not (machines := limited()):
        return []
    present = permissions.present_members()
    files = {file for one in machines if one.member in present for file in entrusted(one.line)}
    return [UUID(bytes=ref) for (ref,) in run("default", _BEHIND, json.dumps([id.hex for id in files]), epoch).fetchall()]


class LackingKey(NamedTuple):
    """A key that is here and that a limited machine was never given: its commitment, and the epoch in which it was drawn here."""

    patient: UUID
    commitment: bytes
    epoch: int


_UNGIVEN = ("SELECT k.ref, k.commitment, k.made FROM journal_key k WHERE k.label = 'patient' AND k.wrapped IS NOT NULL AND"
            " k.ref IN (SELECT unhex(value) FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM sync_entrustedkey g"
            " WHERE g.patient_id = lower(hex(k.ref)) AND g.replica_id IN (SELECT value FROM json_each(?))"
            " AND (g.commitment = k.commitment OR (g.commitment IS NULL AND NOT EXISTS (SELECT 1 FROM journal_key o WHERE"
            " o.label = 'patient' AND o.ref = k.ref AND o.commitment <> k.commitment))))"
            " ORDER BY k.ref, k.rowid")  # fmt: skip


def lacking_keys(machine: Limited, files: Collection[UUID]) -> list[LackingKey]:
    """The keys of these files that are here and that a limited machine was never given, under any of its ids. Which one the version
    before gave, it did not say: of a file that has several, all are given."""
    wanted, line = json.dumps([id.hex for id in files]), json.dumps([id.hex for id in machine.line])
    return [LackingKey(UUID(bytes=ref), commitment, made) for ref, commitment, made in run("default", _UNGIVEN, wanted, line).fetchall()]


def stale(machine: Limited, *, within: bool) -> dict[UUID, list[UUID]]:
    """Files that are taken back from a limited machine, each with the rows by which it was given the key. `within`: its carer's time in
    the practice is not over; else all of them. Who was created there has none, and stays as long as after an appointment."""
    stays, found = _stays(machine.member) if within else set[UUID](), dict[UUID, list[UUID]]()
    for id, patient in EntrustedKey.objects.filter(replica_id__in=machine.line).order_by("id").values_list("id", "patient_id"):
        if patient not in stays:
            found.setdefault(patient, []).append(id)
    before = clock.now() - datetime.timedelta(days=DAYS + EDGE if within else 0)
    for patient in _made_there_before(before, machine.line) - stays:
        found.setdefault(patient, [])
    return found


_MADE = ("SELECT g.patient_id FROM sync_entrustedkey g JOIN journal_entry e ON e.object = unhex(g.id) WHERE g.replica_id IS NULL"
         " AND g.at < ? AND e.replica IN ({0}) AND NOT EXISTS (SELECT 1 FROM sync_withdrawnkey w WHERE w.patient_id = g.patient_id"
         " AND w.replica_id IN ({1}))")  # fmt: skip


def _made_there_before(at: datetime.datetime, line: Collection[UUID]) -> set[UUID]:
    """Patients created on that machine, of whom nothing was taken back from it yet."""
    marks = ",".join("?" * len(line))
    found = run("default", _MADE.format(marks, marks), stored(at), *(id.bytes for id in line), *(id.hex for id in line)).fetchall()
    return {UUID(patient) for (patient,) in found}


_WITHDRAWN = ("SELECT DISTINCT k.ref FROM journal_key k JOIN sync_withdrawnkey w ON unhex(w.patient_id) = k.ref WHERE k.label = 'patient'"
              " AND k.wrapped IS NOT NULL AND w.replica_id IN ({0}) AND NOT EXISTS (SELECT 1 FROM sync_entrustedkey g WHERE"
              " g.patient_id = w.patient_id AND g.replica_id IN ({0}))")  # fmt: skip


def withdrawn_here() -> list[bytes]:
    """Patients whose key is here, under any id that this machine has had, and was taken back."""
    own = [UUID(bytes=ref).hex for (ref,) in run("default", "SELECT ref FROM journal_key WHERE label = 'signing'").fetchall()]
    return [patient for (patient,) in run("default", _WITHDRAWN.format(",".join("?" * len(own))), *own, *own).fetchall()]


_TAKEN_BACK = ("SELECT w.patient_id, e.replica, e.stream, e.seq FROM sync_withdrawnkey w JOIN journal_entry e ON e.object = unhex(w.id)"
               " WHERE e.kind = 'sync.withdrawnkey' AND w.replica_id IN ({0})")  # fmt: skip


def _withdrawn(line: Collection[UUID]) -> dict[UUID, bool]:
    """Whose key was taken back from a machine, and whether it said since that it holds that entry: until then it carries them."""
    told = [row for rows in Held.objects.filter(replica__in=line).values_list("held", flat=True) for row in rows]
    held, found = {(bytes.fromhex(replica), stream): size for replica, stream, size in told}, dict[UUID, bool]()
    for patient, replica, stream, seq in run("default", _TAKEN_BACK.format(",".join("?" * len(line))), *(id.hex for id in line)).fetchall():
        found[UUID(patient)] = found.get(UUID(patient), True) and seq <= held.get((replica, stream), 0)
    return found


def carried() -> dict[UUID, Carried]:
    """What each limited machine carries, by its present id, also of those that were revoked: counts only."""
    rows = {row.id: row for row in Replica.objects.filter(kind="limited")}
    heirs = {row.succeeds_id for row in rows.values()}
    found = {}
    for row in (one for one in rows.values() if one.id not in heirs):
        line = _line(row, rows)
        member = rows[line[-1]].panel_of_id
        if member is not None:
            given, back = entrusted(line), _withdrawn(line)
            files = given | {one for one in (set(_made_there(line)) | set(back)) if not back.get(one)}
            left = 0 if row.revoked_at or not _is_whole() else len((set(back) & files - given) | (given - _stays(member)))
            found[row.id] = Carried(member, member_names([member]).get(member, ""), len(files), left)
    return found


def _made_there(line: Iterable[UUID]) -> Iterable[UUID]:
    """Patients created on that machine."""
    for id, patient in EntrustedKey.objects.filter(replica_id=None).values_list("id", "patient_id"):
        by = run("default", "SELECT replica FROM journal_entry WHERE object = ?", id.bytes).fetchone()
        if by is not None and UUID(bytes=by[0]) in set(line):
            yield patient


def _is_whole() -> bool:
    return vault.current().limited is None


def here() -> Carried | None:
    """What this very machine carries, when it is a limited one; None: all of the practice."""
    if _is_whole():
        return None
    rows = {row.id: row for row in Replica.objects.filter(kind="limited")}
    own = rows.get(UUID(bytes=vault.current().replica))
    member = rows[_line(own, rows)[-1]].panel_of_id if own is not None else None
    if member is None:
        return Carried(UUID(int=0), "", keys.held())
    return Carried(member, member_names([member]).get(member, ""), keys.held())


def carers() -> list[tuple[UUID, str]]:
    """Whose patients a limited machine may carry: id and name."""
    found = [id for id, profession in permissions.present_members().items() if profession in CLINICIANS]
    names = member_names(found)
    return [(id, names.get(id, "")) for id in found]


def is_elsewhere(patient: UUID) -> bool:
    """Whether a file is the practice's, and not on this limited machine."""
    return not _is_whole() and not keys.knows(patient.bytes) and run(
        "default", "SELECT 1 FROM journal_entry WHERE ref = ? LIMIT 1", patient.bytes).fetchone() is not None  # fmt: skip
