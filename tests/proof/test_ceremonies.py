"""Passkey ceremonies: the session's key is inside the challenge, the origin is exact, user verification is required."""

import pytest

from permanence.accounts import webauthn
from permanence.accounts.proof import b64url
from permanence.accounts.webauthn import CEREMONY_SECONDS, Ceremony, CeremonyFailed, Nonces, challenge
from tests.proof.tools import ORIGIN, RP_ID, Authenticator, BrowserKey

MEMBER = bytes(range(16))


@pytest.fixture
def nonce() -> str:
    return Nonces().issue(0)


def enrolled(authenticator: Authenticator, nonce: str, keyid: str) -> webauthn.NewPasskey:
    expected = challenge(Ceremony.ENROL, nonce, keyid)
    return webauthn.verify_creation(authenticator.create(MEMBER, expected), rp_id=RP_ID, origin=ORIGIN, expected=expected)


def asserted(authenticator: Authenticator, answer: dict[str, object], expected: bytes, *, origin: str = ORIGIN,
             sign_count: int = 0) -> webauthn.Assertion:
    return webauthn.verify_assertion(answer, rp_id=RP_ID, origin=origin, expected=expected,
                                     public_key=authenticator.cose(), sign_count=sign_count)


def test_a_passkey_is_created_then_signs_in(nonce: str) -> None:
    authenticator, key = Authenticator(), BrowserKey()
    made = enrolled(authenticator, nonce, key.keyid)
    assert made.credential_id == authenticator.credential_id
    assert made.public_key == authenticator.cose()
    assert made.transports == ("internal",)
    expected = challenge(Ceremony.SIGN_IN, nonce, key.keyid)
    assert asserted(authenticator, authenticator.get(expected), expected).sign_count == 1


def test_the_touch_vouches_for_one_key_only(nonce: str) -> None:
    authenticator = Authenticator()
    answer = authenticator.get(challenge(Ceremony.SIGN_IN, nonce, BrowserKey().keyid))
    with pytest.raises(CeremonyFailed, match="assertion"):
        asserted(authenticator, answer, challenge(Ceremony.SIGN_IN, nonce, BrowserKey().keyid))


def test_an_answer_serves_only_its_own_ceremony(nonce: str) -> None:
    authenticator, key = Authenticator(), BrowserKey()
    answer = authenticator.get(challenge(Ceremony.SIGN_IN, nonce, key.keyid))
    with pytest.raises(CeremonyFailed):
        asserted(authenticator, answer, challenge(Ceremony.CONFIRM, nonce, key.keyid))


@pytest.mark.parametrize("origin", [
    "https://heberge.tilleuls.example", "https://bureau.tilleuls.example:8443", "http://bureau.tilleuls.example",
    "https://bureau.tilleuls.example.evil.example",
])
def test_another_origin_is_refused(nonce: str, origin: str) -> None:
    authenticator, key = Authenticator(origin=origin), BrowserKey()
    expected = challenge(Ceremony.SIGN_IN, nonce, key.keyid)
    with pytest.raises(CeremonyFailed):
        asserted(authenticator, authenticator.get(expected), expected)


@pytest.mark.parametrize("client", [{"crossOrigin": True}, {"topOrigin": "https://evil.example"}])
def test_a_frame_of_another_site_is_refused(nonce: str, client: dict[str, object]) -> None:
    authenticator = Authenticator()
    expected = challenge(Ceremony.SIGN_IN, nonce, BrowserKey().keyid)
    with pytest.raises(CeremonyFailed, match="cross-origin"):
        asserted(authenticator, authenticator.get(expected, **client), expected)


def test_without_user_verification_nothing_is_accepted(nonce: str) -> None:
    authenticator, key = Authenticator(), BrowserKey()
    expected = challenge(Ceremony.SIGN_IN, nonce, key.keyid)
    with pytest.raises(CeremonyFailed):
        asserted(authenticator, authenticator.get(expected, flags=0x01), expected)
    with pytest.raises(CeremonyFailed):
        webauthn.verify_creation(authenticator.create(MEMBER, expected, flags=0x41), rp_id=RP_ID, origin=ORIGIN,
                                 expected=expected)


def test_a_counter_that_went_back_is_refused(nonce: str) -> None:
    authenticator = Authenticator()
    expected = challenge(Ceremony.SIGN_IN, nonce, BrowserKey().keyid)
    with pytest.raises(CeremonyFailed):
        asserted(authenticator, authenticator.get(expected), expected, sign_count=9)


def test_creation_asks_for_a_discoverable_verified_passkey_and_names_nobody_in_the_handle(nonce: str) -> None:
    options = webauthn.creation_options(rp_id=RP_ID, rp_name="Maison de santé des Tilleuls", member=MEMBER,
                                        name="Dr Claire MOREAU", nonce=nonce, keyid="k", known=[b"one"])
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["user"]["id"] == b64url(MEMBER)
    assert options["challenge"] == b64url(challenge(Ceremony.ENROL, nonce, "k"))
    assert [known["id"] for known in options["excludeCredentials"]] == [b64url(b"one")]


def test_a_nonce_serves_once_and_for_five_minutes() -> None:
    nonces = Nonces()
    first = nonces.issue(100)
    nonces.take(first, 100 + CEREMONY_SECONDS)
    with pytest.raises(CeremonyFailed, match="used"):
        nonces.take(first, 101)
    with pytest.raises(CeremonyFailed, match="age"):
        nonces.take(nonces.issue(100), 101 + CEREMONY_SECONDS)
    with pytest.raises(CeremonyFailed, match="nonce"):
        nonces.take(Nonces().issue(100), 101)


@pytest.mark.parametrize("answer", [
    {}, {"id": 1, "response": {}}, {"id": "é", "response": {}}, {"id": "AA", "response": []},
    {"response": {"userHandle": 3}},
])
def test_malformed_answers_are_refused_in_plain_words(answer: dict[str, object]) -> None:
    with pytest.raises(CeremonyFailed) as refused:
        webauthn.presented(answer)
    assert "Recommencez" in refused.value.sentence
