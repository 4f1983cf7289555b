"""Reading two files of one person as one, after comparing their traits; and giving both back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.journal.doors import Reader
from permanence.lib.text import phone_fr
from permanence.patients import actions, queries
from permanence.web.dossier.banners import banner_of
from permanence.web.dossier.forms import MergeForm
from permanence.web.dossier.identity import traits
from permanence.web.dossier.people import Banner, Person, people
from permanence.web.http import act, go, reader_of, render, screen, uuid_of
from permanence.web.links import reverse
from permanence.web.two_values import Fact


class Trait(NamedTuple):
    label: str
    mine: str
    theirs: str
    differs: bool


@dataclass(frozen=True, slots=True)
class MergePage:
    banner: Banner
    query: str
    other: Person | None
    candidates: list[Person]
    traits: list[Trait]
    back: str


@screen
def merge(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Choose the other file, compare the traits, then read both as one. Nothing moves: it can be undone."""
    reader = reader_of(request)
    top, query = banner_of(patient, reader), request.GET.get("q", "").strip()
    form = MergeForm(request.POST or None)
    other = uuid_of(request.POST.get("merged") or request.GET.get("avec"))
    if request.method == "POST" and other and form.is_valid():
        if form.do(request, actions.merge, patient, merged=other, **form.cleaned_data):
            return go(request, "patients:identity", patient, done="fusion")
    rows_ = queries.search(query, reader=reader, limit=12) if query else [] if other else queries.homonyms(patient, reader=reader)
    shown = people(queries.rows([other], reader=reader)) if other else []
    page = MergePage(
        top,
        query,
        shown[0] if shown else None,
        [one for one in people(rows_) if one.id != top.id],
        _compare(patient, other, reader) if shown and other else [],
        reverse("patients:identity", args=(patient,)),
    )
    return render(
        request,
        reader,
        "patients/merge.html",
        {"page": page, "form": form},
        fragment="form" if shown else None,
        status=422 if request.method == "POST" else 200,
    )


def _compare(mine: UUID, theirs: UUID, reader: Reader) -> list[Trait]:
    left, right = (_compared(queries.identity_sheet(one, reader=reader)) for one in (mine, theirs))
    return [Trait(a.label, a.value, b.value, bool(a.value and b.value) and a.value != b.value) for a, b in zip(left, right, strict=True)]


def _compared(sheet: queries.Sheet) -> Iterable[Fact]:
    identity, reach = sheet.identity, sheet.coordinates
    return [
        *traits(identity)[:5],
        Fact("Nom utilisé", identity.used_name.upper()),
        Fact("NIR", sheet.national_id.nir_shown if sheet.national_id else ""),
        Fact("Mobile", phone_fr(reach.mobile) if reach else ""),
        Fact("Ville", reach.city if reach else ""),
    ]


@require_POST
@screen
def unmerge(request: HttpRequest, patient: UUID, alias: UUID) -> HttpResponse:
    act(request, actions.unmerge, alias)
    return go(request, "patients:identity", patient, done="separation")
