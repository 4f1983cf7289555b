"""The only ways to read documents, results and letters, and what printed papers need."""

from permanence.documents.queries.drafts import PaperDraftRow, Unsigned, drafts_of, unsigned
from permanence.documents.queries.letters import LetterRow, letter, letter_bytes, letter_heads, letters, to_hand_over
from permanence.documents.queries.originals import (
    LATEST,
    UNKNOWN,
    Content,
    DocumentRow,
    RefusedRow,
    ResultRow,
    content,
    document,
    listing,
    refused,
    refused_content,
    results,
    results_of,
)
from permanence.documents.queries.panel import tested
from permanence.documents.queries.paper import LetterheadRow, letterhead, letterhead_over, printer_for, printer_settings, printers_of
from permanence.documents.queries.written import written_heads, written_since

__all__ = [
    "LATEST",
    "UNKNOWN",
    "Content",
    "DocumentRow",
    "LetterRow",
    "LetterheadRow",
    "PaperDraftRow",
    "RefusedRow",
    "ResultRow",
    "Unsigned",
    "content",
    "document",
    "drafts_of",
    "letter",
    "letter_bytes",
    "letter_heads",
    "letterhead",
    "letterhead_over",
    "letters",
    "listing",
    "printer_for",
    "printer_settings",
    "printers_of",
    "refused",
    "refused_content",
    "results",
    "results_of",
    "tested",
    "to_hand_over",
    "unsigned",
    "written_heads",
    "written_since",
]
