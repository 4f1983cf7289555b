"""A limited laptop held open by a thief: it knows every patient's id and signs what it likes, and is given no other file for it."""

from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest

from permanence.agenda.models import Appointment
from permanence.journal import arrival, chain, departure, exchange, keys, keys_in, verify, writer
from permanence.journal.acts import Act
from permanence.journal.categories import Scope, Stream
from permanence.journal.doors import Actor
from permanence.journal.exchange import Result
from permanence.journal.values import wire_of
from permanence.journal.writer import action
from permanence.lib import clock, suite
from permanence.lib.sqlcipher import run
from permanence.patients.models import Patient
from permanence.sync import entrusting, queries
from tests.sync.forging import commitments
from tests.sync.limited import Visits, another, booked, take, visits
from tests.sync.machines import Machine, Machines
from tests.sync.practice_life import Two


@pytest.fixture
def away(two: Two, machines: Machines) -> Visits:
    return visits(two, machines)


def forged(here: Machine, patient: UUID, *, kind: str, object: UUID, scope: Scope, key: bytes, values: dict[str, Any],
           ref: bytes | None = None, base: Mapping[str, Collection[bytes]] | None = None) -> None:  # fmt: skip
    """One entry, as whoever holds its signing key can make it."""
    with here:
        act = Act(uuid4().bytes, Actor(UUID(int=1), session=UUID(int=2)), "forged")
        stream = Stream.CONTROL if scope is Scope.CONTROL else Stream.RECORD
        draft = chain.draft_of(act, kind=kind, version=1, scope=scope, ref=ref or patient.bytes, object=object.bytes, values=values,
                               base=base or {name: () for name in values}, hlc=clock.hlc_tick(chain.last_hlc(), clock.ms()), place=(1, 1),
                               key=key)  # fmt: skip
        writer.current().run_job(lambda: chain.extend("default", stream, [draft]) and None, name="forged")


def control(away: Visits) -> bytes:
    return away.laptop.vault.control


def jeannes(away: Visits) -> bytes:
    with away.laptop:
        return keys.of_scope(Scope.PATIENT, away.two.jeanne.bytes)


def an_appointment_under_the_control_key(away: Visits, paul: UUID, _: UUID) -> None:
    forged(away.laptop, paul, kind="agenda.appointment", object=uuid4(), scope=Scope.CONTROL, key=control(away), values=mine(away, paul))


def his_doctor_under_the_control_key(away: Visits, paul: UUID, _: UUID) -> None:
    whose = away.two.cast["moreau"].member
    assert whose is not None
    forged(away.laptop, paul, kind="patients.patient", object=paul, scope=Scope.CONTROL, key=control(away),
           values={"medecin_traitant_id": whose.bytes})  # fmt: skip


def his_own_appointment_in_jeanne_s_name(away: Visits, paul: UUID, his: UUID) -> None:
    forged(away.laptop, paul, kind="agenda.appointment", object=his, scope=Scope.PATIENT, key=jeannes(away), values=mine(away, paul),
           ref=away.two.jeanne.bytes)  # fmt: skip


def an_appointment_of_jeanne_s_that_names_him(away: Visits, paul: UUID, _: UUID) -> None:
    forged(away.laptop, paul, kind="agenda.appointment", object=uuid4(), scope=Scope.PATIENT, key=jeannes(away), values=mine(away, paul),
           ref=away.two.jeanne.bytes)  # fmt: skip


def an_appointment_under_a_key_of_its_own(away: Visits, paul: UUID, _: UUID) -> None:
    forged(away.laptop, paul, kind="agenda.appointment", object=uuid4(), scope=Scope.PATIENT, key=suite.new_key(), values=mine(away, paul))


def a_tie_with_jeanne(away: Visits, paul: UUID, _: UUID) -> None:
    forged(away.laptop, paul, kind="patients.alias", object=uuid4(), scope=Scope.PATIENT, key=jeannes(away), ref=away.two.jeanne.bytes,
           values={"patient_id": away.two.jeanne.bytes, "merged_id": paul.bytes, "undone": False})  # fmt: skip


def another_panel(away: Visits, paul: UUID, _: UUID) -> None:
    whose = away.two.cast["benali"].member
    assert whose is not None
    forged(away.laptop, paul, kind="sync.replica", object=away.id, scope=Scope.CONTROL, key=control(away),
           values={"panel_of_id": whose.bytes})  # fmt: skip


def mine(away: Visits, paul: UUID) -> dict[str, Any]:
    whose = away.two.cast["moreau"].member
    assert whose is not None
    with away.office:
        start = wire_of(Appointment._meta.get_field("start"), clock.now())
    return {"patient_id": paul.bytes, "practitioner_id": whose.bytes, "start": start, "status": "booked", "minutes": 15}


