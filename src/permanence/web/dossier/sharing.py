"""Who may read a file beyond the rules of professions: protection, sensitivity, the patient’s objections."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.accounts import queries as accounts
from permanence.journal.categories import Category
from permanence.journal.doors import Reader
from permanence.lib.dates import format_date
from permanence.patients import actions, queries
from permanence.web import presenters
from permanence.web.dossier.banners import banner_of
from permanence.web.dossier.edit import EditPage, Item, answer, rows
from permanence.web.dossier.forms import OppositionForm, ProtectionForm
from permanence.web.dossier.identity import opposed
from permanence.web.http import act, go, reader_of, screen
from permanence.web.links import reverse


@screen
def protection(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Who may read this file: protected or not, sensitive or not, and to whom the patient objects."""
    reader = reader_of(request)
    sheet, top = queries.identity_sheet(patient, reader=reader, only=[Category.IDENTITY]), banner_of(patient, reader)
    form = ProtectionForm(request.POST or None, initial={"kind": sheet.identity.protected_kind, "sensitive": sheet.identity.sensitive})
    if request.method == "POST" and form.is_valid() and form.do(request, actions.set_protection, patient, **form.cleaned_data):
        return go(request, "patients:identity", patient, done="protection")
    page = EditPage(
        banner=top,
        title="Partage et protection",
        button="Enregistrer",
        back=reverse("patients:identity", args=(patient,)),
        lead="Un dossier protégé ne s’ouvre qu’au médecin traitant et aux personnes nommées.",
        groups=rows(form, {"": "kind:radios-down | sensitive:tick"}),
        items=_objections(patient, reader),
        items_title="Oppositions en cours",
        more_url=reverse("patients:opposition", args=(patient,)),
        more_text="Enregistrer une opposition",
    )
    return answer(request, reader, page, form)


def _objections(patient: UUID, reader: Reader) -> list[Item]:
    return [
        Item(
            opposed(one),
            f"depuis le {format_date(one.since)}" if one.since else "",
            reverse("patients:opposition_lift", args=(patient, one.id)),
            "Lever",
        )
        for one in queries.oppositions(patient, reader=reader)
    ]


@screen
def opposition(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Record the patient's objection to sharing (CSP L.1110-4, IV)."""
    reader = reader_of(request)
    top = banner_of(patient, reader)
    form = OppositionForm(request.POST or None)
    members = [(f"member:{one.id}", one.name) for one in accounts.members(reader=reader)]
    professions = [(f"profession:{code}", f"Tous les membres — {name.lower()}") for code, name in presenters.PROFESSIONS.items()]
    form.fields["against"].choices = [*members, *professions, ("everyone:", "Tout le monde, sauf les médecins")]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        kind, _, value = form.cleaned_data["against"].partition(":")
        whom: dict[str, Any] = (
            {"member": UUID(value)} if kind == "member" else {"profession": value} if kind == "profession" else {"everyone": True}
        )
        if form.do(request, actions.object_to_sharing, patient, **whom):
            return go(request, "patients:protection", patient, done="opposition")
    page = EditPage(
        banner=top,
        title="Opposition au partage",
        button="Enregistrer l’opposition",
        back=reverse("patients:protection", args=(patient,)),
        lead="Le patient peut s’opposer au partage avec une personne, une profession, ou tous. Cela se lève à sa demande.",
        groups=rows(form, {"": "against:choose"}),
    )
    return answer(request, reader, page, form)


@require_POST
@screen
def opposition_lift(request: HttpRequest, patient: UUID, opposition: UUID) -> HttpResponse:
    act(request, actions.lift_opposition, opposition)
    return go(request, "patients:protection", patient, done="opposition")
