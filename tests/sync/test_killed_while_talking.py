"""kill -9 of who asks and of who answers, a line that dies in the middle, everything said twice: in the end both hold the same, all of it.

Two real processes on a real line, in a first synchronisation and in a return. Each machine's folder is read by a third one.
"""

import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from permanence.cli.wire import Wire
from tests.ports import free_port
from tests.sync.rooms import Child, Room


@dataclass
class Pair:
    """An office machine that answers and a laptop that asks it through a line."""

    room: Room
    office: Path
    laptop: Path
    port: int
    wire: Wire
    owed: set[str] = field(default_factory=set)
    office_process: Child | None = None

    def answer(self) -> None:
        self.office_process = self.room.start("answer", folder=str(self.office), port=self.port)
        self.office_process.wait("ready")

    def stop(self) -> None:
        if self.office_process is not None:
            self.office_process.kill()
            self.office_process = None

    def write(self, folder: Path, who: str, count: int) -> None:
        self.owed |= set(self.room.done("write", folder=str(folder), who=who, count=count)["texts"])

    def talk(self, **more: Any) -> Child:
        return self.room.start("talk", folder=str(self.laptop), **more)

    def check(self) -> dict[str, Any]:
        """Both hold the same, sound, and all that was written."""
        self.stop()
        office, laptop = (self.room.done("look", folder=str(one)) for one in (self.office, self.laptop))
        assert office["findings"] == laptop["findings"] == []
        assert office["held"] == laptop["held"]
        assert office["tables"] == laptop["tables"]
        assert office["texts"] == laptop["texts"] == sorted(self.owed)
        return office


@pytest.fixture(scope="module")
def joined(room: Room, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Made once: a practice and a laptop that has its keys and nothing else. The line keeps its place, for it is written down there."""
    place = tmp_path_factory.mktemp("joined")
    port = free_port()
    pair = Pair(room, place / "office", place / "laptop", port, Wire(port))
    room.done("found", folder=str(pair.office))
    answering = room.start("answer", folder=str(pair.office), port=port, code=True)
    code = answering.wait("ready")["code"]
    room.done("join", folder=str(pair.laptop), port=port, at=f"127.0.0.1:{pair.wire.port}", code=code)
    answering.kill()
    yield pair
    pair.wire.close()


@pytest.fixture
def pair(joined: Pair, tmp_path: Path) -> Iterator[Pair]:
    made = Pair(joined.room, tmp_path / "office", tmp_path / "laptop", joined.port, joined.wire)
    for before, after in ((joined.office, made.office), (joined.laptop, made.laptop)):
        shutil.copytree(before, after, ignore=shutil.ignore_patterns("lock", "socket"))
    joined.wire.mend()
    joined.wire.carried = 0
    yield made
    made.stop()


def until_carried(pair: Pair, mark: int, talking: Child) -> None:
    """Until so many bytes have gone, in both directions, or nothing more goes."""
    while pair.wire.carried < mark and talking.lives():
        time.sleep(0.001)


def killed_again_and_again(pair: Pair, chance: random.Random, *, kills: int, step: int) -> int:
    """Let them talk to the end, one or the other killed at a drawn place each time. How many were killed at it."""
    killed = 0
    for turn in range(kills):
        if pair.office_process is None:
            pair.answer()
        talking = pair.talk()
        until_carried(pair, pair.wire.carried + chance.randint(1, step), talking)
        time.sleep(chance.random() * 0.05)
        killed += talking.lives()
        if turn % 2:
            pair.stop()
        talking.kill()
    if pair.office_process is None:
        pair.answer()
    pair.talk().wait("done")
    return killed


@pytest.mark.slow
def test_killed_at_any_step_both_hold_the_same_in_the_end(pair: Pair) -> None:
    chance = random.Random(11)
    pair.write(pair.office, "bureau", 80)
    assert killed_again_and_again(pair, chance, kills=5, step=20_000) >= 3
    pair.stop()
    pair.write(pair.office, "bureau, seul", 40)
    pair.write(pair.laptop, "portable, seul", 40)
    assert killed_again_and_again(pair, chance, kills=5, step=20_000) >= 3
    found = pair.check()
    assert found["conflicts"] == 5
    assert found["entries"] > 350


@pytest.mark.slow
def test_a_line_that_dies_in_the_middle_only_costs_time(pair: Pair) -> None:
    chance, cuts = random.Random(12), 0
    pair.write(pair.office, "bureau", 40)
    pair.write(pair.laptop, "portable", 40)
    pair.answer()
    pair.wire.dies_after = 0
    talking = pair.talk()
    while talking.lives() and cuts < 25:
        if not pair.wire.whole:
            cuts += 1
            pair.wire.mend()
            pair.wire.dies_after = pair.wire.carried + chance.randint(500, 30_000)
        time.sleep(0.002)
    pair.wire.mend()
    talking.wait("done")
    assert min(cuts, talking.wait("cuts")["cuts"]) >= 10
    pair.check()


@pytest.mark.slow
def test_everything_said_twice_is_kept_once(pair: Pair) -> None:
    pair.write(pair.office, "bureau", 30)
    pair.write(pair.laptop, "portable", 30)
    pair.answer()
    pair.talk(twice=True).wait("done")
    pair.check()
