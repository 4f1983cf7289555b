"""The timeline: notes, documents, vaccinations and drafts as lines, by year, newest first; its older pages."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from permanence.accounts.queries import member_names
from permanence.consultations import queries
from permanence.web.dossier.beside import Marker, Marks, unmarked
from permanence.web.links import reverse
from permanence.web.presenters import Chip

SYMBOLS = {
    "note": "notebook-pen",
    "document": "file-text",
    "result": "flask-conical",
    "vaccination": "syringe",
    "move": "arrow-right-left",
    "draft": "pencil-line",
}
WORDS = {
    "note": "Notes",
    "paper": "Papiers",
    "document": "Documents",
    "result": "Résultats",
    "vaccination": "Vaccinations",
    "move": "Déplacées",
}
RESULT_TYPES = frozenset({"11502-2"})
LONGEST_EXCERPT = 280
PAGE, WHOLE = 60, 2_000  # events of one page; of all that is left, for the filter


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
    number: int


def events(found: Iterable[queries.Event], patient: UUID, marks: Marker = unmarked) -> list[EventLine]:
    """The doors' events as lines. An amendment stands with the note it corrects when that one is on the page."""
    found = list(found)
    notes = {event.id for event in found if event.kind == "note"}
    amended = {event.item.amends_id for event in found if event.kind == "note" and event.item.amends_id}
    names = member_names({id for event in found for id in _people(event) if id})
    lines = [(event, _line(event, patient, names, amended)) for event in found
             if not (event.kind == "note" and event.item.amends_id in notes)]  # fmt: skip
    return [line if event.kind == "move" else _marked(line, marks(event.item)) for event, line in lines]


def _marked(line: EventLine, marks: Marks) -> EventLine:
    said = "" if marks.origin and line.by in marks.origin else line.by  # a document's author is often the software itself
    by = ", ".join(filter(None, (said, marks.origin)))
    return replace(line, tags=(*line.tags, *marks.chips), by=by) if marks.chips or marks.origin else line


def _people(event: queries.Event) -> tuple[UUID | None, ...]:
    item = event.item
    if event.kind == "note":
        return (item.author_id, item.signatory_id)
    if event.kind == "move":
        return (item.author_id, item.by_id)
    return (item.given_by_id,) if event.kind == "vaccination" else ()


def _line(event: queries.Event, patient: UUID, names: dict[UUID, str], amended: set[UUID]) -> EventLine:
    if event.kind == "note":
        return _note(event, patient, names, amended)
    if event.kind == "document":
        return _document(event, patient)
    if event.kind == "vaccination":
        return _vaccination(event, names)
    return EventLine(
        kind="move",
        at=event.at,
        symbol=SYMBOLS["move"],
        kind_text="Note déplacée",
        title="Note déplacée vers un autre dossier",
        text="Elle avait été écrite ici par erreur. Son texte n’est plus dans ce dossier.",
        by=names.get(event.item.by_id, ""),
        url=reverse("dossier:moved", args=(patient, event.id)),
    )


def _note(event: queries.Event, patient: UUID, names: dict[UUID, str], amended: set[UUID]) -> EventLine:
    note = event.item
    completed = (Chip("Complétée"),) if event.id in amended else ()
    where = reverse("dossier:note", args=(patient, event.id))
    return EventLine(
        "note",
        event.at,
        SYMBOLS["note"],
        note.kind_label,
        event.title,
        excerpt(note),
        authors(note, names),
        where,
        (*completed, *((Chip("À contresigner", "warn"),) if note.waits else ()), *reserved(note)),
    )


def _document(event: queries.Event, patient: UUID) -> EventLine:
    paper = event.item
    kind = "result" if paper.type_code in RESULT_TYPES else "document"
    where = reverse("dossier:document", args=(patient, event.id))
    return EventLine(kind, event.at, SYMBOLS[kind], paper.type_label, event.title, "", paper.author_text, where, reserved(paper))


def _vaccination(event: queries.Event, names: dict[UUID, str]) -> EventLine:
    given = event.item
    text = " · ".join(part for part in (f"lot {given.lot}" if given.lot else "", given.site) if part)
    by = names.get(given.given_by_id, "") if given.given_by_id else given.given_by_text
    return EventLine("vaccination", event.at, SYMBOLS["vaccination"], "Vaccination", event.title, text, by, "", reserved(given))


def reserved(item: object) -> tuple[Chip, ...]:
    """The marks of what only its author and the médecin traitant see."""
    found = [Chip("Sensible", "plain", "eye-off")] if getattr(item, "sensitive", False) else []
    return (*found, *((Chip("Secret du mineur", "plain", "eye-off"),) if getattr(item, "minor_secret", False) else ()))


def excerpt(note: queries.NoteRow) -> str:
    """The first words of a note, whatever its form."""
    text = " ".join(part for part in (note.text, note.subjective, note.objective, note.assessment, note.plan) if part)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_EXCERPT else text[:LONGEST_EXCERPT].rsplit(" ", 1)[0].rstrip(" .,;:") + "…"


def authors(note: queries.NoteRow, names: dict[UUID, str]) -> str:
    author = names.get(note.author_id, "Auteur inconnu") if note.author_id else "Import"
    if note.signatory_id and note.signatory_id != note.author_id:
        return f"{author}, sous {names.get(note.signatory_id, 'un senior')}"
    return author


def drafts(drafts: Iterable[queries.DraftRow], patient: UUID) -> list[EventLine]:
    found = []
    for draft in drafts:
        text = " ".join(str(draft.payload.get(name, "")) for name in ("text", "subjective", "objective", "assessment", "plan")).split()
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
    here = timezone.get_default_timezone()
    return [Year(str(year), list(group)) for year, group in groupby(lines, key=lambda line: line.at.astimezone(here).year)]


def filters(lines: Sequence[EventLine]) -> list[Filter]:
    counts = {kind: sum(line.kind == kind for line in lines) for kind in WORDS}
    return [Filter("", "Tout", len(lines)), *(Filter(kind, WORDS[kind], count) for kind, count in counts.items() if count)]


def older_url(patient: UUID, found: Sequence[queries.Event]) -> str:
    return f"{reverse('dossier:older', args=(patient,))}?avant={found[-1].at.isoformat().replace('+', '%2B')}" if found else ""
