"""A practice whose disk fills, is emptied, and fills again while it is closed. Says in JSON what each moment gave.

    python -m tests.faults.full FOLDER vfs      SQLite is told so at its VFS, as a full file system would tell it
    python -m tests.faults.full FOLDER disk     FOLDER lies on a small file system of its own, and it is really full
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

from permanence.documents import blobs  # noqa: E402
from permanence.journal import access, space, verify, writer  # noqa: E402
from permanence.lib import host  # noqa: E402
from tests.faults import cabinet  # noqa: E402
from tests.powercut.record import Recorder  # noqa: E402
from tests.testapp import actions  # noqa: E402
from tests.testapp.models import Person  # noqa: E402

LEFT, RESERVE = 300_000, 600_000
BY = cabinet.BY


class Disk:
    """A really full disk: a ballast leaves a little, and is thrown overboard when somebody makes room."""

    def __init__(self, folder: Path) -> None:
        self.ballast = folder.parent / "ballast"

    def reserve(self, folder: Path) -> host.Reserve:
        return host.Reserve(folder, size=RESERVE)

    def fill(self, left: int) -> None:
        self.empty()
        with self.ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, host.free_bytes(self.ballast.parent) - left))

    def empty(self) -> None:
        self.ballast.unlink(missing_ok=True)


class Pretended(Disk):
    """The same, said by SQLite's VFS: Python's own files still find room."""

    def __init__(self, folder: Path) -> None:
        self.recorder = Recorder(folder, folder.with_name("log"))
        self.recorder.start()

    def reserve(self, folder: Path) -> host.Reserve:
        recorder = self.recorder

        class OfThisDisk(host.Reserve):
            def ensure(self) -> bool:
                return self.intact or (recorder.room is None and super().ensure())

            def spend(self) -> bool:
                spent = super().spend()
                if spent:
                    recorder.room = (recorder.room or 0) + self.size
                return spent

        return OfThisDisk(folder, size=RESERVE)

    def fill(self, left: int) -> None:
        self.recorder.room = left

    def empty(self) -> None:
        self.recorder.room = None


def until_refused(call: Callable[[int], object], most: int = 3000) -> tuple[int, BaseException]:
    """How often it succeeded, and what stopped it."""
    for i in range(most):
        try:
            call(i)
        except (writer.DiskFull, access.NotJournalled) as refused:
            return i, refused
    raise AssertionError("the disk did not fill")


def write(i: int) -> None:
    actions.register(by=BY, family=f"n{i}", given="x" * 200)


def of(error: BaseException | None) -> str:
    return type(error).__name__


def main(path: Path, disk: Disk) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    with cabinet.opened(path) as here:
        reserve = space.keep_reserve(path, reserve=disk.reserve(path))
        assert reserve.intact
        write(-1)
        cabinet.read_one()
        disk.fill(LEFT)
        written, refused = until_refused(write)
        assert isinstance(refused, writer.DiskFull)
        seen["sentence"] = refused.sentence
        seen["written"], seen["there"] = written + 1, Person.objects.count()
        seen["reserve after writes"] = reserve.intact
        try:
            blobs.store(b"x" * 2_000_000)
            seen["blob"] = "kept"
        except Exception as error:
            seen["blob"] = of(error)
        served, refused = until_refused(lambda _: cabinet.read_one())
        seen["served"], seen["then"], seen["because"] = served, of(refused), of(refused.__cause__)
        seen["reserve after reads"] = reserve.intact
        seen["late writes"], late = until_refused(write)
        assert isinstance(late, writer.DiskFull)
        seen["reads in access.db"] = len(cabinet.entries("access"))
        seen["findings while full"] = [f.what for f in verify.verify(full=True, saved_heads=here.saved_heads()).findings]
    disk.fill(0)  # closed for the night, full to the last byte in the morning
    try:
        with cabinet.opened(path):
            seen["opened while full"] = "open"
            seen["writes when opened full"] = of(until_refused(write)[1])
    except Exception as error:
        seen["opened while full"] = of(error)
        seen["opening said"] = str(error)
    disk.empty()
    with cabinet.opened(path) as here:
        write(-2)
        cabinet.read_one()
        report = verify.verify(full=True, saved_heads=here.saved_heads())
        seen["findings after"], seen["entries after"] = [f.what for f in report.findings], report.entries
        seen["reserve at last"] = host.Reserve(path, size=8192).intact
    return seen


if __name__ == "__main__":
    cabinet.small_reserve()
    place = Path(sys.argv[1])
    cabinet.make(place)
    print(json.dumps(main(place, Disk(place) if sys.argv[2] == "disk" else Pretended(place))))
