"""How the readings of outside agendas went since the practice was opened: memory only, it is no history."""

import datetime
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Reading:
    """How the readings of one agenda went since the practice was opened. `why` fails since `failing`; nothing is taken away by it."""

    read_at: datetime.datetime | None = None
    failing: datetime.datetime | None = None
    why: str = ""


_readings: dict[UUID, Reading] = {}


def of(calendar: UUID) -> Reading:
    """The last one; an empty one before it."""
    return _readings.get(calendar, Reading())


def remember(calendar: UUID, reading: Reading) -> None:
    _readings[calendar] = reading


def forget() -> None:
    """At seal."""
    _readings.clear()
