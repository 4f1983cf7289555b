"""The only ways to read the clinical part of a file."""

from permanence.consultations.queries.chart import chart, page, synthesis, timeline
from permanence.consultations.queries.drafts import draft, drafts, drafts_of
from permanence.consultations.queries.notes import amendments, moves, note, private_notes, read_before_move
from permanence.consultations.queries.views import (
    AllergyRow,
    Chart,
    DraftRow,
    Event,
    HistoryRow,
    MeasureRow,
    MoveRow,
    NoteRow,
    PrivateRow,
    Synthesis,
    TreatmentRow,
    VaccinationRow,
)
from permanence.consultations.queries.words import (
    HISTORY_KINDS,
    MEASURES,
    NOTE_KINDS,
    SEVERITIES,
    TREATMENT_SOURCES,
    MeasureKind,
    read_measures,
    read_partial_date,
)

__all__ = [
    "HISTORY_KINDS",
    "MEASURES",
    "NOTE_KINDS",
    "SEVERITIES",
    "TREATMENT_SOURCES",
    "AllergyRow",
    "Chart",
    "DraftRow",
    "Event",
    "HistoryRow",
    "MeasureKind",
    "MeasureRow",
    "MoveRow",
    "NoteRow",
    "PrivateRow",
    "Synthesis",
    "TreatmentRow",
    "VaccinationRow",
    "amendments",
    "chart",
    "draft",
    "drafts",
    "drafts_of",
    "moves",
    "note",
    "page",
    "private_notes",
    "read_before_move",
    "read_measures",
    "read_partial_date",
    "synthesis",
    "timeline",
]
