"""« Machines du cabinet »: who holds the practice, what each has heard; naming one, revoking one, what a revoked one wrote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch
from django.views.decorators.http import require_POST

from permanence.accounts.permissions import can_administer, can_ways_in
from permanence.journal.doors import Reader, Refused
from permanence.lib.text import NBSP, number_fr, of_person, plural
from permanence.sync import actions, queries
from permanence.web import jinja
from permanence.web.dossier.people import Person, named
from permanence.web.forms import Form, Text
from permanence.web.http import act, go, new_form_id, reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.practice.known_reads import KnownReads, of_machines
from permanence.web.sync.settling import CLOCKS

KINDS = queries.MACHINE_KINDS
WAYS = {
    "near": "jointe directement sur le réseau du cabinet",
    "at": "jointe à l’adresse donnée en l’associant",
    "name": "jointe par son nom",
    "relay": "jointe par le relais",
}
UNKNOWN = f"Cette machine n’est pas du cabinet{NBSP}: actualiser la liste."


class State(NamedTuple):
    text: str
    tone: str


class Fact(NamedTuple):
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class MachineLine:
    name: str
    kind: str
    here: bool
    hosts: str
    state: State
    way: str
    heard: str
    waiting: str
    aside: str
    url: str
    carried: str = ""  # by a limited machine
    reads: str = ""  # what is wrong with what it says that it showed
    root: str = ""  # that it has not the new root yet
    ended: tuple[str, ...] = ()  # of a revoked one: when, by whom, why, and what became of it


@dataclass(frozen=True, slots=True)
class MachinesPage:
    lead: str
    machines: list[MachineLine]
    pair_url: str
    returns_url: str
    ready_url: str


@dataclass(frozen=True, slots=True)
class AsideLine:
    number: int
    what: str
    order: bool
    people: list[Person]  # whom it is about
    others: list[str]  # who is not named, and why
    who: str
    clock: str
    until: tuple[str, ...]
    once: str


@dataclass(frozen=True, slots=True)
class MachinePage:
    id: UUID
    name: str
    state: State
    here: bool
    facts: list[Fact]
    aside: list[AsideLine]
    manages: bool
    revoked: bool
    wipe: bool
    portable: bool
    rename: str
    revoke: str
    accept: str
    readmit: str
    orders: bool  # what waits are orders, of a machine that is still heard
    once: tuple[str, str, str]
    loss: str = ""  # of a limited machine: what is lost with it, and what is not


class NameForm(Form):
    name = Text("Nom", required=True, max_length=80)


@screen
def machines(request: HttpRequest) -> HttpResponse:
    """Every machine, this one first."""
    reader = reader_of(request)
    manages = can_administer(reader.actor)
    known, files, behind = of_machines(reader), queries.carried_files(), queries.without_root()
    found = [_line(one, known.get(one.id), files.get(one.id), behind=one.id in behind) for one in queries.machines(reader=reader)]
    lead = "Chacune garde tout le cabinet et travaille seule quand les autres ne répondent pas."
    if any(one.carried for one in found):
        lead = f"Chacune travaille seule quand les autres ne répondent pas, et garde tout le cabinet{NBSP}; un portable limité, une partie."
    page = MachinesPage(lead, found, _pair_url() if manages and queries.here() is None else "", reverse("sync:returns"),
                        reverse("ready:page") if can_ways_in(reader.actor) else "")  # fmt: skip
    return render(request, reader, "sync/machines.html", {"page": page})


def _pair_url() -> str:
    """The screen that pairs one more machine, where there is one."""
    try:
        return reverse("sync:pair")
    except NoReverseMatch:
        return ""


def _carries(files: queries.CarriedFiles | None) -> str:
    """Whose files a limited machine carries, how many, and how many are there from before."""
    if files is None:
        return ""
    whose = of_person(files.of) if files.of else "d’un soignant parti"
    said = f"dossiers {whose}{NBSP}: {plural(files.files, 'patient')}"
    return f"{said}, dont {number_fr(files.left)} à reprendre à son prochain contact" if files.left else said


def _line(one: queries.Machine, reads: KnownReads | None, files: queries.CarriedFiles | None, *, behind: bool) -> MachineLine:
    return MachineLine(
        one.name,
        _kind(one),
        one.here,
        ", ".join(one.hosts),
        state_of(one),
        WAYS.get(one.way, ""),
        "" if one.here or not one.heard_at else jinja.moment(one.heard_at),
        plural(one.waiting, "écriture attend", "écritures attendent") if one.waiting else "",
        plural(one.aside, "écriture à vérifier", "écritures à vérifier") if one.aside else "",
        reverse("sync:machine", args=(one.id,)),
        _carries(files),
        "lectures à vérifier" if reads and reads.alarm else "",
        "nouvelle racine à apprendre" if behind else "",
        _ended(one),
    )


def _ended(one: queries.Machine) -> tuple[str, ...]:
    """What is said of a machine that was revoked: by whom and when, why, and whether it is empty now."""
    if one.revoked_at is None:
        return ()
    by = f" par {one.revoked_by}" if one.revoked_by else ""
    why = one.revoked_reason or ("déclarée perdue ou volée" if one.wipe else "non écrit")
    return f"{_first_up(jinja.moment(one.revoked_at))}{by}", f"Motif{NBSP}: {why}", _since(one)


def _first_up(said: str) -> str:
    return said[:1].upper() + said[1:]


def _since(one: queries.Machine) -> str:
    """What it did since, as far as this machine knows: it says itself that it is empty, and nobody saw it."""
    portable = queries.is_portable(one.kind)
    if one.emptied_at:
        return f"A dit s’être vidée {jinja.moment(one.emptied_at)}"
    if one.told_at:
        learned = f"A appris sa révocation {jinja.moment(one.told_at)}"
        if not one.wipe:
            return f"{learned}, garde ce qu’elle avait"
        return f"{learned}, n’a pas dit s’être vidée" if portable else f"{learned}, devait se verrouiller"
    kept = "garde ce qu’elle avait"
    then = f"se {'videra' if portable else 'verrouillera'} à son premier contact" if one.wipe else kept
    return f"Ne l’a pas encore appris d’ici{NBSP}: {then}"


def _kind(one: queries.Machine) -> str:
    """What it is, and that nobody of the practice added it, when a sheet did: who sees one that they did not make revokes it."""
    found = KINDS.get(one.kind, one.kind)
    return f"{found}, reprise avec la feuille de secours" if one.by_sheet else found


def state_of(one: queries.Machine) -> State:
    """One word, and how it looks; violet where the system waits for something."""
    if one.revoked_at:
        return State("Perdue, révoquée" if one.wipe else "Révoquée", "plain")
    if one.here:
        return State("Cette machine", "ok")
    if one.away_since:
        return State(f"Ne répond plus depuis {jinja.moment(one.away_since)}", "sys")
    if one.gone and one.heard_at:
        return State("Absente en ce moment", "plain")
    return State("À jour", "ok") if one.heard_at and not one.gone else State("Jamais jointe d’ici", "plain")


@screen
def machine(request: HttpRequest, machine: UUID) -> HttpResponse:
    """One machine: its facts, its name, its end, what it wrote after it."""
    return _machine(request, machine, NameForm())


@require_POST
@screen
def rename(request: HttpRequest, machine: UUID) -> HttpResponse:
    form = NameForm(request.POST)
    if form.is_valid() and form.do(request, actions.rename_replica, machine, name=form.cleaned_data["name"]):
        return go(request, "sync:machines", done="machine")
    return _machine(request, machine, form, status=422)


@require_POST
@screen
def revoke(request: HttpRequest, machine: UUID) -> HttpResponse:
    """Not heard any more; `perdue`: it empties itself. A fresh touch was asked; nobody else's word, for a stolen machine cannot wait."""
    act(request, actions.revoke_replica, machine, wipe=request.POST.get("perdue") == "oui", reason=request.POST.get("reason", ""))
    return go(request, "sync:machine", machine, done="machine_revoquee")


