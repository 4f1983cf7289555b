"""The only ways to change a patient's identity, contacts, links, opposition, protection, and to merge files."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
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
from permanence.patients.models import Alias, Contact, Link, Named, Opposition, Patient
from permanence.patients.permissions import check_patient

Seen = Mapping[str, Collection[bytes]]
CATEGORY_OF = {name: category for category, names in Patient.Journal.categories.items() for name in names}
# Fields with a door of their own are not amended by the sheet.
_APART = frozenset(
    {
        "identity_status",
        "identity_proof",
        "identity_checked_on",
        "ins",
        "ins_oid",
        "nir_warning",
        "protected_kind",
        "sensitive",
        "controller_id",
        "controller_is_practice",
        "medecin_traitant_id",
        "medecin_traitant_text",
        "opened_by_id",
        "opened_at",
        "deceased_on",
        "ald",
        "ald_text",
    }
)
AMENDABLE = frozenset(CATEGORY_OF) - _APART
CONTACT_ROLES = {
    "representant": "Représentant légal",
    "a_prevenir": "Personne à prévenir",
    "confiance": "Personne de confiance",
    "tuteur": "Tuteur ou curateur",
    "autre": "Autre contact",
}
RELATIONS = {
    "mere": "Mère",
    "pere": "Père",
    "enfant": "Enfant",
    "conjoint": "Conjoint",
    "fratrie": "Frère ou sœur",
    "grand_parent": "Grand-parent",
    "petit_enfant": "Petit-enfant",
    "autre": "Autre lien",
}


class LooksAlike(Refused):
    """Files that could be the same person: `candidates`. Register again with `despite` naming those that were looked at."""

    def __init__(self, candidates: tuple[UUID, ...]) -> None:
        super().__init__(
            "Un dossier ressemble à celui-ci\u00a0: ouvrez-le, ou créez quand même un nouveau dossier.",
            code="duplicate",
        )
        self.candidates = candidates


@contextmanager
def _typed() -> Iterator[None]:
    """What the rules refuse becomes a refusal of the door."""
    try:
        yield
    except ValueError as error:
        raise Refused(str(error), code="invalid") from None


def _load(patient: UUID) -> Patient:
    found = Patient.objects.filter(id=patient).first()
    if found is None:
        raise Refused("Ce dossier est introuvable\u00a0: relancez la recherche.", code="unknown")
    return found


def _by_machine(by: Actor) -> bool:
    return by.purpose in ("import", "demo")


def _clean(fields: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """Typed or imported fields as they are stored. Raises Refused; an import keeps a wrong NIR with a warning beside."""
    unknown = set(fields) - AMENDABLE
    if unknown:
        raise TypeError(f"not amended here: {sorted(unknown)}")
    texts = {
        name: value
        for name, value in fields.items()
        if isinstance(value, str) and name not in ("address", "administrative_text")
    }
    clean = {**fields, **rules.completed(texts)}
    with _typed():
        if clean.get("birth_sex", "U") not in rules.SEXES:
            raise ValueError("Indiquer le sexe\u00a0: masculin, féminin ou indéterminé.")
        if (born := clean.get("birth_date")) is not None and not date(1800, 1, 1) <= born <= today():
            raise ValueError("La date de naissance est dans l’avenir ou trop ancienne\u00a0: vérifier l’année.")
        if clean.get("birth_place_insee"):
            clean["birth_place_insee"] = _insee(clean["birth_place_insee"], by)
    for name in ("mobile", "phone"):
        if name in clean:
            clean[name] = phone(clean[name])
    return {**clean, **_nir(clean["nir"], by)} if "nir" in clean else clean


def _insee(code: str, by: Actor) -> str:
    try:
        return identifiers.check_insee_place(code)
    except identifiers.Invalid:
        if _by_machine(by):
            return ""
        raise


def _nir(typed: str, by: Actor) -> dict[str, str]:
    if not typed:
        return {"nir": "", "nir_warning": ""}
    try:
        return {"nir": identifiers.check_nir(typed).value, "nir_warning": ""}
    except identifiers.Invalid as wrong:
        if not _by_machine(by):
            raise Refused(str(wrong), code="nir") from None
        return {"nir": identifiers.compact(typed)[:15], "nir_warning": str(wrong)[:120]}


def phone(typed: str) -> str:
    """A number as it is searched: digits, +33 as 0; what is not a French number stays as typed."""
    digits = "".join(c for c in typed if c.isdigit())
    if typed.strip().startswith(("+33", "0033")):
        digits = "0" + digits[4 if typed.strip().startswith("0033") else 2 :].removeprefix("0")
    return digits if len(digits) == 10 and digits.startswith("0") else typed.strip()


def _check_fields(by: Actor, names: Collection[str], patient: UUID | None = None) -> None:
    for category in sorted({CATEGORY_OF[name] for name in names}):
        check_write(by, category)
        if patient is not None:
            check_patient(by, patient, category)


# -- identity


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
    _check_fields(by, [name for name, value in more.items() if value and CATEGORY_OF[name] is not Category.IDENTITY])
    clean = _clean(fields, by=by)
    if not clean["birth_name"]:
        raise Refused("Indiquez le nom de naissance\u00a0: c’est lui qui identifie le patient.", code="invalid")
    if despite is not True:
        candidates = tuple(
            lookalikes(clean["birth_name"], clean["first_given_name"], birth_date, clean.get("used_name", ""))
        )
        if set(candidates) - set(despite or ()):
            raise LooksAlike(candidates)
    return Patient.objects.create(opened_by_id=by.member, opened_at=clock.now(), **clean).id


def lookalikes(birth_name: str, first_given_name: str, birth: date | None, used_name: str = "") -> list[UUID]:
    """Files that could be the same person, from the index: same name, or same birth date and a close name."""
    iso = birth.isoformat() if birth else ""
    keys = {rules.name_key(name, first_given_name) for name in (birth_name, used_name) if name}
    rows = run(
        "default",
        "SELECT kept, name_key, birth FROM patients_namerow WHERE (birth = ? AND birth <> '')"
        f" OR name_key IN ({','.join('?' * len(keys))})",
        iso,
        *keys,
    ).fetchall()
    return list(
        dict.fromkeys(
            UUID(kept)
            for kept, key, born in rows
            if any(
                rules.alike((mine, iso), (key, born)) and not (mine == key and iso and born and born != iso)
                for mine in keys
            )
        )
    )


@action
def amend_identity(
    patient: UUID, *, by: Actor, changes: Mapping[str, Any], proof: str = "", seen: Seen | None = None
) -> str:
    """Change fields of the sheet. A typed change of a strict trait takes the INS away and leaves the identity validated
    (`proof` names the document looked at) or provisional. Returns the identity status that follows."""
    _check_fields(by, changes, patient)
    found, clean = _load(patient), _clean(changes, by=by)
    changed = [name for name, value in clean.items() if getattr(found, name) != value]
    for name in changed:
        setattr(found, name, clean[name])
    if rules.STRICT_TRAITS & set(changed):
        found.identity_status = rules.status_after_amendment(found.identity_status, changed, proof=proof)
        found.identity_proof = proof if found.identity_status == rules.VALIDATED else ""
        found.identity_checked_on = today() if found.identity_proof else None
        found.ins, found.ins_oid = "", ""
    if "doubtful" in changed or "fictional" in changed:
        if (found.doubtful or found.fictional) and found.identity_status != rules.PROVISIONAL:
            found.identity_status, found.ins, found.ins_oid = rules.PROVISIONAL, "", ""
    found.save(seen=seen)
    return str(found.identity_status)


@action
def validate_identity(patient: UUID, *, by: Actor, status: str = rules.VALIDATED, proof: str = "") -> None:
    """Set the status that a person may set: validated against a named document, or back to provisional. Raises Refused."""
    check_write(by, Category.IDENTITY)
    check_patient(by, patient, Category.IDENTITY)
    found = _load(patient)
    with _typed():
        rules.check_typed_status(status, proof=proof, doubtful=found.doubtful, fictional=found.fictional)
    found.identity_status, found.identity_proof = status, proof if status == rules.VALIDATED else ""
    found.identity_checked_on = today() if found.identity_proof else None
    found.save()


@action
def record_ins(patient: UUID, *, by: Actor, ins: str, oid: str) -> None:
    """Keep a matricule INS that came with a document or was typed: it qualifies nothing, only INSi does (RNIV)."""
    check_write(by, Category.NATIONAL_ID)
    check_patient(by, patient, Category.NATIONAL_ID)
    found = _load(patient)
    if oid not in identifiers.INS_OIDS:
        raise Refused("L’origine de l’INS (OID) est inconnue\u00a0: vérifiez le document.", code="ins")
    if found.identity_status in (rules.RETRIEVED, rules.QUALIFIED):
        raise Refused("L’INS de ce patient vient d’INSi\u00a0: elle ne se saisit plus.", code="ins")
    try:
        found.ins, found.ins_oid = identifiers.check_nir(ins).value, oid
    except identifiers.Invalid as wrong:
        if not _by_machine(by):
            raise Refused(str(wrong), code="nir") from None
        found.nir_warning = str(wrong)[:120]
    found.save()


@action
def mark_deceased(patient: UUID, *, by: Actor, on: date | None) -> None:
    """Record the day of death, or None when it had been recorded by mistake."""
    found = _identity(patient, by)
    if on is not None and (on > today() or (found.birth_date and on < found.birth_date)):
        raise Refused("La date de décès est avant la naissance ou dans l’avenir\u00a0: vérifiez-la.", code="invalid")
    found.deceased_on = on
    found.save()


@action
def set_medecin_traitant(patient: UUID, *, by: Actor, member: UUID | None = None, outside: str = "") -> None:
    """Name the médecin traitant: a member of the practice, or the text that names one outside; neither: none known."""
    found = _identity(patient, by)
    found.medecin_traitant_id, found.medecin_traitant_text = member, "" if member else outside.strip()
    found.save()


@action
def set_controller(patient: UUID, *, by: Actor, controller: UUID | None, is_practice: bool = False) -> None:
    """Name who answers for the file (GDPR art. 4.7): a practitioner, or the practice as a structure."""
    found = _identity(patient, by, trusted=True)
    found.controller_id, found.controller_is_practice = controller, is_practice
    found.save()


@action
def set_ald(patient: UUID, *, by: Actor, ald: bool | None, text: str | None = None) -> None:
    """Whether the patient has an ALD; `text` names it, and is history: a desk sets the yes or no only."""
    check_write(by, Category.SOCIAL_RIGHTS)
    check_patient(by, patient, Category.SOCIAL_RIGHTS)
    found = _load(patient)
    found.ald = ald
    if text is not None:
        check_write(by, Category.HISTORY)
        check_patient(by, patient, Category.HISTORY)
        found.ald_text = text.strip()
    found.save()


def _identity(patient: UUID, by: Actor, *, trusted: bool = False) -> Patient:
    """The file, for a change of identity. `trusted`: in a protected file, by those it is open to only."""
    check_write(by, Category.IDENTITY)
    check_patient(by, patient, Category.IDENTITY)
    if trusted:
        check_write(by, Category.NOTES)
        check_patient(by, patient, Category.NOTES)
    return _load(patient)


# -- protection and opposition


@action
def set_protection(
    patient: UUID, *, by: Actor, kind: str, sensitive: bool = False, named: Collection[UUID] = ()
) -> None:
    """Protect a file (member of staff, relative, known person) or open it again; `named` may read it beside the médecin
    traitant. Who protects it without being one of them is named too, so that nobody locks themselves out unawares."""
    if kind not in rules.PROTECTED_KINDS:
        raise Refused("Choisissez pourquoi ce dossier est protégé.", code="invalid")
    found = _identity(patient, by, trusted=True)
    found.protected_kind, found.sensitive = kind, sensitive
    found.save()
    wanted = set(named)
    if (kind or sensitive) and by.member and by.member not in (found.medecin_traitant_id, found.controller_id):
        wanted.add(by.member)
    for row in Named.objects.filter(patient_id=patient, removed=False):
        if row.member_id not in wanted:
            row.removed = True
            row.save()
        wanted.discard(row.member_id)
    for member in sorted(wanted):
        Named.objects.create(patient_id=patient, member_id=member)


@action
def object_to_sharing(
    patient: UUID, *, by: Actor, member: UUID | None = None, profession: str = "", everyone: bool = False
) -> UUID:
    """Record the patient's objection (CSP L.1110-4, IV) to one member, one profession, or everyone but the doctors."""
    _identity(patient, by)
    if [member is not None, bool(profession), everyone].count(True) != 1:
        raise Refused(
            "Indiquez à qui le patient s’oppose\u00a0: une personne, une profession, ou tous.", code="invalid"
        )
    return Opposition.objects.create(
        patient_id=patient, member_id=member, profession=profession, everyone=everyone, since=today()
    ).id


