"""The return note as its reader finds it: line by line, each on to the file; then « lue »."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.accounts.queries import member_names
from permanence.handover import actions, queries
from permanence.journal.doors import Reader
from permanence.web import reasons
from permanence.web.dossier.people import named
from permanence.web.handover import lines
from permanence.web.handover.cards import days
from permanence.web.handover.listing import checked
from permanence.web.http import act, go, render, screen
from permanence.web.links import reverse


@dataclass(frozen=True, slots=True)
class NotePage:
    title: str
    lead: str
    author: str
    text: str
    parts: list[lines.Part]
    others: list[lines.ItemLine]
    reserved: str
    read: str
    read_url: str
    print_url: str


@screen
def note(request: HttpRequest, handover: UUID) -> HttpResponse:
    """What was done, with the reader's own rights."""
    reader = checked(request)
    page = page_of(queries.handover(handover, reader=reader), reader)
    answer = render(request, reader, "handover/note.html", {"page": page})
    reasons.shown(reader.actor, [UUID(line.id) for part in page.parts for line in part.lines], "handover", answer)
    return answer


def page_of(found: queries.Note, reader: Reader) -> NotePage:
    """For the screen and for paper."""
    parts = lines.parts(found, named(lines.patients_of(found), reader))
    author = member_names([found.author]).get(found.author, "le remplaçant")
    mine = found.author == reader.actor.member
    args = (found.id,)
    return NotePage(
        f"Relève {days(found.first_day, found.last_day)}",
        f"{author}, {lines.signed(found.signed_at)}. {lines.count(found, parts)}.",
        author,
        found.text,
        parts,
        lines.items(found.others),
        lines.reserved(found.hidden),
        "" if found.read_at is None else "Lue",
        "" if mine or found.read_at is not None else reverse("handover:read", args=args),
        reverse("handover:print", args=args),
    )


@require_POST
@screen
def read(request: HttpRequest, handover: UUID) -> HttpResponse:
    """« Lue »: it leaves the home page."""
    act(request, actions.mark_read, handover)
    return go(request, "home:day", done="releve_lue")
