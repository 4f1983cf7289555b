"""Whose document it is: found by its INS, else by its strict traits, else a new file. Runs inside the import's action.

An identity that exists is never changed here: what differs is told, and a person decides (RNIV, chapter 3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from permanence.accounts.models import Member
from permanence.interop import rules
from permanence.journal.doors import Actor, Refused
from permanence.lib import identifiers
from permanence.lib.text import NBSP
from permanence.patients import actions as patients
from permanence.patients.models import Patient
from permanence.patients.permissions import load_files
from permanence.patients.rules import name_key


@dataclass(slots=True)
class Match:
    """The file to write in, whether it is new, what differs from the document, and what to look at."""

    patient: UUID
    created: bool = False
    differences: list[tuple[str, str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def find_or_open(plan: Mapping[str, Any], *, by: Actor, patient: UUID | None, despite: bool) -> Match:
    """The document's file. Raises Refused: another patient's document, several files possible, no name."""
    if (found := find(plan, patient=patient, despite=despite)) is not None:
        return found
    return _open(plan, by=by)


def find(plan: Mapping[str, Any], *, patient: UUID | None, despite: bool = False) -> Match | None:
    """The file that exists, or None. `patient` is the file that was chosen on screen: it must be the document's."""
    there = {**plan["identity"], "ins": plan["ins"]}
    if patient is not None:
        here = _kept(patient)
        if not despite and (clash := rules.clash(_values(here), there)):
            raise Refused(
                f"Ce document concerne une autre personne ({clash} différent){NBSP}: rien n’a été importé. Vérifiez le "
                "document, ou ouvrez le dossier de cette personne.", code="other_patient")  # fmt: skip
        return _match(here, there, plan)
    by_ins = _only(_files_by_ins(plan["ins"], plan["ins_oid"]), "portent le matricule INS du document")
    if by_ins is not None:
        if clash := rules.clash(_values(by_ins), there):
            raise Refused(
                f"Un dossier porte le matricule INS de ce document, mais son identité diffère ({clash}){NBSP}: rien n’a été "
                "importé. Vérifiez les deux identités, puis importez depuis le bon dossier.", code="identity")  # fmt: skip
        return _match(by_ins, there, plan)
    by_traits = _only(_files_by_traits(there), "ont les traits d’identité du document")
    if by_traits is None:
        return None
    match = _match(by_traits, there, plan)
    if not (by_traits.birth_place_insee and there.get("birth_place_insee")):
        match.warnings.append(
            "Dossier retrouvé par le nom, le prénom, la date de naissance et le sexe, sans le lieu de naissance"
            f"{NBSP}: vérifier que c’est la même personne.")  # fmt: skip
    return match


def _kept(patient: UUID) -> Patient:
    file = load_files([patient])[patient]
    found: Patient | None = Patient.objects.filter(id=file.kept).first() if file.exists else None
    if found is None:
        raise Refused(f"Ce dossier est introuvable{NBSP}: relancez la recherche.", code="unknown")
    return found


def _only(files: Sequence[UUID], what: str) -> Patient | None:
    """The one person these files belong to; None without any. Raises Refused when they are several people's."""
    kept = {load_files([one])[one].kept for one in files}
    if len(kept) > 1:
        raise Refused(
            f"{len(kept)} dossiers {what}{NBSP}: rien n’a été importé. Ouvrez le bon dossier et importez-y le document, ou "
            "réunissez ces dossiers.", code="several")  # fmt: skip
    return _kept(kept.pop()) if kept else None


def _files_by_ins(ins: str, oid: str) -> list[UUID]:
    if not ins or not oid:
        return []
    return [UUID(str(one)) for one in Patient.objects.filter(ins=ins, ins_oid=oid).values_list("id", flat=True)]


