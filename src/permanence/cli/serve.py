"""The supervisor: holds the folder, ends TLS in our process, keeps one worker alive. It holds no key of the practice."""

import argparse
import json
import os
import statistics
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from permanence.cli import config
from permanence.cli.prepare import Place, origin_of
from permanence.journal.doors import Refused
from permanence.journal.seal import Seal
from permanence.lib import host

THREADS, THREADS_ON_SLOW_DISK, SLOW_FSYNC_S = 4, 8, 0.008
STOPS_WITHIN_S = 5  # a second signal that lands inside the first one's handler holds granian's worker for ever; a kill loses nothing
FORMER_ENDS_S = 10.0  # started again at once after a kill: the former one's worker may still be ending
MOST_HEADERS = 64 * 1024  # bytes; the default of 16 MB is a stranger's to fill, on each of 200 streams
TARGET = "permanence.cli.worker:make_application"


def serve(chosen: argparse.Namespace) -> int:
    """Serve until stopped. Raises Unsuitable when another process holds the folder, Refused without a certificate."""
    folder = chosen.folder.absolute()
    here = config.load(folder).with_given(tls=chosen.tls, port=chosen.port, copies=chosen.copies, kits=chosen.kits,
                                          cert=chosen.cert, key=chosen.key, nearby=chosen.nearby)
    record = Seal.load(folder / "seal")
    name = record.hosts[0]
    place = Place(folder, origin_of(here.tls, name, here.port), record.rp_id,
                  f"http://localhost:{chosen.console_port}" if chosen.console_port and here.tls != "localhost" else "",
                  chosen.machine_key.absolute() if chosen.machine_key else None, threads_for(folder),
                  live_origin=origin_of(here.tls, name, here.live), tls=here.tls)
    return start(place, here, address=chosen.address if here.tls != "localhost" else "127.0.0.1")


def start(place: Place, here: config.Config, *, address: str) -> int:
    """Hold the folder and run granian: WSGI, one worker, blocking threads. A worker that dies comes back sealed."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP2Settings
    from granian.log import LogLevels

    host.refuse_unsuitable_folder(place.folder)
    with host.exclusive_lock(place.folder / "run" / "lock", patience=FORMER_ENDS_S):
        host.keep_memory_private()
        os.environ["PERMANENCE_PLACE"] = dump(place, here, address)
        print(f"Le cabinet répond sur {place.origin}" + (f", et sur {place.console_origin} depuis cette machine"
                                                         if place.console_origin else ""), flush=True)
        certificate, key = tls_files(place.folder, here)
        Granian(TARGET, factory=True, address=address, port=here.port, interface=Interfaces.WSGI, workers=1,
                blocking_threads=place.threads, blocking_threads_idle_timeout=600, backlog=256, log_access=False,
                log_level=LogLevels.warning, respawn_failed_workers=True, respawn_interval=1.0,
                workers_kill_timeout=STOPS_WITHIN_S, ssl_cert=certificate, ssl_key=key, websockets=False,
                http2_settings=HTTP2Settings(max_headers_size=MOST_HEADERS)).serve()
    return 0


def tls_files(folder: Path, here: config.Config) -> tuple[Path | None, Path | None]:
    """Certificate and key to end TLS with; none with `localhost`. Raises Refused when they are not there."""
    if here.tls == "localhost":
        return None, None
    own = here.tls == "own-ca"
    certificate = folder / "seal" / "tls" / "cert.pem" if own else Path(here.cert)
    key = folder / "seal" / "tls" / "key.pem" if own else Path(here.key)
    if not certificate.is_file() or not key.is_file():
        raise Refused("Le certificat n’est pas là\u00a0: donnez --cert et --key avec --tls files, ou remettez en place le "
                      "dossier seal/tls.", code="tls")
    return certificate, key


def threads_for(folder: Path) -> int:
    """Four threads; eight where the disk takes more than 8 ms to promise, so that waiting for it blocks fewer pages."""
    return THREADS_ON_SLOW_DISK if fsync_seconds(folder) > SLOW_FSYNC_S else THREADS


def fsync_seconds(folder: Path, *, times: int = 7) -> float:
    """The median time of a small write made durable in this folder."""
    probe, took = folder / "run" / "fsync", []
    with probe.open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(b"\0" * 4096)
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    probe.unlink()
    return statistics.median(took)


def dump(place: Place, here: config.Config, address: str) -> str:
    """What the worker must know, for its environment: paths and names only."""
    files = [str(path) if path else "" for path in tls_files(place.folder, here)]
    values = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(place).items()}
    return json.dumps({"place": values, "copies": here.copies, "kits": here.kits, "nearby": here.nearby,
                       "listen": {"address": address, "tls": files}})  # fmt: skip


def parse(text: str) -> tuple[Place, dict[str, Any]]:
    """The worker's place, and what goes with it: {copies, kits, nearby, listen: {address, tls: [certificate, key] or ["", ""]}}."""
    values = json.loads(text)
    place = values.pop("place")
    key = place.pop("machine_key")
    place |= {"folder": Path(place["folder"]), "machine_key": Path(key) if key else None}
    return Place(**place), values



