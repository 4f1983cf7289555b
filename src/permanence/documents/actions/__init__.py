"""The only ways to keep documents, results and letters, and what printed papers need: drafts, numbers, letterheads, printers."""

from permanence.documents.actions.drafts import discard_draft, save_draft, take_draft
from permanence.documents.actions.letters import check_signatory, file_letter, sign_letter
from permanence.documents.actions.originals import (
    NewResult,
    add_results,
    file_document,
    keep_original,
    keep_refused,
    set_aside,
)
from permanence.documents.actions.paper import begin_printing, set_letterhead, set_printer, take_number
from permanence.documents.actions.written import check_copying

__all__ = [
    "NewResult",
    "add_results",
    "begin_printing",
    "check_copying",
    "check_signatory",
    "discard_draft",
    "file_document",
    "file_letter",
    "keep_original",
    "keep_refused",
    "save_draft",
    "set_aside",
    "set_letterhead",
    "set_printer",
    "sign_letter",
    "take_draft",
    "take_number",
]
