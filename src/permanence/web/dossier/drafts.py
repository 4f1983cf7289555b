"""One's own notes to sign, for the home screen: patient, motif and hour; their texts stay closed."""

import datetime
from dataclasses import dataclass

from permanence.consultations import queries
from permanence.journal.doors import Reader
from permanence.web.dossier.people import Person, person
from permanence.web.links import reverse

MOST = 12


@dataclass(frozen=True, slots=True)
class DraftLine:
    url: str
    patient: Person
    at: datetime.datetime


def mine(reader: Reader) -> list[DraftLine]:
    """The newest first, twelve at most."""
    return [
        DraftLine(
            f"{reverse('dossier:compose', args=(row.patient,))}?brouillon={draft}",
            person(row),
            datetime.datetime.fromisoformat(at),
        )
        for row, draft, at in queries.drafts(reader=reader, limit=MOST)
    ]
