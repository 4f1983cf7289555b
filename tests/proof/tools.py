"""A browser without a browser: session keys that sign, an authenticator in software; a folder without files."""

import base64
import hashlib
import json
import os
import struct
from typing import Any
from uuid import UUID

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from permanence.accounts import actions
from permanence.accounts.proof import b64url, content_digest, thumbprint
from permanence.journal import vault
from permanence.journal.doors import Actor
from permanence.journal.folder import Keys
from permanence.journal.seal import Seal

ORIGIN = "https://bureau.tilleuls.example"
HOST = "bureau.tilleuls.example"
RP_ID = "tilleuls.example"


class BrowserKey:
    """A session's key as the browser holds it."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        numbers = self.private.public_key().public_numbers()
        self.point = b"\x04" + numbers.x.to_bytes(32) + numbers.y.to_bytes(32)
        self.jwk = {"kty": "EC", "crv": "P-256", "x": b64url(self.point[1:33]), "y": b64url(self.point[33:])}
        self.keyid = thumbprint(self.point)

    def sign(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    def headers(self, method: str, path: str, nonce: str, *, query: str = "", body: bytes | None = None,
                authority: str = HOST, jti: str = "", components: str = "") -> dict[str, str]:
        """The proof of one request: `Signature-Input`, `Signature` and, with a body, `Content-Digest`."""
        covered = components or '"@method" "@authority" "@path" "@query"' + (' "content-digest"' if body is not None else "")
        params = f'({covered});keyid="{self.keyid}";nonce="{nonce}.{jti or b64url(os.urandom(12))}";tag="pop"'
        lines = [f'"@method": {method}', f'"@authority": {authority}', f'"@path": {path}', f'"@query": ?{query}']
        headers = {}
        if body is not None:
            headers["Content-Digest"] = content_digest(body)
            lines.append(f'"content-digest": {headers["Content-Digest"]}')
        lines.append(f'"@signature-params": {params}')
        signature = base64.b64encode(self.sign("\n".join(lines).encode())).decode()
        return {**headers, "Signature-Input": f"pop={params}", "Signature": f"pop=:{signature}:"}


class Authenticator:
    """One discoverable ES256 passkey, as `navigator.credentials` would answer with it."""

    def __init__(self, *, rp_id: str = RP_ID, origin: str = ORIGIN) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.credential_id, self.user = os.urandom(32), b""
        self.rp_id, self.origin, self.count = rp_id, origin, 0

    def cose(self) -> bytes:
        numbers = self.private.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})

    def create(self, user: bytes, challenge: bytes, *, flags: int = 0x45) -> dict[str, Any]:
        """The answer of `create()`, attestation « none »."""
        self.user = user
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + self.cose()
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(flags) + attested})
        response = {"clientDataJSON": b64url(self._client("webauthn.create", challenge)),
                    "attestationObject": b64url(attestation), "transports": ["internal"]}
        return self._answer(response)

    def get(self, challenge: bytes, *, flags: int = 0x05, **client: Any) -> dict[str, Any]:
        """The answer of `get()`; `flags` 0x05: present and verified."""
        self.count += 1
        data, said = self._data(flags), self._client("webauthn.get", challenge, **client)
        signature = self.private.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        return self._answer({"clientDataJSON": b64url(said), "authenticatorData": b64url(data),
                             "signature": b64url(signature), "userHandle": b64url(self.user)})

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client(self, kind: str, challenge: bytes, **more: Any) -> bytes:
        return json.dumps({"type": kind, "challenge": b64url(challenge), "origin": self.origin, "crossOrigin": False,
                           **more}).encode()

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        name = b64url(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}


class Folder:
    """A folder's unlocking, without files: the vault is filled with the test's own keys."""

    database = b"d" * 32

    def __init__(self, keys: vault.Vault, *, rp_id: str = RP_ID) -> None:
        self.keys = keys
        self.kept = Seal.create(practice=keys.practice, replica=keys.replica, hosts=[HOST], rp_id=rp_id, root=keys.root)

    def record(self) -> Seal:
        return self.kept

    def unlock(self, keys: Keys) -> None:
        self.kept.check(keys.root)
        assert keys.database == self.database
        vault.use(self.keys)

    def seal(self) -> None:
        vault.use(None)

    def add_slot(self, public: bytes, kind: str, *, id: bytes | None = None) -> bytes:
        return self.kept.add_slot(public, kind, self.keys.root, self.database, id=id)


def approved_post() -> UUID:
    """A post that a titulaire would have approved (before the first of them has a key, set-up's are at once)."""
    code = actions.invite_post(name="Accueil", by=Actor.machine("set_up")).code
    key = BrowserKey()
    return actions.enrol_post(code, token_hash=os.urandom(32), thumbprint=key.keyid, public_key=key.jwk,
                              by=Actor.machine("sign_in"))
