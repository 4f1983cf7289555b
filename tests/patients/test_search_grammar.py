"""How a search line is read, whatever French form the name and the date have."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.lib.dates import MONTHS, SHORT_MONTHS, format_date
from permanence.patients import grammar
from permanence.patients.grammar import Birth, Search

D = datetime.date
TODAY = D(2026, 11, 21)


def read(line):
    return grammar.parse(line, today=TODAY)


def test_names_are_prefixes_and_two_digits_a_year():
    assert read("mar je 58") == (Search(("mar", "je"), ((Birth((1958,)),),)),)
    assert read("58 JE  Mâr") == (Search(("je", "mar"), ((Birth((1958,)),),)),)


def test_two_letter_names_hyphens_and_apostrophes_are_words():
    assert read("Ly") == (Search(("ly",)),)
    assert read("D'Aubigné-Le Gœff") == (Search(("d", "aubigne", "le", "goeff")),)


@pytest.mark.parametrize(
    "line",
    [
        *("14071958", "140758", "14/07/1958", "14/7/58", "14-07-1958", "14.07.58", "14 07 1958", "1958-07-14", "19580714"),
        *("14 juillet 1958", "14 juil. 58", "14 JUILLET 58"),
    ],
)
def test_any_form_of_a_birth_date_is_understood(line):
    wanted = Birth((1958,), 7, 14)
    assert any(wanted in alternatives for search in read(line) for alternatives in search.births)
    assert all(
        any(wanted in alternatives for search in read(typed) for alternatives in search.births)
        for typed in (f"martin {line}", f"{line} martin")
    )


def test_a_month_may_also_be_a_surname():
    with_month, with_name = read("jeanne avril 58")
    assert with_month == Search(("jeanne",), ((Birth((1958,), 4),),))
    assert with_name == Search(("jeanne", "avril"), ((Birth((1958,)),),))
    assert read("avril jeanne") == (Search(("avril", "jeanne")),)


@pytest.mark.parametrize("typed", ["14071", "1407195"])
def test_a_date_is_looked_up_while_it_is_being_typed(typed):
    (alternatives,) = read(typed)[0].births
    assert any(1958 in birth.years and (birth.month, birth.day) == (7, 14) for birth in alternatives)


def test_four_digits_are_a_year_or_a_day_and_month():
    (alternatives,) = read("2003")[0].births
    assert set(alternatives) == {Birth((2003,)), Birth((), 3, 20)}


def test_a_nir_and_a_telephone_number_are_recognised():
    assert read("2 58 07 2a 118 025 47")[0].nir == "258072A11802547"
    assert read("06 12 34 56 78")[0].phone == "0612345678"


def test_numbers_that_no_birth_date_has_find_nobody():
    assert read("martin 99999999")[0].births == ((Birth((1,)),),)


@pytest.mark.parametrize("line", ["", "   ", "-- '", "«»"])
def test_an_empty_line_looks_for_nothing(line):
    assert read(line) == ()


@given(st.text(max_size=120))
def test_no_line_breaks_the_grammar(line):
    for search in read(line):
        assert not search.empty
        assert all(prefix.isalnum() and '"' not in prefix for prefix in search.prefixes)


FORMS = (
    format_date,
    "{:%d%m%Y}".format,
    "{:%d%m%y}".format,
    "{:%d-%m-%y}".format,
    D.isoformat,
    lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{d.day}/{d.month}/{d.year % 100:02}",
    lambda d: f"{d.day} {SHORT_MONTHS[d.month - 1]} {d.year % 100:02}",
)


@given(st.dates(D(1910, 1, 1), TODAY), st.sampled_from(FORMS))
def test_every_birth_date_is_found_from_each_form(born, form):
    assert any(
        (born.month, born.day) == (birth.month, birth.day) and born.year in birth.years
        for search in read(f"ly {form(born)}")
        if search.prefixes == ("ly",)
        for alternatives in search.births
        for birth in alternatives
    )
