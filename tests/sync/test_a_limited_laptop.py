"""The laptop of one doctor's visits: it holds the keys of that doctor's patients and of nobody else, works, and hands in what it wrote."""

import pytest

from permanence.consultations import actions as clinical
from permanence.consultations.models import Note
from permanence.journal import keys, verify
from permanence.patients import actions as patients
from permanence.patients.models import Patient
from permanence.sync import entrusting, queries
from tests.sync.limited import Visits, take, visits
from tests.sync.machines import Machines
from tests.sync.practice_life import Two


@pytest.fixture
def away(two: Two, machines: Machines) -> Visits:
    return visits(two, machines)


def test_first(away: Visits) -> None:
    with away.office:
        paul = patients.register(by=away.two.cast["sophie"], birth_name="DURAND", first_given_name="Paul", birth_sex="M", despite=True)
    away.meet()
    with away.laptop:
        assert list(Patient.objects.values_list("birth_name", flat=True)) == ["MARTIN"]
        assert queries.is_elsewhere(paul)
        assert keys.held() == 1
        assert not verify.verify(full=True).findings
