"""One's own drafts. Nobody reads another's; a draft about a patient counts as read, a list of them as listed."""

from uuid import UUID

from permanence.consultations.models import Draft
from permanence.consultations.queries.sources import fetch
from permanence.consultations.queries.views import DraftRow
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader
from permanence.patients import queries as patients
from permanence.patients.permissions import family_of


def drafts_of(patient: UUID, *, reader: Reader) -> list[DraftRow]:
    """This reader's drafts about one patient, newest first; several when two windows disagreed."""
    found = fetch(("draft",), family_of(patient, reader=reader), reader=reader)
    return sorted(found.rows["draft"], key=lambda draft: draft.updated_at, reverse=True)


def draft(patient: UUID, *, reader: Reader) -> DraftRow | None:
    """The newest of them."""
    return next(iter(drafts_of(patient, reader=reader)), None)


def drafts(*, reader: Reader, limit: int = 50) -> list[tuple[patients.Row, UUID, str]]:
    """All this reader's drafts as (patient's row, draft id, when as ISO text), newest first; their texts stay closed."""
    if reader.actor.member is None:
        return []
    heads = (
        Draft.objects.filter(author_id=reader.actor.member, discarded_at=None)
        .order_by("-updated_at")
        .values_list("id", "patient_id", "updated_at")[:limit]
    )
    asks = [Ask(patient, Category.NOTES, id, reader.actor.member) for id, patient, _ in heads]
    admitted = reader.admit_objects(asks, level=Level.LISTED) if asks else set()
    shown = {row.patient: row for row in patients.rows(list(dict.fromkeys(ask.patient for ask in asks)), reader=reader)}
    return [(shown[patient], id, at.isoformat()) for id, patient, at in heads if id in admitted and patient in shown]
