"""The only ways to read a patient's identity and what surrounds it. Clinical data is in the rooms above.

Each door: ids, then `reader.admit`, then the rows, as frozen dataclasses. Lists give name, birth date, age and homonym mark
only; the NIR, telephone and address are in `identity_sheet`.
"""

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from permanence.accounts.permissions import today
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Reader, Refused
from permanence.lib import identifiers
from permanence.lib.dates import age_text, format_date
from permanence.lib.sqlcipher import run
from permanence.lib.sqlcipher.compiled import Compiled, Many, Param
from permanence.patients import grammar, rules
from permanence.patients.models import Alias, Contact, Link, Opposition, Patient
from permanence.patients.permissions import SENTENCES, File, family_of, files_of

Date = datetime.date
RIGHT = "Votre profession n’ouvre pas cette partie du dossier\u00a0: adressez-vous au médecin."
MASKED = "Patient masqué"


@dataclass(frozen=True, slots=True)
class Row:
    """A patient in a list. `homonym`: another file has this name, or this birth date and a close name."""

    patient: UUID
    name: str
    birth: str
    age: str
    sex: str
    homonym: bool
    deceased: bool


@dataclass(frozen=True, slots=True)
class Banner:
    """What stands above every page of a file. `patient` is the file kept; `files` all of the person's, the kept first."""

    patient: UUID
    files: tuple[UUID, ...]
    name: str
    short_name: str
    birth: str
    birth_date: Date | None
    age: str
    sex: str
    sex_label: str
    status: str
    status_label: str
    attributes: tuple[str, ...]
    homonym: bool
    protected: str
    sensitive: bool
    deceased_on: Date | None
    medecin_traitant_id: UUID | None
    medecin_traitant_text: str
    ald: bool | None = None
    masked: bool = False

    @property
    def title(self) -> str:
        """The title of the page: « MARTIN Jeanne · 14/07/1958 »."""
        return f"{self.short_name} · {self.birth}"


@dataclass(frozen=True, slots=True)
class Identity:
    """The strict traits, names in use and state of one identity."""

    birth_name: str
    first_given_name: str
    given_names: str
    birth_date: Date | None
    birth_date_text: str
    birth_sex: str
    birth_place_insee: str
    birth_place_label: str
    used_name: str
    used_given_name: str
    deceased_on: Date | None
    identity_status: str
    identity_proof: str
    identity_checked_on: Date | None
    marked_homonym: bool
    doubtful: bool
    fictional: bool
    protected_kind: str
    sensitive: bool
    controller_id: UUID | None
    controller_is_practice: bool
    medecin_traitant_id: UUID | None
    medecin_traitant_text: str
    opened_by_id: UUID | None
    opened_at: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class NationalId:
    """Identifiers. `matricule` is the INS to carry: empty unless the identity is qualified; `ins` is what is kept."""

    ins: str
    ins_oid: str
    nir: str
    nir_warning: str
    insured_rank: int | None
    matricule: str = ""
    nir_shown: str = ""


@dataclass(frozen=True, slots=True)
class Coordinates:
    mobile: str
    phone: str
    email: str
    email_confirmed_on: Date | None
    address: str
    postal_code: str
    city: str


@dataclass(frozen=True, slots=True)
class SocialRights:
    regime: str
    caisse: str
    c2s: bool
    mutuelle: str
    ald: bool | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The identity sheet; a part that this reader may not see is None, and `refusals` says why by category."""

    patient: UUID
    files: tuple[UUID, ...]
    identity: Identity
    national_id: NationalId | None
    coordinates: Coordinates | None
    rights: SocialRights | None
    ald_text: str | None
    administrative_text: str | None
    refusals: dict[Category, str]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody around the patient."""

    id: UUID
    role: str
    name: str
    relation: str
    phone: str
    email: str
    note: str


@dataclass(frozen=True, slots=True)
class Tie:
    """A family link, seen from one file: `row` is the other person, `relation` what they are to the patient or, when
    `reverse`, what the patient is to them."""

    id: UUID
    relation: str
    reverse: bool
    row: Row


@dataclass(frozen=True, slots=True)
class Objection:
    id: UUID
    member_id: UUID | None
    profession: str
    everyone: bool
    since: Date | None


