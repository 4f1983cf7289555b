"""What screens and other machines ask of sync."""

from permanence.sync.queries.aside import Kept, kept_aside
from permanence.sync.queries.carrying import File, Target, boxes, carried, carried_file, last_known, named, targets
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
    "File",
    "Kept",
    "Machine",
    "Overlap",
    "Question",
    "Report",
    "Settling",
    "Talks",
    "Target",
    "Version",
    "Waiting",
    "aside",
    "boxes",
    "carried",
    "carried_file",
    "forget",
    "kept_aside",
    "known",
    "last_known",
    "machines",
    "machines_beside",
    "marks",
    "named",
    "overlaps",
    "peers",
    "relays",
    "returns",
    "settling",
    "standing",
    "still_heard",
    "talks",
    "targets",
    "transport_keys",
    "waiting",
]
