"""Who left its panel is taken back from a limited laptop: it forgets them, unless something there is nowhere else; and all know until when
it carried them."""

import datetime
from uuid import UUID

import pytest

from permanence.accounts import permissions
from permanence.consultations import actions as clinical
from permanence.consultations.models import Note
from permanence.journal import actions as journal
from permanence.journal import arrival, blobs, departure, keys, verify
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import Writer
from permanence.lib import clock, suite
from permanence.lib.sqlcipher import run
from permanence.patients import actions as patients
from permanence.patients.models import Patient
from permanence.prescriptions.actions import file_prescription
from permanence.prescriptions.models import Prescription
from permanence.sync import actions, entrusting, forgetting, queries, talk
from permanence.sync.models import EntrustedKey, Peer, WithdrawnKey
from permanence.sync.talk import Talk
from tests.sync.limited import Visits, another, booked, forget, noon, take, visits
from tests.sync.machines import Machines
from tests.sync.practice_life import Two
from tests.sync.test_a_limited_laptop import everything, names, sound
from tests.sync.test_talks import Line

PDF = suite.sha256(b"scelle")
LONG = datetime.timedelta(days=20)


@pytest.fixture
def away(two: Two, machines: Machines) -> Visits:
    return visits(two, machines)


def seen_once(away: Visits) -> UUID:
    """A patient who comes tomorrow: the laptop carries them."""
    paul = another(away)
    with away.office:
        booked(away, paul)
    away.meet()
    assert names(away.laptop) == ["DURAND", "MARTIN"]
    return paul


def withdrawn(away: Visits, *, after: datetime.timedelta = LONG) -> int:
    """At the office, so many days later at noon; then both meet."""
    with clock.override(offset=noon(after.days) - clock.now() if after else after):
        forget()
        with away.office:
            found = forgetting.withdraw(at_once=True)
        away.meet()
    forget()
    return found


def forgotten(away: Visits, until: int | None = None) -> int:
    with away.laptop:
        return forgotten_here(until)


def forgotten_here(until: int | None = None) -> int:
    """All that was here up to there being elsewhere."""
    until = departure.newest() if until is None else until
    return forgetting.forget_withdrawn(forgetting.Elsewhere(until, arrival.held(), lambda hash: True))


def test_who_left_the_panel_is_forgotten_and_nothing_it_holds_says_anything_of_them(away: Visits) -> None:
    paul = seen_once(away)
    assert b"Note de DURAND" in everything(away.laptop)
    assert withdrawn(away) == 1
    assert forgotten(away) == 1
    assert names(away.laptop) == ["MARTIN"]
    said = everything(away.laptop)
    assert b"DURAND" not in said
    assert b"Note de" not in said
    with away.laptop:
        assert not keys.knows(paul.bytes)
        assert queries.is_elsewhere(paul)
        assert entrusting.take() == 0
        with pytest.raises(Refused):
            clinical.sign_note(paul, by=away.two.cast["moreau"], fields={"text": "À l’aveugle"})
    assert forgotten(away) == 0
    with away.office:
        assert Note.objects.get(patient_id=paul).text == "Note de DURAND"
    sound(away.laptop, away.office)


