"""How a day of the agenda becomes columns of cards: where each stands, in which words, what its state looks like."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from permanence.agenda import queries
from permanence.lib import clock
from permanence.lib.dates import MONTHS, format_long
from permanence.lib.text import NBSP
from permanence.web.dossier.people import split_name
from permanence.web.links import reverse

STEP, EARLIEST, LATEST = 5, 8 * 60, 19 * 60
TALL = 30  # minutes from which two lines have room
SYMBOLS = {"booked": "", "arrived": "armchair", "in-progress": "stethoscope", "fulfilled": "check", "noshow": "user-x", "cancelled": "ban"}
SLOT_SYMBOLS = {"busy": "coffee", "caller": "phone", "event": "calendar"}


@dataclass(frozen=True, slots=True)
class Card:
    """One appointment or slot on the page."""

    id: str
    classes: str
    url: str  # what Enter opens: the file, else the appointment
    more: str
    start: str  # 08:15
    minute: int
    minutes: int
    who: str  # the practitioner's id
    surname: str
    given: str
    age: str
    birth: str
    homonym: bool
    words: str  # type and reason
    state: str
    state_text: str
    symbol: str
    since: datetime.datetime | None
    waited: str
    home: str
    walk_in: bool
    fixed: bool
    slot: bool
    title: str
    outside: bool  # it does not follow the rules of its type

    @property
    def name(self) -> str:
        return f"{self.surname} {self.given}".strip()


@dataclass(frozen=True, slots=True)
class Gap:
    """Time that is left: one link for each place where an appointment could begin."""

    classes: str
    url: str
    start: str
    minute: int


@dataclass(frozen=True, slots=True)
class Column:
    """One practitioner's day, or one day of a week."""

    key: str  # the practitioner, or the day
    title: str
    url: str
    note: str
    warn: str
    who: str
    day: str
    items: Sequence[Card | Gap]
    hours: Sequence[str]  # classes of the opening periods
    walk_in: Sequence[str]
    closed: Sequence[tuple[str, str]]
    today: bool
    count: int


@dataclass(frozen=True, slots=True)
class Board:
    """The whole grid. `classes` says from which hour, and for how many."""

    classes: str
    hours: list[int]
    columns: list[Column] = field(default_factory=list)
    now: str = ""


def place(minute: int, minutes: int) -> str:
    """The classes that put something at its hour, for its length: five minutes are one line of the grid."""
    end = minute + max(minutes, STEP)
    first, last = minute // STEP, -(-end // STEP)
    return f"h{first * STEP // 60} m{first % 12} d{min(last - first, 144)}"


def name_of(found: queries.Booked) -> tuple[str, str]:
    """Surname and given name of a patient; the words of a slot."""
    if found.person is not None:
        name = split_name(found.person.name)
        return name.surname, name.given
    if found.patient is not None:
        return "Patient masqué", ""
    return found.label or queries.SLOT_KINDS.get(found.kind, "Indisponible"), ""


