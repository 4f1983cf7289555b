"""What a fictional medical file is made of: frozen values, nothing of a database."""

from dataclasses import dataclass
from datetime import date, datetime

from permanence.demo.people import Person


@dataclass(frozen=True, slots=True)
class History:
    """One line of history. `onset` may be a year only ("2014"); `kind` is "personal", "surgery" or "family"."""

    label: str
    code: str
    onset: str
    active: bool
    kind: str = "personal"
    ald: int = 0


@dataclass(frozen=True, slots=True)
class Allergy:
    substance: str
    reaction: str
    kind: str  # medicine | food | environment | other
    since: int


@dataclass(frozen=True, slots=True)
class Treatment:
    dci: str
    name: str
    atc: str
    dose: str
    start: date
    end: date | None = None
    elsewhere: str = ""  # who prescribed it, when it was not here


@dataclass(frozen=True, slots=True)
class Vaccination:
    vaccine: str
    disease: str
    on: date
    lot: str
    site: str
    rank: int


@dataclass(frozen=True, slots=True)
class Measure:
    """`value` is an integer with `places` decimal places, in the UCUM `unit`."""

    loinc: str
    label: str
    unit: str
    value: int
    places: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A signed note. Free text stands in `text`, otherwise the four parts are filled."""

    at: datetime
    author: str
    motif: str
    code: str
    subjective: str = ""
    objective: str = ""
    assessment: str = ""
    plan: str = ""
    text: str = ""
    private: bool = False
    minor_secret: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    at: datetime
    author: str  # a colleague's key, or the title of an outside doctor
    title: str
    text: str
    received: bool


@dataclass(frozen=True, slots=True)
class File:
    """Everything of one person. `allergy_state`: known | none | unknown | not_asked."""

    person: Person
    since: date
    allergy_state: str
    histories: tuple[History, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    vaccinations: tuple[Vaccination, ...] = ()
    measures: tuple[Measure, ...] = ()
    notes: tuple[Note, ...] = ()
    letters: tuple[Letter, ...] = ()

    @property
    def events(self) -> int:
        """How many entries this file makes, about."""
        return sum(map(len, (self.histories, self.allergies, self.treatments, self.vaccinations, self.measures, self.notes,
                             self.letters)))
