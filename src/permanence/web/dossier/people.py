"""How the doors' rows and banners become what the templates show: surname apart, dates in full, four allergy states."""

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from permanence.accounts.queries import member_names
from permanence.journal.doors import Reader
from permanence.lib.text import NBSP
from permanence.patients import queries
from permanence.web import presenters
from permanence.web.links import reverse
from permanence.web.presenters import Chip

_BORN = re.compile(r"^(née?|nom de naissance)[\s\u00a0]+(.+)$")
TONES = {"qualifiee": "ok", "validee": "plain", "recuperee": "plain", "provisoire": "warn"}


@dataclass(frozen=True, slots=True)
class Named:
    """A patient's name in its parts, as shown; `née` is « née » or « né »."""

    surname: str
    given: str
    née: str = ""
    birth_surname: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A patient in a list."""

    id: str
    url: str
    surname: str
    given: str
    née: str
    birth_surname: str
    birth: str
    age: str
    sex: str
    born: str
    homonym: bool
    dead: str
    also: str = ""


@dataclass(frozen=True, slots=True)
class Allergen:
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AllergyLine:
    """`state`: known, none, unasked, unavailable (NHS CUI PAB-0064 to 0071). The line is never blank."""

    state: str
    items: tuple[Allergen, ...] = ()
    checked: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Banner:
    """What the sticky banner shows."""

    id: str
    url: str
    surname: str
    given: str
    née: str
    birth_surname: str
    birth: str
    age: str
    sex: str
    born: str
    homonym: bool
    dead: str
    ins: str
    identity_text: str
    identity_tone: str
    identity_url: str
    title: str
    chips: tuple[Chip, ...]
    allergy: AllergyLine


def split_name(name: str) -> Named:
    """« MARTIN-LE GOFF Anne, née D’AUBIGNÉ » in its parts: the capitals that come first are the surname."""
    shown, _, birth = name.partition(", ")
    words = shown.split(" ")
    end = 0
    while end < len(words) and words[end] == words[end].upper() and (end < len(words) - 1 or end == 0):
        end += 1
    born = _BORN.match(birth)
    return Named(" ".join(words[:end]), " ".join(words[end:]), born[1] if born else "", born[2] if born else "")


def born(sex: str) -> str:
    return {"F": "Née", "M": "Né"}.get(sex, "Né(e)")


def sex_text(sex: str) -> str:
    return presenters.SEXES.get(sex, sex)


def person(row: queries.Row) -> Person:
    name = split_name(row.name)
    return Person(
        str(row.patient),
        reverse("dossier:file", args=(row.patient,)),
        name.surname,
        name.given,
        name.née,
        name.birth_surname,
        row.birth,
        row.age,
        row.sex,
        born(row.sex),
        row.homonym,
        ("Décédée" if row.sex == "F" else "Décédé") if row.deceased else "",
        row.also,
    )


def named(patients: Iterable[UUID], reader: Reader) -> dict[UUID, Person]:
    """Those of them whose identity this reader sees, by id: asked once for all the lists of a page; each counts as listed."""
    wanted = list(dict.fromkeys(patients))
    return {row.patient: person(row) for row in queries.rows(wanted, reader=reader)} if wanted else {}


def people(rows: Iterable[queries.Row]) -> list[Person]:
    return [person(row) for row in rows]


def banner(found: queries.Banner, allergy: AllergyLine, *, me: UUID | None = None, chips: Sequence[Chip] = ()) -> Banner:
    """The banner of a file; `allergy` comes from the consultations' door, `me` is who reads."""
    name = split_name(found.name)
    return Banner(
        str(found.patient),
        reverse("dossier:file", args=(found.patient,)),
        name.surname,
        name.given,
        name.née,
        name.birth_surname,
        found.birth,
        found.age,
        sex_text(found.sex),
        born(found.sex),
        found.homonym,
        "",
        "",
        "" if found.masked else f"Identité {found.status_label.lower()}",
        TONES.get(found.status, "warn"),
        reverse("patients:identity", args=(found.patient,)),
        found.title,
        (*_chips(found, me), *chips),
        _as_far_as_known(allergy, found.waits),
    )


def _as_far_as_known(allergy: AllergyLine, waits: bool) -> AllergyLine:
    """Of a file that is incomplete here nobody says that there is no allergy."""
    return AllergyLine("unavailable", why="dossier incomplet ici") if waits and allergy.state in ("none", "unasked") else allergy


def _chips(found: queries.Banner, me: UUID | None) -> list[Chip]:
    chips = [Chip("Incomplet sur cette machine", "warn", "hourglass")] if found.waits else []
    if found.deceased_on:
        word = "Décédée" if found.sex == "F" else "Décédé"
        chips.append(Chip(f"{word} le {found.deceased_on:%d/%m/%Y}", "plain"))
    if found.interpreter:
        chips.append(Chip(f"Interprète{NBSP}: {found.interpreter}", "warn", "languages"))
    if found.directives:
        chips.append(Chip("Directives anticipées", "plain", "scroll-text"))
    if found.protected:
        chips.append(Chip(f"Dossier protégé{NBSP}: {found.protected.lower()}", "plain", "shield"))
    elif found.sensitive:
        chips.append(Chip("Dossier sensible", "plain", "shield"))
    chips += [Chip(attribute, "warn", "circle-question-mark") for attribute in found.attributes if attribute != "Homonyme"]
    if found.ald:
        chips.append(Chip("ALD"))
    if found.medecin_traitant_id is not None and found.medecin_traitant_id == me:
        chips.append(Chip(f"Médecin traitant{NBSP}: vous"))
    elif doctor := _doctor(found):
        chips.append(Chip(f"Médecin traitant{NBSP}: {doctor.partition(',')[0][:60]}"))
    return chips


def _doctor(found: queries.Banner) -> str:
    if found.medecin_traitant_id is None:
        return found.medecin_traitant_text
    return member_names([found.medecin_traitant_id]).get(found.medecin_traitant_id, "")


def is_minor(birth: datetime.date | None, today: datetime.date) -> bool:
    """Under eighteen on that day; an unknown birth date is not a minor's."""
    return birth is not None and (today.year - birth.year, today.month, today.day) < (18, birth.month, birth.day)
