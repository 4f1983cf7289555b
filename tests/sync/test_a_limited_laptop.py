"""The laptop of one doctor's visits: it holds the keys of that doctor's patients and of nobody else, works, and hands in what it wrote."""

import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from nacl.exceptions import CryptoError

from permanence.accounts import permissions
from permanence.agenda import actions as agenda
from permanence.agenda.models import Appointment
from permanence.consultations import actions as clinical
from permanence.consultations.models import Measure, Note
from permanence.interop.models import Issue
from permanence.journal import actions as journal
from permanence.journal import bulk, departure, exchange, keyring, keys, keys_in, vault, verify, wire
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import cbor, clock, suite
from permanence.lib.sqlcipher import run
from permanence.patients import actions as patients
from permanence.patients.models import Patient
from permanence.prescriptions.actions import file_prescription
from permanence.prescriptions.models import Prescription
from permanence.sync import actions, entrusting, forgetting, queries
from permanence.sync.models import EntrustedKey, Replica
from permanence.tasks.models import PracticeTask
from tests.faults.canaries import Planted, base64_forms, forms
from tests.sync.forging import commitments
from tests.sync.limited import Visits, another, booked, forget, take, visits
from tests.sync.machines import Machine, Machines, pull
from tests.sync.practice_life import Two

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def away(two: Two, machines: Machines) -> Visits:
    return visits(two, machines)


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
        given, root = keys_in.sealed_keys(commitments(paul, away.two.jeanne)), vault.current().root
    with away.laptop:
        v = vault.current()
        assert keys_in.offered(given) == {}
        rows = {ref: wrapped for _, ref, _, wrapped in cbor.loads(suite.unseal(given, v.control, practice=v.practice, part="keys"))}
        held = [keyring.unwrap(wrapped, v.root, v.practice, label) for label, wrapped in run(
            "default", "SELECT label, wrapped FROM journal_key WHERE wrapped IS NOT NULL").fetchall()]  # fmt: skip
        assert root not in held
        assert root != v.root
        for key in (one for one in held if len(one) == 32):
            with pytest.raises(CryptoError):
                keyring.unwrap(rows[paul.bytes], key, v.practice, "patient")
        assert keys.held() == 1
        assert set(run("default", "SELECT label FROM journal_key").fetchall()) == {(label,) for label in (
            "signing", "metadata", "access", "control", "backup", "archive", "intake", "entrusted", "patient")}  # fmt: skip
        with pytest.raises(Refused):
            clinical.sign_note(paul, by=away.two.cast["moreau"], fields={"text": "À l’aveugle"})
    with away.office:
        office, laptop = vault.current().fixed, away.laptop.vault.fixed
        assert {name for name in office if office[name] == laptop[name]} == set(vault.SHARED)


def test_an_appointment_gives_the_file_whole_and_one_that_is_cancelled_takes_nothing_back(away: Visits) -> None:
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
        assert forgetting.withdraw(at_once=True) == 0  # who cancels may well come at the same hour
        (carried,) = queries.carried_files().values()
    assert (carried.files, carried.left) == (2, 0)
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


def test_whose_time_in_the_practice_is_over_is_given_nothing_more(away: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    paul = another(away)
    with away.office:
        booked(away, paul)
        there = permissions.present_members()
        others = {id: one for id, one in there.items() if id != away.two.cast["moreau"].member}
        monkeypatch.setattr(permissions, "present_members", lambda: others)
        assert entrusting.give(at_once=True) == 0
        monkeypatch.undo()
        assert entrusting.give(at_once=True) == 1


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
        assert keys_in.sealed_keys(commitments(away.two.jeanne)) == b""
        assert entrusting.give(at_once=True) == 0


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
