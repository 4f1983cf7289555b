"""Agreeing to what was put aside of a machine: all of it, or up to an act, in the order of its chains."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from permanence.journal import exchange
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib.text import NBSP
from permanence.sync import permissions, queries, rules
from permanence.sync.actions.machines import UNKNOWN, retry
from permanence.sync.models import Replica

CHANGED = f"Cette liste a changé{NBSP}: la relire, puis choisir."
Places = Mapping[UUID, Mapping[int, int]]  # of each id that a machine has had: stream, last entry


def accept(id: UUID, *, until: Sequence[str] = (), by: Actor) -> list[exchange.Pushed]:
    """`until`: the places of the act chosen, and all before it; nothing: all. Raises Refused: right, places that are not kept aside."""
    permissions.check_change(by)
    waiting = queries.places_aside(id)
    wanted = _chosen(until, waiting) if until else {one: {stream: max(seqs) for stream, seqs in found.items()}
                                                    for one, found in waiting.items()}  # fmt: skip
    if wanted:
        agree(wanted, by=by)
    return [retry(one) for one in sorted({id, *waiting})]


def _chosen(until: Sequence[str], waiting: Mapping[UUID, Mapping[int, set[int]]]) -> dict[UUID, dict[int, int]]:
    found = dict[UUID, dict[int, int]]()
    for place in until:
        replica, stream, seq = rules.place_of(place) or (None, 0, 0)
        if replica is None or seq not in waiting.get(replica, {}).get(stream, ()):
            raise Refused(CHANGED, code="conflict")
        found.setdefault(replica, {})[stream] = seq
    return found


@action
def agree(wanted: Places, *, by: Actor) -> None:
    """More of what these machines wrote is heard, or their orders are; never less than before. Raises Refused `unknown`."""
    permissions.check_change(by)
    record_agreement(wanted)


def record_agreement(wanted: Places) -> None:
    """Within an action: on the row of the revoked machine that answers for each, or on its own while it is heard."""
    known = queries.known() | queries.heirs()
    for replica, places in wanted.items():
        answers = rules.answerable(replica, known)
        row: Replica | None = Replica.objects.filter(id=answers or replica).first()
        if row is None:
            raise Refused(UNKNOWN, code="unknown")
        if answers is None:
            row.orders_until = _more(row.orders_until, places)
        elif answers == replica:
            row.heard_until = {**row.heard_until, **_more(row.heard_until, places)}
        else:
            row.heard_until = {**row.heard_until, replica.hex: _more(row.heard_until.get(replica.hex), places)}
        row.save()


def _more(before: object, places: Mapping[int, int]) -> dict[str, int]:
    had = rules.places(before)
    return {str(stream): max(had.get(stream, 0), places.get(stream, 0)) for stream in sorted(had | dict(places))}
