"""A limited laptop while the root changes: it is given the new keys of its files, and writes under them."""

from dataclasses import replace
from uuid import UUID

import pytest

from permanence.consultations import actions as clinical
from permanence.consultations.models import Note
from permanence.journal import arrival, departure, exchange, keys, keys_in, vault, verify, wire
from permanence.journal.doors import Actor
from permanence.lib import clock, suite
from permanence.lib.sqlcipher import run
from permanence.patients import actions as patients
from permanence.patients.models import Patient
from permanence.sync import actions, entrusting, queries
from permanence.sync.actions.entrusting import Sealed
from permanence.sync.models import EntrustedKey
from tests.sync.forging import commitments
from tests.sync.limited import LimitedMachine, Visits, another, take, visits
from tests.sync.machines import Machines
from tests.sync.practice_life import Two
from tests.sync.sealed import new_root
from tests.sync.test_a_new_root import Three, agree, cabinet, meet, note
from tests.sync.test_new_keys_under_a_new_root import held, known

__all__ = ["cabinet", "known"]


@pytest.fixture
def away(two: Two, machines: Machines) -> Visits:
    made = visits(two, machines)
    made.meet(two.b)
    return made


def test_a_limited_laptop_is_given_the_new_key_with_what_it_seals(away: Visits) -> None:
    jeanne, moreau = away.two.jeanne, away.two.cast["moreau"]
    new_root(away.office)
    with away.office:
        before = EntrustedKey.objects.count()
        note_at_hand(jeanne, "Après.", moreau)
        assert EntrustedKey.objects.count() == before + 1
        assert entrusting.give(at_once=True) == 0
    take(away.laptop, away.office)
    with away.laptop:
        assert Note.objects.filter(text="Après.").exists()
        assert keys.is_whole(jeanne.bytes)
        newest = run("default", "SELECT commitment FROM journal_key WHERE label = 'patient' ORDER BY made DESC").fetchone()[0]
        assert suite.commitment(keys.of_scope(1, jeanne.bytes)) == newest  # and writes under it from now on
        note_at_hand(jeanne, "En visite.", moreau)
    take(away.office, away.laptop)
    with away.office:
        assert Note.objects.filter(text="En visite.").exists()
        assert list(verify.differences()) == []


