"""Whether somebody may say of a letter or a document that it was copied elsewhere: who could write it, and may see it."""

import datetime
from uuid import UUID

from django.db.models import Q

from permanence.documents.queries.written import KINDS, heads
from permanence.journal.doors import Actor
from permanence.journal.written import Head
from permanence.patients.permissions import check_written


def check_copying(kind: str, object: UUID, since: datetime.datetime, *, by: Actor) -> Head | None:
    """The head of what was written since; None for what is not this room's or was not written since. Raises Refused."""
    found = heads(kind, since, Q(id=object)) if kind in KINDS else []
    return check_written(by, found[0]) if found else None
