"""Tables of the clinical file. Lines that people correct are observed-remove sets; what is signed is there for ever."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from permanence.journal.categories import Category, Scope
from permanence.journal.journaled import JournaledModel


def text(length: int = 200) -> "models.CharField[Any, Any]":
    return models.CharField(max_length=length, default="", blank=True)


def long() -> "models.TextField[Any, Any]":
    return models.TextField(default="", blank=True)


class Line(JournaledModel):
    """A line that may be edited and removed. Each edit draws a new `revision`; removing names the revision that was seen, so
    an edit made meanwhile on another replica wins over the removal, and the line says so (design, section 4)."""

    patient_id = models.UUIDField(db_index=True)
    author_id = models.UUIDField(null=True)
    recorded_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)
    changed_by_id = models.UUIDField(null=True)
    revision = models.UUIDField(default=uuid.uuid4)
    removed_revision = models.UUIDField(null=True)
    external_key = text()  # what an import calls it: importing twice adds nothing
    sensitive = models.BooleanField(default=False)
    minor_secret = models.BooleanField(default=False)

    class Meta(JournaledModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return str(self.id)


_LINE = (
    "patient_id",
    "author_id",
    "recorded_at",
    "changed_at",
    "changed_by_id",
    "revision",
    "removed_revision",
    "external_key",
    "sensitive",
    "minor_secret",
)


class HistoryItem(Line):
    """An antécédent, active or past. `start` and `end` are dates known in part, as typed."""

    label = text()
    cim10 = text(10)
    kind = models.CharField(max_length=20, default="medical")
    relation = text(60)  # of whom, when familial
    start = text(30)
    end = text(30)
    active = models.BooleanField(default=True)
    alert_on = models.DateField(null=True)
    note = long()

    class Journal(JournaledModel.Journal):
        categories: ClassVar = {
            Category.HISTORY: (*_LINE, "label", "cim10", "kind", "relation", "start", "end", "active", "alert_on", "note")
        }


class Allergy(Line):
    """A known allergy or intolerance."""

    substance = text()
    code = text(40)  # with its system, "atc:J01CA04"
    reaction = text()
    severity = text(10)
    since = text(30)
    note = long()

    class Journal(JournaledModel.Journal):
        categories: ClassVar = {Category.ALLERGIES: (*_LINE, "substance", "code", "reaction", "severity", "since", "note")}


class AllergyStatement(JournaledModel):
    """At an instant, somebody verified that no allergy is known, or that it is not known. The newest counts."""

    patient_id = models.UUIDField(db_index=True)
    none_known = models.BooleanField(default=False)
    at = models.DateTimeField(null=True)
    author_id = models.UUIDField(null=True)

    class Journal(JournaledModel.Journal):
        append_only = True
        categories: ClassVar = {Category.ALLERGIES: ("patient_id", "none_known", "at", "author_id")}

    def __str__(self) -> str:
        return str(self.id)


class Treatment(Line):
    """A medicine taken. `dose` is one register, {"value": 25, "scale": 1, "unit": "mg"}: halves of two doses never mix."""

    label = text()
    dci = text()
    code = text(40)  # "cis:60234100", "atc:C09AA02"
    dose = models.JSONField(null=True)
    form = text(60)
    route = text(60)
    posology = text()
    start = text(30)
    end = text(30)
    source = models.CharField(max_length=20, default="declare")
    prescriber = text()
    stop_reason = text()
    note = long()

    class Journal(JournaledModel.Journal):
        categories: ClassVar = {
            Category.TREATMENTS: (
                *_LINE,
                "label",
                "dci",
                "code",
                "dose",
                "form",
                "route",
                "posology",
                "start",
                "end",
                "source",
                "prescriber",
                "stop_reason",
                "note",
            )
        }


class Vaccination(Line):
    """A vaccine given, here or elsewhere."""

    vaccine = text()
    code = text(40)
    targets = text()
    given = text(30)  # as typed, "2014" or "03/2019"; `given_on` beside when complete
    given_on = models.DateField(null=True)
    lot = text(40)
    expiry = text(30)
    rank = models.IntegerField(null=True)
    site = text(60)
    route = text(40)
    given_by_id = models.UUIDField(null=True)
    given_by_text = text()
    next_due = models.DateField(null=True)
    serial = text(20)  # of the box, when it was scanned

    class Journal(JournaledModel.Journal):
        categories: ClassVar = {
            Category.VACCINATIONS: (
                *_LINE,
                "vaccine",
                "code",
                "targets",
                "given",
                "given_on",
                "lot",
                "expiry",
                "rank",
                "site",
                "route",
                "given_by_id",
                "given_by_text",
                "next_due",
                "serial",
            )
        }


class Measure(Line):
    """One measure: `values` is one register, [[LOINC, integer, scale], ...], both pressures together (see `measuring`)."""

    code = models.CharField(max_length=20, default="")
    values = models.JSONField(default=list)
    unit = text(20)
    taken_at = models.DateTimeField(null=True)
    note_id = models.UUIDField(null=True)

    class Journal(JournaledModel.Journal):
        categories: ClassVar = {Category.MEASURES: (*_LINE, "code", "values", "unit", "taken_at", "note_id")}


class Note(JournaledModel):
    """A signed note, frozen. `amends_id`: the note it corrects. Moved to another file, it is written again there."""

    patient_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=20, default="consultation")
    motif = text()
    text = long()
    subjective = long()
    objective = long()
    assessment = long()
    plan = long()
    codes = models.JSONField(default=list)  # CIM-10
    at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    author_id = models.UUIDField(null=True)
    signatory_id = models.UUIDField(null=True)
    amends_id = models.UUIDField(null=True, db_index=True)
    moved_by_id = models.UUIDField(null=True)
    moved_at = models.DateTimeField(null=True)
    sensitive = models.BooleanField(default=False)
    minor_secret = models.BooleanField(default=False)

    class Journal(JournaledModel.Journal):
        append_only = True
        categories: ClassVar = {
            Category.NOTES: (
                "patient_id",
                "kind",
                "motif",
                "text",
                "subjective",
                "objective",
                "assessment",
                "plan",
                "codes",
                "at",
                "signed_at",
                "author_id",
                "signatory_id",
                "amends_id",
                "moved_by_id",
                "moved_at",
                "sensitive",
                "minor_secret",
            )
        }

    class Meta(JournaledModel.Meta):
        indexes: ClassVar = [
            models.Index(fields=["patient_id", "at"], name="note_when"),
            models.Index(fields=["signatory_id", "signed_at"], name="note_signed"),
            # Few wait, of the many that a doctor signed alone.
            models.Index(fields=["signatory_id", "signed_at"], name="note_of_another", condition=~Q(author_id=F("signatory_id"))),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Countersignature(JournaledModel):
    """A senior has read what an interne signed and answers for it; the note itself does not change."""

    patient_id = models.UUIDField(db_index=True)
    note_id = models.UUIDField(db_index=True)
    member_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)

    class Journal(JournaledModel.Journal):
        append_only = True
        categories: ClassVar = {Category.NOTES: ("patient_id", "note_id", "member_id", "at")}

    def __str__(self) -> str:
        return str(self.id)


class PrivateNote(Line):
    """A personal note: its author's alone (CSP R.4127-45), apart from the file that is shared."""

    text = long()

    class Journal(JournaledModel.Journal):
        categories: ClassVar = {Category.PRIVATE_NOTES: (*_LINE, "text")}


