"""What explains that a file is opened, and what open screens hear of: ids and states only."""

import datetime
from collections.abc import Callable
from uuid import UUID

from permanence.agenda import actions, times
from permanence.journal import registry
from permanence.journal.doors import Actor
from permanence.lib import clock
from tests.agenda.conftest import MONDAY

Book = Callable[..., UUID]


def explained(reason: str, by: Actor, patient: UUID) -> bool:
    assert by.member is not None
    return registry.finders()[reason](by.member, patient)


def test_todays_and_yesterdays_patient_of_a_doctor_is_explained_by_the_appointment(
    book: Book, jeanne: UUID, moreau: Actor, petit: Actor, benali: Actor, at_eight: object
) -> None:
    assert not explained("appointment", moreau, jeanne)
    book(jeanne)
    assert explained("appointment", moreau, jeanne)
    assert explained("appointment", petit, jeanne)  # works in that agenda
    assert not explained("appointment", benali, jeanne)
    with clock.override(times.instant(MONDAY + datetime.timedelta(days=1), 600)):
        assert explained("appointment", moreau, jeanne)
    with clock.override(times.instant(MONDAY + datetime.timedelta(days=2), 600)):
        assert not explained("appointment", moreau, jeanne)


def test_a_cancelled_appointment_explains_nothing(book: Book, jeanne: UUID, moreau: Actor, at_eight: object) -> None:
    actions.set_status(book(jeanne), by=moreau, status="cancelled")
    assert not explained("appointment", moreau, jeanne)


def test_who_waits_explains_an_opening_by_anybody_until_they_are_seen(
    book: Book, jeanne: UUID, moreau: Actor, benali: Actor, at_eight: object
) -> None:
    id = book(jeanne)
    assert not explained("waiting_room", benali, jeanne)
    actions.set_status(id, by=moreau, status="arrived")
    assert explained("waiting_room", benali, jeanne)
    actions.set_status(id, by=moreau, status="fulfilled")
    assert not explained("waiting_room", benali, jeanne)


def test_open_screens_hear_of_the_agenda_card_by_card_and_of_its_frame_apart() -> None:
    assert {registry.topic_of(f"agenda.{name}") for name in ("Appointment", "Slot")} == {"agenda"}
    # No card bears the id of an absence: a screen that asked for it would ask in vain.
    assert {registry.topic_of(f"agenda.{name}") for name in ("Opening", "Absence", "AppointmentType")} == {"agenda-frame"}
