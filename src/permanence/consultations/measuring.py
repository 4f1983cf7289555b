"""Measures: the catalogue (LOINC, UCUM, plausible ranges) and the line in which a doctor types several. Plain values only.

A value is an integer with a scale: 72,5 kg is (725, 1). Both pressures are one measure: corrected separately on two
machines, they would show a pair that nobody measured.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from permanence.lib.text import NBSP, fold, number_fr, parse_number_fr

PRESSURE, SYSTOLIC, DIASTOLIC = "85354-9", "8480-6", "8462-4"
WEIGHT, HEIGHT, TEMPERATURE, HEAD, BMI = "29463-7", "8302-2", "8310-5", "9843-4", "39156-5"
Values = tuple[tuple[str, int, int], ...]  # (LOINC, integer, scale)


class Implausible(ValueError):
    """A value that no living patient has, or that is not a number; `str()` is a French sentence."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One kind of measure. `low` and `high` bound what a living body can give, in `unit`; they are not reference ranges."""

    loinc: str
    label: str
    short: str
    unit: str  # UCUM
    shown_unit: str
    scale: int  # decimals usually shown
    low: int
    high: int
    words: tuple[str, ...]


CATALOGUE = {
    measure.loinc: measure
    for measure in (
        Measure(PRESSURE, "Pression artérielle", "PA", "mm[Hg]", "mmHg", 0, 20, 320, ("ta", "pa", "tension")),
        Measure("8867-4", "Fréquence cardiaque", "FC", "/min", "/min", 0, 15, 350, ("fc", "pouls", "bpm")),
        Measure(WEIGHT, "Poids", "Poids", "kg", "kg", 1, 0, 450, ("p", "poids", "pds")),
        Measure(HEIGHT, "Taille", "Taille", "cm", "cm", 0, 20, 260, ("t", "taille")),
        Measure(TEMPERATURE, "Température", "T°", "Cel", "°C", 1, 25, 45, ("temp", "temperature", "t°")),
        Measure("59408-5", "Saturation en oxygène", "SpO2", "%", "%", 0, 30, 100, ("spo2", "sat", "sao2")),
        Measure("9279-1", "Fréquence respiratoire", "FR", "/min", "/min", 0, 3, 150, ("fr",)),
        Measure(HEAD, "Périmètre crânien", "PC", "cm", "cm", 1, 15, 75, ("pc",)),
        Measure("8280-0", "Périmètre abdominal", "PAbd", "cm", "cm", 0, 20, 300, ("pabd", "pab", "tour")),
        Measure("41653-7", "Glycémie capillaire", "Glyc.", "g/L", "g/L", 2, 0, 15, ("gly", "glyc", "glycemie", "dextro")),
        Measure("33452-4", "Débit expiratoire de pointe", "DEP", "L/min", "L/min", 0, 20, 1000, ("dep",)),
        Measure("72514-3", "Douleur (EVA)", "EVA", "{score}", "/10", 0, 0, 10, ("eva",)),
    )
}
PARTS = {SYSTOLIC: "systolique", DIASTOLIC: "diastolique"}
_BY_WORD = {word: measure for measure in CATALOGUE.values() for word in measure.words}
_ITEM = re.compile(
    r"(?P<word>t°|[a-zà-ÿ][a-zà-ÿ.]*2?)\s*[:=]?\s*(?P<value>\d[\d,.]*(?:\s*/\s*\d[\d,.]*)?)"
    r"\s*(?P<unit>mmhg|cmhg|kg|cm|m|°c|°|%|g/l|l/min|/min|/10|g|bpm)?(?![\wà-ÿ])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Read:
    """What a typed line gives: the measures, and the text that was not understood."""

    measures: tuple[tuple[str, Values], ...]
    rest: str


def read_line(line: str) -> Read:
    """« TA 148/86 P 82 T 176 » as measures. `T` is a height, or a temperature between 34 and 43. Raises Implausible."""
    found: list[tuple[str, Values]] = []

    def take(match: re.Match[str]) -> str:
        measure = _named(match["word"], match["value"], match["unit"] or "")
        if measure is None:
            return match[0]
        found.append((measure.loinc, _values(measure, match["value"], (match["unit"] or "").casefold())))
        return " "

    rest = re.sub(r"[\s,;]+", " ", _ITEM.sub(take, line)).strip()
    return Read(tuple(found), rest)


def _named(word: str, value: str, unit: str) -> Measure | None:
    plain = word.casefold() if word.casefold() == "t°" else fold(word).replace(" ", "")
    measure = _BY_WORD.get(plain)
    if measure is not None and measure.loinc == HEIGHT and plain == "t" and "/" not in value:
        number, scale = parse_number_fr(value.rstrip(",."))
        if unit.startswith("°") or (unit == "" and 34 * 10**scale <= number <= 43 * 10**scale):
            return CATALOGUE[TEMPERATURE]
    return measure


def _values(measure: Measure, typed: str, unit: str) -> Values:
    pieces = [parse_number_fr(piece.strip().rstrip(",.")) for piece in typed.split("/")]
    if measure.loinc == PRESSURE and len(pieces) == 2:
        if all(number < 30 * 10**scale for number, scale in pieces):  # « 14/8 »: centimetres of mercury
            pieces = [(number * 10, scale) for number, scale in pieces]
        return check(measure.loinc, tuple((loinc, *trimmed(*piece)) for loinc, piece in zip(PARTS, pieces, strict=True)))
    if len(pieces) != 1:
        raise Implausible(f"{measure.label}{NBSP}: une seule valeur est attendue.")
    number, scale = pieces[0]
    if measure.loinc == HEIGHT and (unit == "m" or number < 3 * 10**scale):  # « 1,76 »: metres
        number *= 100
    if measure.loinc == WEIGHT and unit == "g":
        scale += 3
    return check(measure.loinc, ((measure.loinc, *trimmed(number, scale)),))


def trimmed(number: int, scale: int) -> tuple[int, int]:
    """The same number with as few decimals as it has."""
    while scale > 0 and number % 10 == 0:
        number, scale = number // 10, scale - 1
    return number, scale


def check(loinc: str, values: Sequence[Sequence[str | int]]) -> Values:
    """Values of a known measure, in range. Raises Implausible, with what to look at again."""
    measure = CATALOGUE.get(loinc)
    if measure is None:
        raise Implausible(f"Mesure inconnue{NBSP}: choisir dans la liste.")
    checked = tuple((str(code), int(number), int(scale)) for code, number, scale in values)
    wanted = tuple(PARTS) if loinc == PRESSURE else (loinc,)
    if tuple(code for code, _, _ in checked) != wanted:
        raise Implausible(
            f"{measure.label}{NBSP}: " + ("écrire par exemple 148/86." if loinc == PRESSURE else "une valeur est attendue.")
        )
    for _, number, scale in checked:
        if not 0 <= scale <= 6 or not measure.low * 10**scale <= number <= measure.high * 10**scale:
            raise Implausible(
                f"{measure.label} {number_fr(number, max(scale, 0))}{NBSP}{measure.shown_unit}{NBSP}: "
                "valeur hors du possible, la vérifier."
            )
    if loinc == PRESSURE and checked[0][1] * 10 ** checked[1][2] <= checked[1][1] * 10 ** checked[0][2]:
        raise Implausible(f"Pression artérielle{NBSP}: la systolique est plus grande que la diastolique, vérifier l’ordre.")
    return checked


def shown(loinc: str, values: Sequence[Sequence[str | int]]) -> str:
    """« 148/86 mmHg », « 72,5 kg »."""
    measure = CATALOGUE.get(loinc)
    numbers = "/".join(number_fr(int(number), int(scale)) for _, number, scale in values)
    return f"{numbers}{NBSP}{measure.shown_unit}" if measure else numbers


def bmi(weight: tuple[int, int], height_cm: tuple[int, int]) -> tuple[int, int] | None:
    """Body mass index (LOINC 39156-5), kg/m², one decimal, rounded half up, without floats; None without a height."""
    (w, ws), (h, hs) = weight, height_cm
    if h <= 0 or w <= 0:
        return None
    # w/10^ws / (h/10^hs/100)^2, times ten, as one fraction
    above, below = w * 10 ** (2 * hs + 4 + 1), h * h * 10**ws
    return (2 * above + below) // (2 * below), 1
