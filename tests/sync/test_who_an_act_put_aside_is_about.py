"""Whoever decides of what a revoked machine wrote is told whose files it is about, as far as those are open to them, and that is traced."""

from datetime import date
from uuid import UUID

import pytest

from permanence.consultations import actions as clinical
from permanence.journal.categories import Category, Level
from permanence.patients import actions as patients
from permanence.patients.permissions import ProtectionGate
from permanence.sync import actions, queries
from tests.cast import reader_for
from tests.sync.practice_life import Two, introduce, reader
from tests.sync.test_machines_as_people_see_them import b_of, hears


@pytest.fixture
def revoked(two: Two) -> Two:
    introduce(two)
    with two.a:
        actions.revoke_replica(b_of(two).id, by=two.cast["moreau"])
    return two


def aside(two: Two, who: str = "moreau") -> tuple[queries.Kept, ...]:
    hears(two.a, two.b)
    with two.a:
        return queries.kept_aside(b_of(two).id, reader=reader(two.cast[who]))


def test_the_patient_is_named_and_counts_as_listed(revoked: Two) -> None:
    with revoked.b:
        note = clinical.sign_note(revoked.jeanne, by=revoked.cast["petit"], fields={"motif": "Visite", "text": "Chute sans gravité."})
    hears(revoked.a, revoked.b)
    with revoked.a:
        who = reader_for(revoked.cast["moreau"], ProtectionGate())
        (act,) = queries.kept_aside(b_of(revoked).id, reader=who)
        assert (act.patients, act.closed, act.absent) == ((revoked.jeanne,), 0, 0)
        (served,) = who.close().patients
        assert served.patient == revoked.jeanne
        assert served.levels == ((int(Level.LISTED), 1 << Category.NOTES),)
        assert served.objects == (note,)


def test_what_is_reserved_names_nobody_to_others(revoked: Two) -> None:
    with revoked.b:
        clinical.add_allergy(revoked.jeanne, by=revoked.cast["petit"], fields={"substance": "latex", "sensitive": True})
    (act,) = aside(revoked, "benali")
    assert (act.what, act.patients, act.closed) == (("Allergie",), (), 1)


def test_a_private_note_names_nobody_but_to_its_author(revoked: Two) -> None:
    with revoked.b:
        clinical.add_private_note(revoked.jeanne, by=revoked.cast["moreau"], text="À moi.")
    (act,) = aside(revoked, "moreau")
    assert act.patients == (revoked.jeanne,)
    (act,) = aside(revoked, "benali")
    assert (act.patients, act.closed) == ((), 1)


def test_a_patient_of_that_machine_alone_is_counted(revoked: Two) -> None:
    with revoked.b:
        made: UUID = patients.register(by=revoked.cast["petit"], birth_name="DURAND", first_given_name="Rose", birth_sex="F",
                                       birth_date=date(1990, 2, 3), despite=True)  # fmt: skip
        clinical.add_allergy(made, by=revoked.cast["petit"], fields={"substance": "latex"})
    first, second = aside(revoked)
    assert [(one.patients, one.closed, one.absent) for one in (first, second)] == [((), 0, 1)] * 2


def test_what_is_in_nobodys_file_names_nobody(revoked: Two) -> None:
    with revoked.b:
        actions.rename_replica(UUID(bytes=revoked.b.replica), name="À moi", by=revoked.cast["moreau"])
    assert [(one.patients, one.closed, one.absent) for one in aside(revoked)] == [((), 0, 0)]
