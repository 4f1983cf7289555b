"""HL7 data types and the head of a CDA document, as frozen values close to the text; clinical items are in `items`."""

import datetime
from dataclasses import dataclass

from permanence.lib.dates import MONTHS
from permanence.lib.text import NBSP

NULL_FLAVORS = {
    "NI": "sans information",
    "UNK": "inconnu",
    "ASKU": "demandé, inconnu du patient",
    "NAV": "indisponible pour l’instant",
    "NASK": "non demandé",
    "MSK": "masqué",
    "NA": "sans objet",
    "OTH": "autre, hors liste",
    "INV": "valeur invalide",
    "NINF": "moins l’infini",
    "PINF": "plus l’infini",
    "TRC": "traces",
    "QS": "quantité suffisante",
    "DER": "à calculer",
    "NP": "absent",
    "UNC": "non codé",
}


def null_text(flavor: str) -> str:
    """« non renseigné : inconnu », for what a document says it does not say (HL7 v3 NullFlavor); "" for none."""
    return f"non renseigné{NBSP}: {NULL_FLAVORS.get(flavor, flavor)}" if flavor else ""


@dataclass(frozen=True, slots=True)
class Id:
    """An instance identifier: `root` is an OID or UUID."""

    root: str = ""
    extension: str = ""
    authority: str = ""

    @property
    def text(self) -> str:
        return f"{self.root}^{self.extension}" if self.extension else self.root

    def __bool__(self) -> bool:
        return bool(self.root or self.extension)


@dataclass(frozen=True, slots=True)
class Code:
    """A coded value kept as given: code, system (OID and name), both labels, translations, qualifiers."""

    code: str = ""
    system: str = ""
    system_name: str = ""
    display: str = ""
    original: str = ""
    null_flavor: str = ""
    translations: tuple["Code", ...] = ()
    qualifiers: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The author's words, else the terminology's, else a translation's, else the code."""
        return self.original or self.display or next((t.label for t in self.translations if t.label), "") or self.code

    def in_system(self, oid: str) -> str:
        """The code in this system, from the value itself or a translation; "" when absent."""
        return next((c.code for c in (self, *self.translations) if c.system == oid and c.code), "")

    def __bool__(self) -> bool:
        return bool(self.code or self.display or self.original or self.translations)


@dataclass(frozen=True, slots=True)
class When:
    """A time stamp with its own precision. `iso` is "2014", "2019-03" or "2019-03-11"; "" when nothing can be read."""

    raw: str = ""
    iso: str = ""
    time: str = ""
    zone: str = ""
    null_flavor: str = ""

    @property
    def text(self) -> str:
        """Shown as "2014", "03/2019", "11/03/2019", or "" (see `said` for why)."""
        return "/".join(reversed(self.iso.split("-")))

    @property
    def said(self) -> str:
        """For a screen: the date and time, or what the document says instead, as it is."""
        if self.iso:
            return f"{self.text} {self.time[:5]}".strip()
        return self.raw or null_text(self.null_flavor)

    @property
    def date(self) -> datetime.date | None:
        """Only when the day is known."""
        return datetime.date.fromisoformat(self.iso) if len(self.iso) == 10 else None

    @property
    def instant(self) -> datetime.datetime | None:
        """Only when day, minute and zone are known."""
        if self.date is None or not self.time or not self.zone:
            return None
        try:
            return datetime.datetime.fromisoformat(f"{self.iso}T{self.time}{self.zone}")
        except ValueError:
            return None

    def __bool__(self) -> bool:
        return bool(self.iso)


NO_TIME = When()


@dataclass(frozen=True, slots=True)
class Period:
    """From, to; both may be partial, missing or said unknown."""

    start: When = NO_TIME
    end: When = NO_TIME

    @property
    def said(self) -> str:
        parts = [
            f"depuis {self.start.said}" if self.start and not self.end else self.start.said,
            f"jusqu’à {self.end.said}" if self.end and not self.start else self.end.text,
        ]
        return " – ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written in the document (a point as decimal mark) and its UCUM unit."""

    value: str = ""
    unit: str = ""
    null_flavor: str = ""

    def __bool__(self) -> bool:
        return bool(self.value)


NO_CODE, NO_PERIOD, NO_QUANTITY = Code(), Period(), Quantity()


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address: lines as a letter shows them."""

    lines: tuple[str, ...] = ()
    postal_code: str = ""
    city: str = ""
    country: str = ""
    use: str = ""
    insee: str = ""

    def __bool__(self) -> bool:
        return bool(self.lines or self.postal_code or self.city)


@dataclass(frozen=True, slots=True)
class Telecom:
    """A phone number or an address: `kind` is "phone", "email", "mssante", "fax", "web" or "other"."""

    kind: str
    value: str
    use: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A professional, a relative, an author: what is said of them."""

    role: str = ""
    prefix: str = ""
    given: str = ""
    family: str = ""
    suffix: str = ""
    ids: tuple[Id, ...] = ()
    rpps: str = ""
    specialty: Code = Code()
    organization: str = ""
    organization_ids: tuple[Id, ...] = ()
    relation: str = ""
    telecoms: tuple[Telecom, ...] = ()
    address: Address = Address()
    time: When = NO_TIME

    @property
    def name(self) -> str:
        civility = self.suffix.capitalize() if self.suffix else self.prefix.capitalize()
        return " ".join(part for part in (civility, self.given, self.family) if part)

    def __bool__(self) -> bool:
        return bool(self.family or self.given or self.organization or self.ids)


@dataclass(frozen=True, slots=True)
class Patient:
    """The INS strict traits as the document gives them, names in use, other identifiers, contact (RNIV, chapter 3)."""

    birth_family: str = ""
    first_given: str = ""
    given_names: tuple[str, ...] = ()
    used_family: str = ""
    used_given: str = ""
    birth: When = NO_TIME
    birth_place_insee: str = ""
    birth_place_name: str = ""
    sex: str = ""
    ins: str = ""
    ins_oid: str = ""
    nir: str = ""
    ids: tuple[Id, ...] = ()
    address: Address = Address()
    telecoms: tuple[Telecom, ...] = ()
    guardians: tuple[Person, ...] = ()
    deceased: When = NO_TIME

    @property
    def phones(self) -> tuple[str, ...]:
        return tuple(t.value for t in self.telecoms if t.kind == "phone")

    @property
    def birth_long(self) -> str:
        """« 28 mars 1979 », for a report."""
        day = self.birth.date
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}" if day else self.birth.said


@dataclass(frozen=True, slots=True)
class Header:
    """The document itself. `set_id` names all its versions."""

    id: Id = Id()
    set_id: Id = Id()
    version: int = 0
    code: Code = Code()
    title: str = ""
    effective: When = NO_TIME
    confidentiality: Code = Code()
    language: str = ""
    templates: tuple[str, ...] = ()
    authors: tuple[Person, ...] = ()
    custodian: Person = Person()
    legal_authenticator: Person = Person()
    treating: Person = Person()  # médecin traitant
    contacts: tuple[Person, ...] = ()  # trusted person, person to warn
    participants: tuple[Person, ...] = ()  # anyone else: prescriber, sampler, correspondent
    replaces: tuple[Id, ...] = ()
    service_events: tuple[Code, ...] = ()

    @property
    def series(self) -> Id:
        """What all versions share: the set, or the document alone when it names no set."""
        return self.set_id or self.id
