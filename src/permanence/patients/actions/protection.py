"""Protecting a file, and the patient's opposition to sharing."""

from collections.abc import Collection
from uuid import UUID

from permanence.accounts.permissions import can_write, standing_of, today
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.patients import rules
from permanence.patients.actions.claims import check_claim
from permanence.patients.actions.common import identity_of
from permanence.patients.models import Named, Opposition
from permanence.patients.permissions import load_files


@action
def set_protection(patient: UUID, *, by: Actor, kind: str, sensitive: bool = False, named: Collection[UUID] = ()) -> None:
    """Protect a file (member of staff, relative, known person) or open it again; `named` may read it beside the médecin
    traitant. Who protects it without being one of them is named too, so that nobody locks themselves out unawares."""
    if kind not in rules.PROTECTED_KINDS:
        raise Refused("Choisissez pourquoi ce dossier est protégé.", code="invalid")
    found = identity_of(patient, by, trusted=True)
    wanted = set(named)
    if (kind or sensitive) and by.member and by.member not in (found.medecin_traitant_id, found.controller_id):
        wanted.add(by.member)
    if by.member in wanted:
        check_claim(by, patient)
    found.protected_kind, found.sensitive = kind, sensitive
    found.save()
    family = load_files([patient])[patient].family  # who is not named any more is named in none of the person's files
    for row in Named.objects.filter(patient_id__in=family, removed=False):
        if row.member_id not in wanted:
            row.removed = True
            row.save()
        wanted.discard(row.member_id)
    for member in sorted(wanted):
        Named.objects.create(patient_id=found.id, member_id=member)


@action
def object_to_sharing(
    patient: UUID, *, by: Actor, member: UUID | None = None, profession: str = "", everyone: bool = False
) -> UUID:
    """Record the patient's objection (CSP L.1110-4, IV) to one member, one profession, or everyone but the doctors."""
    kept = identity_of(patient, by).id
    if [member is not None, bool(profession), everyone].count(True) != 1:
        raise Refused("Indiquez à qui le patient s’oppose\u00a0: une personne, une profession, ou tous.", code="invalid")
    return Opposition.objects.create(
        patient_id=kept, member_id=member, profession=profession, everyone=everyone, since=today()
    ).id


@action
def lift_opposition(opposition: UUID, *, by: Actor) -> None:
    """The patient takes the objection back. Who would read again by it cannot lift it for them. Raises Refused."""
    found = Opposition.objects.filter(id=opposition).first()
    if found is None:
        raise Refused("Cette opposition est introuvable\u00a0: actualisez la page.", code="unknown")
    identity_of(found.patient_id, by)
    if _gains(by, found):
        raise Refused(
            "Cette opposition vous concerne\u00a0: une autre personne doit recueillir le nouvel accord du patient.",
            code="opposition",
        )
    found.lifted = True
    found.save()


def _gains(by: Actor, opposition: Opposition) -> bool:
    """Whether lifting this opposition opens care data to who lifts it."""
    if by.member is None or opposition.member_id == by.member:
        return by.member is not None
    covered = opposition.everyone or opposition.profession == str(standing_of(by.member).profession or "")
    trusted = load_files([opposition.patient_id])[opposition.patient_id].trusts(by.member)
    return covered and not trusted and can_write(by, Category.NOTES, new=True)
