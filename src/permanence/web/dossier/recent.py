"""The reader's own recent files: from the journal of their last sessions, the newest first, each once."""

from uuid import UUID

from permanence.accounts import queries as accounts
from permanence.journal import queries as journal
from permanence.journal.categories import Level
from permanence.journal.doors import Reader
from permanence.patients import queries

MOST, LOOKED_AT = 8, 120


def rows(reader: Reader) -> list[queries.Row]:
    """At most eight files that this person opened today or the last times; showing them again counts as listed."""
    opened = dict[UUID, None]()
    for session in accounts.recent_sessions(reader=reader):
        accesses = journal.served_in(session, reader=reader, limit=LOOKED_AT)
        opened |= dict.fromkeys(access.patient for access in accesses if access.level >= Level.READ and access.patient not in opened)
        if len(opened) >= MOST:
            break
    return queries.rows(list(opened)[:MOST], reader=reader)