def test_whatever_destroys_has_the_log_cut(away: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's log would say it for weeks to who has the key of the file."""
    cut = list[str]()
    monkeypatch.setattr(Writer, "destroyed", lambda self: cut.append(self.alias))
    seen_once(away)
    withdrawn(away)
    assert cut == ["default"] * 2  # the sealed key, pruned at the office and here
    forgotten(away)
    assert len(cut) == 3
    with away.office:
        journal.erase(away.two.jeanne, by=away.two.cast["moreau"])
    assert len(cut) == 4


def test_what_was_sealed_for_it_is_destroyed_everywhere(away: Visits) -> None:
    """Else the key it keeps for good would open it again."""
    paul = seen_once(away)
    with away.office:
        (row,) = EntrustedKey.objects.filter(patient_id=paul).values_list("id", flat=True)
    withdrawn(away)
    for here in (away.office, away.laptop):
        with here:
            assert not EntrustedKey.objects.filter(patient_id=paul).exists()
            bodies = "SELECT e.kind FROM journal_body b JOIN journal_entry e ON e.hash = b.entry WHERE e.object = ?"
            assert run("default", bodies, row.bytes).fetchall() == [("journal.prune",)]


def test_who_comes_again_is_there_again(away: Visits) -> None:
    paul = seen_once(away)
    withdrawn(away)
    forgotten(away)
    with away.office:
        clinical.sign_note(paul, by=away.two.cast["benali"], fields={"text": "Vu au cabinet entre-temps."})
        booked(away, paul, in_days=2)
    away.meet()
    with away.laptop:
        assert Note.objects.filter(patient_id=paul).count() == 2
        assert forgotten_here() == 0
    sound(away.laptop, away.office)


@pytest.mark.parametrize(("days", "left"), [(12, 0), (13, 0), (14, 1)])
def test_at_the_edge_of_the_panel_nothing_comes_and_goes(away: Visits, days: int, left: int) -> None:
    """Booked tomorrow; the panel goes ten days back, and what was given stays two days more."""
    seen_once(away)
    assert withdrawn(away, after=datetime.timedelta(days=days)) == left


def test_whose_patient_now_objects_is_taken_back_at_once(away: Visits) -> None:
    paul = seen_once(away)
    with away.office:
        patients.object_to_sharing(paul, member=away.two.cast["moreau"].member, by=away.two.cast["benali"])
    assert withdrawn(away, after=datetime.timedelta(0)) == 1
    assert forgotten(away) == 1
    assert names(away.laptop) == ["MARTIN"]


@pytest.mark.parametrize(("days", "left"), [(11, 0), (13, 1)])
def test_who_was_created_there_and_never_came_into_the_panel_leaves_it_too(away: Visits, days: int, left: int) -> None:
    """At somebody's door, without an appointment."""
    with away.laptop:
        nina = patients.register(by=away.two.cast["moreau"], birth_name="NOUVEAU", first_given_name="Nina", birth_sex="F", despite=True)
    away.meet()
    assert withdrawn(away, after=datetime.timedelta(days=days)) == left
    assert forgotten(away) == left
    assert names(away.laptop) == (["MARTIN"] if left else ["MARTIN", "NOUVEAU"])
    with away.office:
        assert Patient.objects.get(id=nina).birth_name == "NOUVEAU"
        if not left:
            return
        with clock.override(offset=datetime.timedelta(days=days)):
            assert forgetting.withdraw(at_once=True) == 0  # once
            booked(away, nina)
    with clock.override(offset=datetime.timedelta(days=days)):
        away.meet()
    assert names(away.laptop) == ["MARTIN", "NOUVEAU"]
    sound(away.laptop, away.office)


def test_when_its_doctor_s_time_in_the_practice_is_over_it_is_emptied(away: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    seen_once(away)
    with away.office:
        there = permissions.present_members()
        monkeypatch.setattr(permissions, "present_members", lambda: {
            id: one for id, one in there.items() if id != away.two.cast["moreau"].member})  # fmt: skip
        assert forgetting.withdraw(at_once=True) == 2
        monkeypatch.undo()
    take(away.laptop, away.office)
    assert forgotten(away) == 2
    assert names(away.laptop) == []


# -- nothing is lost


def test_a_note_being_typed_keeps_its_file_there_until_it_is_signed(away: Visits) -> None:
    paul = seen_once(away)
    with away.laptop:
        saved = clinical.save_draft(paul, by=away.two.cast["moreau"], payload={"text": "Signée après"})
    withdrawn(away)
    assert forgotten(away) == 0
    text = "Signée après le départ du panel."
    with away.laptop:
        assert Patient.objects.get(id=paul).birth_name == "DURAND"
        clinical.sign_note(paul, by=away.two.cast["moreau"], fields={"text": text}, draft=saved["draft"])
        at = departure.newest()
    assert forgotten(away, at - 1) == 0  # not given to anybody yet
    take(away.office, away.laptop)
    assert forgotten(away) == 1
    with away.office:
        assert sorted(Note.objects.filter(patient_id=paul).values_list("text", flat=True)) == ["Note de DURAND", text]


def test_what_nobody_else_has_yet_keeps_its_file_there(away: Visits) -> None:
    paul = seen_once(away)
    with away.laptop:
        before = departure.newest()
        clinical.sign_note(paul, by=away.two.cast["moreau"], fields={"text": "Chez lui, pendant la coupure."})
    forget()
    with away.office, clock.override(offset=LONG):
        assert forgetting.withdraw(at_once=True) == 1
    take(away.laptop, away.office)  # it hears of it before it could give what it wrote
    assert forgotten(away, before) == 0
    take(away.office, away.laptop)
    assert forgotten(away) == 1
    with away.office:
        assert Note.objects.filter(patient_id=paul).count() == 2


def test_by_itself_it_forgets_at_the_end_of_a_talk_in_which_its_files_were_given(away: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    paul = seen_once(away)
    with away.laptop:
        before = departure.newest()
    monkeypatch.setattr(talk, "BLOBS_S", 0.0)
    monkeypatch.setattr(forgetting, "EVERY_S", 0.0)
    with clock.override(offset=LONG):
        forget()
        with away.office:
            assert forgetting.withdraw(at_once=True) == 1
        line = Line(away.office)
        with away.laptop:
            file_prescription(paul, by=away.two.cast["moreau"], template="ordonnance", title="Ordonnance", text="paracétamol 1 g",
                              number="VIS-1", blob={"hash": PDF, "key": bytes(32), "size": 9})  # fmt: skip
            blobs.keep(away.laptop.folder, PDF, b"scelle")
            laptop = Talk(Peer.objects.get(), line, away.laptop.folder)  # type: ignore[arg-type]
            laptop.once()
            assert line.files == {PDF: b"scelle"}
            laptop.once()
            assert not keys.knows(paul.bytes)
            assert departure.newest() > before
    with away.office:
        assert Prescription.objects.get(patient_id=paul).title == "Ordonnance"


def test_nothing_is_forgotten_while_what_it_wrote_is_not_kept_elsewhere(away: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    """They hear nothing of it meanwhile: what it wrote of Paul is with the laptop alone."""
    paul = seen_once(away)
    monkeypatch.setattr(talk, "BLOBS_S", 0.0)
    monkeypatch.setattr(forgetting, "EVERY_S", 0.0)
    with clock.override(offset=LONG):
        forget()
        with away.office:
            assert forgetting.withdraw(at_once=True) == 1
        line = Line(away.office)
        line.deaf = True
        with away.laptop:
            clinical.sign_note(paul, by=away.two.cast["moreau"], fields={"text": "Chez lui."})
            one = Talk(Peer.objects.get(), line, away.laptop.folder)  # type: ignore[arg-type]
            for _ in range(3):
                one.once()
            assert keys.knows(paul.bytes)
            line.deaf = False
            clinical.sign_note(away.two.jeanne, by=away.two.cast["moreau"], fields={"text": "Et chez elle."})
            for _ in range(3):
                one.once()
            assert not keys.knows(paul.bytes)
    with away.office:
        assert Note.objects.filter(patient_id=paul).count() == 2


# -- who takes back, and who may not


def test_a_machine_that_is_carried_about_takes_nothing_back(away: Visits) -> None:
    seen_once(away)
    away.meet(away.two.b)
    forget()
    with away.laptop, clock.override(offset=LONG):
        assert forgetting.withdraw(at_once=True) == 0
    with away.two.b, clock.override(offset=LONG):
        permissions.forget()
        assert forgetting.withdraw(at_once=True) == 0  # a laptop's orders would wait for a titulaire


def test_by_itself_it_waits_a_minute(away: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    seen_once(away)
    forget()
    now = clock.monotonic()
    with away.office, clock.override(offset=LONG):
        permissions.forget()
        assert forgetting.withdraw() == 0
        monkeypatch.setattr(clock, "monotonic", lambda: now + 120)
        assert forgetting.withdraw() == 1
        assert forgetting.withdraw() == 0


def test_its_own_word_takes_nothing_away(away: Visits) -> None:
    """What it says of other machines' entries is put aside."""
    paul = seen_once(away)
    with away.office:
        (row,) = EntrustedKey.objects.filter(patient_id=paul).values_list("id", flat=True)
    with away.laptop:
        actions.withdraw([(paul, [row])], of=away.id, by=Actor.machine("sync"))
    take(away.office, away.laptop)
    with away.office:
        assert EntrustedKey.objects.filter(id=row).exists()
        (carried,) = queries.carried_files().values()
        assert carried.files == 2  # whoever stole it hides from nobody whose files it has


# -- what is known of it


def test_until_it_has_heard_of_it_it_counts_as_carrying_them(away: Visits) -> None:
    """After a theft: those that it never forgot are among those to be told."""
    seen_once(away)
    with clock.override(offset=LONG):
        forget()
        with away.office:
            assert forgetting.withdraw(at_once=True) == 1
            (carried,) = queries.carried_files().values()
            assert (carried.files, carried.left) == (2, 1)
        away.meet()
        assert forgotten(away) == 1
        with away.laptop:
            held = arrival.held()
        with away.office:
            actions.record_held(away.id, held)
            (carried,) = queries.carried_files().values()
            assert (carried.files, carried.left) == (1, 0)
            assert WithdrawnKey.objects.count() == 1


def test_taken_back_a_second_time_it_counts_until_it_has_heard_of_that_too(away: Visits) -> None:
    paul = seen_once(away)
    with clock.override(offset=LONG):
        forget()
        with away.office:
            assert forgetting.withdraw(at_once=True) == 1
        away.meet()
        with away.laptop:
            held = arrival.held()
        with away.office:
            actions.record_held(away.id, held)
            booked(away, paul, in_days=1)
            assert entrusting.give(at_once=True) == 1
    with clock.override(offset=2 * LONG):
        forget()
        with away.office:
            assert forgetting.withdraw(at_once=True) == 1
            (carried,) = queries.carried_files().values()
            assert (carried.files, carried.left) == (2, 1)


def test_a_rebuilt_record_says_the_same(away: Visits) -> None:
    seen_once(away)
    withdrawn(away)
    forgotten(away)
    with away.laptop:
        assert [one for one in verify.verify(full=True).findings if not one.where.startswith("key signing")] == []

