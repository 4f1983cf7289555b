"""How a fictional patient's measures move over the years: growth, pressure, sugar, blood. Plain Python, integers out."""

import itertools
import math
import random
from datetime import date

# Median weight (kg), height (cm) and head (cm) by age in months, both sexes together, after the WHO standards.
GROWTH = ((0, 3.3, 49.5, 34.2), (1, 4.3, 54.0, 36.9), (2, 5.3, 57.5, 38.6), (4, 6.7, 63.0, 41.0), (6, 7.6, 66.7, 42.8),
          (9, 8.6, 71.0, 44.4), (12, 9.3, 75.0, 45.5), (18, 10.6, 81.5, 46.8), (24, 11.8, 87.0, 47.6),
          (36, 14.1, 95.5, 49.0), (48, 16.2, 102.8, 50.0), (72, 20.3, 115.5, 51.3), (96, 25.4, 127.5, 52.2),
          (120, 31.8, 138.0, 52.9), (144, 40.5, 149.5, 53.6), (168, 50.0, 161.0, 54.3), (192, 57.5, 167.5, 54.8),
          (216, 62.0, 169.5, 55.2))


def months(birth: date, at: date) -> float:
    """Age in months of 30.4 days."""
    return (at - birth).days / 30.4


def grown(age: float, column: int) -> float:
    """The median at an age in months, between two rows of the table. Columns: 1 kg, 2 cm, 3 cm of head."""
    if age >= GROWTH[-1][0]:
        return GROWTH[-1][column]
    for before, after in itertools.pairwise(GROWTH):
        if before[0] <= age <= after[0]:
            part = (age - before[0]) / (after[0] - before[0])
            return before[column] + part * (after[column] - before[column])
    return GROWTH[0][column]


class Body:
    """One body over time. Each method gives a value at a date as an integer in the measure's own decimal places."""

    def __init__(self, rng: random.Random, sex: str, birth: date, conditions: dict[str, date]) -> None:
        self.rng, self.sex, self.birth, self.since = rng, sex, birth, conditions
        self.size = rng.gauss(0, 0.07)
        self.adult_height = rng.gauss(164 if sex == "F" else 176, 6)
        heavy = 4 if "diabetes" in conditions or "hta" in conditions else 0
        self.adult_weight = (self.adult_height / 100) ** 2 * rng.gauss(24.5 + heavy, 3)
        self.pressure = rng.gauss(124, 8)
        self.sugar_start = rng.uniform(7.6, 9.4)
        self.kidney = rng.gauss(72 if sex == "F" else 86, 11)
        self.fat = rng.gauss(3.4, 0.6)

    def years_of(self, key: str, at: date) -> float:
        """Years since a condition began; negative before, or when there is none."""
        return (at - self.since[key]).days / 365 if key in self.since else -1.0

    def height(self, at: date) -> int:
        age = months(self.birth, at)
        tall = self.adult_height if age >= 216 else grown(age, 2) * (1 + self.size / 2)
        shrunk = max(0.0, age / 12 - 60) * 0.08
        return round((tall - shrunk) * 10)

    def weight(self, at: date) -> int:
        age = months(self.birth, at)
        if age < 216:
            return round(grown(age, 1) * (1 + self.size) * 10)
        drift = 0.15 * min(age / 12 - 18, 40) - max(0.0, age / 12 - 75) * 0.35
        return round((self.adult_weight + drift + self.rng.gauss(0, 0.8)) * 10)

    def head(self, at: date) -> int:
        return round(grown(months(self.birth, at), 3) * (1 + self.size / 6) * 10)

    def systolic(self, at: date) -> int:
        age, years = (at - self.birth).days / 365, self.years_of("hta", at)
        if age < 15:
            return round(88 + age * 1.6 + self.rng.gauss(0, 4))
        raised = 0.0 if years < -0.99 and "hta" not in self.since else 32.0
        relief = 0.0 if years < 0 else min(26.0, 12 + 6 * years)
        return round(self.pressure + max(0.0, age - 50) * 0.2 + raised - relief + self.rng.gauss(0, 6))

    def diastolic(self, at: date, systolic: int) -> int:
        return round(systolic * 0.55 + 6 + self.rng.gauss(0, 4))

    def pulse(self, at: date) -> int:
        age = (at - self.birth).days / 365
        return round((130 - 8 * age if age < 6 else 74) + self.rng.gauss(0, 8))

    def hba1c(self, at: date) -> int:
        years = self.years_of("diabetes", at)
        if years < 0:
            return round(self.rng.uniform(5.1, 5.8) * 10)
        settled = 6.8 + 0.06 * years
        value = settled + (self.sugar_start - settled) * math.pow(0.25, years) + self.rng.gauss(0, 0.25)
        return round(max(5.9, value) * 10)

    def potassium(self, at: date) -> int:
        return round((4.3 + (0.4 if "heart_failure" in self.since else 0) + self.rng.gauss(0, 0.25)) * 10)

    def creatinine(self, at: date) -> int:
        age = (at - self.birth).days / 365
        return round(self.kidney + max(0.0, age - 60) * 0.9 + max(0.0, self.years_of("diabetes", at)) + self.rng.gauss(0, 3))

    def ldl(self, at: date) -> int:
        treated = self.years_of("lipids", at) > 0 or self.years_of("coronary", at) > 0
        return round((self.fat * (0.55 if treated else 1) + self.rng.gauss(0, 0.2)) * 100)

    def tsh(self, at: date) -> int:
        years = self.years_of("thyroid", at)
        value: float = 2.1 + 9.5 * math.pow(0.2, max(years, 0.0)) if "thyroid" in self.since else 1.9
        return round(max(0.3, value + self.rng.gauss(0, 0.4)) * 100)

    def peak_flow(self, at: date) -> int:
        return round(self.height(at) / 10 * 2.5 - 20 + self.rng.gauss(0, 20))

    def spo2(self, at: date) -> int:
        return min(99, round((94 if "copd" in self.since else 98) + self.rng.gauss(0, 1)))
