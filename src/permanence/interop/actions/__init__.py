"""The only ways to import: a document becomes lines of a file through the doors of the rooms below; a folder is moved in."""

from permanence.interop.actions.beside import become_main, tick_copied, watch_beside
from permanence.interop.actions.calendars import follow_calendar, leave_calendar
from permanence.interop.actions.importing import import_vsm, refuse_too_large
from permanence.interop.actions.inbox import Inbox, of_folder, of_upload
from permanence.interop.actions.moving import SOURCE, Mover, Progress, Report
from permanence.interop.actions.profiles import keep_profile, profile_fields
from permanence.interop.actions.settling import put_off, settle_for, settle_new
from permanence.interop.actions.staging import first_table, stage, staged
from permanence.interop.actions.undoing import undo
from permanence.interop.actions.working import Work, alone, carry_out, last, start
from permanence.interop.moving.columns import FIELDS

__all__ = [
    "FIELDS",
    "SOURCE",
    "Inbox",
    "Mover",
    "Progress",
    "Report",
    "Work",
    "alone",
    "become_main",
    "carry_out",
    "first_table",
    "follow_calendar",
    "import_vsm",
    "keep_profile",
    "last",
    "leave_calendar",
    "of_folder",
    "of_upload",
    "profile_fields",
    "put_off",
    "refuse_too_large",
    "settle_for",
    "settle_new",
    "stage",
    "staged",
    "start",
    "tick_copied",
    "undo",
    "watch_beside",
]
