"""Whatever table was taken, and whatever was measured, a drawing has finite places inside its frame. Every table is made up."""

import datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from permanence.consultations import growth
from permanence.consultations.growth import LMS, Reference
from permanence.consultations.queries.curves import Plotted, _curve
from permanence.web.dossier import curves

AT = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
MONTHS = st.lists(st.integers(-60, 2400), min_size=2, max_size=9, unique=True).map(lambda found: [month / 10 for month in sorted(found)])


@settings(deadline=None, max_examples=150)
@example([-3.0, 0.0], 0, [(0.0, 3.2)])  # a table that ends at term, a child of the day
@given(MONTHS, st.integers(0, 1_200), st.lists(st.tuples(st.floats(-4, 250), st.floats(0.5, 150)), max_size=5))
def test_a_drawing_stays_in_its_frame(months: list[float], age: int, taken: list[tuple[float, float]]) -> None:
    table = tuple((month, LMS(0.5, 10 + place, 0.1)) for place, month in enumerate(months))
    reference = Reference("Essai", "2026", "", {("weight", "F"): table})
    scored = [(month, value, growth.z_score(reference, "weight", "F", month, value)) for month, value in sorted(taken)]
    points = [Plotted(AT, month, month < 0, value, z) for month, value, z in scored]
    curve = _curve(reference, "weight", "F", points)
    drawing = curves._drawing(curve, AT.date(), age, past=False)
    assert len(curve.points) + len(curve.early) + curve.later == len(points), "nothing disappears"
    assert drawing.lines
    for line in (*(line.path for line in drawing.lines), drawing.path):
        for place in line.split():
            x, y = map(float, place.split(","))
            assert curves.LEFT - 0.1 <= x <= curves.WIDTH - curves.RIGHT + 0.1
            assert curves.TOP - 0.1 <= y <= curves.HEIGHT - curves.BOTTOM + 0.1
    assert [tick.place for tick in drawing.xs] == sorted({tick.place for tick in drawing.xs})
