"""A practice's folder: made, held by one process, unlocked, sealed. What lies in `seal/` is described in `journal.seal`.

    practice.db  access.db  blobs/  seal/  run/ (lock, socket)  logs/  reserve
"""

import logging
import os
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import DatabaseError

from permanence.journal import access, chain, epochs, files, heads, keyring, merkle, replay, space, vault, writer
from permanence.journal.categories import Stream
from permanence.journal.files import FILES, Damaged, close_connections, go_through, migrate, missing_migrations, point_at, refuse_damage
from permanence.journal.seal import Seal, Tampered, Transport, Unopened, add_erased, load_erased, load_heads, save_heads
from permanence.lib import host, sqlcipher, suite

log = logging.getLogger(__name__)

at_seal: list[Callable[[], None]] = []  # rooms above forget here what they keep in memory
after_unlock: list[Callable[["Folder"], None]] = []  # what an open practice does by itself is started here
before_seal: list[Callable[["Folder"], None]] = []  # and stopped here, while it can still write
after_slots: list[Callable[["Folder"], None]] = []  # a slot may have gone: who tells the machines of a new root draws one here
before_writing: list[Callable[["Folder"], None]] = []  # what must be the first entry under a new id is written here
behind_elsewhere: list[Callable[["Folder"], bool]] = []  # whether other machines hold more of our chains than we do
before_upgrade: list[Callable[["Folder"], None]] = []  # copies are made here, before tables change


class NotAPractice(host.Unsuitable):
    """There is no practice here, or there is one already where a new one was asked for."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What a slot gives: the practice root and this replica's database key, 32 bytes each."""

    root: bytes = field(repr=False)
    database: bytes = field(repr=False)



