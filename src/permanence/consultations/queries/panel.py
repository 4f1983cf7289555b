"""The panel: which patients of the practice answer to criteria, counted and listed; and the lists that are kept to be asked again."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q

from permanence.accounts.permissions import check_read, today
from permanence.consultations import measuring, panel, rules
from permanence.consultations.models import RecallList
from permanence.consultations.panel import Criteria
from permanence.documents import queries as documents
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader, Refused
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.lib.sqlcipher.compiled import stored
from permanence.lib.text import NBSP
from permanence.patients import queries as patients
from permanence.patients.queries import Cohort, Row, Traits

MOST = 500
UNKNOWN = "Cette liste est introuvable, ou n’est pas la vôtre\u00a0: revenez aux listes de rappel."
BASE = (Category.HISTORY, Category.TREATMENTS)  # who reads neither searches no panel
_LIVE = "(removed_revision IS NULL OR removed_revision <> revision)"
_HEAD = "SELECT id, patient_id, author_id, sensitive, minor_secret,"
# A relative's disease is not the patient's.
_HISTORY = f"{_HEAD} label, cim10 FROM consultations_historyitem WHERE {_LIVE} AND kind <> 'familial'"
_TREATMENT = f'{_HEAD} label, dci, "end" FROM consultations_treatment WHERE {_LIVE}'
_MEASURE = f"{_HEAD} code FROM consultations_measure WHERE {_LIVE} AND taken_at >= ?"
Found = dict[UUID, list[tuple[Ask, str]]]  # kept file -> what matched in it


@dataclass(frozen=True, slots=True)
class Match:
    """A patient of the list and what matched, as it is written."""

    row: Row
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """`total`: all that answer. `matches`: the first of them by name. `shut`: files with these traits of identity that are not
    open to this reader, whatever else is in them."""

    total: int
    matches: tuple[Match, ...]
    shut: int


def find(criteria: Criteria, *, reader: Reader, most: int = MOST) -> Panel:
    """Who answers to all criteria: one query for each, then ids crossed. Only what is listed is served. Raises Refused: right."""
    used = _categories(criteria)
    for category in {*BASE, *used}:
        check_read(reader, category)
    traits = Traits(criteria.least_age, criteria.most_age, criteria.sex, reader.actor.member if criteria.mine else None, criteria.ald)
    cohort = patients.cohort(traits, categories=[*BASE, *used], reader=reader)
    found = _lines(criteria, cohort, reader)
    absent = _tested(criteria, cohort, reader) if criteria.missing else set()
    all_ = [id for id in cohort.patients if id not in absent and all(id in one for one in found)]
    shown = all_[:most]
    asked = [Category.IDENTITY, *used]
    admission = reader.admit(shown, asked, level=Level.LISTED)
    shown = [id for id in shown if all(admission.may(id, category) for category in asked)]
    lines = [line for one in found for id in shown for line in one[id]]
    admitted = reader.admit_objects([ask for ask, _ in lines], level=Level.LISTED) if lines else set()
    rows = patients.rows(shown, reader=reader, masked=False)
    return Panel(len(all_), tuple(Match(row, _why(row.patient, found, admitted, criteria)) for row in rows), cohort.shut)


def _categories(criteria: Criteria) -> list[Category]:
    """What the criteria tell of a patient who is listed."""
    asked = (
        (Category.HISTORY, criteria.history),
        (Category.TREATMENTS, criteria.treatment),
        (Category.MEASURES, criteria.missing),
        (Category.RESULTS, criteria.missing),
        (Category.SOCIAL_RIGHTS, criteria.ald),
    )
    return [category for category, wanted in asked if wanted]


def _why(patient: UUID, found: Iterable[Found], admitted: set[UUID], criteria: Criteria) -> tuple[str, ...]:
    said = [text for one in found for ask, text in one[patient] if ask.object in admitted]
    if criteria.missing:
        said.append(f"{criteria.missing}{NBSP}: rien depuis {criteria.months}{NBSP}mois")
    return tuple(dict.fromkeys(said))


def _lines(criteria: Criteria, cohort: Cohort, reader: Reader) -> list[Found]:
    """For each criterion on what is written, who has a line that answers to it; each looks only at who is left."""
    found = []
    for typed, lines in ((criteria.treatment, _treatments), (criteria.history, _histories)):
        if typed:
            found.append(_kept(lines(typed, _files(cohort)), cohort, reader))
            cohort = replace(cohort, patients=tuple(id for id in cohort.patients if id in found[-1]))
    return found


def _files(cohort: Cohort) -> set[str]:
    """Every file of these people, as the columns hold it."""
    here = set(cohort.patients)
    return {id.hex for id in here} | {id.hex for id, kept in cohort.kept.items() if kept in here}


def _histories(typed: str, files: set[str]) -> list[tuple[Ask, str]]:
    code, fits = panel.code(typed), panel.fitting(typed)
    return [
        (_ask(Category.HISTORY, head), f"{label} ({cim10})" if cim10 else label)
        for *head, label, cim10 in run("default", _HISTORY).fetchall()
        if head[1] in files and (cim10.replace(".", "").startswith(code) if code else fits(label))
    ]


def _treatments(typed: str, files: set[str]) -> list[tuple[Ask, str]]:
    """Those still taken, by their name or their substance as written."""
    fits, day = panel.fitting(typed), today()
    return [
        (_ask(Category.TREATMENTS, head), f"{label} ({dci})" if label and dci and label != dci else label or dci)
        for *head, label, dci, end in run("default", _TREATMENT).fetchall()
        if head[1] in files and fits(f"{label} {dci}") and rules.is_current(end, day)
    ]


def _ask(category: Category, head: list[str]) -> Ask:
    id, patient, author, sensitive, minor = head
    return Ask(UUID(patient), category, UUID(id), UUID(author) if author else None, bool(sensitive), bool(minor))


def _kept(lines: list[tuple[Ask, str]], cohort: Cohort, reader: Reader) -> Found:
    """By the file that stands for each person; what is reserved to others does not match."""
    open_ = {ask.object for ask in patients.unreserved([ask for ask, _ in lines], reader=reader)}
    found: Found = defaultdict(list)
    for ask, text in lines:
        if ask.object in open_:
            found[cohort.kept.get(ask.patient, ask.patient)].append((ask, text))
    return dict(found)


def _tested(criteria: Criteria, cohort: Cohort, reader: Reader) -> set[UUID]:
    """Who has had the test meanwhile: a measure of the catalogue, or a result, whose name or code answers."""
    fits, since = panel.fitting(criteria.missing), _months_before(criteria.months)
    codes = {loinc for loinc, kind in measuring.CATALOGUE.items() if fits(f"{kind.label} {kind.short} {' '.join(kind.words)}")}
    heads = [head for *head, code in run("default", _MEASURE, stored(since)).fetchall() if code in codes]
    flagged = [_ask(Category.MEASURES, head) for head in heads if head[3] or head[4]]
    found = {UUID(id) for id in {head[1] for head in heads if not (head[3] or head[4])}}
    found |= {ask.patient for ask in patients.unreserved(flagged, reader=reader)}
    found |= documents.tested(fits, panel.loincs(criteria.missing), since=since, reader=reader)
    return {cohort.kept.get(id, id) for id in found}


def _months_before(months: int) -> datetime.datetime:
    now = clock.now()
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    for day in (now.day, 30, 29, 28):
        try:
            return now.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


@dataclass(frozen=True, slots=True)
class RecallListRow:
    """A list that is kept: its criteria only, asked again each time."""

    id: UUID
    name: str
    criteria: Criteria
    said: str
    mine: bool
    shared: bool


def recall_lists(*, reader: Reader) -> list[RecallListRow]:
    """One's own and the shared ones, by name. They name no patient. Raises Refused: right."""
    for category in BASE:
        check_read(reader, category)
    me = reader.actor.member
    found = RecallList.objects.filter(Q(owner_id=me) | Q(shared=True), removed=False).order_by("name", "created_at")
    rows = []
    for id, name, kept, owner, shared in found.values_list("id", "name", "criteria", "owner_id", "shared"):
        criteria = panel.read(kept)
        rows.append(RecallListRow(id, name, criteria, panel.said(criteria), owner == me, shared))
    return rows


def recall_list(id: UUID, *, reader: Reader) -> RecallListRow:
    """One of them. Raises Refused alike for one that is unknown and one that is another's."""
    found = next((row for row in recall_lists(reader=reader) if row.id == id), None)
    if found is None:
        raise Refused(UNKNOWN, code="unknown")
    return found
