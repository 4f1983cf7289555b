"""Beside another software: the setting and its watched folder, what was written here and is to be copied over there."""

import datetime
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.accounts import queries as accounts
from permanence.accounts.queries import member_names
from permanence.interop import actions, queries
from permanence.interop.moving import saying
from permanence.interop.permissions import can_move_in, check_move_in
from permanence.journal.categories import Level
from permanence.journal.doors import Refused
from permanence.lib.text import NBSP, phone_fr, plural
from permanence.patients import queries as patients
from permanence.web import jinja
from permanence.web.dossier.banners import banner_of
from permanence.web.dossier.people import Banner, Person, people
from permanence.web.forms import Form, Pick, Text
from permanence.web.http import act, deliver, go, new_form_id, reader_of, render, screen
from permanence.web.papers.making import typeset

NOT_LISTED = f"Cette liste ne contient pas{NBSP}: {', '.join(queries.NOT_LISTED)}, ni ce qui vous est fermé."
NO_PDF = f"La liste n’a pas pu être mise en page{NBSP}: rien n’est perdu, le tableau CSV dit la même chose."
MINUTES = [("15", "tous les quarts d’heure"), ("60", "toutes les heures"), ("240", "toutes les 4 heures"), ("1440", "une fois par jour")]


class BesideForm(Form):
    source = Text("Nom du logiciel principal", required=True)
    folder = Text("Dossier où il dépose ses exports", max_length=400,
                  help_text="Sur la machine du cabinet. Vide\u00a0: rien n’est repris de soi-même.")  # fmt: skip
    laboratory = Text("Dossier où arrivent les comptes rendus du laboratoire", max_length=400,
                      help_text="Facultatif. Chaque PDF est classé par le nom et la date de naissance qu’il porte.")  # fmt: skip
    minutes = Pick("Regarder ces dossiers", MINUTES)


@dataclass(frozen=True, slots=True)
class BesidePage:
    on: bool
    since: datetime.datetime | None
    left: int
    once: str


@screen
def setting(request: HttpRequest) -> HttpResponse:
    """Which software is the main one, and where its exports are."""
    reader = reader_of(request)
    check_move_in(reader.actor)
    now = queries.beside(reader=reader)
    first = {"source": actions.SOURCE, "minutes": "60"}
    if now is not None:
        first = {"source": now.source, "folder": now.folder, "laboratory": now.laboratory, "minutes": str(now.minutes)}
    form = BesideForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        clean = {**form.cleaned_data, "minutes": int(form.cleaned_data["minutes"])}
        if form.do(request, actions.watch_beside, **clean):
            return go(request, "moving:home", done="filet")
    left = sum(row.count for row in queries.to_copy(reader=reader))
    page = BesidePage(bool(now and now.on), now.since if now else None, left, new_form_id())
    return render(request, reader, "moving/beside.html", {"page": page, "form": form}, fragment="form",
                  status=422 if request.method == "POST" else 200)  # fmt: skip


@require_POST
@screen
def become_main(request: HttpRequest) -> HttpResponse:
    """One step: this is the main software from now on."""
    act(request, actions.become_main)
    return go(request, "moving:home", done="principal")


# -- to copy


class Line(NamedTuple):
    person: Person
    said: str
    since: datetime.datetime | None
    id: str


class Caller(NamedTuple):
    at: datetime.datetime
    title: str
    text: str
    state: str


@dataclass(frozen=True, slots=True)
class ListPage:
    on: bool
    source: str
    lines: list[Line]
    callers: list[Caller]
    may_set: bool
    not_listed: str


@screen
def to_copy(request: HttpRequest) -> HttpResponse:
    """The patients of whom something waits."""
    reader = reader_of(request)
    now = queries.beside(reader=reader)
    waiting = {row.patient: row for row in queries.to_copy(reader=reader)}
    shown = people(patients.rows(list(waiting), reader=reader))
    lines = [Line(one, waiting[UUID(one.id)].said, waiting[UUID(one.id)].first, one.id) for one in shown]
    callers = [Caller(one.start, one.label, ", ".join(filter(None, (f"{one.minutes}{NBSP}min", one.who, phone_fr(one.phone), one.reason))),
                      one.state) for one in queries.callers(reader=reader)]  # fmt: skip
    page = ListPage(bool(now and now.on), now.source if now else "", lines, callers, can_move_in(reader.actor), NOT_LISTED)
    return render(request, reader, "moving/to_copy.html", {"page": page})


