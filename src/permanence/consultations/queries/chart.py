"""The patient page: the synthesis, the timeline, and both with the reader's own drafts in as few queries as one page."""

import datetime
from collections.abc import Collection
from uuid import UUID

from permanence.accounts.permissions import PARIS, today
from permanence.consultations import measuring, rules
from permanence.consultations.queries.sources import SOURCES, Found, fetch
from permanence.consultations.queries.views import Chart, Event, MeasureRow, Synthesis
from permanence.documents import queries as documents
from permanence.journal.categories import Category
from permanence.journal.doors import Reader, Refused
from permanence.lib.dates import format_date, read_partial
from permanence.lib.text import NBSP, number_fr
from permanence.patients.permissions import SENTENCES, files_of

_SYNTHESIS = ("history", "allergy", "treatment", "vaccination", "measure", "statement")
_TIMELINE = ("note", "move", "vaccination")
_ALL = ("history", "allergy", "treatment", "vaccination", "measure", "statement", "note", "move", "draft")
_CATEGORIES = frozenset(
    {Category.HISTORY, Category.ALLERGIES, Category.TREATMENTS, Category.VACCINATIONS, Category.MEASURES}
)


def _files(patient: UUID, reader: Reader) -> tuple[UUID, ...]:
    file = files_of([patient], reader=reader)[patient]
    if not file.exists:
        raise Refused(SENTENCES["unknown"], code="unknown")
    return file.family


def synthesis(patient: UUID, *, reader: Reader, only: Collection[Category] = _CATEGORIES) -> Synthesis:
    """Active and past history, allergies with their state, treatments, vaccinations, last measures. Two queries.

    `only`: the categories that the page shows; the others are neither read nor journalled, and stay empty.
    """
    kinds = [kind for kind in _SYNTHESIS if SOURCES[kind].category in only]
    return _synthesis(fetch(kinds, _files(patient, reader), reader=reader), only)


def timeline(
    patient: UUID, *, reader: Reader, limit: int = 60, before: datetime.datetime | None = None
) -> tuple[Event, ...]:
    """Notes, documents and vaccinations, newest first; `before` is the `at` of the last one shown. Four queries."""
    return _timeline(patient, reader, limit, before)[0]


def page(
    patient: UUID, *, reader: Reader, limit: int = 60, before: datetime.datetime | None = None
) -> tuple[tuple[Event, ...], bool]:
    """`timeline`, and whether there is more after it."""
    return _timeline(patient, reader, limit, before)


def _timeline(patient: UUID, reader: Reader, limit: int, before: datetime.datetime | None) -> tuple[tuple[Event, ...], bool]:
    files = _files(patient, reader)
    found = fetch(_TIMELINE, files, reader=reader, limit=limit + 1, before=before)
    return _events(found, files, reader, limit, before)


def chart(patient: UUID, *, reader: Reader, limit: int = 60) -> Chart:
    """The synthesis, the timeline's first page, and this reader's drafts about the patient. Four queries."""
    files = _files(patient, reader)
    found = fetch(_ALL, files, reader=reader, limit=limit + 1)
    events, more = _events(found, files, reader, limit, None)
    drafts = sorted(found.rows["draft"], key=lambda draft: draft.updated_at, reverse=True)
    return Chart(_synthesis(found, _CATEGORIES), events, more, tuple(drafts))


def _events(
    found: Found, files: tuple[UUID, ...], reader: Reader, limit: int, before: datetime.datetime | None
) -> tuple[tuple[Event, ...], bool]:
    papers = documents.listing(files, reader=reader, limit=limit + 1, before=before)
    events = [
        Event("note", note.id, note.at, note.motif or note.kind_label, note, note.sensitive) for note in found.rows["note"]
    ]
    events += [Event("move", move.note_id, move.note_at, "Note déplacée", move) for move in found.rows["move"]]
    events += [
        Event("document", paper.id, paper.received_at, paper.title, paper, paper.sensitive)
        for paper in papers
        if paper.received_at
    ]
    for given in found.rows["vaccination"]:
        at = _noon(given.given) or given.recorded_at
        if at and (before is None or at < before):
            events.append(Event("vaccination", given.id, at, given.vaccine, given, given.sensitive))
    events.sort(key=lambda event: (event.at, event.id.int), reverse=True)
    return tuple(events[:limit]), len(events) > limit or bool(found.reached)


def _noon(given: str) -> datetime.datetime | None:
    """Where a day known in part stands in the timeline: noon in Paris, a missing month or day counting as the first."""
    known = read_partial(given)
    if not known.year:
        return None
    return datetime.datetime(known.year, known.month or 1, known.day or 1, 12, tzinfo=PARIS)


def _synthesis(found: Found, asked: Collection[Category]) -> Synthesis:
    rows, day = {kind: found.rows.get(kind, []) for kind in _SYNTHESIS}, today()
    history = sorted(rows["history"], key=lambda item: (read_partial(item.start).key, item.label), reverse=True)
    treatments = sorted(rows["treatment"], key=lambda item: (item.dci or item.label).casefold())
    measures: list[MeasureRow] = [row for row in rows["measure"] if row.id not in found.earlier]
    order = {loinc: place for place, loinc in enumerate(measuring.CATALOGUE)}
    measures.sort(key=lambda row: order.get(row.code, len(order)))
    state, sentence = _allergies(found)
    return Synthesis(
        history=tuple(item for item in history if item.active and item.kind != "familial"),
        past_history=tuple(item for item in history if not item.active and item.kind != "familial"),
        family_history=tuple(item for item in history if item.kind == "familial"),
        allergies=tuple(sorted(rows["allergy"], key=lambda item: (item.severity != "vitale", item.substance.casefold()))),
        allergy_state=state,
        allergy_sentence=sentence,
        treatments=tuple(item for item in treatments if item.is_current(day)),
        past_treatments=tuple(item for item in treatments if not item.is_current(day)),
        vaccinations=tuple(sorted(rows["vaccination"], key=lambda item: read_partial(item.given).key, reverse=True)),
        measures=tuple(measures),
        previous={row.code: row for row in rows["measure"] if row.id in found.earlier},
        bmi=_bmi(measures),
        refused=frozenset(asked) - found.readable,
        hidden=found.hidden,
    )


def _allergies(found: Found) -> tuple[str, str]:
    said = [(row.at, row) for row in found.rows.get("statement", []) if row.at]
    newest = max(said, key=lambda pair: pair[0], default=None)
    statement = rules.Statement(newest[1].none_known, newest[0]) if newest else None
    state = rules.allergy_state(
        readable=Category.ALLERGIES in found.readable,
        any_live=bool(found.rows.get("allergy")),
        statement=statement,
        last_change=newest[1].last_change if newest else None,
    )
    verified = format_date(statement.at.astimezone(PARIS).date()) if statement else ""
    return state, rules.allergy_sentence(state, verified)


def _bmi(measures: list[MeasureRow]) -> str:
    """The last weight over the last height, computed here and stored nowhere (LOINC 39156-5)."""
    values = {row.code: row.values[0] for row in measures if row.code in (measuring.WEIGHT, measuring.HEIGHT) and row.values}
    if len(values) < 2:
        return ""
    (_, *weight), (_, *height) = values[measuring.WEIGHT], values[measuring.HEIGHT]
    found = measuring.bmi((weight[0], weight[1]), (height[0], height[1]))
    return f"{number_fr(*found)}{NBSP}kg/m²" if found else ""
