"""What screens and other machines ask of sync."""

from permanence.sync.queries.aside import Kept, heirs, kept_aside, places_aside
from permanence.sync.queries.carrying import File, Target, boxes, carried, carried_file, last_known, named, targets
from permanence.sync.queries.counting import REMOVAL, REREAD, Waiting, forget, marks, waiting
from permanence.sync.queries.limited import Carried as CarriedFiles
from permanence.sync.queries.limited import carers, entrusted, here, is_elsewhere, is_limited, limited, panel
from permanence.sync.queries.limited import carried as carried_files
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
from permanence.sync.queries.presence import Sister, compared, heard_since, holdings, own, present, sisters, successors, uplink_down
from permanence.sync.queries.questions import Question, Settling, Version, settling
from permanence.sync.queries.reads import ReadsOf, access_keys, all_peers, machine_names, reads, takes_reads
from permanence.sync.queries.returns import Report, returns
from permanence.sync.queries.roots import without_root
from permanence.sync.rules import KINDS as MACHINE_KINDS
from permanence.sync.rules import is_portable

__all__ = [
    "MACHINE_KINDS",
    "REMOVAL",
    "REREAD",
    "Aside",
    "Booked",
    "CarriedFiles",
    "File",
    "Kept",
    "Machine",
    "Overlap",
    "Question",
    "ReadsOf",
    "Report",
    "Settling",
    "Sister",
    "Talks",
    "Target",
    "Version",
    "Waiting",
    "access_keys",
    "all_peers",
    "aside",
    "believed",
    "boxes",
    "carers",
    "carried",
    "carried_file",
    "carried_files",
    "compared",
    "entrusted",
    "forget",
    "heard_since",
    "heirs",
    "here",
    "holdings",
    "is_elsewhere",
    "is_limited",
    "is_portable",
    "kept_aside",
    "known",
    "last_known",
    "limited",
    "machine_names",
    "machines",
    "machines_beside",
    "marks",
    "named",
    "overlaps",
    "own",
    "panel",
    "peers",
    "places_aside",
    "present",
    "reads",
    "relays",
    "returns",
    "revoked_keys",
    "settling",
    "sisters",
    "standing",
    "still_heard",
    "successors",
    "takes_reads",
    "talks",
    "targets",
    "told",
    "transport_keys",
    "uplink_down",
    "waiting",
    "without_root",
]
