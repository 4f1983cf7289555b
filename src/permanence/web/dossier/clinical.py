"""The clinical rows as the templates show them: lines, drugs, measures, results. No reading decides anything here."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from permanence.consultations import queries
from permanence.documents.queries import ResultRow
from permanence.journal.categories import Category
from permanence.journal.doors import Reader
from permanence.lib.text import NBSP, number_fr
from permanence.web import two_values
from permanence.web.dossier.beside import Marker, unmarked
from permanence.web.dossier.people import Allergen, AllergyLine
from permanence.web.links import reverse
from permanence.web.presenters import Chip

ALLERGY_STATES = {"connues": "known", "aucune": "none", "non_renseignees": "unasked", "indisponibles": "unavailable"}
CONTESTED = Chip("Retiré ailleurs pendant sa modification\u00a0: à revoir".replace(" :", f"{NBSP}:"), "sys", "git-merge")
CATEGORY_OF = {
    "history": Category.HISTORY,
    "allergy": Category.ALLERGIES,
    "treatment": Category.TREATMENTS,
    "vaccination": Category.VACCINATIONS,
    "measure": Category.MEASURES,
}
FLAGS = {"H": "high", "HH": "high", "L": "low", "LL": "low"}


@dataclass(frozen=True, slots=True)
class Drug:
    """A medicine by the MEDi rules: the DCI first, the brand after, the dose apart."""

    dci: str
    brand: str
    form: tuple[str, ...]
    dose: str
    schedule: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    when: str = ""
    tags: tuple[Chip, ...] = ()
    edit: str = ""
    past: bool = False
    drug: Drug | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """The last value of one kind, and how it moved. `trend` is a polyline in 100 x 24."""

    label: str
    value: str
    unit: str
    at: datetime.datetime | None
    flag: str = ""
    before: str = ""
    trend: str = ""
    trend_text: str = ""
    trend_end: tuple[str, str] | None = None
    remove: str = ""
    tags: tuple[Chip, ...] = ()
    origin: str = ""


def allergy_line(synthesis: queries.Synthesis) -> AllergyLine:
    """The banner's line, in one of its four states."""
    items = tuple(Allergen(row.substance, _reaction(row)) for row in synthesis.allergies)
    sentence = synthesis.allergy_sentence
    checked = sentence.rpartition("le ")[2].rstrip(")") if "vérifié" in sentence else ""
    return AllergyLine(ALLERGY_STATES.get(synthesis.allergy_state, "unavailable"), items, checked)


def allergies(patient: UUID, reader: Reader) -> AllergyLine:
    """The same for a page that shows nothing else of the synthesis."""
    return allergy_line(queries.synthesis(patient, reader=reader, only=[Category.ALLERGIES]))


def _reaction(row: queries.AllergyRow) -> str:
    severity = f"{row.severity_label.lower()}" if row.severity in ("severe", "vitale") else ""
    words = ", ".join(part for part in (row.reaction, severity) if part)
    return " ".join(part for part in (f"— {words}" if words else "", f"({row.since})" if row.since else "") if part)


# -- lines


def _edit(kind: str, row: Any, writes: bool, marks: Marker) -> str:
    return reverse("dossier:edit", args=(row.patient, kind, row.id)) if writes and not marks(row).kept else ""


def _tags(row: Any, marks: Marker, *more: Chip) -> tuple[Chip, ...]:
    found = [*more, *marks(row).chips, *(() if row.contested else two_values.chips(row.id))]
    if row.sensitive:
        found.append(Chip("Sensible", "plain", "eye-off"))
    if row.minor_secret:
        found.append(Chip("Secret du mineur", "plain", "eye-off"))
    if row.contested:
        found.append(CONTESTED)
    return tuple(found)


def history(rows: Iterable[queries.HistoryRow], *, writes: bool, past: bool = False, marks: Marker = unmarked) -> list[Line]:
    found = []
    for row in rows:
        kin = f"{row.relation or 'famille'}{NBSP}: " if row.kind == "familial" else ""
        when = f"{row.start}–{row.end}" if row.start and row.end else row.start or row.end
        special = (Chip(row.kind_label),) if row.kind in ("facteur_risque", "alerte") else ()
        edit = _edit("history", row, writes, marks)
        found.append(Line(kin + row.label, when, _tags(row, marks, *special), edit, past, origin=marks(row).origin))
    return found


def allergy_lines(rows: Iterable[queries.AllergyRow], *, writes: bool, marks: Marker = unmarked) -> list[Line]:
    found = []
    for row in rows:
        severe = (Chip(row.severity_label, "dan"),) if row.severity in ("severe", "vitale") else ()
        text = f"{row.substance} — {row.reaction}" if row.reaction else row.substance
        found.append(Line(text, row.since, _tags(row, marks, *severe), _edit("allergy", row, writes, marks), origin=marks(row).origin))
    return found


def treatments(rows: Iterable[queries.TreatmentRow], *, writes: bool, marks: Marker = unmarked) -> list[Line]:
    found = []
    for row in rows:
        elsewhere = (Chip("Prescrit ailleurs"),) if row.source == "prescrit_ailleurs" else ()
        edit = _edit("treatment", row, writes, marks)
        found.append(Line(row.dci or row.label, row.start, _tags(row, marks, *elsewhere), edit, drug=drug(row), origin=marks(row).origin))
    return found


