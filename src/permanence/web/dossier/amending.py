"""Amending the identity sheet and the people around the patient: only what changed is sent to the doors."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.accounts import queries as accounts
from permanence.accounts.permissions import can_write
from permanence.journal.doors import Actor, Refused
from permanence.lib.dates import format_date
from permanence.lib.text import NBSP
from permanence.patients import actions, queries
from permanence.web import presenters
from permanence.web.dossier.banners import banner_of
from permanence.web.dossier.edit import EditPage, answer, rows
from permanence.web.dossier.forms import ContactForm, EditIdentity
from permanence.web.http import act, go, reader_of, screen
from permanence.web.links import reverse

_PLACES = {
    "": "birth_name given_names | birth_date:past birth_sex:radios | birth_place_label birth_place_insee:tiny"
    " | used_name used_given_name | proof:choose",
    "Joindre": "mobile:tel phone:tel email:email | address:area | postal_code:tiny city",
    "Assurance": "nir regime | caisse mutuelle | c2s:tick",
    "Suivi": "medecin_traitant:choose medecin_traitant_text | administrative_text:area",
}
_APART = ("proof", "medecin_traitant", "medecin_traitant_text")


def _sheet_values(sheet: queries.Sheet) -> dict[str, Any]:
    """The parts of the sheet that this reader may see, by field name."""
    found: dict[str, Any] = {}
    for part in (sheet.identity, sheet.national_id, sheet.coordinates, sheet.rights):
        if part is not None:
            found.update({field.name: getattr(part, field.name) for field in fields(part)})
    if sheet.administrative_text is not None:
        found["administrative_text"] = sheet.administrative_text
    return found


@screen
def edit(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Amend the sheet: only what changed is sent to the door, so that two people's changes do not meet for nothing."""
    reader = reader_of(request)
    sheet, top = queries.identity_sheet(patient, reader=reader), banner_of(patient, reader)
    values = _sheet_values(sheet)
    form = EditIdentity(
        request.POST or None,
        initial={
            **values,
            "birth_date": format_date(sheet.identity.birth_date),
            "medecin_traitant": str(sheet.identity.medecin_traitant_id or ""),
        },
    )
    _close_fields(form, values, reader.actor)
    doctors: list[tuple[str, str]] = [(str(one.id), one.name) for one in accounts.members(reader=reader) if one.profession == "medecin"]
    form.fields["medecin_traitant"].choices = [("", "Non renseigné, ou hors du cabinet"), *doctors]  # type: ignore[attr-defined]
    form.fields["proof"].choices = [("", "Aucune pièce vérifiée aujourd’hui"), *presenters.PROOFS.items()]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid() and _save(request, form, patient, sheet, values):
        return go(request, "patients:identity", patient, done="identite")
    page = EditPage(
        banner=top,
        title="Modifier l’identité",
        button="Enregistrer",
        back=reverse("patients:identity", args=(patient,)),
        groups=rows(form, _PLACES),
    )
    return answer(request, reader, page, form)


def _close_fields(form: EditIdentity, values: dict[str, Any], by: Actor) -> None:
    for name in list(form.fields):
        if name in _APART:
            continue
        if name not in values or not can_write(by, actions.CATEGORY_OF[name]):
            del form.fields[name]


def _save(request: HttpRequest, form: EditIdentity, patient: UUID, sheet: queries.Sheet, values: dict[str, Any]) -> bool:
    clean = form.cleaned_data
    changes = {name: value for name, value in clean.items() if name not in _APART and value != values.get(name)}
    try:
        if changes or clean.get("proof"):
            act(request, actions.amend_identity, patient, changes=changes, proof=clean.get("proof", ""))
        if clean.get("proof") and not changes:
            act(request, actions.validate_identity, patient, proof=clean["proof"])
        doctor = UUID(clean["medecin_traitant"]) if clean.get("medecin_traitant") else None
        if (doctor, clean.get("medecin_traitant_text", "")) != (
            sheet.identity.medecin_traitant_id,
            sheet.identity.medecin_traitant_text,
        ):
            act(request, actions.set_medecin_traitant, patient, member=doctor, outside=clean.get("medecin_traitant_text", ""))
    except Refused as refused:
        form.refuse(refused)
        return False
    return True


@screen
def contact(request: HttpRequest, patient: UUID, contact: UUID | None = None) -> HttpResponse:
    """Add or amend somebody around the patient."""
    reader = reader_of(request)
    top = banner_of(patient, reader)
    known = next((one for one in queries.contacts(patient, reader=reader) if one.id == contact), None) if contact else None
    if contact and known is None:
        raise Refused(f"Ce contact est introuvable{NBSP}: actualisez la page.", code="unknown")
    known_fields = {} if known is None else {field: getattr(known, field) for field in ContactForm.base_fields}
    form = ContactForm(request.POST or None, initial=known_fields)
    if request.method == "POST" and form.is_valid() and _keep_contact(request, form, patient, known):
        return go(request, "patients:identity", patient, done="contact")
    page = EditPage(
        banner=top,
        title="Personne de l’entourage",
        button="Enregistrer",
        back=reverse("patients:identity", args=(patient,)),
        focus="name",
        groups=rows(form, {"": "name role:choose | relation phone:tel | email:email note"}),
        remove=reverse("patients:contact_remove", args=(patient, known.id)) if known else "",
        remove_text="Retirer de la fiche",
    )
    return answer(request, reader, page, form)


def _keep_contact(request: HttpRequest, form: ContactForm, patient: UUID, known: queries.Person | None) -> bool:
    clean = form.cleaned_data
    if known is not None:
        return bool(form.do(request, actions.edit_contact, known.id, changes=clean))
    more = {name: value for name, value in clean.items() if name != "phone"}
    return bool(form.do(request, actions.add_contact, patient, phone_number=clean["phone"], **more))


@require_POST
@screen
def contact_remove(request: HttpRequest, patient: UUID, contact: UUID) -> HttpResponse:
    act(request, actions.remove_contact, contact)
    return go(request, "patients:identity", patient, done="retire")
