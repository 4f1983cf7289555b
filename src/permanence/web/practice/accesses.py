"""Who has read a file, and what a session has read: the same entries, seen from either end. Looking is itself an entry."""

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from permanence.accounts import queries as accounts
from permanence.journal import queries as journal
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Reader, Refused
from permanence.lib.dates import format_long
from permanence.lib.text import NBSP
from permanence.patients import queries
from permanence.web import presenters
from permanence.web.dossier.banners import allergy_line
from permanence.web.dossier.people import Banner, Person, person
from permanence.web.dossier.people import banner as shown
from permanence.web.http import reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.practice.known_reads import KnownReads, Machines

TONES = {Level.LISTED: "", Level.READ: "plain", Level.PRINTED: "warn", Level.EXPORTED: "warn", Level.SENT: "warn"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One response that served something."""

    at: datetime.datetime
    patient: Person | None
    who: str
    you: bool
    where: str
    level: str
    tone: str
    what: str
    reason: str
    until: datetime.datetime | None = None
    times: int = 1
    late: bool = False  # it came after its machine was revoked


@dataclass(frozen=True, slots=True)
class Day:
    label: str
    accesses: list[Seen]


class Figure(NamedTuple):
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class AccessPage:
    title: str
    lead: str
    banner: Banner | None
    back: str
    figures: list[Figure]
    days: list[Day]
    none_title: str
    none_text: str
    foot: str
    known: Sequence[KnownReads] = ()


@screen
def readers(request: HttpRequest, patient: UUID) -> HttpResponse:
    """« Qui a consulté ce dossier »: every reading, by whom, what, at which level."""
    reader = reader_of(request)
    identity = queries.banner(patient, reader=reader)
    top = shown(identity, allergy_line(identity.patient, reader), me=reader.actor.member)
    found = journal.readers_of(identity.patient, reader=reader, answerable=identity.medecin_traitant_id)
    names, posts = _names(found), _posts(reader)
    machines = Machines(reader)
    seen = [_served_by(one, _seen(one, None, names, posts, reader), machines) for one in found]
    people = Counter(one.member for one in found)
    listed = sum(one.level == Level.LISTED for one in found)
    figures = [
        Figure(len(people), "personnes" if len(people) > 1 else "personne"),
        Figure(sum(one.level >= Level.READ for one in found), "ouvertures"),
        Figure(listed, "passages dans une liste" if listed > 1 else "passage dans une liste"),
    ]
    page = AccessPage(
        "Qui a consulté ce dossier",
        "Chaque lecture est inscrite avant que la page ne s’affiche, et ne peut pas être effacée.",
        top,
        reverse("dossier:file", args=(patient,)),
        figures,
        _days(seen),
        "Aucune lecture inscrite",
        "La première lecture de ce dossier s’inscrira ici.",
        f"{'La dernière lecture' if len(found) == 1 else f'Les {len(found)} dernières lectures'}. Regarder cette liste s’inscrit aussi.",
        machines.known,
    )
    return render(request, reader, "practice/accesses.html", {"page": page})


@screen
def session(request: HttpRequest) -> HttpResponse:
    """« Ce que ma session a vu »."""
    reader = reader_of(request)
    if reader.actor.session is None:
        raise Refused(f"Aucune session ouverte{NBSP}: entrez avec votre clé.", code="session")
    found = journal.served_in(reader.actor.session, reader=reader)
    rows = {row.patient: person(row) for row in queries.rows(list(dict.fromkeys(one.patient for one in found)), reader=reader)}
    seen = [_seen(one, rows.get(one.patient), {}, {}, reader) for one in found]
    opened = {one.patient for one in found if one.level >= Level.READ}
    figures = [
        Figure(len(opened), "dossiers ouverts" if len(opened) > 1 else "dossier ouvert"),
        Figure(len({one.patient for one in found} - opened), "vus seulement dans une liste"),
        Figure(len(found), "lectures inscrites"),
    ]
    page = AccessPage(
        "Ce que ma session a vu",
        "Tout ce qui vous a été montré depuis que vous êtes entré, tel que le journal le garde.",
        None,
        "",
        figures,
        _days(seen),
        "Rien pour l’instant",
        "Les dossiers que vous ouvrirez s’inscriront ici, avec l’heure et ce qui a été montré.",
        "Si une ligne ne vient pas de vous, fermer la session et prévenir un titulaire.",
    )
    return render(request, reader, "practice/accesses.html", {"page": page})


def _seen(one: journal.Access, row: Person | None, names: dict[UUID, str], posts: dict[UUID, str], reader: Reader) -> Seen:
    who = names.get(one.member, "Personne partie") if one.member else f"Tâche du cabinet ({one.purpose})"
    where = posts.get(one.post, "") if one.post else presenters.ASSURANCES.get(one.assurance, "")
    return Seen(
        one.at,
        row,
        who,
        one.member is not None and one.member == reader.actor.member,
        where,
        presenters.LEVELS.get(one.level, str(one.level)),
        TONES.get(one.level, "plain"),
        _what(one.categories),
        presenters.reason(one.reason),
    )


def _served_by(one: journal.Access, seen: Seen, machines: Machines) -> Seen:
    """With the machine it was served by, when there are several."""
    where = " · ".join(part for part in (seen.where, machines.name(one.replica)) if part)
    return replace(seen, where=where, late=machines.is_late(one))


def _what(categories: Iterable[Category]) -> str:
    words = [presenters.category(one) for one in sorted(categories)]
    return ", ".join(word if i == 0 or word[:2].isupper() else word[0].lower() + word[1:] for i, word in enumerate(words))


def _names(found: Sequence[journal.Access]) -> dict[UUID, str]:
    return accounts.member_names({one.member for one in found if one.member})


def _posts(reader: Reader) -> dict[UUID, str]:
    if not reader.may(UUID(int=0), Category.PROFESSIONAL):
        return {}
    return {post.id: post.name for post in accounts.posts(reader=reader, revoked=True)}


def _days(seen: list[Seen]) -> list[Day]:
    days = groupby(seen, key=lambda one: timezone.localtime(one.at).date())
    return [Day(format_long(day), _together(group)) for day, group in days]


def _together(found: Iterable[Seen]) -> list[Seen]:
    """Readings that follow each other and say the same are one line, with its span and their number: none is hidden."""
    lines = []
    for _, group in groupby(found, key=lambda one: (one.who, one.patient, one.where, one.level, one.what, one.reason, one.late)):
        same = list(group)
        lines.append(replace(same[-1], until=same[0].at if len(same) > 1 else None, times=len(same)))
    return lines
