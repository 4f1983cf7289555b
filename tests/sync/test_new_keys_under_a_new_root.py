"""After somebody is shut out, what is written in files of before is under new keys: all they ever held opens none of it."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from nacl.exceptions import CryptoError

from permanence.consultations.models import Note
from permanence.journal import actions as journal
from permanence.journal import arrival, bulk, departure, exchange, keyring, keys, keys_in, vault, verify, wire, writer
from permanence.journal.doors import Actor
from permanence.journal.journaled import JournaledModel
from permanence.lib import cbor, suite
from permanence.lib.sqlcipher import run
from permanence.patients import actions as patients
from permanence.patients.models import Patient
from permanence.sync import actions, queries, roots
from tests.sync.forging import commitments
from tests.sync.practice_life import Two
from tests.sync.sealed import Opened, new_root, use_root
from tests.sync.test_a_new_root import Three, agree, cabinet, departs, hears, meet, note, person, texts
from tests.testapp.models import Item, Person

__all__ = ["cabinet"]


@pytest.fixture
def known(cabinet: tuple[Two, Three]) -> tuple[Two, Three, UUID]:
    """A patient of before, with a note, whom all three machines have."""
    two, three = cabinet
    office = three[0]
    jeanne = person(two, office, "AVANT")
    note(two, office, jeanne, "Avant.")
    meet(*three)
    return two, three, jeanne


def held(at: Opened, patient: UUID) -> int:
    with at.machine:
        return len(commitments(patient))


def test_a_revoked_laptop_opens_nothing_more_in_a_file_that_it_has(known: tuple[Two, Three, UUID]) -> None:
    """It has the file's key, its own private keys, every root of before, and all that passes at a relay."""
    two, (office, spare, laptop), jeanne = known
    with office.machine:
        actions.revoke_replica(laptop.id, wipe=True, by=two.cast["moreau"])
    office.tend()
    note(two, office, jeanne, "Après le vol.")
    meet(office, spare)
    agree(two, office, spare, written=["Avant.", "Après le vol."])
    with office.machine:
        given = departure.give(exchange.Asked({}, 0, 100_000))
    with laptop.machine:
        bodies = list(_opened_by_thief(given))
        assert any("Avant." in body for body in bodies)  # what is looked for would be found
        assert not any("Après le vol." in body for body in bodies)
        for batch in given.batches:
            arrival.take(batch, lambda replica, act: arrival.Standing())
        assert [row.text for row in Note.objects.all()] == ["Avant."]
        assert not keys.is_whole(jeanne.bytes)


def _opened_by_thief(given: exchange.Given) -> Iterator[str]:
    """Sitting at the revoked machine: each body that any key opens which it has, or can unwrap from what passes."""
    v = vault.current()
    ring = [v.root, *v.roots.values(), *v.fixed.values(), *roots._privates()]
    boxes = [wrapped for (wrapped,) in run("default", "SELECT wrapped FROM journal_key WHERE label = 'patient'").fetchall()]
    for batch in given.batches:
        boxes += [row[3] for row in cbor.loads(suite.unseal(batch.keys, v.control, practice=v.practice, part=keys_in.KEYS))]
    found = list(ring)
    for wrapped in boxes:
        for root in ring:
            try:
                found.append(keyring.unwrap(wrapped, root, v.practice, "patient"))
            except CryptoError:
                continue
    for entry in (one for batch in given.batches for one in batch.entries if one.body is not None):
        for key in found:
            try:
                yield repr(wire.open_body(entry.body, key, v.practice))
            except (CryptoError, wire.Broken):
                continue


def test_each_machine_draws_one_key_a_root_and_for_those_it_writes_of_only(known: tuple[Two, Three, UUID]) -> None:
    two, (office, spare, laptop), jeanne = known
    other = person(two, office, "AUTRE")
    departs(two, office)
    meet(office, spare, laptop)
    assert [held(one, jeanne) for one in (office, spare, laptop)] == [1, 1, 1]
    for text in ("Un.", "Deux."):
        note(two, office, jeanne, text)
        note(two, spare, jeanne, f"Secours, {text}")
    assert [held(one, jeanne) for one in (office, spare)] == [2, 2]
    meet(office, spare, laptop)
    assert [held(one, jeanne) for one in (office, spare, laptop)] == [3, 3, 3]
    assert [held(one, other) for one in (office, spare, laptop)] == [1, 1, 1]
    agree(two, office, spare, laptop, written=["Avant.", "Deux.", "Secours, Deux.", "Secours, Un.", "Un."])


