"""A patient, an item that changes, a note that does not, and plain rows."""

from typing import ClassVar

from django.db import models

from permanence.journal.categories import Category, Scope, Stream
from permanence.journal.journaled import JournaledModel


class Person(JournaledModel):
    family = models.TextField(default="")
    given = models.TextField(default="")
    birth = models.DateField(null=True)
    phone = models.TextField(default="")
    weight = models.IntegerField(null=True)
    flagged = models.BooleanField(default=False)

    class Journal:
        stream = Stream.RECORD
        scope = Scope.PATIENT
        scope_field = "id"
        append_only = False
        categories: ClassVar = {Category.IDENTITY: ("family", "given", "birth", "flagged"), Category.CONTACT: ("phone",),
                                Category.MEASURES: ("weight",)}


class Item(JournaledModel):
    person_id = models.UUIDField(db_index=True)
    label = models.TextField()
    data = models.JSONField(null=True)
    seen_at = models.DateTimeField(null=True)
    blob = models.BinaryField(null=True)

    class Journal:
        stream = Stream.RECORD
        scope = Scope.PATIENT
        scope_field = "person_id"
        append_only = False
        categories: ClassVar = {Category.HISTORY: ("person_id", "label", "data", "seen_at", "blob")}


class Note(JournaledModel):
    person_id = models.UUIDField(db_index=True)
    author_id = models.UUIDField(null=True)
    text = models.TextField()

    class Journal:
        stream = Stream.RECORD
        scope = Scope.PATIENT
        scope_field = "person_id"
        append_only = True
        categories: ClassVar = {Category.NOTES: ("person_id", "author_id", "text")}


class Setting(JournaledModel):
    name = models.TextField(default="")

    class Journal:
        stream = Stream.CONTROL
        scope = Scope.CONTROL
        scope_field = ""
        append_only = False
        categories: ClassVar = {Category.PROFESSIONAL: ("name",)}


class Draft(models.Model):
    """A plain row: what a doctor types and deletes is not history."""

    owner = models.CharField(max_length=20, unique=True)
    text = models.TextField(default="")


class Line(models.Model):
    draft = models.ForeignKey(Draft, models.CASCADE)
