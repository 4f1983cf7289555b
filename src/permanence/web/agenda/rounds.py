"""The round of home visits: where, how one enters, whom to call, in an order that keys change; on a phone and on paper."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.accounts import queries as accounts
from permanence.agenda import actions, queries
from permanence.journal.categories import Level
from permanence.journal.doors import Reader, Refused
from permanence.lib import clock
from permanence.lib.text import phone_fr, plural
from permanence.patients import queries as patients
from permanence.web import jinja
from permanence.web.agenda import board
from permanence.web.agenda.day import Choice, day_asked, who_asked
from permanence.web.agenda.staying import day_of, ids
from permanence.web.http import act, deliver, go, new_form_id, reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.papers.making import typeset

NOT_TYPESET = "La feuille de tournée n’a pas pu être mise en page\u00a0: la lire à l’écran, ou réessayer."
AT_RISK = "Adresse à risque\u00a0: ne la donner à personne."


@dataclass(frozen=True, slots=True)
class Call:
    """A telephone: as it is shown, as it is dialled."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit of the round."""

    id: str
    number: int
    name: str
    birth: str
    hour: str
    url: str
    more: str
    address: list[str]
    place: str
    calls: list[Call]
    reason: str
    done: bool
    state: str
    risk: str
    step: str
    status: str
    next: bool = False
    chosen: bool = False
    once: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True, slots=True)
class RoundPage:
    title: str
    words: str
    day: str
    who: str
    people: list[Choice]
    before: str
    after: str
    today: str
    agenda: str
    new: str
    sheet: str
    stops: list[Stop]
    writes: bool


def address(day: datetime.date, who: UUID | str) -> str:
    """The round of one practitioner on one day."""
    return f"{reverse('agenda:round')}?jour={day:%Y-%m-%d}&qui={who}"


@screen
def round_page(request: HttpRequest) -> HttpResponse:
    """The visits of the day, in their order; the first that is not done is the next one."""
    reader, (on, _) = reader_of(request), day_asked(request)
    who, known = _whose(request, reader, on)
    stops = _stops(on, who.id, reader, request.GET.get("reste", ""))
    here = datetime.timedelta(days=1)
    page = RoundPage(
        title=board.day_title(on),
        words=words(stops),
        day=f"{on:%Y-%m-%d}",
        who=str(who.id),
        people=[Choice(address(on, one.id), one.name, one.id == who.id) for one in known],
        before=address(on - here, who.id),
        after=address(on + here, who.id),
        today=address(jinja.today(), who.id),
        agenda=f"{reverse('agenda:day')}?jour={on:%Y-%m-%d}",
        new=f"{board.new_url(on, None, who.id)}&tournee=oui",
        sheet=f"{reverse('agenda:round_sheet')}?jour={on:%Y-%m-%d}&qui={who.id}",
        stops=stops,
        writes=queries.can_write_agenda(reader.actor, who.id),
    )
    return render(request, reader, "agenda/round.html", {"page": page})


def _whose(request: HttpRequest, reader: Reader, on: datetime.date) -> tuple[queries.Practitioner, tuple[queries.Practitioner, ...]]:
    """The practitioner of the address, else one's own agenda, else the first. Raises Refused without any."""
    known = queries.practitioners(reader=reader, day=on)
    asked, own = who_asked(request), queries.own_agendas(reader.actor)
    found = [one for one in known if one.id in asked] or [one for one in known if one.id in own] or list(known)
    if not found:
        raise Refused("Aucun soignant n’a d’agenda ici\u00a0: un titulaire les invite depuis «\u00a0Cabinet\u00a0».", code="unknown")
    return found[0], known


def _stops(on: datetime.date, who: UUID, reader: Reader, chosen: str) -> list[Stop]:
    found = queries.visits(on, who, reader=reader)
    doors = patients.doors({one.patient for one in found if one.patient}, reader=reader)
    stops, waits = list[Stop](), True
    for number, one in enumerate(found, 1):
        done = one.status in ("fulfilled", "noshow")
        stops.append(_stop(number, one, doors.get(one.patient) if one.patient else None, chosen, next=waits and not done))
        waits = waits and done
    return stops


