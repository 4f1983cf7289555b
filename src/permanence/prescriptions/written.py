"""Heads of what was signed, whoever may see it, without a word of it: what this room's doors judge before anything is read."""

from uuid import UUID

from django.db.models import Q

from permanence.journal.categories import Category
from permanence.journal.doors import Ask
from permanence.journal.written import Head
from permanence.prescriptions.models import Prescription

KIND = "prescription"


def ask_of(head: tuple[UUID, UUID, UUID | None, UUID | None, bool, bool], me: UUID | None) -> Ask:
    """An order is one's own to who signed it and to who carries it out."""
    id, patient, author, addressee, sensitive, minor = head
    mine = addressee is not None and addressee == me
    return Ask(patient, Category.PRESCRIPTIONS, id, addressee if mine else author, sensitive, minor)


def heads(where: Q, me: UUID | None) -> list[Head]:
    """What was signed, `me` being who asks."""
    rows = Prescription.objects.filter(where).values_list("id", "patient_id", "author_id", "addressee_id", "sensitive", "minor_secret",
                                                          "signed_at")  # fmt: skip
    return [Head(KIND, ask_of(row[:6], me), row[6], row[2]) for row in rows]
