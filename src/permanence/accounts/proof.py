"""Verification of request proofs: one fixed RFC 9421 profile, on plain values. No HTTP, no storage, no clock."""

import base64
import hashlib
import hmac
import json
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

EPOCH_SECONDS = 120  # a server nonce is accepted during its epoch and the next one
SAFE_METHODS = frozenset({"GET", "HEAD"})

_INPUT = re.compile(
    r'pop=(?P<params>\((?P<components>[^()]{1,120})\);keyid="(?P<keyid>[A-Za-z0-9_-]{43})"'
    r';nonce="(?P<nonce>[A-Za-z0-9_-]{22})\.(?P<jti>[A-Za-z0-9_-]{16})";tag="pop")')
_SIGNATURE = re.compile(r"pop=:(?P<value>[A-Za-z0-9+/]{86}==):")
_COMPONENTS = '"@method" "@authority" "@path" "@query"'
_COMPONENTS_WITH_BODY = _COMPONENTS + ' "content-digest"'


class PopError(StrEnum):
    """Why a request is not proved: the value of the `PoP-Error` header."""

    MISSING = "missing"
    NONCE = "nonce"
    UNKNOWN_KEY = "unknown-key"
    REPLAY = "replay"
    SIGNATURE = "signature"
    DIGEST = "digest"
    COMPONENTS = "components"
    RETIRED = "retired"
    FROZEN = "frozen"
    UV = "uv"
    SESSION = "session"


class KeyRole(StrEnum):
    """What a key is to its session. A valid signature by a retired key means that two browsers hold the session."""

    CURRENT = "current"
    PENDING = "pending"
    PREVIOUS = "previous"
    RETIRED = "retired"


class Unproved(Exception):
    """The request carries no acceptable proof. `keyid` is set once a signature by that key was verified."""

    def __init__(self, error: PopError, keyid: str = "") -> None:
        super().__init__(error.value)
        self.error, self.keyid = error, keyid


@dataclass(frozen=True, slots=True)
class Target:
    """What the browser signed: method, the one configured authority, raw path and raw query (`?` alone when empty)."""

    method: str
    authority: str
    path: str
    query: str
    content_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Presented:
    """A well-formed proof, not yet verified."""

    keyid: str
    nonce: str
    jti: str
    params: str
    covers_body: bool
    signature: bytes


@dataclass(frozen=True, slots=True)
class Key:
    """A session's public key: uncompressed P-256 point (65 bytes) and what it is to the session now."""

    point: bytes
    role: KeyRole


@dataclass(frozen=True, slots=True)
class Proof:
    """A verified proof: which key, in which role, and a short name for the access entry."""

    keyid: str
    role: KeyRole
    jti: str

    @property
    def reference(self) -> str:
        """What the access entry keeps: key and one-use number, from which the request can be told apart."""
        return f"{self.keyid}.{self.jti}"


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_b64url(text: str) -> bytes:
    """Strict base64url without padding. Raises ValueError."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point_of(jwk: Mapping[str, Any]) -> bytes:
    """The 65-byte point of a public P-256 JWK. Raises ValueError for anything else, private keys included."""
    if not isinstance(jwk, Mapping) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or "d" in jwk:
        raise ValueError("not a public P-256 key")
    x, y = jwk.get("x"), jwk.get("y")
    if not isinstance(x, str) or not isinstance(y, str):
        raise ValueError("not a public P-256 key")
    point = b"\x04" + from_b64url(x) + from_b64url(y)
    if len(point) != 65 or len(x) != 43 or len(y) != 43:
        raise ValueError("not a public P-256 key")
    _public_key(point)
    return point


def thumbprint(point: bytes) -> str:
    """RFC 7638 thumbprint of a P-256 point, base64url (43 characters)."""
    members = {"crv": "P-256", "kty": "EC", "x": b64url(point[1:33]), "y": b64url(point[33:65])}
    return b64url(hashlib.sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest())


def content_digest(body: bytes) -> str:
    """RFC 9530 `Content-Digest` of a body, SHA-256."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def parse(signature_input: str | None, signature: str | None) -> Presented:
    """Read the two headers by the fixed profile. Raises Unproved `missing` or `components`."""
    if not signature_input or not signature:
        raise Unproved(PopError.MISSING)
    found, value = _INPUT.fullmatch(signature_input), _SIGNATURE.fullmatch(signature)
    if found is None or value is None or found["components"] not in (_COMPONENTS, _COMPONENTS_WITH_BODY):
        raise Unproved(PopError.COMPONENTS)
    return Presented(found["keyid"], found["nonce"], found["jti"], found["params"],
                     found["components"] == _COMPONENTS_WITH_BODY, base64.b64decode(value["value"]))


