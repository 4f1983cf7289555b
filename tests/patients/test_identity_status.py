"""The INS status through the doors: nobody qualifies by hand, and a typed strict trait takes the INS away."""

import pytest

from permanence.journal.doors import Refused
from permanence.lib.identifiers import OID_NIR
from permanence.patients import actions, queries
from tests.patients.conftest import opened


def test_validating_needs_a_document_and_qualifying_is_never_typed(jeanne, sophie):
    for status, proof in (("qualifiee", "cni"), ("recuperee", "cni"), ("validee", "")):
        with pytest.raises(Refused):
            actions.validate_identity(jeanne, by=sophie, status=status, proof=proof)
    actions.validate_identity(jeanne, by=sophie, proof="cni")
    assert queries.banner(jeanne, reader=opened(sophie)).status_label == "Validée"


def test_a_typed_strict_trait_takes_ins_and_status_back(jeanne, sophie):
    actions.validate_identity(jeanne, by=sophie, proof="cni")
    actions.record_ins(jeanne, by=sophie, ins="295109912611193", oid=OID_NIR)
    assert queries.identity_sheet(jeanne, reader=opened(sophie)).national_id.ins
    assert actions.amend_identity(jeanne, by=sophie, changes={"birth_name": "Martain"}) == "provisoire"
    sheet = queries.identity_sheet(jeanne, reader=opened(sophie))
    assert (sheet.national_id.ins, sheet.identity.identity_status, sheet.identity.identity_proof) == ("", "provisoire", "")
    assert actions.amend_identity(jeanne, by=sophie, changes={"birth_name": "Martin"}, proof="passeport") == "validee"


def test_an_ins_that_is_not_qualified_is_kept_but_not_carried(jeanne, sophie):
    actions.record_ins(jeanne, by=sophie, ins="295109912611193", oid=OID_NIR)
    national = queries.identity_sheet(jeanne, reader=opened(sophie)).national_id
    assert (national.ins, national.matricule) == ("295109912611193", "")
    with pytest.raises(Refused, match="OID"):
        actions.record_ins(jeanne, by=sophie, ins="295109912611193", oid="1.2.3")


def test_a_doubtful_identity_goes_back_to_provisional(jeanne, sophie):
    actions.validate_identity(jeanne, by=sophie, proof="cni")
    actions.amend_identity(jeanne, by=sophie, changes={"doubtful": True})
    banner = queries.banner(jeanne, reader=opened(sophie))
    assert (banner.status, banner.attributes) == ("provisoire", ("Identité douteuse",))


def test_names_in_use_change_nothing_of_the_status(jeanne, sophie):
    actions.validate_identity(jeanne, by=sophie, proof="cni")
    assert actions.amend_identity(jeanne, by=sophie, changes={"used_name": "Le Goff"}) == "validee"
    assert queries.banner(jeanne, reader=opened(sophie)).name == "LE GOFF Jeanne, née\u00a0MARTIN"


def test_fields_with_a_door_of_their_own_are_not_amended(jeanne, moreau):
    with pytest.raises((Refused, TypeError, KeyError)):
        actions.amend_identity(jeanne, by=moreau, changes={"identity_status": "qualifiee"})


def test_a_death_before_birth_is_refused_and_ages_stop(jeanne, moreau):
    import datetime

    with pytest.raises(Refused, match="décès"):
        actions.mark_deceased(jeanne, by=moreau, on=datetime.date(1950, 1, 1))
    actions.mark_deceased(jeanne, by=moreau, on=datetime.date(2018, 7, 14))
    assert queries.banner(jeanne, reader=opened(moreau)).age == "60\u00a0ans"