def test_a_machine_without_the_root_shows_what_it_showed_and_says_that_something_waits(known: tuple[Two, Three, UUID]) -> None:
    """Also where what it cannot read yet takes the place of what it shows."""
    two, (office, spare, laptop), jeanne = known
    with office.machine:
        patients.amend_identity(jeanne, by=two.cast["moreau"], changes={"mobile": "0611111111"})
    meet(office, spare, laptop)
    departs(two, office)
    note(two, office, jeanne, "Après.")
    with office.machine:
        patients.amend_identity(jeanne, by=two.cast["moreau"], changes={"mobile": "0622222222"})
    hears(spare, office)
    with spare.machine:
        assert Patient.objects.get(id=jeanne).mobile.endswith("11111111")
        assert [row.text for row in Note.objects.all()] == ["Avant."]
        assert not keys.is_whole(jeanne.bytes)
    assert spare.findings() == []
    spare.tend()
    with spare.machine:
        assert Patient.objects.get(id=jeanne).mobile.endswith("22222222")
        assert keys.is_whole(jeanne.bytes)
    meet(office, spare, laptop)
    agree(two, office, spare, laptop, written=["Avant.", "Après."])


def test_an_erasure_destroys_every_key_also_one_that_comes_after_it(known: tuple[Two, Three, UUID]) -> None:
    two, (office, spare, laptop), jeanne = known
    departs(two, office)
    meet(office, spare, laptop)
    note(two, spare, jeanne, "Au secours.")
    note(two, office, jeanne, "Au bureau.")
    with office.machine:
        journal.erase(jeanne, reason="Demande écrite", by=two.cast["moreau"])
        assert len(commitments(jeanne)) == 2
    meet(office, spare, laptop)
    for one in (office, spare, laptop):
        with one.machine:
            rows = run("default", "SELECT wrapped FROM journal_key WHERE label = 'patient' AND ref = ?", jeanne.bytes).fetchall()
            assert set(rows) == {(None,)}
            assert not Note.objects.exists()
            assert keys.is_whole(jeanne.bytes)
        one.sound()


def test_a_key_that_no_entry_cites_is_not_kept(known: tuple[Two, Three, UUID]) -> None:
    """Whoever was revoked has a former root, and can make up as many as they like."""
    _two, (office, spare, _), jeanne = known
    with spare.machine:
        v, key = vault.current(), suite.new_key()
        row = [suite.commitment(key), jeanne.bytes, v.epoch, keyring.wrap(key, v.root, v.practice, "patient")]
        batch = exchange.Batch(v.practice, (), suite.seal(cbor.dumps([row]), v.control, practice=v.practice, part=keys_in.KEYS))
    with office.machine:
        arrival.take(batch, lambda replica, act: arrival.Standing())
        assert len(commitments(jeanne)) == 1
    office.sound()


def test_a_key_that_was_made_up_hides_no_true_one(known: tuple[Two, Three, UUID]) -> None:
    """A relay in league with who was revoked puts one in its place, under a root that never comes."""
    two, (office, spare, laptop), jeanne = known
    departs(two, office)
    meet(office, spare, laptop)
    note(two, office, jeanne, "Après.")
    with office.machine:
        (given,) = departure.give(exchange.Asked({}, 0, 100_000)).batches
        true = keys_in.offered(given.keys)
    with spare.machine:
        v, rows = vault.current(), [[c, ref, 0xFFFFFF, bytes(len(wrapped))] for c, ref, _, wrapped in true.values()]
        false = suite.seal(cbor.dumps(rows), v.control, practice=v.practice, part=keys_in.KEYS)
        arrival.take(replace(given, keys=false), queries.standing)
        assert not keys.is_whole(jeanne.bytes)
        assert len(roots.awaited()) == 1
        arrival.take(given, queries.standing)
        assert roots.awaited() == set()
        assert keys.is_whole(jeanne.bytes)
    spare.sound()


def test_a_body_that_came_later_than_its_entry_waits_for_its_key_too(known: tuple[Two, Three, UUID]) -> None:
    two, (office, spare, laptop), jeanne = known
    departs(two, office)
    meet(office, spare, laptop)
    note(two, office, jeanne, "Après.")
    with office.machine:
        (given,) = departure.give(exchange.Asked({}, 0, 100_000)).batches
    with spare.machine:
        held = arrival.held()
        bare = [replace(one, body=None) if (outer := wire.Outer.decode(one.outer)).seq > held[outer.replica, outer.stream] else one
                for one in given.entries]  # fmt: skip
        arrival.take(replace(given, entries=tuple(bare), keys=b""), queries.standing)
        arrival.take(replace(given, keys=b""), queries.standing)
        assert not keys.is_whole(jeanne.bytes)
        arrival.take(given, queries.standing)
        assert keys.is_whole(jeanne.bytes)
    spare.sound()