class NoteMove(JournaledModel):
    """A note stood in this file and was moved away: nothing of its content, nor where it went, stays here."""

    patient_id = models.UUIDField(db_index=True)
    note_id = models.UUIDField()
    author_id = models.UUIDField(null=True)
    by_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)
    note_at = models.DateTimeField(null=True)

    class Journal(JournaledModel.Journal):
        append_only = True
        categories: ClassVar = {Category.NOTES: ("patient_id", "note_id", "author_id", "by_id", "at", "note_at")}

    def __str__(self) -> str:
        return str(self.id)


class Snippet(JournaledModel):
    """A text that « / » and its trigger put into a note: of one member, or of the whole practice (`owner_id` null).

    It names no patient: the practice's key seals it.
    """

    owner_id = models.UUIDField(null=True)
    trigger = text(20)
    label = text(80)
    text = long()
    changed_by_id = models.UUIDField(null=True)
    changed_at = models.DateTimeField(null=True)
    removed = models.BooleanField(default=False)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        categories: ClassVar = {
            Category.NOTES: ("owner_id", "trigger", "label", "text", "changed_by_id", "changed_at", "removed")
        }

    def __str__(self) -> str:
        return str(self.id)


class RecallList(JournaledModel):
    """Criteria kept under a name and asked again at each opening, never a copy of who answered: it names no patient."""

    name = text(80)
    criteria = models.JSONField(default=dict)
    owner_id = models.UUIDField(null=True)
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(null=True)
    removed = models.BooleanField(default=False)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        categories: ClassVar = {Category.HISTORY: ("name", "criteria", "owner_id", "shared", "created_at", "removed")}

    def __str__(self) -> str:
        return str(self.id)


class VaccineProduct(JournaledModel):
    """What the practice calls the product of a GTIN: typed once, offered at each scan. The newest counts."""

    gtin = models.CharField(max_length=14, default="", blank=True, db_index=True)
    vaccine = text()
    targets = text()
    author_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        append_only = True
        categories: ClassVar = {Category.VACCINATIONS: ("gtin", "vaccine", "targets", "author_id", "at")}

    def __str__(self) -> str:
        return str(self.id)


class GrowthReference(JournaledModel):
    """Growth curves that the practice loaded: the table as typed, and by what right. A correction names what it replaces."""

    name = text(60)
    published = text(100)
    licence = text()
    table = long()
    author_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)
    replaces_id = models.UUIDField(null=True)
    retired_at = models.DateTimeField(null=True)
    retired_by_id = models.UUIDField(null=True)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        categories: ClassVar = {
            Category.MEASURES: (
                "name", "published", "licence", "table", "author_id", "at", "replaces_id", "retired_at", "retired_by_id")
        }

    def __str__(self) -> str:
        return str(self.id)


class Draft(models.Model):
    """What an author is typing: a plain row of this replica, not history. `version` tells two windows apart."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    author_id = models.UUIDField(db_index=True)
    patient_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=20, default="note")
    payload = models.TextField(default="{}")
    version = models.IntegerField(default=1)
    updated_at = models.DateTimeField()
    discarded_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.id)
