"""What the agenda's doors give: frozen values, times as instants and as minutes of the day in Paris."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from permanence.agenda import rules, times
from permanence.lib.ids import of_hex
from permanence.patients.queries import Row


class Ids(dict[str | None, UUID | None]):
    """Ids as they are stored: a day names the same few people and types again and again."""

    def __missing__(self, text: str | None) -> UUID | None:
        found = self[text] = of_hex(text) if text else None
        return found


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody with an agenda. `replaced_by`: who works in it on the day asked."""

    id: UUID
    name: str
    profession: str
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class Type:
    """What one comes for, and what it allows."""

    id: UUID
    name: str
    colour: str
    minutes: int
    new_patients: bool
    walk_in: bool
    limits: rules.Limits = rules.ANY
    place: int = 0


@dataclass(frozen=True, slots=True)
class Hours:
    """An opening period of every week."""

    id: UUID
    practitioner: UUID
    weekday: int
    from_minute: int
    to_minute: int
    since: datetime.date | None
    until: datetime.date | None
    kind: str


@dataclass(frozen=True, slots=True)
class Away:
    """An absence."""

    id: UUID
    practitioner: UUID
    start: datetime.datetime
    end: datetime.datetime
    reason: str
    replacement: UUID | None


@dataclass(frozen=True, slots=True)
class Frame:
    """Opening hours and absences of some days, and the types there are."""

    hours: tuple[Hours, ...]
    away: tuple[Away, ...]
    types: tuple[Type, ...]

    def open_on(self, day: datetime.date, practitioner: UUID, kind: str = "appointments") -> list[tuple[int, int]]:
        """The opening periods of one practitioner that day, in minutes; none on a public holiday."""
        if times.holiday(day):
            return []
        return [
            (one.from_minute, one.to_minute)
            for one in self.hours
            if one.practitioner == practitioner
            and one.kind == kind
            and one.weekday == day.isoweekday()
            and (one.since is None or one.since <= day)
            and (one.until is None or day <= one.until)
        ]

    def away_on(self, day: datetime.date, practitioner: UUID) -> list[Away]:
        """The absences of one practitioner that touch that day."""
        begins, ends = times.bounds(day)
        return [one for one in self.away if one.practitioner == practitioner and one.start < ends and one.end > begins]

    def closed_on(self, day: datetime.date, practitioner: UUID) -> list[tuple[int, int]]:
        """The minutes of that day when they are away and nobody takes their place."""
        begins, ends = times.bounds(day)
        return [
            (times.wall(max(one.start, begins))[1], times.DAY if one.end >= ends else times.wall(one.end)[1])
            for one in self.away_on(day, practitioner)
            if one.replacement is None
        ]


@dataclass(frozen=True, slots=True)
class Booked:
    """An appointment or a slot, its first fields in the order of the columns.

    `person` is None for a slot, and where the identity is not for this reader.
    """

    id: UUID
    practitioner: UUID | None
    start: datetime.datetime
    minutes: int
    type_id: UUID | None
    reason: str
    status: str
    origin: str
    read_only: bool
    booked_by: UUID | None
    booked_at: datetime.datetime | None
    status_reason: str
    patient: UUID | None
    arrived_at: datetime.datetime | None
    started_at: datetime.datetime | None
    ended_at: datetime.datetime | None
    walk_in: bool
    home_visit: bool
    place: str
    note: str
    kind: str  # of a slot, as the two that follow
    label: str
    phone: str
    no_hour: bool  # a visit of the round, whenever it suits
    round_rank: int | None
    waived_rules: tuple[str, ...]
    waived_reason: str
    on: datetime.date  # the day and the minute that clocks in Paris show at `start`
    minute: int
    person: Row | None = None
    type_name: str = ""
    colour: str = "slate"

    @property
    def end(self) -> datetime.datetime:
        return self.start + datetime.timedelta(minutes=self.minutes)

    @property
    def stop(self) -> rules.Stop:
        """Its place in a round of visits."""
        return rules.Stop(self.id, self.round_rank, None if self.no_hour else self.minute)

    @property
    def is_slot(self) -> bool:
        return self.patient is None


@dataclass(frozen=True, slots=True)
class Day:
    """One day, or one week, of the practitioners asked for: the answer of one reading."""

    first: datetime.date
    last: datetime.date
    practitioners: tuple[Practitioner, ...]
    booked: tuple[Booked, ...]
    frame: Frame


@dataclass(frozen=True, slots=True)
class Next:
    """When a patient comes, without a word of why."""

    id: UUID
    practitioner: UUID | None
    start: datetime.datetime
    minutes: int
    status: str
    no_hour: bool = False


@dataclass(frozen=True, slots=True)
class Coming:
    """A patient who is booked: what tomorrow's papers need; name and telephone are the patients' room's."""

    id: UUID
    patient: UUID
    practitioner: UUID | None
    start: datetime.datetime
    minutes: int
    type_name: str
    reason: str
    home_visit: bool
    place: str
    no_hour: bool = False


@dataclass(frozen=True, slots=True)
class Free:
    """Time that is left: when it begins, for how long."""

    practitioner: UUID
    start: datetime.datetime
    minutes: int
