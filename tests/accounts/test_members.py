"""Belonging to the practice: founding, invitations, dates, departure, recovery; each refusal says what to do."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections

from permanence.accounts import actions, permissions, queries, sessions
from permanence.accounts.actions import Invited
from permanence.accounts.models import Invitation, Member, Passkey
from permanence.accounts.permissions import PARIS, check_write, standing_of
from permanence.journal import tables
from permanence.journal.categories import Category, Scope, Stream
from permanence.journal.doors import Actor, Reader, Refused
from permanence.journal.journaled import JournaledModel
from permanence.journal.writer import action
from permanence.lib import clock
from tests.cast import PEOPLE, open_session, reader_for

SIGN_IN = Actor.machine("sign_in")


def refusal(do: Callable[..., object], *args: Any, **kwargs: Any) -> str:
    """The code of a refusal whose sentence says what to do instead."""
    with pytest.raises(Refused) as caught:
        do(*args, **kwargs)
    assert len(caught.value.sentence) > 20
    assert caught.value.sentence.endswith(".")
    return caught.value.code


def key(**more: Any) -> dict[str, Any]:
    return {"credential_id": uuid4().bytes, "public_key": b"cose", "rp_id": "tilleuls.example", **more}


def invite(by: Actor, **more: Any) -> Invited:
    person = {"family_name": "Roux", "given_name": "Anne", "profession": "medecin", "status": "collaborateur", **more}
    return actions.invite_member(by=by, **person)


def test_the_cast_are_members_and_the_first_is_titulaire(cast: Mapping[str, Actor]) -> None:
    assert tuple(cast) == PEOPLE
    found = {member.id: member for member in queries.members(reader=reader_for(cast["moreau"]))}
    assert len(found) == len(PEOPLE)
    moreau = found[cast["moreau"].member]
    assert (moreau.name, moreau.is_titulaire, moreau.state) == ("Dr Claire MOREAU", True, "invited")
    assert found[cast["petit"].member].of_name == "Dr Claire MOREAU"
    assert found[cast["hugo"].member].status_label == "interne"


def test_a_practice_is_founded_once(moreau: Actor) -> None:
    again = {"name": "Autre", "rp_id": "autre.example", "family_name": "X", "given_name": "Y"}
    assert refusal(actions.found_practice, by=Actor.machine("set_up"), **again) == "founded"
    assert queries.practice().name == "Maison de santé des Tilleuls"


def test_the_practice_is_founded_by_set_up_only(practice: object) -> None:
    new = {"name": "Tilleuls", "rp_id": "t.example", "family_name": "Moreau", "given_name": "Claire"}
    assert refusal(actions.found_practice, by=SIGN_IN, **new) == "titulaire"
    assert refusal(actions.found_practice, by=Actor(uuid4()), **new) == "unknown"
    assert refusal(queries.practice) == "unfounded"


def test_only_a_titulaire_invites_extends_names_and_sends_off(cast: Mapping[str, Actor]) -> None:
    target = cast["nadia"].member
    assert target is not None
    for name in set(PEOPLE) - {"moreau", "benali"}:
        by = cast[name]
        assert refusal(invite, by) == "titulaire"
        assert refusal(actions.extend_member, target, date(2030, 1, 1), by=by) == "titulaire"
        assert refusal(actions.name_titulaire, target, by=by) == "titulaire"
        assert refusal(actions.amend_member, target, by=by, given_name="N") == "titulaire"
        if name != "nadia":
            assert refusal(actions.depart_member, target, by=by) == "titulaire"
        assert not permissions.can_administer(by)
    assert permissions.can_administer(cast["benali"])


def test_an_invitations_code_makes_the_first_passkey_once(moreau: Actor) -> None:
    invited = invite(moreau)
    assert invited.member is not None
    assert len(invited.code.replace("-", "")) == 10
    typed = invited.code.lower().replace("-", " ")
    found = queries.invitation_by_code(typed)
    assert found is not None
    assert (found.purpose, found.member) == ("member", invited.member)
    passkey = actions.accept_invitation(typed, by=SIGN_IN, **key(label="Clé bleue"))
    assert [kept.id for kept in queries.passkeys_of(invited.member)] == [passkey]
    assert queries.member(invited.member, reader=reader_for(moreau)).state == "active"
    assert refusal(actions.accept_invitation, invited.code, by=SIGN_IN, **key()) == "code"
    assert queries.invitation_by_code(invited.code) is None


def test_a_code_dies_with_its_week_and_with_the_next_one(moreau: Actor) -> None:
    first = invite(moreau)
    assert first.member is not None
    second = actions.reinvite_member(first.member, by=moreau)
    assert refusal(actions.accept_invitation, first.code, by=SIGN_IN, **key()) == "code"
    with clock.override(offset=timedelta(days=7, minutes=1)):
        assert refusal(actions.accept_invitation, second.code, by=SIGN_IN, **key()) == "code"
        assert queries.invitation_by_code(second.code) is None
    actions.accept_invitation(second.code, by=SIGN_IN, **key())
    assert refusal(actions.reinvite_member, first.member, by=moreau) == "joined"


def test_no_code_is_kept_in_clear(moreau: Actor) -> None:
    once = uuid4()
    invited = invite(moreau, family_name="Canari")
    hashes = Invitation.objects.values_list("code_hash", flat=True)
    assert all(invited.code.encode() not in bytes(kept) for kept in hashes)
    person = {"family_name": "A", "given_name": "B", "profession": "ide", "status": "salarie"}
    code = actions.codes.new_code()
    wanted = actions.codes.rules.code_hash(code)
    first = actions.members.record_invitation(person=person, code_hash=wanted, by=moreau, once=once)  # type: ignore[call-arg]
    again = actions.members.record_invitation(  # type: ignore[call-arg]
        person=person, code_hash=actions.codes.rules.code_hash("0000000000"), by=moreau, once=once)
    assert first == again
    assert actions.codes.shown(again["invitation"], "0000000000") == ""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT result FROM journal_once")
        assert all(code.encode() not in bytes(row[0]) for row in cursor.fetchall())


@pytest.mark.parametrize(("wrong", "sentence"), [
    ({"status": "remplacant"}, "remplacée"), ({"status": "interne", "until": date(2027, 1, 1)}, "encadre"),
    ({"rpps": "123"}, "11 chiffres"), ({"family_name": " "}, "nom"), ({"profession": "devin"}, "dans les listes"),
    ({"temporary": True}, "date de fin"),
    ({"profession": "secretaire", "status": "salarie", "is_titulaire": True}, "titulaire"),
])
def test_a_membership_says_who_what_and_until_when(moreau: Actor, wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        invite(moreau, **wrong)
    assert not Member.objects.filter(family_name="Roux").exists()


def test_past_the_end_date_a_member_neither_acts_nor_enters(petit: Actor) -> None:
    assert petit.member is not None
    until = standing_of(petit.member).until
    assert until is not None
    last_evening = datetime(until.year, until.month, until.day, 20, tzinfo=UTC)
    with clock.override(last_evening):
        check_write(petit, Category.NOTES, new=True)
        session = open_session(petit, token_hash=b"t" * 32)
        found = sessions.get(b"t" * 32)
        assert found is not None
        assert (found.state, session.state) == ("active", "active")
    with clock.override(last_evening + timedelta(hours=4)):  # past midnight in Paris
        assert not standing_of(petit.member).active
        assert refusal(check_write, petit, Category.NOTES, new=True) == "inactive"
        assert refusal(open_session, petit) == "inactive"
        ended = sessions.get(b"t" * 32)
        assert ended is not None
        assert (ended.state, ended.ended_reason) == ("ended", "member")
        assert sessions.for_member(petit.member) == []
        assert reader_for(petit).admit([uuid4()], [Category.NOTES]).admitted == frozenset()


def test_the_paris_day_decides_not_the_utc_one(petit: Actor) -> None:
    assert petit.member is not None
    until = standing_of(petit.member).until
    assert until is not None
    with clock.override(datetime(until.year, until.month, until.day, 23, 30, tzinfo=UTC)):
        assert not standing_of(petit.member).active


def test_before_the_first_day_nobody_acts(moreau: Actor) -> None:
    later = permissions.today() + timedelta(days=3)
    invited = invite(moreau, since=later)
    assert refusal(check_write, Actor(invited.member), Category.NOTES, new=True) == "inactive"
    with clock.override(offset=timedelta(days=3, hours=2)):  # one of these days may have 25 hours
        check_write(Actor(invited.member), Category.NOTES, new=True)


def test_an_extension_reopens_and_a_date_in_the_past_is_refused(moreau: Actor, petit: Actor) -> None:
    assert petit.member is not None
    with clock.override(offset=timedelta(days=20)):
        assert refusal(check_write, petit, Category.NOTES, new=True) == "inactive"
        assert refusal(actions.extend_member, petit.member, permissions.today() - timedelta(days=1), by=moreau) == "until"
        actions.extend_member(petit.member, permissions.today() + timedelta(days=5), by=moreau)
        check_write(petit, Category.NOTES, new=True)


def test_departure_ends_every_session_at_once_and_closes_every_way_back(moreau: Actor, benali: Actor) -> None:
    assert benali.member is not None
    laptop = actions.invite_post(name="Portable", owner=benali.member, by=moreau)
    post = actions.enrol_post(laptop.code, token_hash=b"p", thumbprint="x", public_key={"kty": "EC"}, by=SIGN_IN)
    actions.approve_post(post, by=moreau)
    first = actions.reinvite_member(benali.member, by=moreau)
    actions.accept_invitation(first.code, by=SIGN_IN, **key(credential_id=b"benali"))
    for token, where in ((b"a" * 32, None), (b"b" * 32, post)):
        open_session(benali, token_hash=token, post=where)
        assert (found := sessions.get(token)) is not None
        assert found.state == "active"
    assert queries.passkey_by_credential(b"benali") is not None
    actions.depart_member(benali.member, by=benali)
    for token in (b"a" * 32, b"b" * 32):
        ended = sessions.get(token)
        assert ended is not None
        assert (ended.state, ended.ended_reason) == ("ended", "departure")
    assert sessions.for_member(benali.member) == []
    assert queries.passkey_by_credential(b"benali") is None
    assert queries.post_by_token(b"p") is None
    assert refusal(open_session, benali) == "inactive"
    assert refusal(check_write, benali, Category.NOTES, new=True) == "inactive"
    assert benali.member not in {member.id for member in queries.members(reader=reader_for(moreau))}
    assert queries.member_names([benali.member]) == {benali.member: "Dr Karim BENALI"}
    assert queries.member(benali.member, reader=reader_for(moreau)).state == "departed"


def test_the_last_titulaire_names_another_before_leaving(moreau: Actor, benali: Actor) -> None:
    assert moreau.member is not None
    assert benali.member is not None
    actions.depart_member(benali.member, by=benali)  # anybody may leave by themselves
    assert refusal(actions.depart_member, moreau.member, by=moreau) == "last_titulaire"
    other = invite(moreau, status="titulaire")
    assert other.member is not None
    actions.name_titulaire(other.member, by=moreau)
    actions.depart_member(moreau.member, by=moreau)
    assert permissions.can_invite(Actor(other.member))


def test_only_a_doctor_titulaire_is_named_to_administer(moreau: Actor, nadia: Actor) -> None:
    assert nadia.member is not None
    assert refusal(actions.name_titulaire, nadia.member, by=moreau) == "member"
    assert not standing_of(nadia.member).is_titulaire


def test_the_sheet_gives_a_new_key_and_ends_the_old_ones(moreau: Actor, sophie: Actor) -> None:
    assert sophie.member is not None
    first = actions.reinvite_member(sophie.member, by=moreau)
    actions.accept_invitation(first.code, by=SIGN_IN, **key(credential_id=b"old"))
    open_session(sophie, token_hash=b"s" * 32)
    assert refusal(actions.recover_member_by_sheet, sophie.member, by=moreau) == "sheet"
    recovered = actions.recover_member_by_sheet(sophie.member, by=replace(Actor.machine("set_up"), assurance="sheet"))
    assert queries.passkey_by_credential(b"old") is None
    assert (ended := sessions.get(b"s" * 32)) is not None
    assert ended.state == "ended"
    with clock.override(offset=timedelta(hours=1, seconds=1)):
        assert refusal(actions.accept_invitation, recovered.code, by=SIGN_IN, **key()) == "code"
    actions.accept_invitation(recovered.code, by=SIGN_IN, **key(credential_id=b"new"))
    assert queries.passkey_by_credential(b"new") is not None


def test_names_are_for_everybody_and_the_list_for_who_may_read_it(cast: Mapping[str, Actor]) -> None:
    ids = [actor.member for actor in cast.values() if actor.member]
    assert queries.member_names([ids[0], uuid4()]) == {ids[0]: "Dr Claire MOREAU"}
    assert len(queries.member_names(ids)) == len(PEOPLE)
    for name, actor in cast.items():
        if name in ("ines", "bruno", "yann"):
            assert refusal(queries.members, reader=reader_for(actor)) == "right"
        else:
            assert len(queries.members(reader=reader_for(actor))) == len(PEOPLE)
        assert actor.member is not None
        assert queries.member(actor.member, reader=reader_for(actor)).id == actor.member
    assert refusal(queries.members, reader=Reader.for_purpose("backup")) == "purpose"
    assert len(queries.members(reader=Reader.for_purpose("sign_in"))) == len(PEOPLE)


def test_a_members_page_is_theirs_and_the_titulaires(moreau: Actor, nadia: Actor, sophie: Actor) -> None:
    assert nadia.member is not None
    for by in (nadia, moreau):
        assert queries.member_detail(nadia.member, reader=reader_for(by)).member.name == "Nadia HADDAD"
    assert refusal(queries.member_detail, nadia.member, reader=reader_for(sophie)) == "titulaire"


def test_a_correction_of_a_name_is_seen_at_once(moreau: Actor, sophie: Actor) -> None:
    assert sophie.member is not None
    assert queries.member_names([sophie.member])[sophie.member] == "Sophie MARCHAND"
    actions.amend_member(sophie.member, by=moreau, family_name="Le Goff")
    assert queries.member_names([sophie.member])[sophie.member] == "Sophie LE GOFF"


def test_machines_write_what_their_purpose_names_and_nothing_else(practice: object) -> None:
    for purpose, allowed in permissions.MACHINE_WRITES.items():
        for category in Category:
            if category in allowed:
                check_write(Actor.machine(purpose), category)
            else:
                assert refusal(check_write, Actor.machine(purpose), category) == "purpose"
    for purpose in ("backup", "verify"):
        assert refusal(check_write, Actor.machine(purpose), Category.NOTES) == "purpose"
    assert refusal(check_write, Actor(None), Category.NOTES) == "actor"
    assert refusal(check_write, Actor(uuid4()), Category.NOTES) == "unknown"


def test_the_demo_machine_does_nothing_in_a_real_practice(moreau: Actor) -> None:
    assert refusal(check_write, Actor.machine("demo"), Category.NOTES, new=True) == "purpose"
    assert refusal(invite, Actor.machine("demo")) == "purpose"


def test_set_up_administers_until_the_first_titulaire_has_a_key(practice: object) -> None:
    set_up = Actor.machine("set_up")
    founded = actions.found_practice(name="Tilleuls", rp_id="t.example", family_name="Moreau", given_name="Claire",
                                     by=set_up)
    code = actions.invite_post(name="Bureau", by=set_up).code
    post = actions.enrol_post(code, token_hash=b"p", thumbprint="x", public_key={"kty": "EC"}, by=SIGN_IN)
    assert permissions.post_is_open(post)  # nobody could approve the first one
    actions.accept_invitation(founded.code, by=SIGN_IN, **key())
    assert refusal(actions.invite_post, by=set_up) == "titulaire"
    assert refusal(invite, set_up) == "titulaire"


def test_every_record_of_accounts_is_in_the_control_stream_and_professional(practice: object) -> None:
    mine = [model for model in tables.journaled_models() if model._meta.app_label == "accounts"]
    assert {model.__name__ for model in mine} == {"Practice", "Member", "Passkey", "Post", "Invitation", "UnlockSlot", "Consent", "PostKey",
                                                "Rehearsal"}
    for model in mine:
        assert issubclass(model, JournaledModel)
        table = tables.of_model(model)
        assert (table.stream, table.scope, table.scope_field) == (Stream.CONTROL, Scope.CONTROL, "")
        assert {column.category for column in table.columns} == {Category.PROFESSIONAL}
        assert model.check() == []


def test_an_unknown_profession_of_a_newer_version_opens_nothing(moreau: Actor) -> None:
    invited = invite(moreau)
    assert invited.member is not None
    with connections["default"].cursor() as cursor:
        cursor.execute("UPDATE accounts_member SET profession = 'devin' WHERE id = %s", [invited.member.hex])
    permissions.forget()
    standing = standing_of(invited.member)
    assert not standing.active
    assert refusal(check_write, Actor(invited.member), Category.NOTES, new=True) == "inactive"
    assert queries.member(invited.member, reader=reader_for(moreau)).profession_label == "devin"


def test_standings_are_read_once_until_the_accounts_change(
        moreau: Actor, django_assert_num_queries: Callable[[int], Any]) -> None:
    assert moreau.member is not None
    permissions.forget()
    with django_assert_num_queries(1):
        for _ in range(5):
            standing_of(moreau.member)
    actions.amend_member(moreau.member, by=moreau, title="Pr")
    with django_assert_num_queries(1):
        standing_of(moreau.member)


@action
def extend_and_fail(member: UUID, until: date, *, by: Actor) -> None:
    """An action that sees its own change, then fails."""
    actions.extend_member(member, until, by=by)
    assert standing_of(member).until == until
    raise Refused("Rien n’est fait\u00a0: c’est un essai.", code="test")


def test_a_change_that_was_rolled_back_leaves_no_trace_in_memory(moreau: Actor, petit: Actor) -> None:
    assert petit.member is not None
    before = standing_of(petit.member)
    permissions.forget()
    assert refusal(extend_and_fail, petit.member, date(2040, 1, 1), by=moreau) == "test"
    assert standing_of(petit.member) == before
    assert Passkey.objects.count() == 0


def test_what_a_page_may_write_is_what_each_button_would_be_told(cast: Mapping[str, Actor]) -> None:
    by_machine = [Actor.machine(purpose) for purpose in ("import", "console", "verify")]
    for by in (*cast.values(), *by_machine, Actor(None), Actor(uuid4())):
        for new in (False, True):
            told = {category for category in Category if permissions.can_write(by, category, new=new)}
            assert permissions.writable(by, list(Category), new=new) == told
    assert permissions.writable(cast["moreau"], [Category.NOTES]) == {Category.NOTES}


def test_who_has_left_or_is_not_yet_there_may_write_nothing_on_that_day(cast: Mapping[str, Actor]) -> None:
    by = cast["hugo"]
    assert by.member is not None
    until = standing_of(by.member).until
    assert until is not None
    for days, active in ((0, True), (1, False)):
        with clock.override(datetime(until.year, until.month, until.day, 12, tzinfo=PARIS) + timedelta(days=days)):
            assert standing_of(by.member).active is active
            assert bool(permissions.writable(by, list(Category), new=True)) is active
