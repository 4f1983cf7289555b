"""A practice with an agenda: two patients, a type, Monday to Friday mornings for Dr Moreau."""

import datetime
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from permanence.agenda import actions, rules, times
from permanence.journal.doors import Actor
from permanence.lib import clock
from permanence.patients import actions as patients

MONDAY = datetime.date(2026, 11, 23)


@pytest.fixture(autouse=True)
def at_eight() -> Iterator[datetime.date]:
    """The clock stands at 08:00 of a Monday, before anybody is hired: this week stays to come, whenever the tests are run."""
    with clock.override(times.instant(MONDAY, 8 * 60)):
        yield MONDAY


@pytest.fixture
def jeanne(moreau: Actor) -> UUID:
    return patients.register(by=moreau, birth_name="Martin", given_names="Jeanne", birth_date=datetime.date(1958, 7, 14), birth_sex="F")


@pytest.fixture
def paul(moreau: Actor) -> UUID:
    return patients.register(by=moreau, birth_name="Nguyen", given_names="Paul", birth_date=datetime.date(2022, 2, 3), birth_sex="M")


@pytest.fixture
def book(moreau: Actor) -> Callable[..., UUID]:
    """`book(patient, "08:15")`: with Dr Moreau on that Monday, by her unless `by` says otherwise."""

    def made(patient: UUID, hour: str = "08:15", *, by: Actor = moreau, day: datetime.date = MONDAY, **more: object) -> UUID:
        who = more.pop("practitioner", moreau.member)
        return actions.book(
            patient,
            by=by,
            practitioner=who,
            start=times.instant(day, times.parse_hour(hour)),  # type: ignore[arg-type]
            **more,
        )  # type: ignore[arg-type]

    return made


@pytest.fixture
def mornings(moreau: Actor) -> None:
    """Monday to Friday, 8 to 12 by appointment, 12 to 13 without."""
    assert moreau.member is not None
    for weekday in range(1, 6):
        actions.open_hours(by=moreau, practitioner=moreau.member, weekday=weekday, from_minute=480, to_minute=720)
        actions.open_hours(by=moreau, practitioner=moreau.member, weekday=weekday, from_minute=720, to_minute=780, kind="walk-in")


@pytest.fixture
def kind(moreau: Actor) -> Callable[..., UUID]:
    """`kind("Suivi", minutes=20, new_patients=False)`: a type with these rules."""

    def made(name: str = "Suivi", *, minutes: int = 15, **limits: object) -> UUID:
        return actions.save_type(by=moreau, name=name, minutes=minutes, limits=rules.Limits(**limits))  # type: ignore[arg-type]

    return made
