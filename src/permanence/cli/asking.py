"""How a command asks: the person in front of it, and the running server or, without one, the folder itself."""

import argparse
import getpass
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from permanence.cli import config, prepare, sheet, socket
from permanence.cli.prepare import Place
from permanence.journal import keyring
from permanence.journal.doors import Refused
from permanence.journal.seal import Seal


def ask(question: str) -> str:
    """A line from the person; what is typed is not echoed on a terminal when it opens the practice."""
    return getpass.getpass(question) if sys.stdin.isatty() and "feuille" in question else input(question)


def run(chosen: argparse.Namespace, command: str, **asked: Any) -> Iterator[Mapping[str, Any]]:
    """Ask the running server; without one, open the folder here, do it, and close."""
    folder = chosen.folder.absolute()
    try:
        yield from socket.call(folder / "run" / "socket", command, **asked)
        return
    except socket.NoServer:
        pass
    prepare.django_for(Place(folder))
    from permanence.cli import operations
    from permanence.journal.folder import open_folder

    copies = config.load(folder).copies
    prepare.copy_before_upgrade(Path(copies) if copies else None)
    with open_folder(folder) as opened:
        private = asked.get("private") or private_of(folder, getattr(chosen, "machine_key", None))
        list(operations.unlock(opened, {"private": private}))
        yield from operations.handle(opened, command, asked)


def private_of(folder: Path, machine_key: Path | None) -> str:
    """The private key of a slot, base64, from the machine's key file or from the sheet typed on this console."""
    if machine_key is not None:
        return b64encode(keyring.machine_slot(machine_key.read_bytes())[1]).decode()
    record = Seal.load(folder / "seal")
    for _ in range(sheet.TRIES):
        try:
            secret = keyring.read_sheet(ask("Tapez les huit groupes de la feuille de secours\u00a0: "))
        except keyring.Mistyped as wrong:
            print(sheet.mistyped(wrong), file=sys.stderr)
            continue
        return b64encode(keyring.sheet_slot(secret, record.practice)[1]).decode()
    raise Refused("La feuille n’a pas pu être lue\u00a0: reprenez-la à tête reposée, groupe par groupe.", code="sheet")
