"""A real `permanence serve` beside the bench: TLS by the practice's own authority, granian, the worker. Started and stopped here."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import practice
from bench.browser import Site

SLOW_FSYNC_MS = 12
START_LIMIT_S = 90.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def slow_disk(build: Path) -> dict[str, str] | None:
    """The environment under which fsync takes 12 ms more; None without a compiler, or where preloading does nothing."""
    library, compiler = build / "slow_disk.so", shutil.which("gcc") or shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    made = subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(Path(__file__).with_name("slow_disk.c")),
                           "-ldl"], capture_output=True, check=False)
    if made.returncode:
        return None
    given = {"LD_PRELOAD": str(library.absolute()), "BENCH_FSYNC_US": str(SLOW_FSYNC_MS * 1000)}
    probe = ("import os,tempfile,time\nf=tempfile.TemporaryFile()\nt=time.perf_counter()\nos.fsync(f.fileno())\n"
             "print((time.perf_counter()-t)*1000)")
    took = subprocess.run([sys.executable, "-c", probe], env={**os.environ, **given}, capture_output=True, check=False)
    return given if took.returncode == 0 and float(took.stdout) >= SLOW_FSYNC_MS else None


class Server:
    """`with Server(folder) as server:` — running and answering inside, stopped after."""

    def __init__(self, folder: Path, *, environment: dict[str, str] | None = None, name: str = practice.HOST) -> None:
        from permanence.cli import config

        self.folder, self.port = folder, free_port()
        config.save(folder, config.Config(tls="own-ca", port=self.port))
        self.site = Site(name, self.port, str(folder / "seal" / "tls" / "cert.pem"))
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None
        self.start_seconds = 0.0

    def __enter__(self) -> "Server":
        return self.start()

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._process is not None

    def start(self) -> "Server":
        """Until the first page is answered."""
        began = time.perf_counter()
        with (self.folder / "logs" / "bench-serve.txt").open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "permanence.cli", "serve", "--folder", str(self.folder), "--address", "127.0.0.1",
                 "--port", str(self.port), "--console-port", "0", "--machine-key", str(practice.machine_key(self.folder))],
                env={**os.environ, "PYTHONPATH": str(practice.ROOT / "src"), **self._environment}, stdout=output,
                stderr=subprocess.STDOUT, cwd=practice.ROOT, start_new_session=True)
        try:
            self._wait(began)
        except BaseException:
            self.__exit__()
            raise
        self.start_seconds = time.perf_counter() - began
        return self

    def kill(self) -> None:
        """As a machine dies: supervisor and worker at once, nothing finished."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """In order."""
        self.__exit__()

    def __exit__(self, *error: object) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    def _wait(self, began: float) -> None:
        """Until the first page: the sign-in page of the open practice, over TLS."""
        assert self._process is not None
        while time.perf_counter() - began < START_LIMIT_S:
            if self._process.poll() is not None:
                break
            try:
                if self.site.first_page():
                    return
            except OSError:
                time.sleep(0.01)
        raise SystemExit("the served practice did not answer: " + (self.folder / "logs" / "bench-serve.txt").read_text()[-2000:])

    def settle(self) -> None:
        """Until what a practice does by itself once open (reading every page, verifying) is over, or a minute has passed."""
        import psutil

        assert self._process is not None
        worker = max(psutil.Process(self._process.pid).children(recursive=True), key=lambda one: one.memory_info().rss)
        for _ in range(60):
            if worker.cpu_percent(1.0) < 5:
                return

    def cpu_seconds(self) -> float:
        """Processor time of the supervisor and its workers so far: what neighbours on the machine do not lengthen."""
        import psutil

        assert self._process is not None
        supervisor = psutil.Process(self._process.pid)
        return sum(sum(one.cpu_times()[:2]) for one in (supervisor, *supervisor.children(recursive=True)))

    def memory_mb(self) -> tuple[list[float], str]:
        """Memory of the supervisor, then of its worker, in MB (10^6 bytes), and how it was counted: what both share counts half
        in each, but twice where this is not root, which alone may ask it of a process that hides its memory."""
        import psutil

        assert self._process is not None
        supervisor: Any = psutil.Process(self._process.pid)
        found = [supervisor, *supervisor.children(recursive=True)]
        found = [one for one in found if "resource_tracker" not in " ".join(one.cmdline())]
        try:
            return [one.memory_full_info().pss / 1e6 for one in found], "what both share counted once"
        except psutil.AccessDenied:
            return [one.memory_info().rss / 1e6 for one in found], "resident, what both share counted twice"
