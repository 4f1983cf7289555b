"""What the control socket can ask of an open folder; a command without a server runs the same. Each yields answers."""

import os
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from permanence.cli.socket import Answer
from permanence.journal import backup, keyring, vault, verify, writer
from permanence.journal.doors import Actor, Reader, Refused
from permanence.journal.folder import FILES, Folder, Tampered, Unopened
from permanence.lib import text

Asked = Mapping[str, Any]


def status(folder: Folder, asked: Asked) -> Iterator[Answer]:
    """Whether the practice is open, the last copy, and how many ways to open it count (None while it is sealed)."""
    from permanence.accounts import queries

    last = backup.last_result(folder)
    yield {"done": True, "sealed": folder.sealed, "ways": None if vault.is_sealed() else queries.ways_to_open(),
           "copy": None if last is None else {"at": last.at, "ok": last.ok, "problem": last.problem}}


def unlock(folder: Folder, asked: Asked) -> Iterator[Answer]:
    """Open with the private key of a slot (sheet or machine)."""
    try:
        folder.unlock_with(b64decode(asked["private"]))
    except Unopened:
        raise Refused("Cette feuille (ou cette clé) n’ouvre pas ce cabinet\u00a0: prenez la plus récente.",
                      code="slot") from None
    except Tampered:
        raise Refused("Le sceau du cabinet a été modifié par un autre programme\u00a0: n’ouvrez rien, et faites vérifier la "
                      "machine avant de restaurer la dernière copie.", code="tampered") from None
    except backup.CopyFailed as failed:
        raise Refused(f"La mise à jour attend une copie. {failed.sentence}", code="copy") from None
    yield {"done": True, "sealed": False}


def seal(folder: Folder, asked: Asked) -> Iterator[Answer]:
    """Close the practice and forget its keys."""
    folder.seal()
    yield {"done": True, "sealed": True}


def replace_sheet(folder: Folder, asked: Asked) -> Iterator[Answer]:
    """The sheet just re-typed becomes the one that opens."""
    from permanence.accounts import unlocking
    from permanence.sync import relays
    from permanence.sync.lines import line_to

    _open(folder)
    unlocking.replace_sheet(folder, b64decode(asked["secret"]), by=Actor.machine("console"))
    relays.tell(folder, line_to)
    yield {"done": True}


def add_machine(folder: Folder, asked: Asked) -> Iterator[Answer]:
    """A slot for this machine's own key."""
    from permanence.accounts import unlocking

    _open(folder)
    public = keyring.machine_slot(b64decode(asked["secret"]))[0]
    unlocking.let_open(folder, public, "machine", by=Actor.machine("console"))
    yield {"done": True}


def recover_member(folder: Folder, asked: Asked) -> Iterator[Answer]:
    """A code for a member who has lost every key. The sheet is typed for it even when the practice is open."""
    from permanence.accounts import actions, queries

    _open(folder)
    _with_sheet(folder, b64decode(asked["private"]))
    said = text.fold(str(asked["member"]))
    members = queries.members(reader=Reader.for_purpose("console"))
    found = [one for one in members if said in (text.fold(f"{one.given_name} {one.family_name}"), text.fold(one.name),
                                                text.fold(f"{one.family_name} {one.given_name}"))]
    if len(found) != 1:
        raise Refused("Aucun membre, ou plusieurs, ne portent ce nom\u00a0: écrivez prénom et nom comme dans «\u00a0Membres et "
                      "postes\u00a0».", code="unknown")
    made = actions.recover_member_by_sheet(found[0].id, by=Actor(None, assurance="sheet", purpose="console"))
    yield {"done": True, "name": found[0].name, "code": made.code}


def refuse_demands(folder: Folder, asked: Asked) -> Iterator[Answer]:
    """Refuse every decision that waits for a second person: whoever is at the office machine may, for a refusal opens nothing."""
    from permanence.accounts import actions, pending

    _open(folder)
    waiting = pending.at_console()
    for consent in waiting:
        actions.refuse(consent, by=Actor.machine("console"))
    yield {"done": True, "refused": len(waiting)}


def _with_sheet(folder: Folder, private: bytes) -> None:
    """Refused `sheet` unless this is the key of today's recovery sheet: a machine's key is nobody's hand."""
    record = folder.record()
    try:
        slot = record.open(private)[2]
    except (Unopened, Tampered):
        slot = b""
    if not any(one.id == slot and one.kind == "sheet" for one in record.slots):
        raise Refused("Ce n’est pas la feuille de secours en service\u00a0: prenez la plus récente.", code="sheet")


