"""Tables of imports: what each one did to a file, and where each imported item comes from."""

from typing import Any, ClassVar

from django.db import models

from permanence.journal.categories import Category
from permanence.journal.journaled import JournaledModel


def text(length: int = 200) -> "models.CharField[Any, Any]":
    """A short text that may be empty."""
    return models.CharField(max_length=length, default="", blank=True)


class Import(JournaledModel):
    """One import of one document into one file: shown again as often as wanted, never changed."""

    patient_id = models.UUIDField(db_index=True)
    document_id = models.UUIDField(null=True)
    status = text(20)
    sentence = models.TextField(default="", blank=True)
    file_name = text()
    sha256 = models.CharField(max_length=64, default="", blank=True, db_index=True)  # of the original bytes
    size = models.IntegerField(default=0)
    kind = text()
    title = text()
    series = text(300)  # setId, or the document's own id
    version = models.IntegerField(default=0)
    effective = text(30)
    source = text()  # who made the document, as it says
    patient_created = models.BooleanField(default=False)
    by_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)
    added = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    already = models.IntegerField(default=0)
    details = models.JSONField(default=dict)  # lines, warnings, differences, unmapped: see `rules.Details`
    sensitive = models.BooleanField(default=False)
    minor_secret = models.BooleanField(default=False)

    class Journal(JournaledModel.Journal):
        append_only = True
        categories: ClassVar = {
            Category.DOCUMENTS: (
                "patient_id",
                "document_id",
                "status",
                "sentence",
                "file_name",
                "sha256",
                "size",
                "kind",
                "title",
                "series",
                "version",
                "effective",
                "source",
                "patient_created",
                "by_id",
                "at",
                "added",
                "updated",
                "already",
                "details",
                "sensitive",
                "minor_secret",
            )
        }

    def __str__(self) -> str:
        return str(self.id)


class Origin(JournaledModel):
    """Where an imported item comes from: its id is derived from the file, the document's series and the entry's key.

    `content` is a hash of what was imported: equal, a newer version says the same. `revision` is the line's own as we left
    it: another one means that a person changed it since, and then it is theirs; None: the line was never ours.
    """

    patient_id = models.UUIDField(db_index=True)
    import_id = models.UUIDField(null=True)
    document_id = models.UUIDField(null=True)
    series = text(300)
    key = text(300)
    kind = text(20)
    object_id = models.UUIDField(null=True, db_index=True)
    content = text(64)
    revision = models.UUIDField(null=True)
    version = models.IntegerField(default=0)

    class Journal(JournaledModel.Journal):
        categories: ClassVar = {
            Category.DOCUMENTS: (
                "patient_id",
                "import_id",
                "document_id",
                "series",
                "key",
                "kind",
                "object_id",
                "content",
                "revision",
                "version",
            )
        }

    def __str__(self) -> str:
        return str(self.id)
