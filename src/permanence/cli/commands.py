"""Each command of `permanence`: what it asks the person, what it asks of the folder, what it prints."""

import argparse
import os
import sys
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from permanence.cli import config, joining, prepare, rebuilding, relay, sheet, socket
from permanence.cli.asking import ask, private_of, run
from permanence.cli.prepare import Place
from permanence.journal import keyring
from permanence.journal.doors import Refused
from permanence.journal.seal import Seal
from permanence.lib import clock, dates, host

CLOSED = "Le serveur tourne, mais le cabinet est fermé\u00a0: ouvrez-le d’abord avec «\u00a0permanence unlock\u00a0»."

PARIS, WAYS = ZoneInfo("Europe/Paris"), 2
ONE_WAY = ("Une seule façon d’ouvrir le cabinet\u00a0: avant le premier patient, un titulaire permet à sa clé de l’ouvrir dans "
           "«\u00a0Mes clés\u00a0», et l’ouvre deux fois avec elle.")


# -- making a practice


def init(chosen: argparse.Namespace) -> int:
    """A new practice: folder, first titulaire, certificate, recovery sheet. Nothing stays if the sheet is not re-typed."""
    name = chosen.name.lower().rstrip(".")
    rp_id = rp_id_of(name)
    practice = chosen.practice or ask("Nom du cabinet\u00a0: ")
    given, _, family = (chosen.titulaire or ask("Prénom et nom du premier titulaire\u00a0: ")).strip().partition(" ")
    path = chosen.folder.absolute()
    prepare.django_for(Place(path))
    from permanence.accounts import unlocking
    from permanence.accounts.actions import found_practice, invite_post
    from permanence.journal import authority, folder
    from permanence.journal.doors import Actor

    made = folder.create(path, hosts=[name], rp_id=rp_id)
    try:
        founded = found_practice(name=practice, rp_id=rp_id, family_name=family, given_name=given, rpps=chosen.rpps,
                                 by=Actor.machine("set_up"))
        post = invite_post(name="Poste principal", by=Actor.machine("set_up"))
        if chosen.tls == "own-ca":
            authority.establish(made)
        secret = keyring.new_sheet()
        if not _printed(secret, name, chosen.page):
            raise Refused("La feuille n’a pas été retapée\u00a0: rien n’a été créé. Imprimez-la puis recommencez.",
                          code="sheet")
        unlocking.replace_sheet(made, secret, by=Actor.machine("console"))
    except BaseException:
        folder.abandon(made)
        raise
    port, copies = 8000 if chosen.tls == "localhost" else 443, str(chosen.copies.absolute()) if chosen.copies else ""
    kits = str(chosen.kits.absolute()) if chosen.kits else ""
    config.save(path, config.Config(tls=chosen.tls, port=port, copies=copies, kits=kits))
    made.close()
    print(f"Le cabinet {practice} est créé dans {path}.\n"
          f"Code de la première clé, à usage unique\u00a0: {founded.code}\n"
          f"Code du premier poste, à usage unique\u00a0: {post.code}\n"
          f"Ensuite\u00a0: «\u00a0permanence serve\u00a0», puis, sur ce poste, ouvrez "
          f"{prepare.origin_of(chosen.tls, name, port)}/poste pour enregistrer le navigateur, et /invitation pour créer la "
          "clé.")
    return 0


def rp_id_of(name: str) -> str:
    """The practice's RP ID: the replica's name without its first label (`bureau.`). Raises Refused for a bare name."""
    label, _, rest = name.partition(".")
    if not label or "." not in rest:
        raise Refused("Ce nom est trop court\u00a0: il faut celui de la machine puis celui du cabinet, comme "
                      "bureau.cabinet.example.", code="name")
    return rest


def _printed(secret: bytes, name: str, where: Path | None, relay: str = "") -> bool:
    """Write the sheet, ask for it back from paper, remove the page."""
    today = dates.format_date(clock.now().astimezone(PARIS).date())
    page = sheet.write_page(sheet.page(secret, host=name, made_on=today, relay=relay), where)
    print(f"Imprimez la feuille de secours\u00a0: {page}\nPuis fermez la fenêtre\u00a0: la page sera effacée ensuite.")
    try:
        return sheet.typed_again(secret, ask, lambda text: print(text, file=sys.stderr))
    finally:
        sheet.remove_page(page)