@action
def lift_opposition(opposition: UUID, *, by: Actor) -> None:
    """The patient takes the objection back. The member it names cannot lift it for the patient. Raises Refused."""
    found = Opposition.objects.filter(id=opposition).first()
    if found is None:
        raise Refused("Cette opposition est introuvable\u00a0: actualisez la page.", code="unknown")
    _identity(found.patient_id, by)
    if by.member is not None and found.member_id == by.member:
        raise Refused(
            "Cette opposition vous concerne\u00a0: une autre personne doit recueillir le nouvel accord du patient.",
            code="opposition",
        )
    found.lifted = True
    found.save()


# -- people around, links


@action
def add_contact(
    patient: UUID,
    *,
    by: Actor,
    role: str,
    name: str,
    relation: str = "",
    phone_number: str = "",
    email: str = "",
    note: str = "",
) -> UUID:
    """A legal representative, a person to warn, the personne de confiance (CSP L.1111-6)."""
    check_write(by, Category.CONTACT)
    patient = check_patient(by, patient, Category.CONTACT)
    _check_contact(role, name)
    return Contact.objects.create(
        patient_id=patient,
        role=role,
        name=name.strip(),
        relation=relation.strip(),
        phone=phone(phone_number),
        email=email.strip(),
        note=note.strip(),
    ).id