@dataclass(frozen=True, slots=True)
class Merge:
    """One merging of two files, undone or not."""

    alias: UUID
    kept: UUID
    merged: UUID
    by_id: UUID | None
    at: datetime.datetime | None
    reason: str
    undone: bool
    undone_by_id: UUID | None
    undone_at: datetime.datetime | None


_BY_CATEGORY = Patient.Journal.categories
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
)
_shorts = Compiled(lambda: Patient.objects.filter(id__in=Many("ids")).values_list(*_SHORT))
_parts = {
    category: Compiled(lambda fields=fields: Patient.objects.filter(id=Param("id")).values_list(*fields))  # type: ignore[misc]
    for category, fields in _BY_CATEGORY.items()
}
_banner = Compiled(lambda: Patient.objects.filter(id=Param("id")).values_list(*_BY_CATEGORY[Category.IDENTITY], "ald"))


def birth_text(date: Date | None, text: str) -> str:
    """A birth date for a screen; unknown is written out."""
    return format_date(date) or text or "date de naissance inconnue"


# -- lists


def search(text: str, *, reader: Reader, limit: int = 8) -> list[Row]:
    """Patients that a typed line finds (`grammar`), at most `limit`; each person once. Counts as listed, not as read."""
    found: list[UUID] = []
    for reading in grammar.parse(text, today=today()):
        found += [patient for patient in _found(reading, limit) if patient not in found]
    return rows(found[:limit], reader=reader)


def _found(reading: grammar.Search, limit: int) -> list[UUID]:
    where, values = _conditions(reading)
    first = reading.prefixes[0] if reading.prefixes else ""
    sql = (
        "SELECT n.kept, min(n.sort) AS first, max(n.sort >= ? AND n.sort < ?) AS begins FROM patients_namerow n"
        f" WHERE {' AND '.join(where)} GROUP BY n.kept ORDER BY begins DESC, first LIMIT ?"
    )
    return [UUID(kept) for kept, _, _ in run("default", sql, first, first + "\U0010ffff", *values, limit).fetchall()]


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
        where.append(
            "n.patient IN (SELECT id FROM patients_patient WHERE (ins >= ? AND ins < ?) OR (nir >= ? AND nir < ?))"
        )
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


def rows(patients: Collection[UUID], *, reader: Reader) -> list[Row]:
    """Rows of a list for these files, in this order, those admitted only; a level of LISTED is recorded for each."""
    admission = reader.admit(patients, [Category.IDENTITY], level=Level.LISTED)
    admitted = admission.patients(Category.IDENTITY)
    masked = {patient for patient in patients if admission.refusals.get((patient, Category.IDENTITY)) == "masked"}
    if not admitted and not masked:
        return []
    marks, day = _homonym_marks(admitted), today()
    found = {values[0]: _row(values, day, marks) for values in _shorts.rows(ids=admitted)}
    found |= {patient: Row(patient, MASKED, "", "", "", False, False) for patient in masked}
    return [found[patient] for patient in patients if patient in found]


def _row(values: tuple[Any, ...], day: Date, marks: set[UUID]) -> Row:
    patient, birth_name, given, used_name, used_given, sex, born, born_text, deceased, marked = values
    names = rules.Names(birth_name, given, used_name, used_given, sex)
    return Row(
        patient,
        rules.display_name(names),
        birth_text(born, born_text),
        age_text(born, deceased or day),
        sex,
        marked or patient in marks,
        deceased is not None,
    )


def _homonym_marks(patients: Iterable[UUID]) -> set[UUID]:
    """Which of these have a homonym. Others' names are compared here and leave with nobody: only the mark does."""
    ids = [patient.hex for patient in patients]
    if not ids:
        return set()
    pairs = run(
        "default",
        "SELECT m.kept, m.name_key, m.birth, o.name_key, o.birth FROM patients_namerow m JOIN"
        " patients_namerow o ON (o.name_key = m.name_key OR (o.birth = m.birth AND m.birth <> ''))"
        f" AND o.kept <> m.kept WHERE m.patient IN ({','.join('?' * len(ids))})",
        *ids,
    ).fetchall()
    return {
        UUID(kept)
        for kept, key, birth, other_key, other_birth in pairs
        if rules.alike((key, birth), (other_key, other_birth))
    }


