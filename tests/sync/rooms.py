"""Where a test starts machines as processes of their own, and hears what each says (`tests.sync.zygote`)."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 240.0  # a busy machine is no finding


@dataclass
class Child:
    """One machine at something, in its own process."""

    pid: int
    out: Path

    def said(self) -> list[dict[str, Any]]:
        lines = self.out.read_text().split("\n")[:-1] if self.out.exists() else []  # the last one is not whole yet
        return [json.loads(line) for line in lines if line.startswith("{")]

    def lives(self) -> bool:
        with suppress(ProcessLookupError):
            os.kill(self.pid, 0)
            return True
        return False

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        while self.lives():
            time.sleep(0.002)

    def wait(self, what: str) -> dict[str, Any]:
        """Until it has said that; AssertionError when it ended otherwise."""
        end = time.monotonic() + PATIENCE_S
        while not (found := [one for one in self.said() if what in one]):
            assert self.lives() or any(what in one for one in self.said()), self.out.read_text()[-4000:]
            assert time.monotonic() < end, f"{what}: {self.out.read_text()[-4000:]}"
            time.sleep(0.005)
        return found[0]


@dataclass
class Room:
    """Where machines are started from."""

    process: "subprocess.Popen[str]"
    place: Path
    _next: int = 0

    def start(self, work: str, **asked: Any) -> Child:
        self._next += 1
        out = self.place / f"{self._next}-{work}.out"
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"work": work, "out": str(out), **asked}) + "\n")
        self.process.stdin.flush()
        return Child(json.loads(self.process.stdout.readline())["pid"], out)

    def done(self, work: str, **asked: Any) -> dict[str, Any]:
        """To its end; what it said, all in one."""
        child = self.start(work, **asked)
        child.wait("done")
        while child.lives():
            time.sleep(0.002)
        return {name: value for one in child.said() for name, value in one.items()}


@contextmanager
def opened(said: Path) -> Iterator[Room]:
    """A room until the end; what its machines say is written in that folder."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV") if name in os.environ}
    environment = {**kept, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]), "PYTHONDONTWRITEBYTECODE": "1",
                   "DJANGO_SETTINGS_MODULE": "permanence.settings.test"}  # fmt: skip
    with subprocess.Popen([sys.executable, "-m", "tests.sync.zygote"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
                          env=environment) as process:  # fmt: skip
        yield Room(process, said)
        assert process.stdin is not None
        process.stdin.close()
