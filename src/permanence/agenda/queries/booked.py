"""Reading appointments and slots: a day, a week, one of them, a patient's next one, tomorrow's for the evening's papers."""

import datetime
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from permanence.accounts.permissions import today
from permanence.agenda import rules, times
from permanence.agenda.permissions import agendas_of
from permanence.agenda.queries import plan
from permanence.agenda.queries.views import Booked, Coming, Day, Ids, Next, Practitioner, Type
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader, Refused
from permanence.lib import clock
from permanence.lib.ids import of_hex
from permanence.lib.sqlcipher import run
from permanence.lib.sqlcipher.compiled import stored
from permanence.patients import queries as patients
from permanence.patients.permissions import family_of, files_of

UNKNOWN = "Ce rendez-vous est introuvable, ou vous n’y avez pas accès\u00a0: revenez à l’agenda."
_HEADS = (
    "SELECT id, practitioner_id, patient_id FROM agenda_appointment WHERE start >= ? AND start < ?"
    " UNION ALL SELECT id, practitioner_id, NULL FROM agenda_slot WHERE start >= ? AND start < ?"
)
_HEADS_OF = (
    "SELECT id, practitioner_id, patient_id FROM agenda_appointment"
    " WHERE start >= ? AND start < ? AND practitioner_id IN (SELECT value FROM json_each(?))"
    " UNION ALL SELECT id, practitioner_id, NULL FROM agenda_slot"
    " WHERE start >= ? AND start < ? AND practitioner_id IN (SELECT value FROM json_each(?))"
)
_HEAD = (
    "SELECT id, practitioner_id, patient_id FROM agenda_appointment WHERE id = ?"
    " UNION ALL SELECT id, practitioner_id, NULL FROM agenda_slot WHERE id = ?"
)
_COMMON = (
    "id, practitioner_id, CAST(start AS TEXT), minutes, type_id, reason, status, origin, read_only, booked_by_id,"
    " CAST(booked_at AS TEXT), status_reason"
)
_ROWS = (
    f"SELECT {_COMMON}, patient_id, CAST(arrived_at AS TEXT), CAST(started_at AS TEXT), CAST(ended_at AS TEXT), walk_in,"  # noqa: S608
    " home_visit, place, note, '', '', '', no_hour, round_rank, waived_rules, waived_reason"
    " FROM agenda_appointment WHERE id IN (SELECT value FROM json_each(?))"
    f" UNION ALL SELECT {_COMMON}, NULL, NULL, NULL, NULL, 0, 0, '', '', kind, label, phone, 0, NULL, waived_rules, waived_reason"
    " FROM agenda_slot"
    " WHERE id IN (SELECT value FROM json_each(?))"
)
Head = tuple[UUID, UUID | None, UUID | None]  # object, practitioner, patient


def _heads(sql: str, *values: Any) -> list[Head]:
    known = Ids()
    return [(of_hex(id), known[who], known[patient]) for id, who, patient in run("default", sql, *values).fetchall()]


def _admit(heads: Iterable[Head], reader: Reader, level: Level) -> list[Head]:
    """Those that this reader may see. A slot stands in the patient's place in the journal: it names no file."""
    asks = {head[0]: Ask(head[2] or head[0], Category.APPOINTMENTS, head[0], head[1]) for head in heads}
    admitted = reader.admit_objects(list(asks.values()), level=level) if asks else set()
    return [head for head in heads if head[0] in admitted]


# What the columns of `_ROWS` hold, in their order: an id, an instant, a flag, or what it is.
_IS = (
    *("id", "id", "at", "", "id", "", "", "", "flag", "id", "at", ""),
    *("id", "at", "at", "at", "flag", "flag", "", "", "", "", "", "flag", "", "list", ""),
)
_START, _TYPE, _PATIENT = 2, 4, 12


def _codes(text: str | None) -> tuple[str, ...]:
    return () if text in (None, "", "[]") else tuple(json.loads(text))


