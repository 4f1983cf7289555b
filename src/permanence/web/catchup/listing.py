"""The forms that are out: found by number or by scan, given up with a reason, and what is left to type, down to zero."""

import datetime
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.accounts.permissions import can_write
from permanence.accounts.queries import member_names
from permanence.continuity import actions, paper, queries
from permanence.continuity.permissions import can_catch_up, check_catch_up
from permanence.journal.categories import Category
from permanence.journal.doors import Reader, Refused
from permanence.lib import sheets
from permanence.lib.text import plural
from permanence.web import jinja
from permanence.web.forms import Form, Text, Upload
from permanence.web.http import act, deliver, go, new_form_id, reader_of, render, screen
from permanence.web.links import reverse

STATES = {
    "": ("Pas encore rendue", "plain"),
    "joined": ("Image au dossier, à saisir par un soignant", "warn"),
    "filed": ("Saisie", "ok"),
    "void": ("Perdue ou abîmée", "plain"),
    "unused": ("N’a pas servi", "plain"),
}
SCANNED, LATE = ("Numérisée, à saisir", "warn"), ("À saisir", "warn")


class FindForm(Form):
    number = Text("Numéro écrit en haut de la fiche", max_length=30, help_text="Par exemple 3F2A-261122-07")
    file = Upload("Ou son image, ou plusieurs à la fois", help_text="PDF, JPEG ou PNG\u00a0; le code de chaque page est lu")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].required = False


@dataclass(frozen=True, slots=True)
class Line:
    """One form and what can be done with it."""

    number: str
    kind: str
    state: str
    tone: str
    detail: str
    url: str
    settle_url: str
    scanned: bool
    once: str = field(default_factory=new_form_id)


@dataclass(frozen=True, slots=True)
class KitForms:
    """The forms of one kit: what is left to type, then what is out, then what came back."""

    title: str
    lines: list[Line]
    left: int
    rest_url: str
    once: str = field(default_factory=new_form_id)


class Page(NamedTuple):
    """A scanned page whose code could not be read."""

    at: datetime.datetime | None
    image: str
    number_url: str
    drop_url: str
    once: str


@dataclass(frozen=True, slots=True)
class ListPage:
    due: int
    out: int
    kits: list[KitForms]
    unread: list[Page]
    kit_url: str
    types: bool


@screen
def forms(request: HttpRequest) -> HttpResponse:
    """Everything that is on paper and not yet in a file."""
    return _page(request, FindForm())


def _page(request: HttpRequest, form: FindForm) -> HttpResponse:
    reader = reader_of(request)
    found = queries.forms(reader=reader)
    names = member_names({one.by for one in found if one.by})
    types = can_catch_up(reader.actor)
    kits = [_kit(copy, list(group), names, types) for copy, group in groupby(found, key=lambda one: one.copy)]
    unread = [_unread(one, reader) for one in queries.unread_scans(reader=reader)]
    page = ListPage(sum(one.due for one in found) + len(unread), sum(not one.due and one.state == "" for one in found), kits, unread,
                    reverse("practice:kit"), types)
    return render(request, reader, "catchup/list.html", {"page": page, "form": form}, fragment="form",
                  status=422 if form.is_bound else 200)


def _kit(copy: UUID, found: list[queries.FormInfo], names: dict[UUID, str], types: bool) -> KitForms:
    order = sorted(found, key=lambda one: (not one.due, one.state != "", one.number))
    left = sum(one.state == "" and not one.scans for one in found)
    return KitForms(f"Kit imprimé {jinja.moment(found[0].printed_at)}", [_line(one, names, types) for one in order], left,
                    reverse("catchup:rest", args=(copy,)) if left and types else "")


