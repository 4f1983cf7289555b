"""Somebody is shut out on one machine: a new root reaches the others, and nobody else; cut, killed or late, all come to the same root."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from nacl.exceptions import CryptoError

from drill import hand
from permanence.accounts import permissions
from permanence.consultations import actions as clinical
from permanence.consultations.models import Note
from permanence.journal import acts, arrival, departure, exchange, keyring, keys, keys_in, seal, vault, writer
from permanence.lib import cbor, clock, suite
from permanence.lib.sqlcipher import run
from permanence.patients import actions as patients
from permanence.sync import actions, queries, roots
from permanence.sync.models import Root, RootBox
from permanence.sync.queries import roots as told
from tests.sync.machines import Machines, pull
from tests.sync.practice_life import Two
from tests.sync.sealed import Opened, furnish, introduce, remove_slot

Three = tuple[Opened, Opened, Opened]


@pytest.fixture
def cabinet(two: Two, machines: Machines) -> tuple[Two, Three]:
    """An office, a spare machine and a laptop that know each other, and to which key a root is sealed for each."""
    moreau = two.cast["moreau"]
    office, spare, laptop = furnish(two.a), furnish(two.b), furnish(machines.new())
    introduce(office, name="Bureau", kind="office")
    introduce(spare, name="Secours", kind="spare", by=office, titulaire=moreau)
    introduce(laptop, name="Portable", kind="laptop", by=office, titulaire=moreau)
    meet(office, spare, laptop)
    return two, (office, spare, laptop)


def hears(here: Opened, there: Opened) -> None:
    pull(here.machine, there.machine, judge=queries.standing)
    permissions.forget()


def meet(*all: Opened) -> None:
    """The network is there: everybody hears everybody and does what is to be done, until nobody has anything to say."""
    for _ in range(3):
        for here in all:
            for there in all:
                if here is not there:
                    hears(here, there)
            here.tend()
    for here in all:
        for there in all:
            if here is not there:
                hears(here, there)


def person(two: Two, at: Opened, name: str) -> UUID:
    with at.machine:
        made: UUID = patients.register(by=two.cast["moreau"], birth_name=name, first_given_name="Jeanne", birth_date=None, birth_sex="F",
                                       despite=True)  # fmt: skip
        return made


def note(two: Two, at: Opened, patient: UUID, text: str) -> None:
    with at.machine:
        clinical.sign_note(patient, by=two.cast["moreau"], fields={"text": text})


def texts(at: Opened) -> list[str]:
    with at.machine:
        return sorted(Note.objects.values_list("text", flat=True))


def tables(at: Opened) -> dict[str, str]:
    with at.machine:
        return hand.tables()


def agree(two: Two, *all: Opened, written: list[str]) -> None:
    """Same root, same tables, sound, everything readable, after a restart by each way to open."""
    assert len({one.epoch for one in all}) == 1
    for one in all:
        one.sound()
        for way in ("sheet", "machine"):
            one.restart(way)
        one.sound()
        assert texts(one) == sorted(written)
    assert len({str(tables(one)) for one in all}) == 1


def departs(two: Two, one: Opened) -> None:
    remove_slot(one, "passkey", two.cast["moreau"])


def test_who_is_shut_out_on_one_machine_is_shut_out_on_all(cabinet: tuple[Two, Three]) -> None:
    two, (office, spare, laptop) = cabinet
    before = office.here.keys.root
    person(two, spare, "AVANT")
    departs(two, office)
    assert office.epoch > 1
    assert not office.opens("passkey")
    note(two, office, person(two, office, "APRÈS"), "Écrit après.")
    with spare.machine:
        assert queries.without_root() == set()
    hears(spare, office)
    with spare.machine:
        assert spare.id in queries.without_root()
        assert len(keys_in.apart()) == 1
    assert texts(spare) == []  # it waits for the root, nothing is lost, and tonight's copy is not said to be unsound
    assert spare.findings() == []
    meet(office, spare, laptop)
    agree(two, office, spare, laptop, written=["Écrit après."])
    assert spare.here.keys.root == laptop.here.keys.root == office.here.keys.root != before
    for one in (office, spare, laptop):
        with one.machine:
            assert queries.without_root() == set()
            assert Root.objects.count() == 1
        with pytest.raises(seal.Unopened):
            one.here.record().check(before)


def test_a_revoked_laptop_opens_nothing_that_is_made_after_it(cabinet: tuple[Two, Three]) -> None:
    """It has every key of before, its own private keys, and all that passes at a relay."""
    two, (office, spare, laptop) = cabinet
    with office.machine:
        actions.revoke_replica(laptop.id, wipe=True, by=two.cast["moreau"])
    office.tend()
    secret = person(two, office, "SECRET")
    note(two, office, secret, "Après le vol.")
    meet(office, spare)
    agree(two, office, spare, written=["Après le vol."])
    with office.machine:
        given = departure.give(exchange.Asked({}, 0, 100_000))
        key, root = keys.of_scope(1, secret.bytes), vault.current().root
    with laptop.machine:  # a relay that is in league with the thief gives it everything
        v = vault.current()
        passed = b"".join(batch.encode() for batch in given.batches)
        opened = [suite.unseal(batch.keys, v.control, practice=v.practice, part=keys_in.KEYS) for batch in given.batches]
        rows = [row for batch in opened for row in cbor.loads(batch)]
        assert secret.bytes in {row[1] for row in rows}
        ring = [v.root, *v.roots.values(), *v.fixed.values(), *roots._privates()]
        for _, ref, _, wrapped in rows:
            for one in ring:
                if ref == secret.bytes:
                    with pytest.raises(CryptoError):
                        keyring.unwrap(wrapped, one, v.practice, "patient")
        for batch in given.batches:
            arrival.take(batch, lambda replica, act: arrival.Standing())
        roots.learn(laptop.here)
        assert Root.objects.count() == 1
        assert set(RootBox.objects.values_list("replica_id", flat=True)) == {office.id, spare.id}
        assert vault.current().root == laptop.here.keys.root != root
        assert root not in passed
        with pytest.raises(KeyError):
            keys.of_scope(1, secret.bytes)
        assert key not in run("default", "SELECT group_concat(hex(wrapped)) FROM journal_keyapart").fetchone()[0].encode()
        assert not Note.objects.filter(text="Après le vol.").exists()


def test_a_key_that_waits_for_its_root_is_handed_on_all_the_same(cabinet: tuple[Two, Three]) -> None:
    """The spare hears of the patient by the laptop alone, which could not open the key itself yet."""
    two, (office, spare, laptop) = cabinet
    departs(two, office)
    note(two, office, person(two, office, "APRÈS"), "Après.")
    hears(laptop, office)
    hears(spare, laptop)
    meet(office, spare)
    agree(two, office, spare, written=["Après."])


def test_a_box_opens_with_both_keys_of_its_machine_and_not_with_one(cabinet: tuple[Two, Three]) -> None:
    """One lies in clear on its disk, the other is in every copy that was made of it, under the root of that day."""
    two, (office, spare, _) = cabinet
    with spare.machine:
        (inner,) = roots._privates()
    outer = seal.Transport.load(spare.here.seal_path).private
    departs(two, office)
    hears(spare, office)
    with spare.machine:
        drawn, ((_, box),) = told.latest(), told.boxes_for(spare.id)
        assert drawn is not None
        info = roots._info(drawn.id, drawn.epoch, spare.id)
        with pytest.raises(CryptoError):
            suite.hpke_open(inner, box, info)
        within = suite.hpke_open(outer, box, info)
        with pytest.raises(CryptoError):
            suite.hpke_open(outer, within, info)
        assert suite.hpke_open(inner, within, info) == office.here.keys.root


def test_two_roots_drawn_during_a_cut_end_as_one(cabinet: tuple[Two, Three]) -> None:
    two, (office, spare, laptop) = cabinet
    departs(two, office)
    departs(two, spare)
    assert office.epoch != spare.epoch
    written = []
    for one, name in ((office, "BUREAU"), (spare, "SECOURS"), (laptop, "PORTABLE")):
        written.append(f"Pendant, {name}")
        note(two, one, person(two, one, name), written[-1])
    meet(office, spare, laptop)
    agree(two, office, spare, laptop, written=written)
    for one in (office, spare):
        assert not one.opens("passkey")


def test_two_roots_that_bear_one_number_are_followed_by_one_more(cabinet: tuple[Two, Three], monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen bits tell two of one generation apart: once in 65,536 they do not."""
    two, (office, spare, laptop) = cabinet
    with monkeypatch.context() as patched:
        patched.setattr("permanence.sync.rules.next_epoch", lambda known, mark, *, alone: 7 << 16)
        departs(two, office)
        departs(two, spare)
    assert office.epoch == spare.epoch == 7 << 16
    assert office.here.keys.root != spare.here.keys.root
    written = []
    for one, name in ((office, "BUREAU"), (spare, "SECOURS")):
        written.append(f"Pendant, {name}")
        note(two, one, person(two, one, name), written[-1])
    meet(office, spare, laptop)
    for here in (office, spare, laptop):  # keys that came under the other's root are asked for again, as each talk does
        for there in (office, spare):
            if here is not there:
                with there.machine:
                    given = departure.give(exchange.Asked({}, 0, 100_000))
                with here.machine:
                    for batch in given.batches:
                        arrival.take(batch, queries.standing)
    agree(two, office, spare, laptop, written=written)
    assert office.epoch > 7 << 16


