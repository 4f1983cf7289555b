"""Which copies are kept: 7 daily, 4 weekly, 3 monthly. Plain dates in, plain dates out."""

import datetime
from collections.abc import Callable, Collection, Hashable

DAILY, WEEKLY, MONTHLY = 7, 4, 3


def kept(made: Collection[datetime.datetime]) -> set[datetime.datetime]:
    """The copies to keep of those made (any order): the last of each of the latest 7 days, 4 ISO weeks and 3 months that
    have one. The newest is always among them.
    """
    keep: set[datetime.datetime] = set()
    rules: tuple[tuple[int, Callable[[datetime.datetime], Hashable]], ...] = (
        (DAILY, lambda at: at.date()), (WEEKLY, lambda at: at.isocalendar()[:2]), (MONTHLY, lambda at: (at.year, at.month)))
    for most, period in rules:
        last: dict[Hashable, datetime.datetime] = {}
        for at in sorted(made):
            last[period(at)] = at
        keep |= set(sorted(last.values(), reverse=True)[:most])
    return keep


def last_gone(now: datetime.datetime) -> datetime.date:
    """The day on which no copy made up to `now` is kept any more, when a copy is made each night, as this practice does.

    The rule itself is run forward: the last copy of a month outlives the others.
    """
    at, made = now, kept({now - datetime.timedelta(days=day) for day in range(130)})
    while min(made) <= now:
        at += datetime.timedelta(days=1)
        made = kept({*made, at})
    return at.date()


def due(now: datetime.datetime, last: datetime.datetime | None, *, hour: int = 2) -> bool:
    """Whether tonight's copy is still to be made: after `hour` local time, once per night, or at once if a night was missed.

    Both instants are aware and in the practice's zone.
    """
    if last is None:
        return True
    tonight = now.replace(hour=hour, minute=30, second=0, microsecond=0)
    if now < tonight:
        tonight -= datetime.timedelta(days=1)
    return last < tonight