def test_what_a_revoked_laptop_wrote_is_read_once_a_person_accepts_it(known: tuple[Two, Three, UUID]) -> None:
    """It handed over what it wrote once, with a key that it drew, and is never seen again."""
    two, (office, spare, laptop), jeanne = known
    departs(two, office)
    meet(office, spare, laptop)
    with office.machine:
        actions.revoke_replica(laptop.id, wipe=False, by=two.cast["moreau"])
    note(two, laptop, jeanne, "En visite.")
    note(two, laptop, person(two, laptop, "NOUVEAU"), "Vu chez lui.")
    hears(office, laptop)
    assert texts(office) == ["Avant."]
    assert office.findings() == []
    office.tend()
    assert office.findings() == []
    with office.machine:
        actions.accept(laptop.id, by=two.cast["moreau"])
    assert texts(office) == ["Avant.", "En visite.", "Vu chez lui."]
    office.tend()
    office.sound()


def test_killed_at_any_step_nothing_is_put_aside_without_its_key(known: tuple[Two, Three, UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    two, (office, spare, laptop), jeanne = known
    departs(two, office)
    meet(office, spare, laptop)
    with office.machine:
        actions.revoke_replica(laptop.id, wipe=False, by=two.cast["moreau"])
    note(two, laptop, jeanne, "En visite.")
    monkeypatch.setattr(keys_in, "set_aside", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        hears(office, laptop)
    with office.machine:
        assert run("default", "SELECT count(*) FROM journal_quarantined").fetchone() == (0,)
    monkeypatch.undo()
    hears(office, laptop)
    with office.machine:
        assert len(keys_in.apart()) == 1


def test_keys_of_what_nobody_accepted_cost_nothing_and_are_not_waited_for(known: tuple[Two, Three, UUID],
                                                                          monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """They lie there until a person looks, for months maybe, as many as who was revoked liked to make; roots are looked at each second."""
    two, (office, _, laptop), jeanne = known
    departs(two, office)
    meet(*known[1])
    with office.machine:
        actions.revoke_replica(laptop.id, wipe=False, by=two.cast["moreau"])
    note(two, laptop, jeanne, "En visite.")
    hears(office, laptop)
    office.tend()
    with office.machine:
        assert len(keys_in.apart()) == 1
        assert keys_in.waiting() == []
        asked: list[str] = []
        monkeypatch.setattr(writer.Writer, "bulk", lambda *given, name="", **more: asked.append(name) or [])
        keys_in.settle_apart()
        assert asked == []


def test_a_key_under_a_root_to_come_is_not_set_apart_once_its_patient_is_erased(known: tuple[Two, Three, UUID]) -> None:
    """Drawn elsewhere while the order was on its way."""
    two, (office, spare, laptop), jeanne = known
    departs(two, office)
    note(two, office, jeanne, "Sous la nouvelle racine.")
    with spare.machine:
        journal.erase(jeanne, reason="Demande écrite", by=two.cast["moreau"])
    hears(spare, office)
    with spare.machine:
        assert keys_in.apart() == set()
    meet(office, spare, laptop)
    for one in (office, spare, laptop):
        one.sound()


def test_who_names_another_s_key_does_not_open_with_it(known: tuple[Two, Three, UUID]) -> None:
    two, (office, _, _), jeanne = known
    other = person(two, office, "AUTRE")
    with office.machine:
        (of_other,) = commitments(other)
        with pytest.raises(KeyError):
            keys.of_body(1, jeanne.bytes, of_other)
        assert keys.of_body(1, other.bytes, of_other)


def test_an_import_goes_on_under_new_keys_when_the_root_changes(two: Two) -> None:
    """It may last an hour: what it writes after somebody was shut out is not theirs to read."""
    new = Person(family="NOUVEAU")

    def groups() -> Iterator[list[JournaledModel]]:
        yield [Item(person_id=two.jeanne, label="avant")]
        yield [new]
        use_root(suite.new_key())
        yield [Item(person_id=two.jeanne, label="après")]
        yield [Item(person_id=new.id, label="après"), Item(person_id=new.id, label="encore")]

    new_root(two.a)
    with two.a:
        assert bulk.append_many(groups(), by=Actor.machine("import"), action="import") == 5
        assert [len(commitments(one)) for one in (two.jeanne, new.id)] == [3, 2]
        assert Item.objects.filter(label="après").count() == 2
        assert list(verify.differences()) == []


def test_an_import_brings_no_key_of_a_patient_who_was_erased_meanwhile(two: Two) -> None:
    def groups() -> Iterator[list[JournaledModel]]:
        yield [Item(person_id=two.jeanne, label="à reprendre")]
        journal.erase(two.jeanne, reason="Demande écrite", by=two.cast["moreau"])

    new_root(two.a)
    with two.a:
        with pytest.raises(keys.Erased):
            bulk.append_many(groups(), by=Actor.machine("import"), action="import")
        assert run("default", "SELECT DISTINCT wrapped FROM journal_key WHERE label = 'patient' AND ref = ?",
                   two.jeanne.bytes).fetchall() == [(None,)]  # fmt: skip
