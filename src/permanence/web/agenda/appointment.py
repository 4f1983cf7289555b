"""One appointment: its page, what becomes of it, moving it, and taking back what was just done."""

import datetime
import re
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlencode, urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_POST

from permanence.accounts.queries import member_names
from permanence.agenda import actions, queries
from permanence.journal.doors import Reader, Refused
from permanence.lib import clock
from permanence.patients import actions as patients
from permanence.patients import queries as people_queries
from permanence.web.agenda import board
from permanence.web.agenda.booking import practitioners_of, types_of
from permanence.web.agenda.forms import Detail, Reach, When
from permanence.web.agenda.rounds import to_round
from permanence.web.agenda.staying import WEEK, back, day_of, fields, ids, iso, shown
from permanence.web.dossier.people import Person, people, person
from permanence.web.http import act, go, reader_of, render, screen
from permanence.web.links import reverse

WRONG = "Cette demande n’est plus comprise\u00a0: revenez à l’agenda."
# What may be done in each state: status, words, key, icon.
STEPS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "booked": (
        ("arrived", "Arrivé", "armchair"),
        ("in-progress", "En consultation", "stethoscope"),
        ("noshow", "Absent", "user-x"),
        ("cancelled", "Annuler", "ban"),
    ),
    "arrived": (
        ("in-progress", "En consultation", "stethoscope"),
        ("fulfilled", "Terminé", "check"),
        ("booked", "Remettre « prévu »", "undo-2"),
        ("cancelled", "Parti sans être vu", "ban"),
    ),
    "in-progress": (("fulfilled", "Terminé", "check"), ("arrived", "Remettre en salle", "undo-2")),
    "fulfilled": (("in-progress", "Remettre « en consultation »", "undo-2"),),
    "noshow": (("arrived", "Arrivé en retard", "armchair"), ("booked", "Remettre « prévu »", "undo-2")),
    "cancelled": (("booked", "Remettre « prévu »", "undo-2"),),
}
FILE = re.compile(r"/patients/([0-9a-f-]{36})/")
DONE = {
    "booked": "rdv_prevu",
    "arrived": "rdv_arrive",
    "in-progress": "rdv_entre",
    "fulfilled": "rdv_fini",
    "noshow": "rdv_absent",
    "cancelled": "rdv_annule",
}


WAIVED = {
    "away": "praticien absent",
    "new": "type réservé aux patients connus",
    "known": "type réservé aux nouveaux patients",
    "age": "âge",
    "practitioner": "praticien qui ne prend pas ce type",
    "hours": "hors des heures de ce type",
    "notice": "délai minimum",
    "count": "nombre par jour atteint",
    "buffer": "temps libre entamé",
}


class Step(NamedTuple):
    status: str
    text: str
    symbol: str


@dataclass(frozen=True, slots=True)
class AppointmentPage:
    card: board.Card
    person: Person | None
    title: str
    when: str
    with_whom: str
    booked: str
    steps: list[Step]
    fixed: bool
    slot: bool
    reason_of_state: str
    act: str
    move: str
    back: str
    view: list[tuple[str, str]]  # hidden fields: what the agenda showed
    day: str
    phone: str
    identify: str
    origin: str
    waived: str  # the rules that it does not follow, with the reason that was given


