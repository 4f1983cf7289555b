"""NIR, RPPS and places of birth: what is accepted, what is refused, and what the sentence says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.lib import identifiers as ids


@pytest.mark.parametrize("typed", ["2 95 10 99 126 111 93", "295109912611193", "2-95-10-99-126-111/93"])
def test_a_nir_is_read_however_it_is_spaced(typed):
    nir = ids.check_nir(typed)
    assert (nir.value, nir.sex, nir.year, nir.month, nir.birth_place) == ("295109912611193", "F", 95, 10, "99126")


def test_corsica_keeps_its_letters():
    assert ids.check_nir("253072a07300443").birth_place == "2A073"
    assert ids.check_nir("253072B07300470").birth_place == "2B073"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("295109912611192", "clé"),
        ("2951099126111", "Il manque la clé"),
        ("29510991261119", "15 caractères"),
        ("253072C07300443", "forme"),
        ("", "15 caractères"),
        ("595109912611138", "premier chiffre"),
    ],
)
def test_a_wrong_nir_says_what_to_check(typed, says):
    if typed.startswith("5"):
        typed = typed[:13] + ids.nir_key(typed[:13])
    with pytest.raises(ids.Invalid, match=says):
        ids.check_nir(typed)


@given(
    st.from_regex(r"[12][0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[1-8][0-9]|2A|2B)[0-9]{6}", fullmatch=True),
    st.integers(0, 14),
    st.integers(1, 9),
)
def test_one_changed_digit_never_passes(number, place, shift):
    good = number + ids.nir_key(number)
    assert ids.check_nir(good).value == good
    if good[place].isdecimal() and place not in (5, 6):
        bad = good[:place] + str((int(good[place]) + shift) % 10) + good[place + 1 :]
        with pytest.raises(ids.Invalid):
            ids.check_nir(bad)


def test_a_nir_is_shown_in_groups_that_do_not_break():
    assert ids.format_nir("258071411802547") == "2 58 07 14 118 025 47".replace(" ", "\u00a0")
    assert ids.format_nir("abc") == "abc"


def test_rpps_numbers_have_a_luhn_key():
    good = next(str(n) for n in range(10100000000, 10100000010) if _luhn(str(n)))
    assert ids.check_rpps(f" {good[:5]} {good[5:]}") == good
    for bad in (good[:-1] + str((int(good[-1]) + 1) % 10), good[:-1], "abc"):
        with pytest.raises(ids.Invalid, match="RPPS"):
            ids.check_rpps(bad)


def _luhn(number: str) -> bool:
    digits = [int(d) for d in reversed(number)]
    return sum(d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)) % 10 == 0


def test_insee_codes_of_birth_places_have_five_characters():
    assert [ids.check_insee_place(code) for code in ("35238", "2a004", "99100", "")] == ["35238", "2A004", "99100", ""]
    with pytest.raises(ids.Invalid, match="code INSEE"):
        ids.check_insee_place("352")
