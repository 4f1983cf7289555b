"""Power cut at any moment, whatever the disk kept: the practice opens, verifies, and holds all that was acknowledged."""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults import cabinet
from tests.powercut import record, replay

STATES = 2000
CHECKPOINTS = "PRAGMA wal_autocheckpoint=25"
pytestmark = pytest.mark.skipif(not record.possible() or not sys.platform.startswith("linux"),
                                reason="this SQLite library does not show its VFS: no recording without it")


@pytest.fixture
def work() -> Iterator[Path]:
    """A place of its own, in memory where there is room: the states are many."""
    place = Path(tempfile.mkdtemp(prefix="permanence-"))
    yield place
    subprocess.run(["rm", "-rf", str(place)], check=True)


def recorded(place: Path, rounds: int, pragmas: str, **more: str) -> tuple[Path, Path]:
    """The folder before, and the log of the workload. 0 rounds: the practice is made."""
    base, log = place / "base", place / "log"
    if rounds:
        cabinet.finished("tests.faults.make", place / "cabinet")
        replay.copy(place / "cabinet", base)
    else:
        base.mkdir(parents=True)
    cabinet.finished("tests.powercut.practice_workload", place / "cabinet", log, rounds, PERMANENCE_PRAGMAS=pragmas, **more)
    return base, log


def judged(base: Path, log: Path, count: int, *, judges: int = 2) -> Counter[str]:
    """The sum of what several judges found, each on its part of the states; `wrong` is asserted empty by who calls."""
    shares = [cabinet.command("tests.powercut.judge", base, log, base.parent / f"judge-{i}", count // judges, i)
              for i in range(judges)]
    running = [subprocess.Popen(share, env=cabinet.environment(), cwd=cabinet.ROOT, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE) for share in shares]
    total: Counter[str] = Counter()
    try:
        for judge in running:
            out, err = judge.communicate(timeout=600)
            assert judge.returncode == 0, err.decode()[-4000:]
            said: dict[str, Any] = json.loads(out)
            total.update({f"wrong: {why}": 1 for why in said.pop("wrong")})
            total.update(said)
    finally:
        for judge in running:
            judge.kill()
            judge.wait()
    print({name: count for name, count in total.items() if not name.startswith("wrong")})
    return total


def wrong(found: Counter[str]) -> list[str]:
    return [why for why in found if why.startswith("wrong: ")]


@pytest.mark.slow
def test_power_cut_states_reopen(work: Path) -> None:
    base, log = recorded(work, 3, CHECKPOINTS)
    events = replay.events(log)
    kinds = {event[0] for event in events}
    assert {"base", "create", "write", "size", "sync", "rename", "dirsync", "unlink", "ack"} <= kinds
    promised = Counter(event[1].split(b" ")[0].decode() for event in events if event[0] == "ack")
    assert promised["default"] > 60
    assert promised["access"] >= 18
    assert promised["blob"] >= 6
    assert promised["slot"] >= 2
    assert promised["epoch"] == 2
    assert sum(event[0] == "rename" and event[2] == "seal/heads.cbor" for event in events) > 3
    found = judged(base, log, STATES)
    assert wrong(found) == []
    assert found["states"] == STATES
    assert found["distinct"] > STATES // 2
    assert found["lagging"] > 10  # states in which the saved head is older than the chain: it lags, it never leads


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["PRAGMA synchronous=OFF", "PRAGMA synchronous=NORMAL"])
def test_the_judge_finds_what_a_weaker_promise_loses(work: Path, fault: str) -> None:
    # Without checkpoints beside the writer: each makes the log durable, which hides what the weaker promise loses.
    base, log = recorded(work, 2, f"{fault}; {CHECKPOINTS}", PERMANENCE_FRAMES="1000000")
    found = wrong(judged(base, log, 120))
    assert len(found) > 10
    assert "OFF" in fault or any("missing" in why for why in found)  # without any fsync most of it does not even open


def test_a_cut_while_the_practice_is_made_leaves_none_or_a_whole_one(work: Path) -> None:
    base, log = recorded(work, 0, "")
    found = judged(base, log, 200)
    assert wrong(found) == []
