"""The frame of the agenda: who has one, types, opening hours, absences. Nothing here names a patient."""

import datetime
import json
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from permanence.accounts import rules as rights
from permanence.accounts.models import Member
from permanence.accounts.permissions import Facts, today
from permanence.agenda import rules, times
from permanence.agenda.models import AppointmentType
from permanence.agenda.permissions import agendas_of
from permanence.agenda.queries.views import Away, Frame, Hours, Ids, Practitioner, Type
from permanence.journal.doors import Reader
from permanence.lib.ids import of_hex
from permanence.lib.sqlcipher import run
from permanence.lib.sqlcipher.compiled import Compiled, stored

_CLINICIANS = tuple(str(one) for one in rights.CLINICIANS)
_members = Compiled(
    lambda: (
        Member.objects.filter(departed_at=None, profession__in=_CLINICIANS)
        .order_by("family_name", "given_name", "id")
        .values_list("id", "title", "given_name", "family_name", "profession", "status", "of_id", "since", "until")
    )
)
# Kept in memory until the accounts change, as names are.
_clinicians: Facts[None, list[tuple[Any, ...]]] = Facts(lambda _: _members.rows())
_types = Compiled(
    lambda: (
        AppointmentType.objects.filter(removed=False)
        .order_by("place", "name", "id")
        .values_list(
            "id",
            "name",
            "colour",
            "minutes",
            "new_patients",
            "walk_in",
            "known_patients",
            "from_months",
            "below_months",
            "hours",
            "practitioner_ids",
            "most_a_day",
            "notice_hours",
            "buffer_minutes",
            "place",
        )
    )
)
_FRAME = (
    "SELECT 'hours', id, practitioner_id, CAST(since AS TEXT), CAST(until AS TEXT), weekday, from_minute, to_minute, kind, NULL"
    " FROM agenda_opening"
    " WHERE removed = 0 AND (until IS NULL OR until >= ?) AND (since IS NULL OR since <= ?)"
    " UNION ALL SELECT 'away', id, practitioner_id, CAST(start AS TEXT), CAST(\"end\" AS TEXT), 0, 0, 0, reason, replacement_id"
    " FROM agenda_absence"
    ' WHERE removed = 0 AND start < ? AND "end" > ?'
    " UNION ALL SELECT 'type', id, json_array(known_patients, from_months, below_months, json(hours), json(practitioner_ids), most_a_day,"
    " notice_hours, buffer_minutes), name, colour, minutes, new_patients, walk_in, '', place FROM agenda_appointmenttype"
    " WHERE removed = 0"
)


def instant_of(text: str | None) -> datetime.datetime | None:
    """An instant as its column holds it: naive UTC text (SQL casts it, or the driver would make a date of half of a union)."""
    return None if text is None else datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def _date(text: str | None) -> datetime.date | None:
    return None if text is None else datetime.date.fromisoformat(text)


def types(*, reader: Reader) -> tuple[Type, ...]:
    """The appointment types, in their order. Raises Refused."""
    agendas_of(reader)
    return every_type()


def every_type() -> tuple[Type, ...]:
    """The same, for actions."""
    return tuple(
        Type(id, name, colour, minutes, new, walk_in, _limits(new, *rest[:-1]), rest[-1])
        for id, name, colour, minutes, new, walk_in, *rest in _types.rows()
    )


def _limits(new: bool, known: Any, low: int | None, below: int | None, hours: Any, people: Any, *numbers: Any) -> rules.Limits:
    most, notice, buffer = numbers
    spans = tuple((int(day), int(start), int(end)) for day, start, end in hours or ())
    return rules.Limits(new, bool(known), low, below, spans, tuple(UUID(one) for one in people or ()), most, notice or 0, buffer or 0)


def frame(first: datetime.date, last: datetime.date, *, reader: Reader) -> Frame:
    """Opening hours in force at some time from `first` to `last`, absences that touch these days, and types. Raises Refused."""
    seen = agendas_of(reader)
    begins, ends = times.bounds(first)[0], times.bounds(last)[1]
    rows = run("default", _FRAME, first.isoformat(), last.isoformat(), stored(ends), stored(begins)).fetchall()
    whom = Ids()
    hours, away, kinds = list[Hours](), list[Away](), list[tuple[int, Type]]()
    for kind, id, practitioner, since, until, weekday, start, end, word, other in rows:
        if kind == "type":
            limits = _limits(bool(start), *json.loads(practitioner))
            kinds.append((other, Type(UUID(id), since, until, weekday, bool(start), bool(end), limits, other)))
            continue
        whose = whom[practitioner]
        if whose is None or (seen is not None and whose not in seen):
            continue
        if kind == "hours":
            hours.append(Hours(of_hex(id), whose, weekday, start, end, _date(since), _date(until), word))
        else:
            away.append(Away(UUID(id), whose, instant_of(since) or begins, instant_of(until) or ends, word, UUID(other) if other else None))
    hours.sort(key=lambda one: (one.weekday, one.from_minute, one.to_minute))
    kinds.sort(key=lambda one: (one[0], one[1].name, one[1].id))
    return Frame(tuple(hours), tuple(sorted(away, key=lambda one: one.start)), tuple(one for _, one in kinds))


def practitioners(*, reader: Reader, day: datetime.date | None = None, away: Collection[Away] = ()) -> tuple[Practitioner, ...]:
    """Who has an agenda that day, by name: clinicians at work. A remplaçant works in the agenda of whom they replace.

    An intern has one of their own. `away` names the replacements of the day. Raises Refused.
    """
    seen, on = agendas_of(reader), max(day or today(), today())  # who works here now also shows in days gone by
    rows = _clinicians.of(None)
    names = {row[0]: rights.display_name(*row[1:4]) for row in rows}
    instead = {one.practitioner: one.replacement for one in away if one.replacement}
    return tuple(
        Practitioner(id, names[id], profession, names.get(instead[id], "") if id in instead else "")
        for id, _, _, _, profession, status, of, since, until in rows
        if rights.within(since, until, on) and not (status == rights.Status.REMPLACANT and of in names) and (seen is None or id in seen)
    )


def ids(found: Iterable[UUID]) -> str:
    """A JSON list for `json_each`."""
    return json.dumps([one.hex for one in found])
