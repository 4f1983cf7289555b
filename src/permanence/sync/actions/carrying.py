"""What this machine remembers of files on a USB stick: its own rows, no history."""

from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from permanence.journal import writer
from permanence.lib import clock
from permanence.sync.models import Carried

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
    held: list[list[Any]] = field(default_factory=list)


def record_carried(id: UUID, counts: Counts, *, out: bool, replica: UUID | None, member: UUID | None) -> None:
    """Keep what became of one file."""

    def keep() -> None:
        Carried.objects.create(id=id, at=clock.now(), out=out, replica=replica, member=member, **asdict(counts))
        Carried.objects.filter(pk__in=list(Carried.objects.order_by("-at").values_list("pk", flat=True)[KEPT:])).delete()

    writer.current().run_job(keep, name="sync:carried")
