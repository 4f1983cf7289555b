"""A new root is told to the machines that are heard, sealed to each; and each says which root it has."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from permanence.journal import vault
from permanence.journal.doors import Actor
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.sync import permissions
from permanence.sync.models import Replica, Root, RootBox


@action
def tell_root_key(key: bytes, epoch: int | None, lacks: Sequence[int] = (), *, by: Actor) -> None:
    """This machine says to which key a new root is sealed for it, which root it has, and which others it lacks."""
    permissions.check_introduce(by)
    row = Replica.objects.filter(id=UUID(bytes=vault.current().replica), revoked_at=None).first()
    if row is not None and (row.root_key, row.root_epoch, row.root_lacks) != (key, epoch, list(lacks)):
        row.root_key, row.root_epoch, row.root_lacks = key, epoch, list(lacks)
        row.save()


@action
def record_root(id: UUID, *, epoch: int, mark: bytes, shut: Collection[str], boxes: Mapping[UUID, bytes], by: Actor) -> None:
    """A root was drawn: whoever finds a box of theirs takes it. One act, so that nobody hears of the root without the boxes."""
    permissions.check_introduce(by)
    Root(id=id, epoch=epoch, mark=mark, shut=sorted(shut), at=clock.now()).save()
    _hand(id, boxes)


@action
def hand_on_root(id: UUID, *, boxes: Mapping[UUID, bytes], by: Actor) -> None:
    """For machines that lacked it."""
    permissions.check_introduce(by)
    _hand(id, boxes)


def _hand(root: UUID, boxes: Mapping[UUID, bytes]) -> None:
    for replica, box in sorted(boxes.items()):
        RootBox(root_id=root, replica_id=replica, box=box).save()
