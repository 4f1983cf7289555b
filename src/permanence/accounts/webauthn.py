"""Passkey ceremonies over the `webauthn` library: challenges, options, verification. No HTTP, no storage.

The library brings a tenth of all that a start loads, so it is imported where it is used; `load` does it ahead.
"""

import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any

from permanence.accounts.proof import b64url, from_b64url

if TYPE_CHECKING:
    from webauthn.helpers.cose import COSEAlgorithmIdentifier

CEREMONY_SECONDS = 300
TIMEOUT_MS = 120_000
ALGORITHMS = (-7, -8, -257)  # COSE: ES256, EdDSA, RS256


class Ceremony(StrEnum):
    """What the person's touch is for. The label is inside the challenge: one ceremony's answer is useless in another."""

    SIGN_IN = "permanence/sign-in/v1"
    CONFIRM = "permanence/confirm/v1"  # return from lock, step-up, person change, after a freeze
    ENROL = "permanence/enrol-passkey/v1"
    UNLOCK = "permanence/unlock/v1"


class CeremonyFailed(Exception):
    """The answer is not acceptable. `code` is for logs; `sentence` is French, for the person."""

    def __init__(self, code: str, sentence: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence or "Cette clé n’a pas pu être vérifiée. Recommencez, ou utilisez une autre clé."


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What is kept of a new passkey; `prf` says that the authenticator offered it, which proves nothing yet."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: str
    transports: tuple[str, ...]
    backed_up: bool
    prf: bool


@dataclass(frozen=True, slots=True)
class Presented:
    """Which credential answers, before anything is verified."""

    credential_id: bytes
    user_handle: bytes | None


@dataclass(frozen=True, slots=True)
class Assertion:
    """A verified assertion; user verification was required and done."""

    credential_id: bytes
    sign_count: int
    backed_up: bool


class Nonces:
    """Random ceremony nonces, without memory until used: authenticated, dated, taken once. One process only."""

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret or secrets.token_bytes(32)
        self._taken: dict[str, int] = {}
        self._lock = threading.Lock()

    def issue(self, now: int) -> str:
        """A nonce valid for `CEREMONY_SECONDS`; `now` in seconds of a clock that never goes back."""
        head = secrets.token_bytes(16) + now.to_bytes(8)
        return b64url(head + self._mark(head))

    def take(self, nonce: str, now: int) -> None:
        """Use a nonce. Raises CeremonyFailed when it is not ours, too old, or already used."""
        try:
            raw = from_b64url(nonce)
        except ValueError:
            raise CeremonyFailed("nonce") from None
        if len(raw) != 40 or not hmac.compare_digest(self._mark(raw[:24]), raw[24:]):
            raise CeremonyFailed("nonce", "La demande a été préparée avant un redémarrage. Recommencez.")
        issued = int.from_bytes(raw[16:24])
        if not 0 <= now - issued <= CEREMONY_SECONDS:
            raise CeremonyFailed("nonce-age", "La demande a plus de cinq minutes. Recommencez.")
        with self._lock:
            for old in [known for known, at in self._taken.items() if now - at > CEREMONY_SECONDS]:
                del self._taken[old]
            if nonce in self._taken:
                raise CeremonyFailed("nonce-used", "Cette demande a déjà servi. Recommencez.")
            self._taken[nonce] = issued

    def _mark(self, head: bytes) -> bytes:
        return hmac.digest(self._secret, b"permanence/ceremony-nonce/v1\n" + head, "sha256")[:16]


def challenge(ceremony: Ceremony, nonce: str, keyid: str) -> bytes:
    """The 32-byte challenge: the browser computes the same, so the touch also vouches for the session's key."""
    return hashlib.sha256(f"{ceremony.value}\n{nonce}\n{keyid}".encode()).digest()


def load() -> None:
    """Bring the library in, so that the first person's touch does not wait for it."""
    import_module("webauthn")


def creation_options(*, rp_id: str, rp_name: str, member: bytes, name: str, nonce: str, keyid: str,
                     known: Sequence[bytes] = ()) -> dict[str, Any]:
    """Options for `navigator.credentials.create()` in JSON form: discoverable, user verified; PRF is added by the page.

    `member` is the user handle (the member's id, 16 bytes): no name, no number.
    """
    from webauthn import generate_registration_options
    from webauthn.helpers import options_to_json_dict, structs

    options = generate_registration_options(
        rp_id=rp_id, rp_name=rp_name, user_id=member, user_name=name, user_display_name=name,
        challenge=challenge(Ceremony.ENROL, nonce, keyid), timeout=TIMEOUT_MS, supported_pub_key_algs=_algorithms(),
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED, require_resident_key=True,
            user_verification=structs.UserVerificationRequirement.REQUIRED),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=credential) for credential in known])
    return options_to_json_dict(options)


