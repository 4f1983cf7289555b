"""A browser that is a post at one machine becomes the same post at another by one touch, on the first one's word; and in no other way."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponseBase
from django.test import RequestFactory, override_settings

from permanence.accounts import actions as accounts
from permanence.accounts import entering
from permanence.accounts import queries as people
from permanence.accounts.proof import b64url
from permanence.continuity import queries
from permanence.journal import vault
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock
from permanence.sync import actions, vouching
from permanence.sync.models import Replica
from permanence.web.account import ceremony
from permanence.web.account.ceremony import nonces, seconds
from permanence.web.account.limits import codes
from permanence.web.proof.keys import token_hash
from permanence.web.ready import tying
from tests.proof.tools import BrowserKey
from tests.sync.machines import Machine
from tests.sync.practice_life import Two

ME = UUID(int=9)
A, B = "https://bureau.cabinet.example", "https://portable.cabinet.example"


class Both:
    """Both machines are the practice's; a browser is an approved post of the first."""

    def __init__(self, two: Two) -> None:
        self.two, self.moreau = two, two.cast["moreau"]
        with two.b:
            b_key = vault.current().verify_key
        with two.a:
            actions.introduce_oneself(name="Bureau", kind="office", hosts=["bureau"], transport=b"t" * 32, box=b"b" * 32, origin=A,
                                      by=Actor.machine("sync"))  # fmt: skip
            actions.add_replica(UUID(bytes=two.b.replica), {"verify": b_key, "transport": b"u" * 32, "box": b"c" * 32}, name="Portable",
                                kind="laptop", hosts=["portable.cabinet.example"], by=self.moreau)  # fmt: skip
            self.post = self.enrolled()
        two.agree()

    def enrolled(self) -> UUID:
        key = BrowserKey()
        code = accounts.invite_post(name="Accueil", by=self.moreau).code
        post = accounts.enrol_post(code, token_hash=uuid4().bytes, thumbprint=key.keyid, public_key=key.jwk,
                                   by=Actor.machine("sign_in"))  # fmt: skip
        accounts.approve_post(post, by=self.moreau)
        return post

    def word(self, key: BrowserKey, nonce: str, *, at: Machine | None = None, **other: Any) -> str:
        """What the first machine says of this key."""
        said = {"target": UUID(bytes=self.two.b.replica), "post": self.post, "member": self.moreau.member, "thumbprint": key.keyid,
                "nonce": nonce, **other}  # fmt: skip
        with at or self.two.a:
            return vouching.give(vouching.Word(**said))

    def nonce(self) -> str:
        return nonces.issue(seconds())

    def brings(self, word: str, key: BrowserKey, nonce: str, *, at: Machine | None = None) -> HttpResponseBase:
        """A browser brings a word to the second machine, and shows that it has the key."""
        signature = b64url(key.sign(f"permanence/post/v1\n{nonce}\n{key.keyid}".encode()))
        sent = json.dumps({"word": word, "jwk": key.jwk, "signature": signature})
        request = RequestFactory().post("/poste/rattacher/ici", sent, content_type="application/json", secure=True,
                                        headers={"Host": "portable.cabinet.example"})  # fmt: skip
        with at or self.two.b:
            return tying.tie_here(request)

    def refused(self, answer: HttpResponseBase) -> str:
        assert answer.status_code in (400, 403)
        with self.two.b:
            assert UUID(bytes=self.two.b.replica) not in self.known_at()
        return str(json.loads(answer.content)["code"])  # type: ignore[attr-defined]

    def known_at(self) -> frozenset[UUID]:
        return next((one.at for one in entering.places() if one.id == self.post), frozenset())


@pytest.fixture
def both(two: Two) -> Iterator[Both]:
    codes.clear()
    with override_settings(PERMANENCE_ORIGIN=B, PERMANENCE_RP_ID="cabinet.example"):
        yield Both(two)
    codes.clear()


