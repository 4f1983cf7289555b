"""A form that does the same thing several times does each of them, and none of them twice."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from permanence.agenda.models import Opening
from permanence.consultations.models import Measure
from permanence.journal.doors import Actor


def test_each_measure_of_a_line_is_kept_once(visit: Any, moreau: Actor, jeanne: UUID) -> None:
    before = set(Measure.objects.filter(patient_id=jeanne).values_list("id", flat=True))
    form = {"line": "TA 148/86 P 82 T 168", "once": str(uuid4())}
    for _ in range(2):  # the answer was lost: the same form is sent again
        assert visit(moreau, f"/patients/{jeanne}/mesures/", form).status_code == 303
        made = Measure.objects.filter(patient_id=jeanne).exclude(id__in=before)
        assert sorted(made.values_list("code", flat=True)) == ["29463-7", "8302-2", "85354-9"]


@pytest.mark.usefixtures("jeanne")
def test_hours_of_several_days_are_opened_on_each_day_once(visit: Any, moreau: Actor) -> None:
    form = {"practitioner": str(moreau.member), "weekdays": ["1", "3", "5"], "start": "8h", "end": "12h", "kind": "appointments",
            "once": str(uuid4())}  # fmt: skip
    for _ in range(2):
        assert visit(moreau, "/agenda/reglages/plage/", form).status_code == 303
        assert sorted(Opening.objects.values_list("weekday", flat=True)) == [1, 3, 5]
