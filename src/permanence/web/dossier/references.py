"""« Références de croissance »: the curves that the practice may draw, and loading another from a table, read back before it is kept."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.consultations import actions, queries
from permanence.consultations.growth import KINDS, Extent
from permanence.journal.doors import Refused
from permanence.lib.text import NBSP, number_fr, plural
from permanence.web.dossier.forms import ReferenceForm
from permanence.web.http import act, go, new_form_id, reader_of, render, screen
from permanence.web.links import reverse

SEXES = {"F": "Filles", "M": "Garçons"}


class ReferenceLine(NamedTuple):
    name: str
    published: str
    licence: str
    held: list[tuple[str, str]]
    wrong: str
    replace: str
    retire: str
    restore: str
    once: str


@dataclass(frozen=True, slots=True)
class ReferencesPage:
    lines: list[ReferenceLine]
    retired: list[ReferenceLine]
    add: str


@dataclass(frozen=True, slots=True)
class ReferencePage:
    title: str
    lead: str
    held: list[tuple[str, str]]
    total: str
    seen: str
    back: str


@screen
def references(request: HttpRequest) -> HttpResponse:
    """Those in service, what each holds and by what right; then those retired."""
    reader = reader_of(request)
    loads = queries.may_load_references(reader.actor)
    known = queries.growth_references(reader=reader, retired=True)
    page = ReferencesPage(
        [_line(one, loads) for one in known if one.retired_at is None],
        [_line(one, loads) for one in known if one.retired_at is not None],
        reverse("growth:new") if loads else "",
    )
    return render(request, reader, "growth/list.html", {"page": page})


def _line(one: queries.KnownReference, loads: bool) -> ReferenceLine:
    def link(name: str, when: bool) -> str:
        return reverse(name, args=(one.id,)) if loads and when and one.id else ""

    here = one.retired_at is None
    held = _held(one.curves.extents()) if one.curves else []
    return ReferenceLine(one.name, one.published, one.licence, held, one.wrong, link("growth:replace", here),
                         link("growth:retire", here), link("growth:restore", not here), new_form_id())  # fmt: skip


@screen
def reference(request: HttpRequest, reference: UUID | None = None) -> HttpResponse:
    """Load a table, or one in the place of another: first what was read, then, unchanged, it is kept."""
    reader = reader_of(request)
    if not queries.may_load_references(reader.actor):
        raise Refused("Un médecin titulaire charge les références\u00a0: demandez-le à l’un d’eux.", code="titulaire")
    old = queries.growth_reference(reference, reader=reader) if reference else None
    initial = {"name": old.name, "published": old.published, "licence": old.licence, "table": old.table} if old else {}
    form = ReferenceForm(request.POST or None, request.FILES or None, initial=initial)
    held: Sequence[Extent] = ()
    seen = ""
    if request.method == "POST" and form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("name", "published", "licence", "table")}
        held, seen = form.held, hashlib.sha256(typed["table"].encode()).hexdigest()
        if request.POST.get("seen") == seen and form.do(request, actions.keep_growth_reference, **typed, replaces=reference):
            return go(request, "growth:list", done="reference")
    page = ReferencePage(
        "Remplacer une référence" if old else "Charger une référence",
        f"«{NBSP}{old.name}{NBSP}» passera parmi les références retirées." if old else "",
        _held(held),
        f"{plural(len(held), 'courbe')}, {plural(sum(one.rows for one in held), 'ligne')}",
        seen,
        reverse("growth:list"),
    )
    status = 422 if form.errors else 200
    return render(request, reader, "growth/form.html", {"page": page, "form": form}, fragment="form", status=status)


def _held(extents: Sequence[Extent]) -> list[tuple[str, str]]:
    """« Poids, filles », « de 0 à 60 mois, 61 lignes »."""
    return [
        (f"{KINDS[one.kind][0]}, {SEXES[one.sex].lower()}",
         f"de {_month(one.first)} à {_month(one.last)}{NBSP}mois, {plural(one.rows, 'ligne')}")
        for one in extents
    ]  # fmt: skip


def _month(months: float) -> str:
    return number_fr(round(months * 100), 2, trim=True)


@require_POST
@screen
def retire(request: HttpRequest, reference: UUID) -> HttpResponse:
    """No longer offered; a mistake is undone from the list."""
    act(request, actions.retire_growth_reference, reference)
    return go(request, "growth:list", done="reference_retiree")


@require_POST
@screen
def restore(request: HttpRequest, reference: UUID) -> HttpResponse:
    """Offered again."""
    act(request, actions.restore_growth_reference, reference)
    return go(request, "growth:list", done="reference")
