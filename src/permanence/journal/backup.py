"""Encrypted copies that restore and verify themselves. A copy holds ciphertext only, and opens with the practice's own slots.

    <copies>/<practice>/blobs/…            shared by all copies: blobs never change
    <copies>/<practice>/2026-11-22T023000/  practice.db, access.db, seal/ (no TLS or transport key), manifest
"""

import datetime
import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nacl.exceptions import CryptoError

from permanence.journal import keyring, registry, rotation, seal, vault, wire
from permanence.journal.folder import FILES, Folder, Keys
from permanence.lib import cbor, clock, host, suite
from permanence.lib.sqlcipher import copying

log = logging.getLogger(__name__)
NAME = "%Y-%m-%dT%H%M%S"
KEPT_IN_SEAL = ("seal.cbor", "heads.cbor", "erased.cbor")  # the machine's own keys are made anew by a restore
LONGEST_CHECK_S = 4 * 3600
UNVERIFIED = "-unverified"


@dataclass(frozen=True, slots=True)
class Result:
    """What a night's copy came to. `at` is ms UTC; `problem` is a French sentence, empty when all is well."""

    at: int
    copy: str
    entries: int
    objects: int
    blobs: int
    seconds: float
    problem: str

    @property
    def ok(self) -> bool:
        return not self.problem


class CopyFailed(Exception):
    """The copy could not be made or does not verify. `sentence` is French and says what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def home(copies: Path, practice: bytes) -> Path:
    """Where this practice's copies lie: by its opaque id, nobody is named."""
    return copies / practice.hex()


def copies_of(place: Path) -> dict[datetime.datetime, Path]:
    """The finished copies, by the local time at which they were made."""
    found = {}
    for path in place.glob("????-??-??T??????"):
        try:
            found[datetime.datetime.strptime(path.name, NAME)] = path  # a name, in the practice's zone
        except ValueError:
            continue
    return found


def run(here: Folder, keys: Keys, copies: Path, *, zone: str = "Europe/Paris") -> Result:
    """Copy, restore aside, verify in another process, rotate, and leave the result for tomorrow morning. Never raises."""
    started, name, outcome = clock.monotonic(), "", {"entries": 0, "objects": 0, "blobs": 0}
    at = clock.ms()
    try:
        with here.one_epoch():
            keys = here.keys
            made = make(here, keys, copies, zone=zone)
        name = made.name
        outcome = checked(made, keys)
        rotate(made.parent)
        problem = ""
    except CopyFailed as failed:
        problem = failed.sentence
    except OSError as error:
        log.exception("copy failed")
        problem = (f"La copie de sauvegarde n’a pas pu être écrite ({error.strerror or error}). Vérifiez que le disque de copie "
                   "est branché et qu’il y reste de la place.")
    result = Result(at, name, outcome["entries"], outcome["objects"], outcome["blobs"], clock.monotonic() - started, problem)
    host.atomic_write(here.path / "run" / "copy.json", json.dumps(asdict(result)).encode())
    log.info("copy", extra={"kind": "backup.done" if result.ok else "backup.failed"})
    return result


