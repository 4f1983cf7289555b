"""Lists of patients: the search, and rows for any list. Each row counts as listed, not as read."""

import datetime
import json
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from permanence.accounts.permissions import today
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Reader
from permanence.lib.dates import age_text, format_date
from permanence.lib.sqlcipher import run
from permanence.lib.sqlcipher.compiled import Compiled, Many
from permanence.lib.text import fold
from permanence.patients import grammar, rules
from permanence.patients.models import Patient
from permanence.patients.permissions import family_of
from permanence.patients.queries.views import Row

MASKED = "Patient masqué"
_SHORT = (
    "id",
    "birth_name",
    "first_given_name",
    "used_name",
    "used_given_name",
    "birth_sex",
    "birth_date",
    "birth_date_text",
    "deceased_on",
    "marked_homonym",
    "given_names",
)
_shorts = Compiled(lambda: Patient.objects.filter(id__in=Many("ids")).values_list(*_SHORT))

_AFTER = "\U0010ffff"
_BEGINNING = "SELECT kept FROM patients_namerow WHERE sort >= ? AND sort < ? ORDER BY sort LIMIT ? + 0"
# Pairs of files of two people that share a name or a birth date: whether they are homonyms is for the rules to say.
_SAME = (
    "SELECT m.patient, m.kept, o.kept, m.name_key, m.birth, o.name_key, o.birth FROM patients_namerow m JOIN patients_namerow o"
    " ON (o.name_key = m.name_key OR (o.birth = m.birth AND m.birth <> '')) AND o.kept <> m.kept"
    " WHERE m.patient IN (SELECT value FROM json_each(?))"
)


def birth_text(date: datetime.date | None, text: str) -> str:
    """A birth date for a screen; unknown is written out."""
    return format_date(date) or text or "date de naissance inconnue"


def search(text: str, *, reader: Reader, limit: int = 8) -> list[Row]:
    """Patients that a typed line finds (`grammar`), at most `limit`; each person once. Counts as listed, not as read.

    Finding is telling: a number finds only for who may read it, and a masked file is not found by its name.
    """
    found: list[UUID] = []
    typed: set[str] = set()
    for reading in grammar.parse(text, today=today()):
        here = [patient for patient in _found(reading, limit) if patient not in found]
        told = Category.NATIONAL_ID if reading.nir else Category.CONTACT if reading.phone else None
        if told is not None and here:
            readable = reader.admit(here, [told], level=Level.LISTED).patients(told)
            here = [patient for patient in here if patient in readable]
        found += here
        typed.update(reading.prefixes)
    return rows(found[:limit], reader=reader, masked=False, typed=typed)


def _found(reading: grammar.Search, limit: int) -> list[UUID]:
    """The files of one reading: surnames in use that begin so come first, then the others, each by name."""
    first = reading.prefixes[0] if reading.prefixes else ""
    if len(reading.prefixes) == 1 and not reading.births:  # a first word may fit thousands: those that begin so are enough
        rows = run("default", _BEGINNING, first, first + _AFTER, 2 * limit).fetchall()
        if len(found := list(dict.fromkeys(UUID(kept) for (kept,) in rows))) >= limit:
            return found[:limit]
    where, values = _conditions(reading)
    sql = (
        # only marks and fixed text are put together; what was typed is a value
        "SELECT n.kept, min(n.sort) AS first, max(n.sort >= ? AND n.sort < ?) AS begins FROM patients_namerow n"  # noqa: S608
        f" WHERE {' AND '.join(where)} GROUP BY n.kept ORDER BY begins DESC, first LIMIT ? + 0"
    )
    return [UUID(kept) for kept, _, _ in run("default", sql, first, first + _AFTER, *values, limit).fetchall()]


def _conditions(reading: grammar.Search) -> tuple[list[str], list[Any]]:
    """The readings as SQL; only marks and fixed text are put together, never what was typed."""
    where, values = list[str](), list[Any]()
    if reading.prefixes:
        where.append("n.id IN (SELECT rowid FROM patients_words WHERE patients_words MATCH ?)")
        values.append(" AND ".join(f'"{prefix}"*' for prefix in reading.prefixes))
    for alternatives in reading.births:
        each = [_birth(birth) for birth in alternatives]
        where.append("(" + " OR ".join(sql for sql, _ in each) + ")")
        values += [value for _, marks in each for value in marks]
    if reading.nir:
        start, end = reading.nir[:13], reading.nir[:13] + "~"
        where.append("n.patient IN (SELECT id FROM patients_patient WHERE (ins >= ? AND ins < ?) OR (nir >= ? AND nir < ?))")
        values += [start, end] * 2
    if reading.phone:
        where.append("n.patient IN (SELECT id FROM patients_patient WHERE mobile = ? OR phone = ?)")
        values += [reading.phone] * 2
    return where, values


