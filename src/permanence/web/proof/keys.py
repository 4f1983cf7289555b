"""From a stored session to the key that may sign for it now. Pure translation; no request, no decision to serve."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache

from permanence.accounts.proof import Key, KeyRole, point_of
from permanence.accounts.sessions import SessionInfo


def token_hash(token: str) -> bytes:
    """What the practice keeps of a cookie's value."""
    return hashlib.sha256(token.encode()).digest()


def key_of(session: SessionInfo, keyid: str) -> Mapping[str, Key]:
    """The key that a proof names, as the verifier takes it; empty when this session never had it."""
    state, jwk = session.key(keyid)
    if jwk is None or state == "unknown":
        return {}
    return {keyid: Key(_point(jwk["x"], jwk["y"]), KeyRole(state))}


@lru_cache(maxsize=1024)
def _point(x: str, y: str) -> bytes:
    return point_of({"kty": "EC", "crv": "P-256", "x": x, "y": y})
