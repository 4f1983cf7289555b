"""`permanence demo --replicas`: two machines that answer, a line that one letter cuts and another mends, and nothing left behind."""

import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.slow
def test_a_person_cuts_mends_and_ends_it(tmp_path: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV") if name in os.environ}
    port = free_port(5)  # pages and live screens of both, and the line
    words = [sys.executable, "-m", "permanence.cli", "demo", "--replicas", "--patients", "3", "--folder", str(tmp_path / "demo"), "--port",
             str(port)]  # fmt: skip
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT,
                          env={**kept, "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"}) as process:  # fmt: skip
        guard = threading.Timer(120, process.terminate)
        guard.start()
        assert process.stdin is not None
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "une lettre" in line:
                break
        pids = [int(pid) for pid in re.findall(r"processus (\d+)", said)]
        assert len(pids) == 2, said
        for one in (port, port + 2):
            socket.create_connection(("127.0.0.1", one), timeout=5).close()
        process.stdin.write("c\nr\nq\n")
        process.stdin.close()
        said += process.stdout.read()
        assert process.wait(60) == 0, said
        guard.cancel()
    assert said.index("Ligne coupée") < said.index("Ligne rétablie")
    assert all(gone(pid) for pid in pids)