def waited(found: queries.Booked, now: datetime.datetime) -> str:
    """« depuis 12 min », for who waits or is being seen."""
    since = {"arrived": found.arrived_at, "in-progress": found.started_at}.get(found.status)
    if since is None:
        return ""
    minutes = max(0, int((now - since).total_seconds() // 60))
    return f"depuis {minutes}{NBSP}min" if minutes < 120 else f"depuis {minutes // 60}{NBSP}h{NBSP}{minutes % 60:02}"


def card(found: queries.Booked, now: datetime.datetime, *, lane: tuple[int, int] = (0, 1), file: bool = True) -> Card:
    """A card at its place. `file`: whether Enter opens the patient's file."""
    (surname, given), person = name_of(found), found.person
    minute = found.minute
    more = reverse("agenda:appointment", args=(found.id,))
    since = {"arrived": found.arrived_at, "in-progress": found.started_at}.get(found.status)
    words = " · ".join(word for word in (found.type_name, found.reason) if word)
    state = queries.STATUSES.get(found.status, found.status)
    return Card(
        id=str(found.id),
        classes=_classes(found, minute, lane),
        url=reverse("dossier:file", args=(found.patient,)) if found.patient and file else more,
        more=more,
        start="tournée" if found.no_hour else queries.hour_text(minute),
        minute=minute,
        minutes=found.minutes,
        who=str(found.practitioner or ""),
        surname=surname,
        given=given,
        age=person.age if person else "",
        birth=person.birth if person else "",
        homonym=bool(person and person.homonym),
        words=words,
        state=found.status,
        state_text=state,
        symbol=SYMBOLS.get(found.status, "") or (SLOT_SYMBOLS.get(found.kind, "") if found.is_slot else ""),
        since=since,
        waited=waited(found, now),
        home=found.place or "À domicile" if found.home_visit else "",
        walk_in=found.walk_in,
        fixed=found.read_only,
        slot=found.is_slot,
        title=f"{queries.hour_text(minute)} {surname} {given}".strip(),
        outside=bool(found.waived_rules),
    )


def _classes(found: queries.Booked, minute: int, lane: tuple[int, int]) -> str:
    marks = f"{' slot' if found.is_slot else ''}{' tall' if found.minutes >= TALL else ''}"
    return f"{found.status} {found.colour} {place(minute, found.minutes)} l{lane[0]}of{lane[1]}{marks}"


def cards(found: Iterable[queries.Booked], now: datetime.datetime) -> list[Card]:
    """The cards of one column, side by side where they overlap. What was cancelled gives its room to the others."""
    rows = list(found)
    real = [one for one in rows if one.status not in queries.GONE]
    spans = [(one.minute, one.minute + one.minutes) for one in real]
    lanes = {one.id: lane for one, lane in zip(real, queries.lanes(spans), strict=True)}
    return [card(one, now, lane=lanes.get(one.id, (0, 1))) for one in rows if one.id in lanes or not _hidden(one, spans)]


def _hidden(one: queries.Booked, spans: Iterable[tuple[int, int]]) -> bool:
    """A cancelled one whose hour was given to somebody else: the list of the cancelled shows it."""
    minute = one.minute
    return queries.overlaps((minute, minute + one.minutes), spans)


def gaps(found: queries.Day, day: datetime.date, who: UUID, length: int, *, after: int) -> list[Gap]:
    """Where something could still be booked in the opening hours: what a type keeps free after itself is not offered."""
    kept = {one.id: one.limits.buffer_minutes for one in found.frame.types}
    taken = [
        (one.minute, one.minute + one.minutes, kept.get(one.type_id, 0) if one.type_id else 0)
        for one in found.booked
        if one.practitioner == who and one.status not in queries.FREE and one.on == day and not one.no_hour
    ]
    busy = [*taken, *((start, end, 0) for start, end in found.frame.closed_on(day, who))]
    return [
        Gap(place(at, length), new_url(day, at, who), queries.hour_text(at), at)
        for at in queries.offered(found.frame.open_on(day, who), busy, queries.ANY, day.isoweekday(), length, not_before=after)
    ]


def new_url(day: datetime.date, minute: int | None, who: UUID | str) -> str:
    """The booking screen, at this hour with this person."""
    hour = "" if minute is None else f"&heure={queries.hour_text(minute).replace(':', '')}"
    return f"{reverse('agenda:book')}?jour={day:%Y-%m-%d}{hour}&qui={who}"


def column(found: queries.Day, day: datetime.date, who: queries.Practitioner, *, title: str, url: str, length: int = 15) -> Column:
    """One practitioner on one day."""
    now, mine = clock.now(), [one for one in found.booked if one.practitioner == who.id and one.on == day and not one.no_hour]
    today = queries.wall(now)[0]
    after = queries.wall(now)[1] if day == today else 0 if day > today else 24 * 60
    items: list[Card | Gap] = [*cards(mine, now), *gaps(found, day, who.id, length, after=after)]
    away, holiday = found.frame.away_on(day, who.id), queries.holiday(day)
    note = f"Remplacé par {who.replaced_by}" if who.replaced_by else ""
    warn = holiday or next((one.reason or "Absent" for one in away if one.replacement is None), "")
    real = [one for one in mine if one.status not in queries.GONE and not one.is_slot]
    return Column(
        key=f"{who.id}-{day:%Y%m%d}",
        title=title,
        url=url,
        note=note,
        warn=warn,
        who=str(who.id),
        day=f"{day:%Y-%m-%d}",
        items=sorted(items, key=lambda one: (one.minute, isinstance(one, Gap))),
        hours=[place(a, b - a) for a, b in found.frame.open_on(day, who.id)],
        walk_in=[place(a, b - a) for a, b in found.frame.open_on(day, who.id, "walk-in")],
        closed=[(place(a, b - a), warn or "Absent") for a, b in found.frame.closed_on(day, who.id)],
        today=day == today,
        count=len(real),
    )


def board(columns: list[Column], found: queries.Day) -> Board:
    """The grid from the first hour that matters to the last one."""
    timed = [one for one in found.booked if not one.no_hour]
    marks = [one.minute for one in timed] + [one.from_minute for one in found.frame.hours]
    ends = [one.minute + one.minutes for one in timed] + [one.to_minute for one in found.frame.hours]
    first = min([EARLIEST, *marks]) // 60
    last = min(-(-max([LATEST, *ends]) // 60), 24)
    minute = queries.wall(clock.now())[1]
    shown = any(one.today for one in columns) and first * 60 <= minute < last * 60
    return Board(f"from{first} n{last - first}", list(range(first, last)), columns, place(minute, STEP) if shown else "")


def day_title(day: datetime.date) -> str:
    """« Lundi 23 novembre 2026 »."""
    name = ("Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche")[day.weekday()]
    first = "1er" if day.day == 1 else str(day.day)
    return f"{name} {first} {MONTHS[day.month - 1]} {day.year}"


def short_day(day: datetime.date) -> str:
    return format_long(day).rsplit(NBSP, 1)[0]