class Folder:
    """One practice's folder, held by this process until `close`. Sealed until `unlock`."""

    def __init__(self, path: Path, lock: host.Lock | None) -> None:
        self.path = path
        self.reserve = host.Reserve(path)
        self._lock = lock
        self._keys: Keys | None = None
        self._changing = threading.RLock()
        self._one_epoch = threading.RLock()
        self.opened_by: bytes | None = None  # the slot of the last unlocking, when it was tried here
        self._damage: tuple[str, str] | None = None  # file and why, found after opening: it stays closed

    @property
    def seal_path(self) -> Path:
        return self.path / "seal"

    @property
    def socket_path(self) -> Path:
        return self.path / "run" / "socket"

    @property
    def sealed(self) -> bool:
        return self._keys is None

    @property
    def keys(self) -> Keys:
        """Root and database key, for who changes slots or copies the practice. Raises Sealed."""
        if self._keys is None:
            raise vault.Sealed("practice sealed")
        return self._keys

    def record(self) -> Seal:
        """The seal record as it lies in the folder now. Raises Damaged."""
        try:
            return Seal.load(self.seal_path)
        except (ValueError, FileNotFoundError) as error:
            raise Damaged("seal/seal.cbor", "illisible") from error

    def saved_heads(self) -> list[merkle.Head]:
        """The heads kept in `seal/`, of this replica and of those it was before. Raises Damaged, also when they are gone:
        a new practice has an empty list."""
        if not (self.seal_path / "heads.cbor").exists():
            raise Damaged("seal/heads.cbor", "absent")
        try:
            return load_heads(self.seal_path)
        except ValueError as error:
            raise Damaged("seal/heads.cbor", "illisible") from error

    # -- opening

    def unlock_with(self, private: bytes) -> None:
        """Open with a slot's X25519 key. Raises Unopened, Tampered, Damaged."""
        root, database, slot = self.record().open(private)
        self.unlock(Keys(root, database), slot=slot)

    def unlock(self, keys: Keys, *, slot: bytes | None = None) -> None:
        """Check the root, open both files, start the writers. Does nothing when already open. Raises as `unlock_with`.

        A practice found behind its own head (a restored snapshot) takes a new replica id before its first write, so that
        no two entries ever claim one place.
        """
        with self._changing:
            if not self.sealed:
                return
            if self._damage is not None:
                raise Damaged(*self._damage)
            seal = self.record()
            seal.check(keys.root)
            point_at(self.path, keys.database)
            self.opened_by = slot
            try:
                with vault.preparing():
                    self._fill(seal, keys)
            except BaseException as error:
                writer.shutdown()
                try:
                    if isinstance(error, DatabaseError):
                        for alias, name in FILES.items():
                            go_through(alias, name)
                finally:
                    self._forget()
                raise
        for start in after_unlock:
            start(self)

    def _fill(self, seal: Seal, keys: Keys) -> None:
        """Files, vault, copy and migrations, epoch, writers, erasures, heads: in this order, each needs the one before."""
        refuse_damage(self.path)
        vault.use(vault.load(seal.practice, keys.root, epoch=seal.epoch, folder=self.path))
        self._keys = keys
        if missing_migrations():
            for copy in before_upgrade:
                copy(self)
            migrate()
        if epochs.interrupted():
            log.warning("a new epoch was interrupted: finished", extra={"kind": "folder.epoch"})
            with writer.writing():
                epochs.settle(vault.current())
        with writer.writing():  # once every key opens: what a newer machine wrote while this one was of the version before
            chain.unpark()
        if _behind(vault.current(), self.saved_heads()) or any(behind(self) for behind in behind_elsewhere):
            log.warning("behind the saved head: a new replica id is taken", extra={"kind": "folder.behind"})
            with writer.writing():
                vault.use(vault.renewed(vault.current()))
        heads.forget()
        space.keep_reserve(self.path, reserve=self.reserve)
        for first in before_writing:
            first(self)
        self._replay_erasures()
        heads.keep_saving(self._save_heads)
        log.info("unlocked", extra={"kind": "folder.unlocked"})

    def check_pages(self, going_on: Callable[[], bool] = lambda: True) -> None:
        """Read every page of the files that were too large for it at opening, table by table while `going_on()`.

        A damaged page is never written over meanwhile: to change one, SQLite reads it first, and its HMAC refuses.
        Raises Damaged, with the practice sealed and kept so by this process.
        """
        try:
            for alias, name in FILES.items():
                if (self.path / name).stat().st_size > files.AT_ONCE:
                    go_through(alias, name, going_on)
        except (Damaged, sqlcipher.Sealed) as found:
            if self.sealed or not going_on() or not isinstance(found, Damaged):
                return  # sealed meanwhile: the file was closed under this reading
            self._damage = found.file, found.why
            log.error("damage found after opening: sealed", extra={"kind": "folder.damaged"})
            self.seal()
            raise
        except host.Unsuitable:
            log.exception("the pages could not be read to their end")

    def _replay_erasures(self) -> None:
        """What was erased after this copy was made is erased again; what was erased here and not yet saved is saved."""
        try:
            replay.erasures(load_erased(self.seal_path))
        except (ValueError, TypeError) as error:
            raise Damaged("seal/erased.cbor", "illisible") from error
        add_erased(self.seal_path, replay.erased())

    def _save_heads(self, latest: list[heads.Latest], erased: list[bytes]) -> None:
        try:
            if erased:
                add_erased(self.seal_path, erased)
            if latest:
                new = {(head.replica, head.stream): head for head in heads.signed(latest)}
                kept = {(head.replica, head.stream): head for head in self.saved_heads()}
                save_heads(self.seal_path, (kept | new).values())
        except BaseException:
            for gone in erased:
                heads.erased(gone)  # said again with the next head, and at the latest at the next unlocking
            raise

    # -- closing

    def seal(self) -> None:
        """Finish what waits, save the heads, close every connection, forget every key. Does nothing when sealed."""
        if not self.sealed:
            for stop in before_seal:
                stop(self)
        with self._changing:
            if self.sealed:
                return
            heads.stop_saving()
            writer.shutdown()
            try:
                self._save_heads(*heads.take())
            except OSError:
                log.exception("the last head could not be saved")
            self._forget()
            log.info("sealed", extra={"kind": "folder.sealed"})

    def _forget(self) -> None:
        for hook in at_seal:
            hook()
        self._keys = None
        vault.use(None)
        heads.forget()
        access.forget()
        close_connections()
        sqlcipher.seal()

    def close(self) -> None:
        """Seal, and let another process hold the folder."""
        self.seal()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> "Folder":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # -- slots

    def change_seal(self, change: Callable[[Seal, Keys], Any]) -> Any:
        """Apply a change to the seal record and save it. Raises Sealed, Tampered, and what the change raises."""
        with self._changing:
            seal = self.record()
            result = change(seal, self.keys)
            seal.save(self.seal_path)
            return result

    def add_slot(self, public: bytes, kind: str, *, id: bytes | None = None) -> bytes:
        """One more recipient who can open this replica; its slot id. Whose it is, is kept by `accounts.unlocking`."""
        return bytes(self.change_seal(lambda seal, keys: seal.add_slot(public, kind, keys.root, keys.database, id=id)))

    @contextmanager
    def one_epoch(self) -> Iterator[None]:
        """What must not meet a change of epoch, such as the making of a copy. Never opened inside `unlock`."""
        with self._one_epoch:
            yield

    def new_epoch(self, *, without: Collection[bytes] = (), coming: tuple[int, bytes] | None = None) -> int:
        """A new root for all recipients but the slots named: nobody's paper is needed. Returns the epoch. `coming`: the epoch and
        the root that the practice's machines share; both are drawn here otherwise.

        The save of the seal record is the one instant at which it counts: see ADR 21. Raises Sealed, Tampered, ValueError
        for the last slot, OSError and what the writer raises, after which the former epoch still holds.
        """
        with self._one_epoch, self._changing:
            seal, keys = self.record(), self.keys
            for slot in {slot.id for slot in seal.slots} & set(without):
                seal.remove_slot(slot, keys.root)
            given, root = coming or (None, suite.new_key())
            epoch = seal.new_epoch(root, root=keys.root, database_key=keys.database, epoch=given)
            try:
                epochs.prepare(epoch, root)
                seal.save(self.seal_path)
            except BaseException:
                if self.record().epoch != epoch:  # else it was saved after all, and the new root is the one that opens
                    epochs.abandon()
                    raise
            self._keys = Keys(root, keys.database)
            epochs.complete()
            log.info("new epoch", extra={"kind": "folder.epoch"})
            return epoch

    def replace_sheet(self, secret: bytes) -> None:
        """Make this the practice's one recovery sheet, once it was re-typed: earlier sheets open nothing any more."""
        def change(seal: Seal, keys: Keys) -> None:
            former = [slot.id for slot in seal.slots if slot.kind == "sheet"]
            seal.add_slot(keyring.sheet_slot(secret, seal.practice)[0], "sheet", keys.root, keys.database)
            for slot in former:
                seal.remove_slot(slot, keys.root)

        self.change_seal(change)


