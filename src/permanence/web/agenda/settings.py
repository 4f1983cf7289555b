"""The frame of the agenda as its people set it: types, opening hours of the week, absences and who replaces."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.accounts import queries as accounts
from permanence.agenda import actions, queries
from permanence.journal.doors import Reader, Refused
from permanence.lib.text import NBSP
from permanence.web import jinja
from permanence.web.agenda.booking import practitioners_of
from permanence.web.agenda.forms import WEEKDAYS, AwayForm, HoursForm, TypeForm
from permanence.web.forms import Choices
from permanence.web.http import act, go, new_form_id, reader_of, render, screen
from permanence.web.links import reverse

AHEAD = 400  # days of absences that are listed


@dataclass(frozen=True, slots=True)
class Removable:
    """A line with the one thing that can be done to it."""

    text: str
    soft: str
    remove: str
    tone: str = ""
    once: str = field(default_factory=new_form_id)


@dataclass(frozen=True, slots=True)
class Week:
    """One practitioner's hours: a line for each day that has some."""

    name: str
    days: list[tuple[str, list[Removable]]]


@dataclass(frozen=True, slots=True)
class SettingsPage:
    types: list[tuple[queries.Type, str, str]]  # a type, its rules, where it is amended
    weeks: list[Week]
    away: list[Removable]
    writes: bool
    back: str


@dataclass(frozen=True, slots=True)
class FormPage:
    title: str
    lead: str
    kind: str
    back: str
    choices: Choices  # the days, or the people, to tick
    remove: str = ""


@screen
def settings(request: HttpRequest) -> HttpResponse:
    """Everything on one page; what somebody may not change has no button."""
    reader, today = reader_of(request), jinja.today()
    frame = queries.frame(today, today + datetime.timedelta(days=AHEAD), reader=reader)
    people = queries.practitioners(reader=reader)
    names = {one.id: one.name for one in people}
    may = {one.id for one in people if queries.can_write_agenda(reader.actor, one.id)}
    weeks = [_week(one, frame, one.id in may) for one in people]
    away = [_away(one, names, one.practitioner in may) for one in frame.away if one.practitioner in names]
    types = [
        (one, rules_words(one.limits, names), reverse("agenda:type", args=(one.id,)) if len(may) == len(people) else "")
        for one in frame.types
    ]
    page = SettingsPage(types, weeks, away, bool(may), reverse("agenda:day"))
    return render(request, reader, "agenda/settings.html", {"page": page})


def _week(who: queries.Practitioner, frame: queries.Frame, may: bool) -> Week:
    days = []
    for number, name in WEEKDAYS:
        found = [one for one in frame.hours if one.practitioner == who.id and one.weekday == int(number)]
        if found:
            days.append((name, [_hours(one, may) for one in found]))
    return Week(who.name, days)


def _hours(one: queries.Hours, may: bool) -> Removable:
    words = [queries.KINDS[one.kind].lower()] if one.kind == "walk-in" else []
    words += [f"à partir du {one.since:%d/%m/%Y}"] if one.since else []
    words += [f"jusqu’au {one.until:%d/%m/%Y}"] if one.until else []
    text = f"{queries.hour_text(one.from_minute)} – {queries.hour_text(one.to_minute) if one.to_minute < 1440 else '24:00'}"
    return Removable(text, ", ".join(words), reverse("agenda:hours_remove", args=(one.id,)) if may else "")


def _away(one: queries.Away, names: dict[UUID, str], may: bool) -> Removable:
    (first, start), (last, end) = queries.wall(one.start), queries.wall(one.end)
    if end == 0:
        last, end = last - datetime.timedelta(days=1), 24 * 60
    hours = "" if (start, end) == (0, 24 * 60) else f", de {queries.hour_text(start)} à {queries.hour_text(end)}"
    when = f"le {first:%d/%m/%Y}" if first == last else f"du {first:%d/%m/%Y} au {last:%d/%m/%Y}"
    instead = accounts.member_names([one.replacement]).get(one.replacement, "") if one.replacement else ""
    words = ", ".join(word for word in (one.reason, f"remplacé par {instead}" if instead else "") if word)
    return Removable(f"{names[one.practitioner]}, {when}{hours}", words, reverse("agenda:absence_remove", args=(one.id,)) if may else "")


def _answer(request: HttpRequest, reader: Reader, form: Any, page: FormPage) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, reader, "agenda/setting.html", {"page": page, "form": form}, fragment="form", status=status)


@screen
def type_edit(request: HttpRequest, type: UUID | None = None) -> HttpResponse:
    """A type, new or amended."""
    reader = reader_of(request)
    known = next((one for one in queries.types(reader=reader) if one.id == type), None) if type else None
    if type and known is None:
        raise Refused("Ce type est introuvable\u00a0: actualisez la page.", code="unknown")
    people = [(str(one.id), one.name) for one in queries.practitioners(reader=reader)]
    form = TypeForm(request.POST or None, people=people, initial=_initial(known))
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        kept = {name: clean[name] for name in ("name", "minutes", "colour", "walk_in")}
        if form.do(request, actions.save_type, type=type, place=clean["place"] or 0, limits=form.limits(), **kept):
            return go(request, "agenda:settings", done="reglage")
    remove = reverse("agenda:type_remove", args=(type,)) if type else ""
    title = "Modifier un type" if type else "Nouveau type de rendez-vous"
    return _answer(request, reader, form, FormPage(title, "", "type", reverse("agenda:settings"), people, remove))


