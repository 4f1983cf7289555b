"""Tables of the agenda. An appointment is its patient's, and goes with their key; what names no file is the practice's."""

from typing import Any, ClassVar

from django.db import models

from permanence.journal.categories import Category, Scope
from permanence.journal.journaled import JournaledModel


def text(length: int = 200) -> "models.CharField[Any, Any]":
    return models.CharField(max_length=length, default="", blank=True)


class Appointment(JournaledModel):
    """One patient's appointment. `status` is a code of FHIR Appointment, and `in-progress` of FHIR Encounter.

    Who waits without an appointment has one too (`walk_in`): the order of arrival is `arrived_at`. The file never changes: an
    appointment given to the wrong patient is `entered-in-error`, and another one is made.
    """

    patient_id = models.UUIDField(db_index=True)
    practitioner_id = models.UUIDField(null=True)
    start = models.DateTimeField(null=True)
    minutes = models.IntegerField(default=15)
    type_id = models.UUIDField(null=True)
    reason = text()  # said by telephone, written by the desk: read with the agenda, unlike a note
    note = models.TextField(default="", blank=True)
    status = models.CharField(max_length=20, default="booked")
    status_reason = text()
    arrived_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    walk_in = models.BooleanField(default=False)
    home_visit = models.BooleanField(default=False)
    place = text()
    booked_by_id = models.UUIDField(null=True)
    booked_at = models.DateTimeField(null=True)
    origin = models.CharField(max_length=12, default="here")
    external_key = models.CharField(max_length=200, default="", blank=True, db_index=True)
    read_only = models.BooleanField(default=False)  # another software decides when it is; who came is ours to say
    no_hour = models.BooleanField(default=False)  # a visit of the round: `start` is then the day's first instant
    round_rank = models.IntegerField(null=True)  # its place in the round, once somebody put it in order
    waived_rules = models.JSONField(default=list)  # codes of the rules of its type that it does not follow
    waived_reason = text()

    class Journal(JournaledModel.Journal):
        categories: ClassVar = {
            Category.APPOINTMENTS: (
                "patient_id",
                "practitioner_id",
                "start",
                "minutes",
                "type_id",
                "reason",
                "note",
                "status",
                "status_reason",
                "arrived_at",
                "started_at",
                "ended_at",
                "walk_in",
                "home_visit",
                "place",
                "booked_by_id",
                "booked_at",
                "origin",
                "external_key",
                "read_only",
                "no_hour",
                "round_rank",
                "waived_rules",
                "waived_reason",
            )
        }

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["start"], name="appointment_start")]

    def __str__(self) -> str:
        return str(self.id)


class Slot(JournaledModel):
    """Time taken without a known file: a meeting, a caller who is not registered yet, an event of another agenda.

    A model of its own because its body is sealed under the practice's key, where an appointment's is under the patient's: no
    erasure of a patient could reach it. Once the caller has a file, an appointment takes its place.
    """

    practitioner_id = models.UUIDField(null=True)
    start = models.DateTimeField(null=True)
    minutes = models.IntegerField(default=15)
    type_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=12, default="busy")
    label = text()
    phone = text(40)
    reason = text()
    status = models.CharField(max_length=20, default="booked")
    status_reason = text()
    booked_by_id = models.UUIDField(null=True)
    booked_at = models.DateTimeField(null=True)
    origin = models.CharField(max_length=12, default="here")
    external_key = models.CharField(max_length=200, default="", blank=True, db_index=True)
    read_only = models.BooleanField(default=False)
    waived_rules = models.JSONField(default=list)
    waived_reason = text()

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        categories: ClassVar = {
            Category.APPOINTMENTS: (
                "practitioner_id",
                "start",
                "minutes",
                "type_id",
                "kind",
                "label",
                "phone",
                "reason",
                "status",
                "status_reason",
                "booked_by_id",
                "booked_at",
                "origin",
                "external_key",
                "read_only",
                "waived_rules",
                "waived_reason",
            )
        }

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["start"], name="slot_start")]

    def __str__(self) -> str:
        return str(self.id)


class AppointmentType(JournaledModel):
    """What one comes for, as the desk chooses it: it gives the duration and the colour, and says when and for whom it is meant."""

    name = text(60)
    colour = models.CharField(max_length=12, default="blue")
    minutes = models.IntegerField(default=15)
    new_patients = models.BooleanField(default=True)
    walk_in = models.BooleanField(default=False)
    place = models.IntegerField(default=0)  # in the list
    removed = models.BooleanField(default=False)
    known_patients = models.BooleanField(default=True)
    from_months = models.IntegerField(null=True)
    below_months = models.IntegerField(null=True)
    hours = models.JSONField(default=list)  # [weekday, from minute, to minute]; empty: all opening hours
    practitioner_ids = models.JSONField(default=list)  # empty: all
    most_a_day = models.IntegerField(null=True)  # for each practitioner
    notice_hours = models.IntegerField(default=0)
    buffer_minutes = models.IntegerField(default=0)  # kept free after it

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        categories: ClassVar = {
            Category.APPOINTMENTS: (
                "name",
                "colour",
                "minutes",
                "new_patients",
                "walk_in",
                "place",
                "removed",
                "known_patients",
                "from_months",
                "below_months",
                "hours",
                "practitioner_ids",
                "most_a_day",
                "notice_hours",
                "buffer_minutes",
            )
        }

    def __str__(self) -> str:
        return str(self.id)


class Opening(JournaledModel):
    """Hours that come back each week, in minutes of the day in Paris. `weekday` as in ISO 8601: Monday is 1."""

    practitioner_id = models.UUIDField(null=True)
    weekday = models.IntegerField(default=1)
    from_minute = models.IntegerField(default=0)
    to_minute = models.IntegerField(default=0)
    since = models.DateField(null=True)
    until = models.DateField(null=True)  # the last day included
    kind = models.CharField(max_length=12, default="appointments")
    removed = models.BooleanField(default=False)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        categories: ClassVar = {
            Category.APPOINTMENTS: (
                "practitioner_id",
                "weekday",
                "from_minute",
                "to_minute",
                "since",
                "until",
                "kind",
                "removed",
            )
        }

    def __str__(self) -> str:
        return str(self.id)


class Absence(JournaledModel):
    """When a practitioner is away, and who works in their agenda meanwhile."""

    practitioner_id = models.UUIDField(null=True)
    start = models.DateTimeField(null=True)
    end = models.DateTimeField(null=True)
    reason = text()
    replacement_id = models.UUIDField(null=True)
    removed = models.BooleanField(default=False)

    class Journal(JournaledModel.Journal):
        scope = Scope.PRACTICE
        scope_field = ""
        categories: ClassVar = {Category.APPOINTMENTS: ("practitioner_id", "start", "end", "reason", "replacement_id", "removed")}

    def __str__(self) -> str:
        return str(self.id)
