"""Finding a patient and opening a file: the search page, the Ctrl+K palette, the new patient."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from permanence.accounts.permissions import can_write
from permanence.agenda.queries import can_open
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.lib.text import fold, plural
from permanence.patients import actions, queries
from permanence.web import limited, presenters
from permanence.web.dossier import recent
from permanence.web.dossier.forms import CreatePatient
from permanence.web.dossier.people import Person, people
from permanence.web.http import act, go, reader_of, render, screen
from permanence.web.links import reverse

MOST_FOUND, IN_PALETTE = 40, 8


@dataclass(frozen=True, slots=True)
class SearchPage:
    query: str
    patients: list[Person]
    more: bool
    can_create: bool
    new_url: str
    vsm_url: str
    recalls: str = ""
    duplicates: str = ""


def can_create(actor: Actor) -> bool:
    return can_write(actor, Category.IDENTITY, new=True)


@screen
def search(request: HttpRequest) -> HttpResponse:
    """The list of what a typed line finds; without one, the reader's own recent files. Rows count as listed."""
    reader, query = reader_of(request), request.GET.get("q", "").strip()
    found = queries.search(query, reader=reader, limit=MOST_FOUND) if query else recent.rows(reader)
    page = SearchPage(
        query,
        people(found),
        len(found) == MOST_FOUND,
        can_create(reader.actor),
        reverse("patients:new"),
        reverse("patients:vsm") if can_write(reader.actor, Category.HISTORY) else "",
        reverse("panel:search") if can_write(reader.actor, Category.HISTORY, new=True) else "",
        reverse("patients:duplicates") if can_write(reader.actor, Category.IDENTITY) else "",
    )
    return render(request, reader, "patients/search.html", {"page": page}, fragment="found")


@dataclass(frozen=True, slots=True)
class Option:
    """One line of the palette: a patient or an action. `key` makes its DOM id."""

    key: str
    url: str
    patient: Person | None = None
    text: str = ""
    symbol: str = ""
    hint: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class PalettePage:
    groups: list[Group]
    nothing: str
    announce: str


@screen
def palette(request: HttpRequest) -> HttpResponse:
    """What Ctrl+K shows: the open file's actions, patients, then places. Nothing opens from here by itself."""
    reader, query = reader_of(request), request.GET.get("q", "").strip()
    found = people(queries.search(query, reader=reader, limit=IN_PALETTE) if query else recent.rows(reader)[:IN_PALETTE])
    patients = [Option(f"p{i}", one.url, one) for i, one in enumerate(found)]
    groups = [
        Group("Dans ce dossier", _matching(_in_file(request), query)),
        Group("Patients" if query else "Vos derniers dossiers", patients),
        Group("Aller à", _matching(_places(reader.actor), query)),
    ]
    if query and patients:  # the first row is what Enter opens: who types a name wants the patient
        groups.insert(0, groups.pop(1))
    groups = [group for group in groups if group.options]
    announce = plural(len(patients), "patient") if query else ""
    nothing = "Aucun patient ni action à ce nom. Essayer le nom de naissance ou la date de naissance."
    if said := limited.carries():
        nothing = f"{said}. Un autre patient se cherche sur une autre machine du cabinet."
    page = PalettePage(groups, nothing, announce)
    return render(request, reader, "patients/palette.html", {"page": page}, fragment="list")


def _matching(options: list[Option], query: str) -> list[Option]:
    words = fold(query).split()
    return [option for option in options if all(any(part.startswith(word) for part in fold(option.text).split()) for word in words)]


def _in_file(request: HttpRequest) -> list[Option]:
    try:
        patient = UUID(request.GET.get("dossier", ""))
    except ValueError:
        return []
    wanted = (
        ("dossier:compose", "notebook-pen", "Consultation\u00a0: nouvelle note", "Alt 1"),
        ("papers:ordonnance", "pill", "Ordonnance", "Alt 4"),
        ("papers:certificat", "file-badge", "Certificat", "Alt 2"),
        ("papers:demande", "clipboard-pen", "Demande\u00a0: biologie, imagerie, soins", "Alt 3"),
        ("papers:courrier", "mail", "Courrier", "Alt 5"),
        ("papers:arret", "calendar-x", "Arrêt de travail", "Alt F"),
        ("billing:act_new", "receipt-euro", "Acte et paiement", "Alt 6"),
        ("dossier:measures", "activity", "Saisir des mesures", "Alt M"),
        ("dossier:history_new", "clipboard-list", "Ajouter un antécédent", ""),
        ("dossier:allergy_new", "triangle-alert", "Ajouter une allergie", ""),
        ("dossier:treatment_new", "pill", "Ajouter un traitement", ""),
        ("dossier:vaccination_new", "syringe", "Ajouter une vaccination", ""),
        ("patients:identity", "id-card", "Fiche d’identité", "Alt I"),
        ("dossier:readers", "eye", "Qui a consulté ce dossier", ""),
    )
    return [
        Option(f"f{i}", reverse(name, args=(patient,)), text=text, symbol=symbol, hint=hint)
        for i, (name, symbol, text, hint) in enumerate(wanted)
    ]