@action
def edit_contact(contact: UUID, *, by: Actor, changes: Mapping[str, str], seen: Seen | None = None) -> None:
    """Change role, name, relation, phone, email or note; editing brings a removed contact back."""
    found = Contact.objects.filter(id=contact).first()
    if found is None or set(changes) - {"role", "name", "relation", "phone", "email", "note"}:
        raise Refused("Ce contact est introuvable\u00a0: actualisez la page.", code="unknown")
    check_write(by, Category.CONTACT)
    check_patient(by, found.patient_id, Category.CONTACT)
    _check_contact(changes.get("role", found.role), changes.get("name", found.name))
    for field, value in changes.items():
        setattr(found, field, phone(value) if field == "phone" else value.strip())
    found.removed = False
    found.save(seen=seen)


@action
def remove_contact(contact: UUID, *, by: Actor) -> None:
    """Take a contact off the sheet; it stays in the history."""
    found = Contact.objects.filter(id=contact).first()
    if found is None:
        return
    check_write(by, Category.CONTACT)
    check_patient(by, found.patient_id, Category.CONTACT)
    found.removed = True
    found.save()


def _check_contact(role: str, name: str) -> None:
    if role not in CONTACT_ROLES or not name.strip():
        raise Refused("Indiquez le nom et le rôle de cette personne.", code="invalid")


