"""A new epoch shuts a slot out without anybody's paper; cut at any instant, the practice opens with what the seal gives."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from permanence.journal import actions as journal
from permanence.journal import acts, epochs, folder, keyring, keys, seal, vault, verify, writer
from permanence.journal.doors import Actor
from permanence.lib import host, suite
from permanence.lib.sqlcipher import run
from tests import folders
from tests.testapp import actions
from tests.testapp.models import Person

BY = Actor(UUID(int=1))
SECRET = folders.SECRET
Made = tuple[folder.Folder, bytes, bytes]


@pytest.fixture
def made(tmp_path: Path, own_files: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """An open practice with a sheet, a second slot and a few patients, one erased: (folder, private key, slot)."""
    monkeypatch.setattr(host.Reserve.__init__, "__defaults__", (8192,))
    public, private = suite.x25519_pair()
    here = folders.fresh(tmp_path / "cabinet")
    slot = here.add_slot(public, "passkey")
    for family in ("Ménard", "Ly", "Roux"):
        actions.register(by=BY, family=family)
    journal.erase(actions.register(by=BY, family="Parti"), by=BY)
    yield here, private, slot
    here.close()


def reopened(path: Path) -> folder.Folder:
    here = folder.open_folder(path)
    here.unlock_with(keyring.sheet_slot(SECRET, here.record().practice)[1])
    return here


def sound(here: folder.Folder) -> None:
    assert verify.verify(full=True, saved_heads=here.saved_heads()).findings == ()
    assert {row[0] for row in run("default", "SELECT DISTINCT epoch FROM journal_key WHERE wrapped IS NOT NULL")} == {
        here.record().epoch}
    assert not epochs.interrupted()


def test_the_running_practice_goes_on_under_the_new_root(made: Made) -> None:
    here, private, slot = made
    before = here.keys
    assert here.new_epoch(without={slot}) == 2
    assert (vault.current().epoch, vault.current().root, vault.current().other) == (2, here.keys.root, None)
    assert here.keys.root != before.root
    after = actions.register(by=BY, family="Après")
    assert len(keys.of_scope(1, after.bytes)) == 32
    sound(here)
    with pytest.raises(seal.Unopened):
        here.record().open(private)
    with pytest.raises(seal.Unopened):
        here.record().check(before.root)
    here.seal()
    here.close()
    with reopened(here.path) as again:
        assert sorted(Person.objects.values_list("family", flat=True)) == ["Après", "Ly", "Ménard", "Roux"]
        sound(again)


def test_the_former_root_opens_no_key(made: Made) -> None:
    here, _, slot = made
    former = here.keys.root
    here.new_epoch(without={slot})
    for label, wrapped in run("default", "SELECT label, wrapped FROM journal_key WHERE wrapped IS NOT NULL").fetchall():
        with pytest.raises(seal.CryptoError):
            keyring.unwrap(wrapped, former, vault.current().practice, label)


def test_the_last_slot_stays(made: Made) -> None:
    here, _, _slot = made
    everything = {slot.id for slot in here.record().slots}
    with pytest.raises(ValueError, match="last slot"):
        here.new_epoch(without=everything)
    assert {slot.id for slot in here.record().slots} == everything
    sound(here)


def test_cut_at_any_instant_the_practice_opens(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder as it lies at every COMMIT, and on both sides of the save of the seal record."""
    here, _, slot = made
    states: list[Path] = []

    def photograph(_: object = None) -> None:
        states.append(tmp_path / f"state{len(states)}")
        shutil.copytree(here.path, states[-1], ignore=shutil.ignore_patterns("run", "*.part"))

    save = seal.Seal.save

    def saved(record: seal.Seal, path: Path) -> None:
        photograph()
        save(record, path)
        photograph()

    for name in ("SLICE_S", "ALONE_S"):  # a COMMIT for each key, however long ago somebody worked
        monkeypatch.setattr(writer, name, 0)
    with monkeypatch.context() as patched:
        patched.setattr(acts, "head_committed", [*acts.head_committed, photograph])
        patched.setattr(seal.Seal, "save", saved)
        here.new_epoch(without={slot})
    here.close()
    assert len(states) > 20
    found = set()
    for state in states:
        with reopened(state) as again:
            found.add(again.record().epoch)
            assert sorted(Person.objects.values_list("family", flat=True)) == ["Ly", "Ménard", "Roux"]
            actions.register(by=BY, family="Après")
            sound(again)
            assert (slot in {one.id for one in again.record().slots}) == (again.record().epoch == 1)
    assert found == {1, 2}


@pytest.mark.parametrize("step", ["prepare", "save"])
def test_what_cannot_be_prepared_or_saved_changes_nothing(made: Made, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    here, private, slot = made

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(*((epochs, "_wrap_too") if step == "prepare" else (seal.Seal, "save")), full)
        with pytest.raises((OSError, RuntimeError)):
            here.new_epoch(without={slot})
    assert (vault.current().epoch, vault.current().other) == (1, None)
    actions.register(by=BY, family="Après")
    assert here.record().open(private)[0] == here.keys.root
    sound(here)
    assert here.new_epoch(without={slot}) == 2
    sound(here)


def test_what_cannot_be_completed_is_finished_at_the_next_unlocking(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    here, _, slot = made

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(epochs, "_take_over", full)
        with pytest.raises(RuntimeError):
            here.new_epoch(without={slot})
    after = actions.register(by=BY, family="Après")  # meanwhile the practice works, under both roots
    assert len(keys.of_scope(1, after.bytes)) == 32
    assert verify.verify(full=True, saved_heads=here.saved_heads()).sound
    here.close()
    with reopened(here.path) as again:
        assert again.record().epoch == 2
        sound(again)


def test_patients_made_and_erased_meanwhile_keep_or_lose_their_keys(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    here, _, _slot = made
    for name in ("SLICE_S", "ALONE_S"):
        monkeypatch.setattr(writer, name, 0)
    going, made_ids = threading.Event(), list[UUID]()

    def work() -> None:
        while not going.wait(0.002):  # without it hundreds, and each is a COMMIT more of every epoch
            made_ids.append(actions.register(by=BY, family="Pendant"))
            if len(made_ids) % 3 == 0:
                journal.erase(made_ids[-2], by=BY)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(3):
            here.new_epoch()
    finally:
        going.set()
        thread.join()
    sound(here)
    here.close()
    with reopened(here.path) as again:
        assert again.record().epoch == 4
        assert Person.objects.filter(family="Pendant").count() == len(made_ids) - len(made_ids) // 3
        sound(again)