def _initial(known: queries.Type | None) -> dict[str, Any]:
    """What the form shows of a type: its rules as one types them."""
    if known is None:
        return {"minutes": "15", "colour": "blue", "new_patients": True, "known_patients": True}
    limits = known.limits
    return {
        "name": known.name,
        "minutes": str(known.minutes),
        "colour": known.colour,
        "walk_in": known.walk_in,
        "place": str(known.place or ""),
        "new_patients": limits.new_patients,
        "known_patients": limits.known_patients,
        "youngest": queries.typed_age(limits.from_months),
        "oldest": queries.typed_age(limits.below_months, upper=True),
        "hours": queries.week_words(limits.hours),
        "practitioners": [str(one) for one in limits.practitioners],
        "most_a_day": str(limits.most_a_day or ""),
        "notice_hours": str(limits.notice_hours or ""),
        "buffer_minutes": str(limits.buffer_minutes or ""),
    }


def rules_words(limits: queries.Limits, names: Mapping[UUID, str]) -> str:
    """The rules of a type on one line, as one would say them."""
    people = ", ".join(names[one] for one in limits.practitioners if one in names)
    words = [
        "" if limits.new_patients else "patients connus",
        "" if limits.known_patients else "nouveaux patients",
        "" if limits.from_months is None and limits.below_months is None else queries.ages(limits.from_months, limits.below_months),
        queries.week_words(limits.hours),
        f"avec {people}" if people else "",
        f"{limits.most_a_day} par jour" if limits.most_a_day else "",
        f"{queries.delay_text(limits.notice_hours)} à l’avance" if limits.notice_hours else "",
        f"{limits.buffer_minutes}{NBSP}min libres après" if limits.buffer_minutes else "",
    ]
    return ", ".join(word for word in words if word)


@screen
def hours_new(request: HttpRequest) -> HttpResponse:
    """The same hours on several days: one period for each."""
    reader = reader_of(request)
    form = HoursForm(request.POST or None, people=practitioners_of(reader, jinja.today()), initial={"kind": "appointments"})
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            for weekday in clean["weekdays"]:
                act(
                    request,
                    actions.open_hours,
                    practitioner=UUID(clean["practitioner"]),
                    weekday=int(weekday),
                    from_minute=clean["start"],
                    to_minute=clean["end"] or 24 * 60,
                    kind=clean["kind"],
                    since=clean["since"],
                    until=clean["until"],
                )
        except Refused as refused:
            form.refuse(refused)
        else:
            return go(request, "agenda:settings", done="reglage")
    return _answer(request, reader, form, FormPage("Plage d’ouverture", "", "hours", reverse("agenda:settings"), WEEKDAYS))


@screen
def absence_new(request: HttpRequest) -> HttpResponse:
    """An absence. What is booked stays: the page that follows is the first day of it, with those who must be called."""
    reader = reader_of(request)
    people = practitioners_of(reader, jinja.today())
    form = AwayForm(request.POST or None, people=people, replacements=_replacements(reader))
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        last, end = clean["last"] or clean["first"], clean["end"]
        until = queries.instant(last, end) if end is not None else queries.bounds(last)[1]
        if form.do(
            request,
            actions.be_away,
            practitioner=UUID(clean["practitioner"]),
            start=queries.instant(clean["first"], clean["start"] or 0),
            end=until,
            reason=clean["reason"],
            replacement=UUID(clean["replacement"]) if clean["replacement"] else None,
        ):
            return go(request, "agenda:day", done="reglage", jour=f"{clean['first']:%Y-%m-%d}", qui=clean["practitioner"])
    lead = "Les rendez-vous déjà pris restent affichés, pour rappeler ces patients."
    return _answer(request, reader, form, FormPage("Absence", lead, "absence", reverse("agenda:settings"), []))


def _replacements(reader: Reader) -> Choices:
    try:
        found = accounts.members(reader=reader)
    except Refused:  # a télésecrétaire sees no list of members
        return []
    return [(str(one.id), f"{one.name} (remplace {one.of_name})") for one in found if one.status == "remplacant" and one.of]


@require_POST
@screen
def type_remove(request: HttpRequest, type: UUID) -> HttpResponse:
    act(request, actions.remove_type, type)
    return go(request, "agenda:settings", done="retire")


@require_POST
@screen
def hours_remove(request: HttpRequest, opening: UUID) -> HttpResponse:
    act(request, actions.remove_hours, opening)
    return go(request, "agenda:settings", done="retire")


@require_POST
@screen
def absence_remove(request: HttpRequest, absence: UUID) -> HttpResponse:
    act(request, actions.remove_absence, absence)
    return go(request, "agenda:settings", done="retire")