def _line(one: queries.FormInfo, names: dict[UUID, str], types: bool) -> Line:
    text, tone = STATES.get(one.state, (one.state, "plain"))
    if one.state == "":
        text, tone = SCANNED if one.scans else LATE if one.due else (text, tone)
    who = f"{names.get(one.by, 'une personne partie')} {jinja.moment(one.at)}" if one.by else ""
    twice = "rendue deux fois, à vérifier" if one.twice else ""
    open_ = types and one.state in ("", "joined")
    detail = " · ".join(part for part in (one.reason, who, twice) if part)
    return Line(one.number, paper.FORM_TITLES.get(one.kind, one.kind), text, tone, detail,
                reverse("catchup:form", args=(one.id,)) if open_ else "", reverse("catchup:settle", args=(one.id,)) if open_ else "",
                bool(one.scans or one.state))


def _unread(one: queries.ScanInfo, reader: Reader) -> Page:
    here = (one.id,)
    seen = one.by == reader.actor.member or can_write(reader.actor, Category.NOTES)
    return Page(one.at, reverse("catchup:scan", args=here) if seen else "", reverse("catchup:number", args=here),
                reverse("catchup:drop", args=here), new_form_id())


@require_POST
@screen
def find(request: HttpRequest) -> HttpResponse:
    """By number: on to the form. By scan: each page is kept with its form until somebody types it."""
    check_catch_up(reader_of(request).actor)
    form = FindForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    upload, typed = form.cleaned_data["file"], form.cleaned_data["number"]
    if not upload:
        found = _of_number(typed, reader_of(request))
        if found is not None:
            return go(request, "catchup:form", found)
        form.add_error("number", "Aucune fiche ne porte ce numéro\u00a0: relire les chiffres, écrits en haut de la fiche.")
        return _page(request, form)
    try:
        pages = sheets.read(upload.read(sheets.LARGEST + 1))
    except sheets.Unreadable as wrong:
        form.add_error("file", wrong.sentence)
        return _page(request, form)
    if not form.do(request, actions.keep_scans, [(one.code, one.jpeg) for one in pages]):
        return _page(request, form)
    numbers = [found for one in pages if (found := _of_number(one.code.rpartition("/")[2], reader_of(request)))]
    if len(pages) == 1 and numbers:
        return go(request, "catchup:form", numbers[0])
    return go(request, "catchup:list", done="fiches_numerisees")


def _of_number(typed: str, reader: Reader) -> UUID | None:
    """The id of the form with this number, returned or not; None when no kit gave it."""
    return queries.of_number(typed, reader=reader)


@require_POST
@screen
def settle(request: HttpRequest, sheet: UUID) -> HttpResponse:
    """Spoilt, with the reason, or not used."""
    found = queries.form(sheet, reader=reader_of(request))
    act(request, actions.settle_form, found.number, outcome=request.POST.get("outcome", ""), reason=request.POST.get("reason", ""))
    return go(request, "catchup:list", done="fiche_rendue")


@require_POST
@screen
def rest(request: HttpRequest, copy: UUID) -> HttpResponse:
    """All others of this kit did not serve."""
    act(request, actions.rest_unused, copy)
    return go(request, "catchup:list", done="fiche_rendue")


@screen
def scan(request: HttpRequest, scan: UUID) -> HttpResponse:
    """A page that waits, as a picture."""
    reader = reader_of(request)
    data = queries.scan_bytes(scan, reader=reader)
    return deliver(request, reader, data, content_type="image/jpeg", filename="fiche.jpg", inline=True)


@require_POST
@screen
def number(request: HttpRequest, scan: UUID) -> HttpResponse:
    """Which form this page is, typed from the paper."""
    found = act(request, actions.number_scan, scan, number=request.POST.get("number", ""))
    known = _of_number(found, reader_of(request))
    if known is None:
        raise Refused("Cette fiche est introuvable\u00a0: revenir à la liste des fiches.", code="unknown")
    return go(request, "catchup:form", known)


@require_POST
@screen
def drop(request: HttpRequest, scan: UUID) -> HttpResponse:
    """This page is no form."""
    act(request, actions.drop_scan, scan)
    return go(request, "catchup:list", done="page_retiree")


def count() -> str:
    """« 3 fiches papier à saisir », for the evening's page; empty when there is none."""
    found = queries.to_catch_up()
    return plural(found, "fiche papier à saisir", "fiches papier à saisir") if found else ""
