"""Codes, doses, current treatments, and the four states of allergies."""

import datetime

import pytest

from permanence.consultations import rules

NB = "\u00a0"
TODAY = datetime.date(2026, 11, 21)
T1, T2 = (datetime.datetime(2026, 1, day, tzinfo=datetime.UTC) for day in (1, 2))


@pytest.mark.parametrize(
    ("typed", "code"),
    [("e119", "E11.9"), ("E11.9", "E11.9"), ("I10", "I10"), (" m5456 ", "M54.56"), ("", ""), ("Z37.00", "Z37.00")],
)
def test_cim10_codes_are_put_in_their_written_form(typed, code):
    assert rules.cim10(typed) == code


@pytest.mark.parametrize("typed", ["11E", "E1", "E11.90000", "diabète", "E11;9"])
def test_what_is_not_a_cim10_code_is_refused(typed):
    with pytest.raises(rules.Refusal, match="CIM-10"):
        rules.cim10(typed)


@pytest.mark.parametrize(
    ("value", "scale", "unit", "shown"),
    [
        (25, 1, "mg", f"2,5{NB}mg"),
        (50, 1, "mg", f"5{NB}mg"),
        (5, 1, "mg", f"0,5{NB}mg"),
        (1000, 0, "mg", f"1\u202f000{NB}mg"),
        (75, 0, "µg", f"75{NB}microgrammes"),
        (10, 0, "UI", f"10{NB}unités"),
        (100, 0, "UI/mL", f"100{NB}unités/mL"),
        (1, 0, "", "1"),
    ],
)
def test_doses_have_no_trailing_zero_and_no_dangerous_abbreviation(value, scale, unit, shown):
    assert rules.dose(value, scale, unit) == shown


@pytest.mark.parametrize(
    ("end", "current"),
    [
        ("", True),
        ("21/11/2026", True),
        ("20/11/2026", False),
        ("2026", True),
        ("2025", False),
        ("11/2026", True),
        ("10/2026", False),
        ("vers 2027", True),
        ("illisible", False),
    ],
)
def test_a_treatment_is_current_until_its_end(end, current):
    assert rules.is_current(end, TODAY) is current


@pytest.mark.parametrize(
    ("readable", "any_live", "statement", "last_change", "state"),
    [
        (False, True, None, None, "indisponibles"),
        (True, True, rules.Statement(True, T2), T1, "connues"),
        (True, False, None, None, "non_renseignees"),
        (True, False, rules.Statement(True, T2), T1, "aucune"),
        (True, False, rules.Statement(True, T1), T2, "non_renseignees"),
        (True, False, rules.Statement(False, T2), None, "non_renseignees"),
    ],
)
def test_allergies_have_four_states_and_are_never_blank(readable, any_live, statement, last_change, state):
    found = rules.allergy_state(readable=readable, any_live=any_live, statement=statement, last_change=last_change)
    assert found == state
    assert rules.allergy_sentence(found, "21/11/2026").startswith(
        ("Allergies", "Aucune allergie connue (vérifié le 21/11/2026)")
    )
