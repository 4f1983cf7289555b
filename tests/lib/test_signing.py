"""A request is believed once, as it was signed, by a key that is known here, for this server: nothing of it may change."""
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.lib import clock, signing, suite
from permanence.lib.signing import Nonces, NotSigned, Reason

KEY, SECRET = suite.signing_pair(_seed=bytes(range(32)))
URL = "https://relais.example/00112233445566778899aabbccddeeff/entries?a=1"
BODY = b"sealed"


def everybody(key: bytes) -> bool:
    return True


def why(call: Callable[[], Any]) -> Reason:
    with pytest.raises(NotSigned) as caught:
        call()
    return caught.value.reason


@pytest.fixture
def nonces() -> Nonces:
    return Nonces()


def test_a_signed_request_is_believed_once(nonces: Nonces) -> None:
    headers = signing.sign("POST", URL, BODY, nonces.issue(), SECRET)
    assert set(headers) == set(signing.SIGNED)
    assert signing.verify("POST", URL, headers, BODY, known=everybody, nonces=nonces) == KEY
    assert why(lambda: signing.verify("POST", URL, headers, BODY, known=everybody, nonces=nonces)) is Reason.NONCE


def test_an_empty_body_is_signed_too(nonces: Nonces) -> None:
    headers = signing.sign("GET", URL, b"", nonces.issue(), SECRET)
    assert "Content-Digest" in headers
    assert why(lambda: signing.verify("GET", URL, headers, b"x", known=everybody, nonces=nonces)) is Reason.DIGEST
    assert signing.verify("GET", URL, headers, b"", known=everybody, nonces=nonces) == KEY


@pytest.mark.parametrize(("method", "url", "body", "reason"), [
    ("PUT", URL, BODY, Reason.SIGNATURE),
    ("POST", URL.replace("entries", "heads"), BODY, Reason.SIGNATURE),
    ("POST", URL.replace("0011", "1100"), BODY, Reason.SIGNATURE),
    ("POST", URL.replace("a=1", "a=2"), BODY, Reason.SIGNATURE),
    ("POST", URL.replace("relais.example", "autre.example"), BODY, Reason.SIGNATURE),
    ("POST", URL.replace("relais.example", "relais.example:8443"), BODY, Reason.SIGNATURE),
    ("POST", URL, b"changed", Reason.DIGEST),
])  # fmt: skip
def test_nothing_of_it_may_change(nonces: Nonces, method: str, url: str, body: bytes, reason: Reason) -> None:
    headers = signing.sign("POST", URL, BODY, nonces.issue(), SECRET)
    assert why(lambda: signing.verify(method, url, headers, body, known=everybody, nonces=nonces)) is reason
    assert signing.verify("POST", URL, headers, BODY, known=everybody, nonces=nonces) == KEY  # and it had used nothing up


def test_a_key_that_is_not_known_says_so(nonces: Nonces) -> None:
    headers = signing.sign("POST", URL, BODY, nonces.issue(), SECRET)
    assert why(lambda: signing.verify("POST", URL, headers, BODY, known=lambda key: False, nonces=nonces)) is Reason.KEY


def test_a_request_in_anothers_name_is_not_believed(nonces: Nonces) -> None:
    other = suite.signing_pair()[0]
    headers = signing.sign("POST", URL, BODY, nonces.issue(), SECRET)
    headers["Signature-Input"] = headers["Signature-Input"].replace(KEY.hex(), other.hex())
    assert why(lambda: signing.verify("POST", URL, headers, BODY, known=everybody, nonces=nonces)) is Reason.SIGNATURE


def test_a_signature_that_covers_less_is_refused(nonces: Nonces, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "COVERED", signing.COVERED[:-2])
    headers = signing.sign("POST", URL, BODY, nonces.issue(), SECRET)
    monkeypatch.undo()
    assert why(lambda: signing.verify("POST", URL, headers, BODY, known=everybody, nonces=nonces)) is not None