def _load(heads: Sequence[Head], reader: Reader, types: Iterable[Type], *, named: bool = True) -> list[Booked]:
    """The rows, by start; with `named`, each patient as a row of a list. Read by hand: ninety of them make a page."""
    if not heads:
        return []
    files = files_of({patient for *_, patient in heads if patient}, reader=reader)
    kept = {patient: file.kept for patient, file in files.items()}
    people = list(dict.fromkeys(kept[patient] for *_, patient in heads if patient)) if named else []
    shown = {row.patient: row for row in patients.rows(people, reader=reader)} if people else {}
    known, wanted = {one.id: one for one in types}, plan.ids(id for id, *_ in heads)
    convert: dict[str, Callable[[Any], Any]] = {"id": Ids().__getitem__, "at": plan.instant_of, "flag": bool, "list": _codes}
    found = []
    for row in run("default", _ROWS, wanted, wanted).fetchall():
        values: list[Any] = [convert[what](value) if what else value for what, value in zip(_IS, row, strict=True)]
        if values[_START] is None:
            continue
        patient = values[_PATIENT] = kept[values[_PATIENT]] if values[_PATIENT] else None
        (on, minute), type = times.wall(values[_START]), known.get(values[_TYPE])
        values += [on, minute, shown.get(patient) if patient else None, *((type.name, type.colour) if type else ())]
        found.append(Booked(*values))
    return sorted(found, key=lambda one: (one.start, one.id))


def day(
    on: datetime.date,
    *,
    reader: Reader,
    practitioners: Collection[UUID] | None = None,
    days: int = 1,
) -> Day:
    """Everything of a day (or of `days` days) for these practitioners, or for all that this reader may see.

    Appointments and names count as listed. Eight queries whatever their number. Raises Refused.
    """
    last = on + datetime.timedelta(days=days - 1)
    frame = plan.frame(on, last, reader=reader)
    who = plan.practitioners(reader=reader, day=on, away=frame.away)
    wanted = {one.id for one in who if practitioners is None or one.id in practitioners}
    span = stored(times.bounds(on)[0]), stored(times.bounds(last)[1])
    if practitioners is not None:
        whose = *span, plan.ids(wanted)
        heads = _heads(_HEADS_OF, *whose, *whose)
    else:
        heads = _heads(_HEADS, *span, *span)
    if practitioners is None:  # an agenda whose owner has left still shows what is booked in it
        who = (*who, *_left(heads, who, reader))
        wanted = {one.id for one in who}
    heads = _admit([head for head in heads if head[1] in wanted], reader, Level.LISTED)
    booked = [one for one in _load(heads, reader, frame.types) if one.status != "entered-in-error"]
    return Day(on, last, tuple(one for one in who if one.id in wanted), tuple(booked), frame)


def _left(heads: Iterable[Head], who: Iterable[Practitioner], reader: Reader) -> list[Practitioner]:
    from permanence.accounts.queries import member_names

    seen, known = agendas_of(reader), {one.id for one in who}
    gone = {practitioner for _, practitioner, _ in heads if practitioner and practitioner not in known}
    names = member_names(gone if seen is None else gone & seen) if gone else {}
    return [Practitioner(id, name, "") for id, name in sorted(names.items(), key=lambda one: one[1])]


def visits(on: datetime.date, practitioner: UUID, *, reader: Reader) -> list[Booked]:
    """The round of home visits of one practitioner that day, in its order. Counts as listed. Raises Refused: right."""
    agendas_of(reader)
    heads = _heads(
        "SELECT id, practitioner_id, patient_id FROM agenda_appointment WHERE start >= ? AND start < ? AND practitioner_id = ?"
        " AND home_visit AND status NOT IN ('cancelled', 'entered-in-error')",
        stored(times.bounds(on)[0]),
        stored(times.bounds(on)[1]),
        practitioner.hex,
    )
    found = {one.id: one for one in _load(_admit(heads, reader, Level.LISTED), reader, plan.types(reader=reader))}
    return [found[id] for id in rules.round_order(one.stop for one in found.values())]


def one(id: UUID, *, reader: Reader) -> Booked:
    """One appointment or slot. Raises Refused alike for one that is unknown and one that is not for this reader."""
    heads = _admit(_heads(_HEAD, id.hex, id.hex), reader, Level.LISTED)
    if not heads:
        raise Refused(UNKNOWN, code="unknown")
    return _load(heads, reader, plan.types(reader=reader))[0]


def waiting(*, reader: Reader) -> tuple[Booked, ...]:
    """Who waits today, in order of arrival, and who is being seen. Counts as listed."""
    agendas_of(reader)
    begins, ends = times.bounds(today())
    heads = _heads(
        "SELECT id, practitioner_id, patient_id FROM agenda_appointment WHERE start >= ? AND start < ?"
        " AND status IN ('arrived', 'in-progress')",
        stored(begins),
        stored(ends),
    )
    found = _load(_admit(heads, reader, Level.LISTED), reader, plan.types(reader=reader))
    return tuple(sorted(found, key=lambda one: (one.arrived_at or one.start, one.id)))