def _places(actor: Actor) -> list[Option]:
    wanted = [
        ("home:day", "house", "Ma journée", "Alt J", ""),
        ("patients:search", "users-round", "Tous les patients", "Alt R", ""),
        ("tasks:tasks", "circle-check", "Tâches", "", ""),
        ("tasks:new", "plus", "Nouvelle tâche", "Alt T", ""),
        ("tasks:call", "phone", "Appel téléphonique", "Alt L", ""),
        ("tasks:messages", "mail", "Messages de l’équipe", "", ""),
        ("home:closing", "moon", "Fermer le cabinet", "Alt Q", ""),
        ("practice:members", "building-2", "Membres et postes", "", ""),
        ("papers:to_hand_over", "file-output", "Papiers à remettre", "Alt H", ""),
        ("billing:takings", "coins", "Recettes du jour", "", ""),
        ("papers:settings", "printer", "Papiers, en-tête et imprimantes", "", ""),
        ("practice:session", "eye", "Ce que ma session a vu", "", ""),
        ("crisis:board", "list-checks", "État du cabinet\u00a0: ce qui marche, que faire", "Alt C", ""),
        ("crisis:plan", "map", "Plan de continuité, messages prêts", "", ""),
        ("catchup:list", "scan-line", "Fiches papier à ressaisir", "", ""),
        ("practice:journal", "shield-check", "Journal et copies", "", ""),
        ("practice:kit", "briefcase-medical", "Kit du soir", "", ""),
    ]
    if actor.member is not None and can_open(actor.member):
        wanted[1:1] = [
            ("agenda:day", "calendar-days", "Agenda", "Alt G", ""),
            ("agenda:room", "armchair", "Salle d’attente", "", ""),
            ("agenda:book", "calendar-plus", "Nouveau rendez-vous", "", ""),
        ]
    if can_write(actor, Category.HISTORY, new=True):
        wanted.insert(2, ("panel:search", "list-checks", "Listes de rappel", "", ""))
    if can_write(actor, Category.IDENTITY):
        wanted.insert(2, ("patients:duplicates", "git-merge", "Doublons possibles", "", ""))
    if can_create(actor):
        wanted.insert(1, ("patients:new", "user-plus", "Nouveau patient", "Alt N", ""))
    places = [
        Option(f"g{i}", reverse(name), text=text, symbol=symbol, hint=hint, action=action)
        for i, (name, symbol, text, hint, action) in enumerate(wanted)
    ]
    return [
        *places,
        Option("theme", "", text="Clair ou sombre", symbol="sun-moon", action="theme"),
        Option("help", "", text="Raccourcis clavier", symbol="keyboard", hint="?", action="help"),
    ]


@dataclass(frozen=True, slots=True)
class NewPage:
    alike: list[Person]


@screen
def new(request: HttpRequest) -> HttpResponse:
    """A new file. When one looks alike, it is shown first; the second confirmation names what was looked at."""
    reader = reader_of(request)
    if not can_create(reader.actor):
        raise Refused(presenters.refusal("right"), code="right")
    form = CreatePatient(request.POST or None, actor=reader.actor, initial={"birth_name": request.GET.get("nom", "")})
    alike: list[Person] = []
    if request.method == "POST" and form.is_valid():
        try:
            patient = act(request, actions.register, despite=_seen(request), **form.cleaned_data)
            return go(request, "dossier:file", patient, done="patient")
        except actions.LooksAlike as refused:
            alike = people(queries.lookalikes(refused.candidates, reader=reader))
        except Refused as refused:
            form.refuse(refused)
    status = 422 if request.method == "POST" else 200
    return render(request, reader, "patients/new.html", {"page": NewPage(alike), "form": form}, fragment="form", status=status)


def _seen(request: HttpRequest) -> list[UUID]:
    found = []
    for value in request.POST.getlist("despite"):
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found
