"""The only ways to read the clinical part of a file."""

from permanence.consultations.panel import Criteria
from permanence.consultations.panel import read as read_criteria
from permanence.consultations.panel import said as said_criteria
from permanence.consultations.queries.calculators import CALCULATORS, Calculator, Outcome, calculate
from permanence.consultations.queries.chart import chart, page, synthesis, timeline
from permanence.consultations.queries.curves import LAST_MONTH, PERCENTILES, Curve, Plotted, curves
from permanence.consultations.queries.drafts import draft, drafts_of
from permanence.consultations.queries.notes import amendments, moves, note, private_notes, read_before_move
from permanence.consultations.queries.panel import Panel, RecallListRow, find, recall_list, recall_lists
from permanence.consultations.queries.pending import DraftHead, WaitingRow, drafts, to_countersign
from permanence.consultations.queries.references import (
    KnownReference,
    choose,
    growth_reference,
    growth_references,
    may_load_references,
    read_reference,
)
from permanence.consultations.queries.since import since_last_visit
from permanence.consultations.queries.snippets import KNOWN_VARIABLES, SnippetRow, snippet, snippets, without_empty
from permanence.consultations.queries.vaccines import Box, is_expired, read_box
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
from permanence.consultations.queries.written import written_heads, written_since
from permanence.consultations.visits import News

__all__ = [
    "CALCULATORS",
    "HISTORY_KINDS",
    "KNOWN_VARIABLES",
    "LAST_MONTH",
    "MEASURES",
    "NOTE_KINDS",
    "PERCENTILES",
    "SEVERITIES",
    "TREATMENT_SOURCES",
    "AllergyRow",
    "Box",
    "Calculator",
    "Chart",
    "Criteria",
    "Curve",
    "DraftHead",
    "DraftRow",
    "Event",
    "HistoryRow",
    "KnownReference",
    "MeasureKind",
    "MeasureRow",
    "MoveRow",
    "News",
    "NoteRow",
    "Outcome",
    "Panel",
    "Plotted",
    "PrivateRow",
    "RecallListRow",
    "SnippetRow",
    "Synthesis",
    "TreatmentRow",
    "VaccinationRow",
    "WaitingRow",
    "amendments",
    "calculate",
    "chart",
    "choose",
    "curves",
    "draft",
    "drafts",
    "drafts_of",
    "find",
    "growth_reference",
    "growth_references",
    "is_expired",
    "may_load_references",
    "moves",
    "note",
    "page",
    "private_notes",
    "read_before_move",
    "read_box",
    "read_criteria",
    "read_measures",
    "read_partial_date",
    "read_reference",
    "recall_list",
    "recall_lists",
    "said_criteria",
    "since_last_visit",
    "snippet",
    "snippets",
    "synthesis",
    "timeline",
    "to_countersign",
    "without_empty",
    "written_heads",
    "written_since",
]
