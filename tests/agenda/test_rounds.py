"""A round of home visits: added in one gesture, in an order that one changes, with or without an hour, each practitioner's own."""

import datetime
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.agenda import actions, queries, rules, times
from permanence.agenda.models import Appointment
from permanence.journal.doors import Actor, Reader, Refused
from permanence.patients import actions as patients
from tests.agenda.conftest import MONDAY

Book, Read = Callable[..., UUID], Callable[..., Reader]
stop = st.builds(rules.Stop, st.uuids(), st.none() | st.integers(1, 9), st.none() | st.integers(0, 1439))
stops = st.lists(stop, max_size=9, unique_by=lambda one: one.id)


@given(stops)
def test_every_visit_stands_once_and_those_that_somebody_placed_stand_first_in_their_order(found: list[rules.Stop]) -> None:
    order = rules.round_order(found)
    assert sorted(order) == sorted(one.id for one in found)
    known = {one.id: one for one in found}
    placed = [known[id].rank for id in order]
    assert placed == sorted(rank for rank in placed if rank is not None) + [None] * placed.count(None)
    assert order == rules.round_order(reversed(found))


@given(st.lists(st.uuids(), min_size=2, max_size=9, unique=True), st.data())
def test_a_step_and_its_return_leave_the_round_as_it_was(order: list[UUID], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(order) - 2))
    later = rules.stepped(order, order[at], 1)
    assert later[at + 1] == order[at]
    assert rules.stepped(later, order[at], -1) == order
    assert rules.stepped(order, order[0], -1) == order  # at the end it stays
    assert rules.stepped(order, order[-1], 1) == order


def order(reader: Reader, who: Actor) -> list[UUID | None]:
    assert who.member is not None
    return [one.patient for one in queries.visits(MONDAY, who.member, reader=reader)]


def test_a_patient_is_put_on_todays_round_last_without_an_hour(
    book: Book, jeanne: UUID, paul: UUID, moreau: Actor, reader: Read, at_eight: object
) -> None:
    book(jeanne, "18:00", home_visit=True)
    made = Appointment.objects.get(id=actions.add_visit(paul, by=moreau))
    assert (made.no_hour, made.home_visit, made.practitioner_id) == (True, True, moreau.member)
    assert times.wall(made.start) == (MONDAY, 0)  # type: ignore[arg-type]
    assert order(reader(moreau), moreau) == [jeanne, paul]


def test_how_one_enters_is_that_of_the_last_visit(book: Book, jeanne: UUID, moreau: Actor, at_eight: object) -> None:
    book(jeanne, "18:00", home_visit=True, place="Code 17A3", day=MONDAY - datetime.timedelta(days=9))
    assert Appointment.objects.get(id=actions.add_visit(jeanne, by=moreau)).place == "Code 17A3"


def test_who_is_in_the_round_is_not_added_twice_unless_they_were_cancelled(jeanne: UUID, moreau: Actor, at_eight: object) -> None:
    first = actions.add_visit(jeanne, by=moreau)
    with pytest.raises(Refused, match="déjà dans la tournée"):
        actions.add_visit(jeanne, by=moreau)
    actions.set_status(first, by=moreau, status="cancelled")
    assert actions.add_visit(jeanne, by=moreau)


def test_keys_change_the_order_and_only_what_moved_is_written(
    jeanne: UUID, paul: UUID, moreau: Actor, reader: Read, at_eight: object
) -> None:
    third = patients.register(by=moreau, birth_name="Roux", given_names="Anne", birth_date=datetime.date(1940, 1, 1), birth_sex="F")
    made = {one: actions.add_visit(one, by=moreau) for one in (jeanne, paul, third)}
    actions.step_visit(made[third], by=moreau, step=-1)
    assert order(reader(moreau), moreau) == [jeanne, third, paul]
    actions.step_visit(made[jeanne], by=moreau, step=-1)
    assert order(reader(moreau), moreau) == [jeanne, third, paul]
    actions.step_visit(made[jeanne], by=moreau, step=1)
    assert order(reader(moreau), moreau) == [third, jeanne, paul]


def test_a_remplacant_drives_the_round_of_whom_they_replace(
    jeanne: UUID, moreau: Actor, petit: Actor, reader: Read, at_eight: object
) -> None:
    actions.add_visit(jeanne, by=petit)
    assert order(reader(moreau), moreau) == [jeanne]


