"""The `permanence` command: its words, and where each goes. It asks the running server, or opens the folder itself."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from permanence import __version__
from permanence.cli import prepare
from permanence.cli import relay as relay_words

TLS = ("own-ca", "files", "localhost")


def parser() -> argparse.ArgumentParser:
    """The command's words. Help is in French: the practice reads it."""
    top = argparse.ArgumentParser(prog="permanence", description="Le logiciel du cabinet, qui continue quand tout s’arrête.")
    top.add_argument("--version", action="version", version=f"permanence {__version__}")
    words = top.add_subparsers(dest="command", required=True, metavar="COMMANDE")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--folder", type=Path, default=prepare.DEFAULT_FOLDER,
                        help="dossier du cabinet (défaut : %(default)s)")
    opens = argparse.ArgumentParser(add_help=False, parents=[common])
    opens.add_argument("--machine-key", type=Path, help="fichier de la clé de la machine, au lieu de la feuille de secours")
    _init(words.add_parser("init", parents=[common], help="créer un cabinet dans un dossier vide"))
    _serve(words.add_parser("serve", parents=[common], help="ouvrir le cabinet aux postes"))
    words.add_parser("status", parents=[common], help="dire si le cabinet est ouvert, et l’état de la dernière copie")
    words.add_parser("unlock", parents=[opens], help="ouvrir le cabinet avec la feuille de secours")
    words.add_parser("seal", parents=[common], help="fermer le cabinet : plus rien n’est lisible")
    sheet = words.add_parser("recovery-sheet", parents=[opens], help="imprimer une nouvelle feuille de secours")
    sheet.add_argument("--page", type=Path, help="où écrire la page à imprimer (défaut : en mémoire)")
    machine = words.add_parser("machine-key", parents=[opens], help="laisser cette machine ouvrir seule le cabinet")
    machine.add_argument("--write", type=Path, required=True, help="où écrire la clé, sur un disque chiffré")
    recover = words.add_parser("recover-member", parents=[common], help="redonner une clé à un membre, avec la feuille de secours")
    recover.add_argument("member", nargs="+", metavar="NOM", help="prénom et nom du membre")
    words.add_parser("refuse-demands", parents=[opens], help="refuser toutes les décisions qui attendent une deuxième personne")
    vsm = words.add_parser("import-vsm", parents=[opens], help="importer des volets de synthèse médicale (CDA R2)")
    vsm.add_argument("files", type=Path, nargs="+", metavar="FICHIER")
    _move_in(words.add_parser("import", parents=[opens], help="reprendre un dossier d’un autre logiciel (CSV, PDF, CDA)"))
    verify = words.add_parser("verify", parents=[opens], help="vérifier le journal et les tables")
    verify.add_argument("--full", action="store_true", help="tout recalculer, au lieu de repartir du dernier contrôle")
    kit = words.add_parser("kit", parents=[opens], help="écrire le kit du soir, chiffré, lisible sans ce logiciel")
    kit.add_argument("--to", type=Path, help="dossier ou clé USB du kit")
    kit.add_argument("--new-phrase", action="store_true", help="tirer une nouvelle phrase, montrée une seule fois")
    backup = words.add_parser("backup", parents=[opens], help="faire une copie, la restaurer à part et la vérifier")
    backup.add_argument("--to", type=Path, help="disque ou dossier des copies")
    restore = words.add_parser("restore", parents=[common], help="remettre une copie dans un dossier vide")
    restore.add_argument("copy", type=Path, metavar="COPIE")
    restore.add_argument("--since", type=Path, help="ancien dossier du cabinet : ce qui y a été effacé depuis le sera aussi")
    _pair(words.add_parser("pair-code", parents=[opens], help="montrer un code à une machine qui rejoint le cabinet"))
    relay = words.add_parser("use-relay", parents=[opens], help="retrouver les autres machines du cabinet par un relais")
    relay.add_argument("--address", required=True, help="adresse du relais : https://relais.example")
    relay.add_argument("--at", default="", help="hôte:port où le joindre, quand son nom n’est pas connu du réseau")
    relay.add_argument("--code", required=True, help="code donné par qui tient le relais, à usage unique")
    out = words.add_parser("carry-out", parents=[opens], help="écrire sur une clé USB ce qui manque à une autre machine du cabinet, scellé")
    out.add_argument("file", type=Path, metavar="FICHIER", help="fichier, ou dossier de la clé")
    out.add_argument("--to", default="", metavar="MACHINE", help="nom de la machine qui le lira (défaut : toute machine, tout le dossier)")
    out.add_argument("--whole", action="store_true", help="tout le dossier, quoi qu’elle ait déjà")
    words.add_parser("carry-in", parents=[opens], help="lire le fichier d’une autre machine du cabinet").add_argument(
        "file", type=Path, metavar="FICHIER")  # fmt: skip
    _join(words.add_parser("join", parents=[common], help="faire de cette machine une machine du cabinet, avec un code"))
    _rebuild(words.add_parser("rebuild", parents=[common], help="tout reprendre sur un ordinateur neuf, avec la feuille de secours"))
    _demo(words.add_parser("demo", help="ouvrir un cabinet fictif"))
    relay_words.words(words.add_parser("relay", help="porter les écritures scellées d’une machine à l’autre, sans pouvoir les lire"))
    return top