def test_one_revokes_while_the_other_draws_for_the_one_revoked(cabinet: tuple[Two, Three]) -> None:
    """Whichever number is larger, in the end the revoked machine has no box of the root that holds."""
    two, (office, spare, laptop) = cabinet
    departs(two, spare)  # it does not know yet: the laptop is among the recipients
    with office.machine:
        actions.revoke_replica(laptop.id, by=two.cast["moreau"])
    office.tend()
    meet(office, spare)
    agree(two, office, spare, written=[])
    with office.machine:
        held = told.latest()
        assert held is not None
        assert laptop.id not in told.handed(held.id)
        assert laptop.id.hex in held.shut


def test_a_machine_that_was_let_in_meanwhile_is_handed_the_root(cabinet: tuple[Two, Three], machines: Machines) -> None:
    two, (office, spare, _) = cabinet
    new = furnish(machines.new())
    introduce(new, name="Bureau 2", kind="office", by=spare, titulaire=two.cast["moreau"])
    hears(new, spare)
    new.tend()
    departs(two, office)  # which has not heard of it
    note(two, office, person(two, office, "APRÈS"), "Après.")
    hears(new, office)
    new.tend()
    assert (new.epoch, texts(new)) == (1, [])
    meet(office, spare, new)
    agree(two, office, spare, new, written=["Après."])


