"""The only ways to change the clinical part of a file: drafts, notes, and the lines of the synthesis."""

from permanence.consultations.actions.drafts import append_to_draft, discard_draft, merge_drafts, restore_draft, save_draft
from permanence.consultations.actions.lines import (
    add_allergy,
    add_history,
    add_measure,
    add_private_note,
    add_treatment,
    add_vaccination,
    edit_allergy,
    edit_history,
    edit_measure,
    edit_private_note,
    edit_treatment,
    edit_vaccination,
    remove_line,
    restore_line,
    set_allergy_state,
    stop_treatment,
)
from permanence.consultations.actions.notes import amend_note, countersign, move_note, sign_note
from permanence.consultations.actions.panel import keep_recall_list, remove_recall_list
from permanence.consultations.actions.references import keep_growth_reference, restore_growth_reference, retire_growth_reference
from permanence.consultations.actions.snippets import add_snippet, edit_snippet, remove_snippet
from permanence.consultations.actions.written import check_copying

__all__ = [
    "add_allergy",
    "add_history",
    "add_measure",
    "add_private_note",
    "add_snippet",
    "add_treatment",
    "add_vaccination",
    "amend_note",
    "append_to_draft",
    "check_copying",
    "countersign",
    "discard_draft",
    "edit_allergy",
    "edit_history",
    "edit_measure",
    "edit_private_note",
    "edit_snippet",
    "edit_treatment",
    "edit_vaccination",
    "keep_growth_reference",
    "keep_recall_list",
    "merge_drafts",
    "move_note",
    "remove_line",
    "remove_recall_list",
    "remove_snippet",
    "restore_draft",
    "restore_growth_reference",
    "restore_line",
    "retire_growth_reference",
    "save_draft",
    "set_allergy_state",
    "sign_note",
    "stop_treatment",
]
