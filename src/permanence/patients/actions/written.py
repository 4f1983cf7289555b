"""Whether somebody may say of a part of the sheet that it was copied elsewhere: who could write it."""

import datetime
from uuid import UUID

from permanence.accounts.permissions import check_write
from permanence.journal.doors import Actor
from permanence.journal.written import Head
from permanence.patients.permissions import check_patient
from permanence.patients.queries.written import SHEETS, heads


def check_copying(kind: str, object: UUID, since: datetime.datetime, *, by: Actor) -> Head | None:
    """The head of what was written since, `object` being the patient; None for what is not this room's. Raises Refused."""
    found = [head for head, _ in heads(since, [object]) if head.kind == kind] if kind in SHEETS else []
    if not found:
        return None
    check_write(by, found[0].ask.category)
    check_patient(by, object, found[0].ask.category)
    return found[0]
