"""The crisis screen: each capability with its state, since when, what to do instead, who decided; every decision under it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from permanence.accounts.permissions import can_ways_in
from permanence.accounts.queries import member_names
from permanence.capabilities import Audience, Capability, State, catalogue, queries
from permanence.capabilities.permissions import Held, can_override, can_switch
from permanence.journal.doors import Actor
from permanence.lib.dates import format_date
from permanence.lib.text import plural
from permanence.sync import apart
from permanence.web import jinja, presenters, switched
from permanence.web.around import post_name
from permanence.web.health import Exchange, exchange
from permanence.web.http import reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.practice.demands import Act
from permanence.web.ready.exercising import Running, running
from permanence.web.services import held_of

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
PHASES = {"live": ("En cours", "sys"), "waiting": ("Attend un accord", "warn"), "coming": ("À venir", "plain"),
          "over": ("Terminée", "plain")}
NOT_BUILT = "Pas encore dans Permanence"
ALONE = (
    "Travailler comme d’habitude\u00a0: tout s’enregistre ici et part au retour. Les rendez-vous pris ailleurs depuis la coupure "
    "ne se voient pas d’ici\u00a0: se prévenir par téléphone."
)


class Row(NamedTuple):
    """One capability for this person."""

    name: str
    state: str
    tone: str
    since: str
    instead: str
    who: str
    ends: str


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One decision in words, with what this person may do about it."""

    what: str
    whom: str
    state: str
    tone: str
    reason: str
    who: str
    when: str
    acts: list[Act]
    override_url: str = ""


class Fact(NamedTuple):
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class BoardPage:
    lead: str
    rows: list[Row]
    others: list[Row]
    decisions: list[DecisionLine]
    over: list[DecisionLine]
    exchange: list[Fact]
    alone: bool  # cut from the others: what follows from it is said first
    switch_url: str
    kit_url: str
    ready_url: str
    running: Running | None


@screen
def board(request: HttpRequest) -> HttpResponse:
    """What holds for who looks, then every decision of the practice. Never switched off, and open to every member."""
    reader, held = reader_of(request), held_of(request)
    found, over = queries.decisions(reader=reader), queries.history(reader=reader)
    names = member_names({id for one in (*found, *over) for id in (one.by, one.lifted_by, _member(one)) if id})
    rows = [_row(one, held.get(one)) for one in Capability if one not in catalogue.NOT_BUILT or one in held]
    page = BoardPage(
        _lead(held, alone=_alone()),
        sorted(rows, key=lambda row: row.tone == "ok"),
        [_absent(one) for one in Capability if one in catalogue.NOT_BUILT and one not in held],
        [_line(one, names, reader.actor) for one in found],
        [_line(one, names, reader.actor) for one in over],
        _between(),
        _alone(),
        reverse("crisis:switch") if can_switch(reader.actor) else "",
        reverse("practice:kit"),
        reverse("ready:page") if can_ways_in(reader.actor) else "",
        running(),
    )
    return render(request, reader, "crisis/board.html", {"page": page}, fragment="live")


def _alone() -> bool:
    """Whether this machine hears none of the others, on purpose or not."""
    found = exchange()
    return found is not None and (found.cut_since is not None or apart.standing() is not None)


def _lead(held: Mapping[Capability, Held], *, alone: bool) -> str:
    if not held:
        return "Tout fonctionne pour vous, sur cette machine seule." if alone else "Tout fonctionne pour vous."
    one, many = "fonction n’est pas dans son état normal", "fonctions ne sont pas dans leur état normal"
    return f"{plural(len(held), one, many)} pour vous. Le reste fonctionne."


def _row(capability: Capability, held: Held | None) -> Row:
    name = catalogue.LABELS[capability]
    if held is None:
        return Row(name, catalogue.STATES[State.ON], "ok", "", "", "", "")
    return Row(name, catalogue.said(held.state, slow=held.by is None), "sys", jinja.moment(held.since), held.instead,
               f"{switched.decider(held)}\u00a0: {held.reason}", switched.ends(held.until, held.next_update_at))


def _absent(capability: Capability) -> Row:
    return Row(catalogue.LABELS[capability], NOT_BUILT, "plain", "", catalogue.instead(capability, State.OFF), "", "")


def _member(one: queries.Decision) -> UUID | None:
    return UUID(one.whom) if one.audience == Audience.MEMBER else None


