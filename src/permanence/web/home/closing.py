"""« Fermer le cabinet »: what the day left behind, one thing after the other, and whether the night is ready."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from permanence.accounts.permissions import can_write
from permanence.agenda import queries as agenda
from permanence.agenda.permissions import can_open
from permanence.continuity import queries as continuity
from permanence.handover.queries import can_take_part
from permanence.journal.categories import Category
from permanence.journal.doors import Reader
from permanence.patients import queries as patients
from permanence.tasks import queries
from permanence.web import jinja
from permanence.web.dossier import drafts
from permanence.web.dossier.people import Person, named
from permanence.web.http import reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.practice import health
from permanence.web.proof import state
from permanence.web.tasks import lines


def _without_email(day: datetime.date, reader: Reader) -> list[UUID]:
    """Who is booked that day and has no address: the desk asks for it at their arrival."""
    coming = agenda.expected(day, reader=reader)
    return patients.without_email(coming, reader=reader) if coming else []


@dataclass(frozen=True, slots=True)
class ClosingPage:
    drafts: list[drafts.DraftLine]
    tasks: list[lines.TaskLine]
    unread: int
    without_email: list[Person]
    tomorrow: str
    tiles: list[health.Tile]
    left: int
    lock_url: str
    messages_url: str
    handover: bool
    forms: int
    forms_url: str


@screen
def closing(request: HttpRequest) -> HttpResponse:
    """Enter goes from one to the next: notes to sign, what was due today, tomorrow's patients to reach, the copy, the kit."""
    reader, day = reader_of(request), jinja.today()
    session = state.session_of(request).member
    own = can_write(reader.actor, Category.TASKS, own=True)
    due = [row for row in queries.my_tasks(reader=reader, until=day) if row.due_on is not None] if own else []
    begun = drafts.begun(reader) if can_write(reader.actor, Category.NOTES, new=True) else []
    tomorrow = day + datetime.timedelta(days=1)
    unreachable = _without_email(tomorrow, reader) if can_open(session) else []
    forms = continuity.to_catch_up()
    unread = queries.unread_count(reader=reader) if own else 0
    shown = named([*(one.patient for one in begun), *(row.patient for row in due if row.patient), *unreachable], reader)
    unsigned, without_email = drafts.lines(begun, shown), [shown[one] for one in unreachable if one in shown]
    page = ClosingPage(
        unsigned,
        lines.tasks(due, reader, shown),
        unread,
        without_email,
        jinja.date_long(tomorrow),
        health.tiles(),
        len(unsigned) + len(due) + unread + len(without_email) + forms,
        reverse("account:lock"),
        reverse("tasks:messages"),
        can_take_part(reader.actor),
        forms,
        reverse("catchup:list"),
    )
    return render(request, reader, "home/closing.html", {"page": page}, fragment="live")
