"""The laptop of one doctor's visits: it holds the keys of that doctor's patients and of nobody else, works, and hands in what it wrote."""

import datetime
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from nacl.exceptions import CryptoError

from permanence.agenda import actions as agenda
from permanence.agenda.models import Appointment
from permanence.consultations import actions as clinical
from permanence.consultations.models import Measure, Note
from permanence.interop.models import Issue
from permanence.journal import actions as journal
from permanence.journal import arrival, bulk, chain, departure, exchange, keyring, keys, patient_keys, vault, verify, wire
from permanence.journal.acts import Act
from permanence.journal.categories import Scope, Stream
from permanence.journal.doors import Actor, Refused
from permanence.journal.exchange import Result
from permanence.journal.writer import action
from permanence.lib import cbor, clock, suite
from permanence.lib.sqlcipher import run
from permanence.patients import actions as patients
from permanence.patients.models import Patient
from permanence.prescriptions.actions import file_prescription
from permanence.prescriptions.models import Prescription
from permanence.sync import actions, entrusting, queries
from permanence.sync.models import EntrustedKey, Replica
from permanence.tasks.models import PracticeTask
from tests.faults.canaries import Planted, base64_forms, forms
from tests.sync.limited import Visits, forget, take, visits
from tests.sync.machines import Machine, Machines, pull
from tests.sync.practice_life import Two
from tests.sync.test_nothing_is_lost import _succeed

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def away(two: Two, machines: Machines) -> Visits:
    return visits(two, machines)


def another(away: Visits, name: str = "DURAND", **more: Any) -> UUID:
    """A patient of nobody's in particular, known at the office."""
    with away.office:
        made: UUID = patients.register(by=away.two.cast["sophie"], birth_name=name, first_given_name="Paul", birth_sex="M", despite=True, **more)
        clinical.sign_note(made, by=away.two.cast["benali"], fields={"text": f"Note de {name}"})
    return made


def booked(away: Visits, patient: UUID, *, in_days: int = 1, with_: str = "moreau") -> UUID:
    start = clock.now().replace(minute=0, second=0, microsecond=0) + datetime.timedelta(days=in_days)
    whose = away.two.cast[with_].member
    assert whose is not None
    return agenda.book(patient, by=away.two.cast["sophie"], practitioner=whose, start=start, minutes=15, despite=None, waived_reason="essai")


def names(here: Machine) -> list[str]:
    with here:
        return sorted(Patient.objects.values_list("birth_name", flat=True))


def sound(*machines: Machine) -> None:
    for one in machines:
        with one:
            found = verify.verify(full=True).findings  # keys of ids that never wrote come from how tests make machines
            assert [one for one in found if not one.where.startswith("key signing")] == []


# -- what it holds


def everything(here: Machine) -> bytes:
    """All that its files say to who has every key that is in them: rows, bodies, headers; as small letters."""
    found = []
    with here:
        v = vault.current()
        for (table,) in run("default", "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'").fetchall():
            found += [repr(row).encode() for row in run("default", f'SELECT * FROM "{table}"').fetchall()]
        owned = [keyring.unwrap(wrapped, v.root, v.practice, label) for label, wrapped in run(
            "default", "SELECT label, wrapped FROM journal_key WHERE wrapped IS NOT NULL").fetchall()]  # fmt: skip
        for (body,) in run("default", "SELECT sealed FROM journal_body").fetchall():
            for key in (one for one in owned if len(one) == 32):
                try:
                    found.append(repr(wire.open_body(body, key, v.practice)).encode())
                except (CryptoError, wire.Broken):
                    continue
    return b"\n".join(found)


def test_it_reads_its_doctor_s_patients_and_nothing_it_holds_says_anything_of_the_others(away: Visits) -> None:
    words = Planted()
    with away.office:
        for number in range(3):
            id = patients.register(by=away.two.cast["sophie"], birth_name=words.word(), first_given_name=words.word(), birth_sex="F",
                                   mobile=words.phone(), despite=True)  # fmt: skip
            clinical.sign_note(id, by=away.two.cast["benali"], fields={"text": f"Toux {words.word()}"})
            booked(away, id, in_days=number + 1, with_="benali")
        _to_sort(words, by=away.two.cast["moreau"])
        mine = "Notededjeanneici"
        clinical.sign_note(away.two.jeanne, by=away.two.cast["moreau"], fields={"text": mine})
    away.meet()
    assert names(away.laptop) == ["MARTIN"]
    said = everything(away.laptop)
    assert mine.encode() in said  # what is looked for would be found
    low = said.lower()
    assert not any(form in low for word in [*words.words, *words.numbers, words.mark] for form in forms(word))
    assert not any(form in said for word in words.words for form in base64_forms(word))
    with away.office:
        assert all(word.encode() in everything_here() for word in (words.words[0], words.words[-1]))
    sound(away.laptop, away.office)


