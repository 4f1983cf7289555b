"""« À rapprocher »: what two machines wrote without hearing each other, patient by patient; one key keeps one of them."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from permanence.journal.doors import Refused
from permanence.lib.text import NBSP, plural
from permanence.sync import actions, queries
from permanence.web import jinja
from permanence.web.dossier.people import Person, named
from permanence.web.http import act, go, new_form_id, reader_of, render, screen, uuid_of
from permanence.web.links import reverse

CLOCKS = {
    "mark": f"Horloge à vérifier{NBSP}: l’heure peut être fausse",
    "far": f"Horloge à vérifier{NBSP}: plus d’un jour d’avance",
}
LABELS = {"keep": "Garder, tel que modifié", "remove": "Retirer du dossier", "ok": "Relu, c’est bien ainsi"}
LEAD = f"Écrit sur deux machines pendant qu’elles ne se parlaient pas{NBSP}: tout est gardé, choisir ce que le dossier montre."
PAGE = "continuity.scannedpage"
SHORT = 200  # characters of another value that stands on one line


@dataclass(frozen=True, slots=True)
class Choice:
    """One version: what it says, who wrote it, and the button that keeps it (none: `why`)."""

    key: str
    number: int
    label: str
    values: tuple[tuple[str, str], ...]
    who: str
    clock: str
    shown: bool
    may: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as a card."""

    object: str
    part: str
    title: str
    label: str
    hint: str
    choices: list[Choice]
    one_button: str  # one answer to all versions: « Relu »
    typed: bool
    seen: tuple[str, ...]
    once: str
    image: str = ""  # what it is about, where one must see it to decide


@dataclass(frozen=True, slots=True)
class Group:
    """The questions about one patient, or about the practice's own settings."""

    person: Person | None
    title: str
    asked: list[Asked]


@dataclass(frozen=True, slots=True)
class OverlapLine:
    """Two appointments at one hour, and the day to look at."""

    text: str
    one: str
    other: str
    url: str


@dataclass(frozen=True, slots=True)
class SettlingPage:
    lead: str
    overlaps: list[OverlapLine]
    groups: list[Group]
    elsewhere: str
    more: str
    duplicates_url: str


@screen
def settling(request: HttpRequest) -> HttpResponse:
    """What this person may settle, and how much is others'."""
    reader = reader_of(request)
    found, overlaps = queries.settling(reader=reader), queries.overlaps(reader=reader)
    about = [one.patient for one in found.questions if one.patient]
    known = named([*about, *(booked.patient for pair in overlaps for booked in (pair.one, pair.other))], reader)
    page = SettlingPage(
        lead=LEAD if found.questions else "",
        overlaps=[_overlap(one, known) for one in overlaps],
        groups=_groups(found.questions, known),
        elsewhere=plural(found.elsewhere, "autre relève d’un collègue", "autres relèvent de collègues") if found.elsewhere else "",
        more=plural(found.more, "autre dossier suivra", "autres dossiers suivront") if found.more else "",
        duplicates_url=reverse("patients:duplicates"),
    )
    return render(request, reader, "sync/settling.html", {"page": page})


@require_POST
@screen
def settle(request: HttpRequest) -> HttpResponse:
    """Keep one version, of what the form showed."""
    object = uuid_of(request.POST.get("object"))
    if object is None:
        raise Refused("Cette ligne est introuvable\u00a0: actualiser la page.", code="unknown")
    act(
        request,
        actions.settle,
        object,
        part=request.POST.get("part", ""),
        choice=request.POST.get("choice", ""),
        text=request.POST.get("text", ""),
        seen=request.POST.getlist("seen"),
    )
    return go(request, "sync:settling", done="rapproche")


def _overlap(pair: queries.Overlap, known: dict[UUID, Person]) -> OverlapLine:
    def said(one: queries.Booked) -> str:
        return f"{jinja.time(one.start)}, {one.minutes}{NBSP}min, {_who(one.patient, known)}"

    day = timezone.localdate(pair.one.start)
    return OverlapLine(
        f"{jinja.date_long(day)}, {pair.practitioner}", said(pair.one), said(pair.other), f"{reverse('agenda:day')}?jour={day:%Y-%m-%d}"
    )


def _groups(questions: tuple[queries.Question, ...], known: dict[UUID, Person]) -> list[Group]:
    """By patient, in the order of the names; what is of no patient last."""
    found: dict[UUID | None, list[Asked]] = {}
    for one in questions:
        found.setdefault(one.patient, []).append(_asked(one))
    groups = [Group(known.get(id) if id else None, _title(id, known), asked) for id, asked in found.items()]
    return sorted(groups, key=lambda group: (group.person is None, group.title))


def _title(id: UUID | None, known: dict[UUID, Person]) -> str:
    if id is None:
        return "Le cabinet"
    return f"{known[id].surname} {known[id].given}" if id in known else "Un patient dont l’identité ne vous est pas ouverte"


def _who(id: UUID | None, known: dict[UUID, Person]) -> str:
    """With the date of birth: two homonyms may stand at one hour."""
    person = known.get(id) if id else None
    return _title(id, known) if person is None else f"{_title(id, known)}, {person.born.lower()} le {person.birth}"


def _asked(one: queries.Question) -> Asked:
    whole = one.part == queries.REREAD
    title = f"{one.kind_name}{NBSP}: {one.title}" if one.title else one.kind_name
    return Asked(
        object=str(one.object),
        part=one.part,
        title=title,
        label=one.label,
        hint=HINTS.get(one.part, ""),
        choices=[_choice(version, number) for number, version in enumerate(one.versions, 1)],
        one_button=LABELS["ok"] if whole else "",
        typed=one.typed,
        seen=one.seen,
        once=new_form_id(),
        image=reverse("catchup:scan", args=(one.object,)) if one.kind == PAGE else "",
    )


HINTS = {
    "removal": f"Tant que personne ne tranche, la ligne reste dans le dossier{NBSP}: une modification l’emporte sur un retrait.",
    "reread": f"Chacun a changé autre chose de la même ligne{NBSP}: relire l’ensemble dans le dossier.",
    "birth_name": f"Après ce choix l’identité redevient provisoire{NBSP}: vérifier une pièce.",
}


def _choice(version: queries.Version, number: int) -> Choice:
    who = f"{version.by}, sur {version.where}, {jinja.moment(version.at)}"
    return Choice(
        version.key,
        number,
        LABELS.get(version.key, "Garder"),
        version.values,
        who,
        CLOCKS.get(version.clock, ""),
        version.shown,
        version.may,
    )
