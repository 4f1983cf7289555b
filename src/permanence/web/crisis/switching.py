"""Deciding: switch something off or read-only, agree as the second person, lift, open a closing for one's own on-call duty."""

import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.accounts import queries as accounts
from permanence.accounts.permissions import PARIS
from permanence.agenda import queries as agenda
from permanence.capabilities import Audience, Capability, State, actions, catalogue, queries
from permanence.capabilities.permissions import can_override, check_switch, states_of
from permanence.journal.doors import Reader, Refused
from permanence.lib import clock
from permanence.web import jinja, presenters
from permanence.web.crisis.board import DecisionLine, hours, whom
from permanence.web.forms import Choices, Day, Form, Pick, Text, Tick
from permanence.web.http import act, go, reader_of, render, screen
from permanence.web.links import reverse

WEEK: Choices = [("0", "Lundi"), ("1", "Mardi"), ("2", "Mercredi"), ("3", "Jeudi"), ("4", "Vendredi"), ("5", "Samedi"), ("6", "Dimanche")]
STATES: Choices = [(str(one), catalogue.STATES[one]) for one in (State.OFF, State.READ_ONLY, State.QUEUED)]
NETWORK = "network:"


class Hour(forms.CharField):
    """An hour in any way of typing it; minutes since midnight, or None."""

    def __init__(self, label: str, help_text: str = "") -> None:
        super().__init__(label=label, required=False, max_length=10, help_text=help_text)
        self.quiet = True

    def clean(self, value: Any) -> int | None:
        typed = str(super().clean(value)).strip()
        if not typed:
            return None
        if typed.replace("h", "").replace(":", "") in ("24", "2400"):
            return 24 * 60
        try:
            return agenda.parse_hour(typed)
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from None


class SwitchForm(Form):
    """What, for whom, why, until when. An hour without a day is today's."""

    capability = Pick("Fonction", [("", "Choisir"), *((str(one), catalogue.LABELS[one]) for one in Capability
                                                      if one not in catalogue.NOT_BUILT)])  # fmt: skip
    state = Pick("Devient", STATES)
    audience = Pick("Pour", [])
    network = Text("Réseau", max_length=60, help_text="Seulement pour un réseau, par exemple 192.168.1.0/24")
    reason = Text("Pourquoi", required=True, help_text="Lu par tout le cabinet\u00a0; ne nommer aucun patient")
    end_day = Day("Fin, jour", past=False)
    end_hour = Hour("Fin, heure")
    next_day = Day("Prochain point, jour", past=False)
    next_hour = Hour("Prochain point, heure", "Quand vous en direz plus, si la fin n’est pas connue")
    days = forms.MultipleChoiceField(choices=WEEK, required=False)
    close_hour = Hour("De", "22h")
    open_hour = Hour("À", "7h")
    overridable = Tick("Un médecin de garde peut ouvrir pour lui-même, en disant pourquoi")

    def __init__(self, *args: Any, audiences: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].choices = audiences  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """What the action takes."""
        clean = self.cleaned_data
        audience, _, named = clean["audience"].partition(":")
        timed = clean["days"] or clean["close_hour"] is not None or clean["open_hour"] is not None
        schedule = {"days": clean["days"], "from": _or(clean["close_hour"]), "to": _or(clean["open_hour"])} if timed else {}
        return {
            **{name: clean[name] for name in ("capability", "state", "reason", "overridable")},
            "audience": audience,
            "whom": clean["network"] if clean["audience"] == NETWORK else named,
            "ends_at": _instant(clean["end_day"], clean["end_hour"]),
            "next_update_at": _instant(clean["next_day"], clean["next_hour"]),
            "schedule": schedule,
        }


def _or(minutes: int | None) -> int:
    return -1 if minutes is None else minutes