# -- making and opening


@dataclass(frozen=True, slots=True)
class Joined:
    """What makes a folder another replica of a practice that exists: its id, its root and the keys that all replicas hold."""

    practice: bytes
    epoch: int
    root: bytes = field(repr=False)  # empty for a limited machine, which draws its own
    fixed: Mapping[str, bytes] = field(repr=False)
    erased: Sequence[bytes] = ()  # commitments of the keys destroyed so far
    limited: vault.Limited | None = None
    roots: Mapping[int, bytes] = field(repr=False, default_factory=dict)  # of other epochs


def create(path: Path, *, hosts: Sequence[str], rp_id: str, of: Joined | None = None,
           signing: tuple[bytes, bytes] | None = None) -> Folder:
    """A new practice's folder, or with `of` a new replica's, empty: open and without any slot: add one before `close`, or
    `abandon` it. `signing`: the pair of its entries, where it was said already to who let it in.

    Raises Unsuitable (network, synchronised, locked), NotAPractice when the folder holds something.
    """
    path = path.absolute()
    if path.exists() and any(path.iterdir()):
        raise NotAPractice(f"Le dossier {path} n’est pas vide\u00a0: choisissez-en un autre pour le nouveau cabinet.",
                           code="not_empty")
    path.parent.mkdir(parents=True, exist_ok=True)
    host.refuse_unsuitable_folder(path.parent)
    for part in (path, *(path / name for name in ("run", "seal", "blobs", "logs"))):
        host.private_folder(part)
    folder = Folder(path, host.exclusive_lock(path / "run" / "lock"))
    practice, epoch = (of.practice, of.epoch) if of else (os.urandom(16), 1)
    keys = Keys(of.root if of and not of.limited else suite.new_key(), suite.new_key())
    new = vault.fresh(practice, keys.root, folder=path, epoch=epoch, fixed=of.fixed if of else None, signing=signing,
                      roots=of.roots if of else None, limited=of.limited if of else None)
    heads.forget()
    point_at(path, keys.database)
    migrate()
    with writer.writing():
        vault.keep(new)
    save_heads(folder.seal_path, [])
    add_erased(folder.seal_path, of.erased if of else ())
    Transport.new().save(folder.seal_path)
    # Last: a folder without this record holds no practice, so a cut meanwhile leaves none, or a whole one.
    Seal.create(practice=practice, replica=new.replica, hosts=hosts, rp_id=rp_id, root=keys.root,
                epoch=epoch).save(folder.seal_path)
    folder.unlock(keys)
    return folder


