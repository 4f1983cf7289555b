"""Requests between replicas and relay, signed and served once: RFC 9421 (HTTP Message Signatures), RFC 9530 (Content-Digest), Ed25519.

Freshness comes from nonces of the one asked, never from a clock: machines that talk may be days apart. `@authority` is covered, so a
request signed for one server is worth nothing at another; the scheme is not, so TLS may end in front of the process.
"""

import base64
import hmac
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from threading import Lock
from typing import Any

from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureAlgorithm,
    HTTPSignatureKeyResolver,
    VerifyResult,
)

from permanence.lib import clock, suite

COVERED = ("@method", "@authority", "@path", "@query", "content-digest")
TAG, LABEL = "permanence-exchange", "permanence"
NONCE = "Permanence-Nonce"  # the header in which an answer gives the nonce of the next request
SIGNED = ("Content-Digest", "Signature-Input", "Signature")  # the headers that signing adds
LONGEST_HEADER = 2048  # characters of each; ours take about 300
LIFE_S = 300.0  # of a nonce: a large file over a slow line is on its way for minutes


class Reason(StrEnum):
    """Why a request is not believed."""

    UNSIGNED = "unsigned"  # no signature, or one that covers less than all
    KEY = "key"  # nobody that is known here
    SIGNATURE = "signature"
    DIGEST = "digest"  # the body is not the one that was signed
    NONCE = "nonce"  # none, not ours, too old, or used: sign again with the one of this answer


class NotSigned(Exception):
    """The request is not what a known key signed for this server, once."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


def sign(method: str, url: str, body: bytes, nonce: str, secret: bytes) -> dict[str, str]:
    """The headers to send. `url` is absolute, `secret` libsodium's 64 bytes; the key is named by its public half, in hexadecimal."""
    message = _Message(method, url)
    _signer(secret).sign(message, key_id=secret[32:].hex(), created=clock.now(), nonce=nonce, label=LABEL, tag=TAG,
                         covered_component_ids=COVERED, body=body)  # fmt: skip
    return message.headers


def verify(method: str, url: str, headers: Mapping[str, str], body: bytes, *, known: Callable[[bytes], bool], nonces: "Nonces") -> bytes:
    """The public key that signed this request, its nonce now used. Raises NotSigned, and what `known` raises.

    `url` is made by the caller from a name that is its own: were it taken from whatever the request says, a request could be
    handed on from another server. `known` says whether a key of 32 bytes may speak here.
    """
    message, verifier, found = _claimed(method, url, headers, known)
    nonce = found.nonce or ""
    if not nonces.fresh(nonce):
        raise NotSigned(Reason.NONCE)
    try:
        verifier.verify_body(message, [found], body)
    except (HTTPMessageSignaturesException, ValueError, TypeError) as error:
        raise NotSigned(Reason.DIGEST) from error
    if not nonces.take(nonce):
        raise NotSigned(Reason.NONCE)
    return bytes.fromhex(str(found.parameters["keyid"]))


def foresee(method: str, url: str, headers: Mapping[str, str], *, known: Callable[[bytes], bool], nonces: "Nonces") -> None:
    """Before a large body is received: whether `verify` would believe it, were it the one announced. Uses nothing up. Raises NotSigned."""
    if not nonces.fresh(_claimed(method, url, headers, known)[2].nonce or ""):
        raise NotSigned(Reason.NONCE)


def _claimed(method: str, url: str, headers: Mapping[str, str],
             known: Callable[[bytes], bool]) -> "tuple[_Message, HTTPMessageVerifier, VerifyResult]":  # fmt: skip
    """The one signature, which covers all that it must; the body is not looked at."""
    given = {name: value for name, value in headers.items() if name.lower() in _SIGNED}
    if any(len(value) > LONGEST_HEADER for value in given.values()):
        raise NotSigned(Reason.UNSIGNED)
    message, keys = _Message(method, url, given), _Known(known)
    verifier = _Verifier(signature_algorithm=_Ed25519, key_resolver=keys)
    try:
        found = verifier.verify(message, max_age=None, expect_tag=TAG, require_components=COVERED)
    except (HTTPMessageSignaturesException, ValueError, TypeError) as error:
        if keys.fault is not None:
            raise keys.fault from None
        raise NotSigned(keys.reason) from error
    if len(found) != 1:
        raise NotSigned(Reason.UNSIGNED)
    return message, verifier, found[0]


