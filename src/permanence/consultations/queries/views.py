"""What the clinical doors return: frozen values, already French where a screen shows them. Nothing is read here."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from permanence.consultations import measuring, rules
from permanence.journal.categories import Category

Instant = datetime.datetime


@dataclass(frozen=True, slots=True)
class Line:
    """What every line of the synthesis has. `contested`: removed on one machine while it was edited on another."""

    id: UUID
    patient: UUID
    author_id: UUID | None
    recorded_at: Instant | None
    changed_at: Instant | None
    changed_by_id: UUID | None
    contested: bool
    sensitive: bool
    minor_secret: bool
    revision: UUID | None


@dataclass(frozen=True, slots=True)
class HistoryRow(Line):
    label: str
    cim10: str
    kind: str
    relation: str
    start: str
    end: str
    active: bool
    alert_on: datetime.date | None
    note: str

    @property
    def kind_label(self) -> str:
        return rules.HISTORY_KINDS.get(self.kind, "Antécédent")


@dataclass(frozen=True, slots=True)
class AllergyRow(Line):
    substance: str
    code: str
    reaction: str
    severity: str
    since: str
    note: str

    @property
    def severity_label(self) -> str:
        return rules.SEVERITIES.get(self.severity, "")


@dataclass(frozen=True, slots=True)
class TreatmentRow(Line):
    """A treatment; `dose_text` is « 2,5 mg », ready for the screen."""

    label: str
    dci: str
    code: str
    dose: Mapping[str, Any] | None
    form: str
    route: str
    posology: str
    start: str
    end: str
    source: str
    prescriber: str
    stop_reason: str
    note: str

    @property
    def dose_text(self) -> str:
        return rules.dose(self.dose["value"], self.dose["scale"], self.dose["unit"]) if self.dose else ""

    @property
    def source_label(self) -> str:
        return rules.TREATMENT_SOURCES.get(self.source, "")

    def is_current(self, today: datetime.date) -> bool:
        return rules.is_current(self.end, today)


@dataclass(frozen=True, slots=True)
class VaccinationRow(Line):
    vaccine: str
    code: str
    targets: str
    given: str
    given_on: datetime.date | None
    lot: str
    expiry: str
    rank: int | None
    site: str
    route: str
    given_by_id: UUID | None
    given_by_text: str
    next_due: datetime.date | None
    serial: str


@dataclass(frozen=True, slots=True)
class MeasureRow(Line):
    """One measure; `values` are (LOINC, integer, scale)."""

    code: str
    values: tuple[tuple[str, int, int], ...]
    unit: str
    taken_at: Instant | None
    note_id: UUID | None

    @property
    def label(self) -> str:
        kind = measuring.CATALOGUE.get(self.code)
        return kind.short if kind else self.code

    @property
    def shown(self) -> str:
        return measuring.shown(self.code, self.values)


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A signed note."""

    id: UUID
    patient: UUID
    kind: str
    motif: str
    text: str
    subjective: str
    objective: str
    assessment: str
    plan: str
    codes: tuple[str, ...]
    at: Instant | None
    signed_at: Instant | None
    author_id: UUID | None
    signatory_id: UUID | None
    amends_id: UUID | None
    moved_by_id: UUID | None
    moved_at: Instant | None
    sensitive: bool
    minor_secret: bool
    countersigned_at: Instant | None = None
    countersigned_by: UUID | None = None

    @property
    def kind_label(self) -> str:
        return rules.NOTE_KINDS.get(self.kind, "Note")

    @property
    def waits(self) -> bool:
        """Signed by an interne, and not yet by the senior who answers for it."""
        return self.signatory_id is not None and self.signatory_id != self.author_id and self.countersigned_at is None


@dataclass(frozen=True, slots=True)
class PrivateRow:
    id: UUID
    patient: UUID
    text: str
    recorded_at: Instant | None
    changed_at: Instant | None


@dataclass(frozen=True, slots=True)
class StatementRow:
    """What was said of allergies as a whole; `last_change` is when the list was last touched, removals included."""

    none_known: bool
    at: Instant | None
    last_change: Instant | None


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A note that stood here and was moved away."""

    note_id: UUID
    author_id: UUID | None
    by_id: UUID | None
    at: Instant | None
    note_at: Instant | None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline. `kind`: note, document, vaccination, move; `item` is its row."""

    kind: str
    id: UUID
    at: Instant
    title: str
    item: Any
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Synthesis:
    """The left and right columns of a file. `refused` are categories that this reader may not see; `hidden` counts lines
    reserved to others (sensitive, secret du mineur)."""

    history: tuple[HistoryRow, ...]
    past_history: tuple[HistoryRow, ...]
    family_history: tuple[HistoryRow, ...]
    allergies: tuple[AllergyRow, ...]
    allergy_state: str
    allergy_sentence: str
    treatments: tuple[TreatmentRow, ...]
    past_treatments: tuple[TreatmentRow, ...]
    vaccinations: tuple[VaccinationRow, ...]
    measures: tuple[MeasureRow, ...]  # the last of each kind
    previous: Mapping[str, MeasureRow]  # by kind, the one before
    bmi: str
    refused: frozenset[Category]
    hidden: int


@dataclass(frozen=True, slots=True)
class DraftRow:
    """What somebody is typing; only its author reads it."""

    id: UUID
    patient: UUID
    kind: str
    payload: Mapping[str, Any]
    version: int
    updated_at: Instant
    discarded: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """All that a patient page shows beside its banner."""

    synthesis: Synthesis
    timeline: tuple[Event, ...]
    more: bool
    drafts: tuple[DraftRow, ...]