def everything_here() -> bytes:
    return repr([run("default", f"SELECT * FROM {table}").fetchall() for table in (
        "patients_patient", "consultations_note", "interop_issue", "tasks_practicetask")]).encode()  # fmt: skip


@action
def _to_sort(words: Planted, *, by: Actor) -> None:
    """About people without a file, under the practice's own key."""
    Issue(run_id=uuid4(), kind="result", raw={"nom": words.word()}, by_id=by.member, at=clock.now()).save()
    PracticeTask(description=f"Rappeler {words.word()}", requester_id=by.member).save()


def test_no_other_key_opens_there_whoever_gives_it(away: Visits) -> None:
    paul = another(away)
    away.meet()
    with away.office:
        given, root = patient_keys.sealed_keys([paul.bytes, away.two.jeanne.bytes]), vault.current().root
    with away.laptop:
        v = vault.current()
        patient_keys.settle(given)
        rows = {ref: (wrapped, epoch) for _, ref, epoch, wrapped in cbor.loads(suite.unseal(given, v.control, practice=v.practice, part="keys"))}
        held = [keyring.unwrap(wrapped, v.root, v.practice, label) for label, wrapped in run(
            "default", "SELECT label, wrapped FROM journal_key WHERE wrapped IS NOT NULL").fetchall()]  # fmt: skip
        assert root not in held
        assert root != v.root
        for key in (one for one in held if len(one) == 32):
            with pytest.raises(CryptoError):
                keyring.unwrap(rows[paul.bytes][0], key, v.practice, "patient")
        assert keys.held() == 1
        assert set(run("default", "SELECT label FROM journal_key").fetchall()) == {(label,) for label in (
            "signing", "metadata", "access", "control", "backup", "archive", "intake", "entrusted", "patient")}  # fmt: skip
        with pytest.raises(Refused):
            clinical.sign_note(paul, by=away.two.cast["moreau"], fields={"text": "À l’aveugle"})
    with away.office:
        office, laptop = vault.current().fixed, away.laptop.vault.fixed
        assert {name for name in office if office[name] == laptop[name]} == set(vault.SHARED)


def test_an_appointment_gives_the_file_whole_and_its_end_takes_nothing_back(away: Visits) -> None:
    paul = another(away)
    away.meet()
    with away.laptop:
        assert queries.is_elsewhere(paul)
        assert not queries.is_elsewhere(uuid4())
    with away.office:
        id = booked(away, paul, in_days=10)
    away.meet()
    with away.laptop:
        assert Note.objects.get(patient_id=paul).text == "Note de DURAND"
        assert Appointment.objects.get(id=id).patient_id == paul
        assert not queries.is_elsewhere(paul)
    with away.office:
        agenda.set_status(id, by=away.two.cast["sophie"], status="cancelled", reason="patient")
        assert entrusting.give(at_once=True) == 0
        (carried,) = queries.carried_files().values()
    assert (carried.files, carried.left) == (2, 1)
    sound(away.laptop, away.office)


@pytest.mark.parametrize(("in_days", "given"), [(-11, False), (-10, True), (0, True), (10, True), (12, False)])
def test_ten_days_before_and_after(away: Visits, in_days: int, given: bool) -> None:
    paul = another(away)
    with away.office:
        booked(away, paul, in_days=in_days)
        moreau = away.two.cast["moreau"].member
        assert moreau is not None
        assert (paul in queries.panel(moreau)) is given


def test_who_objects_to_that_doctor_is_not_carried_and_both_files_of_one_person_are(away: Visits) -> None:
    paul, other = another(away), another(away, "DURANT")
    with away.office:
        moreau = away.two.cast["moreau"].member
        assert moreau is not None
        booked(away, paul)
        patients.merge(paul, merged=other, by=away.two.cast["benali"])
        assert {paul, other} <= queries.panel(moreau)
        patients.object_to_sharing(paul, member=moreau, by=away.two.cast["benali"])
        assert paul not in queries.panel(moreau)


# -- through a cut


