"""The identity sheet: to read, to amend, the people around, protection and opposition, merging and separating."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from permanence.accounts import queries as accounts
from permanence.accounts.permissions import can_write
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Reader, Refused
from permanence.lib.dates import format_date
from permanence.lib.identifiers import format_nir
from permanence.lib.text import NBSP
from permanence.patients import actions, queries
from permanence.web import presenters
from permanence.web.dossier.banners import banner_of
from permanence.web.dossier.edit import EditPage, Item, rows
from permanence.web.dossier.forms import ContactForm, EditIdentity, MergeForm, OppositionForm, ProtectionForm
from permanence.web.dossier.people import Banner, Person, people, sex_text
from permanence.web.http import act, go, new_form_id, reader_of, render, screen

LEGAL = frozenset({"representant", "tuteur"})


class Fact(NamedTuple):
    label: str
    value: str


class Status(NamedTuple):
    text: str
    tone: str
    detail: str


@dataclass(frozen=True, slots=True)
class Around:
    """Somebody around the patient, as one line."""

    name: str
    role: str
    relation: str
    reach: str
    legal: bool
    edit: str


@dataclass(frozen=True, slots=True)
class Tie:
    relation: str
    row: Person


@dataclass(frozen=True, slots=True)
class Merged:
    text: str
    detail: str
    undo: str
    once: str


@dataclass(frozen=True, slots=True)
class IdentityPage:
    banner: Banner
    status: Status
    traits: list[Fact]
    national: list[Fact] | None
    national_refused: str
    warnings: list[str]
    coordinates: list[Fact] | None
    coordinates_refused: str
    administrative: str | None
    people: list[Around]
    ties: list[Tie]
    sharing: list[Fact]
    homonyms: list[Person]
    merges: list[Merged]
    edit_url: str
    contact_url: str
    protection_url: str
    merge_url: str
    readers_url: str


@screen
def identity(request: HttpRequest, patient: UUID) -> HttpResponse:
    """The sheet: strict traits, INS, how to reach, who is around, who may read."""
    reader = reader_of(request)
    sheet, top = queries.identity_sheet(patient, reader=reader), banner_of(patient, reader)
    by = reader.actor
    writes = can_write(by, Category.IDENTITY)
    page = IdentityPage(
        banner=top,
        status=_status(sheet.identity),
        traits=_traits(sheet.identity),
        national=_national(sheet),
        national_refused=presenters.refusal(sheet.refusals.get(Category.NATIONAL_ID, "")),
        warnings=[sheet.national_id.nir_warning] if sheet.national_id and sheet.national_id.nir_warning else [],
        coordinates=_coordinates(sheet.coordinates),
        coordinates_refused=presenters.refusal(sheet.refusals.get(Category.CONTACT, "")),
        administrative=sheet.administrative_text,
        people=_around(patient, reader),
        ties=_ties(patient, reader),
        sharing=_sharing(sheet, reader),
        homonyms=people(queries.homonyms(patient, reader=reader)),
        merges=_merges(patient, reader, writes),
        edit_url=_link("patients:edit", patient, writes),
        contact_url=_link("patients:contact_new", patient, can_write(by, Category.CONTACT)),
        protection_url=_link("patients:protection", patient, writes and can_write(by, Category.NOTES)),
        merge_url=_link("patients:merge", patient, writes and can_write(by, Category.NOTES)),
        readers_url=reverse("dossier:readers", args=(patient,)),
    )
    return render(request, reader, "patients/identity.html", {"page": page})


def _link(name: str, patient: UUID, allowed: bool) -> str:
    return reverse(name, args=(patient,)) if allowed else ""


def _status(identity: queries.Identity) -> Status:
    text, tone = presenters.IDENTITY_STATUSES.get(identity.identity_status, ("Identité provisoire", "warn"))
    proof = presenters.PROOFS.get(identity.identity_proof, "")
    on = f" vérifiée le {format_date(identity.identity_checked_on)}" if identity.identity_checked_on else ""
    return Status(text, tone, f"{proof}{on}" if proof else "Aucune pièce d’identité vérifiée." if tone == "warn" else "")


def _traits(identity: queries.Identity) -> list[Fact]:
    place = " ".join(
        part
        for part in (identity.birth_place_label, f"({identity.birth_place_insee})" if identity.birth_place_insee else "")
        if part
    )
    found = [
        Fact("Nom de naissance", identity.birth_name.upper()),
        Fact("Prénoms", identity.given_names or identity.first_given_name),
        Fact("Date de naissance", format_date(identity.birth_date) or identity.birth_date_text),
        Fact("Sexe", sex_text(identity.birth_sex)),
        Fact("Lieu de naissance", place),
    ]
    if identity.used_name:
        found.append(Fact("Nom utilisé", identity.used_name.upper()))
    if identity.used_given_name:
        found.append(Fact("Prénom utilisé", identity.used_given_name))
    if identity.deceased_on:
        found.append(Fact("Décès", format_date(identity.deceased_on)))
    return found


def _national(sheet: queries.Sheet) -> list[Fact] | None:
    national, rights = sheet.national_id, sheet.rights
    if national is None:
        return None
    found = [
        Fact("Matricule INS", format_nir(national.matricule) if national.matricule else ""),
        Fact("NIR de l’assuré", national.nir_shown),
    ]
    if national.ins and not national.matricule:
        found[0] = Fact("Matricule INS", f"reçu, non qualifié{NBSP}: ne pas le transmettre")
    if rights is not None:
        ald = {True: "oui", False: "non", None: ""}[rights.ald]
        found += [
            Fact("Régime", rights.regime),
            Fact("Caisse", rights.caisse),
            Fact("Complémentaire", rights.mutuelle),
            Fact("ALD", f"{ald}{f' — {sheet.ald_text}' if sheet.ald_text else ''}"),
            Fact("C2S", "oui" if rights.c2s else "non"),
        ]
    return found


def _coordinates(found: queries.Coordinates | None) -> list[Fact] | None:
    if found is None:
        return None
    address = ", ".join(part for part in (found.address, f"{found.postal_code} {found.city}".strip()) if part)
    return [
        Fact("Mobile", phone(found.mobile)),
        Fact("Fixe", phone(found.phone)),
        Fact("Courriel", found.email),
        Fact("Adresse", address),
    ]


def phone(number: str) -> str:
    """« 06 12 34 56 78 » with no-break spaces; anything else as it is."""
    if len(number) == 10 and number.isdigit():
        return NBSP.join(number[i : i + 2] for i in range(0, 10, 2))
    return number


def _around(patient: UUID, reader: Reader) -> list[Around]:
    if not reader.may(patient, Category.CONTACT):
        return []
    writes = can_write(reader.actor, Category.CONTACT)
    return [
        Around(
            one.name,
            actions.CONTACT_ROLES.get(one.role, one.role),
            one.relation,
            " · ".join(part for part in (phone(one.phone), one.email, one.note) if part),
            one.role in LEGAL,
            reverse("patients:contact", args=(patient, one.id)) if writes else "",
        )
        for one in queries.contacts(patient, reader=reader)
    ]


def _ties(patient: UUID, reader: Reader) -> list[Tie]:
    if not reader.may(patient, Category.FAMILY_LINKS):
        return []
    return [Tie(_relation(tie), people([tie.row])[0]) for tie in queries.links(patient, reader=reader)]


def _relation(tie: queries.Tie) -> str:
    word = actions.RELATIONS.get(tie.relation, tie.relation)
    return f"Patient{NBSP}: {word.lower()}" if tie.reverse else word


def _sharing(sheet: queries.Sheet, reader: Reader) -> list[Fact]:
    protected = {
        "": "Ouvert à l’équipe de soins",
        "staff": "Membre du cabinet",
        "relative": "Proche d’un membre",
        "known_person": "Personne connue",
    }.get(sheet.identity.protected_kind, "Protégé")
    names = accounts.member_names({id for id in (sheet.identity.controller_id, sheet.identity.medecin_traitant_id) if id})
    doctor = (
        names.get(sheet.identity.medecin_traitant_id, "")
        if sheet.identity.medecin_traitant_id
        else sheet.identity.medecin_traitant_text
    )
    found = [
        Fact("Médecin traitant", doctor or "non renseigné"),
        Fact("Dossier", "Sensible" if sheet.identity.sensitive else protected),
    ]
    if sheet.identity.controller_is_practice or sheet.identity.controller_id:
        found.append(
            Fact(
                "Responsable",
                "le cabinet"
                if sheet.identity.controller_is_practice
                else names.get(sheet.identity.controller_id or UUID(int=0), ""),
            )
        )
    objections = queries.oppositions(sheet.patient, reader=reader)
    found.append(Fact("Opposition au partage", ", ".join(opposed(one) for one in objections) or "aucune"))
    return found


def opposed(one: queries.Objection) -> str:
    """To whom a patient objects, in words."""
    if one.everyone:
        return "toutes les personnes sauf les médecins"
    if one.member_id:
        return accounts.member_names([one.member_id]).get(one.member_id, "une personne partie")
    return presenters.PROFESSIONS.get(one.profession, one.profession)


def _merges(patient: UUID, reader: Reader, writes: bool) -> list[Merged]:
    found = queries.merge_history(patient, reader=reader)
    names = accounts.member_names({id for one in found for id in (one.by_id, one.undone_by_id) if id})
    return [
        Merged(
            "Dossiers séparés" if one.undone else "Deux dossiers réunis",
            _when(names, one.undone_by_id if one.undone else one.by_id, one.undone_at if one.undone else one.at)
            + (f" — {one.reason}" if one.reason else ""),
            reverse("patients:unmerge", args=(patient, one.alias)) if writes and not one.undone else "",
            new_form_id(),
        )
        for one in found
    ]


def _when(names: dict[UUID, str], by: UUID | None, at: datetime.datetime | None) -> str:
    return " · ".join(part for part in (names.get(by, "") if by else "", format_date(at.date()) if at else "") if part)


# -- to amend


_GROUPS = (
    (
        "",
        (
            (("birth_name", "text"), ("given_names", "text")),
            (("birth_date", "past"), ("birth_sex", "radios")),
            (("birth_place_label", "text"), ("birth_place_insee", "tiny")),
            (("used_name", "text"), ("used_given_name", "text")),
            (("proof", "choose"),),
        ),
    ),
    (
        "Joindre",
        (
            (("mobile", "tel"), ("phone", "tel"), ("email", "email")),
            (("address", "area"),),
            (("postal_code", "tiny"), ("city", "text")),
        ),
    ),
    ("Assurance", ((("nir", "text"), ("regime", "text")), (("caisse", "text"), ("mutuelle", "text")), (("c2s", "tick"),))),
    ("Suivi", ((("medecin_traitant", "choose"), ("medecin_traitant_text", "text")), (("administrative_text", "area"),))),
)
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
    doctors: list[tuple[str, str]] = [
        (str(one.id), one.name) for one in accounts.members(reader=reader) if one.profession == "medecin"
    ]
    form.fields["medecin_traitant"].choices = [("", "Non renseigné, ou hors du cabinet"), *doctors]  # type: ignore[attr-defined]
    form.fields["proof"].choices = [("", "Aucune pièce vérifiée aujourd’hui"), *presenters.PROOFS.items()]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid() and _save(request, form, patient, sheet, values):
        return go(request, "patients:identity", patient, done="identite")
    page = EditPage(
        banner=top,
        title="Modifier l’identité",
        button="Enregistrer",
        back=reverse("patients:identity", args=(patient,)),
        groups=rows(form, _GROUPS),
        warning="" if can_write(reader.actor, Category.NATIONAL_ID) else "",
    )
    return render(
        request,
        reader,
        "patients/edit.html",
        {"page": page, "form": form},
        fragment="form",
        status=422 if request.method == "POST" else 200,
    )


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
            act(
                request, actions.set_medecin_traitant, patient, member=doctor, outside=clean.get("medecin_traitant_text", "")
            )
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
    form = ContactForm(
        request.POST or None,
        initial={}
        if known is None
        else {field: getattr(known, field) for field in ("role", "name", "relation", "phone", "email", "note")},
    )
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        if known is None:
            more = {name: value for name, value in clean.items() if name != "phone"}
            done = form.do(request, actions.add_contact, patient, phone_number=clean["phone"], **more)
        else:
            done = form.do(request, actions.edit_contact, known.id, changes=clean)
        if done:
            return go(request, "patients:identity", patient, done="contact")
    page = EditPage(
        banner=top,
        title="Personne de l’entourage",
        button="Enregistrer",
        back=reverse("patients:identity", args=(patient,)),
        focus="name",
        groups=rows(
            form,
            (
                (
                    "",
                    (
                        (("name", "text"), ("role", "choose")),
                        (("relation", "text"), ("phone", "tel")),
                        (("email", "email"), ("note", "text")),
                    ),
                ),
            ),
        ),
        remove=reverse("patients:contact_remove", args=(patient, known.id)) if known else "",
        remove_text="Retirer de la fiche",
    )
    return render(
        request,
        reader,
        "patients/edit.html",
        {"page": page, "form": form},
        fragment="form",
        status=422 if request.method == "POST" else 200,
    )


@require_POST
@screen
def contact_remove(request: HttpRequest, patient: UUID, contact: UUID) -> HttpResponse:
    act(request, actions.remove_contact, contact)
    return go(request, "patients:identity", patient, done="retire")


# -- protection and opposition


@screen
def protection(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Who may read this file: protected or not, sensitive or not, and to whom the patient objects."""
    reader = reader_of(request)
    sheet, top = queries.identity_sheet(patient, reader=reader), banner_of(patient, reader)
    form = ProtectionForm(
        request.POST or None, initial={"kind": sheet.identity.protected_kind, "sensitive": sheet.identity.sensitive}
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and form.do(request, actions.set_protection, patient, **form.cleaned_data)
    ):
        return go(request, "patients:identity", patient, done="protection")
    items = [
        Item(
            opposed(one),
            f"depuis le {format_date(one.since)}" if one.since else "",
            reverse("patients:opposition_lift", args=(patient, one.id)),
            "Lever",
        )
        for one in queries.oppositions(patient, reader=reader)
    ]
    page = EditPage(
        banner=top,
        title="Partage et protection",
        button="Enregistrer",
        back=reverse("patients:identity", args=(patient,)),
        lead="Un dossier protégé ne s’ouvre qu’au médecin traitant et aux personnes nommées.",
        groups=rows(form, (("", ((("kind", "radios-down"),), (("sensitive", "tick"),))),)),
        items=items,
        items_title="Oppositions en cours",
        more_url=reverse("patients:opposition", args=(patient,)),
        more_text="Enregistrer une opposition",
    )
    return render(
        request,
        reader,
        "patients/edit.html",
        {"page": page, "form": form},
        fragment="form",
        status=422 if request.method == "POST" else 200,
    )


