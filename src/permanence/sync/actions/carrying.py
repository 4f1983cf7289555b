"""What this machine remembers of files on a USB stick: its own rows, no history."""

from dataclasses import asdict, dataclass
from uuid import UUID

from permanence.journal import exchange, writer
from permanence.lib import clock
from permanence.sync.models import Carried, Held

KEPT = 100  # files


@dataclass(slots=True)
class Counts:
    """What a file held, as `models.Carried` keeps it."""

    entries: int = 0
    known: int = 0
    aside: int = 0
    stuck: int = 0
    files: int = 0
    absent: int = 0
    to_settle: int = 0
    lies: int = 0
    whole: bool = False
    why: str = ""


def record_carried(id: UUID, counts: Counts, *, out: bool, replica: UUID | None, member: UUID | None) -> None:
    """Keep what became of one file."""

    def keep() -> None:
        Carried.objects.create(id=id, at=clock.now(), out=out, replica=replica, member=member, **asdict(counts))
        Carried.objects.filter(pk__in=list(Carried.objects.order_by("-at").values_list("pk", flat=True)[KEPT:])).delete()

    writer.current().run_job(keep, name="sync:carried")


def record_held(replica: UUID, held: exchange.Vector) -> None:
    """What another machine says that it holds."""
    rows = [[of.hex(), stream, size] for of, stream, size in exchange.listed(held)]

    def keep() -> None:
        Held.objects.update_or_create(replica=replica, defaults={"at": clock.now(), "held": rows})

    writer.current().run_job(keep, urgent=False, name="sync:held")