class Nonces:
    """The nonces of this process: given out without being remembered, remembered once used, for as long as they live.

    A stranger who asks for a million costs nothing; when too many are in use at once, nobody more is believed until some have died.
    """

    def __init__(self, *, life_s: float = LIFE_S, most: int = 100_000, seconds: Callable[[], float] = clock.monotonic) -> None:
        self._secret, self._life, self._most, self._seconds = os.urandom(32), life_s, most, seconds
        self._used: OrderedDict[str, float] = OrderedDict()
        self._lock = Lock()

    def issue(self) -> str:
        """One more, that serves once."""
        start = int(self._seconds() * 1000).to_bytes(8, "big") + os.urandom(8)
        return base64.urlsafe_b64encode(start + self._tag(start)).decode()

    def fresh(self, nonce: str) -> bool:
        """Whether it is ours, alive and not used yet."""
        try:
            raw = base64.urlsafe_b64decode(nonce) if len(nonce) == 44 else b""
        except ValueError:
            return False
        if len(raw) != 32 or base64.urlsafe_b64encode(raw).decode() != nonce or not hmac.compare_digest(self._tag(raw[:16]), raw[16:]):
            return False
        age = self._seconds() - int.from_bytes(raw[:8], "big") / 1000
        return age < self._life and nonce not in self._used

    def take(self, nonce: str) -> bool:
        """Use it: True once, then False for ever. Call it for a signature that holds, so that only members fill the memory."""
        with self._lock:
            now = self._seconds()
            while self._used and next(iter(self._used.values())) < now:
                self._used.popitem(last=False)
            if not self.fresh(nonce) or len(self._used) >= self._most:
                return False
            self._used[nonce] = now + self._life + 1  # it dies before it is forgotten
            return True

    def _tag(self, start: bytes) -> bytes:
        return hmac.digest(self._secret, start, sha256)[:16]


# ---- what the library needs of us ----

_SIGNED = frozenset(name.lower() for name in SIGNED)


@dataclass
class _Message:
    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


class _Ed25519(HTTPSignatureAlgorithm):
    """The library's own algorithm with PyNaCl under it, twice as fast; keys are `suite`'s bytes."""

    algorithm_id = "ed25519"

    def __init__(self, public_key: Any = None, private_key: Any = None) -> None:
        self._public, self._private = public_key, private_key

    def sign(self, message: bytes) -> bytes:
        return suite.sign(message, self._private)

    def verify(self, signature: bytes, message: bytes) -> None:
        if not suite.check_signature(signature, message, self._public):
            raise ValueError("signature")


class _Own(HTTPSignatureKeyResolver):
    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def resolve_private_key(self, key_id: str) -> Any:
        return self._secret


class _Known(HTTPSignatureKeyResolver):
    """Keys named by themselves; remembers how far a verification came, to say why it ended."""

    def __init__(self, known: Callable[[bytes], bool]) -> None:
        self._known, self.reason = known, Reason.UNSIGNED
        self.fault: Exception | None = None  # of `known` itself: the library would take it for an unknown key

    def resolve_public_key(self, key_id: str) -> Any:
        self.reason = Reason.KEY
        key = bytes.fromhex(key_id) if len(key_id) == 64 else b""
        if key.hex() != key_id or not self._asked(key):
            return None
        self.reason = Reason.SIGNATURE
        return key

    def _asked(self, key: bytes) -> bool:
        try:
            return self._known(key)
        except Exception as error:
            self.fault = error
            raise


class _Verifier(HTTPMessageVerifier):
    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Nothing of a clock is believed: nonces say what is fresh."""


def _signer(secret: bytes) -> HTTPMessageSigner:
    return HTTPMessageSigner(signature_algorithm=_Ed25519, key_resolver=_Own(secret))