def next_of(patient: UUID, *, reader: Reader, most: int = 1) -> list[Next]:
    """The next appointments of a person, whatever the file; none where the agenda is not for this reader."""
    family = family_of(patient, reader=reader)
    rows = run(
        "default",
        "SELECT id, practitioner_id, patient_id, CAST(start AS TEXT), minutes, status, no_hour FROM agenda_appointment"
        " WHERE patient_id IN (SELECT value FROM json_each(?)) AND start >= iif(no_hour, ?, ?) AND status IN ('booked', 'arrived')"
        " ORDER BY start LIMIT ? + 0",
        plan.ids(family),
        stored(times.bounds(today())[0]),
        stored(clock.now() - datetime.timedelta(minutes=30)),
        most,
    ).fetchall()
    heads = [(UUID(row[0]), UUID(row[1]) if row[1] else None, UUID(row[2])) for row in rows]
    admitted = {head[0] for head in _admit(heads, reader, Level.READ)}
    return [
        Next(UUID(id), UUID(who) if who else None, plan.instant_of(start) or clock.now(), minutes, status, bool(no_hour))
        for id, who, _, start, minutes, status, no_hour in rows
        if UUID(id) in admitted
    ]


def booked(first: datetime.date, last: datetime.date, *, reader: Reader) -> list[Coming]:
    """Patients expected from `first` to `last`, in order of time, without their names: the evening's papers ask those apart."""
    span = stored(times.bounds(first)[0]), stored(times.bounds(last)[1])
    heads = _heads(
        "SELECT id, practitioner_id, patient_id FROM agenda_appointment WHERE start >= ? AND start < ?"
        " AND status IN ('booked', 'arrived', 'in-progress', 'fulfilled')",
        *span,
    )
    found = _load(_admit(heads, reader, Level.READ), reader, plan.types(reader=reader), named=False)
    return [
        Coming(
            one.id,
            one.patient,
            one.practitioner,
            one.start,
            one.minutes,
            one.type_name,
            one.reason,
            one.home_visit,
            one.place,
            one.no_hour,
        )
        for one in found
        if one.patient
    ]


def days_booked(first: datetime.date, last: datetime.date, *, reader: Reader) -> set[datetime.date]:
    """The days on which somebody is booked, whoever they are: no appointment is read. Raises Refused: right."""
    agendas_of(reader)
    rows = run("default", "SELECT DISTINCT CAST(start AS TEXT) FROM agenda_appointment WHERE start >= ? AND start < ?"
               " AND status IN ('booked', 'arrived', 'in-progress', 'fulfilled')",
               stored(times.bounds(first)[0]), stored(times.bounds(last)[1])).fetchall()
    return {times.wall(at)[0] for (text,) in rows if (at := plan.instant_of(text)) is not None}


def expected(day: datetime.date, *, reader: Reader) -> list[UUID]:
    """The files of who is booked that day, as a list of ids: nothing of their appointments is read but that they come."""
    span = stored(times.bounds(day)[0]), stored(times.bounds(day)[1])
    heads = _heads("SELECT id, practitioner_id, patient_id FROM agenda_appointment WHERE start >= ? AND start < ?"
                   " AND status IN ('booked', 'arrived', 'in-progress')", *span)
    return list(dict.fromkeys(head[2] for head in _admit(heads, reader, Level.LISTED) if head[2]))


def of_patient(patient: UUID, *, reader: Reader, most: int = 20) -> list[Booked]:
    """A person's appointments, newest first, past ones included. Counts as read."""
    family = family_of(patient, reader=reader)
    heads = _heads(
        "SELECT id, practitioner_id, patient_id FROM agenda_appointment WHERE patient_id IN (SELECT value FROM json_each(?))"
        " AND status <> 'entered-in-error' ORDER BY start DESC LIMIT ? + 0",
        plan.ids(family),
        most,
    )
    return list(reversed(_load(_admit(heads, reader, Level.READ), reader, plan.types(reader=reader))))


__all__ = ["UNKNOWN", "booked", "day", "days_booked", "expected", "next_of", "of_patient", "one", "visits", "waiting"]