def verify_creation(credential: Mapping[str, Any], *, rp_id: str, origin: str, expected: bytes) -> NewPasskey:
    """Check the answer of `create()`. `origin` is compared as an exact string, port included. Raises CeremonyFailed."""
    from webauthn import verify_registration_response
    from webauthn.helpers.exceptions import WebAuthnException
    from webauthn.helpers.structs import AuthenticatorTransport

    client = _client_data(credential)
    _refuse_frames(client)
    try:
        done = verify_registration_response(
            credential=dict(credential), expected_challenge=expected, expected_rp_id=rp_id, expected_origin=origin,
            require_user_verification=True, supported_pub_key_algs=_algorithms())
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise CeremonyFailed("creation") from error
    answer = credential.get("response")
    named = answer.get("transports") if isinstance(answer, Mapping) else None
    allowed = {transport.value for transport in AuthenticatorTransport}
    transports = tuple(t for t in named if isinstance(t, str) and t in allowed) if isinstance(named, list) else ()
    return NewPasskey(done.credential_id, done.credential_public_key, done.sign_count, done.aaguid, transports,
                      done.credential_backed_up, _prf_enabled(credential))


def presented(credential: Mapping[str, Any]) -> Presented:
    """Which passkey answers, to look up its public key. Raises CeremonyFailed when the answer has no such form."""
    try:
        handle = credential["response"].get("userHandle")
        return Presented(from_b64url(credential["id"]), from_b64url(handle) if handle else None)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise CeremonyFailed("form") from None


def verify_assertion(credential: Mapping[str, Any], *, rp_id: str, origin: str, expected: bytes, public_key: bytes,
                     sign_count: int) -> Assertion:
    """Check the answer of `get()` with the stored COSE key. `origin` exact, port included. Raises CeremonyFailed."""
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    _refuse_frames(_client_data(credential))
    try:
        done = verify_authentication_response(
            credential=dict(credential), expected_challenge=expected, expected_rp_id=rp_id, expected_origin=origin,
            credential_public_key=public_key, credential_current_sign_count=sign_count, require_user_verification=True)
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise CeremonyFailed("assertion") from error
    return Assertion(done.credential_id, done.new_sign_count, done.credential_backed_up)


def _algorithms() -> "list[COSEAlgorithmIdentifier]":
    from webauthn.helpers.cose import COSEAlgorithmIdentifier

    return [COSEAlgorithmIdentifier(number) for number in ALGORITHMS]


def _client_data(credential: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        client = json.loads(from_b64url(credential["response"]["clientDataJSON"]))
    except (KeyError, TypeError, ValueError, RecursionError):
        raise CeremonyFailed("form") from None
    if not isinstance(client, dict):
        raise CeremonyFailed("form")
    return client


def _refuse_frames(client: Mapping[str, Any]) -> None:
    """A page inside another site's frame is refused, whatever the library thinks of it."""
    if client.get("crossOrigin") not in (None, False) or "topOrigin" in client:
        raise CeremonyFailed("cross-origin")


def _prf_enabled(credential: Mapping[str, Any]) -> bool:
    results = credential.get("clientExtensionResults")
    prf = results.get("prf") if isinstance(results, Mapping) else None
    return isinstance(prf, Mapping) and prf.get("enabled") is True
