"""How identities are shown, which ones look alike, which INS status follows which, and which files are one person."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.patients import rules
from permanence.patients.rules import Names

NB = "\u00a0"


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (Names("Martin", "JEANNE", sex="F"), "MARTIN Jeanne"),
        (Names("Martin", "Jeanne", "Le Goff", sex="F"), f"LE GOFF Jeanne, née{NB}MARTIN"),
        (Names("Martin", "Jean", "Le Goff", "Jo", "M"), f"LE GOFF Jo, né{NB}MARTIN"),
        (Names("d’Aubigné", "JEAN-PIERRE", "D'AUBIGNE", sex="M"), "D'AUBIGNE Jean-Pierre"),
        (Names("Ly"), "LY prénom inconnu"),
        (Names(""), "NOM INCONNU prénom inconnu"),
        (Names("Martin", "Alix", "Roy"), f"ROY Alix, nom de naissance{NB}MARTIN"),
    ],
)
def test_the_name_in_use_comes_first_and_the_birth_name_stays_visible(names, shown):
    assert rules.display_name(names) == shown


@pytest.mark.parametrize(
    ("a", "b", "are"),
    [
        (("Martin", "Jeanne", "1958-07-14"), ("MARTIN", "jeanne", "1960-01-01"), True),
        (("Martin", "Jeanne", "1958-07-14"), ("Martins", "Jeanne", "1958-07-14"), True),
        (("Martin", "Jeanne", "1958-07-14"), ("Martins", "Jeanne", "1958-07-15"), False),
        (("Martin", "Jeanne", "1958-07-14"), ("Durand", "Jeanne", "1958-07-14"), False),
        (("Martin", "Jeanne", "1958-07-14"), ("Jeanne", "Martin", "1958-07-14"), True),
        (("Martin Durand", "Jeanne", "1958-07-14"), ("Martin", "Jeanne Marie", "1958-07-14"), True),
        (("Ly", "An", "2000-01-01"), ("Lo", "An", "2000-01-01"), False),
        (("Martin", "Jeanne", ""), ("Martins", "Jeanne", ""), False),
        (("Dupond", "Loic", "2000-01-01"), ("Dupont", "Loïc", "2000-01-01"), True),
    ],
)
def test_homonyms_share_a_name_or_a_birth_date_and_a_close_name(a, b, are):
    left, right = ((rules.name_key(family, given_), birth) for family, given_, birth in (a, b))
    assert rules.alike(left, right) is are
    assert rules.alike(right, left) is are


@given(st.text(alphabet="abcde", max_size=9), st.text(alphabet="abcde", max_size=9))
def test_distance_is_symmetric_zero_on_equals_and_stops_past_the_most(a, b):
    assert rules.distance(a, a) == 0
    assert (rules.distance(a, b, 2) > 2) == (rules.distance(b, a, 2) > 2)
    assert rules.distance(a, b, 20) == rules.distance(b, a, 20) <= max(len(a), len(b))


@pytest.mark.parametrize("status", [rules.RETRIEVED, rules.QUALIFIED])
def test_only_insi_retrieves_and_qualifies(status):
    with pytest.raises(rules.NotAllowed, match="INSi"):
        rules.check_typed_status(status, proof="cni", doubtful=False, fictional=False)


def test_an_identity_is_validated_against_a_named_document_and_never_when_doubtful():
    rules.check_typed_status("validee", proof="cni", doubtful=False, fictional=False)
    rules.check_typed_status("provisoire", proof="", doubtful=True, fictional=True)
    with pytest.raises(rules.NotAllowed, match="document"):
        rules.check_typed_status("validee", proof="", doubtful=False, fictional=False)
    with pytest.raises(rules.NotAllowed, match="douteuse"):
        rules.check_typed_status("validee", proof="cni", doubtful=True, fictional=False)
    with pytest.raises(rules.NotAllowed, match="inconnu"):
        rules.check_typed_status("certaine", proof="cni", doubtful=False, fictional=False)


@pytest.mark.parametrize(
    ("before", "changed", "proof", "after"),
    [
        ("qualifiee", {"birth_name"}, "", "provisoire"),
        ("qualifiee", {"birth_date"}, "cni", "validee"),
        ("recuperee", {"birth_sex"}, "", "provisoire"),
        ("qualifiee", {"used_name", "phone"}, "", "qualifiee"),
    ],
)
def test_a_typed_strict_trait_takes_the_qualification_away(before, changed, proof, after):
    assert rules.status_after_amendment(before, changed, proof=proof) == after


def test_the_matricule_is_carried_only_by_a_qualified_identity():
    assert [rules.shown_matricule("1", status) for status in rules.STATUSES] == ["", "", "", "1"]
    assert rules.status_after_insi("validee", proof="cni") == "qualifiee"
    assert rules.status_after_insi("provisoire", proof="") == "recuperee"


A, B, C, X = (UUID(int=n) for n in (1, 2, 3, 9))


def test_files_of_one_person_are_found_from_any_of_them():
    pairs = [(B, A), (C, B)]
    assert {rules.one_person(start, pairs) for start in (A, B, C)} == {(A, (A, B, C))}
    assert rules.one_person(X, pairs) == (X, (X,))


def test_two_crossed_merges_keep_the_same_file_everywhere():
    assert rules.one_person(A, [(A, B), (B, A)]) == rules.one_person(B, [(B, A), (A, B)]) == (A, (A, B))


@given(st.lists(st.tuples(*[st.integers(0, 7).map(lambda n: UUID(int=n))] * 2), max_size=12))
def test_every_file_of_a_person_gives_the_same_answer(pairs):
    for start in (UUID(int=n) for n in range(8)):
        kept, family = rules.one_person(start, pairs)
        assert family[0] == kept
        assert {rules.one_person(other, pairs) for other in family} == {(kept, family)}
