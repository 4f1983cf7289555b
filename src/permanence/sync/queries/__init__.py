"""What screens and other machines ask of sync."""

from permanence.sync.queries.aside import Kept, heirs, kept_aside, places_aside
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
from permanence.sync.queries.presence import Sister, compared, heard_since, own, present, sisters, successors, uplink_down
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
    "Sister",
    "Talks",
    "Version",
    "Waiting",
    "aside",
    "believed",
    "compared",
    "forget",
    "heard_since",
    "heirs",
    "kept_aside",
    "known",
    "machines",
    "machines_beside",
    "marks",
    "overlaps",
    "own",
    "peers",
    "places_aside",
    "present",
    "relays",
    "returns",
    "revoked_keys",
    "settling",
    "sisters",
    "standing",
    "still_heard",
    "successors",
    "talks",
    "told",
    "transport_keys",
    "uplink_down",
    "waiting",
]
