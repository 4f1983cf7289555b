"""The day of several practitioners, the week of one, one row of either, and the waiting room."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from permanence.agenda import queries
from permanence.journal.doors import Reader, Refused
from permanence.lib import clock
from permanence.lib.dates import parse_date_fr
from permanence.lib.text import NBSP, plural
from permanence.web import jinja
from permanence.web.agenda import board, welcome
from permanence.web.http import reader_of, render, screen
from permanence.web.links import reverse


class Visits(NamedTuple):
    """The home visits of one practitioner on one day: they stand above the hours, whether they have one or not."""

    url: str
    text: str
    names: list[tuple[str, str, str]]  # id, address, name of those that have no hour


class Choice(NamedTuple):
    """A link that chooses what is shown."""

    url: str
    text: str
    here: bool


@dataclass(frozen=True, slots=True)
class AgendaPage:
    title: str
    day: str
    typed: str
    wrong: str
    week: bool
    who: list[UUID]  # the practitioners that the address names
    here: str
    board: board.Board
    visits: list[Visits]
    people: list[Choice]
    views: list[Choice]
    before: str
    after: str
    today: str
    waiting: str
    room: str
    new: str
    writes: bool
    welcome: welcome.Welcome | None
    sheet: str
    settings: str
    export: str
    round: str
    free: str
    holiday: str
    empty: str


def day_asked(request: HttpRequest) -> tuple[datetime.date, str]:
    """The day of the address, in figures or as people type it; what was not understood, and today."""
    typed = request.GET.get("jour", "").strip()
    if not typed:
        return jinja.today(), ""
    try:
        found = parse_date_fr(typed, today=jinja.today(), past=False)
    except ValueError as wrong:
        return jinja.today(), str(wrong)
    return (found, "") if 2000 <= found.year < 2100 else (jinja.today(), "Cette date n’est pas possible\u00a0: vérifiez l’année.")


def who_asked(request: HttpRequest) -> list[UUID]:
    """The practitioners of the address."""
    found = []
    for value in request.GET.getlist("qui"):
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def address(day: datetime.date, who: Iterable[UUID] = (), *, week: bool = False) -> str:
    """A day or a week of the agenda."""
    people = "".join(f"&qui={one}" for one in who)
    return f"{reverse('agenda:day')}?jour={day:%Y-%m-%d}{'&vue=semaine' if week else ''}{people}"


@screen
def day(request: HttpRequest) -> HttpResponse:
    """The agenda: all practitioners side by side, or the week of one."""
    reader, (on, wrong), who = reader_of(request), day_asked(request), who_asked(request)
    week = request.GET.get("vue") == "semaine"
    if week:
        found, columns = _week(on, who, reader)
    else:
        found = queries.day(on, reader=reader, practitioners=who or None)
        columns = [board.column(found, on, one, title=one.name, url=address(on, [one.id], week=True)) for one in _mine_first(found, reader)]
    page = _page(request, reader, on, wrong, who, week, found, columns)
    return render(request, reader, "agenda/day.html", {"page": page}, fragment="board")


def _mine_first(found: queries.Day, reader: Reader) -> list[queries.Practitioner]:
    """One's own agenda stands first, or that of whom one replaces; then those with something to show."""
    own = queries.own_agendas(reader.actor)
    busy = {one.practitioner for one in found.booked} | {one.practitioner for one in found.frame.hours}
    rest = [one for one in found.practitioners if one.id in busy or one.id in own] or list(found.practitioners)
    return sorted(rest, key=lambda one: one.id not in own)


def _week(on: datetime.date, who: list[UUID], reader: Reader) -> tuple[queries.Day, list[board.Column]]:
    days = queries.week_of(on)
    known = queries.practitioners(reader=reader, day=on)
    own = queries.own_agendas(reader.actor)
    mine = [one.id for one in known if one.id in own]
    whose = (who or mine or [one.id for one in known])[:1]
    found = queries.day(days[0], reader=reader, practitioners=whose, days=7)
    columns = [
        board.column(found, one, person, title=board.short_day(one), url=address(one)) for person in found.practitioners for one in days
    ]
    while len(columns) > 5 and not columns[-1].items and not columns[-1].today:
        columns.pop()  # a week-end without anybody
    return found, columns


def _page(
    request: HttpRequest,
    reader: Reader,
    on: datetime.date,
    wrong: str,
    who: list[UUID],
    week: bool,
    found: queries.Day,
    columns: list[board.Column],
) -> AgendaPage:
    step = datetime.timedelta(days=7 if week else 1)
    shown = [one.id for one in found.practitioners]
    first = UUID(columns[0].who) if columns else reader.actor.member or UUID(int=0)
    return AgendaPage(
        title=board.day_title(on) if not week else f"Semaine du {board.day_title(found.first).lower()}",
        day=f"{on:%Y-%m-%d}",
        typed=f"{on:%d/%m/%Y}",
        wrong=wrong,
        week=week,
        who=who,
        here=address(on, who, week=week),
        board=board.board(columns, found),
        visits=_visits(found, week),
        people=_people(on, who, week, found, columns, reader),
        views=[Choice(address(on, who), "Jour", not week), Choice(address(on, shown[:1] if who else [], week=True), "Semaine", week)],
        before=address(on - step, who, week=week),
        after=address(on + step, who, week=week),
        today=address(jinja.today(), who, week=week),
        waiting=waiting_words(found.booked),
        room=reverse("agenda:room"),
        new=board.new_url(on, None, first),
        writes=queries.can_write_agenda(reader.actor, first),
        welcome=welcome.of(request, found, reader),
        sheet=f"{reverse('agenda:sheet')}?jour={on:%Y-%m-%d}" if not week else "",
        settings=reverse("agenda:settings"),
        export=reverse("agenda:exchange"),
        round=f"{reverse('agenda:round')}?jour={on:%Y-%m-%d}" + (f"&qui={first}" if len(columns) == 1 or week else ""),
        free=f"{reverse('agenda:free')}?jour={max(on, jinja.today()):%Y-%m-%d}{''.join(f'&qui={one}' for one in who)}",
        holiday=queries.holiday(on) if not week else "",
        empty="" if columns else "Aucun soignant n’a d’agenda ici. Un titulaire les invite depuis « Cabinet ».",
    )


