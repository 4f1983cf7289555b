"""What faults leave behind: halves of copies, copies that do not verify, blobs that rot, erasures not yet saved."""

import dataclasses
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest

from permanence.documents import actions as documents
from permanence.documents import blobs
from permanence.journal import actions as journal
from permanence.journal import backup, folder, heads, seal
from permanence.journal.doors import Actor
from permanence.lib import clock, host
from permanence.lib.sqlcipher import run
from permanence.patients import actions as patients
from tests import cast
from tests.faults import cabinet
from tests.testapp import actions


def commitments_of_erased() -> set[bytes]:
    return {row[0] for row in run("default", "SELECT commitment FROM journal_key WHERE wrapped IS NULL").fetchall()}


def erased_one() -> UUID:
    person = actions.register(by=cabinet.BY, family="gone")
    journal.erase(person, by=cabinet.BY)
    return person


# -- copies


def test_a_copy_that_does_not_verify_is_not_offered(lived: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise backup.CopyFailed("La copie ne se vérifie pas.")

    monkeypatch.setattr(backup, "check", fails)
    with clock.override(offset=timedelta(days=1)), cabinet.opened(lived.path) as here:
        assert not backup.run(here, here.keys, lived.copies).ok
    assert set(backup.copies_of(lived.place).values()) == {lived.copy}


def test_the_halves_that_a_killed_copy_left_are_removed_by_the_next(lived: SimpleNamespace) -> None:
    for name in (".2026-01-01T023000.part", ".check-2026-01-02T023000"):
        (lived.place / name).mkdir()
        (lived.place / name / "practice.db").write_bytes(b"half")
    with cabinet.opened(lived.path) as here:
        assert backup.run(here, here.keys, lived.copies).ok
    assert [path.name for path in lived.place.iterdir() if path.name.startswith(".")] == []


def test_a_copy_cut_half_way_is_never_offered(lived: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever of its files finds no room, the copy that was there stays the only one."""
    real = host.atomic_write
    for last in range(50):
        left = [last]

        def full(target: Path, data: bytes, **more: int) -> None:
            if lived.copies in Path(target).parents:
                left[0] -= 1  # noqa: B023  # called in this turn only
                if left[0] < 0:  # noqa: B023
                    raise OSError(28, "No space left on device")
            real(target, data, **more)

        with monkeypatch.context() as patched, cabinet.opened(lived.path) as here:
            patched.setattr(host, "atomic_write", full)
            result = backup.run(here, here.keys, lived.copies)
        if result.ok:
            break
        assert "place" in result.problem
        assert set(backup.copies_of(lived.place).values()) == {lived.copy}
        assert backup.last_result(folder.Folder(lived.path, None)) == result
    assert last >= 3


# -- blobs


@pytest.fixture
def document(path: Path) -> Path:
    """A practice with one document, closed; the path of its sealed bytes."""
    with cabinet.opened(path):
        moreau = cast.recruit()["moreau"]
        patient = patients.register(birth_name="MARTIN", by=moreau)
        by = Actor(moreau.member, session=uuid4(), post=uuid4())
        documents.keep_original(patient, b"words" * 1000, by=by, title="Courrier", mime="text/plain")
    (blob,) = path.glob("blobs/??/*")
    return blob


def test_a_damaged_blob_is_never_served(document: Path, path: Path) -> None:
    data = document.read_bytes()
    with cabinet.opened(path):
        hash, key = run("default", "SELECT blob_hash, blob_key FROM documents_document").fetchone()
        assert blobs.load(hash, key) == b"words" * 1000
        for damaged in (data[:-1], data[:10], b"", data[:500] + bytes([data[500] ^ 1]) + data[501:]):
            document.write_bytes(damaged)
            with pytest.raises(blobs.Broken):
                blobs.load(hash, key)
        document.unlink()
        with pytest.raises(FileNotFoundError):
            blobs.load(hash, key)


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(path.read_bytes()[:-1]), Path.unlink], ids=["cut", "gone"])
def test_a_damaged_blob_is_named_by_the_nights_copy(document: Path, path: Path, tmp_path: Path, damage: object) -> None:
    damage(document)  # type: ignore[operator]
    (tmp_path / "copies").mkdir()
    with cabinet.opened(path) as here:
        result = backup.run(here, here.keys, tmp_path / "copies")
    assert document.name[:8] in result.problem


# -- erasures


def test_an_erasure_is_written_in_seal_when_the_practice_closes(path: Path) -> None:
    with cabinet.opened(path):
        erased_one()
        gone = commitments_of_erased()
    assert len(gone) == 1
    assert set(seal.load_erased(path / "seal")) == gone


def test_an_erasure_survives_a_save_that_failed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "EVERY_S", 0.01)
    real, failed = host.atomic_write, []

    def full_once(target: Path, data: bytes, **more: int) -> None:
        if Path(target).name in ("heads.cbor", "erased.cbor") and not failed:
            failed.append(target)
            raise OSError(28, "No space left on device")
        real(target, data, **more)

    with cabinet.opened(path) as here:
        heads.stop_saving()
        erased_one()
        gone = commitments_of_erased()
        monkeypatch.setattr(seal.add_erased, "__kwdefaults__", {"write": full_once})
        monkeypatch.setattr(seal.save_heads, "__kwdefaults__", {"write": full_once})
        with pytest.raises(OSError, match="No space"):
            here._save_heads(*heads.take())
    assert failed
    assert set(seal.load_erased(path / "seal")) == gone


def test_an_erasure_survives_a_kill_before_it_was_saved(path: Path) -> None:
    with cabinet.opened(path):
        heads.stop_saving()
        erased_one()
        gone = commitments_of_erased()
        heads.take()  # as the kill forgets them
    with cabinet.opened(path):
        assert commitments_of_erased() == gone
    assert set(seal.load_erased(path / "seal")) == gone


# -- what lies in seal/


def test_saved_heads_that_are_gone_are_missed(lived: SimpleNamespace) -> None:
    (lived.path / "seal" / "heads.cbor").unlink()
    with pytest.raises(folder.Damaged), cabinet.opened(lived.path):
        pass


def test_a_damaged_list_of_erasures_is_named(path: Path) -> None:
    with cabinet.opened(path):
        erased_one()
    (path / "seal" / "erased.cbor").write_bytes(b"\x81\x58")
    with pytest.raises(folder.Damaged) as found, cabinet.opened(path):
        pass
    assert found.value.file == "seal/erased.cbor"


def test_the_halves_that_a_kill_left_in_seal_are_removed_at_opening(path: Path) -> None:
    (path / "seal" / ".heads.cbor.0123456789ab.part").write_bytes(b"half")
    (path / "blobs" / "ab").mkdir()
    (path / "blobs" / "ab" / f".{'ab' * 32}.0123456789ab.part").write_bytes(b"half")
    with cabinet.opened(path):
        pass
    assert seal.strays(path / "seal") == []
    assert list(path.rglob("*.part")) == []


def test_no_field_of_a_saved_head_changes_unseen(lived: SimpleNamespace) -> None:
    """The signature of a saved head covers all of it."""
    for head in seal.load_heads(lived.path / "seal"):
        (key,) = {row[0] for row in _verify_keys(lived.path)}
        assert head.check(key)
        for change in ({"size": head.size + 1}, {"last": bytes(32)}, {"root": bytes(32)}, {"wall_ms": 0}, {"stream": 9}):
            assert not dataclasses.replace(head, **change).check(key)


def _verify_keys(path: Path) -> list[tuple[bytes]]:
    with cabinet.opened(path):
        found: list[tuple[bytes]] = run("default", "SELECT verify_key FROM journal_chain").fetchall()
        return found
