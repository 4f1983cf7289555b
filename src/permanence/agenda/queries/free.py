"""Where there is time left in the agendas: opening hours, without absences, holidays and what is booked."""

import datetime
from collections.abc import Collection, Iterable
from uuid import UUID

from permanence.accounts.permissions import today
from permanence.agenda import rules, times
from permanence.agenda.permissions import agendas_of
from permanence.agenda.queries import plan
from permanence.agenda.queries.outside import person
from permanence.agenda.queries.views import Free, Ids
from permanence.journal.doors import Reader
from permanence.lib import clock
from permanence.lib.dates import age_months
from permanence.lib.sqlcipher import run
from permanence.lib.sqlcipher.compiled import stored

FURTHEST = 120  # days: how far one looks
READ = {0: 7, 7: 28, 28: FURTHEST + 1}  # from which day to which one reads at a time: the first week is enough most of the time
_TAKEN = (
    "SELECT practitioner_id, CAST(start AS TEXT), minutes, type_id FROM agenda_appointment WHERE start >= ? AND start < ?"
    " AND practitioner_id IN (SELECT value FROM json_each(?)) AND NOT no_hour AND status NOT IN ('cancelled', 'entered-in-error', 'noshow')"
    " UNION ALL SELECT practitioner_id, CAST(start AS TEXT), minutes, type_id FROM agenda_slot WHERE start >= ? AND start < ?"
    " AND practitioner_id IN (SELECT value FROM json_each(?)) AND status NOT IN ('cancelled', 'entered-in-error')"
)


Taken = dict[tuple[UUID, datetime.date], list[tuple[int, int, UUID | None]]]  # from, minutes, type


def free(
    minutes: int,
    *,
    reader: Reader,
    practitioners: Collection[UUID],
    first: datetime.date | None = None,
    most: int = 12,
    from_minute: int = 0,
    to_minute: int = times.DAY,
    type: UUID | None = None,
    patient: UUID | None = None,
) -> list[Free]:
    """The next free times of that length with any of these practitioners, between two hours of the day, as the type's rules allow.

    With `patient`, admitted already, also whether the type is for them. Only times are read here: nothing is journalled. Raises Refused.
    """
    seen, begin = agendas_of(reader), max(first or today(), today())
    if begin.year >= 2100:
        return []
    frame = plan.frame(begin, begin + datetime.timedelta(days=FURTHEST), reader=reader)
    limits = {one.id: one.limits for one in frame.types}
    own = limits.get(type, rules.ANY) if type else rules.ANY
    if not any(one.practitioner in practitioners for one in frame.hours):
        return []
    birth, new = person(patient) if patient and own != rules.ANY else (None, None)
    day_now, minute_now = times.wall(clock.now() + datetime.timedelta(hours=own.notice_hours))
    found: list[Free] = []
    taken: Taken = {}
    for ahead in range(FURTHEST + 1):
        day = begin + datetime.timedelta(days=ahead)
        if ahead in READ:
            taken = _taken(day, begin + datetime.timedelta(days=READ[ahead] - 1), practitioners)
        for who in practitioners:
            months = age_months(birth, day) if birth else None
            shut = day < day_now or (seen is not None and who not in seen)
            rows = taken.get((who, day), [])
            full = own.most_a_day is not None and sum(kind == type for *_, kind in rows) >= own.most_a_day
            if shut or full or not rules.admits(own, practitioner=who, months=months, new=new):
                continue
            hours = rules.meet(frame.open_on(day, who), [(from_minute, to_minute)])
            busy = [(at, at + length, limits[kind].buffer_minutes if kind in limits else 0) for at, length, kind in rows]
            after = minute_now if day == day_now else 0
            starts = rules.offered(rules.gaps(hours, frame.closed_on(day, who)), busy, own, day.isoweekday(), minutes, not_before=after)
            found += [Free(who, times.instant(day, at), minutes) for at in starts if times.exists(day, at)]
        if len(found) >= most:
            break
    return sorted(found, key=lambda one: one.start)[:most]


def _taken(first: datetime.date, last: datetime.date, practitioners: Iterable[UUID]) -> Taken:
    span = stored(times.bounds(first)[0] - datetime.timedelta(hours=12)), stored(times.bounds(last)[1]), plan.ids(practitioners)
    found: Taken = {}
    known = Ids()
    for who, start, minutes, kind in run("default", _TAKEN, *span, *span).fetchall():
        at, whose = plan.instant_of(start), known[who]
        if whose and at:
            day, minute = times.wall(at)
            found.setdefault((whose, day), []).append((minute, minutes, known[kind]))
    return found
