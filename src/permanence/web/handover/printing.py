"""The return note on paper."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from permanence.accounts import queries as accounts
from permanence.handover import queries
from permanence.journal.categories import Level
from permanence.lib import clock
from permanence.lib.text import NBSP
from permanence.web import jinja
from permanence.web.handover import lines, reading
from permanence.web.handover.listing import checked
from permanence.web.http import deliver, reader_of, screen
from permanence.web.papers.making import typeset

NOT_MADE = f"La relève n’a pas pu être mise en page{NBSP}: la lire à l’écran, et prévenir la personne qui s’occupe de l’informatique."


@screen
def printed(request: HttpRequest, handover: UUID) -> HttpResponse:
    """A4, counted as printed, patient by patient."""
    reader = reader_of(request, leaving=Level.PRINTED)
    checked(request)
    page, practice = reading.page_of(queries.handover(handover, reader=reader), reader), accounts.practice()
    data = {
        "title": page.title,
        "author": page.author,
        "lead": page.lead,
        "word": page.text,
        "reserved": page.reserved,
        "parts": [{"title": part.title, "seen": part.number == 2, "lines": [_line(one) for one in part.lines]} for part in page.parts],
        "others": [_item(one) for one in page.others],
        "foot": f"{practice.name} · {page.title} · imprimé le {jinja.date(clock.now())} · à détruire après usage",
    }
    pdf = typeset("handover/typst/releve.typ", data, otherwise=NOT_MADE)
    return deliver(request, reader, pdf, content_type="application/pdf", filename="releve.pdf", inline=True)


def _line(one: lines.PersonLine) -> dict[str, Any]:
    who = one.person
    name = " ".join(word for word in (who.surname, who.given, f"{who.née} {who.birth_surname}" if who.birth_surname else "") if word)
    return {
        "name": name,
        "birth": f"{who.born.lower()} le {who.birth}" + (f" ({who.age})" if who.age else ""),
        "text": one.text,
        "reserved": one.reserved,
        "items": [_item(item) for item in one.items],
    }


def _item(one: lines.ItemLine) -> dict[str, Any]:
    return {"label": one.label, "text": one.text, "when": one.when, "todo": one.symbol == "circle"}
