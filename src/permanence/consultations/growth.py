"""Growth of children by the LMS method: reference tables, z-scores, corrected age. Plain values only; `growth_csv` reads others.

LMS: Cole and Green, Stat Med 1992;11:1305-1319. Beyond 3 standard deviations weight and BMI follow the WHO's restricted
method (WHO 2006, chapter 7). Corrected age: Engle, Pediatrics 2004;114:1362-1364.
"""

import json
import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from statistics import NormalDist
from typing import NamedTuple

DAYS_PER_MONTH = 30.4375
LAST_MONTH = 60
TERM, PRETERM, CORRECTED_UNTIL = 280, 259, 24  # days, days (37 weeks), months
KINDS = {"weight": ("Poids", "kg"), "length": ("Taille", "cm"), "head": ("Périmètre crânien", "cm"), "bmi": ("IMC", "kg/m²")}
PERCENTILES = (3, 15, 50, 85, 97)
_SKEWED = frozenset({"weight", "bmi"})


@dataclass(frozen=True, slots=True)
class LMS:
    """Box-Cox power, median, coefficient of variation."""

    power: float
    median: float
    variation: float

    def at(self, z: float) -> float:
        """The measure that stands so many standard deviations from the median. Raises ValueError where the curve has none."""
        if abs(self.power) < 1e-9:
            return self.median * math.exp(self.variation * z)
        base = 1 + self.power * self.variation * z
        if base <= 0:
            raise ValueError("so far out, this power gives no measure")
        return float(self.median * base ** (1 / self.power))

    def z(self, value: float) -> float:
        if abs(self.power) < 1e-9:
            return math.log(value / self.median) / self.variation
        return float(((value / self.median) ** self.power - 1) / (self.power * self.variation))


@dataclass(frozen=True, slots=True)
class Reference:
    """One published reference: by kind and sex, the months and their L, M, S."""

    name: str
    published: str
    note: str
    tables: Mapping[tuple[str, str], tuple[tuple[float, LMS], ...]]

    def lms(self, kind: str, sex: str, months: float) -> LMS | None:
        """Between two rows, a straight line; None outside the table."""
        rows = self.tables.get((kind, sex))
        if not rows or not rows[0][0] <= months <= rows[-1][0]:
            return None
        after = bisect_left(rows, months, key=lambda row: row[0])
        month, high = rows[after]
        if after == 0 or month == months:
            return high
        earlier, low = rows[after - 1]
        share = (months - earlier) / (month - earlier)
        return LMS(*(a + (b - a) * share for a, b in zip(_values(low), _values(high), strict=True)))


    def extents(self) -> tuple["Extent", ...]:
        """What it holds, kind by kind in the order of KINDS, girls first."""
        keys = [(kind, sex) for kind in KINDS for sex in ("F", "M") if (kind, sex) in self.tables]
        return tuple(Extent(*key, self.tables[key][0][0], self.tables[key][-1][0], len(self.tables[key])) for key in keys)

    def last(self, sex: str) -> float | None:
        """The oldest age in months of any of its curves for a sex; None when it has none."""
        return max((one.last for one in self.extents() if one.sex == sex), default=None)

    def first(self, sex: str) -> float | None:
        """The youngest age in months; below 0 before term."""
        return min((one.first for one in self.extents() if one.sex == sex), default=None)


class Extent(NamedTuple):
    """One curve of a reference: between which months, in how many rows."""

    kind: str
    sex: str
    first: float
    last: float
    rows: int


def _values(row: LMS) -> tuple[float, float, float]:
    return row.power, row.median, row.variation


@cache
def who() -> Reference:
    """The WHO's Child Growth Standards, by month."""
    found = json.loads(resources.files("permanence.consultations").joinpath("data/who_growth.json").read_text("utf-8"))
    tables = {
        (kind, sex): tuple((float(month), LMS(*row)) for month, row in enumerate(rows))
        for kind, sexes in found["tables"].items()
        for sex, rows in sexes.items()
    }
    return Reference(found["name"], found["published"], found["note"], tables)


def z_score(reference: Reference, kind: str, sex: str, months: float, value: float) -> float | None:
    """Standard deviations from the median; None outside the table."""
    lms = reference.lms(kind, sex, months)
    if lms is None or value <= 0:
        return None
    z = lms.z(value)
    edge = math.copysign(3, z)
    if kind not in _SKEWED or abs(z) <= 3 or 1 + lms.power * lms.variation * edge <= 0:
        return z
    step = abs(lms.at(edge) - lms.at(edge - math.copysign(1, edge)))
    return edge + (value - lms.at(edge)) / step


def percentile(z: float) -> float:
    return 100 * NormalDist().cdf(z)


def z_of(percent: float) -> float:
    return NormalDist().inv_cdf(percent / 100)


@dataclass(frozen=True, slots=True)
class Age:
    """Age of a child on a day, in months; `corrected` when the preterm weeks were taken off."""

    months: float
    corrected: bool


def age_on(days: int, term_days: int | None) -> Age:
    """Age after so many days of life; for who was born before 37 weeks, corrected until 24 months."""
    months = days / DAYS_PER_MONTH
    if term_days is None or term_days >= PRETERM or months >= CORRECTED_UNTIL:
        return Age(months, False)
    return Age((days - (TERM - term_days)) / DAYS_PER_MONTH, True)
