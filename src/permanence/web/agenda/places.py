"""The next free places, for who holds the telephone: which type, with whom, morning or afternoon; each place is one key from booked."""

import datetime
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from permanence.agenda import queries
from permanence.journal.doors import Refused
from permanence.web.agenda import board
from permanence.web.agenda.booking import NO_PLACE, practitioners_of
from permanence.web.agenda.day import Choice, day_asked, who_asked
from permanence.web.http import reader_of, render, screen
from permanence.web.links import reverse

MOST, NOON = 14, 13 * 60
MOMENTS = {"": ("Toute la journée", 0, 24 * 60), "matin": ("Matin", 0, NOON), "apres": ("Après-midi", NOON, 24 * 60)}


class Place(NamedTuple):
    """One free time."""

    url: str
    hour: str
    who: str


@dataclass(frozen=True, slots=True)
class FreePage:
    types: list[Choice]
    people: list[Choice]
    moments: list[Choice]
    days: list[tuple[str, list[Place]]]
    day: str
    wrong: str
    none: str
    kept: list[tuple[str, str]]  # hidden fields of « from which day »
    back: str


@screen
def free(request: HttpRequest) -> HttpResponse:
    """Only times, of nobody in particular: nothing is journalled."""
    reader, (on, wrong) = reader_of(request), day_asked(request)
    people = practitioners_of(reader, on)
    if not people:
        raise Refused("Vous n’avez pas d’agenda où écrire\u00a0: demandez au secrétariat.", code="right")
    types = queries.types(reader=reader)
    asked = {name: request.GET.get(name, "") for name in ("type", "quand")}
    usual = next((one for one in types if not one.walk_in), None)
    kind = next((one for one in types if str(one.id) == asked["type"]), usual)
    moment = asked["quand"] if asked["quand"] in MOMENTS else ""
    everybody = "tous" in request.GET.getlist("qui")
    own = [] if everybody else queries.own_agendas(reader.actor)
    who = [one for one in who_asked(request) or own if str(one) in dict(people)]
    _, start, end = MOMENTS[moment]
    found = queries.free(
        kind.minutes if kind else 15,
        reader=reader,
        practitioners=who or [UUID(id) for id, _ in people],
        first=on,
        most=MOST,
        from_minute=start,
        to_minute=end,
        type=kind.id if kind else None,
    )
    here: dict[str, str | list[str]] = {
        "jour": f"{on:%Y-%m-%d}",
        "type": str(kind.id) if kind else "",
        "quand": moment,
        "qui": [str(one) for one in who] or ["tous"],
    }
    page = FreePage(
        types=[Choice(_url(here, type=str(one.id)), one.name, one == kind) for one in types if not one.walk_in],
        people=[
            Choice(_url(here, qui=["tous"]), "Tous", not who),
            *(Choice(_url(here, qui=[id]), name, UUID(id) in who) for id, name in people),
        ],
        moments=[Choice(_url(here, quand=key), words, key == moment) for key, (words, *_) in MOMENTS.items()],
        days=_days(found, dict(people), here),
        day=f"{on:%d/%m/%Y}",
        wrong=wrong,
        none="" if found else NO_PLACE,
        kept=[(name, one) for name, value in here.items() if name != "jour" for one in (value if isinstance(value, list) else [value])],
        back=f"{reverse('agenda:day')}?jour={on:%Y-%m-%d}",
    )
    return render(request, reader, "agenda/free.html", {"page": page})


def _days(found: list[queries.Free], names: dict[str, str], here: dict[str, str | list[str]]) -> list[tuple[str, list[Place]]]:
    days: dict[datetime.date, list[Place]] = {}
    more = {"type": here["type"]} if here["type"] else {}
    for one in found:
        day, minute = queries.wall(one.start)
        url = board.new_url(day, minute, one.practitioner) + (f"&{urlencode(more)}" if more else "")
        days.setdefault(day, []).append(Place(url, queries.hour_text(minute), names.get(str(one.practitioner), "")))
    return [(board.day_title(day), places) for day, places in days.items()]


def _url(here: dict[str, str | list[str]], **changed: str | list[str]) -> str:
    kept = {name: value for name, value in {**here, **changed}.items() if value}
    return f"{reverse('agenda:free')}?{urlencode(kept, doseq=True)}"
