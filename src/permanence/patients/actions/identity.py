"""Opening a file and changing its identity, INS status, rights and who answers for it."""

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from permanence.accounts.permissions import check_write, today
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock, identifiers
from permanence.lib.sqlcipher import run
from permanence.patients import rules
from permanence.patients.actions.claims import check_claim, may_follow
from permanence.patients.actions.common import CATEGORY_OF, Seen, by_machine, check_fields, clean, identity_of, load, typed
from permanence.patients.models import Patient
from permanence.patients.permissions import check_patient, load_files


class LooksAlike(Refused):
    """Files that could be the same person: `candidates`. Register again with `despite` naming those that were looked at."""

    def __init__(self, candidates: tuple[UUID, ...]) -> None:
        super().__init__(
            "Un dossier ressemble à celui-ci\u00a0: ouvrez-le, ou créez quand même un nouveau dossier.",
            code="duplicate",
        )
        self.candidates = candidates


@action
def register(
    *,
    by: Actor,
    birth_name: str,
    first_given_name: str = "",
    given_names: str = "",
    birth_date: date | None = None,
    birth_date_text: str = "",
    birth_sex: str = "U",
    despite: Collection[UUID] | bool = False,
    **more: Any,
) -> UUID:
    """Open a file. Strict traits as on the identity document; `more` are other AMENDABLE fields.

    Raises LooksAlike with the files that could be the same person, unless `despite` is True or names them all.
    """
    fields = {
        "birth_name": birth_name,
        "first_given_name": first_given_name,
        "given_names": given_names,
        "birth_date": birth_date,
        "birth_date_text": birth_date_text,
        "birth_sex": birth_sex,
        **more,
    }
    check_write(by, Category.IDENTITY, new=True)
    check_fields(by, [name for name, value in more.items() if value and CATEGORY_OF[name] is not Category.IDENTITY])
    values = rules.with_first_name(clean(fields, by=by))
    if not values["birth_name"]:
        raise Refused("Indiquez le nom de naissance\u00a0: c’est lui qui identifie le patient.", code="invalid")
    if despite is not True:
        candidates = tuple(
            lookalikes(values["birth_name"], values["first_given_name"], birth_date, values.get("used_name", ""))
        )
        if set(candidates) - set(despite or ()):
            raise LooksAlike(candidates)
    return Patient.objects.create(opened_by_id=by.member, opened_at=clock.now(), **values).id


def lookalikes(birth_name: str, first_given_name: str, birth: date | None, used_name: str = "") -> list[UUID]:
    """Files that could be the same person, from the index: same name, or same birth date and a close name."""
    iso = birth.isoformat() if birth else ""
    keys = {rules.name_key(name, first_given_name) for name in (birth_name, used_name) if name}
    rows = run(
        "default",
        "SELECT kept, name_key, birth FROM patients_namerow WHERE (birth = ? AND birth <> '')"
        " OR name_key IN (SELECT value FROM json_each(?))",
        iso,
        json.dumps(sorted(keys)),
    ).fetchall()
    return list(
        dict.fromkeys(
            UUID(kept)
            for kept, key, born in rows
            if any(
                rules.alike((mine, iso), (key, born)) and not (mine == key and iso and born and born != iso) for mine in keys
            )
        )
    )


@action
def amend_identity(
    patient: UUID, *, by: Actor, changes: Mapping[str, Any], proof: str = "", seen: Seen | None = None
) -> str:
    """Change fields of the sheet. A typed change of a strict trait takes the INS away and leaves the identity validated
    (`proof` names the document looked at) or provisional. Returns the identity status that follows."""
    categories = check_fields(by, changes)
    values = clean(changes, by=by)
    kept = patient
    for category in sorted(categories):
        kept = check_patient(by, patient, category)
    found = load(kept)
    changed = [name for name, value in values.items() if getattr(found, name) != value]
    for name in changed:
        setattr(found, name, values[name])
    if rules.STRICT_TRAITS & set(changed):
        found.identity_status = rules.status_after_amendment(found.identity_status, changed, proof=proof)
        found.identity_proof = proof if found.identity_status == rules.VALIDATED else ""
        found.identity_checked_on = today() if found.identity_proof else None
        found.ins, found.ins_oid = "", ""
    if "doubtful" in changed or "fictional" in changed:
        if (found.doubtful or found.fictional) and found.identity_status != rules.PROVISIONAL:
            found.identity_status, found.ins, found.ins_oid = rules.PROVISIONAL, "", ""
    # A status that somebody gives on another machine was given to other traits: both then stand, to be settled.
    found.save(seen=seen, again=("identity_status",) if rules.STRICT_TRAITS & set(changed) else ())
    return str(found.identity_status)


