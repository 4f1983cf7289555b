"""Several machines of one practice in one process: each has its two files, its writers and its own keys; one is at work at a time."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connections

from permanence.journal import arrival, departure, exchange, heads, keyring, vault, writer
from permanence.journal.doors import Actor
from permanence.lib import suite
from permanence.lib.sqlcipher import permitted, run

FILES = {"default": "practice.db", "access": "access.db"}


class Machine:
    """One replica. `with machine:` is sitting down at it."""

    def __init__(self, folder: Path, keys: vault.Vault) -> None:
        self.folder, self.writers = folder, dict[str, writer.Writer]()
        self.wrappers: dict[str, Any] = {}
        verify_key, signing = suite.signing_pair()
        self.vault = replace(keys, replica=suite.replica_id(verify_key), signing=signing, verify_key=verify_key, folder=folder)
        wrapped = keyring.wrap(signing, keys.root, keys.practice, "signing")
        with self, _alone(self):
            run("default", "INSERT INTO journal_key (commitment, label, ref, epoch, wrapped) VALUES (?, 'signing', ?, ?, ?)",
                suite.commitment(signing), self.replica, keys.epoch, wrapped)  # fmt: skip

    @property
    def replica(self) -> bytes:
        return self.vault.replica

    def __enter__(self) -> "Machine":
        assert writer._writers is not self.writers, "one sits down at a machine once"
        self._before = {alias: getattr(connections._connections, alias, None) for alias in FILES}
        self._names = {alias: connections.settings[alias]["NAME"] for alias in FILES}
        self._vault, self._writers = vault._current, writer._writers
        for alias, name in FILES.items():
            connections.settings[alias]["NAME"] = str(self.folder / name)
            if alias in self.wrappers:
                connections[alias] = self.wrappers[alias]
            elif hasattr(connections._connections, alias):
                delattr(connections._connections, alias)
        heads.forget()
        vault.use(self.vault)
        writer._writers = self.writers
        return self

    def __exit__(self, *_: object) -> None:
        self.vault = vault.current()
        for alias in FILES:
            if (used := getattr(connections._connections, alias, None)) is not None:
                self.wrappers[alias] = used
                delattr(connections._connections, alias)
            if self._before[alias] is not None:
                connections[alias] = self._before[alias]
            connections.settings[alias]["NAME"] = self._names[alias]
        writer._writers = self._writers
        vault.use(self._vault)
        heads.forget()

    def stop(self) -> None:
        with self:
            for one in self.writers.values():
                one.stop()
            self.writers.clear()
            for alias in FILES:
                connections[alias].close()

    def copy(self, folder: Path) -> "Machine":
        """The same machine as it is now, files and keys: what a snapshot holds."""
        self.stop()
        folder.mkdir()
        for name in FILES.values():
            shutil.copyfile(self.folder / name, folder / name)
        other = object.__new__(Machine)
        other.folder, other.writers, other.wrappers, other.vault = folder, {}, {}, replace(self.vault, folder=folder)
        return other

    def renew(self) -> None:
        """A new replica id, as a restored practice takes before its first write."""
        with self, _alone(self):
            vault.use(vault.renewed(vault.current()))


@contextmanager
def _alone(machine: Machine) -> Iterator[None]:
    with permitted(*FILES):
        for alias in FILES:
            connections[alias].close()
        try:
            yield
        finally:
            for alias in FILES:
                connections[alias].close()


class Machines:
    """A practice's machines, made from a template of empty files."""

    def __init__(self, template: Path, keys: vault.Vault, tmp_path: Path) -> None:
        self.template, self.keys, self.tmp_path = template, keys, tmp_path
        self.all: list[Machine] = []

    def new(self) -> Machine:
        folder = self.tmp_path / f"machine-{len(self.all)}-{os.urandom(3).hex()}"
        folder.mkdir()
        for name in FILES.values():
            shutil.copyfile(self.template / name, folder / name)
        self.all.append(Machine(folder, self.keys))
        return self.all[-1]

    def stop(self) -> None:
        for one in self.all:
            one.stop()
            shutil.rmtree(one.folder, ignore_errors=True)


def everyone(replica: bytes, act: object) -> arrival.Standing:
    """Every replica is heard."""
    return arrival.Standing()


def pull(here: Machine, there: Machine, *, most: int = exchange.MOST_ENTRIES, judge: Any = everyone) -> list[exchange.Pushed]:
    """`here` takes all that it lacks and `there` has, as bytes, in as many batches as it takes."""
    with here:
        held = arrival.held()
    since, pushed = 0, list[exchange.Pushed]()
    while True:
        with there:
            sent = departure.give(exchange.Asked(held, since, most)).encode()
        given = exchange.Given.decode(sent)
        with here:
            pushed += [arrival.take(batch, judge) for batch in given.batches]
        if not given.more:
            return pushed
        since = given.until


def all_agree(machines: list[Machine]) -> None:
    """Everybody hears everybody, until nobody lacks anything."""
    for _ in range(2):
        for here in machines:
            for there in machines:
                if here is not there:
                    pull(here, there)


def anybody() -> Actor:
    return Actor(UUID(int=1), session=UUID(int=2))
