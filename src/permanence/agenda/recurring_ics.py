"""What recurs in an iCalendar (RFC 5545, 3.8.5): the times of an event within a span, by dateutil, which does not bound its search.

So only rules that come again soon are read, one for an event: those that people make in their agendas. Hours stay what clocks show in
the event's own zone; one that happens twice in October is the first, one that never happens in March is the hour that clocks jump to.
"""

import calendar
import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from permanence.agenda.times import PARIS

if TYPE_CHECKING:
    import icalendar

MOST = 1_000  # times of one event within the span
_PARTS = {
    "DAILY": {"BYDAY", "BYMONTH"},
    "WEEKLY": {"BYDAY", "BYMONTH"},
    "MONTHLY": {"BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"},
    "YEARLY": {"BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS", "BYWEEKNO", "BYYEARDAY"},
}
_ALWAYS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}
Value = datetime.date  # a day, or an hour of a day with or without a zone


def recurs(component: "icalendar.Component") -> bool:
    """Whether an event happens more than once; a change of one of its times does not."""
    return component.get("recurrence-id") is None and (component.get("rrule") is not None or component.get("rdate") is not None)


def starts(component: "icalendar.Component", first: datetime.datetime, last: datetime.datetime) -> list[Value]:
    """Its beginnings from `first` to `last` (instants), as its DTSTART says one. Raises ValueError for a rule that is not read."""
    begin: Value = component.get("dtstart").dt
    found, rules = {begin, *_listed(component, "rdate", begin)}, _lines(component, "rrule")
    if len(rules) > 1:
        raise ValueError("several rules")  # RFC 5545: one at most
    for rule in rules:
        found |= set(_by_rule(rule, begin, last))
    out, whole = set(), set()
    for value in _listed(component, "exdate", begin):
        (out.add(_at(value)) if isinstance(value, datetime.datetime) or not isinstance(begin, datetime.datetime) else whole.add(value))
    kept = [value for value in found if first <= _at(value) < last and _at(value) not in out and _day(value) not in whole]
    return sorted(kept, key=_at)[:MOST]


def _by_rule(rule: Any, begin: Value, last: datetime.datetime) -> Iterator[Value]:
    """By clocks: dateutil counts hours without a zone, and the zone is given back to each."""
    from dateutil.rrule import rrulestr

    parts = {str(name).upper(): list(value) if isinstance(value, list) else [value] for name, value in rule.items()}
    _check(parts)
    zone = begin.tzinfo if isinstance(begin, datetime.datetime) else None
    naive = begin.replace(tzinfo=None) if isinstance(begin, datetime.datetime) else datetime.datetime.combine(begin, datetime.time())
    until = _until(parts.pop("UNTIL", [None])[0], zone or PARIS)
    text = ";".join(f"{name}={','.join(str(_text(one)) for one in values)}" for name, values in parts.items())
    end = last.astimezone(zone or PARIS).replace(tzinfo=None)
    for at in rrulestr(text, dtstart=naive):
        if at > end or (until is not None and at > until):
            return
        yield at.replace(tzinfo=zone) if isinstance(begin, datetime.datetime) else at.date()


def _check(parts: dict[str, list[Any]]) -> None:
    freq = str(parts.get("FREQ", [""])[0]).upper()
    if freq not in _PARTS or set(parts) - _ALWAYS - _PARTS[freq]:
        raise ValueError("a rule that is not read")
    every = int(parts.get("INTERVAL", [1])[0])
    if every < 1 or (freq == "DAILY" and "BYDAY" in parts and every % 7 == 0):
        raise ValueError("a rule that may never come")
    _check_names(parts, freq)
    if "BYMONTH" in parts and "BYMONTHDAY" in parts:  # 30 February is looked for until the year 9999
        longest = max(calendar.monthrange(2024, int(month))[1] for month in parts["BYMONTH"])
        if not any(1 <= abs(int(day)) <= longest for day in parts["BYMONTHDAY"]):
            raise ValueError("a rule that never comes")


_BOUNDS = {"BYMONTH": (1, 12), "BYMONTHDAY": (1, 31), "BYWEEKNO": (1, 53), "BYYEARDAY": (1, 366), "BYSETPOS": (1, 5)}
_ALONE = ("BYYEARDAY", "BYWEEKNO")  # beside others they may name days that no year has


def _check_names(parts: dict[str, list[Any]], freq: str) -> None:
    """Every name exists, and those that stand together meet: a day that never comes is looked for in every month until the year 9999."""
    for name, (least, most) in _BOUNDS.items():
        if any(not least <= abs(int(value)) <= most for value in parts.get(name, ())):
            raise ValueError("a day that does not exist")
    numbered = [abs(int(digits)) for value in parts.get("BYDAY", ()) if (digits := str(_text(value)).strip("+-MOTUWEHFRSA"))]
    if any(number > (5 if freq == "MONTHLY" or "BYMONTH" in parts else 53) or freq in ("DAILY", "WEEKLY") for number in numbered):
        raise ValueError("a weekday that does not exist")
    named = {name for name in parts if name.startswith("BY")}
    apart = any(name in parts and named - {name, *(("BYDAY",) if name == "BYWEEKNO" else ())} for name in _ALONE)
    placed = "BYSETPOS" in parts and (numbered or "BYDAY" not in parts or "BYMONTHDAY" in parts)
    if apart or placed or (numbered and named - {"BYDAY", "BYMONTH"}):
        raise ValueError("days that may never meet")


def _until(value: Any, zone: datetime.tzinfo) -> datetime.datetime | None:
    """The last hour allowed, by the event's own clocks; a day is allowed whole."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value
    return None if value is None else datetime.datetime.combine(value, datetime.time.max)


def _text(value: Any) -> Any:
    return value.to_ical().decode() if hasattr(value, "to_ical") else value


def _lines(component: "icalendar.Component", name: str) -> list[Any]:
    found = component.get(name)
    return [] if found is None else found if isinstance(found, list) else [found]


def _listed(component: "icalendar.Component", name: str, begin: Value) -> Iterator[Value]:
    """The values of RDATE or EXDATE; of a period, its beginning."""
    for line in _lines(component, name):
        for one in getattr(line, "dts", ()):
            value = one.dt[0] if isinstance(one.dt, tuple) else one.dt
            if isinstance(value, datetime.datetime) and not isinstance(begin, datetime.datetime):
                value = value.date()
            yield value


def _at(value: Value) -> datetime.datetime:
    at = value if isinstance(value, datetime.datetime) else datetime.datetime.combine(value, datetime.time())
    return (at if at.tzinfo else at.replace(tzinfo=PARIS)).astimezone(datetime.UTC)


def _day(value: Value) -> datetime.date:
    return value.date() if isinstance(value, datetime.datetime) else value