def last_result(here: Folder) -> Result | None:
    """The outcome of the last copy, for the morning's screen; None when none was made."""
    try:
        return Result(**json.loads((here.path / "run" / "copy.json").read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


# -- making


def before_upgrade(here: Folder, copies: Path | None) -> Path:
    """Tables are about to change: a copy of the version before, beside the folder when no other disk is there.

    An unplugged disk must not keep a practice closed in the morning. Raises CopyFailed, OSError: nothing is upgraded.
    """
    if copies is None or not copies.is_dir():
        copies = here.path.with_name(f"{here.path.name}-avant-mise-a-jour")
        copies.mkdir(mode=0o700, exist_ok=True)
        log.warning("copied beside the folder before the upgrade: no disk of copies is there")
    return make(here, here.keys, copies)


def make(here: Folder, keys: Keys, copies: Path, *, zone: str = "Europe/Paris") -> Path:
    """One copy, complete under its final name or not there at all. Raises CopyFailed, OSError."""
    if not copies.is_dir():
        raise CopyFailed(f"Le disque de copie ({copies}) n’est pas là : branchez-le, la copie se refera d’elle-même.")
    if copies.resolve().is_relative_to(here.path.resolve()):
        raise CopyFailed("Les copies seraient dans le dossier qu’elles doivent sauver : choisissez un autre disque.")
    practice = here.record().practice
    place = home(copies, practice)
    host.private_folder(place)
    needed = sum((here.path / name).stat().st_size for name in FILES.values())
    if host.free_bytes(place) < 2 * needed + (64 << 20):
        raise CopyFailed("Il ne reste pas assez de place sur le disque de copie : libérez-en, ou changez de disque.")
    name = clock.now().astimezone(ZoneInfo(zone)).strftime(NAME)
    part = place / f".{name}.part"
    for half in (*place.glob(".*.part"), *place.glob(".check-*")):  # of a process that was killed
        shutil.rmtree(half, ignore_errors=True)
    host.private_folder(part)
    _copy_seal(here, part)  # before the files: their chains can only be longer than these heads
    before = set(registry.cited_blobs())
    _copy_blobs(here.path, place, before)  # before the files: an erasure meanwhile would take them away
    for file in FILES.values():
        copying.copy(here.path / file, part / file, keyring.file_key(keys.database, file))
    cited = before | set(registry.cited_blobs())
    _copy_blobs(here.path, place, cited)
    coming = {hash for hash in cited & registry.blobs_coming() if not (place / wire.blob_name(hash)).exists()}
    _write_manifest(part, practice, cited - coming, coming)
    final = place / name
    shutil.rmtree(final, ignore_errors=True)
    part.rename(final)
    host.fsync_dir(place)
    return final


def _copy_seal(here: Folder, part: Path) -> None:
    host.private_folder(part / "seal")
    for name in KEPT_IN_SEAL:
        if (here.seal_path / name).exists():
            host.atomic_write(part / "seal" / name, (here.seal_path / name).read_bytes())


def _copy_blobs(source: Path, place: Path, hashes: Collection[bytes]) -> None:
    """Copy the blobs that are not there yet. One that is absent here is left to the check, which names it."""
    for hash in hashes:
        from_, there = source / wire.blob_name(hash), place / wire.blob_name(hash)
        if not there.exists() and from_.exists():
            for folder in (there.parent.parent, there.parent):
                host.private_folder(folder)
            host.atomic_write(there, from_.read_bytes())


def _blob_files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.glob("??/*") if len(path.name) == 64)


def _write_manifest(part: Path, practice: bytes, blobs: Collection[bytes], coming: Collection[bytes]) -> None:
    """What the copy must be, sealed under the backup key: a copy that was exchanged or cut is found before it is opened."""
    v = vault.current()
    files = {path.relative_to(part).as_posix(): _digest(path) for path in sorted(part.rglob("*")) if path.is_file()}
    said = {"format": 2, "practice": practice, "made": clock.ms(), "files": files, "blobs": sorted(blobs),
            "coming": sorted(coming)}
    host.atomic_write(part / "manifest", suite.seal(cbor.dumps(said), v.fixed["backup"], practice=practice, part="backup"))


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _read_manifest(copy: Path) -> dict[str, Any]:
    """Raises OSError, CryptoError, ValueError."""
    v = vault.current()
    said: dict[str, Any] = cbor.loads(suite.unseal((copy / "manifest").read_bytes(), v.fixed["backup"], practice=v.practice,
                                                   part="backup"))
    return said


# -- checking and restoring


def checked(copy: Path, keys: Keys) -> dict[str, int]:
    """As `check`; a copy that does not verify is put aside, one at most, and offered to nobody. Raises CopyFailed.

    It is not removed: when the original itself is damaged, it may be all that there is of the last days.
    """
    try:
        return check(copy, keys)
    except CopyFailed:
        for former in copy.parent.glob(f"*{UNVERIFIED}"):
            shutil.rmtree(former, ignore_errors=True)
        copy.rename(copy.with_name(copy.name + UNVERIFIED))
        raise


def check(copy: Path, keys: Keys) -> dict[str, int]:
    """Restore the copy aside and verify it whole, in a process of its own; its counts. Raises CopyFailed."""
    try:
        said = _read_manifest(copy)
    except (OSError, CryptoError, ValueError) as error:
        raise CopyFailed("La copie n’a pas son sceau : elle n’est pas de ce cabinet, ou elle a été changée.") from error
    for name, digest in said["files"].items():
        if not (copy / name).exists() or _digest(copy / name) != digest:
            raise CopyFailed(f"La copie est abîmée : {name} n’est plus ce qui avait été écrit. Changez de disque de copie.")
    aside = copy.parent / f".check-{copy.name}"
    shutil.rmtree(aside, ignore_errors=True)
    try:
        restore_files(copy, aside)
        return _verified(aside, keys, coming=said.get("coming", ()))
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _verified(restored: Path, keys: Keys, *, coming: Iterable[bytes] = ()) -> dict[str, int]:
    # The keys go through a pipe: never on a command line, never in the environment.
    done = subprocess.run([sys.executable, "-m", "permanence.journal.recheck", str(restored)],  # noqa: S603  # our own module
                          input=b"".join((keys.root, keys.database, *coming)), capture_output=True, timeout=LONGEST_CHECK_S, check=False)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        log.error("recheck failed", extra={"kind": "backup.recheck"})
        raise CopyFailed("La copie ne s’ouvre pas : refaites-la, et changez de disque si cela revient.") from error
    if report["findings"]:
        where, what = report["findings"][0]
        raise CopyFailed(f"La copie ne se vérifie pas ({where} : {what}). L’original doit être vérifié aussi.")
    return {name: int(report[name]) for name in ("entries", "objects", "blobs")}


def restore_files(copy: Path, target: Path, *, since: Path | None = None) -> None:
    """Lay a copy out as a practice's folder, closed: files, seal, blobs. Raises host.Unsuitable when it is not empty.

    What was erased since is erased again when it is opened: the list of every copy there is on this disk, and that of
    `since`, the folder that this one replaces, if it is still readable.
    """
    if target.exists() and any(target.iterdir()):
        raise host.Unsuitable(f"Le dossier {target} n’est pas vide : choisissez-en un autre pour y restaurer la copie.",
                              code="not_empty")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("run", "seal", "blobs", "logs"):
        host.private_folder(target / name)
    for name in FILES.values():
        shutil.copyfile(copy / name, target / name)
    for path in (copy / "seal").iterdir():
        shutil.copyfile(path, target / "seal" / path.name)
    blobs = copy.parent / "blobs"
    for path in _blob_files(blobs):
        there = target / "blobs" / path.relative_to(blobs)
        there.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            os.link(path, there)  # the same disk: no second copy while it is checked
        except OSError:
            shutil.copyfile(path, there)
    for known in (*(path / "seal" for path in copies_of(copy.parent).values()), *([since / "seal"] if since else [])):
        try:
            seal.add_erased(target / "seal", seal.load_erased(known))
        except (OSError, ValueError, TypeError):
            log.warning("a list of erasures could not be read", extra={"kind": "restore.erased"})
    seal.Transport.new().save(target / "seal")


def lacking(copy: Path, here: Folder) -> dict[int, int]:
    """What a copy lacks against the last head this machine saved: entries missing per stream."""
    there = {(head.replica, head.stream): head.size for head in seal.load_heads(copy / "seal")}
    return {head.stream: head.size - there.get((head.replica, head.stream), 0) for head in here.saved_heads()
            if head.size > there.get((head.replica, head.stream), 0)}


def rotate(place: Path) -> list[Path]:
    """Remove the copies that the rule does not keep, and the blobs that no kept copy and no row of this practice cites.

    Returns what went. A kept copy whose manifest cannot be read keeps every blob: what it cites is not known.
    """
    found = copies_of(place)
    keep = rotation.kept(found)
    gone = [path for at, path in found.items() if at not in keep]
    for path in gone:
        shutil.rmtree(path)
    try:
        cited = set(registry.cited_blobs()).union(*(_read_manifest(found[at])["blobs"] for at in keep))
    except (OSError, CryptoError, ValueError, TypeError, KeyError):
        log.warning("a kept copy has no readable manifest: no blob is removed", extra={"kind": "backup.blobs"})
        return gone
    stale = [path for path in _blob_files(place / "blobs") if bytes.fromhex(path.name) not in cited]
    for path in stale:
        path.unlink()
    return [*gone, *stale]
