"""A practice as its people have it: made by `permanence init`, its sheet re-typed from the page, served and unlocked apart."""

import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

ROOT = Path(__file__).resolve().parents[2]
NAME = "bureau.cabinet.example"
RP_ID = "cabinet.example"
PRACTICE = "Cabinet des Lilas"
PATIENCE_S = 60.0


def environment(offset: Path | None = None) -> dict[str, str]:
    """What the command needs, without the settings of these tests; `offset`: the file that moves a server's clock."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV") if name in os.environ}
    moved = {"PERMANENCE_TEST_OFFSET": str(offset)} if offset else {}
    return {**kept, **moved, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]), "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1"}


def permanence(*words: object) -> list[str]:
    """The command; a server alone has a clock that can be moved."""
    return [sys.executable, "-m", "tests.browser.shifted" if "serve" in words else "permanence.cli", *map(str, words)]


def until(done: Callable[[], object], what: str, *, unless: Callable[[], str] = str) -> None:
    """Ask again until the answer is true: the server is another process, and only its answers say where it stands.

    `unless`: why it can no longer become true.
    """
    end = time.monotonic() + PATIENCE_S
    while not done():
        if why := unless():
            raise AssertionError(f"never: {what}\n{why}")
        if time.monotonic() > end:
            raise AssertionError(f"not within {PATIENCE_S:.0f} s: {what}")
        time.sleep(0.05)


@dataclass
class Cabinet:
    """One practice's folder, what its first titulaire holds on paper, and its server while it runs."""

    folder: Path
    sheet: str
    first_key: str
    first_post: str
    port: int = 0
    name: str = NAME
    machine_key: Path | None = None
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    compressed: ClassVar[Path | None] = None

    @classmethod
    def found(cls, folder: Path) -> "Cabinet":
        """`permanence init`, by somebody who reads the printed page and types its eight groups again."""
        page = folder.with_suffix(".html")
        words = permanence("init", "--folder", folder, "--name", NAME, "--tls", "own-ca", "--practice", PRACTICE,
                           "--titulaire", "Claire Moreau", "--rpps", "10003456786", "--page", page)
        with subprocess.Popen(words, env=environment(), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True) as command:
            assert command.stdout is not None
            said = ""
            for line in command.stdout:
                said += line
                if "effacée" in line:
                    break
            assert page.is_file(), said
            sheet = " ".join(re.findall(r"<span>([0-9A-Z]{5})</span>", page.read_text(encoding="utf-8")))
            said, _ = command.communicate(sheet + "\n", timeout=PATIENCE_S)
        assert command.returncode == 0, said
        assert not page.exists(), "the printed page is left on the disk"
        codes = re.findall(r"usage unique\s*: ([0-9A-Z-]+)", said)
        return cls(folder, sheet, *codes)

    def copy(self, folder: Path) -> "Cabinet":
        """The same practice in another folder, not running, with the scripts and styles that an earlier start compressed."""
        shutil.copytree(self.folder, folder)
        if Cabinet.compressed is not None and Cabinet.compressed.is_dir():
            shutil.copytree(Cabinet.compressed, folder / "run" / "static")
        return Cabinet(folder, self.sheet, self.first_key, self.first_post)

    @property
    def origin(self) -> str:
        return f"https://{self.name}:{self.port}"

    @property
    def authority(self) -> Path:
        """The practice's own authority, as it is handed to posts."""
        chain = (self.folder / "seal" / "tls" / "cert.pem").read_text()
        path = self.folder.with_suffix(".authority.pem")
        path.write_text("-----BEGIN CERTIFICATE-----" + chain.split("-----BEGIN CERTIFICATE-----")[2])
        return path

    def join(self, folder: Path, name: str) -> "Cabinet":
        """Another machine of the same practice: a code shown by this one, which is served, and typed there."""
        said = _told(permanence("pair-code", "--folder", self.folder, "--name", name, "--kind", "laptop", "--label", "Portable"))
        code = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}", said)[0]
        key = folder.with_suffix(".key")
        _told(permanence("join", "--folder", folder, "--from", self.origin, "--at", f"127.0.0.1:{self.port}", "--name", name,
                         "--code", code, "--machine-key", key))
        return Cabinet(folder, self.sheet, "", "", name=name, machine_key=key)

    # -- its server

    def serve(self) -> "Cabinet":
        """`permanence serve` on a free port; returns when it answers, sealed. The same port again after a stop."""
        self.port = self.port or free_port()
        self.later(0)
        words = permanence("serve", "--folder", self.folder, "--tls", "own-ca", "--port", self.port, "--address",
                           "127.0.0.1", "--console-port", 0, *(("--machine-key", self.machine_key) if self.machine_key else ()))
        with self.folder.with_suffix(".serve.log").open("ab") as log:
            self.process = subprocess.Popen(words, env=environment(self._offset), cwd=ROOT, stdout=log, stderr=log)
        until(lambda: self.state() in ("sealed", "ready"), "the server answers", unless=self._broken)
        Cabinet.compressed = self.folder / "run" / "static"
        return self

    @property
    def _offset(self) -> Path:
        return self.folder.with_suffix(".offset")

    def later(self, minutes: int) -> None:
        """Move the server's clock ahead of the machine's, from now on."""
        self._offset.write_text(str(minutes * 60))

    def _broken(self) -> str:
        """What the server wrote, once its process is gone."""
        assert self.process is not None
        return self.folder.with_suffix(".serve.log").read_text()[-3000:] if self.process.poll() is not None else ""

    def unlock(self) -> "Cabinet":
        """`permanence unlock`, the sheet typed on the console."""
        done = subprocess.run(permanence("unlock", "--folder", self.folder), env=environment(), cwd=ROOT, text=True,
                              input=self.sheet + "\n", capture_output=True, timeout=PATIENCE_S, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return self

    def state(self) -> str:
        """`sealed`, `ready`, or nothing when nobody answers: over TLS, the certificate checked against the authority."""
        try:
            status, _, body = self.get("/sante")
        except OSError:
            return ""
        return str(json.loads(body)["status"]) if status == 200 else ""

    def get(self, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        """One request from outside any browser."""
        context = ssl.create_default_context(cafile=str(self.authority))
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain, \
                context.wrap_socket(plain, server_hostname=self.name) as wire:
            asked = http.client.HTTPConnection(self.name, self.port)
            asked.sock = wire
            asked.request("GET", path, headers=headers)
            answer = asked.getresponse()
            return answer.status, answer.headers, answer.read()

    def worker(self) -> int:
        """The process that holds the keys and answers requests."""
        assert self.process is not None
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        assert len(found) == 1, found
        return int(found[0])

    def kill_worker(self) -> None:
        """As the kernel does when memory is short. Returns when another worker answers in its place."""
        before = self.worker()
        os.kill(before, signal.SIGKILL)
        until(lambda: (children := self._children()) and children != [before] and self.state(), "another worker answers")

    def _children(self) -> list[int]:
        assert self.process is not None
        text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(word) for word in text.split()]

    def kill(self) -> None:
        """The plug is pulled: supervisor and worker at once."""
        assert self.process is not None
        for pid in (*self._children(), self.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.process.wait(10)
        self.process = None

    def verify(self) -> str:
        """`permanence verify --full` of the closed folder, opened by its machine's key or the sheet."""
        words = permanence("verify", "--full", "--folder", self.folder, *(("--machine-key", self.machine_key) if self.machine_key else ()))
        done = subprocess.run(words, env=environment(), cwd=ROOT, text=True, input=self.sheet + "\n", capture_output=True,
                              timeout=PATIENCE_S, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def stop(self) -> None:
        """As the machine does when it shuts down."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        self.process = None


def _told(words: list[str]) -> str:
    done = subprocess.run(words, env=environment(), cwd=ROOT, text=True, capture_output=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def free_port() -> int:
    """Two in a row, pages and live screens, below those that the system lends to outgoing connections: still free after a restart."""
    while True:
        with socket.socket() as probe, socket.socket() as beside, suppress(OSError):
            port = 20_000 + 2 * secrets.randbelow(5_000)
            probe.bind(("127.0.0.1", port))
            beside.bind(("127.0.0.1", port + 1))
            return port
