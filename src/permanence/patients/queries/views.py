"""What the doors of identity return: frozen values, French where a screen shows them. Nothing is read here."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from permanence.journal.categories import Category

Date = datetime.date


@dataclass(frozen=True, slots=True)
class Row:
    """A patient in a list. `homonym`: another file has this name, or this birth date and a close name. `also`: the other
    names that a search found, when the name shown does not say why the row is there."""

    patient: UUID
    name: str
    birth: str
    age: str
    sex: str
    homonym: bool
    deceased: bool
    also: str = ""


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
    interpreter: str = ""
    directives: bool = False
    masked: bool = False
    waits: bool = False  # some of what was written on another machine is not readable on this one yet

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
    interpreter_language: str
    research_objection: bool
    research_objection_on: Date | None


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
    address_at_risk: bool
    contact_consent: bool | None
    contact_consent_on: Date | None


@dataclass(frozen=True, slots=True)
class Directives:
    """Advance directives: whether there are any (`state` oui, non, or empty), where they are, since when."""

    state: str
    where: str
    on: str


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
    directives: Directives | None
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