class Item(NamedTuple):
    kind: str
    id: UUID
    label: str
    title: str
    text: str
    who: str
    at: datetime.datetime | None
    copied: bool
    seen: str
    once: str
    first: bool


@dataclass(frozen=True, slots=True)
class PatientPage:
    banner: Banner
    patient: UUID
    source: str
    said: str
    items: list[Item]
    not_listed: str


@screen
def patient(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Each thing written here, its text ready to be taken, and its tick."""
    reader = reader_of(request)
    top, now = banner_of(patient, reader), queries.beside(reader=reader)
    rows = queries.written(patient, reader=reader)
    left = sum(not row.copied for row in rows)
    page = PatientPage(top, patient, now.source if now else "", f"{plural(left, 'élément')} à recopier", _items(rows), NOT_LISTED)
    return render(request, reader, "moving/copy.html", {"page": page})


def _items(rows: list[queries.Written]) -> list[Item]:
    """Oldest first, what is still to be copied before the rest: its first stands under the one key."""
    rows = sorted(rows, key=lambda row: row.copied)
    names = member_names([row.author_id for row in rows if row.author_id])
    return [Item(row.kind, row.id, f"{row.kind_label}, {row.change}" if row.change else row.kind_label, row.title, row.text,
                 names.get(row.author_id, "") if row.author_id else "", row.at, row.copied, row.seen, new_form_id(),
                 first=number == 0 and not row.copied)
            for number, row in enumerate(rows)]  # fmt: skip


@require_POST
@screen
def tick(request: HttpRequest, patient: UUID) -> HttpResponse:
    """One thing was copied, or was not."""
    try:
        object = UUID(request.POST.get("objet", ""))
    except ValueError:
        raise Refused("Cet élément est introuvable\u00a0: actualisez la page.", code="unknown") from None
    act(request, actions.tick_copied, request.POST.get("genre", ""), object, done=request.POST.get("fait") == "oui",
        seen=request.POST.get("vu", ""))  # fmt: skip
    return go(request, "moving:copy", patient)


def _instant(at: datetime.datetime | None) -> str:
    """Whole: what leaves the screen is read another day."""
    return f"{jinja.date(at)} {jinja.time(at)}" if at else ""


@screen
def as_pdf(request: HttpRequest, patient: UUID) -> HttpResponse:
    """What was written here of one patient, on paper."""
    reader = reader_of(request, leaving=Level.PRINTED)
    rows = queries.written(patient, reader=reader)
    shown = people(patients.rows([patient], reader=reader))
    data = {
        "title": "À recopier", "practice": accounts.practice().name, "author": "",
        "patient": f"{shown[0].surname} {shown[0].given}, {shown[0].birth}" if shown else "",
        "said": f"écrit ici, {plural(len(rows), 'élément')}. {NOT_LISTED}",
        "items": [{"title": one.title, "kind": one.label, "at": _instant(one.at), "author": one.who, "text": one.text,
                   "copied": one.copied} for one in _items(rows)],
    }  # fmt: skip
    made = typeset("interop/typst/recopier.typ", data, otherwise=NO_PDF)
    return deliver(request, reader, made, content_type="application/pdf", filename="a-recopier.pdf", inline=True)


@screen
def as_csv(request: HttpRequest, patient: UUID) -> HttpResponse:
    """The same as a table."""
    reader = reader_of(request, leaving=Level.EXPORTED)
    rows = queries.written(patient, reader=reader)
    lines = [(_instant(one.at), one.label, one.who, one.title, one.text, "oui" if one.copied else "non") for one in _items(rows)]
    table = saying.table(("Date", "Type", "Auteur", "Titre", "Texte", "Recopié"), lines)
    return deliver(request, reader, table, content_type="text/csv; charset=utf-8", filename="a-recopier.csv", inline=False)