def test_the_same_post_with_another_cookie_and_key_and_every_machine_hears_of_it(both: Both) -> None:
    key, nonce = BrowserKey(), both.nonce()
    answer = both.brings(both.word(key, nonce), key, nonce)
    assert answer.status_code == 200
    cookie = answer.cookies["__Host-post"]  # type: ignore[attr-defined]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Strict")
    with both.two.b:
        found = people.post_by_token(token_hash(cookie.value))
        assert found is not None
        assert (found.id, found.name, found.state, found.public_key, found.thumbprint) == (both.post, "Accueil", "open", key.jwk, key.keyid)
    both.two.agree()
    with both.two.a:
        assert both.known_at() == {UUID(bytes=both.two.a.replica), UUID(bytes=both.two.b.replica)}


def test_a_word_serves_once(both: Both) -> None:
    key, nonce = BrowserKey(), both.nonce()
    word = both.word(key, nonce)
    assert both.brings(word, key, nonce).status_code == 200
    again = both.brings(word, key, nonce)
    assert (again.status_code, json.loads(again.content)["code"]) == (400, "nonce-used")  # type: ignore[attr-defined]
    fresh = both.nonce()
    again = both.brings(both.word(key, fresh), key, fresh)  # nor does a key tie a second time
    assert (again.status_code, json.loads(again.content)["code"]) == (403, "used")  # type: ignore[attr-defined]


def test_a_word_is_worth_nothing_to_another_browser(both: Both) -> None:
    key, thief, nonce = BrowserKey(), BrowserKey(), both.nonce()
    word = both.word(key, nonce)
    assert both.refused(both.brings(word, thief, nonce)) == "word"
    thief.jwk, thief.keyid = key.jwk, key.keyid  # who claims the key has to sign with it
    assert both.refused(both.brings(word, thief, nonce)) == "signature"


def test_a_word_is_for_one_machine(both: Both) -> None:
    key, nonce = BrowserKey(), both.nonce()
    assert both.refused(both.brings(both.word(key, nonce, target=uuid4()), key, nonce)) == "word"
    assert both.refused(both.brings(both.word(key, nonce, target=UUID(bytes=both.two.a.replica)), key, nonce)) == "word"


