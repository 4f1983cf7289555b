"""What screens and other machines ask of sync."""

from permanence.sync.queries.aside import Kept, kept_aside
from permanence.sync.queries.counting import REMOVAL, REREAD, Waiting, forget, marks, waiting
from permanence.sync.queries.machines import (
    Aside,
    Machine,
    Talks,
    aside,
    known,
    machines,
    machines_beside,
    peers,
    relays,
    standing,
    still_heard,
    talks,
    transport_keys,
    vouched_for,
)
from permanence.sync.queries.overlaps import Booked, Overlap, overlaps
from permanence.sync.queries.questions import Question, Settling, Version, settling
from permanence.sync.queries.returns import Report, returns
from permanence.sync.rules import KINDS as MACHINE_KINDS

__all__ = [
    "MACHINE_KINDS",
    "REMOVAL",
    "REREAD",
    "Aside",
    "Booked",
    "Kept",
    "Machine",
    "Overlap",
    "Question",
    "Report",
    "Settling",
    "Talks",
    "Version",
    "Waiting",
    "aside",
    "forget",
    "kept_aside",
    "known",
    "machines",
    "machines_beside",
    "marks",
    "overlaps",
    "peers",
    "relays",
    "returns",
    "settling",
    "standing",
    "still_heard",
    "talks",
    "transport_keys",
    "vouched_for",
    "waiting",
]
