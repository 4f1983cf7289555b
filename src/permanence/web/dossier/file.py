"""The patient file: synthesis at the left, timeline in the middle, measures at the right; one door for all of it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from permanence.accounts.permissions import writable
from permanence.consultations import queries
from permanence.documents import queries as documents
from permanence.journal.categories import Category
from permanence.journal.doors import Reader
from permanence.lib.text import NBSP
from permanence.patients import queries as patients
from permanence.web import jinja, presenters, two_values
from permanence.web.dossier import clinical, people, shelf, visits
from permanence.web.dossier.beside import Marker, marker
from permanence.web.dossier.clinical import Line, Measure
from permanence.web.dossier.curves import shows_curves
from permanence.web.dossier.families import families_of
from permanence.web.dossier.timeline import EventLine, Filter, Year, drafts, filters, older_url, years
from permanence.web.http import go, reader_of, render, screen
from permanence.web.links import reverse


class Link(NamedTuple):
    url: str
    symbol: str
    text: str


@dataclass(frozen=True, slots=True)
class Links:
    note: str
    measures: str
    vsm: str
    readers: str
    no_allergy: str
    identity: str
    papers: list["Act"]
    print_all: str
    billing: str
    round: str
    tasks: str


class Act(NamedTuple):
    """A paper to write: `id` is what its key clicks."""

    id: str
    url: str
    symbol: str
    text: str
    key: str


@dataclass(frozen=True, slots=True)
class Box:
    """One card of the synthesis."""

    id: str
    title: str
    kind: str
    lines: list[Line]
    past: list[Line]
    past_text: str
    none: str
    add: str
    add_text: str
    first: bool = False


class Notice(NamedTuple):
    tone: str
    symbol: str
    text: str
    url: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class FilePage:
    banner: people.Banner
    links: Links
    draft: bool
    adds: list[Link]
    more: list[Link]
    notices: list[Notice]
    filters: list[Filter]
    years: list[Year]
    older: str
    masked: str
    boxes: list[Box]
    measures: list[Measure]
    measures_open: bool
    results: list[Measure]
    news: str


@screen
def file(request: HttpRequest, patient: UUID) -> HttpResponse:
    """The whole file in one reading: banner, chart, results."""
    reader = reader_of(request)
    closed = reader.admit([patient], [Category.HISTORY]).refusals.get((patient, Category.HISTORY), "")
    if closed in ("right", "masked") and not reader.open_to(patient, CLINICAL):
        return go(request, "patients:identity", patient)  # the desk's own screen: nothing clinical is open to it
    found = patients.banner(patient, reader=reader, care=True)
    kept = found.patient
    chart = queries.chart(kept, reader=reader)
    results = documents.results(kept, reader=reader) if reader.may(kept, Category.RESULTS) else []
    by = reader.actor
    new, edits = writable(by, list(Category), new=True), writable(by, list(Category))
    top = people.banner(found, _allergy(chart), me=by.member)
    marks = marker(found.files, reader)
    lines = [*drafts(chart.drafts, kept), *shelf.timeline(chart.timeline, chart.more, found.files, kept, reader, marks=marks)]
    page = FilePage(
        banner=top,
        links=_links(kept, new, families_of(by), lines),
        draft=bool(chart.drafts),
        adds=_adds(kept, new),
        more=_more(found, new, edits),
        notices=_notices(chart, found.waits),
        filters=filters(lines),
        years=years(lines),
        older=older_url(kept, chart.timeline) if chart.more else "",
        masked=_masked(kept, reader, closed),
        boxes=_boxes(chart.synthesis, kept, new, edits, marks),
        measures=clinical.measures(chart.synthesis, marks=marks),
        measures_open=Category.MEASURES not in chart.synthesis.refused,
        results=clinical.results(results),
        news=visits.sentence(queries.since_last_visit(chart, results, patient=kept, reader=reader)),
    )
    return render(request, reader, "dossier/file.html", {"page": page})


def _allergy(chart: queries.Chart) -> people.AllergyLine:
    if Category.ALLERGIES in chart.synthesis.refused:
        return people.AllergyLine("unavailable", why="non ouvertes pour vous")
    return clinical.allergy_line(chart.synthesis)


WAITS = (
    "Une partie de ce dossier a été écrite sur une autre machine du cabinet et ne s’ouvre pas encore sur celle-ci : sa clé arrive "
    "quand les machines se parlent. D’ici là, vérifier sur l’autre machine avant de prescrire."
)
ACTS = {
    "ordonnance": ("pill", "Ordonnance", "Alt 4"),
    "certificat": ("file-badge", "Certificat", "Alt 2"),
    "demande": ("clipboard-pen", "Demande", "Alt 3"),
    "courrier": ("mail", "Courrier", "Alt 5"),
    "arret": ("calendar-x", "Arrêt de travail", "Alt F"),
}


def _links(patient: UUID, new: Collection[Category], families: Collection[str], lines: Collection[EventLine]) -> Links:
    here = (patient,)
    papers = [Act(f"act-{one}", reverse(f"papers:{one}", args=here), *ACTS[one]) for one in ACTS if one in families]
    signed_today = any(line.kind == "paper" and jinja.date(line.at) == jinja.date(jinja.today()) for line in lines)
    return Links(
        reverse("dossier:compose", args=here) if Category.NOTES in new else "",
        reverse("dossier:measures", args=here) if Category.MEASURES in new else "",
        reverse("patients:vsm") if Category.HISTORY in new else "",
        reverse("dossier:readers", args=here),
        reverse("dossier:no_allergy", args=here) if Category.ALLERGIES in new else "",
        reverse("patients:identity", args=here),
        papers,
        reverse("papers:print_all", args=here) if signed_today else "",
        reverse("billing:act_new", args=here) if Category.BILLING in new else "",
        reverse("agenda:round_add", args=here),
        reverse("tasks:of_patient", args=here),
    )


ADDS = (
    (Category.HISTORY, "history", "clipboard-list", "Antécédent ou problème"),
    (Category.ALLERGIES, "allergy", "triangle-alert", "Allergie"),
    (Category.TREATMENTS, "treatment", "pill", "Traitement"),
    (Category.VACCINATIONS, "vaccination", "syringe", "Vaccination"),
    (Category.PRIVATE_NOTES, "private_note", "lock", "Note personnelle"),
)


def _adds(patient: UUID, new: Collection[Category]) -> list[Link]:
    found = [
        Link(reverse(f"dossier:{kind}_new", args=(patient,)), symbol, text)
        for category, kind, symbol, text in ADDS
        if category in new
    ]
    if Category.DOCUMENTS in new:
        found.append(Link(reverse("dossier:document_new", args=(patient,)), "paperclip", "Document"))
        found.append(Link(reverse("dossier:photo", args=(patient,)), "camera", "Photo avec un téléphone"))
    return found


def _more(found: patients.Banner, new: Collection[Category], edits: Collection[Category]) -> list[Link]:
    patient = found.patient
    links = [
        Link(reverse("patients:identity", args=(patient,)), "id-card", "Fiche d’identité"),
        Link(reverse("dossier:readers", args=(patient,)), "eye", "Qui a consulté ce dossier"),
    ]
    if Category.NOTES in new:
        links.insert(0, Link(reverse("dossier:calculators", args=(patient,)), "calculator", "Calculs"))
    if Category.HISTORY in new:
        links.append(Link(reverse("patients:vsm"), "file-down", "Importer un volet de synthèse"))
    if Category.PRIVATE_NOTES in new:
        links.append(Link(reverse("dossier:private", args=(patient,)), "lock", "Mes notes personnelles"))
    if Category.NOTES in edits:
        links.append(Link(reverse("handover:pin", args=(patient,)), "user-round-check", "À connaître de qui me remplace"))
    if Category.IDENTITY in edits and Category.NOTES in new:
        links.append(Link(reverse("patients:protection", args=(patient,)), "shield", "Partage et protection"))
    if shows_curves(found.birth_date):
        links.insert(0, Link(reverse("dossier:curves", args=(patient,)), "chart-spline", "Courbes de croissance"))
    return links


def _notices(chart: queries.Chart, waits: bool) -> list[Notice]:
    found = [Notice("warn", "hourglass", WAITS)] if waits else []
    if len(chart.drafts) > 1:
        found.append(
            Notice(
                "warn",
                "copy",
                f"{len(chart.drafts)} brouillons sont ouverts pour ce patient{NBSP}: deux fenêtres ont écrit en même "
                "temps. Les deux textes sont gardés.",
            )
        )
    shown = chart.synthesis
    lines = (shown.history, shown.past_history, shown.family_history, shown.allergies, shown.treatments, shown.past_treatments,
             shown.vaccinations, shown.measures)  # fmt: skip
    if said := two_values.sentence(row.id for rows in lines for row in rows):
        found.append(Notice("sys", "git-merge", said, reverse("sync:settling"), "Dire ce qui reste"))
    if chart.synthesis.hidden:
        many = chart.synthesis.hidden > 1
        found.append(
            Notice(
                "",
                "eye-off",
                f"{chart.synthesis.hidden} élément{'s' if many else ''} de ce dossier "
                f"{'sont réservés à leurs auteurs' if many else 'est réservé à son auteur'} et au médecin traitant.",
            )
        )
    return found


CLINICAL = (
    Category.HISTORY,
    Category.TREATMENTS,
    Category.ALLERGIES,
    Category.VACCINATIONS,
    Category.MEASURES,
    Category.RESULTS,
    Category.NOTES,
    Category.DOCUMENTS,
    Category.PRESCRIPTIONS,
)


def _masked(patient: UUID, reader: Reader, code: str) -> str:
    """One sentence for all the parts that this reader may not see: they are named with the reason, never left blank."""
    shown = reader.open_to(patient, CLINICAL)
    closed = [presenters.category(c) for c in CLINICAL if c not in shown]
    if not closed:
        return ""
    words = presenters.enumerate_fr([closed[0], *(word[0].lower() + word[1:] for word in closed[1:])])
    return f"{words}{NBSP}: non affichés. {presenters.refusal(code or 'right')}"


BOXES = {
    Category.HISTORY: ("history", "Problèmes actifs", "Aucun problème actif saisi.", "Antécédents passés"),
    Category.TREATMENTS: ("treatment", "Traitements en cours", "Aucun traitement saisi.", "Traitements arrêtés"),
    Category.ALLERGIES: ("allergy", "Allergies", "", ""),
    Category.VACCINATIONS: ("vaccination", "Vaccinations", "Aucune vaccination saisie.", ""),
}


def _boxes(
    found: queries.Synthesis, patient: UUID, new: Collection[Category], edits: Collection[Category], marks: Marker
) -> list[Box]:
    """The cards of the synthesis that this reader may see; « Ajouter » and the pencils for who may write."""
    boxes = []
    for category, (kind, title, none, past_text) in BOXES.items():
        if category in found.refused:
            continue
        lines, past = _lines(category, found, category in edits, marks)
        add = reverse(f"dossier:{kind}_new", args=(patient,)) if category in new else ""
        boxes.append(Box(kind, title, kind, lines, past, past_text, none, add, f"Ajouter{NBSP}: {title.lower()}", kind == "history"))
        if kind == "history" and found.family_history:
            kin = clinical.history(found.family_history, writes=category in edits, marks=marks)
            boxes.append(Box("family", "Antécédents familiaux", kind, kin, [], "", "", "", ""))
    return boxes


def _lines(category: Category, found: queries.Synthesis, writes: bool, marks: Marker) -> tuple[list[Line], list[Line]]:
    if category is Category.HISTORY:
        past = clinical.history(found.past_history, writes=writes, past=True, marks=marks)
        return clinical.history(found.history, writes=writes, marks=marks), past
    if category is Category.TREATMENTS:
        return clinical.treatments(found.treatments, writes=writes, marks=marks), clinical.stopped(
            found.past_treatments, writes=writes, marks=marks
        )
    if category is Category.ALLERGIES:
        return clinical.allergy_lines(found.allergies, writes=writes, marks=marks), []
    return clinical.vaccinations(found.vaccinations, writes=writes, marks=marks), []
