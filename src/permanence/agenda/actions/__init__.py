"""The only ways to change the agenda: book, move, receive, and its frame."""

from permanence.agenda.actions.booking import book, edit, hold, identify, move, queue, set_status
from permanence.agenda.actions.calling import agenda_of, call_next
from permanence.agenda.actions.common import Outside
from permanence.agenda.actions.exchange import AHEAD, BEHIND, Imported, coming, import_calendar, keep, keep_events
from permanence.agenda.actions.rounds import add_visit, step_visit
from permanence.agenda.actions.settings import (
    be_away,
    open_hours,
    remove_absence,
    remove_hours,
    remove_type,
    save_type,
)
from permanence.agenda.actions.undoing import Undo, take_back, unbook
from permanence.agenda.actions.written import check_copying

__all__ = [
    "AHEAD",
    "BEHIND",
    "Imported",
    "Outside",
    "Undo",
    "add_visit",
    "agenda_of",
    "be_away",
    "book",
    "call_next",
    "check_copying",
    "coming",
    "edit",
    "hold",
    "identify",
    "import_calendar",
    "keep",
    "keep_events",
    "move",
    "open_hours",
    "queue",
    "remove_absence",
    "remove_hours",
    "remove_type",
    "save_type",
    "set_status",
    "step_visit",
    "take_back",
    "unbook",
]
