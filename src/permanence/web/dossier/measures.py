"""Measures typed on one line, as doctors do: « TA 148/86 P 82 T 176 »."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from permanence.accounts.permissions import can_write
from permanence.consultations import actions, queries
from permanence.journal.categories import Category
from permanence.journal.doors import Refused
from permanence.lib.text import NBSP
from permanence.patients.permissions import family_of
from permanence.web import jinja
from permanence.web.dossier import clinical
from permanence.web.dossier.banners import banner_of
from permanence.web.dossier.beside import marker
from permanence.web.dossier.forms import MeasuresForm
from permanence.web.dossier.people import Banner
from permanence.web.http import act, go, reader_of, render, screen


@dataclass(frozen=True, slots=True)
class MeasuresPage:
    banner: Banner
    last: list[clinical.Measure]
    words: list[tuple[str, str, str]]


@screen
def measures(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Read the line, then add each measure; what was not understood is named and nothing is kept."""
    reader = reader_of(request)
    form = MeasuresForm(request.POST or None, initial={"line": request.GET.get("ligne", "")})
    if request.method == "POST" and form.is_valid() and _save(request, form, patient):
        return go(request, "dossier:file", patient, done="mesures")
    synthesis = queries.synthesis(patient, reader=reader, only=[Category.MEASURES])
    words = [
        (kind.short, kind.words[0].upper() if len(kind.words[0]) < 5 else kind.words[0], kind.unit) for kind in queries.MEASURES.values()
    ]
    rows = clinical.measures(
        synthesis, writes=can_write(reader.actor, Category.MEASURES), marks=marker(family_of(patient, reader=reader), reader)
    )
    page = MeasuresPage(banner_of(patient, reader), rows, words)
    return render(
        request,
        reader,
        "dossier/measures.html",
        {"page": page, "form": form},
        fragment="form",
        status=422 if request.method == "POST" else 200,
    )


def _save(request: HttpRequest, form: MeasuresForm, patient: UUID) -> bool:
    try:
        found, rest = queries.read_measures(form.cleaned_data["line"])
        if rest or not found:
            unread = (rest or form.cleaned_data["line"])[:40]
            raise Refused(
                f"Mesure non comprise{NBSP}: «{NBSP}{unread}{NBSP}». Écrire par exemple TA 148/86 P 82 T 176.",
                code="invalid",
            )
        for loinc, _, values in found:
            act(
                request,
                actions.add_measure,
                patient,
                loinc=loinc,
                values=values,
                taken_at=_at(form.cleaned_data["taken_on"]),
            )
    except Refused as refused:
        form.add_error("line", refused.sentence)
        return False
    return True


def _at(day: datetime.date | None) -> datetime.datetime | None:
    if day is None or day == jinja.today():
        return None
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(12)))
