"""iCalendar (RFC 5545): an agenda as a file that other software reads, and the events of a file that other software wrote.

Plain values and bytes only: who may, and what is kept, is decided by the doors. The library is imported where it is used: no page needs it.
"""

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from permanence.agenda import recurring_ics
from permanence.agenda.times import PARIS, bounds, wall
from permanence.lib import clock

if TYPE_CHECKING:
    import icalendar

MOST = 20_000  # events of one file
LARGEST = 20_000_000  # bytes
LONGEST_S = 10  # of reading what recurs
Window = tuple[datetime.date, datetime.date]
# Our states in RFC 5545's words, and back: it knows none for « arrivé » and the like.
_STATUS: Mapping[str, str] = {
    "booked": "CONFIRMED",
    "arrived": "CONFIRMED",
    "in-progress": "CONFIRMED",
    "fulfilled": "CONFIRMED",
    "noshow": "CANCELLED",
    "cancelled": "CANCELLED",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event: `uid` names it for ever; `start` and `end` are instants."""

    uid: str
    start: datetime.datetime
    end: datetime.datetime
    summary: str = ""
    location: str = ""
    cancelled: bool = False
    days: bool = False  # whole days, without hours


def write(events: Iterable[tuple[UUID, datetime.datetime, int, str, str, str]], *, name: str, stamp: datetime.datetime) -> bytes:
    """A VCALENDAR of (id, start, minutes, status, summary, location). Hours are Paris's, with their zone and its rules.

    An hour that happens twice would be read as the first one: the second is written in UTC.
    """
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Permanence//Agenda//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Europe/Paris")
    for id, start, minutes, status, summary, location in events:
        event = icalendar.Event()
        event.add("uid", str(id))
        event.add("dtstamp", stamp)
        event.add("dtstart", _written(start))
        event.add("dtend", _written(start + datetime.timedelta(minutes=minutes)))
        event.add("summary", summary)
        event.add("status", _STATUS.get(status, "CONFIRMED"))
        if location:
            event.add("location", location)
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _written(at: datetime.datetime) -> datetime.datetime:
    local = at.astimezone(PARIS)
    return at.astimezone(datetime.UTC) if local.fold else local


def read(data: bytes, *, window: Window | None = None) -> tuple[list[Event], int]:
    """The events of a file that have a beginning and a name of their own, and how many had not. Hours without a zone are Paris's.

    What recurs is each of its times within `window` (first day, last day included), without those left out or moved; without a
    window, its first time alone. Raises ValueError with a French sentence.
    """
    import icalendar

    if len(data) > LARGEST:
        raise ValueError("Ce fichier dépasse 20\u00a0Mo\u00a0: exportez une période plus courte.")
    try:
        calendars = icalendar.Calendar.from_ical(_without_zones(data), multiple=True)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, UnicodeError) as error:
        raise ValueError("Ce fichier n’est pas un agenda iCalendar (.ics)\u00a0: exportez-le de nouveau.") from error
    if not any(one.name == "VCALENDAR" for one in calendars):
        raise ValueError("Ce fichier n’est pas un agenda iCalendar (.ics)\u00a0: exportez-le de nouveau.")
    found, recurring, skipped, begun = dict[str, Event](), list[tuple[Event, icalendar.Component]](), 0, clock.monotonic()
    for component in (one for calendar in calendars for one in calendar.walk("VEVENT")):
        event = _event(component)
        if event is None or len(found) + len(recurring) >= MOST:
            skipped += 1
        elif window is not None and recurring_ics.recurs(component):
            recurring.append((event, component))
        else:
            found[event.uid] = event
    for event, component in recurring:
        if clock.monotonic() - begun > LONGEST_S:
            raise ValueError("Cet agenda est trop long à lire\u00a0: exportez une période plus courte.")
        times = _times(event, component, window)
        skipped += not times
        found = {one.uid: one for one in times[: MOST - len(found)]} | found  # what was moved says where it is
    return list(found.values()), skipped


_FOLD = re.compile(rb"\r?\n[ \t]")
_ZONE = re.compile(rb"^BEGIN:VTIMEZONE[ \t]*\r?\n.*?^END:VTIMEZONE[ \t]*(?:\r?\n|\Z)", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_LEFT = re.compile(rb"^[ \t]*BEGIN[ \t]*[:;][^\r\n]*VTIMEZONE", re.IGNORECASE | re.MULTILINE)


def _without_zones(data: bytes) -> bytes:
    """The same without the zones that a file defines: the library keeps them for the whole process, so one file would move the hours of
    others, and a zone whose rule comes every second would never be read to its end. Known names keep their hours, others are Paris's.
    """
    plain = _ZONE.sub(b"", _FOLD.sub(b"", data))
    if _LEFT.search(plain):
        raise ValueError("a zone that is not written as one")
    return plain


def _times(event: Event, component: "icalendar.Component", window: Window | None) -> list[Event]:
    """Each time of an event that recurs, under the name that a change of that one time bears; its first alone when its rule is not read."""
    if window is None:
        return [event]
    first, last = bounds(window[0])[0], bounds(window[1])[1]
    length = event.end - event.start
    try:
        starts = recurring_ics.starts(component, first - length, last)
    except (ValueError, OverflowError):
        return [event] if event.end > first and event.start < last else []
    days = round(length / datetime.timedelta(days=1))
    return [
        replace(event, uid=occurrence(event.uid, at), start=at, end=bounds(wall(at)[0] + datetime.timedelta(days=days))[0] if event.days
                else at + length)
        for at in map(_instant, starts)
    ]  # fmt: skip


def occurrence(uid: str, at: datetime.datetime) -> str:
    """What one time of an event is called: by when it should be, wherever it was moved."""
    return f"{uid[:160]}#{at:%Y%m%dT%H%M}"


def _event(component: "icalendar.Component") -> Event | None:
    try:
        uid, start = str(component.get("uid", "")).strip()[:200], _instant(component.get("dtstart").dt)
        end = component.get("dtend")
        length = component.get("duration")
        whole = not isinstance(component.get("dtstart").dt, datetime.datetime)
        until = (
            _instant(end.dt)
            if end is not None
            else start + (length.dt if length is not None else datetime.timedelta(days=whole, minutes=15 * (not whole)))
        )
        if whole and end is not None and until == start:  # written by some: a day that ends when it begins
            until = bounds(wall(start)[0])[1]
        recurring = component.get("recurrence-id")
        name = uid if recurring is None else occurrence(uid, _instant(recurring.dt))
    except (AttributeError, ValueError, TypeError, OverflowError):
        return None
    if not uid or until <= start or not 2000 <= start.year < 2100:
        return None
    return Event(
        name,
        start,
        until,
        str(component.get("summary", ""))[:200],
        str(component.get("location", ""))[:200],
        str(component.get("status", "")).upper() == "CANCELLED",
        whole,
    )


def _instant(value: datetime.date) -> datetime.datetime:
    if not isinstance(value, datetime.datetime):
        return bounds(value)[0]
    return (value if value.tzinfo else value.replace(tzinfo=PARIS)).astimezone(datetime.UTC)
