"""« Kit du soir »: print tomorrow's kit, its phrase, and the log of what was printed, written and destroyed."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.accounts.permissions import can_administer
from permanence.accounts.queries import member_names
from permanence.continuity import actions, paper, queries
from permanence.journal.categories import Level
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock, typesetting
from permanence.lib.dates import format_date
from permanence.lib.text import plural
from permanence.web.health import current
from permanence.web.http import act, deliver, go, reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.practice.health import Box, box
from permanence.web.practice.members import Code

MEDIA = {"paper": "Imprimé", "file": "Fichier chiffré"}
HOW_PHRASE = (
    "L’écrire sur papier et la garder sous clé, un exemplaire hors du cabinet. Elle ouvre les kits à venir sur n’importe quel "
    "ordinateur\u202f; ceux déjà écrits gardent l’ancienne."
)

NOT_YOURS = "Ces feuilles sont à qui les a demandées, tant qu’elles n’ont pas été détruites\u00a0: imprimer le kit pour en avoir d’autres."
OTHER_DAY = "Ces feuilles sont celles d’un autre jour\u00a0: imprimer le kit de nouveau."


@dataclass(frozen=True, slots=True)
class Line:
    """One kit that left the screen."""

    what: str
    at: datetime.datetime
    who: str
    days: str
    patients: str
    forms: str
    destroyed_at: datetime.datetime | None
    destroyed_by: str
    destroy_url: str


@dataclass(frozen=True, slots=True)
class KitPage:
    written: Box
    phrase: str
    may_draw: bool
    code: Code | None
    lines: list[Line]


@screen
def kit(request: HttpRequest) -> HttpResponse:
    """What protects tomorrow if everything stops tonight."""
    return _page(request, None)


def _page(request: HttpRequest, code: Code | None) -> HttpResponse:
    reader, health = reader_of(request), current()
    found = queries.copies(reader=reader)
    names = member_names({id for one in found for id in (one.made_by_id, one.destroyed_by_id) if id})
    since = queries.phrase_since()
    page = KitPage(
        box(health.kit, "Écrit", "Chiffré, lisible sur un autre ordinateur avec la phrase du kit, sans Internet et sans ce logiciel.",
            "Le premier s’écrira ce soir à 19\u00a0h." if health.kits
            else "Aucun dossier n’est choisi\u00a0: brancher une clé USB ou un second disque, puis lancer le serveur avec --kits."),
        format_date(since.date()) if since else "",
        can_administer(reader.actor),
        code,
        [_line(one, names) for one in found],
    )
    return render(request, reader, "practice/kit.html", {"page": page})


def _line(one: queries.Copy, names: dict[UUID, str]) -> Line:
    return Line(
        MEDIA.get(one.medium, one.medium),
        one.made_at,
        names.get(one.made_by_id, "Personne partie") if one.made_by_id else "Tâche du soir",
        f"{format_date(one.first_day)} et {format_date(one.last_day)}",
        plural(one.patients, "patient"),
        f"{one.first_form} à {one.first_form + one.forms - 1}" if one.forms else "",
        one.destroyed_at,
        names.get(one.destroyed_by_id, "Personne partie") if one.destroyed_by_id else "",
        reverse("practice:kit_destroyed", args=(one.id,)) if one.medium == "paper" and one.destroyed_at is None else "",
    )


@screen
@require_POST
def order(request: HttpRequest) -> HttpResponse:
    """Sheets stand in the log, with the numbers of their blank forms, before they exist. Sent twice, it orders them once."""
    first, last, patients = queries.expected(reader=reader_of(request), made_at=clock.now())
    copy = act(request, actions.log_copy, medium="paper", first_day=first, last_day=last, patients=patients,
               forms=request.POST.get("forms", "short"))
    return go(request, "practice:kit_sheets", copy)


@screen
def sheets(request: HttpRequest, copy: UUID) -> HttpResponse:
    """The sheets of the log as this person may read them, ready to print: each patient counts as printed."""
    reader = reader_of(request, leaving=Level.PRINTED)
    line = queries.copy(copy, reader=reader)
    if line.made_by_id != reader.actor.member or line.destroyed_at is not None:
        raise Refused(NOT_YOURS, code="right")  # the log would tell of one set where there are two
    found = queries.kit(reader=reader, made_at=clock.now())
    if line.medium != "paper" or (line.first_day, line.last_day) != (found.first_day, found.last_day):
        raise Refused(OTHER_DAY, code="late")
    try:
        pdf = paper.pdf(paper.data_of(found, queries.numbers_of(copy)))
    except typesetting.NotTypeset:
        raise Refused("Le kit n’a pas pu être mis en page\u00a0: imprimer l’agenda de demain, et prévenir la personne qui s’occupe de "
                      "l’informatique.", code="typeset") from None
    return deliver(request, reader, pdf, content_type="application/pdf", filename="kit-du-soir.pdf", inline=True)


@screen
@require_POST
def phrase(request: HttpRequest) -> HttpResponse:
    """A new phrase, shown once."""
    drawn = act(request, _draw)
    return _page(request, Code(drawn, HOW_PHRASE, "Phrase du kit, montrée une seule fois"))


def _draw(*, by: Actor) -> str:
    return actions.new_phrase(by=by)


@screen
@require_POST
def destroyed(request: HttpRequest, copy: UUID) -> HttpResponse:
    """The sheets went through the shredder."""
    act(request, actions.destroyed, copy)
    return go(request, "practice:kit", done="kit_detruit")