def _stop(number: int, one: queries.Booked, door: patients.Door | None, chosen: str, *, next: bool) -> Stop:
    surname, given = board.name_of(one)
    return Stop(
        id=str(one.id),
        number=number,
        name=f"{surname} {given}".strip(),
        birth=", ".join(word for word in (one.person.birth, one.person.age) if word) if one.person else "",
        hour="" if one.no_hour else queries.hour_text(one.minute),
        url=reverse("dossier:file", args=(one.patient,)) if one.patient else "",
        more=reverse("agenda:appointment", args=(one.id,)),
        address=[line for line in (*door.address.splitlines(), door.town) if line] if door else [],
        place=one.place,
        calls=[Call(phone_fr(number), f"tel:{_dialled(number)}") for number in door.phones] if door else [],
        reason=" · ".join(word for word in (one.type_name, one.reason) if word),
        done=one.status in ("fulfilled", "noshow"),
        state=one.status,
        risk=AT_RISK if door and door.at_risk else "",
        step=reverse("agenda:round_step", args=(one.id,)),
        status=reverse("agenda:status", args=(one.id,)),
        next=next,
        chosen=str(one.id) == chosen or (next and not chosen),
        once=(new_form_id(), new_form_id(), new_form_id()),
    )


def _dialled(number: str) -> str:
    return "".join(c for c in number if c.isdigit() or c == "+")


def words(stops: list[Stop]) -> str:
    """« 5 visites, 2 faites »."""
    done = sum(one.done for one in stops)
    return plural(len(stops), "visite") + (f", {plural(done, 'faite')}" if done else "")


@require_POST
@screen
def step(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """One place earlier or later: Alt and an arrow, or the buttons."""
    wanted = {"plus_tot": -1, "plus_tard": 1}.get(request.POST.get("vers", ""))
    if wanted is None:
        raise Refused("Cette demande n’est plus comprise\u00a0: revenez à la tournée.", code="invalid")
    act(request, actions.step_visit, appointment, step=wanted)
    return to_round(request, reste=str(appointment))


def to_round(request: HttpRequest, *, done: str = "", undo: str = "", reste: str = "") -> HttpResponse:
    """Back to the round that the form names."""
    more = {"reste": reste} if reste else {}
    who = next(iter(ids(request.POST)), None)
    return go(request, "agenda:round", done=done, undo=undo, jour=day_of(request), **({"qui": who} if who else {}), **more)


@require_POST
@screen
def add(request: HttpRequest, patient: UUID) -> HttpResponse:
    """From the file, in one key: the last visit of one's round of today."""
    made = act(request, actions.add_visit, patient)
    start = int(queries.bounds(jinja.today())[0].timestamp())
    return go(request, "dossier:file", patient, done="tournee", undo=f"nouveau_{start}.{made}")


@screen
def sheet(request: HttpRequest) -> HttpResponse:
    """The round on paper: addresses and telephones leave with it. It counts as printed."""
    reader, (on, _) = reader_of(request, leaving=Level.PRINTED), day_asked(request)
    who, _known = _whose(request, reader, on)
    stops = _stops(on, who.id, reader, "")
    practice = accounts.practice()
    data = {
        "title": f"Tournée du {on:%d/%m/%Y}",
        "author": practice.name,
        "day": board.day_title(on),
        "who": who.name,
        "note": words(stops),
        "foot": f"{practice.name} · imprimé le {jinja.today():%d/%m/%Y} à {jinja.time(clock.now())} · à détruire après usage",
        "stops": [_printed(one) for one in stops],
    }
    pdf = typeset("agenda/typst/round.typ", data, otherwise=NOT_TYPESET)
    return deliver(request, reader, pdf, content_type="application/pdf", filename=f"tournee-{on:%Y-%m-%d}.pdf", inline=True)


def _printed(one: Stop) -> dict[str, object]:
    """An address at risk stays on the screen: paper is left on a seat."""
    return {
        "number": str(one.number),
        "name": one.name,
        "birth": one.birth,
        "hour": one.hour,
        "address": [f"Adresse à risque\u00a0: {patients.IN_THE_FILE}"] if one.risk else one.address,
        "place": "" if one.risk else one.place,
        "phones": [call.text for call in one.calls],
        "reason": one.reason,
        "done": "faite" if one.done else "",
    }
