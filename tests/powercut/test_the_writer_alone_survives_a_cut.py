"""The writer and its two files without a journal: cut at any moment, both open, check, and hold all that was said."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from tests.journal.writer import tools
from tests.powercut import record, replay

STATES = 600
pytestmark = pytest.mark.skipif(not record.possible() or not sys.platform.startswith("linux"),
                                reason="this SQLite library does not show its VFS: no recording without it")


def recorded(folder: Path, env: dict[str, str], rounds: int, pragmas: str) -> tuple[Path, Path]:
    """The folder before, and the log of the workload."""
    base, log = replay.copy(folder, folder.with_name("base")), folder.with_name("log")
    subprocess.run([sys.executable, "-m", "tests.powercut.workload", str(folder), str(log), str(rounds)],
                   env={**env, "PERMANENCE_PRAGMAS": pragmas}, check=True, timeout=120)
    return base, log


def wrong(folder: Path, state: replay.State) -> str:
    """What is amiss in this state, or ""."""
    owed: dict[str, dict[str, int]] = {"default": {}, "access": {}, "head": {}}
    for line in state.acknowledged:
        alias, name, version = line.decode().split(" ")
        owed[alias][name] = int(version)
    for alias, file in (("default", "practice.db"), ("access", "access.db")):
        raw = dbapi2.connect(str(folder / file))
        try:
            raw.execute(f"PRAGMA key = \"x'{tools.KEY.hex()}'\"")
            if raw.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
                return f"{alias}: check"
            found = {owner: int(text[:6]) if text[:1] == "0" else 0
                     for owner, text in raw.execute("SELECT owner, text FROM writerapp_item")}
            lost = [name for name, version in owed[alias].items() if found.get(name, -1) < version]
            if lost:
                return f"{alias}: {len(lost)} acknowledged writes are missing"
            halves = raw.execute("SELECT count(*) FROM "
                                 "(SELECT 1 FROM writerapp_sealed GROUP BY act HAVING count(*) <> max(n))")
            if halves.fetchone() != (0,):
                return f"{alias}: half an act"
            sealed = raw.execute("SELECT count(*) FROM writerapp_sealed").fetchone()[0]
        except dbapi2.DatabaseError as error:
            return f"{alias}: {error}"
        finally:
            raw.close()
        if alias == "default":
            head = int((folder / "seal" / "head").read_bytes() or -1)
            if not owed["head"].get("head", 0) <= head <= sealed:
                return f"seal: the head says {head}, {sealed} are there, {owed['head']} was said"
    return ""


def judged(base: Path, log: Path, work: Path, count: int) -> list[str]:
    """One line per state that is not as it must be."""
    work.mkdir(exist_ok=True)
    found = []
    for state in replay.states(base, log, count=count, seed=2025):
        state.write(work)
        if why := wrong(work, state):
            found.append(f"event {state.at}: {why}")
    return found


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.mark.slow
def test_both_files_reopen_after_a_cut(folder, env, work):
    base, log = recorded(folder, env, 12, "PRAGMA wal_autocheckpoint=25")
    kinds = [event[0] for event in replay.events(log)]
    assert {"write", "sync", "rename", "dirsync", "unlink", "ack"} <= set(kinds)
    assert kinds.count("ack") > 300
    assert judged(base, log, work, STATES) == []


@pytest.mark.parametrize("fault", ["PRAGMA synchronous=OFF", "PRAGMA synchronous=NORMAL"])
def test_the_states_find_what_a_weaker_promise_loses(folder, env, work, fault):
    base, log = recorded(folder, env, 3, f"{fault}; PRAGMA wal_autocheckpoint=25")
    found = judged(base, log, work, 300)
    assert len(found) > 10
    assert any("missing" in why for why in found)


UNSAFE = """
import os, sys
from pathlib import Path
from tests.powercut.record import Recorder
folder, log = Path(sys.argv[1]), Path(sys.argv[2])
recorder = Recorder(folder, log)
recorder.start()
(folder / "seal" / "part").write_bytes(b"1")
if sys.argv[3] == "safe":
    from permanence.lib import host
    host.atomic_write(folder / "seal" / "head", b"1")
else:
    os.replace(folder / "seal" / "part", folder / "seal" / "head")
recorder.ack(b"head")
recorder.stop()
"""


@pytest.mark.parametrize("way", ["safe", "unsafe"])
def test_the_states_find_a_file_replaced_without_a_sync(folder, env, way):
    base, log = replay.copy(folder, folder.with_name("base")), folder.with_name("log")
    subprocess.run([sys.executable, "-c", UNSAFE, str(folder), str(log), way], env=env, check=True, timeout=60)
    heads = {state.files["seal/head"] for state in replay.states(base, log, count=200) if state.acknowledged}
    assert heads == ({b"1"} if way == "safe" else {b"0", b"", b"\0", b"1"})