@require_POST
@screen
def readmit(request: HttpRequest, machine: UUID) -> HttpResponse:
    """Heard again, with what it wrote meanwhile: revoked by mistake, or found."""
    act(request, actions.readmit, machine)
    return go(request, "sync:machine", machine, done="machine_retablie")


@require_POST
@screen
def accept(request: HttpRequest, machine: UUID) -> HttpResponse:
    """What it wrote after its revocation, or what it orders: all, or up to the act chosen."""
    act(request, actions.accept, machine, until=request.POST.getlist("until"))
    return go(request, "sync:machine", machine, done="accepte")


def _machine(request: HttpRequest, id: UUID, form: NameForm, *, status: int = 200) -> HttpResponse:
    reader = reader_of(request)
    one = next((found for found in queries.machines(reader=reader) if found.id == id), None)
    if one is None:
        raise Refused(UNKNOWN, code="unknown")
    manages = can_administer(reader.actor)
    aside = queries.kept_aside(id, reader=reader) if manages and one.aside else ()
    carried = queries.carried_files().get(id)
    if not form.is_bound:
        form = NameForm(initial={"name": one.name})
    page = MachinePage(
        id,
        one.name,
        state_of(one),
        one.here,
        [*_facts(one, carried), *_root(one), *_reads(of_machines(reader).get(id))],
        _asides(aside, reader),
        manages,
        one.revoked_at is not None,
        one.wipe,
        queries.is_portable(one.kind),
        reverse("sync:rename", args=(id,)),
        reverse("sync:revoke", args=(id,)),
        reverse("sync:accept", args=(id,)),
        reverse("sync:readmit", args=(id,)),
        any(kept.order for kept in aside) and one.revoked_at is None,
        (new_form_id(), new_form_id(), new_form_id()),
        _loss(carried, revoked=one.revoked_at is not None),
    )
    return render(request, reader, "sync/machine.html", {"page": page, "form": form}, fragment="form", status=status)


