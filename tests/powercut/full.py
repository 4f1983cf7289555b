"""A process whose disk fills: SQLite is told so at its VFS, as a full file system would tell it.

    python -m tests.powercut.full FOLDER
"""

import sys
from pathlib import Path

import django
from django.db import connections

django.setup()

from permanence.journal import acts, space, writer  # noqa: E402
from permanence.journal.doors import Actor  # noqa: E402
from permanence.lib import host  # noqa: E402
from tests.journal.writer import tools  # noqa: E402
from tests.journal.writer.actions import register  # noqa: E402
from tests.journal.writer.room import Item, Sealed  # noqa: E402
from tests.powercut.record import Recorder  # noqa: E402

BY = Actor(None, purpose="set_up")


class Disk(host.Reserve):
    """A reserve whose bytes are those of the pretended disk."""

    def __init__(self, folder: Path, recorder: Recorder) -> None:
        super().__init__(folder, size=200_000)
        self.recorder = recorder

    def ensure(self) -> bool:
        return self.intact or (self.recorder.room is None and super().ensure())

    def spend(self) -> bool:
        spent = super().spend()
        if spent:
            self.recorder.room = (self.recorder.room or 0) + self.size
        return spent


def fill(write: object, most: int = 1000) -> int:
    """How many writes succeeded before DiskFull."""
    for i in range(most):
        try:
            write(i)  # type: ignore[operator]
        except writer.DiskFull as full:
            if "Le disque est plein" in full.sentence:
                return i
    raise AssertionError("the disk did not fill")


def read(i: int) -> None:
    writer.current("access").run_job(lambda: Item.objects.using("access").create(owner=f"read {i}"))


def main(folder: Path) -> None:
    recorder = Recorder(folder, folder.with_name("log"))
    recorder.start()
    acts.flush = tools.flush
    register(by=BY, owner="before")
    read(-1)
    reserve = space.keep_reserve(folder, reserve=Disk(folder, recorder))
    assert reserve.intact
    recorder.room = 60_000
    written = fill(lambda i: register(by=BY, owner=f"write {i}"))
    assert Item.objects.count() == Sealed.objects.count() == written + 1, "all that was said, nothing else"
    assert reserve.intact, "a write never spends the reserve"
    served = fill(read)  # spends it, goes on, then stops too
    assert served > 5
    assert not reserve.intact
    assert fill(lambda i: register(by=BY, owner=f"late {i}")) == 0, "what is left is for reads"
    assert Item.objects.using("access").count() == served + 1
    recorder.room = None  # somebody made room
    register(by=BY, owner="after")
    read(-2)
    assert reserve.intact, "and the reserve stands again"
    connections.close_all()
    writer.shutdown()
    recorder.stop()
    print("written", written, "served", served)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
