"""Booking: who comes is found or created while the telephone is held, the type gives the length, Enter books."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from permanence.accounts.permissions import can_write
from permanence.agenda import actions, queries
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Reader, Refused
from permanence.lib import clock
from permanence.lib.text import collapse
from permanence.patients import actions as patients
from permanence.patients import queries as people_queries
from permanence.web import jinja
from permanence.web.agenda import board
from permanence.web.agenda.day import day_asked, who_asked
from permanence.web.agenda.forms import Booking
from permanence.web.agenda.staying import back, fields, shown
from permanence.web.dossier.people import Person, people
from permanence.web.forms import Choices
from permanence.web.http import act, go, is_fragment, reader_of, render, screen
from permanence.web.links import reverse

MOST = 8
NEW = ("birth_name", "given_names", "birth_date", "birth_sex", "mobile")


NO_PLACE = "Aucune place dans les quatre mois avec ces règles\u00a0: changer de type ou de praticien, ou écrire l’heure voulue."
WHY = ("Urgence", "Accord du praticien", "Aucune autre place ne convient")


@dataclass(frozen=True, slots=True)
class BookPage:
    queue: bool
    typed: str
    chosen: Person | None
    found: list[Person]
    alike: list[Person]
    mode: str  # known, new, caller, busy
    can_create: bool
    can_reach: bool
    back: str
    lengths: dict[str, int]
    view: list[tuple[str, str]]  # hidden fields: what the agenda showed
    broken: list[queries.Breach] = field(default_factory=list)  # said before it is booked all the same
    free: list[tuple[str, str, str, str]] = field(default_factory=list)  # day, hour, practitioner, words
    none: str = ""
    why: tuple[str, ...] = WHY


def practitioners_of(reader: Reader, day: datetime.date) -> Choices:
    """Those in whose agenda this person may write, their own first."""
    found = [one for one in queries.practitioners(reader=reader, day=day) if queries.can_write_agenda(reader.actor, one.id)]
    own = queries.own_agendas(reader.actor)
    return [(str(one.id), one.name) for one in sorted(found, key=lambda one: one.id not in own)]


def types_of(found: tuple[queries.Type, ...]) -> Choices:
    return [
        *((str(one.id), f"{one.name} — {one.minutes}\u00a0min") for one in found),
        ("", "Sans type"),
    ]


@screen
def book(request: HttpRequest) -> HttpResponse:
    """The booking screen. `venue=sans`: who is there already, without an appointment."""
    reader, (on, _) = reader_of(request), day_asked(request)
    types = queries.types(reader=reader)
    choices = practitioners_of(reader, on)
    if not choices:
        raise Refused("Vous n’avez pas d’agenda où écrire\u00a0: demandez au secrétariat.", code="right")
    queue = "sans" in (request.GET.get("venue"), request.POST.get("venue"))
    form = Booking(
        request.POST or None, people=choices, types=types_of(types), initial=_initial(request, on, types, choices, reader, queue=queue)
    )
    alike: list[Person] = []
    broken: tuple[queries.Breach, ...] = ()
    if request.method == "POST":
        try:
            if form.is_valid() and (answer := _book(request, form, reader, queue=queue)):
                return answer
        except patients.LooksAlike as refused:
            alike = people(people_queries.lookalikes(refused.candidates, reader=reader))
        except actions.Outside as told:
            broken = told.breaches
        except Refused as refused:
            form.refuse(refused)
    page = _page(request, reader, form, types, alike, broken, queue)
    status = 422 if request.method == "POST" else 200
    return render(request, reader, "agenda/book.html", {"page": page, "form": form}, fragment="form", status=status)


def _initial(
    request: HttpRequest, on: datetime.date, types: tuple[queries.Type, ...], choices: Choices, reader: Reader, *, queue: bool
) -> dict[str, Any]:
    who = next(iter(who_asked(request)), None)
    asked = _uuid(request.GET.get("type", ""))
    usual = next((one for one in types if one.walk_in == queue), types[0] if types else None)
    first = next((one for one in types if one.id == asked), usual)
    whose = str(who) if who and str(who) in dict(choices) else choices[0][0]
    minutes = first.minutes if first else 15
    minute = _minute(request)
    if minute is None and not queue and request.GET.get("tournee") != "oui":
        kind = first.id if first else None
        free = queries.free(minutes, reader=reader, practitioners=[UUID(whose)], first=on, most=1, type=kind)
        if free:
            on, minute = queries.wall(free[0].start)
    if queue:
        on, minute = queries.wall(clock.now())
    visit = request.GET.get("tournee") == "oui"
    return {
        "practitioner": whose,
        "day": f"{on:%d/%m/%Y}",
        "hour": queries.hour_text(minute) if minute is not None and not visit else "",
        "home_visit": visit,
        "no_hour": visit,
        "type": str(first.id) if first else "",
        "minutes": str(minutes),
        "birth_sex": "",
    }


def _minute(request: HttpRequest) -> int | None:
    try:
        return queries.parse_hour(request.GET.get("heure", ""))
    except ValueError:
        return None


def _page(
    request: HttpRequest,
    reader: Reader,
    form: Booking,
    types: tuple[queries.Type, ...],
    alike: list[Person],
    broken: Sequence[queries.Breach],
    queue: bool,
) -> BookPage:
    given = request.POST if request.method == "POST" else request.GET
    typed, chosen = collapse(given.get("q", "")), _chosen(given.get("patient", ""), reader)
    mode = given.get("mode", "known")
    found = people(people_queries.search(typed, reader=reader, limit=MOST)) if typed and chosen is None and mode == "known" else []
    day, view = str(form["day"].value() or ""), shown(request)
    free = [] if queue else _free(form, reader, chosen)
    agenda = f"{reverse('agenda:day')}?{urlencode({'jour': _iso(day), **view}, doseq=True)}"
    return BookPage(
        queue,
        typed,
        chosen,
        found,
        alike,
        mode if mode in ("known", "new", "caller", "busy") else "known",
        can_write(reader.actor, Category.IDENTITY, new=True),
        can_write(reader.actor, Category.CONTACT),
        f"{reverse('agenda:room')}" if queue else agenda,
        {str(one.id): one.minutes for one in types},
        fields(view),
        list(broken),
        free,
        "" if free or queue else NO_PLACE,
    )


def _iso(typed: str) -> str:
    try:
        return f"{datetime.datetime.strptime(typed, '%d/%m/%Y').replace(tzinfo=datetime.UTC):%Y-%m-%d}"
    except ValueError:
        return f"{jinja.today():%Y-%m-%d}"


def _free(form: Booking, reader: Reader, chosen: Person | None) -> list[tuple[str, str, str, str]]:
    """A few next free times with this practitioner, to offer on the telephone: those that the type's rules allow."""
    try:
        who, minutes = UUID(str(form["practitioner"].value())), int(str(form["minutes"].value() or 15))
        found = queries.free(
            max(5, min(minutes, 240)),
            reader=reader,
            practitioners=[who],
            first=datetime.date.fromisoformat(_iso(str(form["day"].value() or ""))),
            most=6,
            type=_uuid(str(form["type"].value() or "")),
            patient=UUID(chosen.id) if chosen else None,
        )
    except ValueError:
        return []
    places = [(queries.wall(one.start), one) for one in found]
    return [
        (f"{day:%d/%m/%Y}", queries.hour_text(minute), str(one.practitioner), f"{board.short_day(day)} {queries.hour_text(minute)}")
        for (day, minute), one in places
    ]


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


