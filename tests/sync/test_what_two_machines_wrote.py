"""What two machines wrote without hearing each other: both kept, shown with who, where and when, settled by who could have written it."""

import random
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from permanence.agenda import actions as agenda
from permanence.agenda.models import Appointment
from permanence.consultations import actions as clinical
from permanence.consultations.models import Allergy, Treatment
from permanence.journal import conflicts
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.patients import actions as patients
from permanence.patients.models import Patient
from permanence.sync import queries
from permanence.sync.actions import settle
from permanence.tasks import actions as tasks
from permanence.tasks.models import Task
from tests.sync.machines import Machine
from tests.sync.practice_life import TABLES, Two, asked, choose, reader


def dump(here: Machine) -> list[object]:
    with here:
        return [run("default", f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in TABLES]


def settled_alike(two: Two) -> None:
    two.agree()
    for here in (two.a, two.b):
        with here:
            assert conflicts.count() == 0, conflicts.objects()
            assert queries.waiting() == ()
    assert dump(two.a) == dump(two.b)


def an_allergy_edited_twice(two: Two) -> None:
    with two.a:
        line = clinical.add_allergy(two.jeanne, by=two.cast["moreau"], fields={"substance": "pénicilline", "reaction": "urticaire"})
    two.agree()
    for here, who, reaction in ((two.a, "moreau", "œdème de Quincke"), (two.b, "benali", "choc anaphylactique")):
        with here:
            clinical.edit_allergy(line, by=two.cast[who], fields={"substance": "pénicilline", "reaction": reaction})
    two.agree()


def test_the_same_allergy_edited_on_two_machines_is_asked_and_settled(two: Two) -> None:
    an_allergy_edited_twice(two)
    with two.b:
        (question,) = asked(two.cast["moreau"])
        assert (question.kind_name, question.title, question.label) == ("Allergie", "pénicilline", "Réaction")
        assert {(version.by, version.values[0][1]) for version in question.versions} == {
            ("Dr Claire MOREAU", "œdème de Quincke"), ("Dr Karim BENALI", "choc anaphylactique")}  # fmt: skip
        assert [version.shown for version in question.versions].count(True) == 1
        choose(question, "œdème", by=two.cast["moreau"])
        assert Allergy.objects.get().reaction == "œdème de Quincke"
    settled_alike(two)


def test_the_value_that_is_shown_already_can_be_the_one_that_is_kept(two: Two) -> None:
    an_allergy_edited_twice(two)
    with two.a:
        (question,) = asked(two.cast["benali"])
        (shown,) = [version for version in question.versions if version.shown]
        settle(question.object, part=question.part, choice=shown.key, seen=question.seen, by=two.cast["benali"])
    settled_alike(two)


def test_another_value_is_written_where_the_room_takes_text(two: Two) -> None:
    an_allergy_edited_twice(two)
    with two.a:
        (question,) = asked(two.cast["moreau"])
        assert question.typed
        settle(
            question.object,
            part=question.part,
            choice="typed",
            text="  choc,  réanimation 2019 ",
            seen=question.seen,
            by=two.cast["moreau"],
        )
        assert Allergy.objects.get().reaction == "choc, réanimation 2019"
    settled_alike(two)


def test_a_treatment_removed_here_and_edited_there_stands_until_somebody_says(two: Two) -> None:
    with two.a:
        line = clinical.add_treatment(two.jeanne, by=two.cast["moreau"], fields={"label": "Coumadine", "posology": "1 le soir"})
    two.agree()
    with two.a:
        clinical.remove_line("treatment", line, by=two.cast["moreau"])
    with two.b:
        clinical.edit_treatment(line, by=two.cast["benali"], fields={"label": "Coumadine", "posology": "2 le soir"})
    two.agree()
    with two.a:
        (question,) = asked(two.cast["moreau"])
        assert (question.part, question.label) == ("removal", "Retiré ici, modifié là")
        assert {version.key for version in question.versions} == {"keep", "remove"}
        assert ("Posologie", "2 le soir") in next(version for version in question.versions if version.key == "keep").values
        settle(line, part="removal", choice="remove", seen=question.seen, by=two.cast["moreau"])
        row = Treatment.objects.get()
        assert row.removed_revision == row.revision
    settled_alike(two)


def test_a_line_edited_on_both_sides_without_contradiction_is_read_again(two: Two) -> None:
    """What stands was written by nobody as a whole: a dose from here and a posology from there."""
    with two.a:
        line = clinical.add_treatment(two.jeanne, by=two.cast["moreau"], fields={"label": "Coumadine", "posology": "1 le soir", "note": ""})
    two.agree()
    with two.a:
        clinical.edit_treatment(line, by=two.cast["moreau"], fields={"note": "INR cible 2 à 3"})
    with two.b:
        clinical.edit_treatment(line, by=two.cast["benali"], fields={"posology": "2 le soir"})
    two.agree()
    with two.b:
        (question,) = asked(two.cast["benali"])
        assert question.part == "reread"
        assert {pair for version in question.versions for pair in version.values} == {
            ("Remarque", "INR cible 2 à 3"),
            ("Posologie", "2 le soir"),
        }
        settle(line, part="reread", choice="ok", seen=question.seen, by=two.cast["benali"])
        assert (Treatment.objects.get().note, Treatment.objects.get().posology) == ("INR cible 2 à 3", "2 le soir")
    settled_alike(two)


def test_a_phone_number_is_settled_by_the_desk_and_a_clinical_line_is_counted_for_others(two: Two) -> None:
    an_allergy_edited_twice(two)
    for here, number in ((two.a, "0611111111"), (two.b, "0622222222")):
        with here:
            patients.amend_identity(two.jeanne, by=two.cast["sophie"], changes={"mobile": number})
    two.agree()
    with two.a:
        (question,) = asked(two.cast["sophie"])
        assert question.label == "Mobile"
        assert queries.settling(reader=reader(two.cast["sophie"])).elsewhere == 1
        choose(question, "06 22 22 22 22", by=two.cast["sophie"])
        (other,) = asked(two.cast["moreau"])
        with pytest.raises(Refused):
            settle(other.object, part=other.part, choice=other.versions[0].key, seen=other.seen, by=two.cast["sophie"])
        assert Patient.objects.get().mobile == "0622222222"
        choose(other, "choc", by=two.cast["moreau"])
    settled_alike(two)


@pytest.mark.parametrize(("who", "many"), [("moreau", 1), ("nadia", 1), ("theo", 0), ("ines", 0), ("bruno", 0), ("yann", 0), ("sophie", 0)])
def test_each_profession_settles_what_it_writes(two: Two, who: str, many: int) -> None:
    an_allergy_edited_twice(two)
    with two.a:
        found = queries.settling(reader=reader(two.cast[who]))
        assert (len(found.questions), found.elsewhere) == (many, 1 - many)


def test_a_trait_chosen_between_two_loses_what_was_proved(two: Two) -> None:
    for here, name, proof in ((two.a, "MARTAIN", "cni"), (two.b, "MARTINE", "")):
        with here:
            patients.amend_identity(two.jeanne, by=two.cast["sophie"], changes={"birth_name": name}, proof=proof)
    two.agree()
    with two.b:
        (question,) = [one for one in asked(two.cast["sophie"]) if one.part == "birth_name"]
        choose(question, "MARTAIN", by=two.cast["sophie"])
        found = Patient.objects.get()
        assert (found.birth_name, found.identity_status, found.ins) == ("MARTAIN", "provisoire", "")
    settled_alike(two)


def test_an_identity_proved_here_while_a_trait_changed_there_is_not_proved_without_a_word(two: Two) -> None:
    """The document that was looked at bore another name (RNIV)."""
    with two.a:
        patients.validate_identity(two.jeanne, by=two.cast["sophie"], proof="cni")
    with two.b:
        patients.amend_identity(two.jeanne, by=two.cast["sophie"], changes={"birth_name": "MARTINET"})
    two.agree()
    with two.a:
        (question,) = asked(two.cast["sophie"])
        assert question.label == "Statut de l’identité"
        choose(question, "Provisoire", by=two.cast["sophie"])
        found = Patient.objects.get()
        assert (found.birth_name, found.identity_status, found.identity_proof) == ("MARTINET", "provisoire", "")
    settled_alike(two)


def booked(two: Two) -> UUID:
    with two.a:
        found = agenda.book(two.jeanne, by=two.cast["sophie"], practitioner=two.cast["moreau"].member, start=at(9), minutes=15)
    two.agree()
    return found


def at(hour: int) -> datetime:
    return clock.now().replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=7)


