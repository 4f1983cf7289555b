"""Another machine of the same practice: the code at the one that invites, and the command that types it at the one that joins."""

import argparse
import os
import ssl
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from permanence.cli import asking, config, prepare
from permanence.cli.prepare import Place
from permanence.journal.doors import Refused
from permanence.lib import cbor, host

STEP_S = 30.0
SHEET_READY = ("Avec la feuille de secours et l’adresse de ce relais, un ordinateur neuf retrouve tout, par «\u00a0permanence "
               "rebuild\u00a0». Notez cette adresse sur la feuille.")  # fmt: skip
SHEET_FIRST = ("La feuille de secours date d’avant et ne suffit pas pour tout retrouver depuis ce relais\u00a0: imprimez-en une "
               "autre, avec «\u00a0permanence recovery-sheet\u00a0».")  # fmt: skip
FAR = "L’autre machine ne répond pas\u00a0: vérifiez son adresse, et que «\u00a0permanence serve\u00a0» y tourne."


def pair_code(chosen: argparse.Namespace) -> int:
    """Show a code for a machine that joins: typed there within ten minutes, three tries."""
    answer = list(asking.run(chosen, "show-code", name=chosen.label or "", kind=chosen.kind, host=chosen.name))[-1]
    print(f"Code à taper sur l’autre machine dans les dix minutes\u00a0: {answer['code']}")
    return 0


def join(chosen: argparse.Namespace) -> int:
    """Type the code, get the practice's keys, then all of its record."""
    folder = chosen.folder.absolute()
    prepare.django_for(Place(folder))
    from permanence.sync import joining

    code = chosen.code or asking.ask("Code montré sur l’autre machine\u00a0: ")
    made, given = joining.join(folder, code, _Asking(chosen.from_, chosen.at), hosts=[chosen.name], at=chosen.at)
    try:
        if chosen.machine_key is not None:
            let_machine_open(made, chosen.machine_key)
        port = chosen.port or (8000 if chosen.tls == "localhost" else 443)
        config.save(folder, config.Config(tls=chosen.tls, port=port, relay=given.relays[0] if given.relays else ""))
        print("Les clés du cabinet sont ici. Le dossier arrive\u2026", flush=True)
        took = first_exchange(made)
    finally:
        made.close()
    print(
        f"Tout est arrivé\u00a0: {took} entrées. Ensuite\u00a0: «\u00a0permanence serve\u00a0». La feuille de secours du cabinet ouvre "
        "aussi cette machine."
    )
    return 0


def first_exchange(made: Any) -> int:
    """Ask until nothing is lacking; what was cut is asked for again from where it stood. How many entries came."""
    from permanence.journal import peers
    from permanence.sync import queries
    from permanence.sync.lines import line_to, place_of
    from permanence.sync.talk import Talk

    count = 0
    for row in queries.peers():
        talk = Talk(row, line_to(row.base, made, at=place_of(row.at)), made.path)
        for attempt in range(5):
            try:
                count += talk.once(progress=_progress)
                break
            except peers.Refused:
                if row.replica is not None:
                    raise Refused(FAR, code="far") from None
                break  # a relay that has not been told of this machine yet: the one that invites tells it within a minute
            except peers.Unreachable:
                if attempt == 4:
                    raise Refused(
                        "L’échange s’est coupé. Ce qui est arrivé est gardé\u00a0: il reprendra de lui-même quand ce cabinet "
                        "sera ouvert ici.",
                        code="cut",
                    ) from None
    return count


def _progress(done: int, whole: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} entrées sur {whole}", end="", file=sys.stderr, flush=True)


def let_machine_open(made: Any, path: Path) -> None:
    """A slot for this machine's own key, written there."""
    from permanence.journal import keyring

    secret = os.urandom(32)
    made.add_slot(keyring.machine_slot(secret)[0], "machine")
    host.atomic_write(path, secret)


class _Asking:
    """Carries both messages of a pairing. The certificate is not believed yet: what the code binds is inside."""

    def __init__(self, address: str, at: str) -> None:
        self._place, self._at = urlsplit(address if "//" in address else f"https://{address}"), at
        if not self._place.hostname:
            raise Refused("Cette adresse n’est pas complète\u00a0: écrivez-la comme https://bureau.cabinet.example.", code="address")

    def __call__(self, step: str, values: Mapping[int, Any]) -> Mapping[int, Any]:
        from permanence.sync.lines import place_of

        name, port = self._place.hostname or "", self._place.port or (443 if self._place.scheme == "https" else 80)
        where = place_of(self._at) or (name, port)
        try:
            connection: HTTPConnection
            if self._place.scheme == "https":
                connection = HTTPSConnection(*where, timeout=STEP_S, context=ssl._create_unverified_context())  # noqa: S323 -- see the class
            else:
                connection = HTTPConnection(*where, timeout=STEP_S)
            authority = name if port in (80, 443) else f"{name}:{port}"
            connection.request(
                "POST", f"/entre-machines/pair/{step}", cbor.dumps(dict(values)), {"Host": authority, "Content-Type": "application/cbor"}
            )
            response = connection.getresponse()
            found = cbor.loads(response.read(1 << 20))
        except (OSError, HTTPException, ValueError) as error:
            raise Refused(FAR, code="far") from error
        if response.status != 200:
            raise Refused(str(found.get(3, FAR)), code=str(found.get(2, "far")))
        return dict(found)


def use_relay(chosen: argparse.Namespace) -> int:
    """The practice's machines meet there; its address is printed on the next recovery sheet."""
    answer = list(asking.run(chosen, "use-relay", address=chosen.address, at=chosen.at, code=chosen.code))[-1]
    config.save(chosen.folder, config.load(chosen.folder).with_given(relay=chosen.address))
    print("Les machines du cabinet se retrouvent à ce relais. Il ne peut rien lire de ce qu’il garde.")
    print(SHEET_READY if answer["sheet"] else SHEET_FIRST)
    return 0


def carry_out(chosen: argparse.Namespace) -> int:
    """One sealed file, for a machine that cannot be reached otherwise."""
    last = list(asking.run(chosen, "carry-out", file=str(chosen.file.absolute()), to=chosen.to, whole=chosen.whole))[-1]
    print(
        f"{last['file']}\u00a0: {last['entries']} écritures, {last['files']} documents ou photos. Seules les machines du cabinet l’ouvrent."
    )
    return 0


def carry_in(chosen: argparse.Namespace) -> int:
    last = list(asking.run(chosen, "carry-in", file=str(chosen.file.absolute())))[-1]
    print(
        f"{last['entries']} écritures reçues, {last['known']} étaient déjà ici, {last['aside']} mises de côté, "
        f"{last['to_settle']} à rapprocher."
    )
    if last["problem"]:
        print(last["problem"], file=sys.stderr)
    return 1 if last["problem"] else 0
