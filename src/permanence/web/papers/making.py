"""From a file and what was typed to a PDF: letterhead, identity, variables; the typesetter gets plain words only."""

import datetime
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from permanence.accounts import queries as accounts
from permanence.consultations.queries import Synthesis
from permanence.documents import catalogue
from permanence.documents import queries as documents
from permanence.journal.categories import Category
from permanence.journal.doors import Reader, Refused
from permanence.lib import clock, typesetting
from permanence.lib.codes import datamatrix_svg
from permanence.lib.dates import MONTHS, format_date
from permanence.lib.identifiers import format_nir
from permanence.lib.text import NBSP
from permanence.patients import ins
from permanence.patients import queries as patients
from permanence.web import presenters
from permanence.web.jinja import today

NOT_MADE = (
    "Le papier n’a pas pu être mis en page\u00a0: rien n’est signé, votre texte est gardé ici. "
    "Réessayer dans un instant\u202f; si cela revient, l’écrire à la main et prévenir l’informatique."
)
BORN = {"F": "née", "M": "né"}


@dataclass(frozen=True, slots=True)
class About:
    """Whom a paper is about, and who writes it: read once through the doors."""

    patient: UUID
    files: tuple[UUID, ...]
    name: str
    birth: str
    age: str
    sex: str
    born: str
    ins: str
    matrix: str
    writer: str


def about(patient: UUID, reader: Reader) -> About:
    """The identity, with its INS only when it is qualified and open to this reader."""
    sheet = patients.identity_sheet(patient, reader=reader, only=[Category.IDENTITY, Category.NATIONAL_ID, Category.SOCIAL_RIGHTS])
    found = patients.banner(patient, reader=reader)
    matricule = sheet.national_id.matricule if sheet.national_id else ""
    member = reader.actor.member
    if member is None:
        raise Refused("Un papier a un auteur\u00a0: ouvrez une session.", code="actor")
    return About(
        found.patient,
        found.files,
        found.name,
        found.birth,
        found.age,
        found.sex,
        BORN.get(found.sex, "né(e)"),
        format_nir(matricule),
        _matrix(sheet.national_id, sheet.identity),
        accounts.member_names([member]).get(member, ""),
    )


def _matrix(national: patients.NationalId | None, of: patients.Identity) -> str:
    """What the code of a qualified identity says; "" for one that is not, or that the format cannot carry."""
    if national is None or not national.matricule:
        return ""
    given = of.given_names or of.first_given_name
    with suppress(ValueError):
        return ins.content(national.matricule, national.ins_oid, given, of.birth_name, of.birth_sex, of.birth_date, of.birth_place_insee)
    return ""


def letterhead(reader: Reader, writer: UUID | None = None) -> tuple[dict[str, Any], str]:
    """Who writes and where, as the template wants it, and the town of the date; `writer` is the reader unless said."""
    member = writer or reader.actor.member
    if member is None:
        raise Refused("Un papier a un auteur\u00a0: ouvrez une session.", code="actor")
    info, practice = accounts.member(member, reader=reader), accounts.practice()
    own = documents.letterhead_over(member, reader=reader)
    site = (info.sites or practice.sites or ("",))[0]
    name = accounts.member_names([member]).get(member, "")
    numbers = (f"RPPS{NBSP}{info.rpps}" if info.rpps else "", f"N°{NBSP}AM{NBSP}{own.insurance_number}" if own.insurance_number else "")
    return {
        "name": name,
        "profession": presenters.PROFESSIONS.get(info.profession, info.profession_label),
        "under": _under(info),
        "lines": [line for line in own.lines.splitlines() if line.strip()],
        "identifiers": " · ".join(number for number in numbers if number),
        "practice": practice.name,
        "address": [line for line in own.address.splitlines() if line.strip()] or [site],
        "phone": own.phone,
        "email": own.email,
    }, site


def _under(info: accounts.MemberInfo) -> str:
    if info.status == "remplacant" and info.of_name:
        return f"Remplace {info.of_name}"
    if info.status == "interne" and info.of_name:
        return f"Interne, sous la responsabilité de {info.of_name}"
    return ""


def values(known: About, synthesis: Synthesis | None = None) -> dict[str, str]:
    """The variables that the file fills, by their French names."""
    local = timezone.localtime(clock.now())
    found = {
        "patient": known.name,
        "naissance": known.birth,
        "âge": known.age,
        "né": known.born,
        "date": format_date(local.date()),
        "heure": local.strftime("%H:%M"),
        "médecin": known.writer,
    }
    if synthesis is not None:
        found |= {
            "antécédents": "\n".join(row.label for row in (*synthesis.history, *synthesis.past_history)),
            "traitements": "\n".join(
                " ".join(part for part in (row.dci or row.label, row.dose_text, row.posology) if part) for row in synthesis.treatments
            ),
            "allergies": ", ".join(row.substance for row in synthesis.allergies),
            "vaccinations": "\n".join(" ".join(part for part in (row.vaccine, row.given) if part) for row in synthesis.vaccinations),
        }
    return found


def long_date(day: datetime.date) -> str:
    """« 1er décembre 2026 »."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def paper(
    template: catalogue.Template,
    known: About,
    reader: Reader,
    *,
    number: str,
    title: str = "",
    writer: UUID | None = None,
    **more: Any,
) -> bytes:
    """The PDF. `more`: text, and what the template's sheet asks besides. Raises Refused when it cannot be typeset."""
    head, town = letterhead(reader, writer)
    day = today()
    heading = title or template.heading
    data = {
        "author": head["name"],
        "title": f"{heading or template.title}, {known.name}",
        "size": template.size,
        "heading": heading,
        "dated": f"{town}, le {long_date(day)}" if town else f"Le {long_date(day)}",
        "head": head,
        "patient": {
            "name": known.name,
            "born": f"{known.born.capitalize()} le {known.birth}" + (f" ({known.age})" if known.age else ""),
            "more": f"Sexe{NBSP}: {patients.SEXES.get(known.sex, '').lower()}" if known.sex in ("F", "M") else "",
            "ins": known.ins,
            "matrix": datamatrix_svg(known.matrix) if known.matrix else "",
        },
        "foot": f"N°{NBSP}{number} · {known.name} · {known.birth}",
        "text": "",
        "recipient": "",
        "ald": "",
        **more,
    }
    return typeset(template.sheet, data)


def statement(template: catalogue.Template, reader: Reader, *, title: str, rows: list[list[str]], facts: list[tuple[str, str]]) -> bytes:
    """A list of the practice's own, about no patient in particular. Raises Refused when it cannot be typeset."""
    head, _ = letterhead(reader)
    said = {"author": head["name"], "title": title, "heading": title, "foot": title}
    return typeset(template.sheet, {**said, "head": head, "rows": rows, "facts": facts})


def typeset(sheet: str, data: Mapping[str, Any], *, otherwise: str = NOT_MADE) -> bytes:
    """The PDF of a Typst sheet. Raises Refused with `otherwise`: what to do without it."""
    try:
        return typesetting.pdf(sheet, data)
    except typesetting.NotTypeset:  # its message may quote the data: it is not logged
        raise Refused(otherwise, code="typeset") from None