def _files_by_traits(there: Mapping[str, Any]) -> list[UUID]:
    """Files with the same birth name, first given name, birth date and sex, whose birth place and INS say nothing else."""
    born = there.get("birth_date")
    if not (there.get("birth_name") and there.get("first_given_name") and born):
        return []
    key = name_key(there["birth_name"], there["first_given_name"])
    candidates = patients.lookalikes(there["birth_name"], there["first_given_name"], born)
    found = [_kept(one) for one in candidates]
    return [
        UUID(str(one.id)) for one in found
        if name_key(one.birth_name, one.first_given_name) == key and one.birth_date == born
        and not rules.clash(_values(one), there, places=True) and not (one.ins and there["ins"] and one.ins != there["ins"])
    ]  # fmt: skip


def _values(patient: Patient) -> dict[str, Any]:
    return {name: getattr(patient, name) for name in rules.TRAITS}


def _match(here: Patient, there: Mapping[str, Any], plan: Mapping[str, Any]) -> Match:
    differences = rules.differences(_values(here), there)
    if plan["ins"] and not here.ins:
        differences.append(("Matricule INS", "absent", plan["ins"]))
    if plan["treating"] and not (here.medecin_traitant_id or here.medecin_traitant_text):
        differences.append(("Médecin traitant", "non renseigné", plan["treating"]))
    return Match(UUID(str(here.id)), differences=differences)


# -- a new file


def _open(plan: Mapping[str, Any], *, by: Actor) -> Match:
    identity, warnings = dict(plan["identity"]), list[str]()
    if not identity.get("birth_name"):
        raise Refused(
            f"Le document ne nomme pas son patient{NBSP}: ouvrez ou créez le dossier, puis importez-y le document.",
            code="nobody")  # fmt: skip
    _keep_readable(identity, warnings)
    try:
        patient = patients.register(by=by, **identity)
    except patients.LooksAlike as alike:
        patient = patients.register(by=by, despite=True, **identity)
        warnings.append(
            f"{len(alike.candidates)} dossier(s) ressemblent à celui qui vient d’être créé{NBSP}: vérifier que ce n’est pas "
            "la même personne, et les réunir si c’est elle.")  # fmt: skip
    match = Match(patient, created=True, warnings=warnings)
    _add_number(match, plan, by)
    _add_people(match, plan, by)
    return match


def _keep_readable(identity: dict[str, Any], warnings: list[str]) -> None:
    """What is wrong in the document is told and left out: a new file starts without a number that fails its own key."""
    for name, check in (("birth_place_insee", identifiers.check_insee_place), ("nir", identifiers.check_nir)):
        if name in identity:
            try:
                check(identity[name])
            except identifiers.Invalid:
                warnings.append(f"{rules.TRAITS[name]} du document non repris ({identity.pop(name)}){NBSP}: à saisir.")


def _add_number(match: Match, plan: Mapping[str, Any], by: Actor) -> None:
    if not plan["ins"] or plan["ins_oid"] not in identifiers.INS_OIDS:
        return
    try:
        identifiers.check_nir(plan["ins"])
        patients.record_ins(match.patient, by=by, ins=plan["ins"], oid=plan["ins_oid"])
    except identifiers.Invalid:
        match.warnings.append(f"Le matricule INS n’a pas été repris ({plan['ins']}){NBSP}: sa clé est fausse.")
    except Refused as why:
        match.warnings.append(f"Le matricule INS n’a pas été repris{NBSP}: {why.sentence}")


def _add_people(match: Match, plan: Mapping[str, Any], by: Actor) -> None:
    """Médecin traitant and contacts: of a new file only."""
    member = _member(plan["treating_rpps"])
    if member or plan["treating"]:
        patients.set_medecin_traitant(match.patient, by=by, member=member, outside=plan["treating"])
    for contact in plan["contacts"]:
        try:
            patients.add_contact(match.patient, by=by, **contact)
        except Refused as why:
            match.warnings.append(f"Contact non repris{NBSP}: {why.sentence}")


def _member(rpps: str) -> UUID | None:
    """The doctor of the practice who has this number."""
    found = Member.objects.filter(rpps=rpps, departed_at=None).values_list("id", flat=True).first() if rpps else None
    return UUID(str(found)) if found and patients.may_follow(found) else None
