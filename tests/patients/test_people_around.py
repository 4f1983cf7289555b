"""Contacts, family links and homonyms: links open nothing, contacts are the desk's, homonyms are named in the file."""

import datetime

import pytest

from permanence.journal.categories import Category
from permanence.journal.doors import Refused
from permanence.patients import actions, queries
from tests.patients.conftest import at_most, opened

D = datetime.date


def test_a_contact_is_added_edited_removed_and_brought_back(jeanne, sophie):
    contact = actions.add_contact(jeanne, by=sophie, role="confiance", name="Paul Martin", phone_number="06 11 22 33 44")
    (person,) = queries.contacts(jeanne, reader=opened(sophie))
    assert (person.name, person.role, person.phone) == ("Paul Martin", "confiance", "0611223344")
    actions.remove_contact(contact, by=sophie)
    assert queries.contacts(jeanne, reader=opened(sophie)) == []
    actions.edit_contact(contact, by=sophie, changes={"relation": "mari"})
    assert queries.contacts(jeanne, reader=opened(sophie))[0].relation == "mari"
    with pytest.raises(Refused):
        actions.add_contact(jeanne, by=sophie, role="chef", name="X")


def test_a_link_shows_both_ways_and_opens_nothing(jeanne, register, moreau, sophie, benali):
    son = register("Martin", "Paul", D(1990, 5, 5))
    link = actions.link(jeanne, by=moreau, other=son, relation="enfant")
    assert actions.link(jeanne, by=moreau, other=son, relation="enfant") == link
    (tie,) = queries.links(jeanne, reader=opened(sophie))
    assert (tie.relation, tie.reverse, tie.row.patient) == ("enfant", False, son)
    (back,) = queries.links(son, reader=opened(sophie))
    assert (back.reverse, back.row.patient) == (True, jeanne)
    actions.object_to_sharing(son, by=moreau, member=benali.member)
    queries.links(jeanne, reader=(reader := opened(benali)))
    assert not reader.may(son, Category.NOTES)
    with pytest.raises(Refused):
        actions.link(jeanne, by=sophie, other=son, relation="mere")
    actions.unlink(link, by=moreau)
    assert queries.links(jeanne, reader=opened(sophie)) == []


def test_homonyms_are_listed_in_the_file(jeanne, register, sophie):
    close = register("Martins", "Jeanne", D(1958, 7, 14))
    same = register("Martin", "Jeanne", D(1999, 9, 9))
    register("Durand", "Paul", D(1958, 7, 14))
    assert {row.patient for row in queries.homonyms(jeanne, reader=opened(sophie))} == {close, same}
    assert queries.banner(jeanne, reader=opened(sophie)).attributes == ("Homonyme",)


def test_a_banner_takes_three_queries(jeanne, moreau):
    reader = opened(moreau)
    with at_most(3):
        queries.banner(jeanne, reader=reader)
