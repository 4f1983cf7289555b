"""Properties of the rules: whatever the standing, a status takes away and never gives."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.accounts import rules
from permanence.accounts.rules import Profession, Standing, Status
from permanence.journal.categories import Category

ME, OTHER, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
standings = st.builds(Standing, member=st.just(ME), profession=st.sampled_from(Profession), status=st.sampled_from(Status),
                      of=st.sampled_from([None, OTHER]), is_titulaire=st.booleans(), active=st.booleans())
CLINICAL = set(Category) - {Category.BILLING, Category.PROFESSIONAL, Category.JOURNAL}


@given(standings, st.sampled_from(Category), st.sampled_from(rules.VERBS))
def test_no_standing_goes_beyond_its_professions_cell(standing: Standing, category: Category, verb: rules.Verb) -> None:
    assert standing.profession is not None
    right = rules.RIGHTS[standing.profession][category]
    ceiling = right.titulaire if standing.is_titulaire else right.base
    assert rules.cell(standing, category).verb(verb) <= ceiling.verb(verb)


@given(standings, st.sampled_from(Category), st.sampled_from(rules.VERBS))
def test_no_status_has_more_than_a_titulaire_of_the_same_profession(
        standing: Standing, category: Category, verb: rules.Verb) -> None:
    whole = Standing(ME, standing.profession, Status.TITULAIRE, is_titulaire=standing.is_titulaire)
    assert rules.cell(standing, category).verb(verb) <= rules.cell(whole, category).verb(verb)


@given(standings, st.sampled_from(sorted(CLINICAL)))
def test_administering_gives_no_clinical_right(standing: Standing, category: Category) -> None:
    without = Standing(standing.member, standing.profession, standing.status, standing.of, active=standing.active)
    assert rules.cell(standing, category) == rules.cell(without, category)


@given(standings, st.sampled_from(Category))
def test_who_is_not_active_may_do_nothing(standing: Standing, category: Category) -> None:
    if not standing.active:
        assert rules.cell(standing, category) == rules.Cell()
        assert rules.owners(standing, category) == frozenset()


@given(standings, st.sampled_from(Category))
def test_only_a_replacement_makes_anothers_things_ones_own(standing: Standing, category: Category) -> None:
    owners = rules.owners(standing, category)
    assert owners <= {ME, OTHER}
    if OTHER in owners:
        assert standing.status is Status.REMPLACANT
        assert category in rules.DEPUTISED
    assert THIRD not in owners


@given(st.dates(), st.one_of(st.none(), st.dates()), st.one_of(st.none(), st.dates()))
def test_a_membership_covers_its_first_and_last_day(today: date, since: date | None, until: date | None) -> None:
    inside = rules.within(since, until, today)
    assert inside is ((since is None or today >= since) and (until is None or today <= until))
    if until is not None and until < date.max:
        assert not rules.within(since, until, until + timedelta(days=1))


@pytest.mark.parametrize("text", ["X", "R W", "R x:W", "RWQ", "t:"])
def test_a_cell_that_the_law_does_not_know_is_refused(text: str) -> None:
    if text == "R W":  # parts add up
        assert rules.parse_right(text).base == rules.parse_right("RW").base
        return
    with pytest.raises(ValueError, match="unknown"):
        rules.parse_right(text)


@pytest.mark.parametrize(("profession", "status", "of", "until", "temporary", "titulaire", "sentence"), [
    ("medecin", "titulaire", None, None, False, True, ""),
    ("medecin", "remplacant", "medecin", date(2026, 1, 31), False, False, ""),
    ("medecin", "remplacant", "medecin", None, False, False, "date de fin"),
    ("medecin", "remplacant", None, date(2026, 1, 31), False, False, "remplacée"),
    ("medecin", "remplacant", "kine", date(2026, 1, 31), False, False, "même profession"),
    ("medecin", "interne", "medecin", None, False, False, "date de fin"),
    ("medecin", "interne", None, date(2026, 1, 31), False, False, "encadre"),
    ("ide", "interne", "ide", date(2026, 1, 31), False, False, "Un interne est un médecin"),
    ("secretaire", "salarie", None, None, True, False, "date de fin"),
    ("secretaire", "salarie", None, None, False, False, ""),
    ("secretaire", "titulaire", None, None, False, False, "salarié"),
    ("secretaire", "salarie", None, None, False, True, "administration"),
    ("medecin", "collaborateur", None, None, False, True, "administration"),
    ("medecin", "salarie", None, date(2025, 12, 31), True, False, "avant la date de début"),
])
def test_a_membership_is_refused_with_what_to_correct(
        profession: str, status: str, of: str | None, until: date | None, temporary: bool, titulaire: bool,
        sentence: str) -> None:
    def check() -> None:
        rules.check_membership(
            Profession(profession), Status(status), of=OTHER if of else None, of_profession=Profession(of) if of else None,
            since=date(2026, 1, 1), until=until, temporary=temporary, is_titulaire=titulaire)

    if not sentence:
        check()
        return
    with pytest.raises(ValueError, match=sentence):
        check()
