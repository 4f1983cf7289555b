"""A file cut or overwritten anywhere: found at opening or by `verify`, named, not overwritten; the copy is at hand."""

import dataclasses
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from nacl.exceptions import CryptoError

from permanence.journal import backup, files, folder, keyring, seal, vault, verify
from permanence.lib import host, sqlcipher
from tests.faults import cabinet
from tests.testapp import actions

PLACES = 40
Damage = Callable[[bytes, random.Random], bytes]


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[:chance.randrange(len(data))]


def overwritten(data: bytes, chance: random.Random) -> bytes:
    at, size = chance.randrange(len(data)), chance.choice((1, 16, 512, 4096, 20_000))
    noise = chance.randbytes(size) if chance.random() < 0.5 else bytes(size)
    return data[:at] + noise[: len(data) - at] + data[at + size :]


def one_bit(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1:]


def swapped(data: bytes, chance: random.Random) -> bytes:
    """Two pages of 4,096 bytes exchanged: each is authentic, but not there."""
    first, second = (4096 * i for i in chance.sample(range(len(data) // 4096), 2))
    pages = bytearray(data)
    pages[first:first + 4096], pages[second:second + 4096] = data[second:second + 4096], data[first:first + 4096]
    return bytes(pages)


def in_pages(data: bytes) -> list[bytes]:
    return [data[at:at + 4096] for at in range(0, len(data), 4096)]


DAMAGES = (cut, overwritten, one_bit, swapped)


def outcome(path: Path, name: str) -> str:
    """`opening`, `verify` or `nothing`: where the damage of the file `name` was found, and named."""
    before = (path / name).read_bytes()
    damaged: folder.Damaged | None = None
    try:
        with cabinet.opened(path) as here:
            findings = verify.verify(full=True, saved_heads=here.saved_heads()).findings
    except folder.Damaged as error:
        damaged = error
    if damaged is None:
        return "verify" if findings else "nothing"
    assert damaged.file == name
    assert name in str(damaged)
    assert "permanence restore" in str(damaged)
    assert vault.is_sealed()
    assert (path / name).read_bytes() == before, "what is damaged was overwritten"
    return "opening"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["practice.db", "access.db"])
def test_damage_anywhere_in_a_file_is_named_and_nothing_overwritten(lived: SimpleNamespace, name: str) -> None:
    path, chance = lived.path, random.Random(f"2026 {name}")
    whole = (path / name).read_bytes()
    others = {each: hash for each, hash in cabinet.hashes(path).items() if each != name}
    outcomes = []
    for i in range(PLACES):
        damaged = DAMAGES[i % len(DAMAGES)](whole, chance)
        if damaged == whole:
            continue
        (path / name).write_bytes(damaged)
        outcomes.append(outcome(path, name))
        if outcomes[-1] == "opening":
            now = cabinet.hashes(path)
            assert {each: hash for each, hash in now.items() if each != name} == others
        else:
            (path / name).write_bytes(whole)
    print(name, {each: outcomes.count(each) for each in set(outcomes)})
    assert "nothing" not in outcomes
    (path / name).write_bytes(whole)
    assert outcome(path, name) == "nothing"


@pytest.mark.parametrize("name", ["practice.db", "access.db"])
def test_a_large_file_is_gone_through_once_open_and_damage_seals_the_practice(
    lived: SimpleNamespace, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "AT_ONCE", 0)
    path, chance = lived.path, random.Random(f"later {name}")
    whole, after = (path / name).read_bytes(), 0
    for i in range(PLACES // 2):
        damaged = DAMAGES[i % len(DAMAGES)](whole, chance)
        if damaged == whole:
            continue
        (path / name).write_bytes(damaged)
        found: folder.Damaged | None = None
        with folder.open_folder(path) as here:
            private = keyring.sheet_slot(cabinet.SECRET, here.record().practice)[1]
            try:
                here.unlock_with(private)
                here.check_pages()
            except folder.Damaged as damage:
                found = damage
                after += here._damage is not None
                with pytest.raises(folder.Damaged):
                    here.unlock_with(private)
            if found is not None:
                assert found.file == name
                assert here.sealed
            else:  # in a page of no table: nothing of anybody stands there
                assert verify.verify(full=True, saved_heads=here.saved_heads()).findings == []
        now = in_pages((path / name).read_bytes())
        if found is not None:  # what was written before it was found is elsewhere in the file
            assert all(now[i] == bad for i, bad in enumerate(in_pages(damaged)) if bad not in whole), "damage was overwritten"
        (path / name).write_bytes(whole)
    assert after >= 3


def test_the_reading_of_a_large_table_ends_when_it_should(lived: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "AT_ONCE", 0)
    monkeypatch.setattr(sqlcipher, "STEPS", 1)
    with cabinet.opened(lived.path) as here:
        asked = iter([True, True, True])  # then it is to stop, inside a table
        here.check_pages(lambda: next(asked, False))
        assert not here.sealed
        here.check_pages()


def test_sealing_during_the_reading_of_a_large_file_is_no_damage(lived: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "AT_ONCE", 0)
    with cabinet.opened(lived.path) as here:
        private = keyring.sheet_slot(cabinet.SECRET, here.record().practice)[1]

        def sealed_meanwhile() -> bool:
            if not here.sealed:
                here.seal()
            return True

        here.check_pages(sealed_meanwhile)
        here.unlock_with(private)
        here.check_pages()


@pytest.mark.parametrize("name", ["practice.db", "access.db", "seal/seal.cbor", "seal/heads.cbor"])
def test_a_file_gone_or_empty_is_named(lived: SimpleNamespace, name: str) -> None:
    if name == "seal/seal.cbor":
        (lived.path / name).write_bytes(b"")
    else:
        (lived.path / name).unlink() if name.endswith(".db") else (lived.path / name).write_bytes(b"")
    with pytest.raises(folder.Damaged) as found, cabinet.opened(lived.path):
        pass
    assert found.value.file == name
    assert not (lived.path / name).exists() or (lived.path / name).read_bytes() == b""


def test_the_last_copy_is_at_hand_and_says_what_it_lacks(lived: SimpleNamespace, tmp_path: Path) -> None:
    """Without opening anything: from the damaged folder's clear heads, and the copy's."""
    (lived.path / "practice.db").write_bytes(b"\0" * 4096)
    with pytest.raises(folder.Damaged), cabinet.opened(lived.path):
        pass
    with folder.open_folder(lived.path) as here:
        at, copy = max(backup.copies_of(lived.place).items())
        assert copy == lived.copy
        assert at == max(backup.copies_of(lived.place))
        assert backup.lacking(copy, here) == {2: 5, 3: 5}  # five acts and five readings after the copy was made
        before = cabinet.hashes(lived.path)
        backup.restore_files(copy, tmp_path / "restored")
        assert cabinet.hashes(lived.path) == before
    with cabinet.opened(tmp_path / "restored") as restored:
        assert verify.verify(full=True, saved_heads=restored.saved_heads()).sound
        actions.register(by=cabinet.BY, family="goes on")


@pytest.mark.parametrize("name", ["seal/seal.cbor", "seal/heads.cbor"])
def test_damage_anywhere_in_seal_opens_nothing_or_is_named(lived: SimpleNamespace, name: str) -> None:
    whole, chance, replica = (lived.path / name).read_bytes(), random.Random(name), record(lived.path).replica
    silent = 0
    for i in range(PLACES):
        damaged = DAMAGES[i % 3](whole, chance)
        if damaged == whole:
            continue
        (lived.path / name).write_bytes(damaged)
        try:
            with cabinet.opened(lived.path) as here:
                findings = verify.verify(full=True, saved_heads=here.saved_heads()).findings
                silent += not findings and vault.current().replica == replica
        except (folder.Damaged, CryptoError, host.Unsuitable):
            assert (lived.path / name).read_bytes() == damaged
    assert silent == 0
    (lived.path / name).write_bytes(whole)


def test_a_damaged_head_is_damage_not_a_restored_snapshot(lived: SimpleNamespace) -> None:
    heads = seal.load_heads(lived.path / "seal")
    seal.save_heads(lived.path / "seal", [dataclasses.replace(head, last=bytes(32)) for head in heads])
    before = cabinet.hashes(lived.path)
    with pytest.raises(folder.Damaged) as found, cabinet.opened(lived.path):
        pass
    assert found.value.file == "seal/heads.cbor"
    assert cabinet.hashes(lived.path) == before


@pytest.fixture
def killed(path: Path, tmp_path: Path) -> Path:
    """A practice as a kill leaves it: files, and the write-ahead logs of what was committed since the last checkpoint."""
    with cabinet.opened(path):
        for i in range(10):
            actions.register(by=cabinet.BY, family=f"n{i}")
            cabinet.read_one()
        shutil.copytree(path, tmp_path / "killed", ignore=shutil.ignore_patterns("*-shm", "lock", "*.part"))
    return tmp_path / "killed"


@pytest.mark.parametrize("name", ["practice.db-wal", "access.db-wal"])
def test_damage_in_a_write_ahead_log_never_leaves_half_an_act(killed: Path, name: str) -> None:
    """SQLite takes the log up to its first damaged frame: whole commits. What a saved head had seen and is gone is named."""
    chance = random.Random(name)
    whole = {file: (killed / file).read_bytes() for file in cabinet.hashes(killed, but=("run/", "reserve"))}
    assert len(whole[name]) > 4096
    shorter = 0
    for i in range(20):
        for each in (killed / "seal").iterdir():
            each.unlink()
        for file, data in whole.items():
            (killed / file).write_bytes(data)
        (killed / name).write_bytes(DAMAGES[i % 3](whole[name], chance))
        for stale in killed.glob("*-shm"):
            stale.unlink()
        with cabinet.opened(killed) as here:
            report = verify.verify(full=True, saved_heads=here.saved_heads())
            renewed = vault.current().replica != here.record().replica
            assert all(finding.what.startswith("truncated: seal/ saw") for finding in report.findings)
            assert bool(report.findings) == renewed, "a chain behind its head goes on under another id"
            shorter += report.entries < 20
    assert shorter > 5


def record(path: Path) -> seal.Seal:
    return seal.Seal.load(path / "seal")
