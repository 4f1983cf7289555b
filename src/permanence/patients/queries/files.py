"""One patient's file: banner, identity sheet, and the people around. NIR, telephone and address are in the sheet only."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Q

from permanence.accounts.permissions import today
from permanence.journal.categories import Category
from permanence.journal.doors import Reader, Refused
from permanence.lib import identifiers
from permanence.lib.dates import age_text
from permanence.lib.sqlcipher.compiled import Compiled, Param
from permanence.patients import rules
from permanence.patients.models import Alias, Contact, Link, Opposition, Patient
from permanence.patients.permissions import SENTENCES, File, family_of, files_of
from permanence.patients.queries.lists import MASKED, birth_text, homonym_marks, rows
from permanence.patients.queries.views import (
    Banner,
    Coordinates,
    Directives,
    Identity,
    Merge,
    NationalId,
    Objection,
    Person,
    Sheet,
    SocialRights,
    Tie,
)

RIGHT = "Votre profession n’ouvre pas cette partie du dossier\u00a0: adressez-vous au médecin."
_BY_CATEGORY = Patient.Journal.categories
_banner = Compiled(
    lambda: Patient.objects.filter(id=Param("id")).values_list(*_BY_CATEGORY[Category.IDENTITY], "ald", "directives")
)
_SHEET = tuple(category for category in _BY_CATEGORY if category is not Category.MEASURES)  # the term of birth stands on the curves


def _open(patient: UUID, reader: Reader) -> File:
    file = files_of([patient], reader=reader)[patient]
    if not file.exists:
        raise Refused(SENTENCES["unknown"], code="unknown")
    return file


def banner(patient: UUID, *, reader: Reader, care: bool = False) -> Banner:
    """The banner of a file, of the kept one when merged. Masked for who may see a row without content.

    `care`: a page of care, which also says that there are advance directives to who may read it.
    Raises Refused: unknown, right.
    """
    file = _open(patient, reader)
    wanted = [Category.IDENTITY, Category.SOCIAL_RIGHTS, *([Category.HISTORY] if care else [])]
    admission = reader.admit([file.kept], wanted)
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
    *values, ald, directives = reader.cache.get(_sheet_of(file.kept)) or _banner.one(id=file.kept) or ()
    identity = Identity(*values)
    return _banner_of(
        file,
        identity,
        ald if admission.may(file.kept, Category.SOCIAL_RIGHTS) else None,
        file.kept in homonym_marks(file.family, reader=reader),
        directives == "oui" and admission.may(file.kept, Category.HISTORY),
    )


def _sheet_of(patient: UUID) -> str:
    """Where a reading keeps what the sheet loaded, for the banner above it."""
    return f"patients.sheet.{patient}"


def _banner_of(file: File, identity: Identity, ald: bool | None, homonym: bool, directives: bool) -> Banner:
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
        interpreter=identity.interpreter_language,
        directives=directives,
        waits=file.waits,
    )


def identity_sheet(patient: UUID, *, reader: Reader, only: Collection[Category] = _SHEET) -> Sheet:
    """The sheet of the kept file: the only place of NIR, telephone and address. Raises Refused: unknown, right.

    `only`: the categories that the page shows, identity among them; the others are neither read nor journalled.
    """
    file = _open(patient, reader)
    admission = reader.admit([file.kept], only)
    refusals = {category: code for (_, category), code in admission.refusals.items()}
    if Category.IDENTITY in refusals:
        code = refusals[Category.IDENTITY]
        raise Refused(SENTENCES.get(code, RIGHT), code=code)

    names = [name for category in only if category not in refusals for name in _BY_CATEGORY[category]]
    row = Patient.objects.filter(id=file.kept).values(*names).get()

    def part(category: Category) -> list[Any] | None:
        return None if category in refusals or category not in only else [row[name] for name in _BY_CATEGORY[category]]

    own = part(Category.IDENTITY) or ()
    if Category.SOCIAL_RIGHTS in only:
        reader.cache[_sheet_of(file.kept)] = (*own, row.get("ald"), row.get("directives", ""))
    identity = Identity(*own)
    national, contact, social = (part(c) for c in (Category.NATIONAL_ID, Category.CONTACT, Category.SOCIAL_RIGHTS))
    return Sheet(
        file.kept,
        file.family,
        identity,
        _national(national, identity.identity_status) if national else None,
        Coordinates(*contact) if contact else None,
        SocialRights(*social) if social else None,
        row.get("ald_text"),
        Directives(row["directives"], row["directives_where"], row["directives_on"]) if "directives" in row else None,
        row.get("administrative_text"),
        refusals,
    )


def _national(values: list[Any], status: str) -> NationalId:
    ins, nir = values[0], values[2]
    values = [*values, rules.shown_matricule(ins, status), identifiers.format_nir(nir)]
    return NationalId(*values)


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
    found = Link.objects.filter(Q(patient_id__in=files) | Q(other_id__in=files), removed=False).values_list(*fields)
    ends = [(id, relation, owner not in files, other if owner in files else owner) for id, relation, owner, other in found]
    ends.sort(key=lambda end: end[2])  # the person's own ties, then those that others' files declare
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


def birth_term(patient: UUID, *, reader: Reader) -> int | None:
    """Gestational age at birth in days, as it stands on the growth curves; None when unknown or not open to this reader."""
    file = _open(patient, reader)
    if not reader.admit([file.kept], [Category.MEASURES]).may(file.kept, Category.MEASURES):
        return None
    return Patient.objects.filter(id=file.kept).values_list("birth_term_days", flat=True).first()
