"""The continuity plan: what only the practice knows is filled in once, printed with its own data, and the messages are ready to read."""

import datetime
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse

from permanence.accounts import queries as accounts
from permanence.accounts.permissions import PARIS, can_administer
from permanence.continuity import actions, paper, queries
from permanence.continuity import plan as texts
from permanence.documents import queries as documents
from permanence.journal.categories import Level
from permanence.journal.doors import Reader, Refused
from permanence.lib import clock, typesetting
from permanence.lib.dates import format_long
from permanence.lib.text import plural, unbroken
from permanence.web import jinja
from permanence.web.forms import Form, Text
from permanence.web.health import current
from permanence.web.http import deliver, go, reader_of, render, screen
from permanence.web.links import reverse

NOT_OPEN = "Non ouvert à la personne qui imprime"


class PlanForm(Form):
    """One line for each thing that only the practice knows."""

    def __init__(self, *args: Any, keys: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in keys:
            self.fields[key] = Text(texts.fields()[key].label, max_length=texts.LONGEST)


class Group(NamedTuple):
    title: str
    keys: list[str]


class Colleague(NamedTuple):
    profession: str
    name: str
    state: str


class Answer(NamedTuple):
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class PlanPage:
    lead: str
    may_fill: bool
    groups: list[Group]
    answers: list[tuple[str, list[Answer]]]
    messages: list[dict[str, str]]
    print_url: str
    sources: list[Answer]


@screen
def plan(request: HttpRequest) -> HttpResponse:
    """Read by every member; filled in by titulaires."""
    reader = reader_of(request)
    known, may = queries.answers(reader=reader), can_administer(reader.actor)
    keys = [key for key, one in texts.fields().items() if may or not one.private]
    form = PlanForm(request.POST or None, keys=keys, initial=known)
    if request.method == "POST" and form.is_valid() and form.do(request, actions.fill_plan, answers=form.cleaned_data) is not None:
        return go(request, "crisis:plan", done="plan")
    grouped = [Group(title, list(found)) for title, found in groupby(keys, key=lambda key: texts.fields()[key].group)]
    missing = sum(not known.get(key) for key in keys)
    page = PlanPage(
        f"{plural(missing, 'ligne reste', 'lignes restent')} à remplir." if missing else "À relire après chaque exercice.",
        may,
        grouped,
        [(group.title, [Answer(texts.fields()[key].label, unbroken(known.get(key, ""))) for key in group.keys]) for group in grouped],
        _messages(known, _colleagues(reader), reader),
        reverse("crisis:plan_print"),
        [Answer(f"{part.number}. {part.title}", part.source) for part in texts.parts()],
    )
    return render(request, reader, "crisis/plan.html", {"page": page, "form": form}, fragment="form",
                  status=422 if request.method == "POST" else 200)


def _messages(known: dict[str, str], colleagues: list[Colleague], reader: Reader) -> list[dict[str, str]]:
    names = [name for _, name, _ in colleagues]
    phone = documents.letterhead(None, reader=reader).phone or known.get("phone", "")
    return paper.messages_of(accounts.practice().name, phone, names, known)


def _colleagues(reader: Reader) -> list[Colleague]:
    """The members; nobody for who may not see the list."""
    try:
        return [Colleague(one.profession_label, one.name, one.status_label) for one in accounts.members(reader=reader)]
    except Refused:
        return []


@screen
def printed(request: HttpRequest) -> HttpResponse:
    """The plan on paper, with the practice's own data as it is now. No patient is in it."""
    reader = reader_of(request, leaving=Level.PRINTED)
    known, practice, now = queries.answers(reader=reader), accounts.practice(), clock.now().astimezone(PARIS)
    chief, colleagues = can_administer(reader.actor), _colleagues(reader)
    data = {
        "title": "Plan de continuité d’activité", "practice": practice.name, "fictional": practice.fictional,
        "made": f"{format_long(now.date())} à {now:%H:%M}",
        "by": accounts.member_names([reader.actor.member])[reader.actor.member] if reader.actor.member else "", "author": practice.name,
        "sections": [{"title": title, "source": source, "rows": [[unbroken(one) for one in row] for row in rows]}
                     for title, source, rows in _sections(colleagues, reader)],
        "places": [[one.label, unbroken(known.get(key, ""))]
                   for key, one in texts.fields().items() if one.private] if chief else [],
        "parts": paper.parts_of(known), "messages": _messages(known, colleagues, reader),
        "roles": [{"role": role, "lines": list(lines)} for role, lines in paper.ROLES],
    }
    try:
        pdf = paper.plan_of(data)
    except typesetting.NotTypeset:
        raise Refused("Le plan n’a pas pu être mis en page\u00a0: réessayer dans un instant.", code="typeset") from None
    return deliver(request, reader, pdf, content_type="application/pdf", filename="plan-de-continuite.pdf", inline=True)


def _sections(colleagues: list[Colleague], reader: Reader) -> list[tuple[str, str, list[list[str]]]]:
    """What the software knows of the practice: people, posts, printers, copies, kits, ways to open."""
    people = [[name, f"{profession}, {status}"] for profession, name, status in colleagues]
    return [
        ("Qui travaille ici", "Membres du cabinet", people or [["Membres", NOT_OPEN]]),
        ("Postes et imprimantes", "Postes enregistrés et leurs imprimantes", _posts(reader)),
        ("Copies et kits", "Dernières vérifications de cette machine", _copies(reader)),
        ("Qui peut rouvrir le cabinet", "Façons d’ouvrir, essayées ou non", _ways(reader)),
    ]


def _posts(reader: Reader) -> list[list[str]]:
    try:
        found = accounts.posts(reader=reader)
    except Refused:
        return [["Postes", NOT_OPEN]]
    sizes = {"a4": "A4", "a5": "A5"}
    printers, rows = documents.printers_of([post.id for post in found], reader=reader), []
    for post in found:
        said = ", ".join(f"{printer} ({sizes.get(size, size)})" for size, (printer, _) in printers.get(post.id, {}).items())
        rows.append([post.name, said or "imprime par le navigateur"])
    return rows


def _copies(reader: Reader) -> list[list[str]]:
    health = current()
    backup, kit = health.backup, health.kit
    last = f"vérifiée le {_dated(backup.at)}, {backup.where}" if backup and backup.ok else "aucune copie vérifiée"
    rows = [["Copie de sauvegarde", last],
            ["Kit chiffré", f"écrit le {_dated(kit.at)}" if kit and kit.ok else "aucun fichier écrit"]]
    since = queries.phrase_since()
    rows.append(["Phrase du kit", f"tirée le {jinja.date(since)}" if since else "jamais tirée"])
    try:
        sheets = [one for one in queries.copies(reader=reader) if one.medium == "paper"][:1]
    except Refused:
        return rows
    return [*rows, ["Dernier kit imprimé", _dated(sheets[0].made_at) if sheets else "jamais"]]


def _dated(at: datetime.datetime) -> str:
    """On paper, « aujourd’hui » is no day."""
    return f"{jinja.date(at)} à {jinja.time(at)}"


def _ways(reader: Reader) -> list[list[str]]:
    try:
        found = accounts.slots(reader=reader)
    except Refused:
        return [["Façons d’ouvrir", "connues des titulaires"]]
    kinds = {"sheet": "Feuille de secours", "machine": "Clé de cette machine", "passkey": "Clé d’accès"}
    return [[one.member_name or kinds.get(one.kind, one.kind), "essayée" if one.counts else "à essayer deux fois"] for one in found]
