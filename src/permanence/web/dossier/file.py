"""The patient file: synthesis at the left, timeline in the middle, measures at the right; one door for all of it."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from permanence.accounts.permissions import can_write
from permanence.accounts.queries import member_names
from permanence.consultations import queries
from permanence.documents import queries as documents
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Reader
from permanence.lib.text import NBSP
from permanence.patients import queries as patients
from permanence.web import presenters
from permanence.web.dossier import clinical, people
from permanence.web.dossier.clinical import Line, Measure
from permanence.web.http import go, reader_of, render, screen
from permanence.web.presenters import Chip

SYMBOLS = {
    "note": "notebook-pen",
    "document": "file-text",
    "result": "flask-conical",
    "vaccination": "syringe",
    "move": "arrow-right-left",
    "draft": "pencil-line",
}
WORDS = {"note": "Notes", "document": "Documents", "result": "Résultats", "vaccination": "Vaccinations", "move": "Déplacées"}
RESULT_TYPES = frozenset({"11502-2"})
LONGEST_EXCERPT = 280


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


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line of the timeline."""

    kind: str
    at: datetime.datetime
    symbol: str
    kind_text: str
    title: str
    text: str
    by: str
    url: str
    tags: tuple[Chip, ...] = ()
    state: str = ""


@dataclass(frozen=True, slots=True)
class Year:
    label: str
    events: list[EventLine]


class Filter(NamedTuple):
    kind: str
    text: str
    count: int


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


@screen
def file(request: HttpRequest, patient: UUID) -> HttpResponse:
    """The whole file in one reading: banner, chart, results."""
    reader = reader_of(request)
    closed = reader.admit([patient], [Category.HISTORY]).refusals.get((patient, Category.HISTORY), "")
    if closed in ("right", "masked") and not any(reader.may(patient, c) for c in CLINICAL):
        return go(request, "patients:identity", patient)  # the desk's own screen: nothing clinical is open to it
    found = patients.banner(patient, reader=reader)
    kept = found.patient
    chart = queries.chart(kept, reader=reader)
    results = documents.results(kept, reader=reader) if reader.may(kept, Category.RESULTS) else []
    by = reader.actor
    top = people.banner(found, _allergy(chart), me=by.member)
    lines = [*_drafts(chart.drafts, kept), *events(chart.timeline, kept)]
    page = FilePage(
        banner=top,
        links=_links(kept, by),
        draft=bool(chart.drafts),
        adds=_adds(kept, by),
        more=_more(kept, by),
        notices=_notices(chart),
        filters=_filters(lines),
        years=years(lines),
        older=_older(kept, chart.timeline) if chart.more else "",
        masked=_masked(kept, reader, closed),
        boxes=_boxes(chart.synthesis, kept, by),
        measures=clinical.measures(chart.synthesis),
        measures_open=Category.MEASURES not in chart.synthesis.refused,
        results=clinical.results(results),
    )
    return render(request, reader, "dossier/file.html", {"page": page})


@dataclass(frozen=True, slots=True)
class OlderPage:
    years: list[Year]
    older: str


@screen
def older(request: HttpRequest, patient: UUID) -> HttpResponse:
    """More of the timeline, after the instant given: a fragment put in place of its button."""
    reader = reader_of(request)
    try:
        before = datetime.datetime.fromisoformat(request.GET.get("avant", ""))
    except ValueError:
        before = timezone.now()
    found, more = queries.page(patient, reader=reader, before=before)
    page = OlderPage(years(events(found, patient)), _older(patient, found) if more else "")
    return render(request, reader, "dossier/older.html", {"page": page}, fragment="list")


def _allergy(chart: queries.Chart) -> people.AllergyLine:
    if Category.ALLERGIES in chart.synthesis.refused:
        return people.AllergyLine("unavailable", why="non ouvertes pour vous")
    return clinical.allergy_line(chart.synthesis)


def _older(patient: UUID, found: Sequence[queries.Event]) -> str:
    return (
        f"{reverse('dossier:older', args=(patient,))}?avant={found[-1].at.isoformat().replace('+', '%2B')}" if found else ""
    )


def _links(patient: UUID, by: Actor) -> Links:
    here = (patient,)
    return Links(
        reverse("dossier:compose", args=here) if can_write(by, Category.NOTES, new=True) else "",
        reverse("dossier:measures", args=here) if can_write(by, Category.MEASURES, new=True) else "",
        reverse("patients:vsm") if can_write(by, Category.HISTORY, new=True) else "",
        reverse("dossier:readers", args=here),
        reverse("dossier:no_allergy", args=here) if can_write(by, Category.ALLERGIES, new=True) else "",
        reverse("patients:identity", args=here),
    )


ADDS = (
    (Category.HISTORY, "history", "clipboard-list", "Antécédent ou problème"),
    (Category.ALLERGIES, "allergy", "triangle-alert", "Allergie"),
    (Category.TREATMENTS, "treatment", "pill", "Traitement"),
    (Category.VACCINATIONS, "vaccination", "syringe", "Vaccination"),
    (Category.PRIVATE_NOTES, "private_note", "lock", "Note personnelle"),
)


