"""`permanence demo`: makes the fictional practice when it is not there, shows progress, serves it at a localhost name."""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

from permanence import __version__
from permanence.cli import config, prepare, serve
from permanence.cli.prepare import Place
from permanence.journal.seal import Seal
from permanence.lib import host

WIDTH = 30


def demo(chosen: argparse.Namespace) -> int:
    """Make if needed, then serve until stopped."""
    folder = chosen.folder.absolute()
    name, rp_id = name_of(folder), "tilleuls.localhost"
    here = config.Config(tls="localhost", port=chosen.port, kits=str(folder / "run" / "kits"))
    place = Place(folder, prepare.origin_of("localhost", name, chosen.port), rp_id, demo=True,
                  live_origin=prepare.origin_of("localhost", name, here.live),
                  machine_key=folder / "run" / "machine.key", tls="localhost")
    if chosen.fresh or not is_current(folder, chosen.patients):
        make(place, chosen.patients)
        config.save(folder, here)
    (folder / "run" / "kits").mkdir(exist_ok=True)
    if chosen.no_serve:
        return 0
    print("Cabinet fictif : aucun patient, aucun professionnel n’existe.")
    return serve.start(place, here, address="127.0.0.1")


def is_current(folder: Path, patients: int) -> bool:
    """Whether the folder holds the fictional practice of this version, of this size."""
    try:
        said = json.loads((folder / "run" / "demo.json").read_bytes())
    except (OSError, ValueError):
        return False
    return bool({**said, "patients": patients, "version": __version__} == said)


def name_of(folder: Path) -> str:
    """The name to which this folder answers: the laptop of `--replicas` has one of its own."""
    try:
        return Seal.load(folder / "seal").hosts[0]
    except (OSError, ValueError, LookupError):
        return "bureau.tilleuls.localhost"


def make(place: Place, patients: int) -> None:
    """Make it anew. Refuses to remove a folder that is not a fictional practice's."""
    folder = place.folder
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "run" / "demo.json").exists():
            raise host.Unsuitable(f"Le dossier {folder} n’est pas un cabinet fictif\u00a0: choisissez-en un autre avec "
                                  "--folder.", code="not_empty")
        with host.exclusive_lock(folder / "run" / "lock"):
            shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    prepare.django_for(place)
    from permanence.demo import load

    began = time.monotonic()
    loaded = load.make(folder, patients, progress=bar)
    host.atomic_write(folder / "run" / "demo.json", json.dumps({"patients": patients, "version": __version__}).encode())
    print(f"\r{patients} patients, {loaded.entries} entrées au journal, {time.monotonic() - began:.0f} s.{'':30}")


def bar(done: int, total: int) -> None:
    """A progress bar, on a terminal at each per cent, otherwise nothing."""
    if sys.stdout.isatty() and (done * 100 // total != (done - 1) * 100 // total or done == total):
        full = WIDTH * done // total
        print(f"\rPréparation {'█' * full}{'░' * (WIDTH - full)} {done}/{total} patients", end="", flush=True)
