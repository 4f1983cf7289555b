"""What waits for a member: their drafts, and what their internes signed; texts closed, all counted as listed."""

import datetime
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from permanence.consultations.models import Countersignature, Draft, Note
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader
from permanence.lib.sqlcipher.compiled import Compiled, Param

MOST_WAITING = 12
_waiting = Compiled(
    lambda: (
        Note.objects.filter(signatory_id=Param("me"))
        .filter(~Q(author_id=F("signatory_id")))
        .exclude(Exists(Countersignature.objects.filter(note_id=OuterRef("id"))))
        .order_by("signed_at")
        .values_list("id", "patient_id", "author_id", "sensitive", "minor_secret", "signed_at")[:MOST_WAITING]
    )
)


class DraftHead(NamedTuple):
    """A note being typed: whose file, which draft, when."""

    patient: UUID
    draft: UUID
    at: datetime.datetime


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A note that waits for this reader's countersignature; its words stay closed."""

    note: UUID
    patient: UUID
    signed_at: datetime.datetime | None
    author_id: UUID | None


def drafts(*, reader: Reader, limit: int = 50) -> list[DraftHead]:
    """All this reader's drafts, newest first; their texts stay closed."""
    me = reader.actor.member
    if me is None:
        return []
    found = Draft.objects.filter(author_id=me, discarded_at=None).order_by("-updated_at").values_list("patient_id", "id", "updated_at")
    heads = [DraftHead(*values) for values in found[:limit]]
    admitted = _listed([Ask(head.patient, Category.NOTES, head.draft, me) for head in heads], reader)
    return [head for head in heads if head.draft in admitted]


def to_countersign(*, reader: Reader) -> list[WaitingRow]:
    """What internes signed under this reader and that waits, the oldest first, twelve at most.

    What the reader may not see (a sensitive note of somebody else's patient) is not shown.
    """
    if reader.actor.member is None:
        return []
    found = _waiting.rows(me=reader.actor.member)
    admitted = _listed([Ask(patient, Category.NOTES, id, author, *secret) for id, patient, author, *secret, _ in found], reader)
    return [WaitingRow(id, patient, at, author) for id, patient, author, _, _, at in found if id in admitted]


def _listed(asks: list[Ask], reader: Reader) -> set[UUID]:
    return reader.admit_objects(asks, level=Level.LISTED) if asks else set()
