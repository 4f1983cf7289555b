"""`permanence demo --replicas`: the fictional practice on two machines side by side, and a line between them that a person pulls out."""

import argparse
import http.client
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from permanence import __version__
from permanence.cli import demo, socket
from permanence.cli.wire import Wire
from permanence.journal.doors import Refused
from permanence.journal.seal import Seal
from permanence.lib import clock, host
from permanence.lib.text import NBSP

# Every program started here is this very interpreter, with words of our own.
# ruff: noqa: S603
OFFICE, LAPTOP = "bureau.tilleuls.localhost", "portable.tilleuls.localhost"
START_S, STOP_S = 120.0, 20.0
HOW = (f"Dans ce terminal, une lettre puis Entrée{NBSP}: c coupe la ligne entre les deux machines, r la rétablit, q arrête tout. "
       "Pour arrêter une machine comme en panne, tuer son processus (kill).")  # fmt: skip
TAKEN = f"Le port {{}} est pris par un autre programme{NBSP}: choisir une autre série de cinq ports libres, avec --port."
NO_START = f"Une des deux machines n’a pas démarré{NBSP}: son journal technique est dans son dossier, sous «{NBSP}logs{NBSP}»."


def replicas(chosen: argparse.Namespace) -> int:
    """Both machines until `q`. The office one is made if needed; the laptop joins it by a code, as a real one does, once."""
    office = chosen.folder.absolute()
    laptop, port = office.with_name(f"{office.name}-portable"), chosen.port
    words = ["--patients", str(chosen.patients)]
    if subprocess.run(_command("demo", "--folder", str(office), "--port", str(port), *words, "--no-serve",
                               *(["--fresh"] if chosen.fresh else [])), check=False).returncode:  # fmt: skip
        return 1
    try:
        line, running = Wire(port, port=port + 4), list[subprocess.Popen[bytes]]()
    except OSError:
        raise Refused(TAKEN.format(port + 4), code="port") from None
    for ends in (signal.SIGTERM, signal.SIGHUP):  # the machines have sessions of their own: they would outlive this one
        signal.signal(ends, lambda number, frame: sys.exit(128 + number))
    try:
        running.append(_serve(office, port, words))
        if not _is_of(laptop, office, port):
            _join(office, laptop, line, port, chosen.patients)
        if chosen.no_serve:
            return 0
        running.append(_serve(laptop, port + 2, words))
        print(f"Bureau{NBSP}: http://{OFFICE}:{port} (processus {running[0].pid})\n"
              f"Portable{NBSP}: http://{LAPTOP}:{port + 2} (processus {running[1].pid})\n{HOW}", flush=True)  # fmt: skip
        _listen(line, running)
        return 0
    finally:
        line.close()
        _stop(running)


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "permanence.cli", *words]


def _serve(folder: Path, port: int, words: list[str]) -> "subprocess.Popen[bytes]":
    """`permanence demo` on that folder, in a session of its own: what is typed here reaches this process alone. Returns when it answers."""
    process = subprocess.Popen(
        _command("demo", "--folder", str(folder), "--port", str(port), *words), stdin=subprocess.DEVNULL, start_new_session=True
    )
    end = clock.monotonic() + START_S
    while process.poll() is None and clock.monotonic() < end:
        try:
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            asked.request("GET", "/sante", headers={"Host": f"{demo.name_of(folder)}:{port}"})
            if json.loads(asked.getresponse().read()).get("status") == "ready":
                return process
        except (OSError, ValueError, http.client.HTTPException):
            time.sleep(0.1)
    _stop([process])
    raise Refused(NO_START, code="start")


def _stop(running: list["subprocess.Popen[bytes]"]) -> None:
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()


def _mark(office: Path, port: int) -> dict[str, object]:
    return {"office": Seal.load(office / "seal").practice.hex(), "port": port}


def _is_of(laptop: Path, office: Path, port: int) -> bool:
    """Whether this folder is a laptop of that very practice, and knows where it is."""
    try:
        said = json.loads((laptop / "run" / "demo.json").read_bytes())
    except (OSError, ValueError):
        return False
    return bool({**said, **_mark(office, port), "version": __version__} == said)


def _join(office: Path, laptop: Path, line: Wire, port: int, patients: int) -> None:
    """A code asked of the office machine, typed on the laptop. What was there before of another fictional practice goes."""
    if laptop.exists() and any(laptop.iterdir()):
        if not (laptop / "run" / "demo.json").exists():
            raise host.Unsuitable(f"Le dossier {laptop} n’est pas un cabinet fictif{NBSP}: choisissez-en un autre avec --folder.",
                                  code="not_empty")  # fmt: skip
        shutil.rmtree(laptop)
    code = list(socket.call(office / "run" / "socket", "show-code", name="Portable", kind="laptop", host=LAPTOP))[-1]["code"]
    words = ["--from", f"http://{OFFICE}:{port}", "--name", LAPTOP, "--at", f"127.0.0.1:{line.port}", "--tls", "localhost", "--code", code]
    secret = laptop.with_suffix(".key")  # the folder must be empty when it joins
    done = subprocess.run(_command("join", "--folder", str(laptop), *words, "--port", str(port + 2), "--machine-key", str(secret)),
                          check=False)  # fmt: skip
    if done.returncode:
        shutil.rmtree(laptop, ignore_errors=True)  # half of a practice that opens nothing: begun again next time
        raise Refused(NO_START, code="join")
    secret.replace(laptop / "run" / "machine.key")
    said = {"patients": patients, "version": __version__, **_mark(office, port)}
    host.atomic_write(laptop / "run" / "demo.json", json.dumps(said).encode())


def _listen(line: Wire, running: list["subprocess.Popen[bytes]"]) -> None:
    """One letter at a time; without a terminal, until a machine ends or we are stopped."""
    for typed in sys.stdin:
        match typed.strip().lower():
            case "c":
                line.cut()
                print("Ligne coupée. Chaque machine continue seule.", flush=True)
            case "r":
                line.mend()
                print("Ligne rétablie. Elles se rattrapent.", flush=True)
            case "q":
                return
            case _:
                print(HOW, flush=True)
    for process in running:
        process.wait()