@screen
def check(request: HttpRequest) -> HttpResponse:
    """While one chooses: the rules that this place would not follow, and the next places that follow them. Ids and hours only."""
    reader = reader_of(request)
    types, choices = queries.types(reader=reader), practitioners_of(reader, jinja.today())
    form = Booking(request.GET, people=choices, types=types_of(types))
    form.is_valid()
    clean, chosen = form.cleaned_data, _chosen(request.GET.get("patient", ""), reader)
    broken: tuple[queries.Breach, ...] = ()
    if {"practitioner", "day"} <= clean.keys() and clean.get("hour") is not None and clean.get("minutes"):
        start, new = queries.instant(clean["day"], clean["hour"]), request.GET.get("mode") == "new" or None
        who, kind = UUID(clean["practitioner"]), _uuid(clean.get("type", ""))
        person = UUID(chosen.id) if chosen else None
        broken = queries.outside(who, start, clean["minutes"], kind, reader=reader, patient=person, birth=clean.get("birth_date"), new=new)
    free = _free(form, reader, chosen)
    page = {"broken": broken, "free": free, "none": "" if free else NO_PLACE}
    return render(request, reader, "agenda/check.html", {"page": page}, fragment="check")


def _chosen(value: str, reader: Reader) -> Person | None:
    try:
        found = people(people_queries.rows([UUID(value)], reader=reader))
    except ValueError:
        return None
    return found[0] if found else None


