"""What a CDA document says of its patient, as frozen values: nothing is translated into our own vocabulary here."""

from dataclasses import dataclass

from permanence.interop.cda.values import (
    NO_CODE,
    NO_PERIOD,
    NO_QUANTITY,
    NO_TIME,
    Code,
    Header,
    Patient,
    Period,
    Quantity,
    When,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Anything clinical. `key` is stable over versions of the document; `path` is where it stands, for people."""

    key: str
    section: str = ""
    path: str = ""
    label: str = ""
    comment: str = ""
    row: str = ""  # the line of the section's table that shows it, as its author laid it out
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem(Item):
    """A condition. `status` is "active", "past" or "" (not said); `negated` says that it was looked for and is absent."""

    code: Code = NO_CODE
    kind: str = ""
    status: str = ""
    period: Period = NO_PERIOD
    severity: str = ""
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure(Item):
    """An act: done, or planned."""

    code: Code = NO_CODE
    when: When = NO_TIME
    reason: str = ""
    site: str = ""
    planned: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Allergy(Item):
    """An allergy or intolerance to `agent`; `status` is "active", "inactive" or ""."""

    agent: Code = NO_CODE
    kind: Code = NO_CODE
    status: str = ""
    when: When = NO_TIME
    reactions: tuple[str, ...] = ()
    severity: str = ""
    criticality: str = ""
    certainty: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment(Item):
    """A medicine. `written` is the posology in the author's table, `dose`/`frequency` come from the coded entry."""

    code: Code = NO_CODE
    period: Period = NO_PERIOD
    dose: str = ""
    frequency: str = ""
    written: str = ""
    route: str = ""
    reason: str = ""
    instructions: str = ""
    max_dose: str = ""
    rate: str = ""
    conflict: bool = False  # words and codes give different amounts a day
    status: str = ""
    planned: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vaccination(Item):
    """An injection done, or `given=False`: refused, not done, with its reason."""

    code: Code = NO_CODE
    when: When = NO_TIME
    lot: str = ""
    rank: str = ""
    route: str = ""
    site: str = ""
    dose: str = ""
    diseases: tuple[str, ...] = ()
    reactions: tuple[str, ...] = ()
    given: bool = True
    reason: str = ""
    performer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Item):
    """A result, a measure, a habit: `kind` is "result", "measure", "lifestyle", "pregnancy" or "other"."""

    kind: str
    code: Code = NO_CODE
    when: When = NO_TIME
    quantity: Quantity = NO_QUANTITY
    value: str = ""
    value_code: Code = NO_CODE
    ranges: tuple[str, ...] = ()
    low: Quantity = NO_QUANTITY
    high: Quantity = NO_QUANTITY
    interpretation: Code = NO_CODE
    method: str = ""
    status: str = ""
    group: str = ""
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyHistory(Item):
    """What a relative had."""

    relation: str = ""
    code: Code = NO_CODE
    age: str = ""
    period: Period = NO_PERIOD
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Device(Item):
    """A medical device worn or implanted."""

    code: Code = NO_CODE
    identifier: str = ""
    period: Period = NO_PERIOD


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Item):
    """Something to do: an act, an examination, a meeting."""

    kind: str = ""
    code: Code = NO_CODE
    when: When = NO_TIME
    priority: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment(Item):
    """A file inside the document (a PDF, an image); it stays in the original."""

    media_type: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence(Item):
    """Nothing known: `kind` is "allergies", "problems", "treatments", "vaccinations", "procedures", "devices"; `known` is
    False when the document says that it has no information, which is another thing."""

    kind: str
    known: bool = True
    code: Code = NO_CODE


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Item):
    """A section that says its content in words only. `kind` is the section's (see `codes.SECTIONS`)."""

    kind: str
    lines: tuple[str, ...] = ()
    cells: tuple[tuple[tuple[str, str], ...], ...] = ()  # the same lines, as (heading, cell)


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Something the document says that none of the above holds: shown on the import screen."""

    section: str
    path: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Summary:
    """All of one document."""

    header: Header
    patient: Patient
    problems: tuple[Problem, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    vaccinations: tuple[Vaccination, ...] = ()
    findings: tuple[Finding, ...] = ()
    family: tuple[FamilyHistory, ...] = ()
    devices: tuple[Device, ...] = ()
    plans: tuple[Plan, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    absences: tuple[Absence, ...] = ()
    texts: tuple[Text, ...] = ()
    unmapped: tuple[Unmapped, ...] = ()
    warnings: tuple[str, ...] = ()
    is_summary: bool = False  # a volet de synthèse médicale, or its international form (IPS)
    kind: str = ""  # in French, what the document is
    encoding: str = ""

    def of_kind(self, kind: str) -> tuple[Finding, ...]:
        """The findings of one kind."""
        return tuple(f for f in self.findings if f.kind == kind)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each, for a report; keys are the fields' names, findings split by kind."""
        names = (
            "problems",
            "procedures",
            "allergies",
            "treatments",
            "vaccinations",
            "family",
            "devices",
            "plans",
            "attachments",
            "absences",
            "texts",
            "unmapped",
            "warnings",
        )
        kinds = {f.kind: 0 for f in self.findings}
        for finding in self.findings:
            kinds[finding.kind] += 1
        return {name: len(getattr(self, name)) for name in names} | kinds
