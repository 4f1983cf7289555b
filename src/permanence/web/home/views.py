"""« Ma journée »: what is to be done, notes to sign, recent files, the practice's health."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from permanence.accounts.permissions import can_write
from permanence.accounts.queries import member_names
from permanence.consultations import queries as consultations
from permanence.handover.queries import can_take_part
from permanence.journal.categories import Category
from permanence.lib.dates import MONTHS
from permanence.web import jinja
from permanence.web.dossier import drafts, recent
from permanence.web.dossier.drafts import WaitingLine
from permanence.web.dossier.people import Person, named, people
from permanence.web.dossier.search import can_create
from permanence.web.home import todo
from permanence.web.http import reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.practice import health

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
TIPS = (
    "Ctrl K ouvre la recherche depuis n’importe quel écran\u202f; «\u00a0dup an 58\u00a0» trouve DUPONT Anne, née en 1958.",
    "Alt 1 commence une consultation dans le dossier ouvert\u202f; Alt V la signe.",
    "Une date se tape comme elle vient\u00a0: 1407, 14/7/58, hier, j+30. La date complète s’affiche aussitôt.",
    "Une note signée dans le mauvais dossier se déplace en un geste, depuis la note elle-même.",
    "Le point d’interrogation montre tous les raccourcis\u202f; ils se coupent au même endroit.",
)


@dataclass(frozen=True, slots=True)
class DayPage:
    greeting: str
    date: str
    can_create: bool
    new_url: str
    drafts: list[drafts.DraftLine] | None
    waiting: list[WaitingLine]
    tiles: list[health.Tile]
    todo: todo.Todo | None
    handover: bool
    tip: str


@screen
def day(request: HttpRequest) -> HttpResponse:
    """The first screen. `drafts` is None for who writes no notes."""
    reader, today = reader_of(request), jinja.today()
    writes = can_write(reader.actor, Category.NOTES, new=True)
    name = member_names([reader.actor.member]).get(reader.actor.member, "") if reader.actor.member else ""
    begun, waiting = (drafts.notes(reader), consultations.to_countersign(reader=reader)) if writes else ([], [])
    about = [*(one.patient for one in begun), *(row.patient for row in waiting)]
    found = todo.of(reader, about)
    shown = named(about, reader)
    page = DayPage(
        greeting=f"Bonjour {name}" if name else "Bonjour",
        date=f"{DAYS[today.weekday()]} {today.day} {MONTHS[today.month - 1]} {today.year}",
        can_create=can_create(reader.actor),
        new_url=reverse("patients:new"),
        drafts=drafts.lines(begun, shown) if writes else None,
        waiting=drafts.waiting(waiting, shown),
        tiles=health.tiles(),
        todo=found,
        handover=can_take_part(reader.actor),
        tip=TIPS[today.toordinal() % len(TIPS)],
    )
    return render(request, reader, "home/day.html", {"page": page})


@dataclass(frozen=True, slots=True)
class RecentPage:
    papers: list[drafts.DraftLine]
    recent: list[Person]
    vsm_url: str


@screen
def recents(request: HttpRequest) -> HttpResponse:
    """One's own papers to sign and last files: asked for once the rest of the day is on screen, for the journal is read to find them."""
    reader = reader_of(request)
    found = people(recent.rows(reader))
    begun = drafts.papers(reader)
    papers = drafts.lines(begun, named((one.patient for one in begun), reader))
    page = RecentPage(papers, found, reverse("patients:vsm") if can_write(reader.actor, Category.HISTORY) else "")
    return render(request, reader, "home/recents.html", {"page": page})


@dataclass(frozen=True, slots=True)
class TodoPage:
    todo: todo.Todo | None


@screen
def to_do(request: HttpRequest) -> HttpResponse:
    """The list alone, when something in it has changed."""
    reader = reader_of(request)
    return render(request, reader, "home/todo.html", {"page": TodoPage(todo.of(reader))})
