"""« Exercice de coupure »: a list gone through, or this machine alone on purpose for some minutes; the report of each, which prints."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.accounts.permissions import check_member
from permanence.accounts.queries import member_names
from permanence.continuity import actions, exercising, queries, readiness
from permanence.continuity.readiness import Can
from permanence.journal.doors import Refused
from permanence.lib import clock
from permanence.lib.text import NBSP, plural
from permanence.sync import apart
from permanence.sync import queries as sync
from permanence.web import jinja
from permanence.web.health import LATE, current
from permanence.web.http import act, actor_of, go, new_form_id, reader_of, render, screen
from permanence.web.links import reverse

KINDS = {"list": "Vérification sans rien couper", "cut": "Coupure pour de vrai"}
LENGTHS = ((5, "5 minutes"), (15, "15 minutes"), (30, "30 minutes"), (60, "une heure"))
SEEN = (("feuille", "La feuille de secours est à sa place, lisible"), ("kit", "Le kit imprimé, ou la clé USB du kit, est à l’accueil"),
        ("telephones", "Les numéros utiles sont sur papier"), ("portable", "Le portable est chargé, et chacun sait où il est"))  # fmt: skip
MARKS = {True: ("Oui", "ok"), False: ("Non", "sys"), None: ("Ne peut pas se savoir d’ici", "plain")}
UNKNOWN = f"Ce compte rendu n’existe pas{NBSP}: revenir à la liste."


@dataclass(frozen=True, slots=True)
class Running:
    """A cut on purpose that holds now."""

    until: datetime.datetime
    end: str
    once: str


class DoneLine(NamedTuple):
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Panel:
    """The part of the page about exercises. `may`: who may begin one."""

    may: bool
    alone: bool
    running: Running | None
    last: str
    late: bool
    seen: tuple[tuple[str, str], ...]
    lengths: tuple[tuple[int, str], ...]
    done: list[DoneLine]
    go_through: str
    cut: str
    once: tuple[str, str]


def running() -> Running | None:
    found = apart.standing()
    return None if found is None else Running(found.until, reverse("ready:uncut"), new_form_id())


def panel(done: Sequence[queries.Done], *, may: bool, alone: bool) -> Panel:
    last = done[0] if done else None
    late = last is None or last.at is None or clock.now() - last.at > readiness.EXERCISE_EVERY
    lines = [DoneLine(f"{jinja.moment(one.at)}{NBSP}: {KINDS.get(one.kind, one.kind).lower()}", reverse("ready:report", args=(one.id,)))
             for one in done if one.at]  # fmt: skip
    said = jinja.moment(last.at) if last and last.at else ""
    return Panel(may, alone, running(), said, late, SEEN, LENGTHS, lines, reverse("ready:list"), reverse("ready:cut"),
                 (new_form_id(), new_form_id()))  # fmt: skip


@require_POST
@screen
def go_through(request: HttpRequest) -> HttpResponse:
    """What a person looked at, with what the machine knows: nothing is cut."""
    reader = reader_of(request)
    found = queries.ready(reader=reader)
    seen = [(said, name in request.POST.getlist("vu"), "") for name, said in SEEN]
    done = act(request, actions.note_list, checks=[*seen, *_known(found)])
    return go(request, "ready:report", done, done="exercice")


def _known(found: queries.Ready) -> list[tuple[str, bool | None, str]]:
    """What the machine can say by itself."""
    compared, kit = found.around.compared, current().kit
    out = [one.name for one in found.people if one.can in (Can.NO, Can.PARTLY)]
    written = "Jamais" if kit is None else jinja.moment(kit.at) if kit.ok else kit.problem
    checks: list[tuple[str, bool | None, str]] = [
        ("La feuille de secours a été retapée depuis le papier", found.sheet_since is not None, ""),
        ("Le kit d’hier soir est écrit", bool(kit and kit.ok and clock.now() - kit.at <= LATE), written),
        ("Chacun pourrait entrer sur chaque machine", not out, ", ".join(out)),
    ]
    for one in found.sisters:
        there = not (one.away_since or one.gone) if one.last_at else None
        checks.append((f"{one.name} répond", there, "" if there else jinja.moment(one.last_at) if one.last_at else ""))
        held = compared.get(one.id)
        checks.append((f"{one.name} tient les mêmes écritures", None if held is None else held == (0, 0),
                       plural(held[0], "écriture lui manque", "écritures lui manquent") if held and held[0] else ""))  # fmt: skip
    return checks


@require_POST
@screen
def cut(request: HttpRequest) -> HttpResponse:
    """This machine stands alone for some minutes. It comes back by itself."""
    minutes = request.POST.get("minutes", "")
    length = int(minutes) if minutes.isdecimal() and len(minutes) < 4 else 0
    act(request, exercising.begin, length, unplugged="debranche" in request.POST)
    return go(request, "crisis:board")


@require_POST
@screen
def uncut(request: HttpRequest) -> HttpResponse:
    """At once, by whoever needs it."""
    check_member(actor_of(request))
    apart.end()
    return go(request, "crisis:board", done="exercice_fini")


class CheckLine(NamedTuple):
    text: str
    mark: str
    tone: str
    detail: str


class Figure(NamedTuple):
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    title: str
    when: str
    verdict: tuple[str, str]
    figures: list[Figure]
    people: str
    checks: list[CheckLine]
    open: bool


@screen
def report(request: HttpRequest, exercise: UUID) -> HttpResponse:
    """One exercise, on one page that prints."""
    reader = reader_of(request)
    found = queries.exercise(exercise, reader=reader)
    if found is None or found.at is None:
        raise Refused(UNKNOWN, code="unknown")
    names = member_names([*found.came_in, *([found.by] if found.by else [])])
    machine = next((one.name for one in (sync.own(), *sync.sisters()) if one is not None and one.id == found.replica), "une autre machine")
    who = names.get(found.by, "un titulaire") if found.by else "un titulaire"
    when = f"{jinja.date(found.at)} à {jinja.time(found.at)}, sur {machine}, par {who}"
    page = ReportPage(KINDS.get(found.kind, found.kind), when, _verdict(found), _figures(found),
                      ", ".join(names[one] for one in found.came_in if one in names), [_check(*one) for one in found.checks],
                      found.ended_at is None)  # fmt: skip
    return render(request, reader, "ready/report.html", {"page": page})


def _check(text: str, ok: bool | None, detail: str) -> CheckLine:
    return CheckLine(text, *MARKS[ok], detail)


def _verdict(found: queries.Done) -> tuple[str, str]:
    if found.kind == "list":
        lacking = sum(ok is False for _, ok, _ in found.checks)
        return (plural(lacking, "point à reprendre", "points à reprendre"), "sys") if lacking else ("Rien à reprendre", "ok")
    if found.ended_at is None:
        return "En cours", "sys"
    said = {True: ("Les machines tiennent les mêmes écritures", "ok"), False: ("Elles ne s’étaient pas encore toutes retrouvées", "sys"),
            None: ("Aucune autre machine n’est revenue dans la minute", "plain")}  # fmt: skip
    return said[found.copies_equal]


def _figures(found: queries.Done) -> list[Figure]:
    if found.kind == "list" or found.at is None:
        return []
    minutes = int(((found.ended_at or clock.now()) - found.at).total_seconds() // 60)
    length = f"{minutes}{NBSP}min" if minutes else "moins d’une minute"
    return [Figure("Durée", length), Figure("Entrés avec leur clé", str(len(found.came_in))),
            Figure("Écritures faites ici", str(found.written)), Figure("Écritures reçues au retour", str(found.received))]  # fmt: skip
