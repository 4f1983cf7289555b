"""The reader's own recent files: from the journal of their session, the newest first, each once."""

from permanence.journal import queries as journal
from permanence.journal.categories import Level
from permanence.journal.doors import Reader
from permanence.patients import queries

MOST, LOOKED_AT = 8, 120


def rows(reader: Reader) -> list[queries.Row]:
    """At most eight files that this session opened; showing them again counts as listed."""
    if reader.actor.session is None:
        return []
    opened = [
        access.patient for access in journal.served_in(reader.actor.session, reader=reader, limit=LOOKED_AT) if access.level >= Level.READ
    ]
    return queries.rows(list(dict.fromkeys(opened))[:MOST], reader=reader)
