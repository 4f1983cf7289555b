"""Tables of a replacement's two ends. Words about a patient are sealed under that patient's key; the note itself holds ids only."""

import uuid
from typing import ClassVar

from django.db import models

from permanence.journal.categories import Category, Scope
from permanence.journal.journaled import JournaledModel


class Flag(JournaledModel):
    """What the replaced doctor decided about one patient of « les dix »: FHIR Flag. One row for a replacement and a patient.

    `status`: active (chosen by hand), inactive (left out by hand), entered-in-error (neither: the rules decide again).
    """

    patient_id = models.UUIDField(db_index=True)
    replacement_id = models.UUIDField(null=True, db_index=True)
    author_id = models.UUIDField(null=True)
    status = models.CharField(max_length=20, default="active")
    text = models.TextField(default="", blank=True)
    place = models.IntegerField(default=0)
    recorded_at = models.DateTimeField(null=True)
    sensitive = models.BooleanField(default=False)
    minor_secret = models.BooleanField(default=False)

    class Journal(JournaledModel.Journal):
        categories: ClassVar = {
            Category.NOTES: (
                "patient_id",
                "replacement_id",
                "author_id",
                "status",
                "text",
                "place",
                "recorded_at",
                "sensitive",
                "minor_secret",
            )
        }

    def __str__(self) -> str:
        return str(self.id)


class Handover(JournaledModel):
    """A signed return note: from whom, to whom, of which days. `refs` are (kind, object, verb): what each object says is read
    from the object itself, with the rights of who reads. A correction is another one, of what came after `signed_at`."""

    replacement_id = models.UUIDField(null=True)
    author_id = models.UUIDField(null=True)
    recipient_id = models.UUIDField(null=True)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    since = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    refs = models.JSONField(default=list)
    patients = models.IntegerField(default=0)
    text = models.TextField(default="", blank=True)  # « le mot de la fin »

    class Meta(JournaledModel.Meta):
        indexes: ClassVar = [models.Index(fields=["recipient_id", "signed_at"], name="handover_recipient")]

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        append_only = True
        categories: ClassVar = {
            Category.MESSAGES: (
                "replacement_id",
                "author_id",
                "recipient_id",
                "first_day",
                "last_day",
                "since",
                "signed_at",
                "refs",
                "patients",
                "text",
            )
        }

    def __str__(self) -> str:
        return str(self.id)


class Annotation(JournaledModel):
    """The sentence that its author added to a patient's line (FHIR Annotation). It is reserved as the most reserved thing beside it."""

    patient_id = models.UUIDField(db_index=True)
    handover_id = models.UUIDField(null=True, db_index=True)
    author_id = models.UUIDField(null=True)
    text = models.TextField(default="", blank=True)
    at = models.DateTimeField(null=True)
    sensitive = models.BooleanField(default=False)
    minor_secret = models.BooleanField(default=False)

    class Journal(JournaledModel.Journal):
        append_only = True
        categories: ClassVar = {Category.NOTES: ("patient_id", "handover_id", "author_id", "text", "at", "sensitive", "minor_secret")}

    def __str__(self) -> str:
        return str(self.id)


class Receipt(JournaledModel):
    """That a member has read a return note: ids and an instant."""

    handover_id = models.UUIDField(null=True, db_index=True)
    member_id = models.UUIDField(null=True)
    read_at = models.DateTimeField(null=True)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        append_only = True
        categories: ClassVar = {Category.MESSAGES: ("handover_id", "member_id", "read_at")}

    def __str__(self) -> str:
        return str(self.id)


class DraftLine(models.Model):
    """What is being typed for a return note: a plain row of this replica for each line touched; without a patient, the last word."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    replacement_id = models.UUIDField(db_index=True)
    author_id = models.UUIDField()
    patient_id = models.UUIDField(null=True, db_index=True)
    left_out = models.BooleanField(default=False)
    text = models.TextField(default="", blank=True)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)
