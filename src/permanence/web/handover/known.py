"""« Les dix patients à connaître »: prepared by who leaves, read by who replaces; each line says why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.accounts.queries import member_names
from permanence.handover import actions, queries
from permanence.journal.doors import Refused
from permanence.lib import clock
from permanence.lib.text import NBSP
from permanence.patients import queries as patients
from permanence.web import reasons
from permanence.web.dossier import banners
from permanence.web.dossier.people import Banner, Person, named, people
from permanence.web.forms import Area, Choices, Form, Pick
from permanence.web.handover.cards import days
from permanence.web.handover.listing import checked
from permanence.web.http import act, go, render, screen
from permanence.web.links import reverse

MOST_FOUND = 6
NO_PERIOD = f"Personne ne vous remplace bientôt{NBSP}: inscrire d’abord votre absence dans l’agenda, avec qui vous remplace."


@dataclass(frozen=True, slots=True)
class KnownLine:
    person: Person
    by_hand: bool
    text: str
    closed: bool
    reasons: tuple[str, ...]
    edit: str


@dataclass(frozen=True, slots=True)
class KnownPage:
    """`writes`: the replaced doctor, who decides; for who replaces, nothing can be changed."""

    title: str
    lead: str
    lines: list[KnownLine]
    left_out: list[Person]
    writes: bool
    found: str
    leave_out: str
    let_decide: str
    move_up: str


@screen
def known(request: HttpRequest, replacement: UUID) -> HttpResponse:
    """The list; as a fragment, what the home page shows of it."""
    reader = checked(request)
    one, found = queries.period(replacement, reader=reader), queries.known(replacement, reader=reader)
    shown = named([*(line.patient for line in found.lines), *found.left_out], reader)
    writes = one.doctor == reader.actor.member
    lines = [
        KnownLine(
            shown[line.patient],
            line.by_hand,
            line.text,
            line.closed,
            line.reasons,
            _pin(line.patient, replacement) if writes else "",
        )
        for line in found.lines
        if line.patient in shown
    ]
    left_out = [shown[patient] for patient in found.left_out if patient in shown] if writes else []
    args = (replacement,)
    page = KnownPage(
        "Les dix patients à connaître",
        _lead(one, writes=writes),
        lines,
        left_out,
        writes,
        reverse("handover:found", args=args),
        *(reverse(f"handover:{name}", args=args) for name in ("leave_out", "let_decide", "move_up")),
    )
    answer = render(request, reader, "handover/known.html", {"page": page}, fragment="ten")
    reasons.shown(reader.actor, [UUID(line.person.id) for line in lines], "handover", answer)
    return answer


def _pin(patient: UUID, replacement: UUID) -> str:
    return f"{reverse('handover:pin', args=(patient,))}?remplacement={replacement}"


def _lead(one: queries.Period, *, writes: bool) -> str:
    names = member_names([one.deputy, one.doctor])
    if writes:
        return f"Pour {names.get(one.deputy, 'votre remplaçant')}, qui vous remplace {days(one.first_day, one.last_day)}."
    return f"De {names.get(one.doctor, 'la personne remplacée')}, que vous remplacez {days(one.first_day, one.last_day)}."


@dataclass(frozen=True, slots=True)
class FoundPage:
    found: list[tuple[Person, str]]


@screen
def found(request: HttpRequest, replacement: UUID) -> HttpResponse:
    """The patients whom a name finds, each on to its sentence. Rows count as listed."""
    reader, query = checked(request), request.GET.get("q", "").strip()
    queries.period(replacement, reader=reader)
    rows = people(patients.search(query, reader=reader, limit=MOST_FOUND)) if len(query) > 1 else []
    page = FoundPage([(one, _pin(UUID(one.id), replacement)) for one in rows])
    return render(request, reader, "handover/found.html", {"page": page}, fragment="found")


class PinForm(Form):
    replacement = Pick("Pour", [])
    text = Area("À connaître", help_text="Une phrase\u00a0: ce que vous diriez de vive voix. Elle est lue avec les droits des notes.")

    def __init__(self, *args: Any, periods: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["replacement"].choices = periods  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class PinPage:
    banner: Banner
    back: str


@screen
def pin(request: HttpRequest, patient: UUID) -> HttpResponse:
    """One sentence about a patient for who replaces."""
    reader = checked(request)
    now, me = clock.now(), reader.actor.member
    periods = [one for one in queries.mine(reader=reader) if one.doctor == me and one.end > now]
    if not periods:
        raise Refused(NO_PERIOD, code="period")
    wanted = next((one for one in periods if str(one.id) == request.GET.get("remplacement")), periods[-1])
    names = member_names({one.deputy for one in periods})
    choices = [(str(one.id), f"{names.get(one.deputy, '')}, {days(one.first_day, one.last_day)}") for one in periods]
    said = queries.sentence(wanted.id, patient, reader=reader)
    form = PinForm(request.POST or None, periods=choices, initial={"replacement": str(wanted.id), "text": said})
    if request.method == "POST" and form.is_valid():
        chosen = UUID(form.cleaned_data["replacement"])
        if form.do(request, actions.choose, chosen, patient, text=form.cleaned_data["text"]):
            return go(request, "handover:known", chosen, done="dix")
    page = PinPage(banners.banner_of(patient, reader), reverse("handover:known", args=(wanted.id,)))
    return render(request, reader, "handover/pin.html", {"page": page, "form": form}, fragment="form",
                  status=422 if request.method == "POST" else 200)


def _decision(action: Callable[..., Any]) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, replacement: UUID) -> HttpResponse:
        try:
            patient = UUID(request.POST.get("patient", ""))
        except ValueError:
            raise Refused(f"Choisir un patient de la liste{NBSP}: recharger la page.", code="unknown") from None
        act(request, action, replacement, patient)
        return go(request, "handover:known", replacement, done="dix")

    view.__doc__ = action.__doc__
    return require_POST(screen(view))  # type: ignore[return-value]


leave_out, let_decide, move_up = (_decision(one) for one in (actions.leave_out, actions.let_rules_decide, actions.move_up))