def _birth(birth: grammar.Birth) -> tuple[str, list[Any]]:
    parts, values = list[str](), list[Any]()
    if birth.month and birth.day:
        parts.append("n.day_month = ?")
        values.append(f"{birth.month:02}{birth.day:02}")
    elif birth.month:
        parts.append("n.day_month >= ? AND n.day_month < ?")
        values += [f"{birth.month:02}", f"{birth.month:02}~"]
    elif birth.day:
        parts.append("substr(n.day_month, 3) = ?")
        values.append(f"{birth.day:02}")
    if birth.years:
        parts.append(f"n.year IN ({','.join('?' * len(birth.years))})")
        values += birth.years
    return "(" + " AND ".join(parts) + ")", values


def rows(patients: Collection[UUID], *, reader: Reader, masked: bool = True, typed: Collection[str] = ()) -> list[Row]:
    """Rows of a list for these files, in this order, those admitted only; a level of LISTED is recorded for each.

    `masked`: whether a reader who sees rows without content gets them. `typed`: beginnings of names that were searched.
    """
    admission = reader.admit(patients, [Category.IDENTITY], level=Level.LISTED)
    admitted = admission.patients(Category.IDENTITY)
    hidden = {patient for patient in patients if admission.refusals.get((patient, Category.IDENTITY)) == "masked"}
    if not admitted and not (hidden and masked):
        return []
    marks, day = homonym_marks(admitted, reader=reader), today()
    found = {patient: _row(values, day, marks, typed) for patient, values in _shown(admitted, reader).items()}
    if masked:
        found |= {patient: Row(patient, MASKED, "", "", "", False, False) for patient in hidden}
    return [found[patient] for patient in patients if patient in found]


def _shown(admitted: Collection[UUID], reader: Reader) -> dict[UUID, tuple[Any, ...]]:
    """The columns of rows, those that a page shows in several lists asked for once."""
    known: dict[UUID, tuple[Any, ...]] = reader.cache.setdefault("patients.shorts", {})
    if missing := [patient for patient in admitted if patient not in known]:
        known |= {values[0]: values for values in _shorts.rows(ids=missing)}
    return {patient: known[patient] for patient in admitted if patient in known}


def _row(values: tuple[Any, ...], day: datetime.date, marks: set[UUID], typed: Collection[str]) -> Row:
    patient, birth_name, given, used_name, used_given, sex, born, born_text, deceased, marked, all_given = values
    name = rules.display_name(rules.Names(birth_name, given, used_name, used_given, sex))
    return Row(
        patient,
        name,
        birth_text(born, born_text),
        age_text(born, deceased or day),
        sex,
        marked or patient in marks,
        deceased is not None,
        _also(name, all_given, typed),
    )


def _also(shown: str, given_names: str, typed: Collection[str]) -> str:
    """The given names that a search found and the name shown does not have, capitalised: « Marcel »."""
    def begin(name: str, prefixes: Collection[str]) -> bool:
        return any(word.startswith(prefix) for word in fold(name).split() for prefix in prefixes)

    unseen = [prefix for prefix in typed if not begin(shown, [prefix])]
    return ", ".join(name.title() for name in given_names.split() if begin(name, unseen)) if unseen else ""


def homonym_marks(patients: Iterable[UUID], *, reader: Reader) -> set[UUID]:
    """Which of these have a homonym. Others' names are compared here and leave with nobody: only the mark does."""
    return {mine for mine, _ in _alike(patients, reader)}


def _alike(patients: Iterable[UUID], reader: Reader) -> list[tuple[UUID, UUID]]:
    """Pairs (one of these people's kept file, a file that could be taken for it), asked once for a reading."""
    known: dict[UUID, list[tuple[UUID, UUID]]] = reader.cache.setdefault("patients.alike", {})
    wanted = list(patients)
    if missing := [patient for patient in wanted if patient not in known]:
        known |= {patient: [] for patient in missing}
        for patient, mine, other, *pair in run("default", _SAME, json.dumps([one.hex for one in missing])).fetchall():
            if rules.alike((pair[0], pair[1]), (pair[2], pair[3])):
                known[UUID(patient)].append((UUID(mine), UUID(other)))
    return [pair for patient in wanted for pair in known[patient]]


def homonyms(patient: UUID, *, reader: Reader) -> list[Row]:
    """The other files that could be taken for this one: same name, or same birth date and a close name."""
    others = [other for _, other in _alike(family_of(patient, reader=reader), reader)]
    return rows(list(dict.fromkeys(others)), reader=reader)


def lookalikes(candidates: Collection[UUID], *, reader: Reader) -> list[Row]:
    """The files named by `actions.LooksAlike`, to be shown beside what was typed."""
    return rows(candidates, reader=reader)
