"""Growth curves drawn on the server: what the doors give becomes coordinates; each drawing has its table and its source."""

import datetime
import itertools
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from permanence.accounts.permissions import can_write
from permanence.consultations import queries
from permanence.consultations.growth import DAYS_PER_MONTH, TERM
from permanence.journal.categories import Category
from permanence.journal.doors import Reader, Refused
from permanence.lib.dates import age_text
from permanence.lib.text import NBSP, number_fr, plural
from permanence.patients import queries as patients
from permanence.web import jinja, presenters
from permanence.web.dossier import clinical, people
from permanence.web.http import reader_of, render, screen
from permanence.web.links import reverse

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 450, 44, 34, 14, 46
SOURCE_WIDE, SOURCE_LINE = 86, 17  # characters of one line of the source at a phone's size, and its height
NOT_A_CHILD = 19 * 12  # months: until then another reference than the WHO's may have a curve
WINDOWS = (24, 60, 120, 240)  # months: a drawing ends at the first that holds the child's age
REMEMBERED = "courbes"  # cookie: the reference last chosen; it dies with the browser, and no right hangs on it

PAST = (
    f"Ces courbes s’arrêtent à {{}}{NBSP}: les mesures prises depuis sont dans la chronologie"
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


class Chip(NamedTuple):
    """A reference that may be chosen."""

    text: str
    url: str
    here: bool


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
    source: list[tuple[int, str]]
    height: int
    early: list[Row]
    later: str


@dataclass(frozen=True, slots=True)
class CurvesPage:
    banner: people.Banner
    lead: str
    drawings: list[Drawing]
    missing: str
    references: list[Chip]
    licence: str
    term: str
    corrected: bool
    past: str
    facts_url: str
    measures_url: str
    size: tuple[int, int, int, int, int, int]


@screen
def curves(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Weight, length, head circumference and BMI against the WHO's standards, or a reference that the practice loaded."""
    reader = reader_of(request)
    found = patients.banner(patient, reader=reader)
    if Category.MEASURES not in reader.open_to(found.patient, [Category.MEASURES]):
        raise Refused(presenters.refusal("right"), code="right")
    if found.birth_date is None or found.sex not in ("F", "M"):
        raise Refused(f"Les courbes demandent la date de naissance et le sexe{NBSP}: compléter la fiche d’identité.", code="invalid")
    known = queries.growth_references(reader=reader)
    asked, months = request.GET.get("reference", ""), _months(found.birth_date)
    chosen = queries.choose(known, asked=asked, remembered=request.COOKIES.get(REMEMBERED, ""), sex=found.sex, months=months)
    page = _page(reader, found, known, chosen)
    answer = render(request, reader, "dossier/curves.html", {"page": page})
    if asked == chosen.key:
        answer.set_cookie(REMEMBERED, asked, httponly=True, samesite="Strict", secure=request.is_secure())
    return answer


def _page(
    reader: Reader, found: patients.Banner, known: Sequence[queries.KnownReference], chosen: queries.KnownReference
) -> CurvesPage:
    birth = found.birth_date or jinja.today()
    synthesis = queries.synthesis(found.patient, reader=reader, only=[Category.ALLERGIES])
    term = patients.birth_term(found.patient, reader=reader)
    drawn = queries.curves(found.patient, birth=birth, sex=found.sex, term_days=term, reader=reader, reference=chosen.curves)
    closed = Category.ALLERGIES in synthesis.refused
    allergy = people.AllergyLine("unavailable", why="non ouvertes pour vous") if closed else clinical.allergy_line(synthesis)
    age, last = _months(birth), max(one.last for one in drawn)
    past = PAST.format(_span(last)) if 0 < last < age else ""
    here = reverse("dossier:curves", args=(found.patient,))
    return CurvesPage(
        people.banner(found, allergy, me=reader.actor.member),
        f"De la naissance à {_span(last)}." if last > 0 else "",
        [_drawing(one, birth, age, past=bool(past)) for one in drawn if one.lines],
        _missing(chosen.name, [one.label for one in drawn if not one.lines]),
        [Chip("OMS" if one.id is None else one.name, f"{here}?reference={one.key}", one is chosen) for one in known if one.curves],
        chosen.licence,
        patients.term_text(term),
        any(point.corrected for one in drawn for point in (*one.points, *one.early)),
        past,
        reverse("patients:facts", args=(found.patient,)) if can_write(reader.actor, Category.MEASURES) else "",
        reverse("dossier:measures", args=(found.patient,)) if can_write(reader.actor, Category.MEASURES, new=True) else "",
        (WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM),
    )


def _months(birth: datetime.date) -> int:
    return (jinja.today() - birth).days * 12 // 365


def _span(months: float) -> str:
    """« cinq ans » for the WHO's, « 36 mois », « 18 ans »."""
    if months == queries.LAST_MONTH:
        return "cinq ans"
    years, rest = divmod(months, 12)
    return f"{_number(months, 1)}{NBSP}mois" if rest or years < 2 else f"{_number(years, 0)}{NBSP}ans"


def _missing(name: str, labels: Sequence[str]) -> str:
    """What the reference does not draw: the child's measures of it stay with the other references."""
    if not labels:
        return ""
    return f"«{NBSP}{name}{NBSP}» n’a pas de courbe, pour cet enfant, de{NBSP}: {', '.join(labels)}. Choisir une autre référence."


def shows_curves(birth: datetime.date | None) -> bool:
    """Whether a file's menu offers them."""
    return birth is not None and _months(birth) < NOT_A_CHILD


def _drawing(curve: queries.Curve, birth: datetime.date, age: int, *, past: bool) -> Drawing:
    start, last = _window(curve, age)
    shown = [point for point in curve.points if point.months <= last]
    drawn = [(percent, _within(line, start, last)) for percent, line in curve.lines]
    within = [value for _, line in drawn for _, value in line] + [point.value for point in shown]
    low, high, step = _scale(min(within), max(within))

    def x(months: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (months - start) / (last - start), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low), 1)

    lines = []
    for percent, line in drawn:
        places = [(x(month), y(value)) for month, value in line]
        lines.append(Line(percent, _path(places), places[-1]))
    rows = [_row(point, curve.unit, birth) for point in reversed(shown)]
    source = _source(curve.source)
    return Drawing(
        curve.kind,
        curve.label,
        curve.unit,
        [Tick(x(month), label) for month, label in _ages(start, last)],
        [Tick(y(low + step * n), _number(low + step * n, 1)) for n in range(round((high - low) / step) + 1)],
        lines,
        _path([(x(point.months), y(point.value)) for point in shown]),
        [Dot(x(point.months), y(point.value), f"{row.value}, {row.age}") for point, row in zip(shown, reversed(rows), strict=True)],
        rows,
        _words(curve, rows),
        source,
        source[-1][0] + 3,
        [_row(point, curve.unit, birth) for point in reversed(curve.early)],
        _later(curve) if curve.later and not past else "",
    )


def _window(curve: queries.Curve, age: int) -> tuple[int, float]:
    """Between which months: from birth, or from the first measure before term; to a round age that holds the child's."""
    first = curve.lines[0][1][0][0]
    earliest = min((point.months for point in curve.points), default=first if curve.last <= 0 else 0.0)
    start = 3 * math.floor(earliest / 3) if earliest < 0 else 0
    if curve.last <= start:  # a table of before term, of a child who has no measure from then
        start = 3 * math.floor(first / 3)
    return start, min(next((month for month in WINDOWS if month >= age and month > first), WINDOWS[-1]), curve.last)


def _within(line: Sequence[tuple[float, float]], start: float, last: float) -> list[tuple[float, float]]:
    """The part of a line between two ages, cut where it crosses them."""
    kept = [line[0]] if start <= line[0][0] <= last else []
    for (month, value), (later, after) in itertools.pairwise(line):
        for edge in (start, last):
            if month < edge < later:
                kept.append((edge, value + (after - value) * (edge - month) / (later - month)))
        if start <= later <= last:
            kept.append((later, after))
    return kept


def _ages(start: int, last: float) -> list[tuple[int, str]]:
    step = next(step for most, step in zip(WINDOWS, (3, 6, 12, 24), strict=True) if last <= most)
    return [(month, "terme" if start < 0 and not month else _age(month)) for month in range(start, int(last) + 1)
            if not month % step or month == start]  # fmt: skip


def _source(source: str) -> list[tuple[int, str]]:
    """The source under the drawing in as many lines as it needs, then what the figures are; and where each line stands."""
    words = [*textwrap.wrap(source, SOURCE_WIDE), f"Âge en mois. Percentiles {', '.join(str(percent) for percent in queries.PERCENTILES)}."]
    return [(HEIGHT - 3 + SOURCE_LINE * place, line) for place, line in enumerate(words)]


def _later(curve: queries.Curve) -> str:
    return f"Cette courbe s’arrête à {_span(curve.last)}{NBSP}: {plural(curve.later, 'mesure')} d’après, dans la chronologie du dossier."


def _scale(low: float, high: float) -> tuple[float, float, float]:
    """Bounds on round numbers, and the step between two lines: about eight of them."""
    step = next((step for step in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000) if (high - low) / step <= 11), 10_000)
    return (low // step) * step, (high // step + 1) * step, step


def _path(places: list[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def _age(month: int) -> str:
    if month < 24 or month % 12:
        return number_fr(month)
    return f"{month // 12}{NBSP}ans"


def _row(point: queries.Plotted, unit: str, birth: datetime.date) -> Row:
    value, age = f"{_number(point.value, 2 if unit == 'kg' else 1)}{NBSP}{unit}", age_text(birth, timezone.localtime(point.at).date())
    if point.corrected and point.months < 0:
        age += f" ({patients.term_text(round(TERM + point.months * DAYS_PER_MONTH))})"
    elif point.corrected:
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
