"""The one table of capabilities: every switch ever decided. Nothing of a patient; a lifted switch is a field, never a deletion."""

from typing import Any, ClassVar

from django.db import models

from permanence.journal.categories import Category, Scope, Stream
from permanence.journal.journaled import JournaledModel


def _text(length: int = 200) -> "models.CharField[Any, Any]":
    return models.CharField(max_length=length, default="", blank=True)


class Switch(JournaledModel):
    """A capability put in a state for somebody. `by_id` null: the practice's own machine. `replica`: that machine only.

    `second`: it needed another person; then it holds from `agreed_at` on. `overrides_id`: an on-call doctor opens that one.
    """

    capability = _text(40)
    state = _text(20)
    audience = _text(20)
    whom = _text(80)  # a profession, the id of a member or a post, a network
    reason = _text()
    by_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    next_update_at = models.DateTimeField(null=True)
    schedule = models.JSONField(default=dict)
    overridable = models.BooleanField(default=False)
    overrides_id = models.UUIDField(null=True)
    replica = _text(40)
    second = models.BooleanField(default=False)
    ready_at = models.DateTimeField(null=True)
    agreed_by_id = models.UUIDField(null=True)
    agreed_at = models.DateTimeField(null=True)
    lifted_by_id = models.UUIDField(null=True)  # null with `lifted_at`: the machine lifted its own
    lifted_at = models.DateTimeField(null=True, db_index=True)
    lifted_reason = _text()

    class Journal(JournaledModel.Journal):
        stream = Stream.CONTROL
        scope = Scope.PRACTICE
        scope_field = ""
        any_shape = ("schedule",)  # what is not understood closes at all hours
        categories: ClassVar = {
            Category.PROFESSIONAL: (
                "capability",
                "state",
                "audience",
                "whom",
                "reason",
                "by_id",
                "decided_at",
                "starts_at",
                "ends_at",
                "next_update_at",
                "schedule",
                "overridable",
                "overrides_id",
                "replica",
                "second",
                "ready_at",
                "agreed_by_id",
                "agreed_at",
                "lifted_by_id",
                "lifted_at",
                "lifted_reason",
            )
        }

    def __str__(self) -> str:
        return str(self.id)