def test_who_has_no_agenda_books_with_somebody(jeanne: UUID, sophie: Actor, moreau: Actor, theo: Actor, at_eight: object) -> None:
    with pytest.raises(Refused, match="pas d’agenda"):
        actions.add_visit(jeanne, by=sophie)
    id = actions.add_visit(jeanne, by=sophie, practitioner=moreau.member)
    with pytest.raises(Refused):
        actions.step_visit(id, by=theo, step=1)
    with pytest.raises(Refused):
        actions.step_visit(uuid4(), by=moreau, step=1)


def test_a_visit_that_is_given_an_hour_stands_at_it_and_taken_back_returns_to_the_round(
    jeanne: UUID, moreau: Actor, at_eight: object
) -> None:
    id = actions.add_visit(jeanne, by=moreau)
    undo = actions.move(id, by=moreau, start=times.instant(MONDAY, 1080))
    assert not Appointment.objects.get(id=id).no_hour
    actions.take_back(id, by=moreau, undo=undo)
    assert Appointment.objects.get(id=id).no_hour


def test_a_visit_without_an_hour_takes_no_time_of_the_day(
    jeanne: UUID, moreau: Actor, mornings: None, reader: Read, at_eight: object
) -> None:
    assert moreau.member is not None
    actions.open_hours(by=moreau, practitioner=moreau.member, weekday=1, from_minute=0, to_minute=60)
    actions.add_visit(jeanne, by=moreau, day=MONDAY + datetime.timedelta(days=7))
    [free] = queries.free(30, reader=reader(moreau), practitioners=[moreau.member], first=MONDAY + datetime.timedelta(days=7), most=1)
    assert times.wall(free.start)[1] == 0
    [next] = queries.next_of(jeanne, reader=reader(moreau))
    assert next.no_hour


def test_todays_visit_is_the_next_appointment_until_the_evening(jeanne: UUID, moreau: Actor, reader: Read, at_eight: object) -> None:
    actions.add_visit(jeanne, by=moreau)  # its instant is midnight, and it is eight
    assert queries.next_of(jeanne, reader=reader(moreau))


def test_a_visit_without_an_hour_stays_a_home_visit_until_it_has_one(jeanne: UUID, moreau: Actor, at_eight: object) -> None:
    id = actions.add_visit(jeanne, by=moreau)
    with pytest.raises(Refused, match="donner d’abord une heure"):
        actions.edit(id, by=moreau, changes={"home_visit": False})
    assert Appointment.objects.get(id=id).home_visit
    actions.move(id, by=moreau, start=times.instant(MONDAY, 1080))
    actions.edit(id, by=moreau, changes={"home_visit": False})
    assert not Appointment.objects.get(id=id).home_visit


def test_who_reads_their_own_agenda_only_is_given_no_colleagues_door_code(book: Book, jeanne: UUID, theo: Actor, at_eight: object) -> None:
    """Attack: a physiotherapist adds a visit to read how a doctor enters there."""
    book(jeanne, "18:00", home_visit=True, place="Code 17A3", day=MONDAY - datetime.timedelta(days=9))
    assert Appointment.objects.get(id=actions.add_visit(jeanne, by=theo)).place == ""
    earlier = actions.add_visit(jeanne, by=theo, day=MONDAY - datetime.timedelta(days=2), place="Sonner deux fois")
    later = actions.add_visit(jeanne, by=theo, day=MONDAY + datetime.timedelta(days=2))
    assert Appointment.objects.get(id=earlier).place == Appointment.objects.get(id=later).place == "Sonner deux fois"


def test_a_visit_moved_to_another_day_stands_last_there_and_taken_back_finds_its_place(
    jeanne: UUID, paul: UUID, moreau: Actor, reader: Read, at_eight: object
) -> None:
    monday = [actions.add_visit(one, by=moreau) for one in (paul, jeanne)]
    friday = MONDAY - datetime.timedelta(days=3)
    third = patients.register(by=moreau, birth_name="Roux", given_names="Anne", birth_date=datetime.date(1940, 1, 1), birth_sex="F")
    moved = actions.add_visit(third, by=moreau, day=friday)
    undo = actions.move(moved, by=moreau, start=times.bounds(MONDAY)[0])
    assert order(reader(moreau), moreau) == [paul, jeanne, third]
    assert Appointment.objects.get(id=moved).round_rank is None
    actions.take_back(moved, by=moreau, undo=undo)
    assert Appointment.objects.get(id=moved).round_rank == 1
    assert [Appointment.objects.get(id=id).round_rank for id in monday] == [1, 2]
