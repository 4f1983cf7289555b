"""Whether this machine was put back without knowing it: the others, asked before its first write, hold more of its chains."""

import logging
import threading
from collections.abc import Callable

from permanence.journal import arrival, exchange, folder, peers, vault
from permanence.journal import segments as reads
from permanence.journal.exchange import Asked
from permanence.lib import clock
from permanence.sync import queries, segments
from permanence.sync.lines import line_to, place_of

log = logging.getLogger(__name__)
ASKED_S = 3.0


def behind_elsewhere(here: folder.Folder, *, line: Callable[..., peers.Peer] = line_to) -> bool:
    """Whether somebody holds more of this machine's own chains than it does itself: it was put back without knowing it.

    Asked before the first write of each opening, of all at once; who has not answered within `ASKED_S` is not waited for.
    """
    mine, replica = arrival.held(), vault.current().replica
    held = {**mine, **reads.held()}
    rows = list(queries.peers())
    if not rows:
        return False
    answers: list[exchange.Vector] = []
    asking = [threading.Thread(target=lambda row=row, at=at: answers.append(_theirs(line, row.base, at, row.taken_until, here, mine)),
                               name="behind", daemon=True) for row in rows for at in {row.at, row.near or row.at}]  # fmt: skip
    until = clock.monotonic() + ASKED_S
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(max(0.0, until - clock.monotonic()))
    if any(place[0] == replica and size > held.get(place, 0) for theirs in tuple(answers) for place, size in theirs.items()):
        log.warning("others hold more of our chains than we do", extra={"kind": "folder.behind"})
        return True
    return False


def _theirs(line: Callable[..., peers.Peer], base: str, at: str, since: int, here: folder.Folder, mine: exchange.Vector) -> exchange.Vector:
    try:
        peer = line(base, here, at=place_of(at))
        return {**peer.pull(Asked(mine, since, 1)).held, **segments.known_to(peer)}
    except (peers.Unreachable, peers.Refused, peers.Malformed, ValueError, OSError):
        return {}
