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
    """One kind: the child's points, and for each percentile the reference by month."""

    kind: str
    label: str
    unit: str
    points: tuple[Plotted, ...]
    lines: tuple[tuple[int, tuple[tuple[float, float], ...]], ...]
    source: str


def curves(patient: UUID, *, birth: datetime.date, sex: str, term_days: int | None, reader: Reader) -> list[Curve]:
    """Weight, length, head and BMI from birth to five years. The reference is the WHO's. Two queries."""
    reference = growth.who()
    found = series(patient, tuple(CODES.values()), reader=reader)
    by_kind = {kind: [point for point in found if point.code == code] for kind, code in CODES.items()}
    source = f"{reference.name} ({reference.published}), méthode LMS"
    made = []
    for kind, (label, unit) in growth.KINDS.items():
        values = _bmi(by_kind["weight"], by_kind["length"]) if kind == "bmi" else [(p.at, p.number / 10**p.scale) for p in by_kind[kind]]
        points = [_plotted(reference, kind, sex, birth, term_days, at, value) for at, value in values]
        made.append(Curve(kind, label, unit, tuple(p for p in points if 0 <= p.months <= LAST_MONTH), _lines(reference, kind, sex), source))
    return made


def _plotted(
    reference: growth.Reference, kind: str, sex: str, birth: datetime.date, term: int | None, at: datetime.datetime, value: float
) -> Plotted:
    age = growth.age_on((at.astimezone(PARIS).date() - birth).days, term)
    return Plotted(at, age.months, age.corrected, value, growth.z_score(reference, kind, sex, age.months, value))


def _lines(reference: growth.Reference, kind: str, sex: str) -> tuple[tuple[int, tuple[tuple[float, float], ...]], ...]:
    rows = reference.tables.get((kind, sex), ())
    return tuple((percent, tuple((month, lms.at(growth.z_of(percent))) for month, lms in rows)) for percent in PERCENTILES)


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
