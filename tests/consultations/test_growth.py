"""Growth against the WHO's own published figures: LMS rows, percentiles as printed on its tables, corrected age."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permanence.consultations import growth


@pytest.mark.parametrize(("kind", "sex", "month", "row"), [
    ("weight", "M", 0, (0.3487, 3.3464, 0.14602)), ("weight", "M", 12, (0.0644, 9.6479, 0.10925)),
    ("weight", "F", 0, (0.3809, 3.2322, 0.14171)), ("length", "M", 12, (1, 75.7488, 0.03137)),
    ("length", "F", 0, (1, 49.1477, 0.0379)), ("head", "M", 0, (1, 34.4618, 0.03686)), ("head", "F", 12, (1, 44.8965, 0.03027)),
    ("bmi", "M", 0, (-0.3053, 13.4069, 0.0956))])
def test_the_tables_hold_the_published_rows(kind: str, sex: str, month: int, row: tuple[float, float, float]) -> None:
    found = growth.who().lms(kind, sex, month)
    assert found is not None
    assert (found.power, found.median, found.variation) == row


# Printed tables of the WHO, one decimal: P3, P15, P50, P85, P97.
@pytest.mark.parametrize(("kind", "sex", "month", "printed"), [
    ("weight", "M", 0, (2.5, 2.9, 3.3, 3.9, 4.3)), ("weight", "M", 12, (7.8, 8.6, 9.6, 10.8, 11.8)),
    ("weight", "F", 24, (9.2, 10.1, 11.5, 13.1, 14.6)), ("length", "M", 12, (71.3, 73.3, 75.7, 78.2, 80.2)),
    ("length", "F", 6, (61.5, 63.4, 65.7, 68.1, 70.0)), ("head", "M", 0, (32.1, 33.1, 34.5, 35.8, 36.9)),
    ("head", "F", 12, (42.3, 43.5, 44.9, 46.3, 47.5)), ("bmi", "F", 0, (11.2, 12.1, 13.3, 14.7, 15.9))])
def test_percentiles_are_those_that_the_who_prints(kind: str, sex: str, month: int, printed: tuple[float, ...]) -> None:
    lms = growth.who().lms(kind, sex, month)
    assert lms is not None
    assert tuple(round(lms.at(growth.z_of(percent)), 1) for percent in growth.PERCENTILES) == printed


def test_each_kind_has_both_sexes_over_sixty_months() -> None:
    assert {(kind, sex) for kind in growth.KINDS for sex in "FM"} == set(growth.who().tables)
    assert all([month for month, _ in rows] == list(range(61)) for rows in growth.who().tables.values())


@settings(deadline=None)  # a loaded machine is no failure
@given(st.sampled_from([*growth.KINDS]), st.sampled_from("FM"), st.floats(0, 60), st.floats(-2.99, 2.99))
def test_a_z_score_gives_back_its_measure(kind: str, sex: str, months: float, z: float) -> None:
    lms = growth.who().lms(kind, sex, months)
    assert lms is not None
    found = growth.z_score(growth.who(), kind, sex, months, lms.at(z))
    assert found == pytest.approx(z, abs=1e-6)


def test_far_out_weight_follows_the_restricted_method() -> None:
    lms = growth.who().lms("weight", "M", 12)
    assert lms is not None
    step = lms.at(3) - lms.at(2)
    assert growth.z_score(growth.who(), "weight", "M", 12, lms.at(3) + step) == pytest.approx(4)
    assert growth.z_score(growth.who(), "weight", "M", 12, lms.at(-3) - (lms.at(-2) - lms.at(-3))) == pytest.approx(-4)


def test_outside_the_table_nothing_is_said() -> None:
    for months in (-0.1, 60.1):
        assert growth.z_score(growth.who(), "weight", "M", months, 9) is None
    assert growth.z_score(growth.who(), "weight", "U", 3, 9) is None
    assert growth.z_score(growth.who(), "weight", "M", 3, 0) is None


def test_a_preterm_childs_age_is_corrected_until_two_years() -> None:
    ten_weeks_early = 280 - 70
    assert growth.age_on(70, ten_weeks_early) == growth.Age(0, True)
    assert growth.age_on(365, ten_weeks_early).months == pytest.approx((365 - 70) / 30.4375)
    assert growth.age_on(731, ten_weeks_early) == growth.Age(731 / 30.4375, False)
    assert not growth.age_on(100, 259).corrected, "37 weeks is term"
    assert not growth.age_on(100, None).corrected