def verify_journal(folder: Folder, asked: Asked) -> Iterator[Answer]:
    """Check the journal; a sound one is signed as verified up to here."""
    _open(folder)
    report = verify.verify(full=bool(asked.get("full")), saved_heads=folder.saved_heads())
    for finding in report.findings:
        yield {"where": finding.where, "what": finding.what}
    if report.sound:
        for alias in FILES:
            writer.current(alias).run_job(partial(verify.keep_checkpoints, alias), urgent=False, name="checkpoint")
    yield {"done": True, "sound": report.sound, "entries": report.entries, "objects": report.objects,
           "ms": report.ended - report.started}


def make_backup(folder: Folder, asked: Asked) -> Iterator[Answer]:
    """A copy, restored aside and verified."""
    _open(folder)
    if not asked.get("to"):
        raise Refused("Aucun disque de copie n’est choisi\u00a0: indiquez-le avec --to.", code="copies")
    result = backup.run(folder, folder.keys, Path(asked["to"]))
    if not result.ok:
        raise Refused(result.problem, code="backup")
    yield {"done": True, "copy": result.copy, "entries": result.entries, "seconds": round(result.seconds, 1)}


def import_vsm(folder: Folder, asked: Asked) -> Iterator[Answer]:
    """Read each file through the door of `interop`; one that is refused does not stop the others."""
    from permanence.interop import actions

    _open(folder)
    refused = 0
    for name in map(Path, asked["files"]):
        try:
            outcome = actions.import_vsm(name.read_bytes(), name.name, by=Actor.machine("import"))
            refused += not outcome.done
            yield {"file": name.name, "outcome": outcome.sentence, "done_file": outcome.done}
        except OSError as error:
            refused += 1
            yield {"file": name.name, "outcome": f"Fichier illisible\u00a0: {error.strerror}."}
    yield {"done": True, "refused_files": refused}


def make_kit(folder: Folder, asked: Asked) -> Iterator[Answer]:
    """The evening kit now, encrypted, in the folder given; with `phrase`, a new phrase first, told once."""
    from permanence.continuity import actions, evening

    _open(folder)
    phrase = actions.new_phrase(by=Actor.machine("console")) if asked.get("phrase") else ""
    if not asked.get("to"):
        if phrase:
            yield {"done": True, "phrase": phrase, "file": ""}
            return
        raise Refused("Aucun dossier n’est choisi pour le kit\u00a0: l’indiquer avec --to.", code="kits")
    result = evening.attempt(folder.path, Path(asked["to"]))
    if not result.ok:
        raise Refused(result.problem, code="kit")
    yield {"done": True, "phrase": phrase, "file": result.file, "patients": result.patients}


def move_in(folder: Folder, asked: Asked) -> Iterator[Answer]:
    """Import a folder of another software; `dry`: say what would happen, and write nothing of it."""
    from permanence.interop import actions
    from permanence.interop.moving import saying

    _open(folder)
    with actions.alone():
        inbox = actions.of_folder(Path(asked["place"]))
        mover = actions.Mover(inbox, by=Actor.machine("import"), source=str(asked.get("source", "")), dry=bool(asked.get("dry")),
                              fields=actions.profile_fields(str(asked.get("source", ""))))
        for progress in mover.go():
            yield {"phase": progress.phase, "at": progress.done, "of": progress.total}
    report, told = mover.report, saying.grouped(mover.report.told)
    yield {"done": True, "dry": report.dry, "figures": saying.figures(report.counts), "tables": report.tables,
           "unmapped": report.unmapped, "told": told[:200], "more": max(0, len(told) - 200)}


def show_code(folder: Folder, asked: Asked) -> Iterator[Answer]:
    """A code of ten minutes for a machine that joins, shown at this machine's own console."""
    from permanence.sync import joining, pairing, rules

    _open(folder)
    if vault.current().limited is not None:
        raise Refused(joining.LIMITED, code="limited")
    if asked["kind"] == "limited":
        raise Refused("Un portable limité s’associe à l’écran, où l’on choisit de qui il porte les dossiers\u00a0: «\u00a0Machines du "
                      "cabinet\u00a0», «\u00a0Associer une machine\u00a0».", code="member")
    if asked["kind"] not in rules.KINDS:
        raise Refused("Cette sorte de machine n’existe pas.", code="kind")
    shown = pairing.codes.show(name=str(asked["name"]), kind=str(asked["kind"]), host=str(asked["host"]), by=Actor.machine("console"))
    yield {"done": True, "code": shown.code}


