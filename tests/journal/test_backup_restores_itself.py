"""Each night a copy is made, restored aside, verified whole, and its result kept for the morning."""

import contextlib
import datetime
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.accounts import sessions
from permanence.documents import actions as kept
from permanence.journal import actions as journal
from permanence.journal import backup, folder, keyring, registry, replay, rotation, vault, verify, wire
from permanence.journal import keys as journal_keys
from permanence.journal.doors import Actor
from permanence.lib import clock, host
from permanence.lib.sqlcipher import run
from permanence.patients import actions as patients
from tests import cast, folders
from tests.journal.test_folder import read_something
from tests.testapp import actions
from tests.testapp.models import Person

BY = Actor(UUID(int=1))
SECRET = folders.SECRET
Open = tuple[folder.Folder, folder.Keys, Path]


@pytest.fixture
def here(tmp_path: Path, own_files: None) -> Iterator[Open]:
    """An open practice with a little in it, and a second disk."""
    path, copies = tmp_path / "cabinet", tmp_path / "disque"
    copies.mkdir()
    made = folders.fresh(path)
    for family in ("Ménard", "Ly"):
        actions.write_note(actions.register(by=BY, family=family), "canari-en-clair", by=BY)
    read_something(3)
    yield made, made.keys, copies
    made.close()


def test_backup_restores_itself(here: Open) -> None:
    result = backup.run(*here)
    assert result.problem == ""
    assert (result.entries, result.objects) == (7, 4)
    assert backup.last_result(here[0]) == result
    place = backup.home(here[2], vault.current().practice)
    assert [path.name for path in place.iterdir() if path.name.startswith(".")] == []  # nothing left of the check


def test_a_restored_copy_opens_with_the_sheet_and_holds_everything(here: Open, tmp_path: Path) -> None:
    source, keys, copies = here
    assert backup.run(source, keys, copies).ok
    copy, = backup.copies_of(backup.home(copies, vault.current().practice)).values()
    actions.register(by=BY, family="Après")
    source.close()
    backup.restore_files(copy, tmp_path / "autre")
    with folder.open_folder(tmp_path / "autre") as restored:
        restored.unlock_with(keyring.sheet_slot(SECRET, restored.record().practice)[1])
        assert sorted(Person.objects.values_list("family", flat=True)) == ["Ly", "Ménard"]
        assert verify.verify(full=True, saved_heads=restored.saved_heads()).sound


def test_a_copy_holds_no_clear_text_and_no_key_of_the_machine(here: Open) -> None:
    source, keys, copies = here
    assert backup.run(source, keys, copies).ok
    everything = b"".join(path.read_bytes() for path in copies.rglob("*") if path.is_file())
    for canary in ("canari-en-clair", "Ménard"):
        assert canary.encode() not in everything
    assert not list(copies.rglob("tls"))
    assert not list(copies.rglob("transport.key"))


@pytest.mark.parametrize("name", ["practice.db", "access.db", "seal/seal.cbor", "manifest"])
def test_a_copy_changed_behind_our_back_is_refused(here: Open, name: str) -> None:
    source, keys, copies = here
    copy = backup.make(source, keys, copies)
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    with pytest.raises(backup.CopyFailed):
        backup.check(copy, keys)


def test_a_disk_that_is_not_there_is_said_and_does_not_stop_the_practice(here: Open) -> None:
    source, keys, copies = here
    copies.rmdir()
    result = backup.run(source, keys, copies)
    assert "branchez-le" in result.problem
    assert not result.ok


def test_copies_inside_the_folder_are_refused(here: Open) -> None:
    source, keys, _ = here
    assert "autre disque" in backup.run(source, keys, source.path / "blobs").problem


def test_what_a_copy_lacks_is_counted_by_stream(here: Open) -> None:
    source, keys, copies = here
    copy = backup.make(source, keys, copies)
    before = backup.lacking(copy, source)
    for _ in range(3):
        actions.register(by=BY, family="Après")
    source.seal()  # saves the last head
    assert backup.lacking(copy, source).get(2, 0) >= before.get(2, 0) + 3


def test_a_restore_never_covers_anything(here: Open) -> None:
    source, keys, copies = here
    copy = backup.make(source, keys, copies)
    with pytest.raises(host.Unsuitable):
        backup.restore_files(copy, source.path)


def test_old_copies_go_by_the_rule(here: Open) -> None:
    source, keys, copies = here
    newest = backup.make(source, keys, copies)
    for day in range(1, 120):
        at = datetime.datetime(2026, 7, 1) + datetime.timedelta(days=day)
        shutil.copytree(newest, newest.parent / at.strftime(backup.NAME))
    backup.rotate(newest.parent)
    assert newest.exists()
    assert 7 <= len(backup.copies_of(newest.parent)) <= 14


@given(st.sets(st.datetimes(datetime.datetime(2024, 1, 1), datetime.datetime(2027, 1, 1)), min_size=1, max_size=60))
def test_the_rule_keeps_the_newest_and_at_most_fourteen(made: set[datetime.datetime]) -> None:
    kept = rotation.kept(made)
    assert max(made) in kept
    assert kept <= made
    assert len(kept) <= 14
    assert len(kept) >= min(7, len({at.date() for at in made}))


