"""The growth of one child against a published reference: points with their z-scores, and the lines to draw behind them."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from permanence.accounts.permissions import PARIS
from permanence.consultations import growth, measuring
from permanence.consultations.queries.series import Point, series
from permanence.journal.doors import Reader

KINDS, PERCENTILES, LAST_MONTH = growth.KINDS, growth.PERCENTILES, growth.LAST_MONTH
CODES = {"weight": measuring.WEIGHT, "length": measuring.HEIGHT, "head": measuring.HEAD}
MOST_PLACES = 300  # of one line on a drawing 720 wide
SAME_VISIT = datetime.timedelta(days=3)  # a weight and a height of one visit make a BMI


@dataclass(frozen=True, slots=True)
class Plotted:
    """One measure on its curve. `months`: the age used, corrected or not; `z` None outside the reference."""

    at: datetime.datetime
    months: float
    corrected: bool
    value: float
    z: float | None

    @property
    def percentile(self) -> float | None:
        return None if self.z is None else growth.percentile(self.z)


@dataclass(frozen=True, slots=True)
class Curve:
    """One kind: the child's points, and for each percentile the reference by month.

    `early`: taken before term, where the reference has nothing to compare them with; `later`: how many past its last month,
    `last`, 0 where it has no such curve.
    """

    kind: str
    label: str
    unit: str
    points: tuple[Plotted, ...]
    lines: tuple[tuple[int, tuple[tuple[float, float], ...]], ...]
    early: tuple[Plotted, ...]
    later: int
    last: float
    source: str


def curves(
    patient: UUID,
    *,
    birth: datetime.date,
    sex: str,
    term_days: int | None,
    reader: Reader,
    reference: growth.Reference | None = None,
) -> list[Curve]:
    """Weight, length, head and BMI against a reference, the WHO's when none is named. Two queries."""
    chosen = reference or growth.who()
    found = series(patient, tuple(CODES.values()), reader=reader)
    by_kind = {kind: [point for point in found if point.code == code] for kind, code in CODES.items()}
    made = []
    for kind in growth.KINDS:
        values = _bmi(by_kind["weight"], by_kind["length"]) if kind == "bmi" else [(p.at, p.number / 10**p.scale) for p in by_kind[kind]]
        lived = [(at, value) for at, value in values if at.astimezone(PARIS).date() >= birth]  # a date before birth is no age
        made.append(_curve(chosen, kind, sex, [_plotted(chosen, kind, sex, birth, term_days, at, value) for at, value in lived]))
    return made


def _curve(reference: growth.Reference, kind: str, sex: str, points: Sequence[Plotted]) -> Curve:
    rows = reference.tables.get((kind, sex), ())
    first, last = (min(0.0, rows[0][0]), rows[-1][0]) if rows else (0.0, 0.0)
    label, unit = growth.KINDS[kind]
    return Curve(
        kind,
        label,
        unit,
        tuple(point for point in points if first <= point.months <= last),
        _lines(rows),
        tuple(point for point in points if point.months < first and point.corrected),
        sum(point.months > last for point in points),
        last,
        f"{reference.name} ({reference.published}), méthode LMS",
    )


def _plotted(
    reference: growth.Reference, kind: str, sex: str, birth: datetime.date, term: int | None, at: datetime.datetime, value: float
) -> Plotted:
    age = growth.age_on((at.astimezone(PARIS).date() - birth).days, term)
    return Plotted(at, age.months, age.corrected, value, growth.z_score(reference, kind, sex, age.months, value))


def _lines(rows: Sequence[tuple[float, growth.LMS]]) -> tuple[tuple[int, tuple[tuple[float, float], ...]], ...]:
    if not rows:
        return ()
    step = len(rows) // MOST_PLACES + 1  # a table by day draws the same line as one by week
    kept = [*rows[:-1:step], *rows[-1:]]
    return tuple((percent, tuple((month, lms.at(growth.z_of(percent))) for month, lms in kept)) for percent in PERCENTILES)


def _bmi(weights: Sequence[Point], heights: Sequence[Point]) -> list[tuple[datetime.datetime, float]]:
    """One for each weight that has a height of the same visit."""
    found = []
    for weight in weights:
        near = min(heights, key=lambda height: abs(height.at - weight.at), default=None)
        if near is not None and abs(near.at - weight.at) <= SAME_VISIT:
            index = measuring.bmi((weight.number, weight.scale), (near.number, near.scale))
            if index is not None:
                found.append((weight.at, index[0] / 10 ** index[1]))
    return found
