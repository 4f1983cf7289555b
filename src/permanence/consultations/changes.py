"""What consultations declare to the journal: the drafts that go with an erased patient, the acts that explain an open."""

from datetime import timedelta
from uuid import UUID

from permanence.consultations.actions.drafts import KEPT_AFTER_DISCARD
from permanence.journal.registry import eraser, explains, live, typing
from permanence.lib import clock
from permanence.lib.sqlcipher import run

RECENT = timedelta(days=30)


@eraser
def delete_drafts(patient: UUID) -> None:
    """Everybody's drafts about an erased patient."""
    run("default", "DELETE FROM consultations_draft WHERE patient_id = ?", patient.hex)


@typing
def is_typed(patient: UUID) -> bool:
    """Somebody's draft, also one that was put away and may still be brought back."""
    since = (clock.now() - KEPT_AFTER_DISCARD).strftime("%Y-%m-%d %H:%M:%S")
    return run("default", "SELECT 1 FROM consultations_draft WHERE patient_id = ? AND (discarded_at IS NULL OR discarded_at >= ?) LIMIT 1",
               patient.hex, since).fetchone() is not None  # fmt: skip


@explains("recent_act")
def has_acted(member: UUID, patient: UUID) -> bool:
    """They signed a note here in the last thirty days, or are writing one."""
    since = (clock.now() - RECENT).strftime("%Y-%m-%d %H:%M:%S")
    return run("default", "SELECT 1 FROM consultations_note WHERE patient_id = ? AND author_id = ? AND signed_at >= ?"
               " UNION ALL SELECT 1 FROM consultations_draft WHERE patient_id = ? AND author_id = ? LIMIT 1",
               patient.hex, member.hex, since, patient.hex, member.hex).fetchone() is not None


@explains("countersign")
def waits_for_countersignature(member: UUID, patient: UUID) -> bool:
    """An interne signed a note in this file under this member, who has not countersigned it yet."""
    return run(
        "default",
        "SELECT 1 FROM consultations_note n WHERE n.patient_id = ? AND +n.signatory_id = ? AND n.author_id <> n.signatory_id"
        " AND NOT EXISTS (SELECT 1 FROM consultations_countersignature s WHERE s.note_id = n.id) LIMIT 1",
        patient.hex,
        member.hex,
    ).fetchone() is not None


live("consultations.note", "notes")
live("consultations.countersignature", "notes")