def test_a_word_ends_by_the_clock_of_who_is_told_whatever_the_days_say(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    key, nonce = BrowserKey(), both.nonce()
    with clock.override(offset=timedelta(days=40)):  # the first machine's clock is far off: nobody compares
        word = both.word(key, nonce)
    late = seconds() + 301
    monkeypatch.setattr(ceremony, "seconds", lambda: late)
    assert both.refused(both.brings(word, key, nonce)) == "nonce-age"
    monkeypatch.undo()
    with override_settings(PERMANENCE_ORIGIN=B, PERMANENCE_RP_ID="cabinet.example"):
        assert both.brings(word, key, nonce).status_code == 200


def test_a_nonce_that_this_machine_did_not_give_is_refused(both: Both) -> None:
    key = BrowserKey()
    assert both.refused(both.brings(both.word(key, "A" * 54), key, "A" * 54)) == "nonce"


def test_a_machine_that_was_revoked_is_not_believed(both: Both) -> None:
    key, nonce = BrowserKey(), both.nonce()
    word = both.word(key, nonce)
    with both.two.b:
        actions.revoke_replica(UUID(bytes=both.two.a.replica), by=both.moreau)
    assert both.refused(both.brings(word, key, nonce)) == "gone"


def test_a_machine_that_nobody_let_in_is_not_believed(both: Both, machines: Any) -> None:
    key, nonce = BrowserKey(), both.nonce()
    assert both.refused(both.brings(both.word(key, nonce, at=machines.new()), key, nonce)) == "word"


def test_a_post_that_was_removed_or_waits_is_not_extended(both: Both) -> None:
    key, nonce = BrowserKey(), both.nonce()
    word = both.word(key, nonce)
    with both.two.b:
        accounts.revoke_post(both.post, by=both.moreau)
    assert both.refused(both.brings(word, key, nonce)) == "unknown"
    with both.two.b:
        other = BrowserKey()
        waits = accounts.enrol_post(accounts.invite_post(name="Neuf", by=both.moreau).code, token_hash=uuid4().bytes,
                                    thumbprint=other.keyid, public_key=other.jwk, by=Actor.machine("sign_in"))  # fmt: skip
    nonce = both.nonce()
    assert both.refused(both.brings(both.word(key, nonce, post=waits), key, nonce)) == "pending"


def test_a_removed_post_is_nobody_at_the_other_machine_either(both: Both) -> None:
    key, nonce = BrowserKey(), both.nonce()
    answer = both.brings(both.word(key, nonce), key, nonce)
    cookie = answer.cookies["__Host-post"].value  # type: ignore[attr-defined]
    with both.two.a:
        accounts.revoke_post(both.post, by=both.moreau)
    both.two.agree()
    with both.two.b:
        assert people.post_by_token(token_hash(cookie)) is None


def test_who_left_vouches_for_nothing(both: Both) -> None:
    key, nonce = BrowserKey(), both.nonce()
    gone = both.two.cast["bruno"].member
    assert gone is not None
    word = both.word(key, nonce, member=gone)
    with both.two.b:
        accounts.depart_member(gone, by=both.moreau)
    assert both.refused(both.brings(word, key, nonce)) == "inactive"


@pytest.mark.parametrize("word", ["", "AAAA", "é", "_" * 2000, b64url(b"\x82\x41\x00\x40"), b64url(b"\xa0")])
def test_words_that_are_none_are_refused_and_break_nothing(both: Both, word: str) -> None:
    key, nonce = BrowserKey(), both.nonce()
    assert both.refused(both.brings(word, key, nonce)) in ("word", "form")


def test_a_changed_word_is_refused(both: Both) -> None:
    key, nonce = BrowserKey(), both.nonce()
    word = both.word(key, nonce)
    for place in range(10, len(word) - 1, 37):
        changed = word[:place] + ("A" if word[place] != "A" else "B") + word[place + 1:]
        assert both.refused(both.brings(changed, key, nonce)) == "word"


def test_what_was_begun_comes_back_once_and_to_the_session_that_began_it() -> None:
    now = [0.0]
    waiting = tying.Waiting(lambda: now[0])
    mine, other = uuid4(), uuid4()

    def begun(session: UUID) -> str:
        return waiting.add(tying.Begun(session, uuid4(), uuid4(), uuid4(), A, waiting.until()))

    name = begun(mine)
    assert waiting.take(name, mine).session == mine
    for known, session, wait in ((name, mine, 0), (begun(mine), other, 0), (begun(mine), mine, 301), ("", mine, 0)):
        now[0] += wait
        with pytest.raises(Refused):
            waiting.take(known, session)
    first = begun(mine)
    begun(mine)  # one at a time for each session
    with pytest.raises(Refused):
        waiting.take(first, mine)


def test_only_a_session_at_an_approved_post_begins(both: Both) -> None:
    with both.two.a:
        assert tying.card(None, [], [], member=ME) is None


        here, others = queries.elsewhere(both.post)
        assert here is not None
        assert [one.name for one in others] == ["Portable"]
        card = tying.card(both.post, [here], others, member=ME)
        assert card is not None
        assert [line.name for line in card.lines] == ["Portable"]
        assert tying.card(uuid4(), [here], others, member=ME) is None
        for said in ("https://evil.example", "http://portable.cabinet.example", "https://notcabinet.example", "javascript:alert(1)", ""):
            lying = [replace(others[0], origin=said)]  # a stolen machine says anything of itself
            assert tying.card(both.post, [here], lying, member=ME) is None
        assert tying.card(both.post, [here], [replace(others[0], carer=uuid4())], member=ME) is None  # another carer's limited laptop
        assert tying.card(both.post, [here], [replace(others[0], carer=ME)], member=ME) is not None
        assert Replica.objects.get(name="Bureau").origin == A
