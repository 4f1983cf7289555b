"""Agendas read from their addresses: which, whose, and how the last reading went. An address is typed once and never shown again."""

import datetime
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.accounts.queries import member_names
from permanence.interop import actions, queries
from permanence.interop.permissions import check_move_in
from permanence.journal.doors import Reader, Refused
from permanence.web import jinja
from permanence.web.agenda.booking import practitioners_of
from permanence.web.forms import Choices, Form, Pick, Text, Tick
from permanence.web.http import act, go, new_form_id, reader_of, render, screen


class CalendarForm(Form):
    practitioner = Pick("Dans l’agenda de", [])
    name = Text("Nom", max_length=60, help_text="Tel qu’il est dit ici. Par exemple\u00a0: agenda de la clinique.")
    address = Text("Adresse de l’agenda", required=True, max_length=1000,
                   help_text="L’adresse «\u00a0iCal\u00a0» (.ics) que l’autre agenda donne pour le partager. Qui l’a lit cet agenda\u00a0: "
                   "elle est gardée chiffrée et n’est plus montrée.")  # fmt: skip
    local = Tick("Ce serveur est au cabinet, sur notre réseau", help_text="Laisser vide pour un agenda sur l’Internet.")

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["practitioner"].choices = people  # type: ignore[attr-defined]


class Row(NamedTuple):
    id: UUID
    name: str
    whose: str
    server: str
    read_at: datetime.datetime | None
    failing: datetime.datetime | None
    why: str
    once: str


@dataclass(frozen=True, slots=True)
class CalendarsPage:
    rows: list[Row]


@screen
def calendars(request: HttpRequest) -> HttpResponse:
    """The agendas followed, and one more."""
    reader = reader_of(request)
    check_move_in(reader.actor)
    form = CalendarForm(request.POST or None, people=practitioners_of(reader, jinja.today()))
    if request.method == "POST" and form.is_valid():
        clean = {**form.cleaned_data, "practitioner": UUID(form.cleaned_data["practitioner"])}
        if form.do(request, actions.follow_calendar, **clean):
            return go(request, "moving:calendars", done="agenda")
    return render(request, reader, "moving/calendars.html", {"page": CalendarsPage(_rows(reader)), "form": form}, fragment="form",
                  status=422 if request.method == "POST" else 200)  # fmt: skip


def _rows(reader: Reader) -> list[Row]:
    found = queries.followed(reader=reader)
    names = member_names([one.practitioner for one in found if one.practitioner])
    return [Row(one.id, one.name, names.get(one.practitioner, "") if one.practitioner else "", one.server, one.reading.read_at,
                one.reading.failing, one.reading.why, new_form_id()) for one in found]  # fmt: skip


@require_POST
@screen
def remove(request: HttpRequest) -> HttpResponse:
    """Read one no more."""
    try:
        calendar = UUID(request.POST.get("agenda", ""))
    except ValueError:
        raise Refused("Cet agenda est introuvable\u00a0: actualisez la page.", code="unknown") from None
    act(request, actions.leave_calendar, calendar)
    return go(request, "moving:calendars", done="agenda_retire")