@screen
def opposition(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Record the patient's objection to sharing (CSP L.1110-4, IV)."""
    reader = reader_of(request)
    top = banner_of(patient, reader)
    form = OppositionForm(request.POST or None)
    members = [(f"member:{one.id}", one.name) for one in accounts.members(reader=reader)]
    professions = [
        (f"profession:{code}", f"Tous les membres — {name.lower()}") for code, name in presenters.PROFESSIONS.items()
    ]
    form.fields["against"].choices = [*members, *professions, ("everyone:", "Tout le monde, sauf les médecins")]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        kind, _, value = form.cleaned_data["against"].partition(":")
        whom: dict[str, Any] = (
            {"member": UUID(value)}
            if kind == "member"
            else {"profession": value}
            if kind == "profession"
            else {"everyone": True}
        )
        if form.do(request, actions.object_to_sharing, patient, **whom):
            return go(request, "patients:protection", patient, done="opposition")
    page = EditPage(
        banner=top,
        title="Opposition au partage",
        button="Enregistrer l’opposition",
        back=reverse("patients:protection", args=(patient,)),
        lead="Le patient peut s’opposer au partage avec une personne, une profession, ou tous. Cela se lève à sa demande.",
        groups=rows(form, (("", ((("against", "choose"),),)),)),
    )
    return render(
        request,
        reader,
        "patients/edit.html",
        {"page": page, "form": form},
        fragment="form",
        status=422 if request.method == "POST" else 200,
    )


@require_POST
@screen
def opposition_lift(request: HttpRequest, patient: UUID, opposition: UUID) -> HttpResponse:
    act(request, actions.lift_opposition, opposition)
    return go(request, "patients:protection", patient, done="opposition")


# -- merging


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
    other = _uuid(request.POST.get("merged") or request.GET.get("avec"))
    if request.method == "POST" and other and form.is_valid():
        if form.do(request, actions.merge, patient, merged=other, **form.cleaned_data):
            return go(request, "patients:identity", patient, done="fusion")
    rows_ = (
        queries.search(query, reader=reader, limit=12)
        if query
        else []
        if other
        else queries.homonyms(patient, reader=reader)
    )
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
        fragment="form",
        status=422 if request.method == "POST" else 200,
    )


def _compare(mine: UUID, theirs: UUID, reader: Reader) -> list[Trait]:
    left, right = (_compared(queries.identity_sheet(one, reader=reader)) for one in (mine, theirs))
    return [
        Trait(a.label, a.value, b.value, bool(a.value and b.value) and a.value != b.value)
        for a, b in zip(left, right, strict=True)
    ]


def _compared(sheet: queries.Sheet) -> Iterable[Fact]:
    identity, reach = sheet.identity, sheet.coordinates
    return [
        *_traits(identity)[:5],
        Fact("Nom utilisé", identity.used_name.upper()),
        Fact("NIR", sheet.national_id.nir_shown if sheet.national_id else ""),
        Fact("Mobile", phone(reach.mobile) if reach else ""),
        Fact("Ville", reach.city if reach else ""),
    ]


@require_POST
@screen
def unmerge(request: HttpRequest, patient: UUID, alias: UUID) -> HttpResponse:
    act(request, actions.unmerge, alias)
    return go(request, "patients:identity", patient, done="separation")


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
