"""Growth curves drawn on the server: what the doors give becomes coordinates; each drawing has its table and its source."""

import datetime
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from permanence.accounts.permissions import can_write
from permanence.consultations import queries
from permanence.journal.categories import Category
from permanence.journal.doors import Refused
from permanence.lib.dates import age_text
from permanence.lib.text import NBSP, number_fr, plural
from permanence.patients import queries as patients
from permanence.web import jinja, presenters
from permanence.web.dossier import clinical, people
from permanence.web.http import reader_of, render, screen
from permanence.web.links import reverse

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 450, 44, 34, 14, 46
NOT_A_CHILD = 72  # months: past it the curves of the first five years say nothing of today

PAST = (
    f"Ces courbes s’arrêtent à cinq ans{NBSP}: les mesures prises depuis sont dans la chronologie"
    " et parmi les dernières mesures du dossier."
)


class Tick(NamedTuple):
    place: float
    label: str


class Line(NamedTuple):
    """A percentile of the reference: its path, where its name stands."""

    percent: int
    path: str
    end: tuple[float, float]


class Dot(NamedTuple):
    x: float
    y: float
    text: str


class Row(NamedTuple):
    """The same as the dots, in words, for who does not see them."""

    at: datetime.datetime
    age: str
    value: str
    percentile: str
    z: str


@dataclass(frozen=True, slots=True)
class Drawing:
    kind: str
    title: str
    unit: str
    xs: list[Tick]
    ys: list[Tick]
    lines: list[Line]
    path: str
    dots: list[Dot]
    rows: list[Row]
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class CurvesPage:
    banner: people.Banner
    drawings: list[Drawing]
    term: str
    corrected: bool
    past: str
    facts_url: str
    measures_url: str
    size: tuple[int, int, int, int, int, int]


@screen
def curves(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Weight, length, head circumference and BMI from birth to five years, against the WHO's standards."""
    reader = reader_of(request)
    found = patients.banner(patient, reader=reader)
    if Category.MEASURES not in reader.open_to(found.patient, [Category.MEASURES]):
        raise Refused(presenters.refusal("right"), code="right")
    if found.birth_date is None or found.sex not in ("F", "M"):
        raise Refused(f"Les courbes demandent la date de naissance et le sexe{NBSP}: compléter la fiche d’identité.", code="invalid")
    synthesis = queries.synthesis(found.patient, reader=reader, only=[Category.ALLERGIES])
    term = patients.birth_term(found.patient, reader=reader)
    drawn = queries.curves(found.patient, birth=found.birth_date, sex=found.sex, term_days=term, reader=reader)
    last = 24 if _months(found.birth_date) <= 24 else queries.LAST_MONTH
    closed = Category.ALLERGIES in synthesis.refused
    allergy = people.AllergyLine("unavailable", why="non ouvertes pour vous") if closed else clinical.allergy_line(synthesis)
    writes = can_write(reader.actor, Category.MEASURES, new=True)
    page = CurvesPage(
        people.banner(found, allergy, me=reader.actor.member),
        [_drawing(one, found.birth_date, last) for one in drawn],
        patients.term_text(term),
        any(point.corrected for one in drawn for point in one.points),
        PAST if _months(found.birth_date) > queries.LAST_MONTH else "",
        reverse("patients:facts", args=(found.patient,)) if can_write(reader.actor, Category.MEASURES) else "",
        reverse("dossier:measures", args=(found.patient,)) if writes else "",
        (WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM),
    )
    return render(request, reader, "dossier/curves.html", {"page": page})


def _months(birth: datetime.date) -> int:
    return (jinja.today() - birth).days * 12 // 365


def shows_curves(birth: datetime.date | None) -> bool:
    """Whether a file's menu offers them."""
    return birth is not None and _months(birth) < NOT_A_CHILD


def _drawing(curve: queries.Curve, birth: datetime.date, last: int) -> Drawing:
    shown = [point for point in curve.points if point.months <= last]
    within = [value for _, line in curve.lines for month, value in line if month <= last] + [point.value for point in shown]
    low, high, step = _scale(min(within), max(within))

    def x(months: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * months / last, 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low), 1)

    lines = []
    for percent, line in curve.lines:
        places = [(x(month), y(value)) for month, value in line if month <= last]
        lines.append(Line(percent, _path(places), places[-1]))
    rows = [_row(point, curve.unit, birth) for point in reversed(shown)]
    return Drawing(
        curve.kind,
        curve.label,
        curve.unit,
        [Tick(x(month), _age(month)) for month in range(0, last + 1, 3 if last == 24 else 6)],
        [Tick(y(low + step * n), _number(low + step * n, 1)) for n in range(round((high - low) / step) + 1)],
        lines,
        _path([(x(point.months), y(point.value)) for point in shown]),
        [Dot(x(point.months), y(point.value), f"{row.value}, {row.age}") for point, row in zip(shown, reversed(rows), strict=True)],
        rows,
        _words(curve, rows),
        curve.source,
    )


def _scale(low: float, high: float) -> tuple[float, float, float]:
    """Bounds on round numbers, and the step between two lines: about eight of them."""
    step = next((step for step in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000) if (high - low) / step <= 11), 10_000)
    return (low // step) * step, (high // step + 1) * step, step


def _path(places: list[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def _age(month: int) -> str:
    if month < 24 or month % 12:
        return f"{month}"
    return f"{month // 12}{NBSP}ans"


def _row(point: queries.Plotted, unit: str, birth: datetime.date) -> Row:
    value, age = f"{_number(point.value, 2 if unit == 'kg' else 1)}{NBSP}{unit}", age_text(birth, timezone.localtime(point.at).date())
    if point.corrected:
        age += f" (corrigé{NBSP}: {_number(point.months, 1)}{NBSP}mois)"
    if point.z is None or point.percentile is None:
        return Row(point.at, age, value, "hors table", "")
    percent = "< 1" if point.percentile < 1 else "> 99" if point.percentile > 99 else str(round(point.percentile))
    return Row(point.at, age, value, percent, ("−" if point.z < 0 else "+") + _number(abs(point.z), 1))


def _number(value: float, places: int) -> str:
    return number_fr(round(value * 10**places), places, trim=True)


def _words(curve: queries.Curve, rows: list[Row]) -> str:
    if not rows:
        return f"{curve.label}{NBSP}: courbes de référence, aucune mesure."
    last = rows[0]
    return f"{curve.label}{NBSP}: {plural(len(rows), 'mesure')}, la dernière {last.value} à {last.age}, percentile {last.percentile}."
