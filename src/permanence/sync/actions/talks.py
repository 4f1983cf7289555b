"""What this replica remembers of its talks with the others: its own rows, no history."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from permanence.journal import writer
from permanence.lib import clock
from permanence.sync.models import Heard, Peer, Told


def remember_peer(base: str, *, replica: UUID | None = None, at: str = "") -> int:
    """Whom to talk to, by address; the row's id. `at`: host:port to connect to when the name need not be resolved."""

    def keep() -> int:
        return int(Peer.objects.update_or_create(base=base, defaults={"replica": replica, "at": at})[0].pk)

    return writer.current().run_job(keep, name="sync:peer")


def remember_told(told: Iterable[tuple[UUID, Mapping[int, int] | None]]) -> None:
    """Which machines who let this one in knew, and how much of each revoked one it keeps."""

    def keep() -> None:
        for replica, until in told:
            said = None if until is None else {str(stream): seq for stream, seq in until.items()}
            Told.objects.update_or_create(replica=replica, defaults={"until": said})

    writer.current().run_job(keep, name="sync:told")


def record_comparison(peer: int, *, countersigned: int, lies: list[list[Any]]) -> None:
    """What came of comparing heads. A lie once told stays until a person looks at it."""

    def keep() -> None:
        row = Peer.objects.get(pk=peer)
        row.compared_at, row.countersigned = clock.now(), countersigned
        row.lies = [*row.lies, *(lie for lie in lies if lie not in row.lies)]
        row.save()

    writer.current().run_job(keep, name="sync:heads")


def record_talk(peer: int, *, given_until: int | None = None, taken_until: int | None = None, why: str = "") -> None:
    """How a talk ended: both places, or why it did not go to its end."""

    def keep() -> None:
        row, now = Peer.objects.get(pk=peer), clock.now()
        if why:
            row.failing_since, row.why = row.failing_since or now, why[:200]
        else:
            row.last_at, row.failing_since, row.why = now, None, ""
        row.given_until = row.given_until if given_until is None else given_until
        row.taken_until = row.taken_until if taken_until is None else taken_until
        row.save()

    writer.current().run_job(keep, name="sync:talk")


def record_heard(heard: Mapping[UUID, datetime.datetime]) -> None:
    """When each was last heard, so that a restart does not forget it."""

    def keep() -> None:
        for replica, at in heard.items():
            Heard.objects.update_or_create(replica=replica, defaults={"at": at})

    writer.current().run_job(keep, urgent=False, name="sync:heard")
