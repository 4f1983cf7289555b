"""Whether somebody may say of an appointment that it was copied elsewhere: who could write in its agenda."""

import datetime
from uuid import UUID

from permanence.agenda.permissions import check_agenda
from permanence.agenda.queries.written import KIND, heads
from permanence.journal.doors import Actor
from permanence.journal.written import Head
from permanence.patients.permissions import check_object


def check_copying(kind: str, object: UUID, since: datetime.datetime, *, by: Actor) -> Head | None:
    """The head of what was written since; None for what is not this room's or was not written since. Raises Refused."""
    found = heads(since, [object]) if kind == KIND else []
    if not found:
        return None
    check_agenda(by, found[0].ask.author)
    check_object(by, found[0].ask)
    return found[0]
