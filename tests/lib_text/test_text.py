"""French text: what two spellings share, spaces of typography, numbers without floats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.lib import text


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Lœtitia D’Aubigné-Le Goff", "loetitia d aubigne le goff"),
        ("  ÉLÉONORE\u00a0 ", "eleonore"),
        ("Ægidius", "aegidius"),
        ("Strauß", "strauss"),
        ("İnci", "inci"),
        ("Ly", "ly"),
        ("N'Guyên", "n guyen"),
        ("ﬁlle", "fille"),
        ("--", ""),
        ("Mª 2", "ma 2"),
    ],
)
def test_folding_forgets_case_accents_and_punctuation(typed, folded):
    assert text.fold(typed) == folded


@given(st.text())
def test_folding_twice_changes_nothing_more(typed):
    assert text.fold(text.fold(typed)) == text.fold(typed)
    assert text.fold(typed.upper().lower()) == text.fold(typed.upper())


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("Signer ?", "Signer\u202f?"),
        ("Attention!", "Attention\u202f!"),
        ("18 %", "18\u202f%"),
        ("Motif : toux", "Motif\u00a0: toux"),
        ("à 14:05", "à 14:05"),
        ("« oui »", "«\u00a0oui\u00a0»"),
        ("«oui»", "«\u00a0oui\u00a0»"),
    ],
)
def test_typography_puts_no_break_spaces(typed, set_):
    assert text.nbsp(typed) == set_
    assert text.nbsp(set_) == set_


@pytest.mark.parametrize(
    ("value", "scale", "trim", "shown"),
    [
        (725, 1, False, "72,5"),
        (5, 1, False, "0,5"),
        (50, 1, False, "5,0"),
        (50, 1, True, "5"),
        (1234567, 0, False, "1\u202f234\u202f567"),
        (-5, 2, False, "\u22120,05"),
        (0, 2, True, "0"),
        (100000, 2, True, "1\u202f000"),
        (0, 0, False, "0"),
        (-0, 1, True, "0"),
    ],
)
def test_numbers_have_a_comma_a_leading_zero_and_on_request_no_trailing_one(value, scale, trim, shown):
    assert text.number_fr(value, scale, trim=trim) == shown


@given(st.integers(-(10**14), 10**14), st.integers(0, 6))
def test_a_shown_number_is_read_back_exactly(value, scale):
    read, decimals = text.parse_number_fr(text.number_fr(value, scale))
    assert (read, decimals) == (value, scale)


@pytest.mark.parametrize("typed", ["", "1,2,3", "douze", "1e5", "--2", "٣", "1,"])
def test_what_is_not_a_number_is_refused_with_a_way_out(typed):
    with pytest.raises(ValueError, match="écrire par exemple 72,5"):
        text.parse_number_fr(typed)


def test_french_counts_zero_as_singular():
    assert [text.plural(n, "jour") for n in (0, 1, 2)] == ["0\u00a0jour", "1\u00a0jour", "2\u00a0jours"]


@pytest.mark.parametrize(("name", "said"), [("Dr Claire MOREAU", "du Dr Claire MOREAU"), ("Nadia FERHAT", "de Nadia FERHAT"),
                                            ("Élodie PETIT", "d’Élodie PETIT")])
def test_whose_something_is_agrees_with_the_name(name, said):
    assert text.of_person(name) == said


@pytest.mark.parametrize(("typed", "kept"), [
    ("Pharmacie, 02 31 14 09 27, ou 06 12 34 56 78", "Pharmacie, 02_31_14_09_27, ou 06_12_34_56_78"),
    ("02 31 14 09 27 06 12 34 56 78", "02_31_14_09_27 06_12_34_56_78"),
    ("+33 2 31 14 09 27 le jour", "+33_2_31_14_09_27 le jour"),
    ("+33 (0)2 31 14 09 27", "+33_(0)2_31_14_09_27"),
    ("0 800 123 456 ou 0800 123 456", "0_800_123_456 ou 0800_123_456"),
    ("le 36 24, puis le 15", "le 36_24, puis le 15"),
    ("franchise de 1 250,50 €, 12 000 euros au plus", "franchise de 1_250,50_€, 12_000_euros au plus"),
    ("entre 8 h et 19 h, 3 kVA", "entre 8_h et 19_h, 3_kVA"),
    ("3 rue du Moulin, 14600 Honfleur, le 12/11/2026", "3 rue du Moulin, 14600 Honfleur, le 12/11/2026"),
    ("Dr Moreau, puis Dr Benali", "Dr Moreau, puis Dr Benali"),
])  # fmt: skip
def test_a_number_stays_on_one_line(typed, kept):
    assert text.unbroken(typed) == kept.replace("_", text.NBSP)
    assert text.unbroken(text.unbroken(typed)) == text.unbroken(typed)
