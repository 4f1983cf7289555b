"""What handovers declare to the journal: why a file is opened, what goes with an erased patient, what open screens hear."""

from datetime import timedelta
from uuid import UUID

from permanence.accounts.permissions import today
from permanence.journal.registry import eraser, explains, live, typing, withhold
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.lib.sqlcipher.compiled import stored
from permanence.patients.permissions import FAMILY

STILL = timedelta(days=30)  # a return note explains the files it names for a month
withhold("handover.handover")  # the patients of one who was away, all in one text
live("handover.handover", "handover")
live("handover.receipt", "handover")

# Something of this person's file was done by who signed a note for this member (or for whom they replace), in the days it tells.
_RETURNED = (
    " FROM handover_handover h WHERE h.recipient_id IN (SELECT ?2 UNION SELECT of_id FROM accounts_member"
    " WHERE id = ?2 AND status = 'remplacant') AND h.signed_at >= ?3"
)
_DID = (
    ("consultations_note", "x.author_id", "x.signed_at"),
    ("consultations_treatment", "x.changed_by_id", "x.changed_at"),
    ("prescriptions_prescription", "x.author_id", "x.signed_at"),
    ("documents_letter", "x.author_id", "x.signed_at"),
    ("consultations_vaccination", "x.author_id", "x.recorded_at"),
    ("tasks_task", "x.requester_id", "x.authored_on"),
)
_WHY = (
    FAMILY.replace("?", "?1", 1)  # noqa: S608 -- fixed text
    + f", notes(author, since, until) AS (SELECT h.author_id, h.since, h.signed_at{_RETURNED})"
    + " SELECT 1 FROM family f CROSS JOIN handover_flag g ON g.patient_id = f.id AND g.status = 'active'"  # noqa: S608
    " WHERE EXISTS (SELECT 1 FROM accounts_member m WHERE m.id = g.replacement_id AND m.id = ?2 AND m.until >= ?5)"
    " OR EXISTS (SELECT 1 FROM agenda_absence a WHERE a.id = g.replacement_id"
    " AND a.replacement_id = ?2 AND a.removed = 0 AND a.\"end\" >= ?4)"
    " UNION ALL SELECT 1 FROM family f CROSS JOIN handover_annotation n ON n.patient_id = f.id"
    f" JOIN handover_handover h ON h.id = n.handover_id{_RETURNED.replace(' FROM handover_handover h WHERE', ' WHERE')}"
    + "".join(
        f" UNION ALL SELECT 1 FROM family f CROSS JOIN {table} x ON x.patient_id = f.id"  # noqa: S608
        f" JOIN notes h ON h.author = {author} AND {at} >= h.since AND {at} <= h.until"
        for table, author, at in _DID
    )
    + " LIMIT 1"
)


@explains("handover")
def handed_over(member: UUID, patient: UUID) -> bool:
    """This person is in a return note written to this member lately, or was chosen by hand for who replaces now."""
    now = clock.now()
    values = f'["{patient.hex}"]', member.hex, stored(now - STILL), stored(now), f"{today()}"
    return run("default", _WHY, *values).fetchone() is not None


@typing
def is_typed(patient: UUID) -> bool:
    """A line of a return note that is not signed yet."""
    return run("default", "SELECT 1 FROM handover_draftline WHERE patient_id = ? LIMIT 1", patient.hex).fetchone() is not None


@eraser
def delete_drafts(patient: UUID) -> None:
    """What was being typed about an erased patient."""
    run("default", "DELETE FROM handover_draftline WHERE patient_id = ?", patient.hex)
