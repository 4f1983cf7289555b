"""Two files of one person: read as one, protected as the stricter, found once, and given back as they were."""

import datetime

import pytest

from permanence.journal.categories import Category
from permanence.journal.doors import Refused
from permanence.patients import actions, queries
from permanence.patients.permissions import family_of
from tests.patients.conftest import opened

D = datetime.date


@pytest.fixture
def twice(jeanne, register):
    return jeanne, register("Martin-Leroy", "Jeanne", D(1958, 7, 14))


def test_merged_files_are_read_as_one_and_found_once(twice, moreau, sophie):
    kept, merged = twice
    alias = actions.merge(kept, by=moreau, merged=merged, reason="même personne")
    assert {family_of(one, reader=opened(moreau)) for one in twice} == {(kept, merged)}
    assert [row.patient for row in queries.search("leroy", reader=opened(sophie))] == [kept]
    assert [row.patient for row in queries.search("martin", reader=opened(sophie))] == [kept]
    assert queries.banner(merged, reader=opened(sophie)).patient == kept
    assert not queries.banner(kept, reader=opened(sophie)).homonym
    (merge,) = queries.merge_history(merged, reader=opened(moreau))
    assert (merge.alias, merge.kept, merge.merged, merge.by_id, merge.undone) == (alias, kept, merged, moreau.member, False)


def test_unmerging_gives_both_files_back(twice, moreau):
    kept, merged = twice
    alias = actions.merge(kept, by=moreau, merged=merged)
    actions.unmerge(alias, by=moreau)
    assert family_of(merged, reader=opened(moreau)) == (merged,)
    assert {row.patient for row in queries.search("martin", reader=opened(moreau))} == {kept, merged}
    assert queries.banner(merged, reader=opened(moreau)).homonym
    assert queries.merge_history(kept, reader=opened(moreau))[0].undone
    actions.merge(merged, by=moreau, merged=kept)
    assert family_of(kept, reader=opened(moreau)) == (merged, kept)


def test_a_chain_of_merges_leads_to_one_file(twice, register, moreau):
    kept, merged = twice
    third = register("Martyn", "Jeanne", D(1958, 7, 14))
    actions.merge(merged, by=moreau, merged=third)
    actions.merge(kept, by=moreau, merged=merged)
    assert set(family_of(third, reader=opened(moreau))) == {kept, merged, third}
    assert [row.patient for row in queries.search("martyn", reader=opened(moreau))] == [kept]
    with pytest.raises(Refused, match="déjà"):
        actions.merge(kept, by=moreau, merged=third)


def test_the_stricter_protection_holds_for_both_files(twice, moreau, benali):
    kept, merged = twice
    actions.object_to_sharing(merged, by=moreau, member=benali.member)
    assert opened(benali).may(kept, Category.NOTES)
    actions.merge(kept, by=moreau, merged=merged)
    assert not opened(benali).may(kept, Category.NOTES)
    assert not opened(benali).may(merged, Category.NOTES)


def test_who_may_not_read_one_of_the_files_does_not_merge_them(twice, moreau, benali):
    kept, merged = twice
    actions.object_to_sharing(merged, by=moreau, member=benali.member)
    with pytest.raises(Refused) as refused:
        actions.merge(kept, by=benali, merged=merged)
    assert refused.value.code == "opposition"


def test_a_merge_made_again_is_refused_in_plain_words(twice, moreau):
    actions.merge(twice[0], by=moreau, merged=twice[1])
    with pytest.raises(Refused, match="déjà réunis"):
        actions.merge(twice[1], by=moreau, merged=twice[0])


def test_a_change_asked_on_a_merged_file_is_written_in_the_one_kept(twice, moreau, sophie):
    kept, merged = twice
    actions.merge(kept, by=moreau, merged=merged)
    actions.amend_identity(merged, by=sophie, changes={"used_name": "Fontaine"})
    actions.set_ald(merged, by=moreau, ald=True)
    banner = queries.banner(kept, reader=opened(moreau))
    assert (banner.short_name, banner.ald) == ("FONTAINE Jeanne", True)
    assert opened(moreau).may(merged, Category.NOTES)


def test_given_names_that_were_not_changed_stay(jeanne, sophie):
    actions.amend_identity(jeanne, by=sophie, changes={"given_names": "Jeanne Marie"})
    actions.amend_identity(jeanne, by=sophie, changes={"first_given_name": "Jeane"})
    identity = queries.identity_sheet(jeanne, reader=opened(sophie)).identity
    assert (identity.first_given_name, identity.given_names) == ("Jeane", "Jeanne Marie")
