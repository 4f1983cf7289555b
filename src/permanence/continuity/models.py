"""Tables of the kit: its key, the log of what was written, printed and destroyed, and what became of each numbered form."""

from typing import ClassVar

from django.db import models

from permanence.journal.categories import Category, Scope
from permanence.journal.journaled import JournaledModel


class KitKey(JournaledModel):
    """The key that evening kits are encrypted with, derived from a phrase that is printed once and kept nowhere."""

    salt = models.BinaryField(null=True)
    iterations = models.IntegerField(default=0)
    key = models.BinaryField(null=True)
    made_at = models.DateTimeField(null=True)
    made_by_id = models.UUIDField(null=True)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        append_only = True
        categories: ClassVar = {Category.PROFESSIONAL: ("salt", "iterations", "key", "made_at", "made_by_id")}

    def __str__(self) -> str:
        return str(self.id)


class KitCopy(JournaledModel):
    """One kit that left the screen: an encrypted file or sheets of paper, for which days, and when the sheets were destroyed."""

    medium = models.CharField(max_length=10, default="")  # file, paper
    made_at = models.DateTimeField(null=True)
    made_by_id = models.UUIDField(null=True)  # null: the evening's own task
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    patients = models.IntegerField(default=0)
    first_form = models.IntegerField(default=0)
    forms = models.IntegerField(default=0)
    prefix = models.CharField(max_length=10, default="", blank=True)  # of its forms' numbers; empty: before it was kept
    kinds = models.JSONField(default=list)  # [[kind, count], ...] in the order of the numbers
    file_name = models.CharField(max_length=200, default="", blank=True)
    destroyed_at = models.DateTimeField(null=True)
    destroyed_by_id = models.UUIDField(null=True)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        categories: ClassVar = {
            Category.APPOINTMENTS: (
                "medium",
                "made_at",
                "made_by_id",
                "first_day",
                "last_day",
                "patients",
                "first_form",
                "forms",
                "prefix",
                "kinds",
                "file_name",
                "destroyed_at",
                "destroyed_by_id",
            )
        }

    def __str__(self) -> str:
        return str(self.id)


class PlanAnswer(JournaledModel):
    """What the practice filled in of its continuity plan. Its id follows from the key: two machines mean the same row."""

    key = models.CharField(max_length=40, default="", blank=True)
    text = models.CharField(max_length=400, default="", blank=True)
    changed_at = models.DateTimeField(null=True)
    changed_by_id = models.UUIDField(null=True)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        categories: ClassVar = {Category.PROFESSIONAL: ("key", "text", "changed_at", "changed_by_id")}

    def __str__(self) -> str:
        return str(self.key)


class FormReturn(JournaledModel):
    """Something said of one numbered form. It names no patient: whose it was is in that patient's own file (`CaughtUp`)."""

    number = models.CharField(max_length=30, default="", blank=True, db_index=True)
    kind = models.CharField(max_length=20, default="", blank=True)
    copy_id = models.UUIDField(null=True, db_index=True)
    outcome = models.CharField(max_length=10, default="", blank=True)  # filed, joined, void, unused
    reason = models.CharField(max_length=200, default="", blank=True)
    at = models.DateTimeField(null=True)
    by_id = models.UUIDField(null=True)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        append_only = True
        categories: ClassVar = {Category.APPOINTMENTS: ("number", "kind", "copy_id", "outcome", "reason", "at", "by_id")}

    def __str__(self) -> str:
        return str(self.id)


class CaughtUp(JournaledModel):
    """What a paper form became in a file: typed afterwards, back-dated, with the scan beside. `written_*`: by the pen."""

    patient_id = models.UUIDField(db_index=True)
    number = models.CharField(max_length=30, default="", blank=True, db_index=True)
    kind = models.CharField(max_length=20, default="", blank=True)
    target = models.CharField(max_length=20, default="", blank=True)  # note, prescription, patient; document: the scan alone
    target_id = models.UUIDField(null=True)
    document_id = models.UUIDField(null=True)
    written_at = models.DateTimeField(null=True)
    written_by_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)
    by_id = models.UUIDField(null=True)

    class Journal(JournaledModel.Journal):
        append_only = True
        categories: ClassVar = {
            Category.DOCUMENTS: (
                "patient_id",
                "number",
                "kind",
                "target",
                "target_id",
                "document_id",
                "written_at",
                "written_by_id",
                "at",
                "by_id",
            )
        }

    def __str__(self) -> str:
        return str(self.id)


class Exercise(JournaledModel):
    """An exercise of a cut: a list gone through, or a machine that stood alone on purpose for some minutes. It names no patient."""

    kind = models.CharField(max_length=10, default="", blank=True)  # list, cut
    replica_id = models.UUIDField(null=True)
    by_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)  # planned
    ended_at = models.DateTimeField(null=True)
    checks = models.JSONField(default=list)  # [[what, true, false or null, detail], ...]
    came_in = models.JSONField(default=list)  # members who signed in meanwhile
    written = models.IntegerField(default=0)  # entries of this machine meanwhile
    received = models.IntegerField(default=0)  # entries of others that came afterwards
    copies_equal = models.BooleanField(null=True)  # every machine that came back holds what this one holds; null: none came back yet

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        categories: ClassVar = {
            Category.PROFESSIONAL: (
                "kind", "replica_id", "by_id", "at", "until", "ended_at", "checks", "came_in", "written", "received", "copies_equal")
        }

    def __str__(self) -> str:
        return str(self.id)


class ScannedPage(JournaledModel):
    """A scanned page that waits for its patient. `number`: the form that it is of; empty: its code could not be read, and nobody said.

    `removed`: it is in a file now. `dropped_as`: the number it had for who said that it is no form; another number given meanwhile wins.
    """

    number = models.CharField(max_length=30, default="", blank=True, db_index=True)
    by_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)
    removed = models.BooleanField(default=False)
    dropped_as = models.CharField(max_length=30, null=True, blank=True)
    blob_hash = models.BinaryField(null=True)
    blob_key = models.BinaryField(null=True)
    size = models.IntegerField(default=0)
    sha256 = models.CharField(max_length=64, default="", blank=True)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        categories: ClassVar = {
            Category.APPOINTMENTS: ("number", "by_id", "at", "removed", "dropped_as"),
            Category.DOCUMENTS: ("blob_hash", "blob_key", "size", "sha256"),
        }

    def __str__(self) -> str:
        return str(self.id)


def pages() -> models.QuerySet[ScannedPage]:
    """Those that wait: not in a file, not put away, and whose bytes somebody can still open."""
    return ScannedPage.objects.filter(removed=False, blob_hash__isnull=False).exclude(dropped_as=models.F("number"))