def signature_base(target: Target, params: str, *, covers_body: bool) -> bytes:
    """RFC 9421 section 2.5 for our profile."""
    lines = [f'"@method": {target.method}', f'"@authority": {target.authority}', f'"@path": {target.path}',
             f'"@query": {target.query}']
    if covers_body:
        lines.append(f'"content-digest": {target.content_digest or ""}')
    lines.append(f'"@signature-params": {params}')
    return "\n".join(lines).encode()


def signed_by(point: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a raw (r || s) ECDSA P-256 SHA-256 signature is valid."""
    if len(signature) != 64:
        return False
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    try:
        _public_key(point).verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=512)
def _public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


class Nonces:
    """Server nonces: an HMAC of the session and an epoch, under a secret that dies with the process.

    Nothing signed before a restart is accepted after it, so the replay set may live in memory.
    """

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret or secrets.token_bytes(32)

    def at(self, session: str, epoch: int) -> str:
        mark = hmac.digest(self._secret, f"permanence/pop-nonce/v1\n{session}\n{epoch}".encode(), "sha256")
        return b64url(mark[:16])

    def accepted_epoch(self, session: str, nonce: str, epoch: int) -> int | None:
        """The epoch of an acceptable nonce: the running one or the one before; None otherwise."""
        for candidate in (epoch, epoch - 1):
            if hmac.compare_digest(self.at(session, candidate), nonce):
                return candidate
        return None


class Replays:
    """The `(keyid, jti)` already accepted, kept while their nonce lives. Thread-safe; one process only."""

    def __init__(self) -> None:
        self._seen: dict[int, set[tuple[str, str]]] = {}
        self._lock = threading.Lock()

    def first(self, keyid: str, jti: str, *, nonce_epoch: int, epoch: int) -> bool:
        """Remember a proof; False when it was already there."""
        with self._lock:
            for old in [known for known in self._seen if known < epoch - 1]:
                del self._seen[old]
            seen = self._seen.setdefault(nonce_epoch, set())
            if (keyid, jti) in seen:
                return False
            seen.add((keyid, jti))
            return True

    def __len__(self) -> int:
        return sum(len(seen) for seen in self._seen.values())


@dataclass(frozen=True, slots=True)
class Verifier:
    """The nonces and the replay set of one process."""

    nonces: Nonces
    replays: Replays

    @classmethod
    def new(cls) -> "Verifier":
        return cls(Nonces(), Replays())

    def check(self, target: Target, presented: Presented, *, session: str, keys: Mapping[str, Key], epoch: int,
              body: bytes | Callable[[], bytes] | None) -> Proof:
        """Verify one proof for one session.

        `epoch` counts `EPOCH_SECONDS` on a clock that never goes back. `body` is None where no digest is asked (safe
        methods, multipart); it may be a function, called once the signature was verified. Raises Unproved. `retired` is
        raised only after the signature was verified and the proof was new: else a cookie thief, or a replayed log, could
        freeze the session of its owner.
        """
        if presented.covers_body != (body is not None):
            raise Unproved(PopError.COMPONENTS)
        key = keys.get(presented.keyid)
        if key is None:
            raise Unproved(PopError.UNKNOWN_KEY)
        nonce_epoch = self.nonces.accepted_epoch(session, presented.nonce, epoch)
        if nonce_epoch is None:
            raise Unproved(PopError.NONCE)
        base = signature_base(target, presented.params, covers_body=presented.covers_body)
        if not signed_by(key.point, presented.signature, base):
            raise Unproved(PopError.SIGNATURE)
        data = body() if callable(body) else body
        if data is not None and not hmac.compare_digest(content_digest(data), target.content_digest or ""):
            raise Unproved(PopError.DIGEST, presented.keyid)
        if not self.replays.first(presented.keyid, presented.jti, nonce_epoch=nonce_epoch, epoch=epoch):
            raise Unproved(PopError.REPLAY, presented.keyid)
        if key.role is KeyRole.RETIRED:
            raise Unproved(PopError.RETIRED, presented.keyid)
        return Proof(presented.keyid, key.role, presented.jti)
