"""The reports of returns after a cut, the last first."""

import datetime
from dataclasses import dataclass

from permanence.journal.doors import Reader
from permanence.sync import permissions
from permanence.sync.models import Peer, Replica, Return

MOST = 20


@dataclass(frozen=True, slots=True)
class Report:
    """One return. `whole`: nothing was lost, and it is proved; None: the verification has not ended yet."""

    with_: str
    since: datetime.datetime
    until: datetime.datetime
    sent: int
    received: int
    replayed: int
    aside: int
    to_settle: int
    heads_equal: bool
    verified: bool | None
    entries: int

    @property
    def whole(self) -> bool | None:
        if not self.heads_equal or self.verified is False:
            return False
        return self.verified


def returns(*, reader: Reader, most: int = MOST) -> tuple[Report, ...]:
    """The last ones. Raises Refused without a member of the practice."""
    permissions.check_see(reader)
    rows = list(Return.objects.order_by("-pk")[:most])
    peers = {peer.pk: peer for peer in Peer.objects.filter(pk__in={row.peer for row in rows})}
    names = dict(Replica.objects.filter(id__in={peer.replica for peer in peers.values() if peer.replica}).values_list("id", "name"))

    def name(id: int) -> str:
        peer = peers.get(id)
        if peer is None:
            return "une machine oubliée"
        return str(names.get(peer.replica, peer.base)) if peer.replica else "le relais"

    return tuple(Report(name(row.peer), row.since, row.until, row.sent, row.received, row.replayed, row.aside, row.to_settle,
                        row.heads_equal, row.verified, row.entries) for row in rows)  # fmt: skip
