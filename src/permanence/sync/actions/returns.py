"""What this machine remembers of each return after a cut: its own rows, no history."""

import datetime

from permanence.journal import writer
from permanence.sync.models import Return

KEPT = 200  # reports


def record_return(peer: int, *, since: datetime.datetime, until: datetime.datetime, sent: int, received: int, aside: int, to_settle: int,
                  heads_equal: bool, replayed: int = 0, verified: bool | None = None, entries: int = 0) -> int:  # fmt: skip
    """Keep the report of one return; the row's id, for `record_verified`."""

    def keep() -> int:
        row = Return.objects.create(peer=peer, since=since, until=until, sent=sent, received=received, replayed=replayed, aside=aside,
                                    to_settle=to_settle, heads_equal=heads_equal, verified=verified, entries=entries)  # fmt: skip
        Return.objects.filter(pk__lte=row.pk - KEPT).delete()
        return int(row.pk)

    return writer.current().run_job(keep, urgent=False, name="sync:return")


def record_verified(id: int, *, sound: bool) -> None:
    """What the verification that followed found."""
    writer.current().run_job(lambda: Return.objects.filter(pk=id).update(verified=sound) and None, urgent=False, name="sync:return")
