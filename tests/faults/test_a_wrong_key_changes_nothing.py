"""A wrong key opens nothing and changes nothing: neither a wrong sheet, nor the root or database key of another practice."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from nacl.exceptions import CryptoError

from permanence.journal import folder, keyring, seal, vault
from permanence.lib import sqlcipher, suite
from tests.faults import cabinet

Attempt = Callable[[folder.Folder, folder.Keys], None]


def a_wrong_sheet(here: folder.Folder, _: folder.Keys) -> None:
    here.unlock_with(keyring.sheet_slot(bytes(20), here.record().practice)[1])


def a_key_of_no_slot(here: folder.Folder, _: folder.Keys) -> None:
    here.unlock_with(suite.x25519_pair()[0])


def another_root(here: folder.Folder, keys: folder.Keys) -> None:
    here.unlock(folder.Keys(os.urandom(32), keys.database))


def another_database_key(here: folder.Folder, keys: folder.Keys) -> None:
    here.unlock(folder.Keys(keys.root, os.urandom(32)))


def one_bit_of_the_database_key(here: folder.Folder, keys: folder.Keys) -> None:
    here.unlock(folder.Keys(keys.root, bytes([keys.database[0] ^ 1]) + keys.database[1:]))


@pytest.mark.parametrize("attempt", [a_wrong_sheet, a_key_of_no_slot, another_root, another_database_key,
                                     one_bit_of_the_database_key])
def test_a_wrong_key_opens_nothing_and_changes_nothing(path: Path, attempt: Attempt) -> None:
    with cabinet.opened(path) as here:
        keys = here.keys
        cabinet.read_one()
    before = cabinet.hashes(path)
    with folder.open_folder(path) as here:
        with pytest.raises((seal.Unopened, folder.Damaged, CryptoError)):
            attempt(here, keys)
        assert here.sealed
        assert vault.is_sealed()
        assert sqlcipher.keys == {}
    assert cabinet.hashes(path) == before
    with cabinet.opened(path):  # and the right one still opens
        cabinet.read_one()


def test_a_seal_record_changed_without_the_root_opens_nothing(path: Path) -> None:
    """A recipient slipped into `seal/`, or a name of the practice exchanged, is found before anything is opened."""
    record = seal.Seal.load(path / "seal")
    record.slots.append(seal.Slot(os.urandom(16), "passkey", os.urandom(32), os.urandom(96)))
    record.save(path / "seal")
    before = cabinet.hashes(path)
    with pytest.raises(seal.Tampered), cabinet.opened(path):
        pass
    assert cabinet.hashes(path) == before


def test_the_slot_of_another_practice_opens_nothing(path: Path, tmp_path: Path) -> None:
    with folder.create(tmp_path / "other", hosts=["bureau.cabinet.example"], rp_id="cabinet.example") as here:
        here.replace_sheet(cabinet.SECRET)
    mine, other = seal.Seal.load(path / "seal"), seal.Seal.load(tmp_path / "other" / "seal")
    mine.slots = other.slots
    mine.save(path / "seal")
    before = cabinet.hashes(path)
    with pytest.raises(CryptoError), cabinet.opened(path):
        pass
    assert cabinet.hashes(path) == before
