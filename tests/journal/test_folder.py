"""The folder: made, opened by a slot, closed; a second process, a wrong key, damage and a restored snapshot."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connections

from permanence.journal import access, folder, gates, keyring, seal, vault, verify
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Reader
from permanence.lib import host, sqlcipher
from tests import folders

BY = Actor(UUID(int=1), session=UUID(int=2))


@pytest.fixture
def made(tmp_path: Path, own_files: None) -> tuple[Path, bytes]:
    """A new practice's path and the secret of its sheet; closed."""
    return folders.closed(tmp_path / "cabinet"), folders.SECRET


@contextmanager
def opened(path: Path, secret: bytes) -> Iterator[folder.Folder]:
    with folder.open_folder(path) as here:
        here.unlock_with(keyring.sheet_slot(secret, here.record().practice)[1])
        yield here


def read_something(times: int = 1) -> None:
    for _ in range(times):
        reader = Reader(BY, [gates.Open()])
        reader.admit([UUID(int=9)], [Category.IDENTITY])
        access.submit(reader.close()).wait()


def test_the_sheet_opens_and_what_was_written_is_there(made: tuple[Path, bytes]) -> None:
    with opened(*made):
        read_something(3)
    assert vault.is_sealed()
    with pytest.raises(sqlcipher.Sealed):
        connections["default"].cursor()
    with opened(*made) as here:
        report = verify.verify(full=True, saved_heads=here.saved_heads())
        assert (report.findings, report.entries) == ((), 3)
        assert [head.size for head in here.saved_heads()] == [3]


def test_a_wrong_sheet_opens_nothing(made: tuple[Path, bytes]) -> None:
    with pytest.raises(seal.Unopened), opened(made[0], bytes(20)):
        pass
    assert vault.is_sealed()


def test_a_second_process_is_refused(made: tuple[Path, bytes]) -> None:
    with opened(*made), pytest.raises(host.Unsuitable):
        folder.open_folder(made[0])


def test_a_folder_is_never_made_twice(made: tuple[Path, bytes]) -> None:
    with pytest.raises(host.Unsuitable):
        folder.create(made[0], hosts=["x.example"], rp_id="x.example")


def test_the_seal_folder_holds_what_the_format_lists(made: tuple[Path, bytes]) -> None:
    assert seal.strays(made[0] / "seal") == []


def test_a_restored_snapshot_takes_a_new_replica_id_before_its_first_write(made: tuple[Path, bytes], tmp_path: Path) -> None:
    with opened(*made):
        first = vault.current().replica
        read_something(1)
    for name in folder.FILES.values():
        shutil.copy(made[0] / name, tmp_path / name)
    with opened(*made):
        read_something(2)
    for name in folder.FILES.values():  # the disk put back behind our back; seal/ is of today
        shutil.copy(tmp_path / name, made[0] / name)
    with opened(*made) as here:
        assert vault.current().replica != first
        read_something(1)
        findings = verify.verify(full=True, saved_heads=here.saved_heads()).findings
        assert [finding.what for finding in findings] == ["truncated: seal/ saw 3 entries"]


@pytest.mark.parametrize("at", [0, 5000, -5000])
@pytest.mark.parametrize("name", ["practice.db", "access.db"])
def test_a_damaged_file_is_named_and_not_overwritten(made: tuple[Path, bytes], name: str, at: int) -> None:
    damaged = made[0] / name
    whole = damaged.read_bytes()
    at = at % len(whole)
    damaged.write_bytes(whole[:at] + b"\0" * 3000 + whole[at + 3000:])
    before = damaged.read_bytes()
    with pytest.raises(folder.Damaged) as found, opened(*made):
        pass
    assert found.value.file == name
    assert damaged.read_bytes() == before
    assert vault.is_sealed()