def test_a_key_that_another_machine_drew_is_given_to_it_afterwards(away: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole laptop wrote of the file before it had heard that the limited one carries it."""
    jeanne, moreau, other = away.two.jeanne, away.two.cast["moreau"], away.two.b
    new_root(away.office, other)
    with other:
        monkeypatch.setattr(keys, "drawn", [])  # as if it had not heard yet who carries the file
        note_at_hand(jeanne, "Chez elle.", moreau)
        monkeypatch.undo()
    take(away.laptop, other)
    with away.laptop:
        assert not Note.objects.filter(text="Chez elle.").exists()
        assert not keys.is_whole(jeanne.bytes)
    take(away.office, other)
    with away.office:
        assert entrusting.give(at_once=True) == 1
    take(away.laptop, away.office)
    with away.laptop:
        assert Note.objects.filter(text="Chez elle.").exists()
        assert keys.is_whole(jeanne.bytes)


def test_a_limited_laptop_that_is_revoked_opens_nothing_more_either(known: tuple[Two, Three, UUID], machines: Machines) -> None:
    """It never had the root: it has the keys of files, which change with it."""
    two, (office, spare, laptop), jeanne = known
    moreau = two.cast["moreau"]
    stolen = LimitedMachine(machines, office.machine, "limited")
    with office.machine:
        patients.set_medecin_traitant(jeanne, member=moreau.member, by=moreau)
        actions.add_replica(UUID(bytes=stolen.replica), stolen.keys(), name="Visites", kind="limited", hosts=["visites"],
                            panel_of=moreau.member, by=moreau)  # fmt: skip
        assert entrusting.give(at_once=True) == 1
        actions.revoke_replica(UUID(bytes=stolen.replica), wipe=True, by=moreau)
    before, epoch = held(office, jeanne), office.epoch
    office.tend()
    assert office.epoch > epoch
    note(two, office, jeanne, "Après le vol.")
    assert held(office, jeanne) == before + 1
    with office.machine:
        assert EntrustedKey.objects.count() == 1
    meet(office, spare, laptop)
    agree(two, office, spare, laptop, written=["Avant.", "Après le vol."])


def test_a_limited_laptop_goes_on_under_new_keys_though_nobody_wrote_of_its_patients(away: Visits) -> None:
    """It draws none itself, for the practice's intake key cannot change: the machine whose turn it is draws one for each of its files."""
    jeanne, moreau = away.two.jeanne, away.two.cast["moreau"]
    with away.office:
        assert entrusting.renew() == 0
    new_root(away.office, away.two.b)
    with away.two.b:
        assert entrusting.renew() == 0  # not its turn, for ten minutes
    paul = another(away)
    with away.office:
        assert entrusting.renew() == 1
        assert entrusting.renew() == 0
        assert entrusting.give(at_once=True) == 0
        assert len(commitments(paul)) == 1
    take(away.laptop, away.office)
    with away.laptop:
        before = run("default", "SELECT commitment FROM journal_key WHERE label = 'patient' ORDER BY made").fetchone()[0]
        assert len(commitments(jeanne)) == 2
        note_at_hand(jeanne, "En visite.", moreau)
        entry = run("default", "SELECT inner FROM journal_entry WHERE ref = ? ORDER BY id DESC LIMIT 1", jeanne.bytes).fetchone()[0]
        v = vault.current()
        assert wire.open_inner(entry, v.metadata, v.practice).body_key != before
    take(away.office, away.laptop)
    with away.office:
        assert Note.objects.filter(text="En visite.").exists()
        assert list(verify.differences()) == []


def test_no_machine_makes_its_key_the_last_for_good(away: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop that is stolen and not yet revoked: its thief says that its key is of an epoch that no other will ever reach."""
    jeanne, moreau, stolen = away.two.jeanne, away.two.cast["moreau"], away.two.b
    new_root(away.office, stolen)
    with stolen:
        keys_before = commitments(jeanne)
        monkeypatch.setattr(keys, "here_and_now", lambda: 1 << 40)
        note_at_hand(jeanne, "D’elle.", moreau)
        monkeypatch.undo()
        (its,) = [one for one in commitments(jeanne) if one not in keys_before]
    take(away.laptop, stolen)
    with away.office:
        note_at_hand(jeanne, "Du bureau.", moreau)
    take(away.laptop, away.office)
    with away.laptop:
        assert Note.objects.count() >= 2
        assert suite.commitment(keys.of_scope(1, jeanne.bytes)) not in (its, *keys_before)


def as_before(key: Sealed, *, to: UUID | None) -> None:
    """As the version before wrote it: it knew one key of each patient."""
    EntrustedKey(patient_id=key.patient, replica_id=to, sealed=key.sealed, at=clock.now()).save()


def test_it_is_given_later_keys_of_files_that_the_version_before_gave_it(two: Two, machines: Machines,
                                                                         monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(actions.entrusting, "hand", as_before)
    away = visits(two, machines)
    away.meet(two.b)
    monkeypatch.undo()
    new_root(away.office, two.b)
    with two.b:
        monkeypatch.setattr(keys, "drawn", [])  # as if it had not heard yet who carries the file
        note_at_hand(two.jeanne, "Chez elle.", two.cast["moreau"])
        monkeypatch.undo()
    with away.office:
        assert entrusting.give(at_once=True) == 0
    take(away.office, two.b)
    with away.office:
        assert entrusting.give(at_once=True) == 1
        assert entrusting.give(at_once=True) == 0
    take(away.laptop, away.office)
    with away.laptop:
        assert Note.objects.filter(text="Chez elle.").exists()


def test_a_key_that_the_version_before_handed_in_is_taken_though_a_later_one_is_here(away: Visits,
                                                                                     monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """Keys travel beside what is given by who has them: the limited laptop gave its entries to a relay without any."""
    moreau, other = away.two.cast["moreau"], away.two.b
    monkeypatch.setattr(actions, "hand", as_before)
    with away.laptop:
        new = patients.register(by=moreau, birth_name="NOUVEAU", first_given_name="Zoé", birth_sex="F", despite=True)
    monkeypatch.undo()
    take(away.office, away.laptop)
    new_root(away.office, other)
    with away.office:
        (first,) = commitments(new)
        note_at_hand(new, "Au bureau.", moreau)
        later = [one for one in commitments(new) if one != first]
        (given,) = departure.give(exchange.Asked({}, 0, 100_000)).batches
        sent = replace(given, keys=keys_in.sealed_keys(later))
    with other:
        arrival.take(sent, queries.standing)
        entrusting.take()
        assert set(commitments(new)) == {first, *later}
        assert Patient.objects.get(id=new).birth_name == "NOUVEAU"
        assert keys.is_whole(new.bytes)


def note_at_hand(patient: UUID, text: str, by: Actor) -> None:
    clinical.sign_note(patient, by=by, fields={"text": text})
