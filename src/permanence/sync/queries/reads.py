"""What is known here of the reads served by every machine: until when, and what is not known."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from permanence.journal import segments, vault
from permanence.journal.categories import Stream
from permanence.journal.doors import Reader
from permanence.journal.queries import Access
from permanence.sync import permissions
from permanence.sync.models import Peer, Replica
from permanence.sync.queries.machines import known
from permanence.sync.rules import reads_until


@dataclass(frozen=True, slots=True)
class ReadsOf:
    """The reads of one machine, as far as they are here. `missing`: it says that it served this many more; `until` None: never heard of."""

    id: UUID
    name: str
    here: bool
    until: datetime.datetime | None
    missing: int
    revoked_at: datetime.datetime | None
    trusted: int | None  # its reads that were here when it was revoked; None: not revoked
    forked: int  # pieces that tell another story
    gap: int  # pieces that came and hang in the air
    broken: int  # pieces that do not check

    def is_late(self, access: Access) -> bool:
        """Whether this read came after the revocation of its machine: whoever had it may have written it, or left others out."""
        return self.trusted is not None and access.number > self.trusted


def access_keys() -> dict[bytes, bytes]:
    """The public key of every machine that is or was one of the practice's: what a revoked one read counts most."""
    return {id.bytes: one.verify_key for id, one in known().items()}


def takes_reads() -> bool:
    """Whether this machine keeps what the others read: a limited laptop, which is stolen more easily, does not."""
    return not Replica.objects.filter(id=UUID(bytes=vault.current().replica), kind="limited").exists()


def all_peers() -> list[Peer]:
    """Whom this machine talks to, also those that do not answer."""
    return list(Peer.objects.order_by("id"))


def reads(*, reader: Reader) -> list[ReadsOf]:
    """Every machine, this one first; of those that took another id, only what is not known. Raises Refused without a member."""
    permissions.check_see(reader)
    here, said, rows = UUID(bytes=vault.current().replica), segments.known(), list(Replica.objects.all())
    succeeded, found = {row.succeeds_id for row in rows}, list[ReadsOf]()
    for row in sorted(rows, key=lambda row: (row.id != here, row.revoked_at is not None, row.name)):
        one = said.get(row.id.bytes, segments.Known(0, None, None, 0, 0, 0))
        until, missing = reads_until(one.held, one.said, one.cut_at)
        if row.id in succeeded and not (missing or one.forked or one.gaps or one.broken):
            continue
        trusted = None if row.revoked_at is None else int((row.heard_until or {}).get(str(int(Stream.ACCESS)), 0))
        found.append(ReadsOf(row.id, row.name, row.id == here, _at(until), missing, row.revoked_at, trusted, one.forked, one.gaps,
                             one.broken))  # fmt: skip
    return found


def machine_names() -> dict[UUID, str]:
    """What each machine is called, under every id that it has had."""
    return dict(Replica.objects.values_list("id", "name"))


def _at(ms: int | None) -> datetime.datetime | None:
    return None if ms is None else datetime.datetime.fromtimestamp(ms / 1000, datetime.UTC)
