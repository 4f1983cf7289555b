"""kill -9 while people write, read and a copy is being made: the practice reopens whole, nothing acknowledged is missing."""

import json
import random
import subprocess
import threading
from pathlib import Path

import pytest

from tests.faults import cabinet

KILLS = 8


def killed_after(count: int, *arguments: object) -> set[str]:
    """Let a busy process say `count` lines, kill it, and return all that it had said."""
    said = set()
    with subprocess.Popen(cabinet.command("tests.faults.busy", *arguments), env=cabinet.environment(), cwd=cabinet.ROOT,
                          stdout=subprocess.PIPE, text=True) as process:
        guard = threading.Timer(90, process.kill)
        guard.start()
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
            for line in process.stdout:
                said.add(line.strip())
                if len(said) == count:
                    process.kill()
        finally:
            guard.cancel()
            process.kill()
    assert process.returncode == -9
    assert len(said) >= count
    return said


@pytest.mark.slow
def test_killed_again_and_again_nothing_acknowledged_is_missing(tmp_path: Path) -> None:
    path, copies = tmp_path / "cabinet", tmp_path / "copies"
    copies.mkdir()
    cabinet.finished("tests.faults.make", path)
    chance, owed = random.Random(9), set[str]()
    for kill in range(KILLS):
        owed |= killed_after(chance.randint(1, 120), path, *([copies] if kill % 2 else []))
        if kill % 3 == 2:  # sometimes it is killed again before anybody has looked
            continue
        found = json.loads(cabinet.finished("tests.faults.look", path))
        assert "refused" not in found, found
        assert found["findings"] == []
        assert found["checks"] == ["ok", "ok"]
        assert found["same_replica"]
        there = {f"{alias} {hash}" for alias in cabinet.FILES for hash in found[alias]}
        assert owed - there == set()
    assert len(owed) > 100
