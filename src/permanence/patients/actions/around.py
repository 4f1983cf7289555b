"""People around the patient: contacts, and family links that open nothing."""

from collections.abc import Mapping
from uuid import UUID

from permanence.accounts.permissions import check_write
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.patients.actions.common import Seen, phone
from permanence.patients.models import Contact, Link
from permanence.patients.permissions import check_patient

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
