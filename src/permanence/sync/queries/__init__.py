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
from permanence.sync.queries.questions import Question, Settling, Version, settling
from permanence.sync.queries.reads import ReadsOf, access_keys, all_peers, machine_names, reads, takes_reads
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
    "ReadsOf",
    "Report",
    "Settling",
    "Talks",
    "Version",
    "Waiting",
    "access_keys",
    "all_peers",
    "aside",
    "believed",
    "forget",
    "heirs",
    "kept_aside",
    "known",
    "machine_names",
    "machines",
    "machines_beside",
    "marks",
    "overlaps",
    "peers",
    "places_aside",
    "reads",
    "relays",
    "returns",
    "revoked_keys",
    "settling",
    "standing",
    "still_heard",
    "takes_reads",
    "talks",
    "told",
    "transport_keys",
    "waiting",
]
