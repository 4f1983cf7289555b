"""The identity sheet as it is read: strict traits, INS, how to reach, who is around, who may read."""

import datetime
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from permanence.accounts import queries as accounts
from permanence.accounts.permissions import can_write
from permanence.journal.categories import Category
from permanence.journal.doors import Reader
from permanence.lib.dates import format_date
from permanence.lib.identifiers import format_nir
from permanence.lib.text import NBSP, phone_fr
from permanence.patients import actions, queries
from permanence.patients.permissions import family_of
from permanence.web import jinja, presenters
from permanence.web.dossier.banners import banner_of
from permanence.web.dossier.people import Banner, Person, people, sex_text
from permanence.web.http import new_form_id, reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.two_values import Fact, marked

LEGAL = frozenset({"representant", "tuteur"})


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
    said: list[Fact]
    at_risk: bool
    facts_url: str
    homonyms: list[Person]
    merges: list[Merged]
    edit_url: str
    contact_url: str
    protection_url: str
    merge_url: str
    readers_url: str
    billing_url: str
    photo_url: str


@screen
def identity(request: HttpRequest, patient: UUID) -> HttpResponse:
    """The sheet: strict traits, INS, how to reach, who is around, who may read."""
    reader = reader_of(request)
    sheet, top = queries.identity_sheet(patient, reader=reader), banner_of(patient, reader)
    by = reader.actor
    writes = can_write(by, Category.IDENTITY)
    files = family_of(patient, reader=reader)
    national, coordinates = _national(sheet), _coordinates(sheet.coordinates)
    page = IdentityPage(
        banner=top,
        status=_status(sheet.identity),
        traits=marked(traits(sheet.identity), files),
        national=None if national is None else marked(national, files),
        national_refused=presenters.refusal(sheet.refusals.get(Category.NATIONAL_ID, "")),
        warnings=[sheet.national_id.nir_warning] if sheet.national_id and sheet.national_id.nir_warning else [],
        coordinates=None if coordinates is None else marked(coordinates, files),
        coordinates_refused=presenters.refusal(sheet.refusals.get(Category.CONTACT, "")),
        administrative=sheet.administrative_text,
        people=_around(patient, reader),
        ties=_ties(patient, reader),
        sharing=marked(_sharing(sheet, reader), files),
        said=marked(_said(sheet), files),
        at_risk=sheet.coordinates is not None and sheet.coordinates.address_at_risk,
        facts_url=_link("patients:facts", patient, writes),
        homonyms=people(queries.homonyms(patient, reader=reader)),
        merges=_merges(patient, reader, writes),
        edit_url=_link("patients:edit", patient, writes),
        contact_url=_link("patients:contact_new", patient, can_write(by, Category.CONTACT)),
        protection_url=_link("patients:protection", patient, writes and can_write(by, Category.NOTES)),
        merge_url=_link("patients:merge", patient, writes and can_write(by, Category.NOTES)),
        readers_url=reverse("dossier:readers", args=(patient,)),
        billing_url=_link("billing:act_new", patient, can_write(by, Category.BILLING, new=True)),
        photo_url=_link("dossier:photo", patient, can_write(by, Category.DOCUMENTS, new=True)),
    )
    return render(request, reader, "patients/identity.html", {"page": page})


def _link(name: str, patient: UUID, allowed: bool) -> str:
    return reverse(name, args=(patient,)) if allowed else ""


def _status(identity: queries.Identity) -> Status:
    text, tone = presenters.IDENTITY_STATUSES.get(identity.identity_status, ("Identité provisoire", "warn"))
    proof = presenters.PROOFS.get(identity.identity_proof, "")
    on = f" vérifiée le {format_date(identity.identity_checked_on)}" if identity.identity_checked_on else ""
    return Status(text, tone, f"{proof}{on}" if proof else "Aucune pièce d’identité vérifiée." if tone == "warn" else "")


def traits(identity: queries.Identity) -> list[Fact]:
    place = " ".join(
        part for part in (identity.birth_place_label, f"({identity.birth_place_insee})" if identity.birth_place_insee else "") if part
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
        Fact("Mobile", phone_fr(found.mobile)),
        Fact("Fixe", phone_fr(found.phone)),
        Fact("Courriel", found.email),
        Fact("Adresse", address),
    ]


def _said(sheet: queries.Sheet) -> list[Fact]:
    """What the patient has said, for what this reader may see."""
    identity, found = sheet.identity, []
    found.append(Fact("Interprète", identity.interpreter_language))
    if sheet.coordinates is not None:
        said = {True: "accepté", False: "refusé", None: ""}[sheet.coordinates.contact_consent]
        found.append(Fact("Être écrit ou rappelé", said + _on(sheet.coordinates.contact_consent_on) if said else ""))
    if sheet.directives is not None:
        state = {"oui": "rédigées", "non": "aucune"}.get(sheet.directives.state, "")
        more = ", ".join(part for part in (sheet.directives.on, sheet.directives.where) if part)
        found.append(Fact("Directives anticipées", f"{state} ({more})" if state and more else state))
    objection = f"s’oppose{_on(identity.research_objection_on)}" if identity.research_objection else "pas d’opposition"
    found.append(Fact("Recherche", objection))
    return found


def _on(day: datetime.date | None) -> str:
    return f" le {format_date(day)}" if day else ""


def _around(patient: UUID, reader: Reader) -> list[Around]:
    if not reader.may(patient, Category.CONTACT):
        return []
    writes = can_write(reader.actor, Category.CONTACT)
    return [
        Around(
            one.name,
            actions.CONTACT_ROLES.get(one.role, one.role),
            one.relation,
            " · ".join(part for part in (phone_fr(one.phone), one.email, one.note) if part),
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
        names.get(sheet.identity.medecin_traitant_id, "") if sheet.identity.medecin_traitant_id else sheet.identity.medecin_traitant_text
    )
    found = [
        Fact("Médecin traitant", doctor or "non renseigné"),
        Fact("Dossier", "Sensible" if sheet.identity.sensitive else protected),
    ]
    if sheet.identity.controller_is_practice or sheet.identity.controller_id:
        found.append(
            Fact(
                "Responsable",
                "le cabinet" if sheet.identity.controller_is_practice else names.get(sheet.identity.controller_id or UUID(int=0), ""),
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
    return " · ".join(part for part in (names.get(by, "") if by else "", jinja.date(at)) if part)