@pytest.mark.parametrize(("now", "last", "due"), [
    ("2026-11-22T12:00", "2026-11-22T02:31", False), ("2026-11-22T02:29", "2026-11-21T02:31", False),
    ("2026-11-22T02:31", "2026-11-21T02:31", True), ("2026-11-22T08:00", "2026-11-20T02:31", True),
    ("2026-11-22T08:00", "2026-11-21T12:00", True)])
def test_a_night_that_was_missed_is_made_up_for(now: str, last: str, due: bool) -> None:
    assert rotation.due(datetime.datetime.fromisoformat(now), datetime.datetime.fromisoformat(last)) is due


# -- blobs, and what was erased since


@pytest.fixture
def documents(here: Open) -> Iterator[dict[str, Path]]:
    """Two documents of two patients and a refused import: the sealed file of each."""
    with monkeypatch_sessions():
        moreau = cast.recruit()["moreau"]
        by, found = Actor(moreau.member, session=UUID(int=5)), {}
        for name in ("first", "second"):
            patient = patients.register(birth_name=name.upper(), by=by, despite=True)
            kept.keep_original(patient, name.encode() * 500, by=by, title=name, mime="text/plain")
            found[name] = patient
        kept.keep_refused(b"<!DOCTYPE x>", by=by, file_name="piege.xml", reason="refusé")
        hashes = dict(run("default", "SELECT title, blob_hash FROM documents_document").fetchall())
        aside, = run("default", "SELECT blob_hash FROM documents_setaside").fetchone()
        yield {**{name: here[0].path / wire.blob_name(hashes[name]) for name in found},
               "aside": here[0].path / wire.blob_name(aside), **{f"{name} patient": id for name, id in found.items()}}


@contextlib.contextmanager
def monkeypatch_sessions() -> Iterator[None]:
    sessions.forget()
    yield
    sessions.forget()


def test_the_copy_verifies_every_cited_blob(here: Open, documents: dict[str, Path]) -> None:
    result = backup.run(*here)
    assert (result.problem, result.blobs) == ("", 3)


def test_a_file_that_is_still_on_its_way_from_another_machine_does_not_fail_the_copy(
        here: Open, documents: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    gone = documents["first"]
    gone.unlink()
    monkeypatch.setattr(registry, "coming", [lambda: {bytes.fromhex(gone.name)}])
    result = backup.run(*here)
    assert (result.problem, result.blobs) == ("", 3)
    monkeypatch.setattr(registry, "coming", [])  # two days later it is missing
    assert gone.name in backup.run(*here).problem


@pytest.mark.parametrize("which", ["first", "aside"])
@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(path.read_bytes()[:-1]), Path.unlink], ids=["cut", "gone"])
def test_a_damaged_blob_is_named(here: Open, documents: dict[str, Path], which: str, damage: Callable[[Path], object]) -> None:
    damage(documents[which])
    result = backup.run(*here)
    assert documents[which].name in result.problem
    assert backup.copies_of(backup.home(here[2], vault.current().practice)) == {}


def test_a_blob_goes_with_the_last_copy_that_cites_it(here: Open, documents: dict[str, Path]) -> None:
    source, keys, copies = here
    place = backup.home(copies, vault.current().practice)
    there = place / documents["first"].relative_to(source.path)
    with clock.override(offset=datetime.timedelta(days=-1)):
        older = backup.make(source, keys, copies)
    journal.erase(documents["first patient"], by=BY)  # type: ignore[arg-type]
    newer = backup.make(source, keys, copies)
    assert backup.rotate(place) == []
    assert there.exists()  # the older copy cites it
    (newer / "manifest").rename(newer / "hidden")
    shutil.rmtree(older)
    assert backup.rotate(place) == []  # what a copy cites is not known: everything stays
    (newer / "hidden").rename(newer / "manifest")
    assert backup.rotate(place) == [there]
    assert len(list((place / "blobs").glob("??/*"))) == 2
    assert backup.check(newer, keys)["blobs"] == 2


@pytest.mark.parametrize("known_by", ["the folder it replaces", "a later copy"])
def test_a_restored_copy_erases_again_what_was_erased_since(here: Open, documents: dict[str, Path], tmp_path: Path,
                                                             known_by: str) -> None:
    source, keys, copies = here
    with clock.override(offset=datetime.timedelta(days=-1)):
        copy = backup.make(source, keys, copies)
    gone = documents["first patient"]
    journal.erase(gone, by=BY)  # type: ignore[arg-type]
    source.seal()  # saves the list
    if known_by == "a later copy":
        source.unlock(keys)
        backup.make(source, keys, copies)
    source.close()
    backup.restore_files(copy, tmp_path / "autre", since=source.path if known_by == "the folder it replaces" else None)
    with folder.open_folder(tmp_path / "autre") as restored:
        served: list[bool] = []
        restored_erase = replay.actions.erase

        def seen(*args: object, **kwargs: object) -> None:
            served.append(not vault.is_sealed())
            restored_erase(*args, **kwargs)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(replay.actions, "erase", seen)
            restored.unlock_with(keyring.sheet_slot(SECRET, restored.record().practice)[1])
        assert served == [False]  # nothing is served before it is done
        assert run("default", "SELECT count(*) FROM patients_patient").fetchone() == (1,)
        with pytest.raises(journal_keys.Erased):
            journal_keys.of_scope(1, gone.bytes)  # type: ignore[attr-defined]
        assert not (restored.path / documents["first"].relative_to(source.path)).exists()
        assert verify.verify(full=True, saved_heads=restored.saved_heads()).findings == ()