# -- an open practice


def status(chosen: argparse.Namespace) -> int:
    try:
        found = next(iter(socket.call(chosen.folder.absolute() / "run" / "socket", "status")))
    except socket.NoServer:
        print("Le serveur ne tourne pas.")
        return 3
    print("Cabinet fermé." if found["sealed"] else "Cabinet ouvert.")
    if found["ways"] is not None and found["ways"] < WAYS:
        print(ONE_WAY)
    copy = found["copy"]
    print("Aucune copie encore." if copy is None else "Dernière copie vérifiée." if copy["ok"] else copy["problem"])
    return 0


def unlock(chosen: argparse.Namespace) -> int:
    """Opens the running server: without one there is nothing to leave open."""
    place = chosen.folder.absolute()
    try:
        found = next(iter(socket.call(place / "run" / "socket", "status")))
        if found["sealed"]:
            list(socket.call(place / "run" / "socket", "unlock", private=private_of(place, chosen.machine_key)))
    except socket.NoServer:
        raise Refused("Le serveur ne tourne pas\u00a0: lancez «\u00a0permanence serve\u00a0», puis recommencez.",
                      code="no_server") from None
    print("Cabinet ouvert.")
    return 0


def seal(chosen: argparse.Namespace) -> int:
    try:
        list(socket.call(chosen.folder.absolute() / "run" / "socket", "seal"))
    except socket.NoServer:
        print("Le serveur ne tourne pas\u00a0: le cabinet est déjà fermé.")
        return 0
    print("Cabinet fermé.")
    return 0


def recovery_sheet(chosen: argparse.Namespace) -> int:
    """A new sheet replaces the one before, once it was typed from paper."""
    record, secret = Seal.load(chosen.folder / "seal"), keyring.new_sheet()
    relay = config.load(chosen.folder).relay
    if not _printed(secret, record.hosts[0] if record.hosts else record.rp_id, chosen.page, relay):
        raise Refused("La feuille n’a pas été retapée\u00a0: l’ancienne reste la bonne.", code="sheet")
    list(run(chosen, "replace-sheet", secret=b64encode(secret).decode()))
    print("La nouvelle feuille est en service. Détruisez l’ancienne.")
    return 0


def machine_key(chosen: argparse.Namespace) -> int:
    """A slot for this machine: for an encrypted disk, or a secret kept by systemd-creds and a TPM."""
    secret = os.urandom(32)
    list(run(chosen, "add-machine", secret=b64encode(secret).decode()))
    host.atomic_write(chosen.write, secret)
    print(f"Cette machine peut ouvrir le cabinet avec {chosen.write}\u00a0: gardez ce fichier sur un disque chiffré.")
    return 0


def recover_member(chosen: argparse.Namespace) -> int:
    """For who has lost every key: their keys are revoked, and a one-use code lets them make another within the hour."""
    private = private_of(chosen.folder.absolute(), None)
    answer = list(run(chosen, "recover-member", private=private, member=" ".join(chosen.member)))[-1]
    print(f"{answer['name']}\u00a0: toutes ses clés sont révoquées. Code à usage unique, valable une heure, à taper sur la page "
          f"/invitation\u00a0: {answer['code']}")
    return 0


def refuse_demands(chosen: argparse.Namespace) -> int:
    """At the office machine, whoever stands there stops what waits for a second person."""
    answer = list(run(chosen, "refuse-demands"))[-1]
    print(f"Demandes refusées\u00a0: {answer['refused']}.")
    return 0


def verify(chosen: argparse.Namespace) -> int:
    last: Mapping[str, Any] = {}
    for last in run(chosen, "verify", full=chosen.full):
        if "what" in last:
            print(f"{last['where']}\u00a0: {last['what']}")
    print(f"{last['entries']} entrées relues, {last['objects']} objets reconstruits, {last['ms'] / 1000:.1f} s. "
          + ("Tout est conforme." if last["sound"] else "Des écarts ont été trouvés\u00a0: ne modifiez rien, et montrez "
             "cette liste à qui entretient la machine."))
    return 0 if last["sound"] else 2


