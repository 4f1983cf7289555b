"""Events of another agenda, kept as they are there: brought again they change nothing twice, and touch nothing written here.

An event of whole days, or longer than a page of the agenda, is one slot for each of its days, as long as the agenda is open.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from permanence.accounts.permissions import today
from permanence.agenda import ics, rules, times
from permanence.agenda.actions.common import check_practitioner, line
from permanence.agenda.models import Appointment, Opening, Slot
from permanence.agenda.permissions import check_agenda
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.patients.permissions import check_patient

Match = Callable[[ics.Event], UUID | None]
MOST_ROWS = 20_000  # slots of one file: each is a signed entry
SLICE = 50  # events of one action: the writer has others to serve
BEHIND, AHEAD = datetime.timedelta(days=30), datetime.timedelta(days=366)  # where what recurs is kept
CLOSED = (8 * 60, 20 * 60)  # what a day takes up when the agenda is not open


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file changed."""

    added: int = 0
    changed: int = 0
    cancelled: int = 0
    same: int = 0
    skipped: int = 0

    def __add__(self, other: "Imported") -> "Imported":
        return Imported(
            self.added + other.added,
            self.changed + other.changed,
            self.cancelled + other.cancelled,
            self.same + other.same,
            self.skipped + other.skipped,
        )


def import_calendar(data: bytes, *, by: Actor, practitioner: UUID, match: Match | None = None) -> Imported:
    """Keep the events of an `.ics` in this agenda, read-only. `match` names the patient of an event, when somebody knows.

    An event is known by its UID: again, it moves or is cancelled as it was there. What recurs is kept from BEHIND to AHEAD of today.
    Raises Refused for a file that is not one.
    """
    window = today() - BEHIND, today() + AHEAD
    try:
        events, skipped = ics.read(data, window=window)
    except ValueError as wrong:
        raise Refused(str(wrong), code="invalid") from None
    check_agenda(by, check_practitioner(practitioner))
    return Imported(skipped=skipped) + keep(events, window, by=by, practitioner=practitioner, match=match)


def keep(
    events: Sequence[ics.Event], window: ics.Window, *, by: Actor, practitioner: UUID, match: Match | None = None, origin: str = "ics"
) -> Imported:
    """Events as they were read. A time of theirs that is not among them any more is cancelled; with the `origin` of an address, which is
    read whole, so is every other event that it brought. What has begun stays."""
    rows, told = as_rows(events, practitioner, match), Imported()
    for first in range(0, len(rows), SLICE):
        told += Imported(*keep_events(rows[first : first + SLICE], by=by, practitioner=practitioner, origin=origin))
    begins, ends = max(clock.now(), times.bounds(window[0])[0]), times.bounds(window[1])[1]
    keys, bases = {row[0] for row in rows}, {_base(event.uid) for event in events}
    gone = [
        (id, key)
        for model in (Slot, Appointment)
        for id, key in model.objects.filter(practitioner_id=practitioner, origin=origin, read_only=True, status="booked", start__gte=begins,
                                            start__lt=ends).values_list("id", "external_key")
    ]  # fmt: skip
    ids = [id for id, key in gone if key not in keys and (origin != "ics" or _base(key) in bases)]
    for first in range(0, len(ids), SLICE):
        told += Imported(cancelled=cancel_events(ids[first : first + SLICE], by=by, practitioner=practitioner))
    return told


def coming(practitioner: UUID, origin: str) -> int:
    """How many events of that origin are still to come: plain counts, for who brings others."""
    now = clock.now()
    return sum(model.objects.filter(practitioner_id=practitioner, origin=origin, status="booked", start__gte=now).count()
               for model in (Slot, Appointment))  # fmt: skip


_TIMES = re.compile(r"(#\d{8}T\d{4})?(@\d{8})?$")


def _base(key: str) -> str:
    """The event that a slot is a time or a day of."""
    return _TIMES.sub("", key)[:160]


@action
def cancel_events(ids: list[UUID], *, by: Actor, practitioner: UUID) -> int:
    """Times that the other agenda no longer has. Returns how many. Also of who has left: their agenda is still to be tidied."""
    check_agenda(by, practitioner)
    found = [one for model in (Slot, Appointment) for one in model.objects.filter(id__in=ids, practitioner_id=practitioner,
                                                                                  read_only=True, status="booked")]  # fmt: skip
    for one in found:
        one.status = "cancelled"
        one.save()
    return len(found)