def _visits(found: queries.Day, week: bool) -> list[Visits]:
    made = []
    days = sorted({one.on for one in found.booked if one.home_visit})
    for on, who in ((on, who) for on in days for who in found.practitioners):
        there = [
            one for one in found.booked if one.home_visit and (one.on, one.practitioner) == (on, who.id) and one.status not in queries.GONE
        ]
        if not there:
            continue
        done = sum(one.status == "fulfilled" for one in there)
        text = plural(len(there), "visite") + (f", {plural(done, 'faite')}" if done else "")
        ranks = {one.id: one for one in there if one.no_hour and one.status != "fulfilled"}
        order = queries.round_order(one.stop for one in ranks.values())
        names = [(str(id), reverse("agenda:appointment", args=(id,)), " ".join(board.name_of(ranks[id]))) for id in order]
        title = f"{board.short_day(on)}{NBSP}: {text}" if week else f"{who.name}{NBSP}: {text}"
        made.append(Visits(f"{reverse('agenda:round')}?jour={on:%Y-%m-%d}&qui={who.id}", title, names))
    return made


def _people(
    on: datetime.date, who: list[UUID], week: bool, found: queries.Day, columns: list[board.Column], reader: Reader
) -> list[Choice]:
    """« Tous », then each practitioner."""
    known = queries.practitioners(reader=reader, day=on) if who or week else found.practitioners
    everybody = [] if week else [Choice(address(on), "Tous", not who)]
    chosen = {one.who for one in columns} if week or who else set()
    return [*everybody, *(Choice(address(on, [one.id], week=week), one.name, str(one.id) in chosen) for one in known)]


def waiting_words(booked: Iterable[queries.Booked]) -> str:
    """« 3 en salle d’attente, 25 min au plus »."""
    now = clock.now()
    since = [one.arrived_at for one in booked if one.status == "arrived" and one.arrived_at]
    if not since:
        return "Salle d’attente vide"
    longest = max(0, int((now - min(since)).total_seconds() // 60))
    return f"{plural(len(since), 'patient')} en salle, {longest}{NBSP}min au plus"


@screen
def row(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """One card alone, for screens that are open: what was changed elsewhere comes by its id, and only it is read again."""
    reader = reader_of(request)
    try:
        found = queries.one(appointment, reader=reader)
    except Refused:
        return HttpResponse("")  # not an appointment, or not for this reader: an open screen has nothing to draw, and no alert to show
    if found.status == "entered-in-error":
        return HttpResponse("")
    made = board.card(found, clock.now())
    context = {"card": made, "day": f"{found.on:%Y-%m-%d}", "visit": found.no_hour}
    return render(request, reader, "agenda/row.html", context)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits, or is being seen. `arrived` orders them."""

    card: board.Card
    arrived: str
    with_whom: str
    walk_in: bool


@dataclass(frozen=True, slots=True)
class RoomPage:
    waiting: list[Waiting]
    inside: list[Waiting]
    words: str
    day: str
    new: str
    writes: bool


def _waiting(found: queries.Booked, now: datetime.datetime, names: Mapping[UUID, str]) -> Waiting:
    arrived = f"{found.arrived_at or found.start:%Y%m%d%H%M%S}"
    return Waiting(board.card(found, now), arrived, names.get(found.practitioner, "") if found.practitioner else "", found.walk_in)


@screen
def room(request: HttpRequest) -> HttpResponse:
    """Who waits since when: those with an appointment and those without, in their order of arrival."""
    reader, now = reader_of(request), clock.now()
    found = queries.waiting(reader=reader)
    names = {one.id: one.name for one in queries.practitioners(reader=reader)}
    page = RoomPage(
        waiting=[_waiting(one, now, names) for one in found if one.status == "arrived"],
        inside=[_waiting(one, now, names) for one in found if one.status == "in-progress"],
        words=waiting_words(found),
        day=f"{jinja.today():%Y-%m-%d}",
        new=f"{reverse('agenda:book')}?venue=sans",
        writes=queries.can_write_agenda(reader.actor, reader.actor.member),
    )
    return render(request, reader, "agenda/room.html", {"page": page}, fragment="room")


@dataclass(frozen=True, slots=True)
class WaitingPage:
    row: Waiting | None
    day: str
    writes: bool


@screen
def room_row(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """One line of the waiting room; nothing for who is not there."""
    reader = reader_of(request)
    try:
        found = queries.one(appointment, reader=reader)
    except Refused:
        return HttpResponse("")
    names = {one.id: one.name for one in queries.practitioners(reader=reader)}
    here = found.status in ("arrived", "in-progress") and found.on == jinja.today()
    row = _waiting(found, clock.now(), names) if here else None
    page = WaitingPage(row, f"{jinja.today():%Y-%m-%d}", queries.can_write_agenda(reader.actor, reader.actor.member))
    return render(request, reader, "agenda/waiting.html", {"page": page})