def test_an_appointment_moved_differently_is_one_question_with_whole_answers(two: Two) -> None:
    appointment = booked(two)
    with two.a:
        agenda.move(appointment, by=two.cast["sophie"], start=at(14))
    with two.b:
        agenda.move(appointment, by=two.cast["sophie"], start=at(15), practitioner=two.cast["benali"].member)
    two.agree()
    with two.b:
        (question,) = asked(two.cast["sophie"])
        assert question.label == "Quand et avec qui"
        (earlier, later) = sorted(question.versions, key=lambda version: version.at)
        assert dict(later.values)["Avec"] == "Dr Karim BENALI"
        assert [one for one in question.versions if one.shown] == [later]
        settle(appointment, part=question.part, choice=earlier.key, seen=question.seen, by=two.cast["sophie"])
        assert Appointment.objects.get().start == at(14)
    settled_alike(two)


def test_two_appointments_at_one_hour_are_both_kept_and_told(two: Two) -> None:
    with two.a:
        paul = patients.register(by=two.cast["sophie"], birth_name="DURAND", first_given_name="Paul", birth_sex="M", despite=True)
    two.agree()
    who = two.cast["moreau"].member
    with two.a:
        agenda.book(two.jeanne, by=two.cast["sophie"], practitioner=who, start=at(9), minutes=20)
    with two.b:
        other = agenda.book(paul, by=two.cast["sophie"], practitioner=who, start=at(9) + timedelta(minutes=15), minutes=15)
        agenda.book(paul, by=two.cast["sophie"], practitioner=who, start=at(10), minutes=15)
    two.agree()
    for here in (two.a, two.b):
        with here:
            (found,) = queries.overlaps(reader=reader(two.cast["sophie"]))
            assert (found.practitioner, found.one.patient, found.other.appointment) == ("Dr Claire MOREAU", two.jeanne, other)
            assert queries.overlaps(reader=reader(two.cast["bruno"])) == ()
            assert queries.overlaps(reader=reader(two.cast["theo"])) == ()
    with two.b:
        agenda.move(other, by=two.cast["sophie"], start=at(11))
        assert queries.overlaps(reader=reader(two.cast["sophie"])) == ()


