"""`permanence relay`: serve the relay, give a practice its registration code, say what is kept. It holds no key of any practice."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from permanence.journal.doors import Refused
from permanence.lib import host, logs
from permanence.lib.text import NBSP

TARGET = "permanence.relay.wsgi:make_gate"
NO_DATABASE = f"La base de données ne répond pas{NBSP}: vérifiez --database, et que PostgreSQL tourne."
DEFAULT_FOLDER = Path.home() / "Permanence-relais"


def words(relay: argparse.ArgumentParser) -> None:
    """Its words."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="dossier du relais (défaut : %(default)s)")
    common.add_argument("--database", default="", help="postgresql://… (défaut : un fichier SQLite, pour la démonstration seulement)")
    parts = relay.add_subparsers(dest="relay", required=True, metavar="ACTION")
    serve = parts.add_parser("serve", parents=[common], help="répondre aux machines des cabinets")
    serve.add_argument("--name", action="append", required=True, help="nom du relais, avec son port s’il n’est pas 443 ; répétable")
    serve.add_argument("--address", default="0.0.0.0", help="adresse d’écoute (défaut : toutes)")  # noqa: S104 -- it is a server
    serve.add_argument("--port", type=int, default=443)
    serve.add_argument("--cert", type=Path, help="chaîne de certificats, PEM")
    serve.add_argument("--key", type=Path, help="clé privée, PEM")
    serve.add_argument("--plain", action="store_true", help="sans TLS, sur 127.0.0.1 seulement : essais et démonstration")
    practice = parts.add_parser("practice", help="les cabinets").add_subparsers(dest="practice", required=True, metavar="ACTION")
    add = practice.add_parser("add", parents=[common], help="donner un code d’inscription à usage unique")
    add.add_argument("--for", dest="only", default="", metavar="IDENTIFIANT", help="pour un cabinet inscrit qui a perdu ses machines")
    add.add_argument("--gigabytes", type=int, default=50, help="place sur le relais, en Go (défaut : %(default)s)")
    add.add_argument("--entries", type=int, default=20_000_000, help="nombre d’écritures (défaut : %(default)s)")
    add.add_argument("--files", type=int, default=500_000, help="nombre de fichiers (défaut : %(default)s)")
    add.add_argument("--witness", action="store_true", help="témoin : garder les empreintes seulement")
    parts.add_parser("status", parents=[common], help="dire ce que le relais garde")


def run(chosen: argparse.Namespace) -> int:
    """One action."""
    actions = {"serve": _serve, "practice": _practice_add, "status": _status}
    return actions[chosen.relay](chosen)


def _django(chosen: argparse.Namespace, **more: Any) -> Path:
    """The relay's own Django, and its tables as this version wants them."""
    folder: Path = chosen.folder.absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    host.refuse_unsuitable_folder(folder)
    os.environ["PERMANENCE_RELAY"] = json.dumps({"folder": str(folder), "database": chosen.database, **more})
    os.environ["DJANGO_SETTINGS_MODULE"] = "permanence.relay.settings"
    try:
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import OperationalError, connection
        if chosen.database:
            _refuse_no_database(chosen.database)
    except ImportError:
        raise Refused(f"PostgreSQL n’est pas prévu dans cette installation{NBSP}: installez permanence[relay].", code="psycopg") from None
    pool: Any = connection
    try:
        call_command("migrate", verbosity=0, interactive=False)
        connection.close()
        if chosen.database:
            pool.close_pool()  # the worker is forked from here: it makes its own, with the threads that mend it
    except OperationalError:
        raise Refused(NO_DATABASE, code="database") from None
    return folder


def _refuse_no_database(address: str) -> None:
    """Said at once: the pool would wait for it."""
    import psycopg

    try:
        psycopg.connect(address, connect_timeout=5).close()
    except psycopg.OperationalError:
        raise Refused(NO_DATABASE, code="database") from None


def _serve(chosen: argparse.Namespace) -> int:
    """Serve until stopped: one process, an event loop and a few threads."""
    if chosen.plain and chosen.address != "127.0.0.1":
        raise Refused(f"Sans TLS, le relais ne répond qu’à cette machine{NBSP}: ajoutez --address 127.0.0.1.", code="tls")
    if not chosen.plain and not (chosen.cert and chosen.key and chosen.cert.is_file() and chosen.key.is_file()):
        raise Refused(f"Le certificat n’est pas là{NBSP}: donnez --cert et --key.", code="tls")
    names = [name.lower() for name in chosen.name]
    folder = _django(chosen, names=names, plain=chosen.plain)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from permanence.relay import places

    places.own_key(folder)
    (folder / "run").mkdir(mode=0o700, exist_ok=True)
    with host.exclusive_lock(folder / "run" / "lock"):
        logs.configure(folder / "logs")
        host.keep_memory_small()
        print(f"Le relais répond sur le port {chosen.port}, sous le nom {', '.join(names)}", flush=True)
        Granian(TARGET, factory=True, address=chosen.address, port=chosen.port, interface=Interfaces.ASGINL, workers=1, backlog=512,
                log_access=False, log_level=LogLevels.warning, respawn_failed_workers=True, respawn_interval=1.0, websockets=False,
                ssl_cert=chosen.cert, ssl_key=chosen.key).serve()  # fmt: skip
    return 0


def _practice_add(chosen: argparse.Namespace) -> int:
    """A registration code, shown once."""
    only = None
    if chosen.only:
        try:
            only = bytes.fromhex(chosen.only)
        except ValueError:
            only = b""
        if len(only) != 16:
            raise Refused(f"Cet identifiant de cabinet n’est pas lisible{NBSP}: recopiez-le depuis les réglages.", code="practice")
    _django(chosen)
    from permanence.relay import keys

    code = keys.offer(keys.Offer("witness" if chosen.witness else "full", chosen.gigabytes << 30, chosen.entries, chosen.files, only))
    print(f"Code d’inscription, à usage unique, valable sept jours{NBSP}: {code}\n"
          f"Le cabinet le tape dans ses réglages, avec l’adresse du relais.")  # fmt: skip
    return 0


def _status(chosen: argparse.Namespace) -> int:
    """Counts by practice: ids only."""
    _django(chosen)
    from permanence.relay import db

    found = db.rows("SELECT practice, mode, entries, blobs, bytes, most_bytes FROM relay_practice ORDER BY bytes DESC")
    print(f"{len(found)} cabinet(s)")
    for practice, mode, entries, blobs, used, most in found:
        aside = db.one("SELECT count(*) FROM relay_aside WHERE practice = %s", practice)[0]
        kind = "témoin" if mode == "witness" else "complet"
        print(f"{bytes(practice).hex()}  {kind}  {entries} écritures, {blobs} fichiers, {used / 2**30:.2f} Go sur {most / 2**30:.0f}"
              + (f", {aside} mis à part" if aside else ""))  # fmt: skip
    return 0
