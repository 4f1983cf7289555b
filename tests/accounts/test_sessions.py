"""Sessions: started where they may be, locked when idle, ended when old, frozen by a retired key, gone with their member."""

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections

from permanence.accounts import actions, queries, rules, sessions
from permanence.accounts.models import Session
from permanence.journal.doors import Actor, Reader, ReaderClosed, Refused
from permanence.lib import clock
from tests.cast import open_session, reader_for, recruit

TOKEN = b"token-hash".ljust(32)
JWK = {"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}


def start(actor: Actor, **more: Any) -> sessions.SessionInfo:
    assert actor.member is not None
    usual = {"member": actor.member, "post": None, "assurance": "console", "tier": "page", "thumbprint": "k1",
             "public_key": JWK, "token_hash": TOKEN}
    return sessions.start(**{**usual, **more})


def now_of(token: bytes = TOKEN) -> sessions.SessionInfo:
    found = sessions.get(token)
    assert found is not None
    return found


def enrol(by: Actor, *, approve: bool = True, name: str = "Accueil", token: bytes = b"post") -> UUID:
    code = actions.invite_post(name=name, by=by).code
    post = actions.enrol_post(code, token_hash=token, thumbprint="pk", public_key=JWK, by=Actor.machine("sign_in"))
    if approve:
        actions.approve_post(post, by=by)
    return post


def refusal(do: Callable[..., object], *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refused) as caught:
        do(*args, **kwargs)
    assert caught.value.sentence.endswith(".")
    return caught.value.code


def test_a_session_says_who_where_how_and_until_when(moreau: Actor) -> None:
    post = enrol(moreau)
    session = start(moreau, post=post, assurance="passkey", tier="worker")
    assert session == now_of()
    assert (session.member, session.post, session.assurance, session.tier) == (moreau.member, post, "passkey", "worker")
    assert session.actor == Actor(moreau.member, session.id, post, "passkey")
    assert session.absolute_end - session.created_at == timedelta(hours=12)
    assert session.uv_at == session.created_at
    assert session.key("k1") == ("current", JWK)
    assert sessions.get(b"unknown".ljust(32)) is None


def test_a_passkey_session_needs_an_approved_post(moreau: Actor) -> None:
    assert refusal(start, moreau, assurance="passkey") == "post"
    pending = enrol(moreau, approve=False)
    assert refusal(start, moreau, assurance="passkey", post=pending) == "post"
    assert refusal(start, moreau, assurance="passkey", post=uuid4()) == "post"
    actions.approve_post(pending, by=moreau)
    assert start(moreau, assurance="passkey", post=pending).state == "active"


def test_entering_as_someone_exists_in_a_fictional_practice_only(moreau: Actor) -> None:
    assert refusal(start, moreau, assurance="demo") == "assurance"
    assert queries.demo_members() == []


def test_entering_as_someone_works_in_a_fictional_practice(practice: object) -> None:
    sessions.forget()
    cast = recruit(fictional=True)
    assert len(queries.demo_members()) == len(cast)
    assert start(cast["moreau"], assurance="demo").assurance == "demo"


def test_nobody_opens_a_session_for_somebody_else(moreau: Actor, sophie: Actor) -> None:
    assert refusal(start, moreau, by=sophie) == "member"
    assert refusal(start, moreau, tier="none") == "assurance"
    assert refusal(start, moreau, assurance="password") == "assurance"


def test_an_idle_session_locks_and_one_touch_returns(moreau: Actor) -> None:
    session = start(moreau)
    with clock.override(offset=timedelta(minutes=14, seconds=30)):
        assert now_of().state == "active"
        sessions.touch(session.id)
    with clock.override(offset=timedelta(minutes=29)):
        assert now_of().state == "active"
    with clock.override(offset=timedelta(minutes=30)):
        assert now_of().state == "locked"
        sessions.unlock(session.id)
        assert now_of().state == "active"
        assert now_of().uv_at > session.uv_at
        assert now_of().key("k1")[0] == "current"


def test_after_twelve_hours_it_ends_whatever_it_did(moreau: Actor) -> None:
    session = start(moreau)
    with clock.override(offset=timedelta(hours=11, minutes=59)):
        sessions.touch(session.id)
        assert now_of().state == "active"
    with clock.override(offset=timedelta(hours=12, seconds=1)):
        assert (now_of().state, now_of().ended_reason) == ("ended", "absolute")
        assert refusal(sessions.unlock, session.id) == "ended"
        assert refusal(sessions.rotate, session.id, thumbprint="k2", public_key=JWK) == "ended"


def test_touching_writes_once_a_minute_and_is_exact_in_memory(
        moreau: Actor, django_assert_num_queries: Callable[[int], Any]) -> None:
    session = start(moreau)
    sessions.touch(session.id)
    first = Session.objects.get(id=session.id).last_used_at
    with clock.override(offset=timedelta(seconds=50)):
        now_of()
        with django_assert_num_queries(0):
            for _ in range(20):
                sessions.touch(session.id)
        assert now_of().last_used_at > first + timedelta(seconds=45)
        assert Session.objects.get(id=session.id).last_used_at == first
    with clock.override(offset=timedelta(seconds=61)):
        sessions.touch(session.id)
        assert Session.objects.get(id=session.id).last_used_at > first


def test_a_session_is_read_from_memory(moreau: Actor, django_assert_num_queries: Callable[[int], Any]) -> None:
    start(moreau)
    now_of()
    with django_assert_num_queries(0):
        for _ in range(10):
            now_of()


def test_a_key_rotates_through_pending_current_previous_and_retired(moreau: Actor) -> None:
    session = start(moreau)
    sessions.rotate(session.id, thumbprint="k2", public_key=JWK)
    assert {name: state for name, (state, _) in now_of().key_states.items()} == {"k1": "current", "k2": "pending"}
    sessions.promote(session.id, "k2")
    sessions.promote(session.id, "k2")  # a second request with the same key
    assert now_of().key("k2")[0] == "current"
    assert now_of().key("k1")[0] == "previous"
    with clock.override(offset=timedelta(seconds=11)):
        assert now_of().key("k1") == ("retired", JWK)
        sessions.rotate(session.id, thumbprint="k3", public_key=JWK)
        sessions.promote(session.id, "k3")
        assert {name: state for name, (state, _) in now_of().key_states.items()} == {
            "k1": "retired", "k2": "previous", "k3": "current"}
        assert refusal(sessions.rotate, session.id, thumbprint="k1", public_key=JWK) == "key"
    assert now_of().key("stranger") == ("unknown", None)


def test_a_frozen_session_needs_a_passkey_and_a_new_key(moreau: Actor) -> None:
    session = start(moreau)
    sessions.rotate(session.id, thumbprint="k2", public_key=JWK)
    sessions.promote(session.id, "k2")
    sessions.freeze(session.id)
    assert now_of().state == "frozen"
    sessions.lock(session.id)
    assert now_of().state == "frozen"
    assert refusal(sessions.unlock, session.id) == "key"
    sessions.unlock(session.id, thumbprint="k9", public_key=JWK)
    assert now_of().state == "active"
    assert {name: state for name, (state, _) in now_of().key_states.items()} == {
        "k1": "retired", "k2": "retired", "k9": "current"}


def test_one_locks_at_will(moreau: Actor) -> None:
    session = start(moreau)
    sessions.lock(session.id, by=session.actor)
    assert now_of().state == "locked"
    assert Session.objects.get(id=session.id).state == "locked"


def test_one_ends_ones_own_and_a_titulaire_anybodys(moreau: Actor, sophie: Actor, nadia: Actor) -> None:
    session = start(sophie)
    assert refusal(actions.end_session, session.id, by=nadia) == "titulaire"
    assert refusal(sessions.unlock, session.id, by=nadia) == "member"
    actions.end_session(session.id, by=moreau)
    assert (now_of().state, now_of().ended_reason) == ("ended", "titulaire")
    actions.end_session(session.id, by=moreau)  # again: nothing changes
    mine = start(sophie, token_hash=b"two".ljust(32))
    sessions.end(mine.id, by=sophie)
    assert now_of(b"two".ljust(32)).ended_reason == "signed_out"


def test_all_ends_all_but_the_one_named(moreau: Actor) -> None:
    kept = start(moreau)
    for token in (b"2", b"3"):
        start(moreau, token_hash=token.ljust(32))
    assert moreau.member is not None
    assert len(sessions.for_member(moreau.member)) == 3
    assert sessions.end_all(moreau.member, but=kept.id, by=moreau) == 2
    assert [session.id for session in sessions.for_member(moreau.member)] == [kept.id]
    assert now_of(b"2".ljust(32)).state == "ended"


def test_lists_of_sessions_are_ones_own_or_the_titulaires(moreau: Actor, sophie: Actor) -> None:
    start(sophie)
    open_session(moreau)
    assert [session.member for session in queries.my_sessions(reader=reader_for(sophie))] == [sophie.member]
    assert len(queries.practice_sessions(reader=reader_for(moreau))) == 2
    assert refusal(queries.practice_sessions, reader=reader_for(sophie)) == "titulaire"
    closed = reader_for(sophie)
    closed.close()
    with pytest.raises(ReaderClosed):
        queries.my_sessions(reader=closed)
    assert queries.my_sessions(reader=Reader.for_purpose("sign_in")) == []


def test_a_revoked_post_ends_its_sessions_and_no_other(moreau: Actor, yann: Actor, sophie: Actor) -> None:
    post = enrol(moreau)
    start(sophie, post=post, assurance="passkey")
    open_session(sophie, token_hash=b"elsewhere".ljust(32))
    assert refusal(actions.revoke_post, post, by=sophie) == "titulaire"
    actions.revoke_post(post, by=yann)  # the informaticien revokes and never approves
    assert (now_of().state, now_of().ended_reason) == ("ended", "post")
    assert Session.objects.get(token_hash=TOKEN).state == "ended"
    assert now_of(b"elsewhere".ljust(32)).state == "active"
    assert queries.post_by_token(b"post") is None


def test_a_post_is_enrolled_by_its_code_and_approved_by_a_titulaire(
        moreau: Actor, yann: Actor, sophie: Actor, ines: Actor) -> None:
    assert refusal(actions.invite_post, by=sophie) == "titulaire"
    code = actions.invite_post(name="Cabinet 2", by=yann).code
    with clock.override(offset=timedelta(minutes=31)):
        assert refusal(actions.enrol_post, code, token_hash=b"x", thumbprint="", public_key=JWK, by=sophie) == "code"
    post = actions.enrol_post(code, token_hash=b"x", thumbprint="pk", public_key=JWK, by=Actor.machine("sign_in"))
    assert refusal(actions.enrol_post, code, token_hash=b"y", thumbprint="", public_key=JWK, by=sophie) == "code"
    assert refusal(actions.approve_post, post, by=yann) == "titulaire"
    for who in (sophie, yann):
        assert [(found.name, found.state) for found in queries.posts(reader=reader_for(who))] == [("Cabinet 2", "pending")]
    assert refusal(queries.posts, reader=reader_for(ines)) == "right"
    assert queries.post_names([post, uuid4()]) == {post: "Cabinet 2"}
    actions.approve_post(post, by=moreau)
    found = queries.post_by_token(b"x")
    assert found is not None
    assert (found.state, found.approved_by) == ("open", moreau.member)


def test_a_members_code_enrols_no_post_and_a_posts_code_no_passkey(moreau: Actor) -> None:
    machine = Actor.machine("sign_in")
    member = actions.invite_member(family_name="Roux", given_name="Anne", profession="ide", status="salarie", by=moreau)
    post = actions.invite_post(by=moreau)
    assert refusal(actions.enrol_post, member.code, token_hash=b"x", thumbprint="", public_key=JWK, by=machine) == "code"
    assert refusal(actions.accept_invitation, post.code, credential_id=b"c", public_key=b"k", rp_id="r",
                   by=machine) == "code"


def test_passkeys_are_added_used_and_revoked_by_their_owner(moreau: Actor, sophie: Actor, nadia: Actor) -> None:
    first = actions.add_passkey(credential_id=b"one", public_key=b"k", rp_id="tilleuls.example", by=sophie)
    assert refusal(actions.add_passkey, credential_id=b"one", public_key=b"k", rp_id="r", by=nadia) == "credential"
    assert refusal(actions.revoke_passkey, first, by=sophie) == "last_passkey"
    assert refusal(actions.revoke_passkey, first, by=nadia) == "titulaire"
    second = actions.add_passkey(credential_id=b"two", public_key=b"k", rp_id="tilleuls.example", by=sophie)
    here = open_session(sophie, token_hash=TOKEN)
    open_session(sophie, token_hash=b"other".ljust(32))
    actions.revoke_passkey(first, by=here.actor)
    assert now_of().state == "active"
    assert now_of(b"other".ljust(32)).ended_reason == "passkey"
    assert queries.passkey_by_credential(b"one") is None
    actions.revoke_passkey(second, by=moreau)
    assert now_of().state == "ended"
    assert refusal(actions.revoke_passkey, second, by=moreau) == "unknown"
    assert sophie.member is not None
    assert len(queries.passkey_history(sophie.member, reader=reader_for(moreau))) == 2


def test_a_counter_that_does_not_move_on_tells_a_copy(sophie: Actor) -> None:
    machine = Actor.machine("sign_in")
    passkey = actions.add_passkey(credential_id=b"c", public_key=b"k", rp_id="r", sign_count=4, by=sophie)
    actions.passkey_used(passkey, sign_count=5, by=machine)
    assert refusal(actions.passkey_used, passkey, sign_count=5, by=machine) == "cloned"
    found = queries.passkey_by_credential(b"c")
    assert found is not None
    assert found.sign_count == 5
    synced = actions.add_passkey(credential_id=b"d", public_key=b"k", rp_id="r", by=sophie)
    actions.passkey_used(synced, sign_count=0, by=machine)  # synced passkeys always say zero


def test_a_departure_is_felt_by_threads_that_had_the_session_in_memory(live_cast: Mapping[str, Actor]) -> None:
    sophie, moreau = live_cast["sophie"], live_cast["moreau"]
    open_session(sophie, token_hash=TOKEN)
    seen, go, done = list[str](), threading.Event(), threading.Event()

    def another_request() -> None:
        try:
            seen.append(now_of().state)
            done.set()
            go.wait(10)
            seen.append(now_of().state)
        finally:
            connections.close_all()

    thread = threading.Thread(target=another_request)
    thread.start()
    assert done.wait(10)
    assert sophie.member is not None
    actions.depart_member(sophie.member, by=moreau)
    go.set()
    thread.join(10)
    assert seen == ["active", "ended"]


def test_states_follow_the_clock() -> None:
    start_at = clock.now()
    times = {"last_used": start_at, "absolute_end": start_at + rules.ABSOLUTE}
    assert rules.state_at("active", now=start_at + rules.IDLE - timedelta(milliseconds=1), **times) == "active"
    assert rules.state_at("active", now=start_at + rules.IDLE, **times) == "locked"
    assert rules.state_at("frozen", now=start_at + rules.IDLE, **times) == "frozen"
    assert rules.state_at("frozen", now=start_at + rules.ABSOLUTE, **times) == "ended"
    assert rules.state_at("ended", now=start_at, **times) == "ended"
