"""`permanence rebuild`: a new computer, the recovery sheet, and a relay or a copy. Said in sentences, begun again where it was cut."""

import argparse
import datetime
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from permanence.cli import asking, config, joining, prepare, sheet
from permanence.cli.prepare import Place
from permanence.journal import keyring
from permanence.journal.doors import Refused
from permanence.lib import clock, dates
from permanence.lib.text import plural

NEITHER = ("Dire d’où reprendre\u00a0: «\u00a0--relay https://…\u00a0» (l’adresse est sur la feuille de secours) ou "
           "«\u00a0--copy\u00a0» avec le dossier d’une copie.")  # fmt: skip
NO_NAME = "Nom de cette machine (bureau.cabinet.example)\u00a0: "
EVERY_S = 0.2
ZONE = ZoneInfo("Europe/Paris")


def rebuild(chosen: argparse.Namespace) -> int:
    """All of it, and what it came to. Raises Refused, Unsuitable."""
    if not chosen.relay and not chosen.copy:
        raise Refused(NEITHER, code="from")
    folder = chosen.folder.absolute()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()  # it comes whole in its place, or not at all: no log is written there before
    prepare.django_for(Place(folder))
    secret = _typed()
    outcome, fetched = (_from_copy if chosen.copy else _from_relay)(chosen, folder, secret)
    _say(outcome, fetched)
    return 0


def _typed() -> bytes:
    for _ in range(sheet.TRIES):
        try:
            return keyring.read_sheet(asking.ask("Tapez les huit groupes de la feuille de secours\u00a0: "))
        except keyring.Mistyped as wrong:
            print(sheet.mistyped(wrong), file=sys.stderr)
    raise Refused("La feuille n’a pas pu être lue\u00a0: reprenez-la à tête reposée, groupe par groupe.", code="sheet")


def _from_relay(chosen: argparse.Namespace, folder: Path, secret: bytes) -> tuple[Any, Any]:
    from permanence.sync import rebuilding

    found = rebuilding.find(chosen.relay, secret)
    name = chosen.name or (found.deposit.hosts[0] if found.deposit.kind == "office" and found.deposit.hosts else asking.ask(NO_NAME))
    print(f"Cabinet trouvé. Cette machine s’appellera {name}.", flush=True)
    with rebuilding.begin(folder, found, secret, hosts=[name]) as here:
        _settle(chosen, here, own_authority=bool(found.authority), relay=chosen.relay)
        fetched = rebuilding.fetch(here, found.base, found.speaks, _Progress(), floor=found.deposit.held)
        print("Tout est arrivé. Vérification…", flush=True)
        outcome = rebuilding.verified(here)
        rebuilding.admit(here, found.base, secret)
    return outcome, fetched


def _from_copy(chosen: argparse.Namespace, folder: Path, secret: bytes) -> tuple[Any, Any]:
    """The copy, then what came to the relay after it."""
    from permanence.journal import authority
    from permanence.sync import rebuilding

    found = rebuilding.find(chosen.relay, secret) if chosen.relay else None
    since = chosen.since.absolute() if chosen.since else None
    fetched = None
    with rebuilding.from_copy(folder, chosen.copy.absolute(), secret, speaks=found is not None, since=since,
                               later=found.deposit.keys if found is not None else None) as here:  # fmt: skip
        _settle(chosen, here, own_authority=authority.current() is not None, relay=chosen.relay)
        if found is not None:
            print("La copie est en place. Ce qui est venu depuis arrive…", flush=True)
            fetched = rebuilding.fetch(here, found.base, found.speaks, _Progress(), floor=found.deposit.held)
        print("Vérification…", flush=True)
        outcome = rebuilding.verified(here)
        if found is not None:
            rebuilding.admit(here, found.base, secret)
    return outcome, fetched


def _settle(chosen: argparse.Namespace, here: Any, *, own_authority: bool, relay: str | None) -> None:
    """How this machine is served, and what opens it besides the sheet."""
    tls = chosen.tls or ("own-ca" if own_authority else "files")
    port = chosen.port or (8000 if tls == "localhost" else 443)
    config.save(here.path, config.load(here.path).with_given(tls=tls, port=port, relay=relay or None))
    if chosen.machine_key is not None and not chosen.machine_key.exists():
        joining.let_machine_open(here, chosen.machine_key)
    if tls == "files":
        print("Le certificat du cabinet n’est pas de ceux qu’il fait lui-même\u00a0: donnez-le avec «\u00a0permanence serve --tls files "
              "--cert … --key …\u00a0».")  # fmt: skip


class _Progress:
    """One line on a terminal; elsewhere a line for each tenth."""

    def __init__(self) -> None:
        self._said, self._at = ("", -1), 0.0

    def __call__(self, what: str, done: int, of: int) -> None:
        now, tenth = clock.monotonic(), 10 * done // of if of else 10
        if sys.stderr.isatty():
            if now - self._at > EVERY_S or done == of:
                print(f"\r{what}\u00a0: {done} sur {of}   ", end="\n" if done == of else "", file=sys.stderr, flush=True)
                self._at = now
        elif (what, tenth) != self._said:
            print(f"{what}\u00a0: {done} sur {of}", file=sys.stderr, flush=True)
            self._said = (what, tenth)


def _say(outcome: Any, fetched: Any) -> None:
    """What is back, up to when, what is missing, and what to do now."""
    until = datetime.datetime.fromtimestamp(outcome.until / 1000, ZONE)
    print(f"Le cabinet est de retour et vérifié\u00a0: {plural(outcome.entries, 'entrée relue', 'entrées relues')}, "
          f"{plural(outcome.objects, 'objet reconstruit', 'objets reconstruits')}, "
          f"{plural(outcome.files, 'fichier ouvert', 'fichiers ouverts')}.\n"
          f"La dernière écriture est du {dates.format_date(until.date())} à {until:%H:%M}. "
          "Ce qu’une machine perdue n’avait envoyé à personne n’y est pas\u00a0: comparer avec le dernier kit du soir.")  # fmt: skip
    if fetched is not None and fetched.ahead:
        ahead = plural(fetched.ahead, "écriture signée n’est jamais arrivée", "écritures signées ne sont jamais arrivées")
        print(f"{ahead} au relais, ou il en retient\u00a0: chercher la machine qui en a.")
    if outcome.absent:
        absent = plural(outcome.absent, "fichier manque", "fichiers manquent")
        print(f"{absent}\u00a0: ce qu’une machine ou une copie en a reviendra de soi-même.")
    if outcome.others:
        print(f"Machines encore inscrites\u00a0: {', '.join(outcome.others)}. Révoquer celle qui est perdue, dans «\u00a0Cabinet, "
              "Machines\u00a0».")  # fmt: skip
    print("Ensuite\u00a0: «\u00a0permanence serve\u00a0», puis une nouvelle feuille avec «\u00a0permanence recovery-sheet\u00a0».")


__all__ = ["rebuild"]