def use_relay(folder: Folder, asked: Asked) -> Iterator[Answer]:
    """Let this practice's machines meet at a relay, with the one-use code of who keeps it."""
    from permanence.accounts import queries
    from permanence.sync import relays
    from permanence.sync.lines import line_to, place_of

    _open(folder)
    at = str(asked.get("at", ""))
    if at and place_of(at) is None:
        raise Refused("Cette adresse n’est pas complète\u00a0: écrivez-la comme 192.168.1.20:443.", code="address")
    base = str(asked["address"]).rstrip("/") + f"/{vault.current().practice.hex()}/"
    try:
        line = line_to(base, folder, at=place_of(at))
    except ValueError:
        raise Refused("Cette adresse n’est pas celle d’un relais\u00a0: elle commence par https://.", code="address") from None
    relays.enter(folder, line, base, str(asked["code"]), at=at)
    yield {"done": True, "sheet": any(one.live for one in queries.sheets())}


def carry_out(folder: Folder, asked: Asked) -> Iterator[Answer]:
    """Write the file for another machine, whole or not at all. `to`: its name; none: for any of them, everything."""
    from permanence.sync import carrying, queries

    _open(folder)
    by, place = Actor.machine("console"), Path(asked["file"])
    to = queries.named(str(asked["to"])) if asked["to"] else None
    if asked["to"] and to is None:
        raise Refused(carrying.UNKNOWN, code="unknown")
    going = carrying.prepare(to=to, whole=bool(asked.get("whole")), by=by)
    if place.is_dir():
        place /= carrying.filename()
    unfinished = place.with_name(place.name + ".part")
    try:
        with unfinished.open("wb") as file:
            for piece in carrying.pieces(folder.path, going, by=by):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(place)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise Refused(f"Le fichier n’a pas pu être écrit ({error.strerror})\u00a0: vérifier la place sur la clé USB.",
                      code="file") from None  # fmt: skip
    yield {"done": True, "file": str(place), "entries": going.counts.entries, "files": going.counts.files}


def carry_in(folder: Folder, asked: Asked) -> Iterator[Answer]:
    """Read the file of another machine, as far as it is whole."""
    from permanence.sync import carrying

    _open(folder)
    taking = carrying.Taking(folder, by=Actor.machine("console"))
    try:
        with Path(asked["file"]).open("rb") as file:
            taking.all_of(iter(partial(file.read, carrying.READ), b""))
    except OSError as error:
        raise Refused(f"Fichier illisible\u00a0: {error.strerror}.", code="file") from None
    said = taking.counts
    yield {"done": True, "entries": said.entries, "known": said.known, "aside": said.aside, "stuck": said.stuck, "files": said.files,
           "to_settle": said.to_settle, "problem": carrying.WHY[said.why][1] if said.why else carrying.OLDER if said.stuck else ""}


def _open(folder: Folder) -> None:
    if folder.sealed or vault.is_sealed():
        raise Refused("Le cabinet est fermé\u00a0: ouvrez-le d’abord avec «\u00a0permanence unlock\u00a0».", code="sealed")


OPERATIONS: Mapping[str, Callable[[Folder, Asked], Iterator[Answer]]] = {
    "status": status, "unlock": unlock, "seal": seal, "replace-sheet": replace_sheet, "add-machine": add_machine,
    "recover-member": recover_member, "refuse-demands": refuse_demands,
    "verify": verify_journal, "backup": make_backup, "import-vsm": import_vsm, "import": move_in, "kit": make_kit,
    "show-code": show_code, "use-relay": use_relay, "carry-out": carry_out, "carry-in": carry_in,
}


def handle(folder: Folder, command: str, asked: Asked) -> Iterator[Answer]:
    """Run one operation. Raises Refused for an unknown one, and what it raises itself."""
    operation = OPERATIONS.get(command)
    if operation is None:
        raise Refused("Cette commande n’existe pas sur ce serveur\u00a0: mettez-le à jour.", code="unknown")
    yield from operation(folder, asked)