def _init(init: argparse.ArgumentParser) -> None:
    init.add_argument("--name", required=True, help="nom de cette machine : bureau.cabinet.example")
    init.add_argument("--tls", choices=TLS, default="own-ca", help="certificat (défaut : %(default)s)")
    init.add_argument("--practice", help="nom du cabinet")
    init.add_argument("--titulaire", help="prénom et nom du premier titulaire")
    init.add_argument("--rpps", default="", help="numéro RPPS du titulaire")
    init.add_argument("--copies", type=Path, help="disque ou dossier des copies de chaque nuit")
    init.add_argument("--kits", type=Path, help="dossier ou clé USB où le kit de chaque soir est écrit, chiffré")
    init.add_argument("--page", type=Path, help="où écrire la feuille de secours à imprimer (défaut : en mémoire)")


def _move_in(move: argparse.ArgumentParser) -> None:
    move.add_argument("path", type=Path, metavar="DOSSIER")
    move.add_argument("--dry-run", action="store_true", help="dire ce qui se passerait, sans rien écrire")
    move.add_argument("--source", default="", help="nom de l’autre logiciel : le même à chaque fois")


def _serve(serve: argparse.ArgumentParser) -> None:
    serve.add_argument("--port", type=int, help="port (défaut : 443, ou 8000 avec --tls localhost)")
    serve.add_argument("--address", default="0.0.0.0", help="adresse d’écoute (défaut : toutes)")  # noqa: S104 -- the office LAN
    serve.add_argument("--tls", choices=TLS, help="certificat (défaut : celui choisi à la création)")
    serve.add_argument("--cert", type=Path, help="avec --tls files : chaîne de certificats, PEM")
    serve.add_argument("--key", type=Path, help="avec --tls files : clé privée, PEM")
    serve.add_argument("--machine-key", type=Path, help="clé de la machine : le cabinet s’ouvre seul au démarrage")
    serve.add_argument("--copies", type=Path, help="disque ou dossier des copies de chaque nuit")
    serve.add_argument("--kits", type=Path, help="dossier ou clé USB où le kit de chaque soir est écrit, chiffré")
    serve.add_argument("--nearby", action=argparse.BooleanOptionalAction, default=None,
                       help="se faire connaître des autres machines du cabinet sur le réseau local (défaut : oui)")
    serve.add_argument("--console-port", type=int, default=prepare.CONSOLE_PORT,
                       help="port de http://localhost sur cette machine, la dernière entrée (0 : aucune)")


KINDS = ("office", "hosted", "laptop", "spare")


def _pair(pair: argparse.ArgumentParser) -> None:
    pair.add_argument("--name", required=True, help="nom de la machine qui rejoint : portable.cabinet.example")
    pair.add_argument("--kind", choices=KINDS, default="laptop", help="sorte de machine (défaut : %(default)s)")
    pair.add_argument("--label", help="comment on l’appelle : Portable du Dr Moreau")


def _join(join: argparse.ArgumentParser) -> None:
    join.add_argument("--from", dest="from_", required=True, metavar="ADRESSE", help="adresse de l’autre machine : https://bureau.cabinet.example")
    join.add_argument("--name", required=True, help="nom de cette machine : portable.cabinet.example")
    join.add_argument("--code", help="code montré sur l’autre machine (demandé sinon)")
    join.add_argument("--at", default="", metavar="HÔTE:PORT", help="où la joindre quand son nom ne se résout pas")
    join.add_argument("--tls", choices=TLS, default="own-ca", help="certificat de cette machine (défaut : %(default)s)")
    join.add_argument("--port", type=int, help="port (défaut : 443, ou 8000 avec --tls localhost)")
    join.add_argument("--machine-key", type=Path, help="écrire ici une clé qui ouvre cette machine seule, sur un disque chiffré")


def _rebuild(rebuild: argparse.ArgumentParser) -> None:
    rebuild.add_argument("--relay", metavar="ADRESSE", help="adresse du relais, écrite sur la feuille : https://relais.example")
    rebuild.add_argument("--copy", type=Path, metavar="COPIE", help="dossier d’une copie ; le relais donne ensuite ce qui est venu après")
    rebuild.add_argument("--since", type=Path, help="avec --copy, ancien dossier du cabinet : ce qui y a été effacé depuis le sera aussi")
    rebuild.add_argument("--name", help="nom de cette machine (défaut : celui de la machine du cabinet qui est perdue)")
    rebuild.add_argument("--tls", choices=TLS, help="certificat de cette machine (défaut : celui du cabinet)")
    rebuild.add_argument("--port", type=int, help="port (défaut : 443, ou 8000 avec --tls localhost)")
    rebuild.add_argument("--machine-key", type=Path, help="écrire ici une clé qui ouvre cette machine seule, sur un disque chiffré")


def _demo(demo: argparse.ArgumentParser) -> None:
    demo.add_argument("--patients", type=int, default=600, help="nombre de patients fictifs (défaut : %(default)s)")
    demo.add_argument("--port", type=int, default=8000)
    demo.add_argument("--folder", type=Path, default=Path("build/demo"), help="dossier (défaut : %(default)s)")
    demo.add_argument("--fresh", action="store_true", help="refaire le cabinet fictif même s’il existe")
    demo.add_argument("--replicas", action="store_true", help="sur deux machines, bureau et portable, avec une ligne à couper entre elles")
    demo.add_argument("--no-serve", action="store_true", help="le préparer seulement")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. Refusals are sentences on the error output, without a trace."""
    from permanence.cli import commands
    from permanence.journal.doors import Refused
    from permanence.lib import host

    chosen = parser().parse_args(arguments)
    try:
        return commands.COMMANDS[chosen.command](chosen)
    except (Refused, host.Unsuitable) as refused:
        print(refused.sentence, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
