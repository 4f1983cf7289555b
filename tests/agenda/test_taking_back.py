"""Taking a gesture back: never over what somebody else did meanwhile, and the waiting room keeps its order."""

import datetime
from collections.abc import Callable
from uuid import UUID

import pytest

from permanence.agenda import actions, times
from permanence.agenda.actions import Undo
from permanence.agenda.models import Appointment
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from tests.agenda.conftest import MONDAY

Book = Callable[..., UUID]


def row(id: UUID) -> Appointment:
    return Appointment.objects.get(id=id)


def test_an_old_undo_does_not_erase_what_a_colleague_did(book: Book, jeanne: UUID, sophie: Actor, moreau: Actor) -> None:
    id = book(jeanne)
    undo = actions.set_status(id, by=sophie, status="arrived")
    actions.set_status(id, by=moreau, status="in-progress")
    before = row(id)
    with pytest.raises(Refused, match="a changé depuis") as refused:
        actions.take_back(id, by=sophie, undo=undo)
    assert refused.value.code == "conflict"
    after = row(id)
    assert (after.status, after.arrived_at, after.started_at) == ("in-progress", before.arrived_at, before.started_at)


def test_an_old_move_is_not_taken_back_over_a_later_one(book: Book, jeanne: UUID, sophie: Actor, moreau: Actor) -> None:
    id = book(jeanne)
    undo = actions.move(id, by=sophie, start=times.instant(MONDAY, 600))
    actions.move(id, by=moreau, start=times.instant(MONDAY, 660))
    with pytest.raises(Refused, match="a changé depuis"):
        actions.take_back(id, by=sophie, undo=undo)
    assert row(id).start == times.instant(MONDAY, 660)


def test_who_is_put_back_by_mistake_keeps_their_place_in_the_room(
    book: Book, jeanne: UUID, sophie: Actor, at_eight: object
) -> None:
    id = book(jeanne)
    actions.set_status(id, by=sophie, status="arrived")
    since = row(id).arrived_at
    with clock.override(clock.now() + datetime.timedelta(minutes=25)):
        undo = actions.set_status(id, by=sophie, status="booked")
        assert row(id).arrived_at is None
        actions.take_back(id, by=sophie, undo=undo)
    assert (row(id).status, row(id).arrived_at) == ("arrived", since)


def test_an_invented_arrival_is_not_believed(book: Book, jeanne: UUID, sophie: Actor, at_eight: object) -> None:
    """Attack: an undo made by hand would put its patient first in the waiting room."""
    id = book(jeanne)
    actions.set_status(id, by=sophie, status="arrived")
    undo = Undo.read(actions.set_status(id, by=sophie, status="booked"))
    for arrived in (int(clock.now().timestamp()) + 3600, int(clock.now().timestamp()) - 90_000, -5):
        forged = Undo(undo.before._replace(arrived=arrived), undo.after)
        actions.take_back(id, by=sophie, undo=str(forged))
        assert row(id).arrived_at == clock.now()
        actions.set_status(id, by=sophie, status="booked")


def test_what_comes_from_another_agenda_is_not_moved_by_an_undo(book: Book, jeanne: UUID, sophie: Actor) -> None:
    """Attack: the undo of a gesture is made to carry another place."""
    id = book(jeanne)

    @action
    def imported(*, by: Actor) -> None:
        found = row(id)
        found.read_only = True
        found.save()

    imported(by=sophie)
    undo = Undo.read(actions.set_status(id, by=sophie, status="arrived"))
    for before in (undo.before._replace(start=undo.before.start + 3600), undo.before._replace(status="cancelled")):
        with pytest.raises(Refused, match="autre agenda"):
            actions.take_back(id, by=sophie, undo=str(Undo(before, undo.after)))
    actions.take_back(id, by=sophie, undo=str(undo))
    assert row(id).status == "booked"


def test_a_booking_is_taken_back_while_nobody_touched_it(book: Book, jeanne: UUID, sophie: Actor, moreau: Actor) -> None:
    id, other = book(jeanne), book(jeanne, "10:00")
    start = row(id).start
    actions.unbook(id, by=sophie, start=start)
    assert row(id).status == "entered-in-error"
    actions.move(other, by=moreau, start=times.instant(MONDAY, 660))
    with pytest.raises(Refused, match="a changé depuis"):
        actions.unbook(other, by=sophie, start=times.instant(MONDAY, 600))
    assert row(other).status == "booked"


def test_a_move_taken_back_keeps_why_a_rule_was_left(
    book: Book, jeanne: UUID, sophie: Actor, mornings: None, kind: Callable[..., UUID], at_eight: object
) -> None:
    type = kind(hours=((1, 480, 600),))
    id = book(jeanne, "11:00", type=type, despite=["hours"], waived_reason="Accord du praticien")
    undo = actions.move(id, by=sophie, start=times.instant(MONDAY, 540))
    assert row(id).waived_reason == ""
    actions.take_back(id, by=sophie, undo=undo)
    assert (row(id).waived_rules, row(id).waived_reason) == (["hours"], "Accord du praticien")


def test_who_is_put_back_by_mistake_stays_cancelled_for_the_reason_that_was_said(book: Book, jeanne: UUID, sophie: Actor) -> None:
    id = book(jeanne)
    actions.set_status(id, by=sophie, status="cancelled", reason="Grippe")
    undo = actions.set_status(id, by=sophie, status="booked")
    assert row(id).status_reason == ""
    actions.take_back(id, by=sophie, undo=undo)
    assert (row(id).status, row(id).status_reason) == ("cancelled", "Grippe")
    actions.take_back(id, by=sophie, undo=str(Undo(Undo.read(undo).after, Undo.read(undo).before)))
    assert (row(id).status, row(id).status_reason) == ("booked", "")