def test_two_states_of_one_appointment_are_a_question(two: Two) -> None:
    appointment = booked(two)
    for here, status in ((two.a, "cancelled"), (two.b, "noshow")):
        with here:
            agenda.set_status(appointment, by=two.cast["sophie"], status=status)
    two.agree()
    with two.a:
        (question,) = asked(two.cast["sophie"])
        assert {version.values for version in question.versions} == {(("État", "Annulé"),), (("État", "Absent"),)}
        choose(question, "Annulé", by=two.cast["sophie"])
        assert Appointment.objects.get().status == "cancelled"
    settled_alike(two)


def test_a_task_done_here_and_cancelled_there_is_asked_of_whose_it_is(two: Two) -> None:
    with two.a:
        task = tasks.add_task("Rappeler le laboratoire", by=two.cast["moreau"], patient=two.jeanne, to=two.cast["nadia"].member)
    two.agree()
    with two.a:
        tasks.complete(task, by=two.cast["nadia"])
    with two.b:
        tasks.cancel(task, by=two.cast["moreau"])
    two.agree()
    with two.b:
        assert asked(two.cast["benali"]) == []
        (question,) = asked(two.cast["nadia"])
        choose(question, "Faite", by=two.cast["nadia"])
        assert Task.objects.get().status == "completed"
    settled_alike(two)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_two_people_did_to_a_line_a_person_can_settle_it_and_both_machines_agree(two: Two, seed: int) -> None:
    dice = random.Random(seed)
    with two.a:
        line = clinical.add_allergy(
            two.jeanne, by=two.cast["moreau"], fields={"substance": "iode", "reaction": "urticaire", "note": "à relire"}
        )
    two.agree()
    for here, who in ((two.a, "moreau"), (two.b, "benali")):
        with here:
            for _ in range(dice.randint(1, 3)):
                do_something(line, two.cast[who], dice)
    two.agree()
    for _ in range(6):
        with dice.choice((two.a, two.b)):
            for question in asked(two.cast["moreau"])[:1]:
                choice = dice.choice([version.key for version in question.versions])
                settle(question.object, part=question.part, choice=choice, seen=question.seen, by=two.cast["moreau"])
        two.agree()
    for here in (two.a, two.b):
        with here:
            assert queries.waiting() == ()
    assert dump(two.a) == dump(two.b)


