"""A machine made anew with the recovery sheet in hand: from a relay alone, or from a copy and then the relay. Cut anywhere, it goes on.

Nothing of the sheet is kept. The machine is heard by the others because the sheet names it (ADR 38).
"""

import logging
import shutil
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from nacl.exceptions import CryptoError

from permanence.journal import (
    arrival,
    authority,
    backup,
    blobs,
    folder,
    keyring,
    keys_in,
    peers,
    registry,
    vault,
    verify,
    wire,
    writer,
)
from permanence.journal.doors import Refused
from permanence.journal.exchange import Vector
from permanence.journal.folder import Folder
from permanence.journal.seal import Seal, Transport
from permanence.lib import clock, suite
from permanence.lib.sqlcipher import run
from permanence.lib.text import NBSP, number_fr
from permanence.sync import actions, deposits, oneself, queries, relays, roots, rules, witnessing
from permanence.sync.deposits import Deposit
from permanence.sync.models import Peer, Replica
from permanence.sync.talk import Talk

log = logging.getLogger(__name__)
TRIES, RETRY_S = 5, 1.0
_T = TypeVar("_T")
_wait = threading.Event()  # nobody sets it
ASIDE = ".reprise"  # beside the folder while its first files are made: a cut leaves no half practice in its place
Say = Callable[[str, int, int], None]  # what comes (« entrées », « fichiers »), how many are here, of how many
ADDRESS = f"Cette adresse n’est pas celle d’un relais{NBSP}: elle commence par https:// et se trouve sur la feuille de secours."
FAR = f"Le relais ne répond pas{NBSP}: vérifier l’adresse et la connexion, puis relancer la même commande."
CUT = f"L’échange s’est coupé. Ce qui est arrivé est gardé{NBSP}: relancer la même commande, elle reprend où elle en était."
NO_SHEET = (f"Le relais ne connaît pas cette feuille de secours{NBSP}: elle a été remplacée par une autre, ou le cabinet passe par un "
            f"autre relais. Prendre la feuille la plus récente{NBSP}; à défaut, partir d’une copie avec --copy.")  # fmt: skip
NOTHING = (f"Le relais connaît cette feuille, mais aucune machine n’y a encore laissé de quoi reprendre{NBSP}: ouvrir une machine du "
           "cabinet qui marche encore, ou partir d’une copie avec --copy.")  # fmt: skip
WITNESS = f"Ce relais garde seulement les empreintes du cabinet, pas ses dossiers{NBSP}: partir d’une copie avec --copy."
ANOTHER = f"Ce dossier est celui d’un autre cabinet{NBSP}: en choisir un autre avec --folder."
STRANGERS = (f"Des écritures viennent d’une machine que le cabinet ne nomme nulle part{NBSP}: rien n’est mis en service. Garder ce "
             f"dossier tel quel et partir d’une copie.")  # fmt: skip
