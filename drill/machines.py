"""The machines of the exercise: made and joined by the commands that a practice types, served apart, killed, restarted, upgraded."""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.browser import Site
from permanence.cli.wire import Wire

ROOT = Path(__file__).resolve().parents[1]
RP_ID = "cabinet.example"
PATIENCE_S, STOP_S = 90.0, 20.0
DAY_S = 86_400


class Failed(Exception):
    """A command or a machine did not do what it must; the drill cannot go on."""


def environment(offset: Path | None = None) -> dict[str, str]:
    """What the command needs and nothing of the caller's settings. `offset`: the file that moves that machine's clock."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV") if name in os.environ}
    moved = {"PERMANENCE_TEST_OFFSET": str(offset)} if offset else {}
    return {**kept, **moved, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]), "PYTHONUNBUFFERED": "1",
            "PYTHONFAULTHANDLER": "1"}  # fmt: skip


def free_port() -> int:
    """Two in a row, pages and live screens, below those that the system lends to outgoing connections."""
    while True:
        with socket.socket() as one, socket.socket() as beside, suppress(OSError):
            port = 20_000 + 2 * secrets.randbelow(5_000)
            one.bind(("127.0.0.1", port))
            beside.bind(("127.0.0.1", port + 1))
            return port


@dataclass
class Machine:
    """One replica: its folder, its name, the line by which it asks the office, its server while it runs."""

    folder: Path
    name: str
    port: int = 0
    line: Wire | None = None
    off: int = 0  # days by which its clock is wrong
    days: int = 0  # days passed in the exercise, for its clock
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    starts: list[float] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"{self.name}.{RP_ID}"

    @property
    def origin(self) -> str:
        return f"https://{self.host}:{self.port}"

    @property
    def site(self) -> Site:
        return Site(self.host, self.port, str(self.folder / "seal" / "tls" / "cert.pem"))

    @property
    def key(self) -> Path:
        return self.folder.with_suffix(".key")

    @property
    def _offset(self) -> Path:
        return self.folder.with_suffix(".offset")

    @property
    def log(self) -> Path:
        return self.folder.with_suffix(".log")

    def at_day(self, day: int) -> None:
        """Move its clock: from its next question on."""
        self.days = day
        part = self._offset.with_suffix(f".{threading.get_ident()}.part")
        part.write_text(str((day + self.off) * DAY_S))
        part.replace(self._offset)

    def run(self, *words: object, typed: str = "") -> str:
        """One command of `permanence` on this folder, by its own clock. Raises Failed."""
        self.at_day(self.days)
        done = subprocess.run(self._words(*words, "--folder", self.folder), env=environment(self._offset), cwd=ROOT, text=True, input=typed,
                              capture_output=True, timeout=PATIENCE_S, check=False)  # fmt: skip
        if done.returncode:
            raise Failed(f"permanence {words[0]} on {self.name}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    @staticmethod
    def _words(*words: object) -> list[str]:
        return [sys.executable, "-m", "tests.browser.shifted", *map(str, words)]

    def serve(self) -> None:
        """`permanence serve`, opening alone with the machine's key; returns at the first page, over TLS."""
        began = time.monotonic()
        self.at_day(self.days)
        words = self._words("serve", "--folder", self.folder, "--port", self.port, "--address", "127.0.0.1", "--console-port", 0,
                            "--machine-key", self.key)  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(words, env=environment(self._offset), cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() - began > PATIENCE_S:
                raise Failed(f"{self.name} did not start: {self.log.read_text()[-3000:]}")
            time.sleep(0.05)
        self.starts.append(time.monotonic() - began)

    def _answers(self) -> bool:
        try:
            return self.site.first_page()
        except OSError:
            return False

    def kill(self) -> None:
        """As a cut of the current does: supervisor and worker at once, nothing said to anybody."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self) -> None:
        """As the machine does when it shuts down."""
        process = self.process
        if process is None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_S)
            self.process = None
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGABRT)  # the log then says where each thread stood
            time.sleep(0.5)
            self.kill()
            print(f"{self.name} did not stop within {STOP_S:.0f} s: {self.log.read_text()[-6000:]}", file=sys.stderr)


def found(folder: Path, name: str) -> Machine:
    """`permanence init` by somebody who types the printed sheet again; then the office machine may open the practice alone."""
    office, page = Machine(folder, name, port=free_port()), folder.with_suffix(".html")
    words = [sys.executable, "-m", "permanence.cli", "init", "--folder", folder, "--name", office.host, "--tls", "own-ca", "--practice",
             "Cabinet des Lilas", "--titulaire", "Claire Moreau", "--rpps", "10003456786", "--page", page]  # fmt: skip
    with subprocess.Popen([str(word) for word in words], env=environment(), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as command:  # fmt: skip
        assert command.stdout is not None
        said = ""
        for line in command.stdout:
            said += line
            if "effacée" in line:
                break
        if not page.is_file():
            raise Failed(said)
        sheet = " ".join(re.findall(r"<span>([0-9A-Z]{5})</span>", page.read_text(encoding="utf-8")))
        said, _ = command.communicate(sheet + "\n", timeout=PATIENCE_S)
    if command.returncode:
        raise Failed(said)
    office.run("machine-key", "--write", office.key, typed=sheet + "\n")
    return office


def join(office: Machine, folder: Path, name: str, kind: str) -> Machine:
    """A code shown on the office machine, which runs, typed on the new one; what it asks goes through a line of its own."""
    line = Wire(office.port)
    made = Machine(folder, name, port=free_port(), line=line)
    shown = office.run("pair-code", "--name", made.host, "--kind", kind)
    code = shown.rsplit(":", 1)[-1].strip()
    made.run("join", "--from", office.origin, "--at", f"127.0.0.1:{line.port}", "--name", made.host, "--code", code,
             "--machine-key", made.key, "--port", made.port)  # fmt: skip
    shutil.copytree(office.folder / "run" / "static", made.folder / "run" / "static")  # scripts and styles, compressed once
    return made
