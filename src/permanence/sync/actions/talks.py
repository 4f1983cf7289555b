"""What this replica remembers of its talks with the others: its own rows, no history."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from permanence.journal import vault, writer
from permanence.lib import clock
from permanence.sync.models import Heard, Peer, Told

A_MINUTE = datetime.timedelta(minutes=1)


def remember_peer(base: str, *, replica: UUID | None = None, at: str = "") -> int:
    """Whom to talk to, by address; the row's id. `at`: host:port to connect to when the name need not be resolved."""

    values, epoch = {"replica": replica, "at": at}, vault.current().epoch

    def keep() -> int:
        return int(Peer.objects.update_or_create(base=base, defaults=values, create_defaults={**values, "keys_epoch": epoch})[0].pk)

    return writer.current().run_job(keep, name="sync:peer")


def remember_near(replica: UUID, *, base: str, near: str) -> None:
    """Where a machine was found and proved on the local network. One that nobody talked to is talked to from now on, under `base`."""

    def keep() -> None:
        if not Peer.objects.filter(replica=replica).update(near=near):
            Peer.objects.update_or_create(base=base, defaults={"replica": replica, "near": near})

    writer.current().run_job(keep, urgent=False, name="sync:near")


def remember_told(told: Iterable[tuple[UUID, Mapping[int, int] | None]]) -> None:
    """Which machines who let this one in knew, and how much of each revoked one it keeps."""

    def keep() -> None:
        for replica, until in told:
            said = None if until is None else {str(stream): seq for stream, seq in until.items()}
            Told.objects.update_or_create(replica=replica, defaults={"until": said})

    writer.current().run_job(keep, name="sync:told")


def forget_told() -> None:
    """What the entries themselves say holds from now on."""
    writer.current().run_job(lambda: Told.objects.all().delete() and None, name="sync:told")


def record_keys(peer: int, *, epoch: int) -> None:
    """It has every patient's key under the root of this epoch."""
    writer.current().run_job(lambda: Peer.objects.filter(pk=peer).update(keys_epoch=epoch) and None, urgent=False, name="sync:keys")


def record_comparison(peer: int, *, countersigned: int, lies: list[list[Any]]) -> None:
    """What came of comparing heads. A lie once told stays until a person looks at it."""

    def keep() -> None:
        row = Peer.objects.get(pk=peer)
        row.compared_at, row.countersigned = clock.now(), countersigned
        row.lies = [*row.lies, *(lie for lie in lies if lie not in row.lies)]
        row.save()

    writer.current().run_job(keep, urgent=False, name="sync:heads")


def record_talk(peer: int, *, given_until: int | None = None, taken_until: int | None = None, why: str = "",
                way: str = "") -> None:  # fmt: skip
    """How a talk ended: both places and the way it went (near, at, name), or why it did not go to its end."""

    def keep() -> None:
        row, now = Peer.objects.get(pk=peer), clock.now()
        if why:
            row.failing_since, row.why = row.failing_since or now, why[:200]
        else:
            row.last_at, row.failing_since, row.why, row.way = now, None, "", way or row.way
        row.given_until = row.given_until if given_until is None else given_until
        row.taken_until = row.taken_until if taken_until is None else taken_until
        row.save()

    writer.current().run_job(keep, urgent=False, name="sync:talk")


def record_leaving(revoked: Mapping[UUID, datetime.datetime], *, emptied: bool = False) -> None:
    """A revoked machine, {id: when it was}, asked why it is refused and was told; or says that it emptied itself. Once a minute at most:
    it asks as often as it likes."""
    now = clock.now()
    fresh = Heard.objects.filter(replica__in=list(revoked), told_at__isnull=False, at__gt=now - A_MINUTE)
    known = {one.replica for one in fresh if one.told_at and one.told_at >= revoked[one.replica] and (one.emptied_at or not emptied)}
    if known == set(revoked):
        return

    def keep() -> None:
        for replica, since in revoked.items():
            row = Heard.objects.filter(replica=replica).first() or Heard(replica=replica)
            row.at = now
            if row.told_at is None or row.told_at < since:  # revoked before, taken back, and revoked again
                row.told_at, row.emptied_at = now, None
            row.emptied_at = now if emptied else row.emptied_at
            row.save()

    writer.current().run_job(keep, urgent=False, name="sync:leaving")


def record_heard(heard: Mapping[UUID, datetime.datetime]) -> None:
    """When each was last heard, so that a restart does not forget it."""

    def keep() -> None:
        for replica, at in heard.items():
            Heard.objects.update_or_create(replica=replica, defaults={"at": at})

    writer.current().run_job(keep, urgent=False, name="sync:heard")