def as_rows(events: Iterable[ics.Event], practitioner: UUID, match: Match | None = None) -> list["Kept"]:
    """The events as they are kept, the long ones day by day. Raises Refused above MOST_ROWS: each is an entry of the journal."""
    hours = [Hours(*row) for row in Opening.objects.filter(practitioner_id=practitioner, removed=False).values_list(
        "weekday", "from_minute", "to_minute", "since", "until")]  # fmt: skip
    rows = [
        (uid, start, end, event.summary, event.location, event.cancelled, match(event) if match else None)
        for uid, start, end, event in islice(((*row, event) for event in events for row in _days(event, hours)), MOST_ROWS + 1)
    ]
    if len(rows) > MOST_ROWS:
        raise Refused(f"Cet agenda occupe plus de {MOST_ROWS} créneaux\u00a0: partagez-en une période plus courte.", code="large")
    return rows


class Hours(NamedTuple):
    weekday: int
    start: int
    end: int
    since: datetime.date | None
    until: datetime.date | None


def _days(event: ics.Event, hours: Sequence[Hours]) -> Iterator[tuple[str, datetime.datetime, datetime.datetime]]:
    if not event.days and event.end - event.start <= datetime.timedelta(minutes=rules.LONGEST):
        yield event.uid, event.start, event.end
        return
    day, last = times.wall(event.start)[0], times.wall(event.end - datetime.timedelta(milliseconds=1))[0]
    one_day = day == last and event.days
    for number in range(min((last - day).days + 1, AHEAD.days)):
        on = day + datetime.timedelta(days=number)
        opens, closes = _open(hours, on)
        start, end = max(event.start, times.instant(on, opens)), min(event.end, times.instant(on, closes))
        if start < end:
            yield event.uid if one_day else f"{event.uid[:180]}@{on:%Y%m%d}", start, end


def _open(hours: Sequence[Hours], on: datetime.date) -> tuple[int, int]:
    """From the first opening of a day to its last closing."""
    of_day = [(one.start, one.end) for one in hours
              if one.weekday == on.isoweekday() and (one.since is None or one.since <= on) and (one.until is None or on <= one.until)]
    return (min(start for start, _ in of_day), max(end for _, end in of_day)) if of_day else CLOSED


Kept = tuple[str, datetime.datetime, datetime.datetime, str, str, bool, UUID | None]


@action
def keep_events(events: list[Kept], *, by: Actor, practitioner: UUID, origin: str = "ics") -> tuple[int, int, int, int]:
    """A few events. Returns how many were added, changed, cancelled, and were as before."""
    whose = check_practitioner(practitioner)
    check_agenda(by, whose)
    keys = [event[0] for event in events]
    known: Mapping[str, Appointment | Slot] = {
        str(one.external_key): one
        for model in (Slot, Appointment)
        for one in model.objects.filter(external_key__in=keys, practitioner_id=whose, origin=origin)
    }
    counts = {"added": 0, "changed": 0, "cancelled": 0, "same": 0}
    for event in events:
        counts[_keep(event, known.get(event[0]), whose, by, origin)] += 1
    return counts["added"], counts["changed"], counts["cancelled"], counts["same"]


def _keep(event: Kept, known: Appointment | Slot | None, whose: UUID, by: Actor, origin: str) -> str:
    uid, start, end, summary, location, cancelled, patient = event
    minutes = min(times.DAY, max(rules.SHORTEST, int((end - start).total_seconds() // 60)))
    if known is None:
        if cancelled:
            return "same"
        common = {
            "practitioner_id": whose,
            "start": start,
            "minutes": minutes,
            "origin": origin,
            "external_key": uid,
            "read_only": True,
            "booked_by_id": by.member,
            "booked_at": clock.now(),
        }
        if patient is not None:
            kept = check_patient(by, patient, Category.APPOINTMENTS)
            Appointment.objects.create(patient_id=kept, place=line(location), **common)
        else:
            Slot.objects.create(kind="event", label=line(summary), reason=line(location), **common)
        return "added"
    if not known.read_only:  # taken over here since: the other software no longer decides
        return "same"
    status = "cancelled" if cancelled else "booked" if known.status == "cancelled" else known.status
    values = {"start": start, "minutes": minutes, "status": status}
    if isinstance(known, Slot):
        values |= {"label": line(summary), "reason": line(location)}
    changed = [name for name, value in values.items() if getattr(known, name) != value]
    for name in changed:
        setattr(known, name, values[name])
    known.save()
    return "cancelled" if "status" in changed and cancelled else "changed" if changed else "same"