def do_something(line: UUID, by: Actor, dice: random.Random) -> None:
    what = dice.choice(("reaction", "note", "severity", "since", "remove", "restore"))
    if what == "remove":
        clinical.remove_line("allergy", line, by=by)
    elif what == "restore":
        clinical.restore_line("allergy", line, by=by)
    else:
        value = {"severity": dice.choice(("legere", "severe")), "since": str(dice.randint(1990, 2020))}.get(
            what, f"{what} {dice.randint(1, 99)}"
        )
        clinical.edit_allergy(line, by=by, fields={what: value})


def test_what_differs_in_bookkeeping_only_is_asked_of_nobody_and_counted_nowhere(two: Two) -> None:
    """Both removed it: who did it first is nobody's question."""
    with two.a:
        line = clinical.add_allergy(two.jeanne, by=two.cast["moreau"], fields={"substance": "pénicilline"})
    two.agree()
    for here, who in ((two.a, "moreau"), (two.b, "benali")):
        with here:
            clinical.remove_line("allergy", line, by=two.cast[who])
    two.agree()
    for here in (two.a, two.b):
        with here:
            assert conflicts.count() == 1
            assert asked(two.cast["moreau"]) == []
            assert queries.talks().to_settle == 0


# -- what a form that lies gets


def test_nothing_is_settled_that_was_not_shown(two: Two) -> None:
    """A third value comes while the form is open: it stays in question."""
    an_allergy_edited_twice(two)
    with two.a:
        (question,) = asked(two.cast["moreau"])
    c = two.a  # the same line is written again on the other machine, by who had seen one of the two
    with two.b:
        clinical.edit_allergy(question.object, by=two.cast["benali"], fields={"substance": "pénicilline", "reaction": "fièvre"})
    with c:
        choose(question, "œdème", by=two.cast["moreau"])
    two.agree()
    with two.a:
        (again,) = asked(two.cast["moreau"])
        assert {version.values[0][1] for version in again.versions} == {"œdème de Quincke", "fièvre"}
        choose(again, "fièvre", by=two.cast["moreau"])
    settled_alike(two)