@action
def validate_identity(patient: UUID, *, by: Actor, status: str = rules.VALIDATED, proof: str = "") -> None:
    """Set the status that a person may set: validated against a named document, or back to provisional. Raises Refused."""
    found = identity_of(patient, by)
    with typed():
        rules.check_typed_status(status, proof=proof, doubtful=found.doubtful, fictional=found.fictional)
    found.identity_status, found.identity_proof = status, proof if status == rules.VALIDATED else ""
    found.identity_checked_on = today() if found.identity_proof else None
    found.save()


@action
def record_ins(patient: UUID, *, by: Actor, ins: str, oid: str) -> None:
    """Keep a matricule INS that came with a document or was typed: it qualifies nothing, only INSi does (RNIV)."""
    check_write(by, Category.NATIONAL_ID)
    found = load(check_patient(by, patient, Category.NATIONAL_ID))
    if oid not in identifiers.INS_OIDS:
        raise Refused("L’origine de l’INS (OID) est inconnue\u00a0: vérifiez le document.", code="ins")
    if found.identity_status in (rules.RETRIEVED, rules.QUALIFIED):
        raise Refused("L’INS de ce patient vient d’INSi\u00a0: elle ne se saisit plus.", code="ins")
    try:
        found.ins, found.ins_oid = identifiers.check_nir(ins).value, oid
    except identifiers.Invalid as wrong:
        if not by_machine(by):
            raise Refused(str(wrong), code="nir") from None
        found.nir_warning = str(wrong)[:120]
    found.save()


@action
def mark_deceased(patient: UUID, *, by: Actor, on: date | None) -> None:
    """Record the day of death, or None when it had been recorded by mistake."""
    found = identity_of(patient, by)
    if on is not None and (on > today() or (found.birth_date and on < found.birth_date)):
        raise Refused("La date de décès est avant la naissance ou dans l’avenir\u00a0: vérifiez-la.", code="invalid")
    found.deceased_on = on
    found.save()


@action
def set_medecin_traitant(patient: UUID, *, by: Actor, member: UUID | None = None, outside: str = "") -> None:
    """Name the médecin traitant: a member of the practice, or the text that names one outside; neither: none known.

    It opens what is sensitive, so nobody puts themselves in another's place, nor claims a file where others reserved
    something: somebody else records what the patient chose. The choice is the person's: it holds for all their files.
    """
    file = load_files([patient])[patient]
    identity_of(patient, by, trusted=file.protected)
    files = list(Patient.objects.filter(id__in=file.family))
    if by.member is not None and member == by.member and {one.medecin_traitant_id for one in files} - {None, member}:
        raise Refused(
            "Un autre membre est déjà médecin traitant\u00a0: demandez-lui, ou au secrétariat, d’enregistrer le choix "
            "du patient.",
            code="own",
        )
    if member is not None and not may_follow(member):
        raise Refused("Le médecin traitant est un médecin installé au cabinet : choisissez-le dans la liste.", code="invalid")
    if member is not None and member == by.member:
        check_claim(by, patient)
    for one in files:
        one.medecin_traitant_id, one.medecin_traitant_text = member, "" if member else outside.strip()
        one.save()


@action
def set_controller(patient: UUID, *, by: Actor, controller: UUID | None, is_practice: bool = False) -> None:
    """Name who answers for the file (GDPR art. 4.7): a practitioner, or the practice as a structure."""
    found = identity_of(patient, by, trusted=True)
    if controller is not None and controller == by.member:
        check_claim(by, patient)
    found.controller_id, found.controller_is_practice = controller, is_practice
    found.save()


@action
def set_ald(patient: UUID, *, by: Actor, ald: bool | None, text: str | None = None) -> None:
    """Whether the patient has an ALD; `text` names it, and is history: a desk sets the yes or no only."""
    check_write(by, Category.SOCIAL_RIGHTS)
    found = load(check_patient(by, patient, Category.SOCIAL_RIGHTS))
    found.ald = ald
    if text is not None:
        check_write(by, Category.HISTORY)
        check_patient(by, patient, Category.HISTORY)
        found.ald_text = text.strip()
    found.save()
