"""What two machines of the fictional practice wrote without hearing each other: a reaction, a telephone number, a posology."""

from collections.abc import Mapping
from uuid import UUID

from permanence.consultations import actions as consultations
from permanence.demo.rows import patient_id
from permanence.journal import chain
from permanence.journal.doors import Actor
from permanence.patients import actions as patients

PATIENT = 2  # whose file it is


def live(count: int, members: Mapping[str, UUID]) -> None:
    """Twice each, the second hand not having seen the first. `count`: patients of the practice."""
    if count <= PATIENT:
        return
    moreau, benali, sophie = (Actor(members[name], assurance="demo") for name in ("moreau", "benali", "sophie"))
    patient = patient_id(PATIENT)
    line = consultations.add_allergy(patient, by=moreau, fields={"substance": "Pénicilline", "reaction": "Urticaire"})
    before = _standing(line)
    consultations.edit_allergy(line, by=moreau, fields={"substance": "Pénicilline", "reaction": "Œdème du visage", "severity": "severe"})
    consultations.edit_allergy(line, by=benali, fields={"substance": "Pénicilline", "reaction": "Choc, réanimation"}, seen=before)
    before = _standing(patient)
    for by, mobile in ((sophie, "0639981201"), (moreau, "0639981210")):
        patients.amend_identity(patient, by=by, changes={"mobile": mobile}, seen=before)
    drug = consultations.add_treatment(
        patient, by=moreau, fields={"label": "COUMADINE 5 mg, comprimé", "dci": "Warfarine", "posology": "1 le soir"}
    )
    before = _standing(drug)
    consultations.remove_line("treatment", drug, by=benali)
    consultations.edit_treatment(
        drug, by=moreau, fields={"label": "COUMADINE 5 mg, comprimé", "posology": "1 le soir, 1,5 le lundi"}, seen=before
    )


def _standing(object: UUID) -> dict[str, list[bytes]]:
    """Per field, what stood when both hands began."""
    return {name: list(register.live) for name, register in chain.load_state(object.bytes).items()}
