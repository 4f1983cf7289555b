"""Which rules of its type an appointment would not follow. It is told to who books; it forbids nothing."""

import datetime
from uuid import UUID

from permanence.agenda import rules, times
from permanence.agenda.permissions import agendas_of
from permanence.agenda.queries import plan
from permanence.agenda.queries.views import Type
from permanence.journal.doors import Reader
from permanence.lib import clock
from permanence.lib.dates import age_months
from permanence.lib.sqlcipher import run
from permanence.lib.sqlcipher.compiled import stored
from permanence.patients.permissions import FAMILY

YOUNG = datetime.timedelta(days=90)  # how long a file that nobody came with yet is a new patient's
_PERSON = (
    FAMILY  # noqa: S608 -- fixed text
    + " SELECT CAST(p.birth_date AS TEXT), CAST(p.opened_at AS TEXT), p.opened_by_id,"
    " EXISTS(SELECT 1 FROM family f CROSS JOIN agenda_appointment a ON a.patient_id = f.id"
    " WHERE a.status IN ('arrived', 'in-progress', 'fulfilled') AND a.id <> ?) FROM patients_patient p WHERE p.id = ?"
)
_TAKEN = (
    "SELECT CAST(start AS TEXT), minutes, type_id FROM agenda_appointment WHERE start >= ? AND start < ?"
    " AND practitioner_id = ? AND id <> ? AND NOT no_hour AND status NOT IN ('cancelled', 'entered-in-error', 'noshow')"
    " UNION ALL SELECT CAST(start AS TEXT), minutes, type_id FROM agenda_slot WHERE start >= ? AND start < ?"
    " AND practitioner_id = ? AND id <> ? AND status NOT IN ('cancelled', 'entered-in-error')"
)
_AWAY = (
    "SELECT reason FROM agenda_absence WHERE removed = 0 AND practitioner_id = ?"
    ' AND start < ? AND "end" > ? AND replacement_id IS NULL LIMIT 1'
)
_NOBODY = UUID(int=0)


def person(patient: UUID, *, but: UUID = _NOBODY) -> tuple[datetime.date | None, bool | None]:
    """Their birth date, and whether they are new here: a file opened here lately, with which nobody has come yet.

    What was moved in from another software is known. `but`: an appointment that does not count. For who may book for this file.
    """
    row = run("default", _PERSON, plan.ids([patient]), but.hex, patient.hex).fetchone()
    if row is None:
        return None, None
    birth, opened, by, came = row
    at = plan.instant_of(opened)
    young = by is not None and at is not None and clock.now() - at < YOUNG
    return datetime.date.fromisoformat(birth) if birth else None, bool(young and not came)


def breaches(
    practitioner: UUID,
    start: datetime.datetime,
    minutes: int,
    type: UUID | None,
    *,
    patient: UUID | None = None,
    birth: datetime.date | None = None,
    new: bool | None = None,
    but: UUID = _NOBODY,
) -> tuple[rules.Breach, ...]:
    """For an action that books or moves. `but` is the appointment that moves; without `patient`, what is known of the person."""
    known = {one.id: one for one in plan.every_type()}
    limits = known[type].limits if type in known else rules.ANY
    if patient is not None and limits != rules.ANY:
        birth, new = person(patient, but=but)
    day, minute = times.wall(start)
    taken = _taken(practitioner, day, but)
    asked = rules.Asked(
        practitioner=practitioner,
        weekday=day.isoweekday(),
        minute=minute,
        minutes=minutes,
        ahead_minutes=int((start - clock.now()).total_seconds() // 60),
        months=age_months(birth, day) if birth else None,
        new=new,
        same_type=sum(kind == type for *_, kind in taken),
        taken=tuple((at, at + length, _buffer(known, kind)) for at, length, kind in taken),
    )
    return (*_away(practitioner, start, times.after(start, minutes)), *rules.breaches(limits, asked))


def outside(
    practitioner: UUID,
    start: datetime.datetime,
    minutes: int,
    type: UUID | None,
    *,
    reader: Reader,
    patient: UUID | None = None,
    birth: datetime.date | None = None,
    new: bool | None = None,
    but: UUID = _NOBODY,
) -> tuple[rules.Breach, ...]:
    """The same, before anything is booked, for who may see this agenda. The patient must be admitted already. Raises Refused: right."""
    seen = agendas_of(reader)
    if (seen is not None and practitioner not in seen) or not rules.SHORTEST <= minutes <= rules.LONGEST or not 2000 <= start.year < 2100:
        return ()  # what cannot be booked at all is said by the door
    return breaches(practitioner, start, minutes, type, patient=patient, birth=birth, new=new, but=but)


def _taken(practitioner: UUID, day: datetime.date, but: UUID) -> list[tuple[int, int, UUID | None]]:
    one = stored(times.bounds(day)[0]), stored(times.bounds(day)[1]), practitioner.hex, but.hex
    rows = run("default", _TAKEN, *one, *one).fetchall()
    return [(times.wall(at)[1], minutes, UUID(kind) if kind else None) for text, minutes, kind in rows if (at := plan.instant_of(text))]


def _buffer(known: dict[UUID, Type], type: UUID | None) -> int:
    return known[type].limits.buffer_minutes if type in known else 0


def _away(practitioner: UUID, start: datetime.datetime, end: datetime.datetime) -> tuple[rules.Breach, ...]:
    row = run("default", _AWAY, practitioner.hex, stored(end), stored(start)).fetchone()
    if row is None:
        return ()
    return (rules.Breach("away", f"Ce praticien est absent à cette heure, sans remplaçant{f' ({row[0]})' if row[0] else ''}."),)