@action
def link(patient: UUID, *, by: Actor, other: UUID, relation: str) -> UUID:
    """Tie two files of one family. `relation` is what `other` is to `patient`. It opens nothing by itself."""
    check_write(by, Category.FAMILY_LINKS)
    for one in (patient, other):
        check_patient(by, one, Category.FAMILY_LINKS)
    if patient == other or relation not in RELATIONS:
        raise Refused("Choisissez un autre dossier et le lien de parenté.", code="invalid")
    for found in Link.objects.filter(patient_id=patient, other_id=other):
        found.relation, found.removed = relation, False
        found.save()
        return UUID(str(found.id))
    return Link.objects.create(patient_id=patient, other_id=other, relation=relation).id


@action
def unlink(link_id: UUID, *, by: Actor) -> None:
    """Untie two files; the tie stays in the history."""
    found = Link.objects.filter(id=link_id).first()
    if found is None:
        return
    check_write(by, Category.FAMILY_LINKS)
    check_patient(by, found.patient_id, Category.FAMILY_LINKS)
    found.removed = True
    found.save()


# -- merging


@action
def merge(kept: UUID, *, by: Actor, merged: UUID, reason: str = "") -> UUID:
    """Read two files of one person as one, `kept` being shown. Nothing moves, so `unmerge` gives both back. Returns the alias."""
    check_write(by, Category.IDENTITY)
    kept, merged = (check_patient(by, one, Category.IDENTITY) for one in (kept, merged))
    for one in (kept, merged):
        check_patient(by, one, Category.NOTES)  # who may not read one of them would read it through the other
    if kept == merged:
        raise Refused("Ces deux dossiers sont déjà réunis.", code="merged")
    return Alias.objects.create(
        patient_id=kept, merged_id=merged, by_id=by.member, at=clock.now(), reason=reason.strip()
    ).id


@action
def unmerge(alias: UUID, *, by: Actor) -> None:
    """Give two merged files back as they were; what was written meanwhile stays in the kept one."""
    found = Alias.objects.filter(id=alias).first()
    if found is None:
        raise Refused("Cette fusion est introuvable\u00a0: actualisez la page.", code="unknown")
    check_write(by, Category.IDENTITY)
    check_patient(by, found.patient_id, Category.IDENTITY)
    found.undone, found.undone_by_id, found.undone_at = True, by.member, clock.now()
    found.save()