def backup(chosen: argparse.Namespace) -> int:
    to = chosen.to or config.load(chosen.folder.absolute()).copies
    last = list(run(chosen, "backup", to=str(Path(to).absolute()) if to else ""))[-1]
    print(f"Copie {last['copy']} faite, restaurée à part et vérifiée\u00a0: {last['entries']} entrées, {last['seconds']} s.")
    return 0


def restore(chosen: argparse.Namespace) -> int:
    prepare.django_for(Place(chosen.folder.absolute()))
    from permanence.journal import backup as copies

    copies.restore_files(chosen.copy.absolute(), chosen.folder.absolute(),
                         since=chosen.since.absolute() if chosen.since else None)
    print(f"La copie est dans {chosen.folder}\u00a0: ouvrez-la avec une clé ou une feuille d’alors, puis vérifiez-la avec "
          "«\u00a0permanence verify --full\u00a0».")
    return 0


def kit(chosen: argparse.Namespace) -> int:
    to = chosen.to or config.load(chosen.folder.absolute()).kits
    last = list(run(chosen, "kit", to=str(Path(to).absolute()) if to else "", phrase=chosen.new_phrase))[-1]
    if last["phrase"]:
        print(f"Phrase du kit, montrée une seule fois\u00a0: {last['phrase']}\nL’écrire sur papier et la garder sous clé, hors du "
              "cabinet aussi. Les kits déjà écrits gardent l’ancienne.")
    if last["file"]:
        print(f"Kit écrit, chiffré\u00a0: {last['file']}, {last['patients']} patients.")
    return 0


def import_vsm(chosen: argparse.Namespace) -> int:
    files, failed = [str(path.absolute()) for path in chosen.files], 0
    for answer in run(chosen, "import-vsm", files=files):
        if "file" in answer:
            print(f"{answer['file']}\u00a0: {answer['outcome']}")
        failed = answer.get("refused_files", failed)
    return 1 if failed else 0


def move_in(chosen: argparse.Namespace) -> int:
    """A folder of another software: what would happen, or what has happened."""
    phase, last = "", dict[str, Any]()
    for answer in run(chosen, "import", place=str(chosen.path.absolute()), dry=chosen.dry_run, source=chosen.source):
        if "phase" in answer and answer["phase"] != phase:
            phase = str(answer["phase"])
            print(f"{phase}…", file=sys.stderr)
        last = dict(answer)
    print("Essai\u00a0: rien n’a été écrit. Voici ce qui se passerait\u00a0:" if last["dry"] else "Import terminé\u00a0:")
    for number, words in last["figures"]:
        print(f"  {number:>8} {words}")
    for table in last["tables"]:
        print(f"Table lue\u00a0: {table}")
    if last["unmapped"]:
        print(f"Colonnes non reprises\u00a0: {', '.join(map(_plain, last['unmapped']))}")
    for place, lines, _, text in last["told"]:
        print(f"  {_plain(place)}{', ' if lines else ''}{lines}\u00a0: {_plain(text)}")
    if last["more"]:
        print(f"  … et {last['more']} autres, à lire dans «\u00a0Cabinet, Reprise des dossiers\u00a0».")
    return 0


def _plain(text: str) -> str:
    """On one line, without what could drive the terminal: the names of files come from outside."""
    return "".join(c if c.isprintable() or c in "\u00a0\u202f" else " " for c in str(text))


def serve(chosen: argparse.Namespace) -> int:
    from permanence.cli import serve as server

    return server.serve(chosen)


def demo(chosen: argparse.Namespace) -> int:
    from permanence.cli import demo as fictional
    from permanence.cli import replicas

    return (replicas.replicas if chosen.replicas else fictional.demo)(chosen)


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "init": init, "serve": serve, "status": status, "unlock": unlock, "seal": seal, "recovery-sheet": recovery_sheet,
    "machine-key": machine_key, "recover-member": recover_member, "refuse-demands": refuse_demands,
    "import-vsm": import_vsm, "import": move_in, "verify": verify, "backup": backup, "restore": restore,
    "kit": kit, "demo": demo, "relay": relay.run,
    "rebuild": rebuilding.rebuild,
    "pair-code": joining.pair_code, "join": joining.join, "use-relay": joining.use_relay, "carry-out": joining.carry_out,
    "carry-in": joining.carry_in,
}
