"""The only ways to read what one replacement hands over to another."""

from permanence.handover.permissions import can_take_part
from permanence.handover.queries.known import known, sentence
from permanence.handover.queries.note import draft, handover, handovers, unread
from permanence.handover.queries.periods import Period, mine, period
from permanence.handover.queries.views import Head, Item, Known, KnownList, Line, Note
from permanence.handover.rules import LONGEST, LONGEST_WORD, MOST, PARTS, is_eve, is_first_morning, is_last_day

__all__ = [
    "LONGEST",
    "LONGEST_WORD",
    "MOST",
    "PARTS",
    "Head",
    "Item",
    "Known",
    "KnownList",
    "Line",
    "Note",
    "Period",
    "can_take_part",
    "draft",
    "handover",
    "handovers",
    "is_eve",
    "is_first_morning",
    "is_last_day",
    "known",
    "mine",
    "period",
    "sentence",
    "unread",
]
