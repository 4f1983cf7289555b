"""The folder: made, opened by a slot, closed; a second process, a wrong key, damage and a restored snapshot."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from permanence.journal import access, folder, gates, keyring, seal, vault, verify
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Reader
from permanence.lib import host, sqlcipher

BY = Actor(UUID(int=1), session=UUID(int=2))


@pytest.fixture
def made(tmp_path: Path, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[folder.Folder, bytes]]:
    """A new practice and the secret of its sheet; closed."""
    before = {alias: connections.settings[alias]["NAME"] for alias in folder.FILES}
    kept, permitted = dict(sqlcipher.keys), getattr(sqlcipher._thread, "aliases", frozenset())
    sqlcipher._thread.aliases = frozenset()
    shared = {alias: getattr(connections._connections, alias, None) for alias in folder.FILES}
    for alias in folder.FILES:
        if shared[alias] is not None:
            delattr(connections._connections, alias)
    with django_db_blocker.unblock():
        here = folder.Folder(tmp_path / "cabinet")
        keys = folder.create(here.path, hosts=["bureau.cabinet.example"], rp_id="cabinet.example")
        secret = bytes(range(20))
        record = here.record()
        record.add_slot(keyring.sheet_slot(secret, record.practice)[0], "sheet", keys.root, keys.database)
        record.save(here.sealed)
        yield here, secret
        folder.close(here)
    for alias in folder.FILES:
        connections.settings[alias]["NAME"] = before[alias]
        delattr(connections._connections, alias)
        if shared[alias] is not None:
            setattr(connections._connections, alias, shared[alias])
    sqlcipher.keys.update(kept)
    sqlcipher._thread.aliases = permitted


def opened(here: folder.Folder, secret: bytes) -> vault.Vault:
    record = here.record()
    root, database, _ = record.open(keyring.sheet_slot(secret, record.practice)[1])
    return folder.open_with(here, folder.Keys(root, database))


def read_something(times: int = 1) -> None:
    for _ in range(times):
        reader = Reader(BY, [gates.Open()])
        reader.admit([UUID(int=9)], [Category.IDENTITY])
        access.submit(reader.close()).wait()


def test_the_sheet_opens_and_what_was_written_is_there(made: tuple[folder.Folder, bytes]) -> None:
    here, secret = made
    opened(here, secret)
    read_something(3)
    folder.close(here)
    assert vault.is_sealed()
    with pytest.raises(sqlcipher.Sealed):
        connections["default"].cursor()
    opened(here, secret)
    report = verify.verify(full=True, saved_heads=folder.saved_heads(here))
    assert (report.findings, report.entries) == ((), 3)
    assert [head.size for head in folder.saved_heads(here)] == [3]


def test_a_wrong_sheet_opens_nothing(made: tuple[folder.Folder, bytes]) -> None:
    here, _ = made
    with pytest.raises(seal.Unopened):
        opened(here, bytes(20))
    assert vault.is_sealed()


def test_a_second_process_is_refused(made: tuple[folder.Folder, bytes]) -> None:
    here, _ = made
    lock = here.hold()
    with pytest.raises(host.Unsuitable):
        here.hold()
    lock.release()


def test_a_folder_is_never_made_twice(made: tuple[folder.Folder, bytes]) -> None:
    with pytest.raises(host.Unsuitable):
        folder.create(made[0].path, hosts=["x.example"], rp_id="x.example")


def test_the_seal_folder_holds_what_the_format_lists(made: tuple[folder.Folder, bytes]) -> None:
    assert seal.strays(made[0].sealed) == []


def test_a_restored_snapshot_takes_a_new_replica_id_before_its_first_write(made: tuple[folder.Folder, bytes],
                                                                           tmp_path: Path) -> None:
    here, secret = made
    first = opened(here, secret)
    read_something(1)
    folder.close(here)
    for name in folder.FILES.values():
        shutil.copy(here.path / name, tmp_path / name)
    opened(here, secret)
    read_something(2)
    folder.close(here)
    for name in folder.FILES.values():  # the disk put back behind our back; seal/ is of today
        shutil.copy(tmp_path / name, here.path / name)
    again = opened(here, secret)
    assert again.replica != first.replica
    read_something(1)
    findings = verify.verify(full=True, saved_heads=folder.saved_heads(here)).findings
    assert [finding.what for finding in findings] == ["truncated: seal/ saw 3 entries"]


@pytest.mark.parametrize("name", ["practice.db", "access.db"])
def test_a_damaged_file_is_named_and_not_overwritten(made: tuple[folder.Folder, bytes], name: str) -> None:
    here, secret = made
    damaged = here.path / name
    damaged.write_bytes(b"\0" * 5000 + damaged.read_bytes()[5000:])
    before = damaged.read_bytes()
    with pytest.raises(folder.Damaged) as found:
        opened(here, secret)
    assert found.value.file == name
    assert damaged.read_bytes() == before
    assert vault.is_sealed()