def whom(audience: str, whom: str, names: dict[UUID, str]) -> str:
    """After « pour »: « tout le cabinet », « la profession médecin », « Dr Léa PETIT », « le poste Accueil »."""
    match audience:
        case Audience.EVERYONE | Audience.PRACTICE:
            return "tout le cabinet"
        case Audience.PROFESSION:
            return f"la profession «\u00a0{presenters.PROFESSIONS.get(whom, whom).lower()}\u00a0»"
        case Audience.MEMBER:
            return names.get(UUID(whom), switched.GONE)
        case Audience.POST:
            return f"le poste {post_name(UUID(whom)) or 'retiré'}"
        case Audience.NETWORK:
            return "qui est hors du cabinet" if whom == "outside" else f"le réseau {whom}"
    return "une partie du cabinet que cette version ne connaît pas"


def hours(schedule: object) -> str:
    """« de 22:00 à 07:00, tous les jours »."""
    if not isinstance(schedule, dict) or not schedule:
        return ""
    start, end = (f"{schedule[name] // 60:02}:{schedule[name] % 60:02}" for name in ("from", "to"))
    days = "tous les jours" if len(schedule["days"]) == 7 else ", ".join(DAYS[day] for day in schedule["days"])
    return f"de {start} à {end}, {days}"


def _line(one: queries.Decision, names: dict[UUID, str], by: Actor) -> DecisionLine:
    text, tone = PHASES[one.phase]
    capability = Capability(one.capability) if one.capability in set(Capability) else None
    name = catalogue.LABELS[capability] if capability else one.capability
    state = catalogue.STATES[State(one.state)].lower() if one.state in set(State) else one.state
    what = f"{name}\u00a0: ouvert pour la garde" if one.overrides else f"{name}\u00a0: {state}"
    who = switched.MACHINE if one.by is None else names.get(one.by, switched.GONE)
    overrides = one.overridable and can_override(by) and one.phase in ("live", "coming")
    return DecisionLine(what, whom(one.audience, one.whom, names), text, tone, one.reason, who, _when(one, names), _acts(one, by),
                        reverse("crisis:override", args=(one.id,)) if overrides else "")


def _when(one: queries.Decision, names: dict[UUID, str]) -> str:
    begun = f"{'Depuis' if one.phase == 'live' else 'Début'} {jinja.moment(one.since)}"
    if one.phase == "waiting":
        begun = f"Demandé {jinja.moment(one.decided_at)}, accord d’un second titulaire attendu"
        begun += f"\u00a0; s’il n’y en a pas, possible {jinja.date(one.ready_at)} à {jinja.time(one.ready_at)}" if one.ready_at else ""
    parts = [begun, hours(one.schedule)]
    if one.phase == "over" and one.lifted_at is not None:
        by = names.get(one.lifted_by, switched.GONE) if one.lifted_by else switched.MACHINE
        parts.append(f"levée {jinja.moment(one.lifted_at)} par {by}" + (f"\u00a0: {one.lifted_reason}" if one.lifted_reason else ""))
    elif one.until is not None:
        tonight = one.phase == "live" and one.schedule
        parts.append(f"{'terminée' if one.phase == 'over' else 'rouvre' if tonight else 'fin'} {switched.end(one.until)}")
    elif one.next_update_at is not None and one.phase != "over":
        parts.append(f"prochain point {jinja.moment(one.next_update_at)}")
    if one.next_closing is not None and one.phase == "coming":
        parts.append(f"prochaine fois le {format_date(one.next_closing.date())}")
    return ", ".join(part for part in parts if part)


def _acts(one: queries.Decision, by: Actor) -> list[Act]:
    if not can_switch(by) or one.phase == "over":
        return []
    lift = reverse("crisis:lift", args=(one.id,))
    if one.phase == "waiting":
        agree = [Act(reverse("crisis:agree", args=(one.id,)), "Donner mon accord", "primary")] if one.can_agree else []
        return [*agree, Act(lift, "Refuser", "danger")]
    return [Act(lift, "Lever la décision" if not one.overrides else "Refermer", "primary")]


def _between() -> list[Fact]:
    """This machine and the others, when there are others."""
    found = exchange()
    if found is None:
        return []
    return [
        Fact("Autres machines du cabinet", _reached(found)),
        *([Fact("Que faire", ALONE)] if _alone() else []),
        Fact("Dernier échange", jinja.moment(found.last) if found.last else "aucun encore"),
        Fact("Écrit ici, à envoyer", plural(found.waiting, "écriture")),
        Fact("À rapprocher", str(found.settle)),
    ]


def _reached(found: Exchange) -> str:
    if (exercise := apart.standing()) is not None:
        return f"coupées exprès jusqu’à {jinja.time(exercise.until)}"
    if found.cut_since:
        return f"coupées depuis {jinja.moment(found.cut_since)}"
    answer = "répondent" if found.reachable > 1 else "répond"
    return f"{found.reachable} sur {found.peers} {answer}" if found.peers else "aucune n’est attendue en ce moment"