def test_a_laptop_leaves_it_to_the_office_and_one_of_its_own_waits_for_a_person(cabinet: tuple[Two, Three]) -> None:
    two, (office, spare, laptop) = cabinet
    departs(two, laptop)
    assert laptop.epoch == 1
    assert not laptop.opens("passkey")
    for one in (office, spare):
        hears(one, laptop)
        one.tend()
    assert sorted((office.epoch > 1, spare.epoch > 1)) == [False, True]  # one of them
    meet(office, spare, laptop)
    agree(two, office, spare, laptop, written=[])
    with laptop.machine:
        roots._draw(laptop.here)
    hears(office, laptop)
    with office.machine:
        assert run("default", "SELECT DISTINCT why FROM journal_quarantined").fetchall() == [(str(arrival.Why.ORDER),)]
        assert Root.objects.count() == 1


def test_who_should_draw_may_be_gone_for_good(cabinet: tuple[Two, Three], monkeypatch: pytest.MonkeyPatch) -> None:
    two, (office, spare, _laptop) = cabinet
    with monkeypatch.context() as patched:
        patched.setattr(roots, "_draw", lambda folder: None)  # it burns before it could
        departs(two, office)
    hears(spare, office)
    now = clock.monotonic()
    monkeypatch.setattr(roots.clock, "monotonic", lambda: now)
    spare.tend()
    assert spare.epoch == 1
    monkeypatch.setattr(roots.clock, "monotonic", lambda: now + roots.LATE_S + 1)
    spare.tend()
    assert spare.epoch > 1
    roots.forget()


def test_killed_at_any_step_all_come_to_the_same_root(cabinet: tuple[Two, Three], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of the machine that draws, and of one that takes, as they lie at each COMMIT and around the save of the seal record."""
    two, (office, spare, _) = cabinet
    person(two, spare, "AVANT")
    one_at_a_time = threading.Lock()

    def photographing(one: Opened, work: Callable[[], Any]) -> list[Opened]:
        taken, save = list[Opened](), seal.Seal.save

        def look(_: object = None) -> None:
            with one_at_a_time:
                taken.append(one.photograph(tmp_path / uuid4().hex))

        def saved(record: seal.Seal, path: Path) -> None:
            look()
            save(record, path)
            look()

        with monkeypatch.context() as patched:
            for name in ("SLICE_S", "ALONE_S"):  # a COMMIT for each, however long ago somebody worked
                patched.setattr(writer, name, 0)
            patched.setattr(acts, "head_committed", [*acts.head_committed, look])
            patched.setattr(seal.Seal, "save", saved)
            work()
        return taken

    def come_back(states: list[Opened], other: Opened, written: list[str]) -> None:
        assert len(states) > 8
        for killed in states[::-(len(states) // 5)]:
            again = killed, other.photograph(tmp_path / uuid4().hex)  # one cut leaves nothing to the next one
            for one in again:
                one.restart()
            meet(*again)
            for one in again:
                one.sound()
                assert texts(one) == written
                one.machine.stop()
            assert again[0].epoch == again[1].epoch > 1

    come_back(photographing(office, lambda: departs(two, office)), spare, [])
    note(two, office, person(two, office, "APRÈS"), "Après.")
    hears(spare, office)
    come_back(photographing(spare, spare.tend), office, ["Après."])


def test_who_has_nothing_to_do_asks_nothing_of_the_writer(cabinet: tuple[Two, Three], monkeypatch: pytest.MonkeyPatch) -> None:
    _, (office, spare, laptop) = cabinet
    asked: list[str] = []
    submit = writer.Writer.submit
    monkeypatch.setattr(writer.Writer, "submit", lambda self, work, *, urgent=True, name="": (
        asked.append(name), submit(self, work, urgent=urgent, name=name))[1])  # fmt: skip
    for here in (office, spare, laptop):
        here.tend()
    assert asked == []


def test_a_key_that_waits_for_a_root_goes_when_its_patient_is_erased(cabinet: tuple[Two, Three]) -> None:
    from permanence.journal import actions as journal

    two, (office, spare, _) = cabinet
    departs(two, office)
    gone = person(two, office, "PARTI")
    hears(spare, office)
    with spare.machine:
        assert gone.bytes in {one[:16] for one in keys_in.apart()}
    with office.machine:
        journal.erase(gone, by=two.cast["moreau"])
    hears(spare, office)
    with spare.machine:
        assert gone.bytes not in {one[:16] for one in keys_in.apart()}
    meet(office, spare)
    agree(two, office, spare, written=[])

