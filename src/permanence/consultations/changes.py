"""What consultations declare to the journal: the drafts that go with an erased patient."""

from uuid import UUID

from permanence.journal.registry import eraser
from permanence.lib.sqlcipher import run


@eraser
def delete_drafts(patient: UUID) -> None:
    """Everybody's drafts about an erased patient."""
    run("default", "DELETE FROM consultations_draft WHERE patient_id = ?", patient.hex)