def homonyms(patient: UUID, *, reader: Reader) -> list[Row]:
    """The other files that could be taken for this one: same name, or same birth date and a close name."""
    files = family_of(patient, reader=reader)
    found = run(
        "default",
        "SELECT DISTINCT o.kept, m.name_key, m.birth, o.name_key, o.birth FROM patients_namerow m JOIN"
        " patients_namerow o ON (o.name_key = m.name_key OR (o.birth = m.birth AND m.birth <> ''))"
        f" AND o.kept <> m.kept WHERE m.patient IN ({','.join('?' * len(files))})",
        *(one.hex for one in files),
    ).fetchall()
    others = [
        UUID(kept)
        for kept, key, birth, other_key, other_birth in found
        if rules.alike((key, birth), (other_key, other_birth))
    ]
    return rows(list(dict.fromkeys(others)), reader=reader)


def lookalikes(candidates: Collection[UUID], *, reader: Reader) -> list[Row]:
    """The files named by `actions.LooksAlike`, to be shown beside what was typed."""
    return rows(candidates, reader=reader)


# -- one file


def _open(patient: UUID, reader: Reader) -> File:
    file = files_of([patient], reader=reader)[patient]
    if not file.exists:
        raise Refused(SENTENCES["unknown"], code="unknown")
    return file


def banner(patient: UUID, *, reader: Reader) -> Banner:
    """The banner of a file, of the kept one when merged. Masked for who may see a row without content.

    Raises Refused: unknown, right.
    """
    file = _open(patient, reader)
    admission = reader.admit([file.kept], [Category.IDENTITY, Category.SOCIAL_RIGHTS])
    if not admission.may(file.kept, Category.IDENTITY):
        code = admission.refusals[file.kept, Category.IDENTITY]
        if code == "masked":
            return Banner(
                file.kept,
                file.family,
                MASKED,
                MASKED,
                "",
                None,
                "",
                "U",
                "",
                "",
                "",
                (),
                False,
                "",
                False,
                None,
                None,
                "",
                masked=True,
            )
        raise Refused(SENTENCES.get(code, RIGHT), code=code)
    *values, ald = _banner.one(id=file.kept) or ()
    identity = Identity(*values)
    return _banner_of(
        file,
        identity,
        ald if admission.may(file.kept, Category.SOCIAL_RIGHTS) else None,
        file.kept in _homonym_marks([file.kept]),
    )


def _banner_of(file: File, identity: Identity, ald: bool | None, homonym: bool) -> Banner:
    names = rules.Names(
        identity.birth_name, identity.first_given_name, identity.used_name, identity.used_given_name, identity.birth_sex
    )
    flags = (
        ("Homonyme", homonym or identity.marked_homonym),
        ("Identité douteuse", identity.doubtful),
        ("Identité fictive", identity.fictional),
    )
    return Banner(
        patient=file.kept,
        files=file.family,
        name=rules.display_name(names),
        short_name=rules.short_name(names),
        birth=birth_text(identity.birth_date, identity.birth_date_text),
        birth_date=identity.birth_date,
        age=age_text(identity.birth_date, identity.deceased_on or today()),
        sex=identity.birth_sex,
        sex_label=rules.SEXES.get(identity.birth_sex, "Indéterminé"),
        status=identity.identity_status,
        status_label=rules.STATUSES.get(identity.identity_status, "Provisoire"),
        attributes=tuple(label for label, on in flags if on),
        homonym=homonym or identity.marked_homonym,
        protected=rules.PROTECTED_KINDS.get(identity.protected_kind, "Dossier protégé"),
        sensitive=identity.sensitive,
        deceased_on=identity.deceased_on,
        medecin_traitant_id=identity.medecin_traitant_id,
        medecin_traitant_text=identity.medecin_traitant_text,
        ald=ald,
    )


