"""The one key of the handover, and the list of one's replacements."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from permanence.accounts.queries import member_names
from permanence.handover import queries
from permanence.journal.doors import Reader, Refused
from permanence.lib import clock
from permanence.lib.text import NBSP, plural
from permanence.web.handover import cards
from permanence.web.handover.cards import days
from permanence.web.http import go, reader_of, render, screen
from permanence.web.links import reverse

CLOSED = f"La relève se lit par qui lit et écrit les notes de tous{NBSP}: laissez un message à la personne remplacée."


@dataclass(frozen=True, slots=True)
class NoteLine:
    url: str
    text: str
    read: bool


@dataclass(frozen=True, slots=True)
class ReplacementLine:
    title: str
    text: str
    known: str
    write: str
    notes: list[NoteLine]
    over: bool


@dataclass(frozen=True, slots=True)
class ReplacementsPage:
    lines: list[ReplacementLine]
    absence: str


def checked(request: HttpRequest) -> Reader:
    """The reader of a page of handovers. Raises Refused for who could read nothing of it."""
    reader = reader_of(request)
    if not queries.can_take_part(reader.actor):
        raise Refused(CLOSED, code="right")
    return reader


@screen
def key(request: HttpRequest) -> HttpResponse:
    """« Alt O »: on to what is to be read, else to be written, else to be prepared, else to the list of replacements."""
    reader, now = checked(request), clock.now()
    if unread := queries.unread(reader=reader):
        return go(request, "handover:note", unread[0].id)
    for one in queries.mine(reader=reader):
        if one.deputy == reader.actor.member and one.start <= now < one.end + cards.AFTER and queries.is_last_day(now, one.end):
            return go(request, "handover:write", one.id)
        if one.doctor == reader.actor.member and queries.is_eve(now, one.start):
            return go(request, "handover:known", one.id)
    return go(request, "handover:replacements")


@dataclass(frozen=True, slots=True)
class CardsPage:
    cards: list[cards.Card]


@screen
def cards_only(request: HttpRequest) -> HttpResponse:
    """What the home page says of replacements: asked for once the rest of the day is on screen. In the evening, without the ten."""
    reader, evening = checked(request), "soir" in request.GET
    page = CardsPage([one for one in cards.of(reader) if not (evening and one.list_url)])
    return render(request, reader, "handover/cards.html", {"page": page})


@screen
def replacements(request: HttpRequest) -> HttpResponse:
    """Those to come, of now and gone by, with what can be done in each."""
    reader = checked(request)
    found = queries.mine(reader=reader)
    page = ReplacementsPage([_line(one, reader) for one in found[:MOST]], reverse("agenda:absence_new"))
    return render(request, reader, "handover/replacements.html", {"page": page})


MOST = 6  # each asks for its notes


def _line(one: queries.Period, reader: Reader) -> ReplacementLine:
    mine, now = one.deputy == reader.actor.member, clock.now()
    names, over = member_names([one.doctor, one.deputy]), one.end < now
    notes = [
        NoteLine(
            reverse("handover:note", args=(head.id,)),
            f"Transmise, {plural(head.patients, 'patient')}, {plural(head.promises, 'promesse')}",
            head.read_at is not None or mine,
        )
        for head in queries.handovers(one.id, reader=reader)
    ]
    return ReplacementLine(
        f"Remplacement {days(one.first_day, one.last_day)}",
        f"{names.get(one.deputy, '')} {'a remplacé' if over else 'remplace'} {names.get(one.doctor, '')}",
        "" if over else reverse("handover:known", args=(one.id,)),
        reverse("handover:write", args=(one.id,)) if mine and one.start <= now else "",
        notes,
        over,
    )
