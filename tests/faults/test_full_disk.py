"""A full disk: writes stop in plain words, reads stay journalled from the reserve, then stop; room made, all comes back."""

import dataclasses
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from permanence.documents import blobs
from permanence.journal import outcomes, vault
from permanence.journal.doors import Refused
from permanence.lib import host
from tests.faults import cabinet
from tests.powercut import record

SMALL = 'mount -t tmpfs -o size=6m tmpfs "$1" && shift && exec "$@"'


def on_a_small_disk(place: Path, *command: str) -> list[str]:
    """The command, alone in seeing a file system of 6 MB at `place`: it goes away with the process."""
    return ["unshare", "--map-root-user", "--mount", "sh", "-c", SMALL, "sh", str(place), *command]


def small_disks_possible(place: Path) -> bool:
    if not sys.platform.startswith("linux") or shutil.which("unshare") is None:
        return False
    return subprocess.run(on_a_small_disk(place, "true"), capture_output=True, check=False, timeout=30).returncode == 0


@pytest.fixture(scope="module", params=["vfs", "disk"])
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each moment gave, on a pretended and on a real full disk."""
    place = tmp_path_factory.mktemp("disk")
    run = cabinet.command("tests.faults.full", place / "cabinet", request.param)
    if request.param == "disk":
        if not small_disks_possible(place):
            pytest.skip("this machine lets nobody mount a small file system in a namespace of their own")
        run = on_a_small_disk(place, *run)
    elif not record.possible():
        pytest.skip("this SQLite library does not show its VFS: no disk can be pretended full")
    done = subprocess.run(run, env=cabinet.environment(), cwd=cabinet.ROOT, capture_output=True, text=True, timeout=120,
                          check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return {"how": request.param, **json.loads(done.stdout)}


def test_writes_are_refused_in_plain_words_and_what_was_said_is_there(seen: dict[str, Any]) -> None:
    assert seen["sentence"] == outcomes.DiskFull().sentence
    assert "Le disque est plein" in seen["sentence"]
    assert seen["written"] > 2
    assert seen["there"] == seen["written"]
    assert seen["reserve after writes"], "a write never spends the reserve"


def test_reads_stay_journalled_for_a_while_then_stop(seen: dict[str, Any]) -> None:
    assert seen["served"] > 5
    assert seen["reads in access.db"] == seen["served"] + 1
    assert (seen["then"], seen["because"]) == ("NotJournalled", "DiskFull")
    assert not seen["reserve after reads"]
    assert seen["late writes"] == 0, "what is left is for reads"
    assert seen["findings while full"] == []


def test_all_comes_back_with_room(seen: dict[str, Any]) -> None:
    assert seen["findings after"] == []
    assert seen["entries after"] >= seen["written"] + seen["served"] + 3
    assert seen["reserve at last"]


def test_a_practice_opened_on_a_full_disk_is_not_called_damaged(seen: dict[str, Any]) -> None:
    if seen["opened while full"] == "open":
        assert seen["writes when opened full"] == "DiskFull"
    else:
        assert "plein" in seen["opening said"]


def test_a_document_that_finds_no_room_is_refused_in_plain_words(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(host, "atomic_write", full)
    vault.use(dataclasses.replace(live.keys, folder=live.folder))
    with pytest.raises(Refused, match="disque est plein"):
        blobs.store(b"x")
