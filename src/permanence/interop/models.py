"""Tables of imports: what each did to a file, where each imported item comes from, and what moving in keeps of its runs."""

from typing import Any, ClassVar

from django.db import models

from permanence.journal.categories import Category, Scope
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


# -- moving in


class Profile(JournaledModel):
    """How the tables of one other software are read: its name, and the field that each column's title means."""

    name = text()  # of the other software: two imports of one name are one source
    columns = models.JSONField(default=dict)  # title of a column -> field of `moving.columns.FIELDS`, "" for one left out
    by_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)
    removed = models.BooleanField(default=False)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        categories: ClassVar = {Category.DOCUMENTS: ("name", "columns", "by_id", "at", "removed")}

    def __str__(self) -> str:
        return str(self.id)


class Run(JournaledModel):
    """One import of one folder or table, undone as one. `told` names lines and columns, never a person."""

    source = text()
    profile_id = models.UUIDField(null=True)
    place = text(400)  # the folder, or the name of the file
    by_id = models.UUIDField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, default="running")  # running, done, undoing, undone
    counts = models.JSONField(default=dict)
    told = models.JSONField(default=list)
    undone_by_id = models.UUIDField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        categories: ClassVar = {
            Category.DOCUMENTS: ("source", "profile_id", "place", "by_id", "started_at", "ended_at", "state", "counts", "told",
                                 "undone_by_id", "undone_at")
        }  # fmt: skip

    def __str__(self) -> str:
        return str(self.id)


class Moved(JournaledModel):
    """This object was made or changed by this run: ids alone, kept when the patient is erased, so that no later export brings
    them back. `mark` is what the source calls the person, or the file and its bytes, hashed with the practice's own name."""

    run_id = models.UUIDField(null=True, db_index=True)
    patient_id = models.UUIDField(null=True, db_index=True)
    kind = text(20)  # patient, document, import; decided: a document whose place a person said
    object_id = models.UUIDField(null=True)
    outcome = text(12)  # new, updated, filed
    mark = models.CharField(max_length=64, default="", blank=True, db_index=True)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        append_only = True
        categories: ClassVar = {Category.DOCUMENTS: ("run_id", "patient_id", "kind", "object_id", "outcome", "mark")}

    def __str__(self) -> str:
        return str(self.id)


class SourceRow(JournaledModel):
    """What a source last said of a patient: hashes only. `written` holds one for each field, as the import last saw it."""

    patient_id = models.UUIDField(db_index=True)
    run_id = models.UUIDField(null=True)
    source = text()
    mark = models.CharField(max_length=64, default="", blank=True, db_index=True)
    digest = text(64)
    written = models.JSONField(default=dict)
    at = models.DateTimeField(null=True)

    class Journal(JournaledModel.Journal):
        categories: ClassVar = {Category.DOCUMENTS: ("patient_id", "run_id", "source", "mark", "digest", "written", "at")}

    def __str__(self) -> str:
        return str(self.id)


class Former(JournaledModel):
    """What a run replaced in an identity: {field: [before, after]}, each under the category of its field."""

    patient_id = models.UUIDField(db_index=True)
    run_id = models.UUIDField(null=True, db_index=True)
    at = models.DateTimeField(null=True)
    identity = models.JSONField(default=dict)
    national_id = models.JSONField(default=dict)
    contact = models.JSONField(default=dict)
    social_rights = models.JSONField(default=dict)
    administrative = models.JSONField(default=dict)

    class Journal(JournaledModel.Journal):
        append_only = True
        categories: ClassVar = {
            Category.DOCUMENTS: ("patient_id", "run_id", "at"),
            Category.IDENTITY: ("identity",),
            Category.NATIONAL_ID: ("national_id",),
            Category.CONTACT: ("contact",),
            Category.SOCIAL_RIGHTS: ("social_rights",),
            Category.ADMINISTRATIVE_TEXT: ("administrative",),
        }

    def __str__(self) -> str:
        return str(self.id)


class Issue(JournaledModel):
    """A row or a file that found no place: broken, or for a person to decide. Sealed by the practice's key: nobody's file is known.

    Once decided its bodies are pruned: what it said is in the patient's file, under the patient's own key.
    """

    run_id = models.UUIDField(null=True, db_index=True)
    kind = text(12)  # row, file
    source = text()
    place = text(400)  # name of the file
    line = models.IntegerField(default=0)
    raw = models.TextField(default="", blank=True)
    reason = models.TextField(default="", blank=True)
    code = text(20)  # broken, several, near, nobody, unreadable, double
    content = models.CharField(max_length=64, default="", blank=True, db_index=True)  # the same row or file again is this issue
    mark = text(64)
    fields = models.JSONField(default=dict)
    candidates = models.JSONField(default=list)
    state = models.CharField(max_length=12, default="open", db_index=True)  # open, later, left
    by_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)
    size = models.IntegerField(default=0)
    mime = text(100)
    blob_hash = models.BinaryField(null=True)
    blob_key = models.BinaryField(null=True)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        categories: ClassVar = {
            Category.DOCUMENTS: ("run_id", "kind", "source", "place", "line", "raw", "reason", "code", "content", "mark", "fields",
                                 "candidates", "state", "by_id", "at", "size", "mime", "blob_hash", "blob_key")
        }  # fmt: skip

    def __str__(self) -> str:
        return str(self.id)


# -- beside another software


class Filet(JournaledModel):
    """Whether another software is still the main one, since when, and the folder that its exports are watched in. The newest counts."""

    mode = models.CharField(max_length=10, default="filet")  # filet, main
    source = text()
    folder = text(400)
    laboratory = text(400)  # where the laboratory's reports arrive
    minutes = models.IntegerField(default=60)
    since = models.DateTimeField(null=True)  # what is written from then on is to be copied over there
    until = models.DateTimeField(null=True)
    by_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        categories: ClassVar = {Category.PROFESSIONAL: ("mode", "source", "folder", "laboratory", "minutes", "since", "until", "by_id",
                                                        "at")}

    def __str__(self) -> str:
        return str(self.id)


class Copied(JournaledModel):
    """Something written here that somebody has copied into the main software; its id is derived from the object's. Written again
    after `at`, it is to be copied again."""

    patient_id = models.UUIDField(db_index=True)
    kind = text(20)  # of `journal.written.Head`
    object_id = models.UUIDField(null=True, db_index=True)
    by_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)
    undone = models.BooleanField(default=False)

    class Journal(JournaledModel.Journal):
        categories: ClassVar = {Category.TASKS: ("patient_id", "kind", "object_id", "by_id", "at", "undone")}

    def __str__(self) -> str:
        return str(self.id)


class OutsideAgenda(JournaledModel):
    """An agenda read from its address every few minutes. The address is a secret of the practice: who has it reads that agenda."""

    practitioner_id = models.UUIDField(null=True)
    name = text(60)
    address = text(1000)
    local = models.BooleanField(default=False)  # its server is in the practice's own network, a titulaire says so
    by_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)
    removed = models.BooleanField(default=False)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        categories: ClassVar = {Category.PROFESSIONAL: ("practitioner_id", "name", "address", "local", "by_id", "at", "removed")}

    def __str__(self) -> str:
        return str(self.id)
