"""Accepting what a revoked machine wrote: all of it, or up to an act, in the order of its chains."""

from collections.abc import Sequence
from uuid import UUID

from permanence.journal import arrival, exchange
from permanence.journal.doors import Actor, Refused
from permanence.lib.sqlcipher import run
from permanence.lib.text import NBSP
from permanence.sync import permissions
from permanence.sync.actions.machines import hear_until, release, retry


def accept(id: UUID, *, until: Sequence[str] = (), by: Actor) -> exchange.Pushed:
    """`until`: `stream:seq` of the act chosen, and all before it; nothing: all. Raises Refused: right, places that are not kept aside."""
    permissions.check_change(by)
    if not until:
        return release(id, by=by)
    places = {}
    for one in until:
        stream, _, seq = one.partition(":")
        if not (stream.isdecimal() and seq.isdecimal() and len(one) < 24 and _is_aside(id, int(stream), int(seq))):
            raise Refused(f"Cette liste a changé{NBSP}: la relire, puis choisir.", code="conflict")
        places[stream] = int(seq)
    hear_until(id, until=places, by=by)
    return retry(id)


def _is_aside(id: UUID, stream: int, seq: int) -> bool:
    late = "SELECT 1 FROM journal_quarantined WHERE replica = ? AND stream = ? AND seq = ? AND why = ?"
    return run("default", late, id.bytes, stream, seq, str(arrival.Why.LATE)).fetchone() is not None