def test_hashes_that_were_not_shown_settle_nothing(two: Two) -> None:
    an_allergy_edited_twice(two)
    for here, number in ((two.a, "0611111111"), (two.b, "0622222222")):
        with here:
            patients.amend_identity(two.jeanne, by=two.cast["sophie"], changes={"mobile": number})
    two.agree()
    with two.a:
        allergy, mobile = sorted(asked(two.cast["moreau"]), key=lambda one: one.kind)
        key, by = allergy.versions[0].key, two.cast["moreau"]
        for seen in ((), allergy.seen[:1], mobile.seen, (*allergy.seen, *mobile.seen), ("reaction:zz",), (f"reaction:{'00' * 32}",),
                     tuple(one.replace("reaction:", "substance:") for one in allergy.seen)):  # fmt: skip
            with pytest.raises(Refused):
                settle(allergy.object, part="reaction", choice=key, seen=seen, by=by)
        for choice in (mobile.versions[0].key, "", "zz", "typed", "keep", "ok"):
            with pytest.raises(Refused):
                settle(allergy.object, part="reaction", choice=choice, seen=allergy.seen, by=by)
        for part in ("substance", "sensitive", "removal", "reread", "patient_id", ""):
            with pytest.raises(Refused):
                settle(allergy.object, part=part, choice=key, seen=allergy.seen, by=by)
        with pytest.raises(Refused):
            settle(two.jeanne, part="reaction", choice=key, seen=allergy.seen, by=by)
        assert len(asked(by)) == 2


def test_a_form_sent_after_somebody_else_settled_is_told_so(two: Two) -> None:
    an_allergy_edited_twice(two)
    with two.a:
        (question,) = asked(two.cast["moreau"])
        choose(question, "œdème", by=two.cast["moreau"])
        with pytest.raises(Refused) as refused:
            choose(question, "choc", by=two.cast["benali"])
        assert refused.value.code == "conflict"


def test_what_is_reserved_to_its_author_is_counted_and_not_shown(two: Two) -> None:
    with two.a:
        line = clinical.add_history(two.jeanne, by=two.cast["moreau"], fields={"label": "IVG", "sensitive": True})
    two.agree()
    for here, note in ((two.a, "2009"), (two.b, "2010")):
        with here:
            clinical.edit_history(line, by=two.cast["moreau"], fields={"label": "IVG", "note": note})
    two.agree()
    with two.a:
        found = queries.settling(reader=reader(two.cast["benali"]))
        assert (found.questions, found.elsewhere) == ((), 1)
        (question,) = asked(two.cast["moreau"])
        with pytest.raises(Refused):
            choose(question, "2009", by=two.cast["benali"])
        choose(question, "2009", by=two.cast["moreau"])
    settled_alike(two)


def test_who_a_value_favours_does_not_choose_it(two: Two) -> None:
    """The médecin traitant reads what is sensitive: nobody makes themselves it by settling."""
    with two.a:
        patients.set_medecin_traitant(two.jeanne, by=two.cast["sophie"], member=two.cast["moreau"].member)
    with two.b:
        patients.set_medecin_traitant(two.jeanne, by=two.cast["sophie"], member=two.cast["benali"].member)
    two.agree()
    with two.a:
        (question,) = [one for who in ("moreau", "benali") for one in asked(two.cast[who])][:1]
        mine = {one.values[0][1]: one for one in question.versions}
        assert asked(two.cast["sophie"]) == []
        for who, name in (("moreau", "Dr Claire MOREAU"), ("benali", "Dr Karim BENALI")):
            with pytest.raises(Refused):
                settle(two.jeanne, part=question.part, choice=mine[name].key, seen=question.seen, by=two.cast[who])


def test_a_clock_that_was_wrong_is_marked(two: Two) -> None:
    with two.a:
        line = clinical.add_allergy(two.jeanne, by=two.cast["moreau"], fields={"substance": "pénicilline"})
    two.agree()
    with two.a:
        clinical.edit_allergy(line, by=two.cast["moreau"], fields={"substance": "pénicilline", "reaction": "urticaire"})
    with two.b, clock.override(offset=timedelta(days=3)):
        clinical.edit_allergy(line, by=two.cast["benali"], fields={"substance": "pénicilline", "reaction": "choc"})
    two.agree()
    with two.a:
        (question,) = asked(two.cast["moreau"])
        assert {version.values[0][1]: version.clock for version in question.versions} == {"urticaire": "", "choc": "far"}
