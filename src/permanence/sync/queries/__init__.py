"""What screens and other machines ask of sync."""

from permanence.sync.queries.counting import REMOVAL, REREAD, Waiting, forget, marks, waiting
from permanence.sync.queries.machines import (
    Aside,
    Machine,
    Talks,
    aside,
    known,
    machines,
    peers,
    relays,
    standing,
    talks,
    transport_keys,
)
from permanence.sync.queries.questions import Question, Settling, Version, settling

__all__ = [
    "REMOVAL",
    "REREAD",
    "Aside",
    "Machine",
    "Question",
    "Settling",
    "Talks",
    "Version",
    "Waiting",
    "aside",
    "forget",
    "known",
    "machines",
    "marks",
    "peers",
    "relays",
    "settling",
    "standing",
    "talks",
    "transport_keys",
    "waiting",
]
