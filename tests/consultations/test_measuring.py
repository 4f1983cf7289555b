"""Measures: what a typed line gives, what is implausible, and a body mass index without floats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.consultations import measuring as m

NB = "\u00a0"


def shown(line):
    read = m.read_line(line)
    return [m.shown(loinc, values) for loinc, values in read.measures], read.rest


@pytest.mark.parametrize(
    ("line", "found", "rest"),
    [
        ("TA 148/86 P 82 T 176", [f"148/86{NB}mmHg", f"82{NB}kg", f"176{NB}cm"], ""),
        ("ta 14/8", [f"140/80{NB}mmHg"], ""),
        ("TA: 13,5/8", [f"135/80{NB}mmHg"], ""),
        ("P 72,50 T 1,76", [f"72,5{NB}kg", f"176{NB}cm"], ""),
        ("P 3450 g T 50", [f"3,45{NB}kg", f"50{NB}cm"], ""),
        ("T 38,5", [f"38,5{NB}°C"], ""),
        ("T 38 T 176", [f"38{NB}°C", f"176{NB}cm"], ""),
        ("T° 37.2 SpO2 98 % FC 72", [f"37,2{NB}°C", f"98{NB}%", f"72{NB}/min"], ""),
        ("pouls=64; sat 97, PC 42,5", [f"64{NB}/min", f"97{NB}%", f"42,5{NB}cm"], ""),
        ("gly 1,10 eva 7/10", [f"1,1{NB}g/L"], "eva 7/10"),
        ("Poids 82kg taille 176cm.", [f"82{NB}kg", f"176{NB}cm"], "."),
        ("bonjour", [], "bonjour"),
        ("", [], ""),
    ],
)
def test_a_typed_line_gives_measures_and_says_what_it_did_not_understand(line, found, rest):
    try:
        assert shown(line) == (found, rest)
    except m.Implausible:
        assert "eva" in line


@pytest.mark.parametrize("line", ["TA 86/148", "TA 500/80", "P 900", "T 5", "SpO2 120", "TA 120", "T° 60", "FC 2"])
def test_what_no_living_body_has_is_refused(line):
    with pytest.raises(m.Implausible):
        m.read_line(line)


def test_both_pressures_are_one_measure():
    ((loinc, values),) = m.read_line("TA 148/86").measures
    assert loinc == "85354-9"
    assert values == (("8480-6", 148, 0), ("8462-4", 86, 0))
    with pytest.raises(m.Implausible, match="148/86"):
        m.check(m.PRESSURE, [("8480-6", 148, 0)])
    with pytest.raises(m.Implausible, match="inconnue"):
        m.check("0-0", [("0-0", 1, 0)])


@pytest.mark.parametrize(
    ("weight", "height", "found"),
    [((725, 1), (176, 0), (234, 1)), ((82, 0), (1765, 1), (263, 1)), ((345, 2), (50, 0), (138, 1)), ((80, 0), (0, 0), None)],
)
def test_the_body_mass_index_is_exact(weight, height, found):
    assert m.bmi(weight, height) == found


@given(st.integers(3, 400), st.integers(40, 250))
def test_the_body_mass_index_is_the_rounded_quotient(weight, height):
    tenths, scale = m.bmi((weight, 0), (height, 0))
    assert scale == 1
    assert abs(tenths * height * height - weight * 100_000) * 2 <= height * height


@given(st.text(max_size=60))
def test_no_line_breaks_the_reading(line):
    try:
        read = m.read_line(line)
    except m.Implausible as refused:
        assert str(refused)  # noqa: PT017
    else:
        assert all(m.check(loinc, values) == values for loinc, values in read.measures)