def _instant(day: datetime.date | None, minutes: int | None) -> datetime.datetime | None:
    """A day without an hour ends with it; an hour without a day is the next one that comes."""
    if day is None and minutes is None:
        return None
    start = datetime.datetime.combine(day or jinja.today(), datetime.time(), PARIS)
    found = start.replace(hour=minutes // 60, minute=minutes % 60) if minutes is not None and minutes < 24 * 60 else _next(start)
    if day is None and found <= clock.now():
        found = _next(found)
    return found.astimezone(datetime.UTC)


def _next(at: datetime.datetime) -> datetime.datetime:
    """The same hour of the day after, as walls show it."""
    return at + datetime.timedelta(days=1)


def _audiences(reader: Reader) -> Choices:
    people = [(f"{Audience.MEMBER}:{one.id}", one.name) for one in accounts.members(reader=reader)]
    posts = [(f"{Audience.POST}:{one.id}", f"Poste {one.name}") for one in accounts.posts(reader=reader) if one.state != "revoked"]
    roles = [(f"{Audience.PROFESSION}:{code}", f"Profession\u00a0: {name.lower()}") for code, name in presenters.PROFESSIONS.items()]
    outside = [(f"{Audience.NETWORK}:outside", "Qui est hors du cabinet"), (NETWORK, "Un réseau, écrit dessous")]
    return [(f"{Audience.EVERYONE}:", "Tout le cabinet"), *roles, *people, *posts, *outside]


@screen
def switch(request: HttpRequest) -> HttpResponse:
    """One decision: read by everybody, lifted by any titulaire."""
    reader = reader_of(request)
    check_switch(reader.actor)
    initial = {"capability": request.GET.get("fonction", ""), "state": str(State.OFF)}
    form = SwitchForm(request.POST or None, audiences=_audiences(reader), initial=initial)
    if request.method == "POST" and form.is_valid() and form.do(request, actions.switch, **form.chosen()):
        return go(request, "crisis:board", done="bascule")
    allowed = [(catalogue.LABELS[one], ", ".join(catalogue.STATES[state].lower() for state in states_of(one)))
               for one in Capability if one not in catalogue.NOT_BUILT]
    page = {"back": reverse("crisis:board"), "week": WEEK, "allowed": allowed}
    return render(request, reader, "crisis/switch.html", {"page": page, "form": form}, fragment="form",
                  status=422 if request.method == "POST" else 200)


@require_POST
@screen
def agree(request: HttpRequest, switch: UUID) -> HttpResponse:
    """As the second person."""
    act(request, actions.agree, switch)
    return go(request, "crisis:board", done="accord")


@require_POST
@screen
def lift(request: HttpRequest, switch: UUID) -> HttpResponse:
    """Back to normal."""
    act(request, actions.lift, switch, reason=request.POST.get("reason", ""))
    return go(request, "crisis:board", done="bascule_levee")


class OverrideForm(Form):
    reason = Text("Pourquoi", required=True, help_text="Lu par tout le cabinet\u00a0; ne nommer aucun patient")
    hours = Pick("Pendant", [(str(n), f"{n} h") for n in (1, 2, 4, 8, 12)])


@screen
def override(request: HttpRequest, switch: UUID) -> HttpResponse:
    """On call: open this closing for oneself, for some hours."""
    reader = reader_of(request)
    found = next((one for one in queries.decisions(reader=reader) if one.id == switch and one.overridable), None)
    if found is None or not can_override(reader.actor):
        raise Refused("Cette fermeture n’est plus en cours, ou ne s’ouvre pas pour vous\u00a0: revenir à l’état du cabinet.",
                      code="unknown")
    form = OverrideForm(request.POST or None, initial={"hours": "4"})
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        if form.do(request, actions.override, switch, reason=clean["reason"], hours=int(clean["hours"])):
            return go(request, "crisis:board", done="garde_ouverte")
    label = catalogue.LABELS[Capability(found.capability)] if found.capability in set(Capability) else found.capability
    page = DecisionLine(label, whom(found.audience, found.whom, {}), "", "", found.reason, "", hours(found.schedule), [])
    return render(request, reader, "crisis/override.html", {"page": page, "form": form, "back": reverse("crisis:board")}, fragment="form",
                  status=422 if request.method == "POST" else 200)
