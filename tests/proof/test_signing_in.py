"""Sign-in and what follows, over HTTP: one touch, one POST; return, person change, frozen sessions, posts, invitations."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from permanence.accounts import actions, queries, sessions
from permanence.accounts.proof import b64url, from_b64url
from permanence.accounts.webauthn import Ceremony, challenge
from permanence.journal import vault
from permanence.journal.doors import Actor
from permanence.journal.vault import Vault
from permanence.lib import clock, suite
from permanence.web.account import sealport
from permanence.web.proof.keys import token_hash
from tests.cast import reader_for
from tests.proof.conftest import NAVIGATION, Browser
from tests.proof.tools import RP_ID, Authenticator, BrowserKey, Folder


class Person(Browser):
    """A browser with an authenticator, going through the ceremonies as the scripts do."""

    def __init__(self) -> None:
        super().__init__()
        self.authenticator = Authenticator()
        self.post_key: BrowserKey | None = None
        self.plain("/entrer", headers=NAVIGATION)

    def post(self, path: str, value: Mapping[str, Any]) -> HttpResponse:
        headers = {"X-CSRFToken": self.client.cookies["__Host-csrf"].value, "Referer": f"{self.authenticator.origin}/"}
        return self.plain(path, method="POST", data=json.dumps(value).encode(), headers=headers)

    def ready(self) -> str:
        nonce: str = self.plain("/session/defi").json()["nonce"]
        return nonce

    def accept(self, code: str) -> HttpResponse:
        """Make the first passkey of an invited member."""
        keyid = BrowserKey().keyid
        prepared = self.post("/invitation/preparer", {"code": code, "keyid": keyid})
        if prepared.status_code != 200:
            return prepared
        ready = prepared.json()
        answer = self.authenticator.create(from_b64url(ready["options"]["user"]["id"]),
                                           from_b64url(ready["options"]["challenge"]))
        return self.post("/invitation/accepter",
                         {"nonce": ready["nonce"], "keyid": keyid, "credential": answer, "code": code})

    def touched(self, ceremony: Ceremony, *, held: str = "", nonce: str = "") -> tuple[BrowserKey, dict[str, Any]]:
        fresh, nonce = BrowserKey(), nonce or self.ready()
        keys = f"{held}.{fresh.keyid}" if held else fresh.keyid
        sent: dict[str, Any] = {"nonce": nonce, "jwk": fresh.jwk, "tier": "worker",
                                "credential": self.authenticator.get(challenge(ceremony, nonce, keys))}
        if self.post_key:
            signed = self.post_key.sign(f"permanence/post/v1\n{nonce}\n{fresh.keyid}".encode())
            sent["post"] = {"keyid": self.post_key.keyid, "signature": b64url(signed)}
        return fresh, sent

    def sign_in(self) -> HttpResponse:
        fresh, sent = self.touched(Ceremony.SIGN_IN)
        response = self.post("/session", sent)
        if response.status_code == 200:
            self.key = fresh
        return response

    def confirm(self, *, who: "Person | None" = None) -> HttpResponse:
        """The overlay, with this person's passkey or with another's at the same browser."""
        mine, self.authenticator = self.authenticator, (who or self).authenticator
        fresh, sent = self.touched(Ceremony.CONFIRM, held=self.key.keyid)
        response = self.post("/session/lever", {**sent, "held": self.key.keyid})
        self.authenticator = mine
        if response.status_code == 200 and response.json()["fresh"]:
            self.key = fresh
        return response

    def enrol(self, code: str) -> HttpResponse:
        """Make this browser a post."""
        key, nonce = BrowserKey(), self.ready()
        signature = b64url(key.sign(f"permanence/post/v1\n{nonce}\n{key.keyid}".encode()))
        response = self.post("/poste/enregistrer", {"code": code, "name": "Accueil", "jwk": key.jwk, "nonce": nonce,
                                                    "signature": signature})
        self.post_key = key
        return response


def at_an_approved_post(by: Actor) -> Person:
    person = Person()
    assert person.enrol(actions.invite_post(by=by).code).status_code == 200
    post = queries.post_by_token(token_hash(person.client.cookies["__Host-post"].value))
    assert post is not None
    actions.approve_post(post.id, by=by)
    return person


def code_for(cast: Mapping[str, Actor], name: str) -> str:
    member = cast[name].member
    assert member is not None
    return actions.reinvite_member(member, by=cast["moreau"]).code


@pytest.fixture
def benali_here(site: None, cast: Mapping[str, Actor]) -> Person:
    """Dr Benali with a passkey, at an approved post, not yet signed in."""
    person = at_an_approved_post(cast["moreau"])
    assert person.accept(code_for(cast, "benali")).status_code == 200
    return person


def session_at(person: Person) -> sessions.SessionInfo:
    found = sessions.get(token_hash(person.cookie))
    assert found is not None
    return found


def test_one_touch_signs_in_and_the_first_page_is_proved(benali_here: Person, benali: Actor) -> None:
    response = benali_here.sign_in()
    assert response.json() == {"next": "/", "fresh": True, "changed": False}
    cookie = benali_here.client.cookies["__Host-session"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (True, True, "Strict", "/")
    assert session_at(benali_here).member == benali.member
    assert session_at(benali_here).tier == "worker"
    assert benali_here.send("/clinique").status_code == 200


def test_the_touch_of_one_browser_opens_nothing_for_another_key(benali_here: Person) -> None:
    _, sent = benali_here.touched(Ceremony.SIGN_IN)
    assert benali_here.post("/session", {**sent, "jwk": BrowserKey().jwk}).status_code == 400


def test_an_answer_serves_once(benali_here: Person) -> None:
    _, sent = benali_here.touched(Ceremony.SIGN_IN)
    assert benali_here.post("/session", sent).status_code == 200
    assert benali_here.post("/session", sent).json()["code"] == "nonce-used"


def test_a_passkey_of_another_practice_is_not_known(site: None, cast: Mapping[str, Actor]) -> None:
    stranger = Person()
    response = stranger.sign_in()
    assert (response.status_code, response.json()["code"]) == (400, "unknown")
    assert "titulaire" in response.json()["phrase"]


def test_a_browser_that_is_no_post_opens_nothing(site: None, cast: Mapping[str, Actor]) -> None:
    person = Person()
    person.accept(code_for(cast, "benali"))
    response = person.sign_in()
    assert (response.status_code, response.json()["code"]) == (403, "post")


def test_a_copied_post_cookie_without_its_key_is_no_post(benali_here: Person) -> None:
    benali_here.post_key = BrowserKey()
    assert benali_here.sign_in().json()["code"] == "post"


def test_a_post_waits_for_a_titulaire(site: None, cast: Mapping[str, Actor]) -> None:
    person = Person()
    person.enrol(actions.invite_post(by=cast["moreau"]).code)
    person.accept(code_for(cast, "benali"))
    assert person.sign_in().json()["code"] == "post"
    assert "accepter" in person.plain("/entrer", headers=NAVIGATION).content.decode()


def test_a_code_enrols_one_post_only(site: None, moreau: Actor) -> None:
    code = actions.invite_post(by=moreau).code
    assert Person().enrol(code).status_code == 200
    assert Person().enrol(code).status_code == 403


def test_codes_cannot_be_guessed_for_long(site: None, moreau: Actor) -> None:
    person = Person()
    answers = [person.enrol("AAAA-AAAA-AA").json()["code"] for _ in range(22)]
    assert answers[0] == "code"
    assert answers[-1] == "tries"


def test_an_invitation_serves_once(benali_here: Person, cast: Mapping[str, Actor]) -> None:
    code = code_for(cast, "sophie")
    assert Person().accept(code).status_code == 200
    assert Person().accept(code).status_code == 403


def test_after_a_lock_one_touch_returns_with_the_same_key(benali_here: Person) -> None:
    benali_here.sign_in()
    key, id = benali_here.key, session_at(benali_here).id
    with clock.override(offset=timedelta(minutes=16)):
        assert benali_here.send("/clinique").headers["PoP-Error"] == "uv"
        assert benali_here.confirm().json() == {"fresh": False, "changed": False}
        assert (benali_here.key, session_at(benali_here).id) == (key, id)
        assert benali_here.send("/clinique").status_code == 200
        assert benali_here.send("/sensible").status_code == 200


def test_another_person_at_the_post_opens_their_own_session_and_locks_the_first(
        benali_here: Person, cast: Mapping[str, Actor]) -> None:
    benali_here.sign_in()
    first = session_at(benali_here).id
    sophie = Person()
    sophie.accept(code_for(cast, "sophie"))
    answer = benali_here.confirm(who=sophie).json()
    assert (answer["changed"], answer["fresh"]) == (True, True)
    assert session_at(benali_here).member == cast["sophie"].member
    before = sessions.of_id(first)
    assert before is not None
    assert before.state == "locked"
    assert benali_here.send("/clinique").status_code == 200


def test_a_frozen_session_goes_on_as_a_new_one_after_a_touch(benali_here: Person) -> None:
    benali_here.sign_in()
    stolen_key, stolen_cookie, first = benali_here.key, benali_here.cookie, session_at(benali_here).id
    sessions.freeze(first)
    assert benali_here.send("/clinique").headers["PoP-Error"] == "frozen"
    assert benali_here.confirm().json()["fresh"] is True
    assert benali_here.send("/clinique").status_code == 200
    ended = sessions.of_id(first)
    assert ended is not None
    assert ended.state == "ended"
    assert Browser(cookie=stolen_cookie, key=stolen_key).send("/clinique").headers["PoP-Error"] == "session"


def test_the_overlay_gives_nothing_to_a_cookie_thief(benali_here: Person) -> None:
    """The step-up of one browser cannot be lent to the key of another."""
    benali_here.sign_in()
    _, sent = benali_here.touched(Ceremony.CONFIRM, held=benali_here.key.keyid)
    thief = BrowserKey()
    assert benali_here.post("/session/lever", {**sent, "held": thief.keyid}).status_code == 400
    assert benali_here.post("/session/lever", {**sent, "jwk": thief.jwk, "held": benali_here.key.keyid}).status_code == 400


def test_signing_out_ends_the_session(benali_here: Person) -> None:
    benali_here.sign_in()
    response = benali_here.send("/session/fermer", method="POST", data=b"", headers={"PoP-Page": "1"})
    assert response.headers["PoP-Location"] == "/entrer"
    assert benali_here.cookie == ""
    assert benali_here.send("/clinique").headers["PoP-Error"] == "session"


def test_adding_a_passkey_asks_a_recent_touch(benali_here: Person, benali: Actor) -> None:
    benali_here.sign_in()
    body = json.dumps({"keyid": benali_here.key.keyid}).encode()
    with clock.override(offset=timedelta(minutes=6)):
        assert benali_here.send("/cles/preparer", method="POST", data=body).headers["PoP-Error"] == "uv"
        benali_here.confirm()
        ready = benali_here.send("/cles/preparer", method="POST", data=body).json()
        second = Authenticator()
        answer = second.create(from_b64url(ready["options"]["user"]["id"]), from_b64url(ready["options"]["challenge"]))
        added = benali_here.send("/cles/ajouter", method="POST", data=json.dumps(
            {"nonce": ready["nonce"], "keyid": benali_here.key.keyid, "credential": answer, "label": "Clé bleue"}).encode())
    assert added.json() == {"next": "/cles"}
    assert benali.member is not None
    assert len(queries.passkeys_of(benali.member, rp_id=RP_ID)) == 2


def test_the_sign_in_page_names_the_practice_to_its_own_posts_only(benali_here: Person) -> None:
    assert "Tilleuls" in benali_here.plain("/entrer", headers=NAVIGATION).content.decode()
    assert "Tilleuls" not in Person().plain("/entrer", headers=NAVIGATION).content.decode()


@pytest.fixture
def folder(practice: Vault) -> Iterator[Folder]:
    made = Folder(practice)
    sealport.use(made)
    yield made
    sealport.use(None)


def unlock(person: Person, root: bytes, *, ceremony: Ceremony = Ceremony.UNLOCK) -> HttpResponse:
    nonce = person.plain("/deverrouiller/sceau").json()["nonce"]
    fresh, sent = person.touched(ceremony, nonce=nonce)
    person.key = fresh
    return person.post("/deverrouiller/ouvrir", {**sent, "opened": b64url(root + Folder.database)})


def test_a_member_unlocks_the_practice_and_is_signed_in(benali_here: Person, folder: Folder) -> None:
    vault.use(None)
    assert unlock(benali_here, folder.keys.root).json() == {"next": "/", "fresh": True, "changed": False}
    assert not vault.is_sealed()
    assert benali_here.send("/clinique").status_code == 200


def test_wrong_keys_open_nothing(benali_here: Person, folder: Folder) -> None:
    vault.use(None)
    assert unlock(benali_here, b"x" * 32).status_code == 403
    assert vault.is_sealed()


def test_right_keys_without_a_valid_touch_are_sealed_again(benali_here: Person, folder: Folder) -> None:
    vault.use(None)
    assert unlock(benali_here, folder.keys.root, ceremony=Ceremony.SIGN_IN).status_code == 400
    assert vault.is_sealed()


def test_the_seal_record_names_nobody_and_lists_passkey_slots_only(benali_here: Person, folder: Folder) -> None:
    folder.add_slot(suite.x25519_pair()[0], "sheet")
    folder.add_slot(suite.x25519_pair()[0], "passkey")
    vault.use(None)
    record = benali_here.plain("/deverrouiller/sceau").json()
    assert set(record) == {"practice", "replica", "epoch", "rpId", "prfSalt", "info", "slots", "nonce"}
    assert len(record["slots"]) == 1


def coffre(person: Person, public: bytes, credential: bytes) -> HttpResponse:
    return person.send("/cles/coffre", method="POST", data=json.dumps(
        {"public": b64url(public), "credential": b64url(credential)}).encode())


def test_a_titulaire_lets_a_key_open_the_practice_after_a_recent_touch(benali_here: Person, folder: Folder,
                                                                       benali: Actor) -> None:
    benali_here.sign_in()
    public, mine = suite.x25519_pair()[0], benali_here.authenticator.credential_id
    with clock.override(offset=timedelta(minutes=6)):
        assert coffre(benali_here, public, mine).headers["PoP-Error"] == "uv"
    assert coffre(benali_here, public, mine).status_code == 200
    assert coffre(benali_here, public, mine).status_code == 403  # it has a slot already
    assert coffre(benali_here, b"short", mine).status_code == 403
    assert coffre(benali_here, suite.x25519_pair()[0], b"of nobody").status_code == 403
    kept, = folder.kept.slots
    slot, = queries.slots(reader=reader_for(benali))
    assert (slot.id.bytes, slot.member, slot.opened, slot.counts) == (kept.id, benali.member, 0, False)


def test_a_slot_counts_once_it_has_opened_twice(benali_here: Person, folder: Folder, benali: Actor) -> None:
    benali_here.sign_in()
    coffre(benali_here, suite.x25519_pair()[0], benali_here.authenticator.credential_id)
    for opened in (1, 2):
        assert queries.ways_to_open() == 0
        vault.use(None)
        assert unlock(benali_here, folder.keys.root).status_code == 200
        assert [slot.opened for slot in queries.slots(reader=reader_for(benali))] == [opened]
    assert queries.ways_to_open() == 1


def test_a_secretary_adds_no_slot(site: None, cast: Mapping[str, Actor], folder: Folder) -> None:
    person = at_an_approved_post(cast["moreau"])
    person.accept(code_for(cast, "sophie"))
    assert person.sign_in().status_code == 200
    assert coffre(person, suite.x25519_pair()[0], person.authenticator.credential_id).status_code == 403
    assert folder.kept.slots == []