def identity_sheet(patient: UUID, *, reader: Reader, level: Level = Level.READ) -> Sheet:
    """The whole sheet of the kept file: the only place of NIR, telephone and address. Raises Refused: unknown, right."""
    file = _open(patient, reader)
    admission = reader.admit([file.kept], list(_BY_CATEGORY), level=level)
    refusals = {category: code for (_, category), code in admission.refusals.items()}
    if Category.IDENTITY in refusals:
        code = refusals[Category.IDENTITY]
        raise Refused(SENTENCES.get(code, RIGHT), code=code)

    names = [name for category, fields in _BY_CATEGORY.items() if category not in refusals for name in fields]
    row = Patient.objects.filter(id=file.kept).values(*names).get()

    def part(category: Category) -> list[Any] | None:
        return None if category in refusals else [row[name] for name in _BY_CATEGORY[category]]

    identity = Identity(*(part(Category.IDENTITY) or ()))
    national, contact, social = (part(c) for c in (Category.NATIONAL_ID, Category.CONTACT, Category.SOCIAL_RIGHTS))
    return Sheet(
        file.kept,
        file.family,
        identity,
        _national(national, identity.identity_status) if national else None,
        Coordinates(*contact) if contact else None,
        SocialRights(*social) if social else None,
        row.get("ald_text"),
        row.get("administrative_text"),
        refusals,
    )


def _national(values: list[Any], status: str) -> NationalId:
    ins, nir = values[0], values[2]
    return NationalId(*values, matricule=rules.shown_matricule(ins, status), nir_shown=identifiers.format_nir(nir))


def _admitted(patient: UUID, category: Category, reader: Reader) -> tuple[UUID, ...]:
    """The person's files of which this category may be read; none of them: refused."""
    _open(patient, reader)
    family = family_of(patient, reader=reader)
    admission = reader.admit(family, [category])
    found = tuple(one for one in family if admission.may(one, category))
    if not found:
        code = admission.refusals[family[0], category]
        raise Refused(SENTENCES.get(code, RIGHT), code=code)
    return found


def contacts(patient: UUID, *, reader: Reader) -> list[Person]:
    """Representatives, people to warn, personne de confiance, of all the person's files."""
    files = _admitted(patient, Category.CONTACT, reader)
    found = (
        Contact.objects.filter(patient_id__in=files, removed=False)
        .order_by("role", "name")
        .values_list("id", "role", "name", "relation", "phone", "email", "note")
    )
    return [Person(*values) for values in found]


def links(patient: UUID, *, reader: Reader) -> list[Tie]:
    """Family links from and to this person's files; the others' rows count as listed, their files stay closed."""
    files = _admitted(patient, Category.FAMILY_LINKS, reader)
    fields = ("id", "relation", "patient_id", "other_id")
    found = [
        *Link.objects.filter(patient_id__in=files, removed=False).values_list(*fields),
        *Link.objects.filter(other_id__in=files, removed=False).exclude(patient_id__in=files).values_list(*fields),
    ]
    ends = [
        (id, relation, owner not in files, other if owner in files else owner) for id, relation, owner, other in found
    ]
    others = files_of({one for *_, one in ends}, reader=reader) if ends else {}
    kept = {one: others[one].kept for *_, one in ends}
    shown = {row.patient: row for row in rows(list(dict.fromkeys(kept.values())), reader=reader)}
    return [Tie(id, relation, reverse, shown[kept[end]]) for id, relation, reverse, end in ends if kept[end] in shown]


def oppositions(patient: UUID, *, reader: Reader) -> list[Objection]:
    """To whom the patient objects."""
    files = _admitted(patient, Category.IDENTITY, reader)
    return [
        Objection(*values)
        for values in Opposition.objects.filter(patient_id__in=files, lifted=False)
        .order_by("since")
        .values_list("id", "member_id", "profession", "everyone", "since")
    ]


def merge_history(patient: UUID, *, reader: Reader) -> list[Merge]:
    """Every merging in which one of this person's files took part, undone ones included, newest first."""
    files = _admitted(patient, Category.IDENTITY, reader)
    found = (Alias.objects.filter(patient_id__in=files) | Alias.objects.filter(merged_id__in=files)).order_by("-at")
    return [
        Merge(*values)
        for values in found.values_list(
            "id", "patient_id", "merged_id", "by_id", "at", "reason", "undone", "undone_by_id", "undone_at"
        )
    ]
