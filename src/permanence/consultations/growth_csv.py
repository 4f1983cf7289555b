"""Reading a growth reference from a table that somebody typed or exported: every doubt is a French sentence with its line."""

import csv
import io
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from permanence.consultations.growth import KINDS, LMS, Reference

MOST_BYTES = 200_000
COLUMNS = ("kind", "sex", "month", "l", "m", "s")
MONTHS = (-6.0, 240.0)  # from before the earliest birth that lives, to twenty years
POWER, STEEPEST = 15.0, 0.5  # |L|; and |L|·S, past which the outer percentiles have no measure
MEDIANS = {"weight": (0.1, 200.0), "length": (15.0, 230.0), "head": (12.0, 70.0), "bmi": (4.0, 60.0)}  # in the units of KINDS
_ALIASES = {"height": "length"}
_NUMBER = re.compile(r"[+-]?[0-9]{1,6}(?:[.,][0-9]{1,20})?(?:[eE][+-]?[0-9]{1,2})?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SEXES = {"F": "filles", "M": "garçons"}
Rows = list[tuple[float, LMS]]


class WrongTable(ValueError):
    """A reference that cannot be used; `str()` is a French sentence."""


class _Cells(NamedTuple):
    line: int
    by_column: Mapping[str, str]

    def number(self, column: str) -> float:
        typed = self.by_column[column].replace("\u2212", "-")
        if not _NUMBER.fullmatch(typed):
            raise self.wrong(f"«\u00a0{typed[:20]}\u00a0» n’est pas un nombre dans la colonne {column}.")
        return float(typed.replace(",", "."))

    def wrong(self, reason: str) -> WrongTable:
        return WrongTable(f"Ligne {self.line}\u00a0: {reason}")


@lru_cache(maxsize=16)
def load_csv(text: str, *, name: str, published: str) -> Reference:
    """Columns kind, sex, month, l, m, s under a heading, in any order; kinds and units of KINDS; 0 is term. Raises WrongTable.

    Separated by commas, semicolons or tabs; a decimal comma is read where it separates nothing.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise WrongTable(f"Cette table dépasse {MOST_BYTES // 1_000} ko\u00a0: garder une ligne par mois, et les seules colonnes utiles.")
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise WrongTable(f"Ligne {line}\u00a0: un caractère illisible. Enregistrer le fichier en CSV (texte), puis recommencer.")
    tables: dict[tuple[str, str], Rows] = {}
    for cells in _lines(text):
        key, month, lms = _row(cells)
        _follows(tables.setdefault(key, []), month, key, cells)
        tables[key].append((month, lms))
    if not tables:
        raise WrongTable("Cette table est vide\u00a0: choisir un autre fichier.")
    for key, rows in tables.items():
        if len(rows) < 2:
            raise WrongTable(f"Une seule ligne pour {_said(key)}\u00a0: une courbe demande au moins deux âges.")
    return Reference(name, published, "", {key: tuple(rows) for key, rows in tables.items()})


def _lines(text: str) -> list[_Cells]:
    """The rows that hold something, by the columns that count. Raises WrongTable."""
    heading = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    found: list[_Cells] = []
    columns: list[str] = []
    try:
        for raw in reader:
            row = [cell.strip() for cell in raw]
            if not any(row):
                continue
            if not columns:
                columns = _heading([cell.casefold() for cell in row], reader.line_num)
                continue
            if len(row) < len(columns):
                raise WrongTable(f"Ligne {reader.line_num}\u00a0: {len(row)} colonnes au lieu de {len(columns)}.")
            found.append(_Cells(reader.line_num, dict(zip(columns, row, strict=False))))
    except csv.Error:
        raise WrongTable(f"Ligne {reader.line_num}\u00a0: elle n’est pas lisible. Vérifier les guillemets.") from None
    return found


def _heading(columns: list[str], line: int) -> list[str]:
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        raise WrongTable(f"Ligne {line}\u00a0: il manque {', '.join(missing)}. Les colonnes attendues sont {', '.join(COLUMNS)}.")
    twice = next((name for name in COLUMNS if columns.count(name) > 1), "")
    if twice:
        raise WrongTable(f"Ligne {line}\u00a0: la colonne {twice} est deux fois là.")
    return columns


def _row(cells: _Cells) -> tuple[tuple[str, str], float, LMS]:
    """One line of a curve, within what a body may be. Raises WrongTable."""
    typed = cells.by_column["kind"].casefold()
    kind, sex = _ALIASES.get(typed, typed), cells.by_column["sex"].upper()
    if kind not in KINDS:
        raise cells.wrong(f"«\u00a0{typed[:20]}\u00a0» dans la colonne kind\u00a0: écrire weight, height, head ou bmi.")
    if sex not in _SEXES:
        raise cells.wrong(f"«\u00a0{sex[:20]}\u00a0» dans la colonne sex\u00a0: écrire F ou M.")
    month, lms = cells.number("month"), LMS(cells.number("l"), cells.number("m"), cells.number("s"))
    if not MONTHS[0] <= month <= MONTHS[1]:
        raise cells.wrong(f"l’âge va de {MONTHS[0]:.0f} à {MONTHS[1]:.0f} mois, 0 étant le terme.")
    label, unit = KINDS[kind]
    low, high = MEDIANS[kind]
    if not low <= lms.median <= high:
        bounds = f"{low:g} et {high:g}".replace(".", ",")
        raise cells.wrong(f"la médiane m ({label}, en {unit}) devrait être entre {bounds}.")
    if not 0 < lms.variation < 1:
        raise cells.wrong("s, le coefficient de variation, est plus grand que 0 et plus petit que 1.")
    if abs(lms.power) > POWER or abs(lms.power) * lms.variation > STEEPEST:
        raise cells.wrong("l et s ne donnent pas de percentiles possibles\u00a0: vérifier l’ordre des colonnes.")
    return (kind, sex), month, lms


def _follows(rows: Rows, month: float, key: tuple[str, str], cells: _Cells) -> None:
    """Ages rise, each once: a row twice is one too many, and nobody knows which. Raises WrongTable."""
    if rows and month == rows[-1][0]:
        raise cells.wrong(f"l’âge {cells.by_column['month']} est deux fois là pour {_said(key)}.")
    if rows and month < rows[-1][0]:
        raise cells.wrong(f"l’âge {cells.by_column['month']} vient après un âge plus grand pour {_said(key)}\u00a0: ranger par âge.")


def _said(key: tuple[str, str]) -> str:
    return f"{KINDS[key[0]][0]}, {_SEXES[key[1]]}"
