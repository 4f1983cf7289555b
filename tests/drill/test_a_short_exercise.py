"""`make drill` in three days: three machines apart, one killed, one a day off, one upgraded; nothing is lost, and it says so."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_three_days_apart_lose_nothing(tmp_path: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "drill", "--days", "3", "--to", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**kept, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])})  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    said = json.loads((tmp_path / "drill-3.json").read_text())
    assert said["sound"]
    assert said["lost"] == said["twice"] == said["differing"] == said["failed"] == said["conflicts"]["hidden"] == []
    assert said["conflicts"]["expected"] > 8
    assert 0 < said["conflicts"]["settled"] < said["conflicts"]["expected"]
    assert said["written"]["notes"] > 40
    assert said["entries_waiting_at_return"] > 100
    assert len({json.dumps(tables) for tables in said["tables_sha256"].values()}) == 1
    assert all(said["replacement_refused"].values())
    assert (tmp_path / "drill-3.pdf").read_bytes().startswith(b"%PDF-")