def _loss(files: queries.CarriedFiles | None, *, revoked: bool) -> str:
    """What a limited machine that was stolen had, said where it is revoked."""
    if files is None:
        return ""
    said = f"{plural(files.files, 'dossier')}, pas les autres, ni la clé du cabinet"
    if revoked:
        return (f"Elle portait {said}{NBSP}: ce qui s’écrit désormais dans ces dossiers lui est fermé. Ces patients sont ceux dont l’accès "
                "est à signaler.")
    return f"Elle porte {said}. Une fois révoquée, ce qui s’écrit ensuite dans ces dossiers lui est fermé."


def _facts(one: queries.Machine, files: queries.CarriedFiles | None) -> list[Fact]:
    added = f"{jinja.date(one.added_at)}{f' par {one.added_by}' if one.added_by else ''}" if one.added_at else ""
    revoked = f"{jinja.moment(one.revoked_at)}{f' par {one.revoked_by}' if one.revoked_by else ''}" if one.revoked_at else ""
    found = [
        Fact("Sorte", _kind(one)),
        Fact("Porte", _carries(files)),
        Fact("Adresses", ", ".join(one.hosts)),
        Fact("Associée", added),
        Fact("Chemin", WAYS.get(one.way, "")),
        Fact("Vue pour la dernière fois", jinja.moment(one.heard_at) if one.heard_at else ""),
        Fact("Ne répond plus depuis", jinja.moment(one.away_since) if one.away_since else ""),
        Fact("Écritures d’ici qu’elle n’a pas", number_fr(one.waiting) if one.waiting else ""),
        Fact("Ses écritures gardées ici", number_fr(one.entries)),
        Fact("Révoquée", revoked),
        *(Fact(label, said) for label, said in zip(("Motif", "Depuis"), (one.revoked_reason, _since(one)), strict=True) if one.revoked_at),
    ]
    return [fact for fact in found if fact.value]


def _root(one: queries.Machine) -> list[Fact]:
    """That it has not the practice's new root yet, and what follows."""
    if one.id not in queries.without_root():
        return []
    late = "les dossiers créés depuis ne s’ouvrent pas encore" if one.here else "elle l’apprendra à son prochain échange"
    return [Fact("Racine du cabinet", f"Nouvelle, pas encore arrivée{' ici' if one.here else ''}{NBSP}: {late}")]


def _reads(known: KnownReads | None) -> list[Fact]:
    """What is known here of what it showed to people."""
    if known is None:
        return []
    said = " ".join(part for part in (known.text, known.missing) if part)
    return [Fact("Ce qu’elle a montré", said), *(Fact("Lectures à vérifier" if known.alarm else "Lectures", one) for one in known.warnings)]


def _asides(aside: Sequence[queries.Kept], reader: Reader) -> list[AsideLine]:
    known = named([patient for kept in aside for patient in kept.patients], reader)
    return [_aside(kept, known) for kept in aside]


def _aside(kept: queries.Kept, known: Mapping[UUID, Person]) -> AsideLine:
    who = f"{kept.by}, {jinja.moment(kept.at)}" if kept.at else kept.by
    what = ", ".join(kept.what) if kept.readable else "Illisible avec les clés d’ici"
    people = [known[one] for one in kept.patients if one in known]
    closed = kept.closed + len(kept.patients) - len(people)
    others = [f"{plural(closed, 'patient')} dont cela ne vous est pas ouvert"] if closed else []
    others += [f"{plural(kept.absent, 'patient')} sans dossier ici{NBSP}: créé sur cette machine, ou effacé"] if kept.absent else []
    return AsideLine(kept.number, what, kept.order, people, others, who, CLOCKS.get(kept.clock, ""), kept.until, new_form_id())