def _adds(patient: UUID, by: Actor) -> list[Link]:
    found = [
        Link(reverse(f"dossier:{kind}_new", args=(patient,)), symbol, text)
        for category, kind, symbol, text in ADDS
        if can_write(by, category, new=True)
    ]
    if can_write(by, Category.DOCUMENTS, new=True):
        found.append(Link(reverse("dossier:document_new", args=(patient,)), "paperclip", "Document"))
    return found


def _more(patient: UUID, by: Actor) -> list[Link]:
    found = [
        Link(reverse("patients:identity", args=(patient,)), "id-card", "Fiche d’identité"),
        Link(reverse("dossier:readers", args=(patient,)), "eye", "Qui a consulté ce dossier"),
    ]
    if can_write(by, Category.HISTORY, new=True):
        found.append(Link(reverse("patients:vsm"), "file-down", "Importer un volet de synthèse"))
    if can_write(by, Category.PRIVATE_NOTES, new=True):
        found.append(Link(reverse("dossier:private", args=(patient,)), "lock", "Mes notes personnelles"))
    if can_write(by, Category.IDENTITY) and can_write(by, Category.NOTES, new=True):
        found.append(Link(reverse("patients:protection", args=(patient,)), "shield", "Partage et protection"))
    return found


def _notices(chart: queries.Chart) -> list[Notice]:
    found = []
    if len(chart.drafts) > 1:
        found.append(
            Notice(
                "warn",
                "copy",
                f"{len(chart.drafts)} brouillons sont ouverts pour ce patient{NBSP}: deux fenêtres ont écrit en même temps. Les deux "
                "textes sont gardés.",
            )
        )
    if chart.synthesis.hidden:
        many = chart.synthesis.hidden > 1
        found.append(
            Notice(
                "",
                "eye-off",
                f"{chart.synthesis.hidden} élément{'s' if many else ''} de ce dossier {'sont réservés' if many else 'est réservé'} à "
                f"{'leurs auteurs' if many else 'son auteur'} et au médecin traitant.",
            )
        )
    return found


# -- the timeline


def events(found: Iterable[queries.Event], patient: UUID) -> list[EventLine]:
    """The doors' events as lines. An amendment stands with the note it corrects when that one is on the page."""
    found = list(found)
    notes = {event.id for event in found if event.kind == "note"}
    amended = {event.item.amends_id for event in found if event.kind == "note" and event.item.amends_id}
    names = member_names({id for event in found for id in _people(event) if id})
    return [
        _line(event, patient, names, amended)
        for event in found
        if not (event.kind == "note" and event.item.amends_id in notes)
    ]


def _people(event: queries.Event) -> tuple[UUID | None, ...]:
    item = event.item
    if event.kind == "note":
        return (item.author_id, item.signatory_id)
    if event.kind == "move":
        return (item.author_id, item.by_id)
    return (item.given_by_id,) if event.kind == "vaccination" else ()


def _line(event: queries.Event, patient: UUID, names: dict[UUID, str], amended: set[UUID]) -> EventLine:
    item = event.item
    if event.kind == "note":
        tags = (*((Chip("Complétée"),) if event.id in amended else ()), *_reserved(item))
        return EventLine(
            "note",
            event.at,
            SYMBOLS["note"],
            item.kind_label,
            event.title,
            excerpt(item),
            authors(item, names),
            reverse("dossier:note", args=(patient, event.id)),
            tags,
        )
    if event.kind == "document":
        kind = "result" if item.type_code in RESULT_TYPES else "document"
        return EventLine(
            kind,
            event.at,
            SYMBOLS[kind],
            item.type_label,
            event.title,
            "",
            item.author_text,
            reverse("dossier:document", args=(patient, event.id)),
            _reserved(item),
        )
    if event.kind == "vaccination":
        text = " · ".join(part for part in (f"lot {item.lot}" if item.lot else "", item.site) if part)
        by = names.get(item.given_by_id, "") if item.given_by_id else item.given_by_text
        return EventLine(
            "vaccination", event.at, SYMBOLS["vaccination"], "Vaccination", event.title, text, by, "", _reserved(item)
        )
    return EventLine(
        "move",
        event.at,
        SYMBOLS["move"],
        "Note déplacée",
        "Note déplacée vers un autre dossier",
        "Elle avait été écrite ici par erreur. Son texte n’est plus dans ce dossier.",
        names.get(item.by_id, ""),
        reverse("dossier:moved", args=(patient, event.id)),
    )


def _reserved(item: object) -> tuple[Chip, ...]:
    found = [Chip("Sensible", "plain", "eye-off")] if getattr(item, "sensitive", False) else []
    return (*found, *((Chip("Secret du mineur", "plain", "eye-off"),) if getattr(item, "minor_secret", False) else ()))


