"""Dr Moreau leaves in two days for twelve; Dr Petit, whose access ends with them, replaces her and works in her agenda."""

import datetime
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest

from permanence.accounts import permissions
from permanence.agenda import actions as agenda
from permanence.agenda import times
from permanence.journal.doors import Actor
from permanence.lib import clock
from tests.patients.conftest import jeanne, opened, register

__all__ = ["jeanne", "opened", "register"]
FIRST = permissions.today() + datetime.timedelta(days=2)
LAST = FIRST + datetime.timedelta(days=11)
At = Callable[..., AbstractContextManager[None]]


def at(day: datetime.date, hour: int = 9) -> AbstractContextManager[None]:
    """The clock at that day and hour, in Paris."""
    return clock.override(times.instant(day, hour * 60))


@pytest.fixture
def replacement(moreau: Actor, petit: Actor) -> UUID:
    assert moreau.member is not None
    assert petit.member is not None
    start, end = times.bounds(FIRST)[0], times.bounds(LAST)[1]
    return agenda.be_away(by=moreau, practitioner=moreau.member, start=start, end=end, reason="Congés", replacement=petit.member)