def drug(row: queries.TreatmentRow) -> Drug:
    """Never a line without a name: the label stands in for a DCI that nobody typed."""
    name = (row.dci or row.label).strip()
    brand = row.label if row.dci and row.label.casefold() != row.dci.casefold() else ""
    return Drug(
        name[:1].lower() + name[1:] if row.dci else name,
        brand,
        tuple(part for part in (row.form,) if part),
        row.dose_text,
        tuple(part for part in (row.route if row.route.casefold() not in ("", "orale") else "", row.posology) if part),
        row.note,
    )


def stopped(rows: Iterable[queries.TreatmentRow], *, writes: bool, marks: Marker = unmarked) -> list[Line]:
    return [
        Line(
            row.dci or row.label,
            f"arrêté {row.end}" + (f", {row.stop_reason}" if row.stop_reason else ""),
            _tags(row, marks),
            _edit("treatment", row, writes, marks),
            past=True,
            origin=marks(row).origin,
        )
        for row in rows
    ]


def vaccinations(rows: Iterable[queries.VaccinationRow], *, writes: bool, marks: Marker = unmarked) -> list[Line]:
    found = []
    for row in rows:
        due = (Chip(f"Rappel le {row.next_due:%d/%m/%Y}"),) if row.next_due else ()
        found.append(
            Line(
                row.vaccine + (f", dose {row.rank}" if row.rank else ""),
                row.given,
                _tags(row, marks, *due),
                _edit("vaccination", row, writes, marks),
                origin=marks(row).origin,
            )
        )
    return found


# -- measures and results


def measures(synthesis: queries.Synthesis, *, writes: bool = False, marks: Marker = unmarked) -> list[Measure]:
    """The last of each kind with the one before; the body mass index after the weight."""
    found = []
    for row in synthesis.measures:
        value, unit = _split(row.shown)
        before = synthesis.previous.get(row.code)
        earlier = f"{_split(before.shown)[0]} le {before.taken_at:%d/%m/%Y}" if before and before.taken_at else ""
        gone = reverse("dossier:remove", args=(row.patient, "measure", row.id)) if writes and not marks(row).kept else ""
        kind = queries.MEASURES.get(row.code)
        found.append(Measure(kind.label if kind else row.label, value, unit, row.taken_at, before=earlier, remove=gone,
                             tags=marks(row).chips, origin=marks(row).origin))  # fmt: skip
        if synthesis.bmi and row.code == "29463-7":
            value, unit = _split(synthesis.bmi)
            found.append(Measure("IMC", value, unit, row.taken_at))
    return found


def _split(shown: str) -> tuple[str, str]:
    value, _, unit = shown.partition(NBSP)
    return value, unit


MOST_RESULTS, MOST_POINTS = 8, 6


def results(rows: Sequence[ResultRow]) -> list[Measure]:
    """The last value of each examination, newest first, with the way it went."""
    series: dict[str, list[ResultRow]] = {}
    for row in rows:
        series.setdefault(row.loinc or row.label, []).append(row)
    found = []
    for same in list(series.values())[:MOST_RESULTS]:
        last = same[0]
        trend, end = polyline([row for row in same[:MOST_POINTS] if row.number is not None])
        words = ", ".join(row.shown for row in reversed(same[:MOST_POINTS]))
        found.append(
            Measure(
                last.label,
                last.shown,
                last.unit,
                last.at,
                FLAGS.get(last.abnormal, ""),
                "",
                trend,
                f"{last.label}{NBSP}: {words}",
                end,
            )
        )
    return found


def polyline(rows: Sequence[ResultRow]) -> tuple[str, tuple[str, str] | None]:
    """The last values of one examination, oldest first, scaled to 100 x 24 with integers; empty under two points."""
    if len(rows) < 2 or len({row.unit for row in rows}) > 1:
        return "", None
    scale = max(row.scale for row in rows)
    values = [(row.number or 0) * 10 ** (scale - row.scale) for row in reversed(rows)]
    low, span = min(values), max(values) - min(values)
    points = [(str(100 * i // (len(values) - 1)), str(24 - (24 * (value - low) // span if span else 12))) for i, value in enumerate(values)]
    return " ".join(",".join(point) for point in points), points[-1]


# -- one line, to be amended


def line_of(kind: str, patient: UUID, line: UUID, reader: Reader) -> Any | None:
    """The row that a form amends; None when it is not there for this reader."""
    if kind == "private_note":
        rows: Iterable[Any] = queries.private_notes(patient, reader=reader)
    elif kind not in CATEGORY_OF:
        return None
    else:
        found = queries.synthesis(patient, reader=reader, only=[CATEGORY_OF[kind]])
        rows = {
            "history": (*found.history, *found.past_history, *found.family_history),
            "allergy": found.allergies,
            "treatment": (*found.treatments, *found.past_treatments),
            "vaccination": found.vaccinations,
            "measure": found.measures,
        }.get(kind, ())
    return next((row for row in rows if row.id == line), None)


def figure(value: int) -> str:
    return number_fr(value)


Payload = Mapping[str, Any]
