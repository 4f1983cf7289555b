"""A relay that is served: started, killed, started again; codes are put into its tables as the command would."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg

from permanence.journal.peers import Peer
from permanence.lib import suite
from permanence.relay import keys
from tests.ports import free_port
from tests.relay.authors import new_id

ROOT = Path(__file__).resolve().parents[2]
FOREVER = 1 << 60


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
    except OSError:
        return False
    return True


class Relay:
    """`permanence relay serve`, in a process of its own."""

    def __init__(self, folder: Path, database: str, **environment: str) -> None:
        self.folder, self.database, self.port, self.environment = folder, database, free_port(), environment
        self.process: subprocess.Popen[bytes] | None = None
        self.tls: list[str] = []

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "permanence.cli", "relay", *words, "--folder", str(self.folder), "--database", self.database]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")}
        return {**kept, "PYTHONFAULTHANDLER": "1", "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]), **self.environment}

    def start(self) -> "Relay":
        """Returns once it answers."""
        how = self.tls or ["--plain", "--name", self.authority]
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "out.txt").open("ab") as said:  # a crash included, for who looks for why a test failed
            self.process = subprocess.Popen(
                [*self.command("serve"), "--address", "127.0.0.1", "--port", str(self.port), *how],
                env=self._environment(), stdout=said, stderr=subprocess.STDOUT)  # fmt: skip
        until = time.monotonic() + 90
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError("the relay did not start")
            if _answers(self.port):
                return self
            time.sleep(0.02)
        raise RuntimeError("the relay does not answer")

    def run(self, *words: str) -> str:
        """One command beside it."""
        return subprocess.run(self.command(*words), env=self._environment(), check=True, capture_output=True, text=True, timeout=60).stdout

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End it; SIGKILL ends its worker too, at once."""
        if self.process is None:
            return
        workers = _children(self.process.pid) if how == signal.SIGKILL else []
        self.process.send_signal(how)
        for worker in workers:  # after the one that would start another in its place
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        self.process.wait(60)
        self.process = None
        while _answers(self.port):  # a killed worker takes a moment to die: the next relay's readiness is not to be its own
            time.sleep(0.01)

    # -- its tables

    def sql(self, sql: str, *values: Any) -> list[Any]:
        """Behind its back; `%s` for values."""
        if self.database:
            with psycopg.connect(self.database, autocommit=True) as connection:
                cursor = connection.execute(sql, values)
                return cursor.fetchall() if cursor.description else []
        with closing(sqlite3.connect(self.folder / "relay.db", timeout=20)) as file, file:
            return file.execute(sql.replace("%s", "?"), values).fetchall()

    def code(self, *, practice: bytes | None = None, mode: str = "full", most: Mapping[str, int] | None = None) -> str:
        """A registration code."""
        share = {"most_bytes": 1 << 30, "most_entries": 1_000_000, "most_blobs": 10_000, **(most or {})}
        code = suite.new_key().hex().upper()
        self.sql("INSERT INTO relay_registration (code, practice, mode, most_bytes, most_entries, most_blobs, until)"
                 " VALUES (%s, %s, %s, %s, %s, %s, %s)", keys._hashed(code), practice, mode, *share.values(), FOREVER)  # fmt: skip
        return code

    # -- who asks it

    def peer(self, practice: bytes, secret: bytes | None = None) -> Peer:
        """One machine of a practice."""
        return Peer(f"http://{self.authority}/{practice.hex()}/", secret or suite.signing_pair()[1])

    def member(self, practice: bytes | None = None, *, mode: str = "full", most: Mapping[str, int] | None = None,
               secret: bytes | None = None) -> tuple[bytes, Peer]:
        """A new practice, and its office's machine."""
        practice = practice or new_id()
        peer = self.peer(practice, secret)
        peer.register(self.code(mode=mode, most=most), "office")
        return practice, peer


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(one) for one in found.read_text().split()] if found.exists() else []