LIES = (f"Le relais raconte deux histoires d’une même machine{NBSP}: rien n’est mis en service. Partir d’une copie avec --copy, et "
        "prévenir qui tient le relais.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A practice at a relay, as the sheet opens it. `speaks`: the sheet's own key there."""

    base: str
    practice: bytes
    deposit: Deposit
    authority: bytes = field(repr=False)
    speaks: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the relay could not give."""

    absent: int  # files
    ahead: int  # entries that a machine signed and that never came


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is here now, as it was verified."""

    entries: int
    objects: int
    files: int
    absent: int  # files that nobody gave
    until: int  # ms UTC: when the last entry was written
    others: tuple[str, ...]  # machines still heard: one of them may be the one that was lost


# -- finding


def line_to(base: str, speaks: bytes, context: ssl.SSLContext | None = None) -> peers.Peer:
    """A line that speaks for the sheet. Raises Refused."""
    try:
        return peers.Peer(base, speaks, (context or ssl.create_default_context()) if base.startswith("https:") else None)
    except ValueError as error:
        raise Refused(ADDRESS, code="address") from error


def find(address: str, secret: bytes, *, context: ssl.SSLContext | None = None) -> Found:
    """Whose sheet it is, and what was left for it. Raises Refused: address, far, sheet, nothing, witness."""
    speaks, root = keyring.sheet_speaker(secret), address.strip().rstrip("/") + "/"
    try:
        for practice in line_to(root, speaks, context).practices_of_sheet():
            base = f"{root}{practice.hex()}/"
            found = deposits.opened(line_to(base, speaks, context).seals().values(), secret, practice)
            if found:
                known = next((one.authority for one in found if one.authority), b"")
                return Found(base, practice, deposits.with_all_roots(found), known, speaks)
    except peers.Refused as refused:
        sentence = {"key": NO_SHEET, "witness": WITNESS}.get(refused.code, ADDRESS if refused.status == 404 else refused.sentence or FAR)
        raise Refused(sentence, code="sheet" if refused.code == "key" else refused.code) from refused
    except (peers.Unreachable, peers.Malformed) as error:
        raise Refused(FAR if isinstance(error, peers.Unreachable) else ADDRESS, code="far") from error
    raise Refused(NOTHING, code="nothing")


# -- making, or going on


def begin(path: Path, found: Found, secret: bytes, *, hosts: Sequence[str]) -> Folder:
    """The folder, open: made now, or as a former run left it. Raises Refused, Unsuitable."""
    if not (path / "seal" / "seal.cbor").exists():
        _make(path, found, secret, hosts)
    return go_on(path, found.practice, secret)


def go_on(path: Path, practice: bytes, secret: bytes) -> Folder:
    """A folder that a former run made. Raises Refused when it is another practice's or opens with another sheet."""
    here = folder.open_folder(path)
    try:
        if here.record().practice != practice:
            raise Refused(ANOTHER, code="another")
        here.unlock_with(keyring.sheet_slot(secret, practice)[1])
    except folder.Unopened as error:
        here.close()
        raise Refused(f"Cette feuille n’ouvre pas ce qui est dans le dossier{NBSP}: prendre celle d’alors.", code="sheet") from error
    except BaseException:
        here.close()
        raise
    return here


def _make(path: Path, found: Found, secret: bytes, hosts: Sequence[str]) -> None:
    """Beside, then in its place in one go: a folder without a slot would open to nobody."""
    aside = _aside(path)
    # What was erased is erased by its orders, which come: done again at an opening, it would be written before this machine is named.
    made = folder.create(aside, hosts=hosts, rp_id=found.deposit.rp_id, of=replace(found.deposit.keys, erased=()))
    try:
        made.add_slot(keyring.sheet_slot(secret, found.practice)[0], "sheet", id=found.deposit.sheet)
        actions.remember_told(found.deposit.heard)
        actions.remember_peer(found.base)
        if found.authority:
            authority.adopt(made, found.authority)
    finally:
        made.close()
    _put_in_place(aside, path)


def _aside(path: Path) -> Path:
    aside = path.with_name(path.name + ASIDE)
    shutil.rmtree(aside, ignore_errors=True)  # of a run that was killed
    if path.exists() and any(path.iterdir()):
        raise folder.NotAPractice(f"Le dossier {path} n’est pas vide{NBSP}: en choisir un autre avec --folder.", code="not_empty")
    return aside


def _put_in_place(aside: Path, path: Path) -> None:
    if path.exists():
        path.rmdir()
    aside.rename(path)


def from_copy(path: Path, copy: Path, secret: bytes, *, speaks: bool, since: Path | None = None,
              later: folder.Joined | None = None) -> Folder:
    """A copy laid out and opened: it goes on under a new id, named by the sheet when that one is in service (`speaks`). `later`: the
    keys that the sheet opens at a relay, of a root that may be later than the copy's."""
    if not (path / "seal" / "seal.cbor").exists():
        aside = _aside(path)
        backup.restore_files(copy, aside, since=since)
        _put_in_place(aside, path)
    practice = Seal.load(path / "seal").practice
    if speaks:
        with oneself.with_sheet(secret):
            here = go_on(path, practice, secret)
    else:
        here = go_on(path, practice, secret)
    if (pair := authority.current()) is not None and not (here.seal_path / "tls" / "cert.pem").exists():
        authority.issue(here, pair)
    if later is not None:
        roots.take(here, {**later.roots, later.epoch: later.root})
    return here


# -- all of it


def fetch(here: Folder, base: str, speaks: bytes, say: Say, *, floor: Vector | None = None,
          context: ssl.SSLContext | None = None) -> Fetched:
    """Entries, then files, from the relay. `floor`: what it is known to have had. Raises Refused: cut, withheld, strangers, lies."""
    with closing(line_to(base, speaks, context)) as line:
        talk = Talk(Peer.objects.get(pk=actions.remember_peer(base)), line, here.path)
        _patiently(lambda: talk.both_ways(lambda done, of: say("entrées", done, of)))
        _refuse_less(floor or {})
        known = queries.known()
        if any(rules.heard(UUID(bytes=replica), known) is False for replica, _ in arrival.held()):
            raise Refused(STRANGERS, code="strangers")
        if _patiently(lambda: witnessing.compare(line, base)).lies:
            raise Refused(LIES, code="lies")
        ahead = _patiently(lambda: _ahead(line))
        return Fetched(_patiently(lambda: talk.exchange_files(lambda done, of: say("fichiers", done, of))), ahead)


def _patiently(ask: Callable[[], _T]) -> _T:
    """Raises Refused once it failed too often, or was refused."""
    for attempt in range(1, TRIES + 1):
        try:
            return ask()
        except peers.Refused as refused:
            if refused.status != 503:
                raise Refused(NO_SHEET if refused.code == "key" else refused.sentence or FAR, code=refused.code) from refused
        except (peers.Unreachable, peers.Malformed):
            log.warning("cut while rebuilding", extra={"kind": "rebuild.cut"})
        _wait.wait(RETRY_S * attempt)
    raise Refused(CUT, code="cut")


def _refuse_less(floor: Vector) -> None:
    """A relay that gives less than a machine saw there withholds it, or has lost its disk since."""
    held = arrival.held()
    missing = sum(max(0, size - held.get(place, 0)) for place, size in floor.items())
    if missing:
        raise Refused(f"Le relais ne rend pas tout{NBSP}: {number_fr(missing)} écritures qu’il avait ne sont pas venues. Rien n’est mis en "
                      f"service{NBSP}: prévenir qui tient le relais et relancer la même commande, ou partir d’une copie avec --copy.",
                      code="withheld")  # fmt: skip


def _ahead(line: peers.Peer) -> int:
    """Entries that their machines signed a head of, and that nobody gave: on that machine only, or withheld."""
    held, found = arrival.held(), 0
    for shown in line.heads():
        if suite.replica_id(shown.key) == shown.head.replica and shown.head.check(shown.key) and shown.head.stream in arrival.SHARED:
            found += max(0, shown.head.size - held.get((shown.head.replica, shown.head.stream), 0))
    return found


def admit(here: Folder, base: str, secret: bytes, *, context: ssl.SSLContext | None = None) -> None:
    """From now on this machine is one of the practice's: the sheet names it to the others, and its own key to the relay."""
    oneself.by_sheet(here, secret)
    with closing(line_to(base, keyring.sheet_speaker(secret), context)) as line:
        talk = Talk(Peer.objects.get(base=base), line, here.path)
        _patiently(talk.both_ways)  # first: who is not named yet would be taken away again from those who may speak
        _patiently(lambda: line.add_key(Transport.load(here.seal_path).verify_key, relays.kind_of(vault.current().replica)))
        actions.record_talk(talk.id, given_until=talk.given_until, taken_until=talk.taken_until)
    actions.forget_told()


def verified(here: Folder) -> Outcome:
    """Quickly, then everything again: chains, signatures, every table rebuilt, every file opened. Raises Refused `unsound`."""
    findings: list[str] = []
    for full in (False, True):
        report = verify.verify(full=full, saved_heads=here.saved_heads())
        findings += [f"{one.where}{NBSP}: {one.what}" for one in report.findings]
    cited, absent = registry.cited_blobs(), 0
    for hash, key in cited.items():
        try:
            wire.open_blob(blobs.sealed(here.path, hash), key, hash, vault.current().practice)
        except FileNotFoundError:
            absent += 1
        except (wire.Broken, CryptoError, ValueError):
            findings.append(f"fichier {hash.hex()[:12]}{NBSP}: abîmé")
    if keys_in.waiting() or keys_in.lacking() or _kept_back():
        findings.append(f"des dossiers attendent une clé{NBSP}: la racine du cabinet a changé depuis")
    if findings:
        raise Refused(f"Ce qui est arrivé ne se vérifie pas ({findings[0]}){NBSP}: rien n’est mis en service. Garder ce dossier tel "
                      "quel et partir d’une autre copie.", code="unsound")  # fmt: skip
    for alias in folder.FILES:
        writer.current(alias).run_job(partial(verify.keep_checkpoints, alias), urgent=False, name="checkpoint")
    return Outcome(report.entries, report.objects, len(cited) - absent, absent, _newest(), _others())


def _kept_back() -> bool:
    """Whether keys are lacking that a machine had which is heard and holds the whole practice: those that others cite nobody may ever
    have had."""
    known = queries.known()
    return any(id in known and known[id].kind != "limited" and rules.heard(id, known) is None
               for id in (UUID(bytes=replica) for replica in keys_in.unread()))  # fmt: skip


def _newest() -> int:
    """When the last entry was written, by the clock of who wrote it: ms UTC."""
    hlc: int = run("default", "SELECT coalesce(max(hlc), 0) FROM journal_entry").fetchone()[0]
    return clock.hlc_ms(hlc)


def _others() -> tuple[str, ...]:
    """The machines that are heard besides this one: the one that was lost is among them until it is revoked."""
    known, here = queries.known(), UUID(bytes=vault.current().replica)
    return tuple(Replica.objects.filter(id__in=[id for id in known if id != here and rules.heard(id, known) is None])
                 .order_by("name").values_list("name", flat=True))  # fmt: skip
