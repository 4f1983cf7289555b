"""Taking a gesture back: to where it came from, and only while the appointment still stands where the gesture left it."""

import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

from permanence.agenda import rules, times
from permanence.agenda.actions.common import ELSEWHERE, Row, check_practitioner, check_start, clock_in, length, load, told, typed
from permanence.agenda.models import Appointment
from permanence.agenda.permissions import check_agenda
from permanence.journal.doors import Actor, Refused
from permanence.journal.earlier import earlier
from permanence.journal.writer import action
from permanence.lib import clock

CHANGED = "Ce rendez-vous a changé depuis, peut-être sur un autre poste\u00a0: rien n’est repris. Regardez où il en est dans l’agenda."
_NOBODY = UUID(int=0)


class Mark(NamedTuple):
    """Where an appointment stands: its state, its place, and since when the patient waits (seconds since 1970, 0 when not there)."""

    status: str
    start: int
    minutes: int
    practitioner: UUID
    arrived: int

    @classmethod
    def of(cls, row: Row) -> Self:
        arrived = row.arrived_at if isinstance(row, Appointment) else None
        return cls(
            str(row.status),
            int(row.start.timestamp()) if row.start else 0,
            row.minutes,
            row.practitioner_id or _NOBODY,
            int(arrived.timestamp()) if arrived else 0,
        )

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValueError for what `str` did not write."""
        status, start, minutes, practitioner, arrived = text.split("_")
        return cls(status, int(start), int(minutes), UUID(practitioner), int(arrived))

    def __str__(self) -> str:
        return f"{self.status}_{self.start}_{self.minutes}_{self.practitioner.hex}_{self.arrived}"

    @property
    def at(self) -> datetime.datetime:
        """Raises OverflowError, ValueError when it is no instant."""
        return datetime.datetime.fromtimestamp(self.start, datetime.UTC)


class Undo(NamedTuple):
    """What `take_back` needs: numbers and codes, of nobody."""

    before: Mark
    after: Mark

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValueError for what `str` did not write."""
        before, _, after = text.partition("__")
        return cls(Mark.read(before), Mark.read(after))

    def __str__(self) -> str:
        return f"{self.before}__{self.after}"


@action
def take_back(appointment: UUID, *, by: Actor, undo: str) -> None:
    """Put an appointment back as it was before a gesture. Raises Refused: `conflict` when it changed since."""
    found = load(appointment, by)
    try:
        before, after = Undo.read(undo)
        start = before.at
    except (ValueError, OverflowError, OSError):
        raise Refused("Cette demande n’est plus comprise\u00a0: revenez à l’agenda.", code="invalid") from None
    if Mark.of(found) != after:
        raise Refused(CHANGED, code="conflict")
    if found.read_only and (before.status in rules.GONE or before[1:4] != after[1:4]):
        raise Refused(ELSEWHERE, code="elsewhere")
    if before.practitioner != after.practitioner:
        found.practitioner_id = check_practitioner(before.practitioner)
        check_agenda(by, found.practitioner_id)
    found.start, found.minutes = check_start(start), length(before.minutes, None)
    stood = _stood(found, before)
    if before[1:4] != after[1:4]:
        if isinstance(found, Appointment):
            found.no_hour = found.home_visit and found.start == times.bounds(times.wall(found.start)[0])[0]
        leave_round(found, after, stood.get("round_rank"))
        told(found, None, stood.get("waived_reason", ""))
    if before.status != after.status:
        with typed():
            rules.check_status(after.status, before.status)
        found.status, found.status_reason = before.status, stood.get("status_reason", "")
        if isinstance(found, Appointment):
            clock_in(found, before.status)
            _wait_again(found, before.arrived)
    found.save()


@action
def unbook(appointment: UUID, *, by: Actor, start: datetime.datetime) -> None:
    """It was booked by mistake: it never stood there. Raises Refused: `conflict` when somebody moved it or received the patient since."""
    found = load(appointment, by)
    if found.status != "booked" or found.start != start:
        raise Refused(CHANGED, code="conflict")
    found.status = "entered-in-error"
    found.save()


def _stood(found: Row, before: Mark) -> dict[str, Any]:
    """What else it said when it last stood so: words are not in an undo, whose address is of nobody."""
    for said in earlier(found):
        start = said.get("start")
        if (said.get("status"), int(start.timestamp()) if start else 0, said.get("minutes"),
                said.get("practitioner_id") or _NOBODY) == before[:4]:  # fmt: skip
            return said
    return {}


def leave_round(found: Row, before: Mark, rank: int | None = None) -> None:
    """Of another day or in another agenda, it stands last: its rank was one of the round that it left."""
    if isinstance(found, Appointment) and found.start is not None:
        if (times.wall(found.start)[0], found.practitioner_id or _NOBODY) != (times.wall(before.at)[0], before.practitioner):
            found.round_rank = rank


def _wait_again(found: Appointment, arrived: int) -> None:
    """Who was put back « prévu » by mistake keeps their place in the waiting room."""
    since = datetime.datetime.fromtimestamp(arrived, datetime.UTC) if 0 < arrived <= clock.now().timestamp() else None
    if since and found.arrived_at and clock.now() - since < datetime.timedelta(days=1):
        found.arrived_at = since
