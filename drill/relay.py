"""The relay of the exercise, where this version has one: started, killed on the first day, back on the last."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from drill import hand
from drill.machines import PATIENCE_S, ROOT, RP_ID, Failed, Machine, environment, free_port

HOST = f"relais.{RP_ID}"


class Relay:
    """`permanence relay serve` on SQLite, under the practice's own authority. Does nothing until `start`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, machines: list[Machine]) -> None:
        """Serve it, and let every machine speak to it; the machines are not served meanwhile."""
        self.port = free_port()
        tls = self.folder.with_name("relais-tls")
        hand.ask(machines[0], "certify", host=HOST, to=str(tls))
        code = re.search(r":\s*(\S+)\n", self._run("practice", "add"))
        assert code is not None
        self.again()
        for machine in machines:
            hand.ask(machine, "attach", origin=f"https://{HOST}:{self.port}", at=f"127.0.0.1:{self.port}",
                     code=code[1] if machine is machines[0] else "")  # fmt: skip

    def _words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "permanence.cli", "relay", *words, "--folder", str(self.folder)]

    def _run(self, *words: str) -> str:
        done = subprocess.run(self._words(*words), env=environment(), cwd=ROOT, text=True, capture_output=True, timeout=PATIENCE_S,
                              check=False)  # fmt: skip
        if done.returncode:
            raise Failed(f"permanence relay {words[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def again(self) -> None:
        """The same relay, at the same place."""
        if not self.port:
            return
        tls = self.folder.with_name("relais-tls")
        words = self._words("serve", "--name", f"{HOST}:{self.port}", "--address", "127.0.0.1", "--port", str(self.port), "--cert",
                            str(tls / "cert.pem"), "--key", str(tls / "key.pem"))  # fmt: skip
        with self.folder.with_suffix(".log").open("ab") as log:
            self.process = subprocess.Popen(words, env=environment(), cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        self._wait()

    def _wait(self) -> None:
        import socket

        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.process is not None and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise Failed(f"the relay did not start: {self.folder.with_suffix('.log').read_text()[-2000:]}")

    def kill(self) -> None:
        """kill -9, the whole of it."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    stop = kill
