"""The only ways to change what continuity keeps: the kit's phrase and log, what became of each numbered form."""

from permanence.continuity.actions.exercises import LENGTHS, begin_cut, end_cut, note_list
from permanence.continuity.actions.forms import (
    catch_up_note,
    catch_up_patient,
    catch_up_prescription,
    join_scan,
    rest_unused,
    settle_form,
)
from permanence.continuity.actions.kits import derive, destroyed, fill_plan, keep_key, log_copy, new_phrase
from permanence.continuity.actions.pages import drop_scan, keep_scans, number_scan

__all__ = [
    "LENGTHS",
    "begin_cut",
    "catch_up_note",
    "catch_up_patient",
    "catch_up_prescription",
    "derive",
    "destroyed",
    "drop_scan",
    "end_cut",
    "fill_plan",
    "join_scan",
    "keep_key",
    "keep_scans",
    "log_copy",
    "new_phrase",
    "note_list",
    "number_scan",
    "rest_unused",
    "settle_form",
]
