"""A machine of `machines` with the folder `seal/` that a real one has: it is opened by what opens it, and tends to its root."""

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from permanence.accounts import unlocking
from permanence.accounts.actions import slots
from permanence.journal import epochs, keyring, keys_in, vault, verify
from permanence.journal.doors import Actor
from permanence.journal.folder import Folder, Keys
from permanence.journal.seal import Seal, Transport, Unopened
from permanence.lib import suite
from permanence.lib.sqlcipher import run
from permanence.sync import actions, queries, roots
from tests.sync.machines import Machine, _alone

SHEET = bytes(range(20))


@dataclass(eq=False)
class Opened:
    """One machine and its folder. `slots`: the private key of each way to open it."""

    machine: Machine
    here: Folder
    slots: dict[str, bytes]
    ids: dict[str, UUID]

    @property
    def id(self) -> UUID:
        return UUID(bytes=self.machine.replica)

    @property
    def epoch(self) -> int:
        return self.here.record().epoch

    def tend(self) -> None:
        """What its own thread does each second."""
        with self.machine:
            roots.tend(self.here)

    def do(self, work: Any) -> Any:
        """Sit down, do something as its person does, its seal record following."""
        with self.machine:
            unlocking._open = self.here
            try:
                return work()
            finally:
                unlocking._open = None

    def opens(self, name: str) -> bool:
        try:
            return bool(self.here.record().open(self.slots[name]))
        except Unopened:
            return False

    def restart(self, name: str = "sheet") -> None:
        """Sealed, and opened again by one of its ways; what was cut is finished, as at each unlocking."""
        self.machine.stop()
        seal = self.here.record()
        root, database, _ = seal.open(self.slots[name])
        self.here._keys = Keys(root, database)
        with self.machine, _alone(self.machine):
            vault.use(vault.load(seal.practice, root, epoch=seal.epoch, folder=self.machine.folder))
            if epochs.interrupted():
                epochs.settle(vault.current())

    def findings(self) -> list[str]:
        """Of a full verification; the signing key of the template is nobody's here."""
        with self.machine:
            return [str(one) for one in verify.verify(full=True).findings if not one.where.startswith("key signing")]

    def sound(self) -> None:
        assert self.findings() == []
        with self.machine:
            assert not keys_in.apart()
            assert run("default", "SELECT DISTINCT epoch FROM journal_key WHERE wrapped IS NOT NULL").fetchall() == [(self.epoch,)]
            assert vault.current().root == self.here.keys.root == self.here.record().open(self.slots["sheet"])[0]

    def photograph(self, place: Path) -> "Opened":
        """The same machine from its files as they lie now."""
        shutil.copytree(self.machine.folder, place)
        other = object.__new__(Machine)
        other.folder, other.writers, other.wrappers, other.vault = place, {}, {}, self.machine.vault
        return Opened(other, _folder(place), self.slots, self.ids)


def _folder(path: Path) -> Folder:
    return Folder(path, None)


def furnish(machine: Machine) -> Opened:
    """Its seal record, with the practice's sheet, a passkey of its own and a key of the machine; its transport keys."""
    practice, here = machine.vault.practice, _folder(machine.folder)
    private_keys = {"sheet": keyring.sheet_slot(SHEET, practice)[1], "passkey": os.urandom(32), "machine": os.urandom(32)}
    with machine:
        v = vault.current()
        seal = Seal.create(practice=practice, replica=v.replica, hosts=["a"], rp_id="cabinet.example", root=v.root, epoch=v.epoch)
        here._keys = Keys(v.root, os.urandom(32))
        ids = {name: UUID(bytes=seal.add_slot(suite.x25519_public(private), "sheet" if name == "sheet" else "passkey", v.root,
                                              here._keys.database)) for name, private in private_keys.items()}  # fmt: skip
        seal.save(here.seal_path)
        Transport.new().save(here.seal_path)
    return Opened(machine, here, private_keys, ids)


def introduce(one: Opened, *, name: str, kind: str, by: Opened | None = None, titulaire: Actor | None = None) -> None:
    """The first machine names itself; another is added by hand on one that is there."""
    keys = Transport.load(one.here.seal_path)
    if by is None:
        with one.machine:
            by_itself = Actor.machine("sync")
            actions.introduce_oneself(name=name, kind=kind, hosts=["a"], transport=keys.verify_key, box=keys.public, by=by_itself)
        return
    with one.machine:
        verify_key = vault.current().verify_key
    assert titulaire is not None
    with by.machine:
        actions.add_replica(one.id, {"verify": verify_key, "transport": keys.verify_key, "box": keys.public}, name=name, kind=kind,
                            hosts=["b"], by=titulaire)  # fmt: skip
        told = queries.told()
    with one.machine:
        actions.remember_told(told)
        actions.remember_peer(f"https://{by.id}", replica=by.id)


def remove_slot(one: Opened, name: str, by: Actor) -> None:
    """A titulaire takes a way to open this machine away."""
    one.do(lambda: slots.remove_slots([one.ids[name]], by=by))


def new_root(*all: Machine) -> None:
    """As if somebody had been shut out: those machines have the root already."""
    root = suite.new_key()
    for one in all:
        with one:
            use_root(root)


def use_root(root: bytes) -> None:
    v = vault.current()
    vault.use(replace(v, epoch=v.epoch + 1, root=root, roots={**v.roots, v.epoch: v.root}))


class Roots:
    """The folders of the machines of a life in which the root changes; where it does not, nothing."""

    def __init__(self, *, on: bool) -> None:
        self.on, self._doors = on, dict[Machine, Opened]()

    def furnish(self, new: Machine) -> dict[str, bytes]:
        """Its seal record; what its row says of its transport keys."""
        if not self.on:
            return {}
        self._doors[new] = furnish(new)
        return {"transport_box_key": Transport.load(self._doors[new].here.seal_path).public}

    def give(self, new: Machine, of: vault.Vault) -> None:
        """At `new`: what a pairing gives it."""
        if self.on:
            roots.take(self._doors[new].here, {**of.roots, of.epoch: of.root})

    def draw(self, one: Machine) -> None:
        if self.on:
            with one:
                roots._draw(self._doors[one].here)
                roots.learn(self._doors[one].here)

    def tend(self, one: Machine) -> None:
        if self.on:
            self._doors[one].tend()