@screen
def appointment(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """One appointment, with what may be done; the form below amends it."""
    reader = reader_of(request)
    found = queries.one(appointment, reader=reader)
    types = types_of(queries.types(reader=reader))
    form = Detail(
        request.POST or None,
        types=types,
        slot=found.is_slot,
        waived=bool(found.waived_rules),
        no_hour=found.no_hour,
        initial={
            "type": str(found.type_id or ""),
            "reason": found.reason,
            "note": found.note,
            "home_visit": found.home_visit,
            "place": found.place,
            "label": found.label,
            "phone": found.phone,
            "waived_reason": found.waived_reason,
        },
    )
    day, minute = found.on, found.minute
    if request.method == "POST" and form.is_valid() and form.do(request, actions.edit, appointment, changes=_changes(form, found)):
        return back(request, day, done="rdv_modifie", anchor=f"rdv-{appointment}")
    when = When(
        people=practitioners_of(reader, day),
        initial={
            "practitioner": str(found.practitioner),
            "day": f"{day:%d/%m/%Y}",
            "hour": "" if found.no_hour else queries.hour_text(minute),
            "minutes": str(found.minutes),
        },
    )
    page = _page(found, reader, shown(request))
    status = 422 if request.method == "POST" else 200
    return render(request, reader, "agenda/appointment.html", {"page": page, "form": form, "when": when}, fragment="form", status=status)


def _changes(form: Detail, found: queries.Booked) -> dict[str, Any]:
    clean = {**form.cleaned_data}
    type = clean.pop("type")
    clean["type_id"] = UUID(type) if type else None
    return {name: value for name, value in clean.items() if value != getattr(found, name)}


def _page(found: queries.Booked, reader: Reader, view: dict[str, Any]) -> AppointmentPage:
    day, minute = found.on, found.minute
    writes = queries.can_write_agenda(reader.actor, found.practitioner)
    names = member_names({one for one in (found.practitioner, found.booked_by) if one})
    steps = [Step(*one) for one in STEPS.get(found.status, ())] if writes else []
    if found.no_hour:
        steps = [one for one in steps if one.status != "arrived"]  # the doctor comes to them
    if found.is_slot:
        steps = [one for one in steps if one.status in ("booked", "cancelled")]
    if found.read_only:
        steps = [one for one in steps if one.status != "cancelled"]
    who = names.get(found.booked_by, "") if found.booked_by else ""
    made = board.card(found, clock.now())
    hours = "dans la tournée" if found.no_hour else f"{queries.hour_text(minute)} – {queries.hour_text(queries.wall(found.end)[1])}"
    return AppointmentPage(
        card=made,
        person=person(found.person) if found.person else None,
        title=made.name,
        when=f"{board.day_title(day)}, {hours}",
        with_whom=names.get(found.practitioner, "") if found.practitioner else "",
        booked=f"Pris par {who}" if who else "",
        steps=steps,
        fixed=found.read_only or not writes,
        slot=found.is_slot,
        reason_of_state=found.status_reason,
        act=reverse("agenda:status", args=(found.id,)),
        move=reverse("agenda:move", args=(found.id,)),
        back=f"{reverse('agenda:day')}?{urlencode({'jour': f'{day:%Y-%m-%d}', **view}, doseq=True)}",
        view=fields(view),
        day=f"{day:%Y-%m-%d}",
        phone=found.phone,
        identify=reverse("agenda:identify", args=(found.id,)) if found.is_slot and found.kind != "busy" and writes else "",
        origin="Vient d’un autre agenda : il se déplace et s’annule là-bas." if found.read_only else "",
        waived=_waived(found),
    )


def _waived(found: queries.Booked) -> str:
    words = ", ".join(WAIVED.get(one, one) for one in found.waived_rules)
    if not words:
        return ""
    why = f"Raison\u00a0: {found.waived_reason}." if found.waived_reason else "Aucune raison n’a été écrite."
    return f"Hors règle\u00a0: {words}. {why}"


@require_POST
@screen
def status(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Arrived, seen, done, absent, cancelled: one gesture, taken back by another."""
    wanted = request.POST.get("etat", "")
    if wanted not in DONE:
        raise Refused(WRONG, code="invalid")
    undo = f"{act(request, actions.set_status, appointment, status=wanted, reason=request.POST.get('raison', ''))}.{appointment}"
    more = {"accueil": str(appointment)} if wanted == "arrived" else {}
    if request.POST.get("retour") == "salle":
        return go(request, "agenda:room", done=DONE[wanted], undo=undo)
    if request.POST.get("retour") == "tournee":
        return to_round(request, done=DONE[wanted], undo=undo)
    return back(request, day_of(request), done=DONE[wanted], undo=undo, anchor=f"rdv-{appointment}", **more)


@require_POST
@screen
def move(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Another hour, length or agenda: from the form, or dropped with the pointer."""
    reader = reader_of(request)
    found = queries.one(appointment, reader=reader)
    data = {**{name: request.POST.get(name, "") for name in ("practitioner", "day", "hour", "minutes")}}
    form = When(data, people=practitioners_of(reader, found.on))
    form.fields["hour"].required = not found.no_hour  # without one, it stays in the round of that day
    if not form.is_valid():
        raise Refused(" ".join(str(error) for errors in form.errors.values() for error in errors), code="invalid")
    clean = form.cleaned_data
    who, start = UUID(clean["practitioner"]), queries.instant(clean["day"], clean["hour"] or 0)
    left = queries.outside(who, start, clean["minutes"], found.type_id, reader=reader, patient=found.patient, but=found.id)
    undo = act(request, actions.move, appointment, start=start, minutes=clean["minutes"], practitioner=who)
    day = day_of(request) if request.POST.get("vue") == WEEK else ""
    done = "rdv_deplace_hors" if left else "rdv_deplace"
    return back(request, day or clean["day"], done=done, undo=f"{undo}.{appointment}", anchor=f"rdv-{appointment}")


def _instant(seconds: str) -> datetime.datetime:
    try:
        return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC)
    except (ValueError, OverflowError, OSError):
        raise Refused(WRONG, code="invalid") from None


@require_POST
@screen
def undo(request: HttpRequest, kind: str, appointment: UUID) -> HttpResponse:
    """Take back the last gesture, if nobody has changed the appointment since."""
    if kind.startswith("nouveau_"):
        start = _instant(kind.removeprefix("nouveau_"))
        act(request, actions.unbook, appointment, start=start)
    else:
        act(request, actions.take_back, appointment, undo=kind)
        start = actions.Undo.read(kind).before.at
    page = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    if page.path == reverse("agenda:round") or FILE.fullmatch(page.path):
        return _where(request, page)
    return back(request, queries.wall(start)[0], done="remis", anchor=f"rdv-{appointment}")


def _where(request: HttpRequest, page: SplitResult) -> HttpResponse:
    """What was done from a round or from a file is taken back there."""
    file = FILE.fullmatch(page.path)
    if file:
        return go(request, "dossier:file", UUID(file[1]), done="remis")
    asked = QueryDict(page.query)
    return go(request, "agenda:round", done="remis", jour=iso(asked.get("jour", "")), qui=ids(asked)[:1])


@require_POST
@screen
def reach(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """The mobile and the e-mail that the card of arrival asked for."""
    reader = reader_of(request)
    found, form = queries.one(appointment, reader=reader), Reach(request.POST)
    if found.patient is None or not form.is_valid():
        raise Refused(WRONG, code="invalid")
    changes = {name: form.cleaned_data[name] for name in ("mobile", "email") if name in request.POST}
    act(request, patients.amend_identity, found.patient, changes=changes)
    return back(request, day_of(request), done="contact", anchor=f"rdv-{appointment}", accueil=str(appointment))


@screen
def identify(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """A caller has a file now: found by name, then one gesture."""
    reader = reader_of(request)
    found = queries.one(appointment, reader=reader)
    day = found.on
    if request.method == "POST":
        try:
            patient = UUID(request.POST.get("patient", ""))
        except ValueError:
            raise Refused("Choisissez le patient dans la liste.", code="invalid") from None
        made = act(request, actions.identify, appointment, patient=patient)
        return back(request, day, done="rdv", anchor=f"rdv-{made}")
    typed = request.GET.get("q", found.label).strip()
    page = {
        "card": board.card(found, clock.now()),
        "typed": typed,
        "day": f"{day:%Y-%m-%d}",
        "people": people(people_queries.search(typed, reader=reader, limit=8)) if typed else [],
        "new": reverse("patients:new"),
        "back": reverse("agenda:appointment", args=(appointment,)),
    }
    return render(request, reader, "agenda/identify.html", {"page": page}, fragment="found")


@screen
@require_POST
def call_next(request: HttpRequest) -> HttpResponse:
    """« Patient suivant »: the file of who waits first; the agenda, with what to do, when nobody does."""
    try:
        return go(request, "dossier:file", act(request, actions.call_next))
    except Refused as refused:
        if refused.code != "nobody":
            raise
        return go(request, "agenda:day", done="personne")