@pytest.mark.parametrize("trick", [
    an_appointment_under_the_control_key, his_doctor_under_the_control_key, his_own_appointment_in_jeanne_s_name,
    an_appointment_of_jeanne_s_that_names_him, an_appointment_under_a_key_of_its_own, a_tie_with_jeanne, another_panel,
])  # fmt: skip
def test_no_forged_entry_puts_a_patient_into_its_panel(away: Visits, trick: Callable[[Visits, UUID, UUID], None]) -> None:
    paul = another(away)
    with away.office:
        his = booked(away, paul, with_="benali")
        before = Appointment.objects.get(id=his)
    away.meet()
    trick(away, paul, his)
    outcomes = take(away.office, away.laptop)
    with away.office:
        if trick not in (an_appointment_of_jeanne_s_that_names_him, a_tie_with_jeanne,  # about Jeanne's own file, which is its to write
                         an_appointment_under_a_key_of_its_own):  # kept, and read by nobody
            assert [one.result for one in outcomes if one.replica == away.laptop.replica] == [Result.QUARANTINED]
        assert entrusting.give(at_once=True) == 0
        after = Appointment.objects.get(id=his)
        assert (after.practitioner_id, after.patient_id) == (before.practitioner_id, paul)
    away.meet()
    with away.laptop:
        assert keys.held() == 1


def test_what_nobody_can_read_takes_the_place_of_nothing(away: Visits) -> None:
    """An entry under a key that nobody has, which says that its author had seen all that stands there."""
    paul = another(away)
    with away.office:
        his = booked(away, paul, with_="benali")
        before = Appointment.objects.values().get(id=his)
        seen = [hash for (hash,) in run("default", "SELECT hash FROM journal_entry WHERE object = ?", his.bytes).fetchall()]
    away.meet()
    values = mine(away, paul)
    forged(away.laptop, paul, kind="agenda.appointment", object=his, scope=Scope.PATIENT, key=suite.new_key(), values=values,
           base=dict.fromkeys(values, seen))  # fmt: skip
    take(away.office, away.laptop)
    with away.office:
        assert Appointment.objects.values().get(id=his) == before
        assert not keys.is_whole(paul.bytes)  # and the file says that something is there
        assert list(verify.differences()) == []
        writer.current().run_job(lambda: chain.refold(his.bytes), name="again")
        assert Appointment.objects.values().get(id=his) == before


def test_a_key_that_nobody_ever_had_is_no_damage_and_one_that_was_lost_is(away: Visits) -> None:
    """Otherwise one entry of a thief's, kept before the laptop is revoked, and no practice is ever made anew from the paper."""
    def said() -> list[str]:
        return [str(one) for one in verify.verify(full=True).findings if one.where.startswith("key patient")]

    paul = another(away)
    away.meet()
    forged(away.laptop, paul, kind="agenda.appointment", object=uuid4(), scope=Scope.PATIENT, key=suite.new_key(),
           values=mine(away, paul))  # fmt: skip
    take(away.office, away.laptop)
    with away.office:
        assert not keys.is_whole(paul.bytes)
        assert said() == []
        assert keys_in.lacking() == 0
        writer.current().run_job(lambda: run("default", "DELETE FROM journal_key WHERE label = 'patient' AND ref = ?", paul.bytes)
                                 and None, name="lost")  # fmt: skip
        assert len(said()) == 1


def test_a_false_key_handed_in_closes_no_file(away: Visits) -> None:
    """Of a patient that the office created and that the whole laptop has not got the key of yet."""
    paul = another(away)
    with away.office:
        given = departure.give(exchange.Asked({}, 0, 100_000), keys=False)
    with away.two.b:
        for batch in given.batches:
            arrival.take(batch, queries.standing)
        assert not keys.knows(paul.bytes)
    take(away.laptop, away.office)
    with away.laptop:
        _hand_in(paul, by=away.two.cast["moreau"])
    take(away.two.b, away.laptop)
    with away.two.b:
        assert not keys.knows(paul.bytes)
        keys_in.settle(keys_in.offered(_of(away.office, paul, away.two.b)))
        assert Patient.objects.get(id=paul).birth_name == "DURAND"


def _of(office: Machine, patient: UUID, here: Machine) -> bytes:
    """The patient's key as the office sends it; sitting at `here`."""
    here.__exit__()
    with office:
        found = keys_in.sealed_keys(commitments(patient))
    here.__enter__()
    return found


@action
def _hand_in(patient: UUID, *, by: Actor) -> None:
    entrusting.hand_on(patient.bytes, suite.new_key())
