"""What screens and other machines ask of sync."""

from permanence.sync.queries.aside import Kept, heirs, kept_aside, places_aside
from permanence.sync.queries.carrying import File, Target, boxes, carried, carried_file, last_known, named, targets
from permanence.sync.queries.counting import REMOVAL, REREAD, Waiting, forget, marks, waiting
from permanence.sync.queries.machines import (
    Aside,
    Machine,
    Talks,
    aside,
    believed,
    known,
    machines,
    machines_beside,
    peers,
    relays,
    revoked_keys,
    standing,
    still_heard,
    talks,
    told,
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
    "believed",
    "boxes",
    "carried",
    "carried_file",
    "forget",
    "heirs",
    "kept_aside",
    "known",
    "last_known",
    "machines",
    "machines_beside",
    "marks",
    "named",
    "overlaps",
    "peers",
    "places_aside",
    "relays",
    "returns",
    "revoked_keys",
    "settling",
    "standing",
    "still_heard",
    "talks",
    "targets",
    "told",
    "transport_keys",
    "waiting",
]