@pytest.mark.parametrize("missing", signing.SIGNED)
def test_a_header_that_is_missing_is_a_refusal(nonces: Nonces, missing: str) -> None:
    headers = signing.sign("POST", URL, BODY, nonces.issue(), SECRET)
    del headers[missing]
    assert why(lambda: signing.verify("POST", URL, headers, BODY, known=everybody, nonces=nonces)) in tuple(Reason)


@given(st.dictionaries(st.sampled_from(signing.SIGNED), st.text(st.characters(codec="latin-1"), max_size=80)))
def test_any_header_is_a_refusal_and_no_fault(headers: dict[str, str]) -> None:
    assert why(lambda: signing.verify("POST", URL, headers, BODY, known=everybody, nonces=Nonces())) in tuple(Reason)


def test_a_header_of_any_length_is_not_read(nonces: Nonces) -> None:
    headers = signing.sign("POST", URL, BODY, nonces.issue(), SECRET)
    headers["Signature-Input"] += ", a=()" * 1000
    assert why(lambda: signing.verify("POST", URL, headers, BODY, known=everybody, nonces=nonces)) is Reason.UNSIGNED


def test_machines_that_are_days_apart_believe_each_other(nonces: Nonces) -> None:
    import datetime

    for days in (-400, -3, 3, 400):
        with clock.override(offset=datetime.timedelta(days=days)):
            headers = signing.sign("POST", URL, BODY, nonces.issue(), SECRET)
        assert signing.verify("POST", URL, headers, BODY, known=everybody, nonces=nonces) == KEY


def test_a_nonce_of_another_process_or_a_made_one_is_worth_nothing(nonces: Nonces) -> None:
    for nonce in ("", "x", "A" * 44, Nonces().issue(), nonces.issue()[:-1], nonces.issue() + "A"):
        headers = signing.sign("POST", URL, BODY, nonce, SECRET)
        assert why(lambda headers=headers: signing.verify("POST", URL, headers, BODY, known=everybody, nonces=nonces)) is Reason.NONCE


def test_a_nonce_lives_five_minutes() -> None:
    now = [1000.0]
    nonces = Nonces(seconds=lambda: now[0])
    nonce = nonces.issue()
    now[0] += signing.LIFE_S - 1
    assert nonces.fresh(nonce)
    now[0] += 2
    assert not nonces.fresh(nonce)
    assert not nonces.take(nonce)


def test_the_memory_of_nonces_is_bounded_and_forgets_the_dead_only() -> None:
    now = [0.0]
    nonces = Nonces(most=10, seconds=lambda: now[0])
    used = [nonces.issue() for _ in range(10)]
    assert all(nonces.take(one) for one in used)
    assert not nonces.take(nonces.issue())  # nobody more, rather than one twice
    assert not any(nonces.take(one) for one in used)
    now[0] += signing.LIFE_S + 2
    assert nonces.take(nonces.issue())
    assert not any(nonces.take(one) for one in used)
    assert len(nonces._used) == 1


def test_a_large_body_is_foreseen_without_using_anything_up(nonces: Nonces) -> None:
    headers = signing.sign("PUT", URL, BODY, nonces.issue(), SECRET)
    signing.foresee("PUT", URL, headers, known=everybody, nonces=nonces)
    assert why(lambda: signing.foresee("PUT", URL + "x", headers, known=everybody, nonces=nonces)) is Reason.SIGNATURE
    assert signing.verify("PUT", URL, headers, BODY, known=everybody, nonces=nonces) == KEY
    assert why(lambda: signing.foresee("PUT", URL, headers, known=everybody, nonces=nonces)) is Reason.NONCE


def test_a_fault_of_the_one_asked_is_not_an_unknown_key(nonces: Nonces) -> None:
    headers = signing.sign("POST", URL, BODY, nonces.issue(), SECRET)
    with pytest.raises(ConnectionError):
        signing.verify("POST", URL, headers, BODY, known=broken, nonces=nonces)


def broken(key: bytes) -> bool:
    raise ConnectionError("no database")