def open_folder(path: Path, *, held: bool = False) -> Folder:
    """The folder of an existing practice, sealed. `held`: a parent process holds the lock for us.

    Raises NotAPractice, Unsuitable.
    """
    path = path.absolute()
    if not (path / "seal" / "seal.cbor").exists():
        raise NotAPractice(f"Il n’y a pas de cabinet dans {path}\u00a0: indiquez son dossier avec --folder, ou créez-le "
                           "avec «\u00a0permanence init\u00a0».", code="no_practice")
    host.refuse_unsuitable_folder(path)
    for name in ("run", "blobs", "logs"):
        host.private_folder(path / name)
    folder = Folder(path, None if held else host.exclusive_lock(path / "run" / "lock"))
    for left in (*path.glob("seal/**/.*.part"), *path.glob("blobs/??/.*.part")):
        left.unlink(missing_ok=True)  # half a file of a process that was killed: nothing ever named it
    return folder


def abandon(folder: Folder) -> None:
    """Remove a folder just made, in which nobody ever worked: its sheet was not re-typed."""
    folder.seal()
    for path in sorted(folder.path.rglob("*"), key=lambda found: len(found.parts), reverse=True):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()
    folder.close()
    folder.path.rmdir()


def _behind(opened: vault.Vault, saved: list[merkle.Head]) -> bool:
    for head in saved:
        if head.replica == opened.replica and head.size:
            if not head.check(opened.verify_key):
                raise Damaged("seal/heads.cbor", "signature fausse")
            alias = "access" if head.stream == Stream.ACCESS else "default"
            found = sqlcipher.run(alias, "SELECT hash FROM journal_entry WHERE replica = ? AND stream = ? AND seq = ?",
                                  head.replica, int(head.stream), head.size).fetchone()
            if found is None or found[0] != head.last:
                return True
    return False


__all__ = ["FILES", "Damaged", "Folder", "Keys", "NotAPractice", "Tampered", "Unopened", "abandon", "after_unlock",
           "at_seal", "before_seal", "before_upgrade", "close_connections", "create", "migrate", "missing_migrations",
           "open_folder", "point_at"]
