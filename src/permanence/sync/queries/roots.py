"""The roots that the practice's machines told each other: which one holds, who should have it and has not, who is still to be shut out."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from permanence.accounts.models import UnlockSlot
from permanence.journal import chain, vault
from permanence.lib.sqlcipher import run
from permanence.sync import rules
from permanence.sync.models import Peer, Replica, Root, RootBox
from permanence.sync.queries.machines import known


@dataclass(frozen=True, slots=True)
class Drawn:
    """A root as its entry names it."""

    id: UUID
    epoch: int
    mark: bytes
    shut: frozenset[str]


@dataclass(frozen=True, slots=True)
class Recipient:
    """A machine to which a root is sealed: its two X25519 keys."""

    id: UUID
    transport: bytes
    root: bytes
    epoch: int | None  # of the root that it says it has
    lacks: frozenset[int] = frozenset()  # of the others

    def wants(self, one: Drawn, last: Drawn) -> bool:
        """Whether it has not this root, as far as it said."""
        return self.epoch != one.epoch if one == last else one.epoch in self.lacks


def drawn() -> list[Drawn]:
    """Every root that was told, the latest last."""
    rows = Root.objects.filter(epoch__gt=0, epoch__lt=1 << 32).order_by("epoch", "id")
    return [Drawn(row.id, row.epoch, bytes(row.mark or b""), frozenset(map(str, row.shut or ()))) for row in rows]


def latest() -> Drawn | None:
    """The root that holds in the practice, whether or not this machine has it."""
    return max(drawn(), key=lambda one: (one.epoch, one.id), default=None)


def is_torn() -> bool:
    """Whether two roots were told under the last number: each machine believes that it has the other's, so that one more is due."""
    every, last = drawn(), latest()
    return last is not None and len({one.mark for one in every if one.epoch == last.epoch}) > 1


def boxes_for(replica: UUID) -> list[tuple[UUID, bytes]]:
    """(root, box) of what is sealed to this machine."""
    return [(root, bytes(box)) for root, box in RootBox.objects.filter(replica_id=replica).values_list("root_id", "box") if root and box]


def handed(root: UUID) -> set[UUID]:
    """The machines for which there is a box of this root."""
    return {id for id in RootBox.objects.filter(root_id=root).values_list("replica_id", flat=True) if id}


def heard_kinds() -> dict[UUID, str]:
    """Every machine that is heard whole, and its kind; of one that took a new id, the new one alone."""
    found = known()
    former = {one.succeeds for one in found.values() if one.succeeds and rules.heard(one.id, found) is None}
    return {id: one.kind for id, one in found.items() if id not in former and rules.heard(id, found) is None}


def recipients() -> list[Recipient]:
    """Who is heard, holds all of the practice and said to which key a root is sealed for it."""
    heard = {id for id, kind in heard_kinds().items() if kind != "limited"}
    rows = Replica.objects.filter(id__in=heard).order_by("id")
    return [Recipient(row.id, bytes(row.transport_box_key), bytes(row.root_key), row.root_epoch, frozenset(row.root_lacks or ()))
            for row in rows if len(row.transport_box_key or b"") == len(row.root_key or b"") == 32]  # fmt: skip


def without_root() -> set[UUID]:
    """Machines that should have the root that holds and have not said that they do."""
    found = latest()
    if found is None:
        return set()
    heard = {id for id, kind in heard_kinds().items() if kind != "limited"}
    here, there = UUID(bytes=vault.current().replica), dict(Replica.objects.values_list("id", "root_epoch"))
    return {id for id in heard if (vault.current().epoch if id == here else there.get(id)) != found.epoch}


def to_shut() -> dict[str, UUID]:
    """Revoked machines and removed slots that the root held here was not drawn to shut out, as hex; and what their rows are named by."""
    epoch = vault.current().epoch
    shut = frozenset[str]().union(*(one.shut for one in drawn() if one.epoch == epoch))
    return {id.hex: id for id in _shut_out() if id.hex not in shut}


def _shut_out() -> list[UUID]:
    """Revoked machines, and removed slots. Limited ones had no root, and keys of patients, which change with it."""
    machines = Replica.objects.exclude(revoked_at=None).values_list("id", flat=True)
    return [*machines, *UnlockSlot.objects.filter(removed_at__isnull=False).values_list("id", flat=True)]


def all_shut() -> set[str]:
    """Everybody whom a root that is drawn now shuts out."""
    return {id.hex for id in _shut_out()}


def authors(objects: Iterable[UUID]) -> set[UUID]:
    """The machines on which it was decided that these are shut out."""
    found = set[UUID]()
    for object in objects:
        state = chain.load_state(object.bytes)
        for name in ("revoked_at", "removed_at"):
            for entry in state[name].live if name in state else ():
                row = run("default", "SELECT replica FROM journal_entry WHERE hash = ?", entry).fetchone()
                found |= {UUID(bytes=row[0])} if row else set()
    return found


def is_named() -> bool:
    """Whether this machine may write for itself: it is named in the practice, or nobody is yet. One that has just joined waits for its row,
    and one that is made anew for the entry that introduces it."""
    here = Replica.objects.filter(id=UUID(bytes=vault.current().replica)).values_list("revoked_at", "kind").first()
    if here is not None:
        return here[0] is None and here[1] != "limited"
    return not Replica.objects.exists() and not Peer.objects.exists()


def holds_all() -> bool:
    """Whether this machine is one that is to hold every patient's key."""
    return not Replica.objects.filter(id=UUID(bytes=vault.current().replica), kind="limited").exists()


def said_here() -> tuple[bytes, int | None, list[int]] | None:
    """What this machine said of its key for roots, of the root that it has and of those it lacks; None where it may say nothing."""
    mine = Replica.objects.filter(id=UUID(bytes=vault.current().replica), revoked_at=None)
    row = mine.values_list("root_key", "root_epoch", "root_lacks").first()
    return None if row is None else (bytes(row[0] or b""), row[1], list(row[2] or ()))


def ever_beside() -> bool:
    """Whether any other machine was ever named."""
    return Replica.objects.exclude(id=UUID(bytes=vault.current().replica)).exists()
