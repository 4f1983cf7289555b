"""When a patient comes next, for the screens of the file."""

from typing import NamedTuple
from uuid import UUID

from permanence.accounts.queries import member_names
from permanence.agenda import queries
from permanence.journal.doors import Reader
from permanence.lib.dates import format_long
from permanence.web.links import reverse


class Coming(NamedTuple):
    """The next appointment, or none; and where to book one."""

    when: str
    with_whom: str
    url: str
    book: str


def of(patient: UUID, reader: Reader) -> Coming | None:
    """None for who has no agenda to look at."""
    if reader.actor.member is None or not queries.can_open(reader.actor.member):
        return None
    book = f"{reverse('agenda:book')}?patient={patient}" if queries.can_write_agenda(reader.actor, reader.actor.member) else ""
    found = queries.next_of(patient, reader=reader)
    if not found:
        return Coming("", "", "", book)
    day, minute = queries.wall(found[0].start)
    who = found[0].practitioner
    name = member_names([who]).get(who, "") if who else ""
    when = "visite de la tournée" if found[0].no_hour else f"à {queries.hour_text(minute)}"
    return Coming(f"{format_long(day)} {when}", name, reverse("agenda:appointment", args=(found[0].id,)), book)
