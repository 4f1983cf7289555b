"""The only ways to read the agenda. Who comes is read as rows of a list; why is read with it; nothing of a file is."""

from permanence.agenda.ics import write as calendar
from permanence.agenda.permissions import can_open, can_write_agenda, own_agendas
from permanence.agenda.queries.booked import UNKNOWN, booked, day, days_booked, expected, next_of, of_patient, one, waiting
from permanence.agenda.queries.free import free
from permanence.agenda.queries.plan import frame, practitioners, types
from permanence.agenda.queries.views import Away, Booked, Coming, Day, Frame, Free, Hours, Next, Practitioner, Type
from permanence.agenda.queries.written import Caller, callers_since, written_heads, written_since
from permanence.agenda.rules import COLOURS, FREE, GONE, KINDS, NEXT, SLOT_KINDS, STATUSES, lanes, overlaps, starts
from permanence.agenda.times import bounds, exists, holiday, hour_text, instant, parse_hour, wall, week_of

__all__ = [
    "COLOURS",
    "FREE",
    "GONE",
    "KINDS",
    "NEXT",
    "SLOT_KINDS",
    "STATUSES",
    "UNKNOWN",
    "Away",
    "Booked",
    "Caller",
    "Coming",
    "Day",
    "Frame",
    "Free",
    "Hours",
    "Next",
    "Practitioner",
    "Type",
    "booked",
    "bounds",
    "calendar",
    "callers_since",
    "can_open",
    "can_write_agenda",
    "day",
    "days_booked",
    "exists",
    "expected",
    "frame",
    "free",
    "holiday",
    "hour_text",
    "instant",
    "lanes",
    "next_of",
    "of_patient",
    "one",
    "overlaps",
    "own_agendas",
    "parse_hour",
    "practitioners",
    "starts",
    "types",
    "waiting",
    "wall",
    "week_of",
    "written_heads",
    "written_since",
]