def test_it_writes_during_a_cut_and_every_whole_machine_reads_it(away: Visits, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    cast, jeanne = away.two.cast, away.two.jeanne
    with away.laptop:
        note = clinical.sign_note(jeanne, by=cast["moreau"], fields={"text": "Visite\u00a0: va mieux."})
        clinical.add_measure(jeanne, by=cast["moreau"], loinc="29463-7", values=[["29463-7", 624, 1]])
        file_prescription(jeanne, by=cast["moreau"], template="ordonnance", title="Ordonnance", text="paracétamol 1 g", number="VIS-1",
                          blob={"hash": bytes(32), "key": bytes(32), "size": 9})  # fmt: skip
        booked(away, jeanne, in_days=3)
        new = patients.register(by=cast["moreau"], birth_name="NOUVEAU", first_given_name="Zoé", birth_sex="F", despite=True)
        clinical.sign_note(new, by=cast["moreau"], fields={"text": "Vue chez sa voisine."})
        assert names_here() == ["MARTIN", "NOUVEAU"]
        given = departure.give(exchange.Asked({}))
        assert {wire.Outer.decode(one.outer).replica for batch in given.batches for one in batch.entries} == {away.laptop.replica}
    with away.office:
        clinical.sign_note(jeanne, by=cast["benali"], fields={"text": "Au cabinet, pendant ce temps."})
    take(away.two.b, away.laptop)  # the whole laptop meets it first, on the road
    away.meet(away.two.b)
    for here in (away.office, away.two.b, away.laptop):
        with here:
            assert Note.objects.get(id=note).text == "Visite\u00a0: va mieux."
            assert Note.objects.filter(patient_id=jeanne).count() == 2
            assert Measure.objects.filter(patient_id=jeanne).count() == 1
            assert Prescription.objects.get(patient_id=jeanne).title == "Ordonnance"
            assert Appointment.objects.filter(patient_id=jeanne).count() == 1
            assert Patient.objects.get(id=new).first_given_name == "Zoé"
            assert Note.objects.get(patient_id=new).text == "Vue chez sa voisine."
    sound(away.office, away.two.b, away.laptop)
    assert roots(away.laptop) == roots(away.office)
    with away.two.b:
        clinical.sign_note(new, by=cast["benali"], fields={"text": "Suivi au cabinet."})
    away.meet(away.two.b)
    with away.laptop:  # created there: its own, though in nobody's panel
        assert Note.objects.filter(patient_id=new).count() == 2
        assert queries.here() == queries.CarriedFiles(cast["moreau"].member, queries.here().of, 2)  # type: ignore[union-attr, arg-type]
    with away.office:
        (carried,) = queries.carried_files().values()
        assert (carried.files, carried.left) == (2, 0)


def names_here() -> list[str]:
    return sorted(Patient.objects.values_list("birth_name", flat=True))


def roots(here: Machine) -> Any:
    from permanence.sync import witnessing

    with here:
        return witnessing.roots_here()


def test_a_machine_made_with_the_same_keys_opens_what_only_the_relay_kept(away: Visits, machines: Machines) -> None:
    """The office and the whole laptop burn; what the limited one wrote is at the relay, and the sheet gives the keys of `deposit`."""
    with away.laptop:
        new = patients.register(by=away.two.cast["moreau"], birth_name="NOUVEAU", first_given_name="Zoé", birth_sex="F", despite=True)
    rebuilt = machines.new()
    for source in (away.office, away.laptop):
        pull(rebuilt, source)
    with rebuilt:
        assert Patient.objects.get(id=new).birth_name == "NOUVEAU"


def test_what_it_creates_and_the_office_erases_is_gone_for_good(away: Visits) -> None:
    paul = another(away)
    with away.office:
        booked(away, paul)
    away.meet()
    with away.laptop:
        new = patients.register(by=away.two.cast["moreau"], birth_name="NOUVEAU", first_given_name="Zoé", birth_sex="F", despite=True)
    away.meet()
    with away.office:
        for one in (paul, new):
            journal.erase(one, reason="Demande écrite", by=away.two.cast["moreau"])
    away.meet()
    for here in (away.office, away.laptop):
        with here:
            assert not EntrustedKey.objects.filter(patient_id__in=[paul, new]).exists()
            bodies = "SELECT count(*) FROM journal_body b JOIN journal_entry e ON e.hash = b.entry WHERE e.ref IN (?, ?)"
            assert run("default", bodies, paul.bytes, new.bytes).fetchone()[0] == 0
            assert entrusting.take() == 0
    sound(away.office, away.laptop)


# -- what a thief who holds it open can not do


def forged(here: Machine, patient: UUID, *, kind: str, object: UUID, scope: Scope, key: bytes, values: dict[str, Any],
           ref: bytes | None = None) -> None:  # fmt: skip
    """One entry, as whoever holds its signing key can make it."""
    with here:
        act = Act(uuid4().bytes, Actor(UUID(int=1), session=UUID(int=2)), "forged")
        stream = Stream.CONTROL if scope is Scope.CONTROL else Stream.RECORD
        draft = chain.draft_of(act, kind=kind, version=1, scope=scope, ref=ref or patient.bytes, object=object.bytes, values=values,
                               base={name: () for name in values}, hlc=clock.hlc_tick(chain.last_hlc(), clock.ms()), place=(1, 1), key=key)  # fmt: skip
        from permanence.journal import writer

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
    forged(away.laptop, paul, kind="sync.replica", object=away.id, scope=Scope.CONTROL, key=control(away), values={"panel_of_id": whose.bytes})


def mine(away: Visits, paul: UUID) -> dict[str, Any]:
    whose = away.two.cast["moreau"].member
    assert whose is not None
    with away.office:
        wire_start = Appointment._meta.get_field("start")
        from permanence.journal.values import wire_of

        start = wire_of(wire_start, clock.now() + HOUR)
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
        if trick not in (an_appointment_of_jeanne_s_that_names_him, a_tie_with_jeanne):  # about Jeanne's own file, which is its to write
            assert [one.result for one in outcomes if one.replica == away.laptop.replica] == [Result.QUARANTINED]
        assert entrusting.give(at_once=True) == 0
        after = Appointment.objects.get(id=his)
        assert (after.practitioner_id, after.patient_id) == (before.practitioner_id, paul)
    away.meet()
    with away.laptop:
        assert keys.held() == 1


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
        patient_keys.settle(_of(away.office, paul, away.two.b))
        assert Patient.objects.get(id=paul).birth_name == "DURAND"


def _of(office: Machine, patient: UUID, here: Machine) -> bytes:
    """The patient's key as the office sends it; sitting at `here`."""
    here.__exit__()
    with office:
        found = patient_keys.sealed_keys([patient.bytes])
    here.__enter__()
    return found


@action
def _hand_in(patient: UUID, *, by: Actor) -> None:
    entrusting.hand_in(patient.bytes, suite.new_key())


def test_under_a_new_id_it_goes_on_with_the_same_panel(away: Visits) -> None:
    """Put back from a copy: vouched for by the id it was, it keeps the panel that a titulaire gave it, whatever it says."""
    former = away.laptop.vault
    away.laptop.renew()
    with away.laptop:
        _succeed_as_limited(former, by=Actor.machine("sync"), panel=away.two.cast["benali"].member)
    paul, his = another(away), another(away, "AUTRE")
    with away.office:
        booked(away, paul)
        booked(away, his, with_="benali")
    away.meet()
    with away.office:
        (one,) = queries.limited()
        assert (one.id, one.member, len(one.line)) == (away.id, away.two.cast["moreau"].member, 2)
    assert names(away.laptop) == ["DURAND", "MARTIN"]
    sound(away.laptop)


def _succeed_as_limited(former: vault.Vault, *, by: Actor, panel: UUID | None) -> None:
    from permanence.sync import rules

    v = vault.current()

    @action
    def save(*, by: Actor) -> None:
        Replica(id=UUID(bytes=v.replica), name="Portable des visites", kind="limited", verify_key=v.verify_key, panel_of_id=panel,
                transport_key=b"m" * 32, succeeds_id=UUID(bytes=former.replica),
                vouched=suite.sign(rules.LABEL + v.verify_key, former.signing)).save()  # fmt: skip

    save(by=by)


# -- among the machines


def test_revoked_it_is_given_nothing_more_and_who_it_carried_is_known(away: Visits) -> None:
    with away.office:
        actions.revoke_replica(away.id, wipe=True, by=away.two.cast["moreau"])
    paul = another(away)
    with away.office:
        booked(away, paul)
        assert queries.limited() == []
        assert entrusting.give(at_once=True) == 0
        (carried,) = queries.carried_files().values()
        assert carried.files == 1
        assert queries.entrusted([away.id]) == {away.two.jeanne}


def test_the_office_gives_at_once_and_another_machine_leaves_it_a_minute(away: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    paul = another(away)
    with away.office:
        booked(away, paul)
    pull(away.two.b, away.office)
    forget()
    now = clock.monotonic()
    with away.two.b:
        assert entrusting.give() == 0
        monkeypatch.setattr(clock, "monotonic", lambda: now + 61)
        assert entrusting.give() == 1
    with away.office:
        assert entrusting.give() == 1  # both may give: the second changes nothing
    away.meet(away.two.b)
    assert names(away.laptop) == ["DURAND", "MARTIN"]
    sound(away.laptop, away.office, away.two.b)


def test_it_moves_no_practice_in_and_gives_no_keys_of_its_root(away: Visits) -> None:
    with away.laptop:
        with pytest.raises(Refused):
            bulk.append_many([], by=away.two.cast["moreau"], action="import")
        assert patient_keys.sealed_keys([away.two.jeanne.bytes]) == b""
        assert entrusting.give(at_once=True) == 0


__all__ = ["_succeed", "replace"]
