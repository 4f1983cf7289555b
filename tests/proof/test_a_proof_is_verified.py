"""The pure verification of a request proof: each way to be refused, in its order, and the one way to be accepted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.accounts.proof import (
    Key,
    KeyRole,
    Nonces,
    PopError,
    Proof,
    Replays,
    Target,
    Unproved,
    Verifier,
    content_digest,
    parse,
    point_of,
    thumbprint,
)
from tests.proof.tools import HOST, BrowserKey

SESSION, EPOCH = "session-1", 1000


class Bench:
    """One session with its keys, and a shortcut from a signed request to the verdict."""

    def __init__(self) -> None:
        self.verifier = Verifier(Nonces(b"s" * 32), Replays())
        self.key = BrowserKey()
        self.keys = {self.key.keyid: Key(self.key.point, KeyRole.CURRENT)}

    def nonce(self, epoch: int = EPOCH) -> str:
        return self.verifier.nonces.at(SESSION, epoch)

    def check(self, headers: dict[str, str], *, method: str = "GET", path: str = "/patients", query: str = "",
              body: bytes | None = None, epoch: int = EPOCH, session: str = SESSION) -> Proof:
        target = Target(method, HOST, path, f"?{query}", headers.get("Content-Digest"))
        presented = parse(headers.get("Signature-Input"), headers.get("Signature"))
        return self.verifier.check(target, presented, session=session, keys=self.keys, epoch=epoch, body=body)

    def refusal(self, headers: dict[str, str], **more: object) -> PopError:
        with pytest.raises(Unproved) as refused:
            self.check(headers, **more)  # type: ignore[arg-type]
        return refused.value.error


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_good_proof_is_accepted_and_names_its_key(bench: Bench) -> None:
    proof = bench.check(bench.key.headers("GET", "/patients", bench.nonce()))
    assert (proof.keyid, proof.role) == (bench.key.keyid, KeyRole.CURRENT)
    assert proof.reference.startswith(bench.key.keyid)


def test_a_write_covers_its_body(bench: Bench) -> None:
    body = b"motif=toux"
    headers = bench.key.headers("POST", "/notes", bench.nonce(), body=body)
    assert bench.check(headers, method="POST", path="/notes", body=body)


def test_another_body_is_refused(bench: Bench) -> None:
    headers = bench.key.headers("POST", "/notes", bench.nonce(), body=b"dose=1")
    assert bench.refusal(headers, method="POST", path="/notes", body=b"dose=9") is PopError.DIGEST


def test_another_body_with_its_digest_replaced_is_refused(bench: Bench) -> None:
    headers = bench.key.headers("POST", "/notes", bench.nonce(), body=b"dose=1")
    headers["Content-Digest"] = content_digest(b"dose=9")
    assert bench.refusal(headers, method="POST", path="/notes", body=b"dose=9") is PopError.SIGNATURE


def test_a_write_without_digest_is_refused(bench: Bench) -> None:
    headers = bench.key.headers("POST", "/notes", bench.nonce())
    assert bench.refusal(headers, method="POST", path="/notes", body=b"") is PopError.COMPONENTS


@pytest.mark.parametrize("missing", ["Signature-Input", "Signature"])
def test_without_one_of_its_headers_a_proof_is_missing(bench: Bench, missing: str) -> None:
    headers = bench.key.headers("GET", "/patients", bench.nonce())
    del headers[missing]
    assert bench.refusal(headers) is PopError.MISSING


@pytest.mark.parametrize("components", [
    '"@authority" "@method" "@path" "@query"',
    '"@method" "@authority" "@path"',
    '"@method" "@authority" "@path" "@query" "x-more"',
    '"@method"  "@authority" "@path" "@query"',
    '"@target-uri"',
])
def test_other_components_or_another_order_are_refused(bench: Bench, components: str) -> None:
    headers = bench.key.headers("GET", "/patients", bench.nonce(), components=components)
    assert bench.refusal(headers) is PopError.COMPONENTS


@pytest.mark.parametrize("change", [
    lambda text: text.replace("pop=", "sig=", 1),
    lambda text: text.replace(';tag="pop"', ""),
    lambda text: text + ";created=1",
    lambda text: text + ", other=()",
    lambda text: text.replace('tag="pop"', 'tag="web"'),
])
def test_another_profile_is_refused(bench: Bench, change: object) -> None:
    headers = bench.key.headers("GET", "/patients", bench.nonce())
    headers["Signature-Input"] = change(headers["Signature-Input"])  # type: ignore[operator]
    assert bench.refusal(headers) is PopError.COMPONENTS


@pytest.mark.parametrize("other", [
    {"method": "HEAD"}, {"path": "/patients/2"}, {"query": "q=a"},
])
def test_a_proof_for_another_request_is_refused(bench: Bench, other: dict[str, str]) -> None:
    assert bench.refusal(bench.key.headers("GET", "/patients", bench.nonce()), **other) is PopError.SIGNATURE


def test_a_proof_for_another_host_is_refused(bench: Bench) -> None:
    headers = bench.key.headers("GET", "/patients", bench.nonce(), authority="portable.tilleuls.example")
    assert bench.refusal(headers) is PopError.SIGNATURE


def test_a_key_that_the_session_never_had_is_unknown(bench: Bench) -> None:
    assert bench.refusal(BrowserKey().headers("GET", "/patients", bench.nonce())) is PopError.UNKNOWN_KEY


def test_a_nonce_lives_for_its_epoch_and_the_next(bench: Bench) -> None:
    assert bench.check(bench.key.headers("GET", "/patients", bench.nonce()), epoch=EPOCH + 1)
    assert bench.refusal(bench.key.headers("GET", "/patients", bench.nonce()), epoch=EPOCH + 2) is PopError.NONCE
    assert bench.refusal(bench.key.headers("GET", "/patients", bench.nonce(EPOCH + 1))) is PopError.NONCE


def test_the_nonce_of_another_session_is_refused(bench: Bench) -> None:
    headers = bench.key.headers("GET", "/patients", bench.verifier.nonces.at("session-2", EPOCH))
    assert bench.refusal(headers) is PopError.NONCE


def test_a_nonce_dies_with_the_process(bench: Bench) -> None:
    headers = bench.key.headers("GET", "/patients", bench.nonce())
    bench.verifier = Verifier.new()
    assert bench.refusal(headers) is PopError.NONCE


def test_a_proof_serves_once(bench: Bench) -> None:
    headers = bench.key.headers("GET", "/patients", bench.nonce())
    bench.check(headers)
    assert bench.refusal(headers) is PopError.REPLAY
    assert bench.refusal(headers, epoch=EPOCH + 1) is PopError.REPLAY


def test_the_replay_set_forgets_what_no_nonce_accepts_any_more(bench: Bench) -> None:
    for step in range(50):
        bench.check(bench.key.headers("GET", "/patients", bench.nonce(EPOCH + step)), epoch=EPOCH + step)
    assert len(bench.verifier.replays) == 2


def test_a_forged_proof_does_not_use_up_the_real_one(bench: Bench) -> None:
    headers = bench.key.headers("GET", "/patients", bench.nonce())
    forged = {**headers, "Signature": BrowserKey().headers("GET", "/patients", bench.nonce())["Signature"]}
    assert bench.refusal(forged) is PopError.SIGNATURE
    assert bench.check(headers)


@pytest.mark.parametrize("role", [KeyRole.PENDING, KeyRole.PREVIOUS])
def test_pending_and_previous_keys_still_sign(bench: Bench, role: KeyRole) -> None:
    bench.keys = {bench.key.keyid: Key(bench.key.point, role)}
    assert bench.check(bench.key.headers("GET", "/patients", bench.nonce())).role is role


def test_a_retired_key_is_told_only_after_its_signature_was_verified(bench: Bench) -> None:
    bench.keys = {bench.key.keyid: Key(bench.key.point, KeyRole.RETIRED)}
    headers = bench.key.headers("GET", "/patients", bench.nonce())
    forged = {**headers, "Signature": BrowserKey().headers("GET", "/patients", bench.nonce())["Signature"]}
    assert bench.refusal(forged) is PopError.SIGNATURE
    stale = bench.key.headers("GET", "/patients", bench.nonce(EPOCH - 2))
    assert bench.refusal(stale) is PopError.NONCE
    assert bench.refusal(headers) is PopError.RETIRED
    assert bench.refusal(headers) is PopError.REPLAY, "a replayed log must not freeze a session"


def test_the_thumbprint_is_that_of_rfc_7638_for_a_known_key() -> None:
    # The P-256 key of RFC 7517, appendix A.1, and its thumbprint as other implementations give it.
    jwk = {"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
           "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM", "use": "enc", "kid": "1"}
    assert thumbprint(point_of(jwk)) == "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"


@pytest.mark.parametrize("wrong", [
    {}, {"kty": "RSA"}, {"kty": "EC", "crv": "P-384", "x": "A", "y": "A"},
    {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43},  # not on the curve
    {"kty": "EC", "crv": "P-256", "x": 1, "y": 2},
])
def test_anything_but_a_public_p256_key_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- any of the ways not to be a key
        point_of(wrong)


def test_a_private_key_is_refused() -> None:
    with pytest.raises(ValueError, match="public"):
        point_of({**BrowserKey().jwk, "d": "A" * 43})


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_header_breaks_the_parser(signature_input: str, signature: str) -> None:
    with pytest.raises(Unproved):
        parse(signature_input, signature)
