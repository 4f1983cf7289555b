"""The replacements one takes part in: an absence that names who replaces; where none was written, the deputy's own two dates."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from permanence.accounts.permissions import PARIS
from permanence.agenda import times
from permanence.journal.doors import Reader, Refused
from permanence.lib.sqlcipher import run
from permanence.lib.text import NBSP

UNKNOWN = f"Ce remplacement est introuvable{NBSP}: revenez à votre journée."
_ABSENCES = (
    "SELECT id, practitioner_id, replacement_id, CAST(start AS TEXT), CAST(\"end\" AS TEXT) FROM agenda_absence"
    " WHERE removed = 0 AND replacement_id IS NOT NULL"
)
# A contract from one day to another, in which no absence was written in the agenda. A day ends at 22 or 23 h, UTC.
_CONTRACTS = (
    "SELECT m.id, m.of_id, m.id, CAST(m.since AS TEXT), CAST(m.until AS TEXT) FROM accounts_member m"
    " WHERE m.status = 'remplacant' AND m.of_id IS NOT NULL AND m.since IS NOT NULL AND m.until IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM agenda_absence a WHERE a.replacement_id = m.id AND a.practitioner_id = m.of_id"
    " AND a.removed = 0 AND a.start < datetime(m.until, '+22 hours') AND a.\"end\" > CAST(m.since AS TEXT))"
)
_MINE = f"{_ABSENCES} AND ? IN (practitioner_id, replacement_id) UNION ALL {_CONTRACTS} AND ? IN (m.id, m.of_id)"
_ONE = f"{_ABSENCES} AND id = ? UNION ALL {_CONTRACTS} AND m.id = ?"


@dataclass(frozen=True, slots=True)
class Period:
    """One replacement: whose agenda, who works in it, from when until when (excluded)."""

    id: UUID
    doctor: UUID
    deputy: UUID
    start: datetime.datetime
    end: datetime.datetime

    @property
    def first_day(self) -> datetime.date:
        return self.start.astimezone(PARIS).date()

    @property
    def last_day(self) -> datetime.date:
        return (self.end - datetime.timedelta(seconds=1)).astimezone(PARIS).date()


def _period(row: tuple[str, str, str, str, str]) -> Period:
    start, end = (_instant(text, last=place == 1) for place, text in enumerate(row[3:]))
    return Period(UUID(row[0]), UUID(row[1]), UUID(row[2]), start, end)


def _instant(text: str, *, last: bool) -> datetime.datetime:
    """A column's instant (naive UTC text); of a contract's day, its beginning, or its end for the last one."""
    if len(text) == 10:
        return times.bounds(datetime.date.fromisoformat(text))[last]
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def found(id: UUID) -> Period | None:
    """For this room's doors, which then ask who may."""
    row = run("default", _ONE, id.hex, id.hex).fetchone()
    return _period(row) if row else None


def mine(*, reader: Reader) -> list[Period]:
    """Those of this reader, the next or last one first: they replace, or are replaced. Names no patient."""
    me = reader.actor.member
    if me is None:
        return []
    rows = run("default", _MINE, me.hex, me.hex).fetchall()
    return sorted((_period(row) for row in rows), key=lambda one: one.start, reverse=True)


def period(id: UUID, *, reader: Reader) -> Period:
    """One of them. Raises Refused alike for an unknown one and for another's."""
    one = found(id)
    if one is None or reader.actor.member not in (one.doctor, one.deputy):
        raise Refused(UNKNOWN, code="unknown")
    return one
