"""The agenda outside: the day on paper, and the file that other agendas read and write."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from permanence.accounts import queries as accounts
from permanence.agenda import actions, queries
from permanence.interop.permissions import can_move_in
from permanence.journal.categories import Level
from permanence.journal.doors import Reader, Refused
from permanence.lib import clock
from permanence.lib.text import NBSP, plural
from permanence.patients import queries as patients
from permanence.web import jinja
from permanence.web.agenda import board
from permanence.web.agenda.booking import practitioners_of
from permanence.web.agenda.day import day_asked, who_asked
from permanence.web.agenda.forms import Calendar
from permanence.web.forms import Choices
from permanence.web.http import act, deliver, reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.papers.making import typeset

DAY = 24 * 60  # minutes of a visit that has no hour
NO_SHEET = f"La feuille du jour n’a pas pu être mise en page{NBSP}: la réessayer dans un instant, ou imprimer l’agenda affiché."
BEHIND, AHEAD = datetime.timedelta(days=30), datetime.timedelta(days=366)


@screen
def sheet(request: HttpRequest) -> HttpResponse:
    """The day sheet as a PDF: hour, name, birth date, telephone, reason. It counts as printed."""
    reader, (on, _) = reader_of(request, leaving=Level.PRINTED), day_asked(request)
    found = queries.day(on, reader=reader, practitioners=who_asked(request) or None)
    phones = patients.phones({one.patient for one in found.booked if one.patient}, reader=reader)
    secret = _secret(found.booked, reader)
    rows: dict[UUID, list[dict[str, str]]] = {}
    for one in found.booked:
        if one.status not in queries.GONE and one.practitioner:
            rows.setdefault(one.practitioner, []).append(_row(one, phones, secret))
    practice = accounts.practice()
    data = {
        "title": f"Agenda du {on:%d/%m/%Y}",
        "author": practice.name,
        "day": board.day_title(on),
        "foot": f"{practice.name} · imprimé le {jinja.today():%d/%m/%Y} à {jinja.time(clock.now())} · à détruire après usage",
        "agendas": [
            {"who": one.name, "note": _note(found, one, len(rows.get(one.id, [])), queries.holiday(on)), "rows": rows.get(one.id, [])}
            for one in found.practitioners
            if rows.get(one.id) or found.frame.open_on(on, one.id)
        ],
    }
    return deliver(
        request,
        reader,
        typeset("agenda/typst/day.typ", data, otherwise=NO_SHEET),
        content_type="application/pdf",
        filename=f"agenda-{on:%Y-%m-%d}.pdf",
        inline=True,
    )


def _secret(booked: Iterable[queries.Booked], reader: Reader) -> frozenset[UUID]:
    """Whose address is given to nobody: how one enters stays on the screen with it, paper is left on a seat."""
    return patients.kept_secret({one.patient for one in booked if one.patient and one.place}, reader=reader)


def _row(one: queries.Booked, phones: dict[UUID, str], secret: frozenset[UUID]) -> dict[str, str]:
    place = f"Adresse{NBSP}: {patients.IN_THE_FILE}" if one.place and one.patient in secret else one.place
    surname, given = board.name_of(one)
    marks = [word for word, on in (("homonyme", bool(one.person and one.person.homonym)), ("sans RDV", one.walk_in)) if on]
    return {
        "hour": "Tournée" if one.no_hour else queries.hour_text(one.minute),
        "name": f"{surname} {given}".strip(),
        "mark": ", ".join(marks),
        "birth": f"{one.person.birth} ({one.person.age})" if one.person and one.person.age else one.person.birth if one.person else "",
        "phone": _spaced(phones.get(one.patient, "") if one.patient else one.phone),
        "words": " · ".join(word for word in (one.type_name, one.reason, place) if word),
        "state": "" if one.status == "booked" else queries.STATUSES[one.status].lower(),
    }


def _spaced(phone: str) -> str:
    """Ten figures by two, as one says them."""
    return NBSP.join(phone[i : i + 2] for i in range(0, 10, 2)) if len(phone) == 10 and phone.isdecimal() else phone


def _note(found: queries.Day, who: queries.Practitioner, count: int, holiday: str) -> str:
    away = next((one.reason or "absent" for one in found.frame.away_on(found.first, who.id) if one.replacement is None), "")
    parts = [plural(count, "rendez-vous", "rendez-vous"), f"remplacé par {who.replaced_by}" if who.replaced_by else "", away, holiday]
    return " · ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class ExchangePage:
    exports: list[tuple[str, str, str]]  # name, address without reasons, with
    told: str
    can_import: bool
    follow: str


@screen
def exchange(request: HttpRequest) -> HttpResponse:
    """Export an agenda as iCalendar, or bring in the events of another."""
    reader = reader_of(request)
    choices = practitioners_of(reader, jinja.today())
    form = Calendar(request.POST or None, request.FILES or None, people=choices)
    told = ""
    if request.method == "POST" and form.is_valid():
        try:
            told = _told(
                act(
                    request, actions.import_calendar, form.cleaned_data["file"].read(), practitioner=UUID(form.cleaned_data["practitioner"])
                )
            )
        except Refused as refused:
            form.refuse(refused)
    shown = _exports(reader, choices)
    status = 422 if form.errors else 200
    follow = reverse("moving:calendars") if can_move_in(reader.actor) else ""
    return render(
        request,
        reader,
        "agenda/exchange.html",
        {"page": ExchangePage(shown, told, bool(choices), follow), "form": form},
        fragment="form",
        status=status,
    )


def _exports(reader: Reader, choices: Choices) -> list[tuple[str, str, str]]:
    where = {id: reverse("agenda:export", args=(UUID(id),)) for id, _ in choices}
    return [(name, where[id], f"{where[id]}?motifs=oui") for id, name in choices]


def _told(found: actions.Imported) -> str:
    parts = [plural(found.added, "événement ajouté", "événements ajoutés")]
    parts += [plural(found.changed, "modifié")] if found.changed else []
    parts += [plural(found.cancelled, "annulé")] if found.cancelled else []
    parts += [f"{found.same} sans changement"] if found.same else []
    parts += [f"{found.skipped} laissé{'s' if found.skipped > 1 else ''} de côté (sans date ou sans identifiant)"] if found.skipped else []
    return ", ".join(parts) + "."


@screen
def export(request: HttpRequest, practitioner: UUID) -> HttpResponse:
    """One agenda as a file, from a month ago to a year ahead. Names leave with it: it counts as exported. Reasons only if asked."""
    reader, reasons = reader_of(request, leaving=Level.EXPORTED), request.GET.get("motifs") == "oui"
    today = jinja.today()
    found = queries.day(today - BEHIND, reader=reader, practitioners=[practitioner], days=(BEHIND + AHEAD).days)
    if not found.practitioners:
        raise Refused("Cet agenda est introuvable\u00a0: revenez à l’agenda.", code="unknown")
    secret = _secret(found.booked, reader)
    events = [
        (
            one.id,
            one.start,
            DAY if one.no_hour else one.minutes,
            one.status,
            _summary(one, reasons=reasons),
            "" if one.patient in secret else one.place,
        )
        for one in found.booked
    ]
    data = queries.calendar(events, name=found.practitioners[0].name, stamp=clock.now())
    return deliver(request, reader, data, content_type="text/calendar; charset=utf-8", filename="agenda.ics", inline=False)


def _summary(one: queries.Booked, *, reasons: bool) -> str:
    surname, given = board.name_of(one)
    words = [f"{surname} {given}".strip(), *([one.type_name, one.reason] if reasons else [])]
    return " — ".join(word for word in words if word)