def excerpt(note: queries.NoteRow) -> str:
    """The first words of a note, whatever its form."""
    text = " ".join(part for part in (note.text, note.subjective, note.objective, note.assessment, note.plan) if part)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_EXCERPT else text[:LONGEST_EXCERPT].rsplit(" ", 1)[0] + "…"


def authors(note: queries.NoteRow, names: dict[UUID, str]) -> str:
    author = names.get(note.author_id, "Auteur inconnu") if note.author_id else "Import"
    if note.signatory_id and note.signatory_id != note.author_id:
        return f"{author}, sous {names.get(note.signatory_id, 'un senior')}"
    return author


def _drafts(drafts: Iterable[queries.DraftRow], patient: UUID) -> list[EventLine]:
    found = []
    for draft in drafts:
        text = " ".join(
            str(draft.payload.get(name, "")) for name in ("text", "subjective", "objective", "assessment", "plan")
        ).split()
        found.append(
            EventLine(
                "note",
                draft.updated_at,
                SYMBOLS["draft"],
                "Brouillon, visible de vous seul",
                str(draft.payload.get("motif") or "Sans motif"),
                " ".join(text)[:LONGEST_EXCERPT],
                "",
                f"{reverse('dossier:compose', args=(patient,))}?brouillon={draft.id}",
                (Chip("À signer", "warn"),),
                "draft",
            )
        )
    return found


def years(lines: Iterable[EventLine]) -> list[Year]:
    """Grouped by year, newest first."""
    return [
        Year(str(year), list(group)) for year, group in groupby(lines, key=lambda line: timezone.localtime(line.at).year)
    ]


def _filters(lines: Sequence[EventLine]) -> list[Filter]:
    counts = {kind: sum(line.kind == kind for line in lines) for kind in WORDS}
    return [Filter("", "Tout", len(lines)), *(Filter(kind, WORDS[kind], count) for kind, count in counts.items() if count)]


# -- the synthesis


CLINICAL = (
    Category.HISTORY,
    Category.TREATMENTS,
    Category.ALLERGIES,
    Category.VACCINATIONS,
    Category.MEASURES,
    Category.RESULTS,
    Category.NOTES,
    Category.DOCUMENTS,
)


def _masked(patient: UUID, reader: Reader, code: str) -> str:
    """One sentence for all the parts that this reader may not see: they are named with the reason, never left blank."""
    closed = [presenters.category(c) for c in CLINICAL if not reader.may(patient, c)]
    if not closed:
        return ""
    words = presenters.enumerate_fr([closed[0], *(word[0].lower() + word[1:] for word in closed[1:])])
    return f"{words}{NBSP}: non affichés. {presenters.refusal(code or 'right')}"


def _boxes(found: queries.Synthesis, patient: UUID, by: Actor) -> list[Box]:
    def box(
        category: Category,
        kind: str,
        title: str,
        lines: list[Line],
        none: str,
        past: list[Line] | None = None,
        past_text: str = "",
        *,
        first: bool = False,
    ) -> Box:
        writes = can_write(by, category, new=True)
        return Box(
            kind,
            title,
            kind,
            lines,
            past or [],
            past_text,
            none,
            reverse(f"dossier:{kind}_new", args=(patient,)) if writes else "",
            f"Ajouter{NBSP}: {title.lower()}",
            first,
        )

    may = {
        category: can_write(by, category)
        for category in (Category.HISTORY, Category.ALLERGIES, Category.TREATMENTS, Category.VACCINATIONS)
    }
    boxes = [
        box(
            Category.HISTORY,
            "history",
            "Problèmes actifs",
            clinical.history(found.history, writes=may[Category.HISTORY]),
            "Aucun problème actif saisi.",
            clinical.history(found.past_history, writes=may[Category.HISTORY], past=True),
            "Antécédents passés",
            first=True,
        ),
        box(
            Category.TREATMENTS,
            "treatment",
            "Traitement au long cours",
            clinical.treatments(found.treatments, writes=may[Category.TREATMENTS]),
            "Aucun traitement saisi.",
            clinical.stopped(found.past_treatments, writes=may[Category.TREATMENTS]),
            "Traitements arrêtés",
        ),
        box(
            Category.ALLERGIES,
            "allergy",
            "Allergies",
            clinical.allergy_lines(found.allergies, writes=may[Category.ALLERGIES]),
            "",
        ),
        box(
            Category.VACCINATIONS,
            "vaccination",
            "Vaccinations",
            clinical.vaccinations(found.vaccinations, writes=may[Category.VACCINATIONS]),
            "Aucune vaccination saisie.",
        ),
    ]
    closed = {
        "history": Category.HISTORY,
        "treatment": Category.TREATMENTS,
        "allergy": Category.ALLERGIES,
        "vaccination": Category.VACCINATIONS,
    }
    return [one for one in boxes if closed[one.kind] not in found.refused]