def _book(request: HttpRequest, form: Booking, reader: Reader, *, queue: bool) -> HttpResponse | None:
    """Do what was asked; None when somebody has still to be chosen."""
    clean, mode = form.cleaned_data, request.POST.get("mode", "known")
    who = UUID(clean["practitioner"])
    day, minute = clean["day"], clean["hour"] or 0
    if not queries.exists(day, minute):
        form.add_error("hour", "Cette heure n’existe pas ce jour-là\u00a0: à 2 h, les pendules avancent à 3 h.")
        return None
    common: dict[str, Any] = {
        "practitioner": who,
        "minutes": clean["minutes"],
        "reason": clean["reason"],
        "type": UUID(clean["type"]) if clean["type"] else None,
    }
    start = queries.bounds(day)[0] if clean["no_hour"] else queries.instant(day, minute)  # as it is kept: undoing looks for it there
    why = clean["why"] or request.POST.get("raison", "")
    despite = request.POST.getlist("malgre") if why else []  # a rule is left for a reason, or one is told again
    said = {"despite": despite, "waived_reason": why}
    if mode in ("caller", "busy"):
        made = act(request, actions.hold, kind=mode, start=start, label=clean["label"], phone=clean["phone"], **said, **common)
        return _answer(request, made, start, queue=False)
    if mode == "new" and not queue and not clean["no_hour"]:
        _tell(clean, start, common["type"], despite, reader)
    patient = _register(request, clean, reader.actor) if mode == "new" else clean["patient"]
    if patient is None:
        form.add_error(None, "Choisissez le patient dans la liste, ou créez son dossier.")
        return None
    if queue:
        made = act(request, actions.queue, patient, **common)
    else:
        at_home = {name: clean[name] for name in ("home_visit", "no_hour", "place")}
        made = act(request, actions.book, patient, start=start, **at_home, **said, **common)
    return _answer(request, made, start, queue=queue)


def _tell(clean: dict[str, Any], start: datetime.datetime, type: UUID | None, despite: list[str], reader: Reader) -> None:
    """Before a file is made for somebody new: what the booking would say afterwards. Raises Outside."""
    who, minutes = UUID(clean["practitioner"]), clean["minutes"] or 15
    broken = queries.outside(who, start, minutes, type, reader=reader, birth=clean["birth_date"], new=True)
    if not {one.code for one in broken} <= set(despite):
        raise actions.Outside(broken)


def _answer(request: HttpRequest, made: UUID, start: datetime.datetime, *, queue: bool) -> HttpResponse:
    if queue:
        return go(request, "agenda:room", done="venu", anchor=f"rdv-{made}")
    undo, day = f"nouveau_{int(start.timestamp())}.{made}", queries.wall(start)[0]
    return back(request, day, done="rdv", undo=undo, anchor=f"rdv-{made}")


def _register(request: HttpRequest, clean: dict[str, Any], by: Actor) -> UUID:
    """A new file with what the telephone gave: its identity is provisional."""
    fields = {name: clean[name] for name in NEW if name != "mobile" or can_write(by, Category.CONTACT)}
    fields["birth_sex"] = fields["birth_sex"] or "U"
    return UUID(str(act(request, patients.register, despite=_seen(request), **fields)))


def _seen(request: HttpRequest) -> list[UUID]:
    found = []
    for value in request.POST.getlist("despite"):
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


@dataclass(frozen=True, slots=True)
class FoundPage:
    people: list[Person]
    typed: str
    can_create: bool
    announce: str


@screen
def found(request: HttpRequest) -> HttpResponse:
    """The patients that the typed line finds, for the list under the field; then « créer » and « sans dossier »."""
    reader, typed = reader_of(request), collapse(request.GET.get("q", ""))[:80]
    rows = people(people_queries.search(typed, reader=reader, limit=MOST)) if typed else []
    page = FoundPage(
        rows,
        typed,
        can_write(reader.actor, Category.IDENTITY, new=True),
        "" if not typed else f"{len(rows)} patient{'s' if len(rows) > 1 else ''}",
    )
    return render(request, reader, "agenda/found.html", {"page": page}, fragment="list" if is_fragment(request) else None)
