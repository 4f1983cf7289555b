"""Writes docs/format/vectors/*.json: every format with fixed keys and fixed nonces. Never used in production.

Usage: python tools/make_vectors.py [FOLDER]. Writing them again must change nothing; a test compares.
"""

import json
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from permanence.journal import bundle, keyring, merkle, seal, wire
from permanence.lib import cbor, suite

FOLDER = Path(__file__).parent.parent / "docs" / "format" / "vectors"


def fixed(name: str, size: int = 32) -> bytes:
    """Bytes that anyone can recompute: the start of SHA-256 of the name."""
    return suite.sha256(b"permanence/test-vector/", name.encode())[:size]


PRACTICE = fixed("practice", 16)
VERIFY_KEY, SIGNING = suite.signing_pair(_seed=fixed("replica seed"))
REPLICA = suite.replica_id(VERIFY_KEY)
METADATA, PATIENT_KEY, ROOT, DATABASE = fixed("metadata"), fixed("patient key"), fixed("root"), fixed("database key")
PATIENT, NOTE, MEMBER, POST, SESSION = (fixed(name, 16) for name in ("patient", "note", "member", "post", "session"))
WALL = 1_800_000_000_000


def hpke_seal_fixed(ephemeral: bytes, public: bytes, plain: bytes, info: bytes, aad: bytes = b"", *,
                    aead: int = 2) -> bytes:
    """RFC 9180 base mode from its text, with a given ephemeral key; `aead` 1 is AES-128-GCM, 2 AES-256-GCM."""
    kem, hpke = b"KEM\0\x20", b"HPKE\0\x20\0\1\0" + bytes([aead])

    def extract(suite_id: bytes, salt: bytes, label: bytes, secret: bytes) -> bytes:
        mac = HMAC(salt or bytes(32), hashes.SHA256())
        mac.update(b"HPKE-v1" + suite_id + label + secret)
        return mac.finalize()

    def expand(suite_id: bytes, secret: bytes, label: bytes, context: bytes, size: int) -> bytes:
        labelled = size.to_bytes(2, "big") + b"HPKE-v1" + suite_id + label + context
        return HKDFExpand(hashes.SHA256(), size, labelled).derive(secret)

    private = X25519PrivateKey.from_private_bytes(ephemeral)
    enc = private.public_key().public_bytes_raw()
    shared = expand(kem, extract(kem, b"", b"eae_prk", private.exchange(X25519PublicKey.from_public_bytes(public))),
                    b"shared_secret", enc + public, 32)
    context = b"\0" + extract(hpke, b"", b"psk_id_hash", b"") + extract(hpke, b"", b"info_hash", info)
    secret = extract(hpke, shared, b"secret", b"")
    key = expand(hpke, secret, b"key", context, 16 * aead)
    return enc + AESGCM(key).encrypt(expand(hpke, secret, b"base_nonce", context, 12), plain, aad)


def _inner(seq: int, **changed: Any) -> wire.Inner:
    values: dict[str, Any] = {
        "kind": "consultations.note", "kind_version": 1, "application": "0.1.0", "hlc": (WALL + seq) << 16,
        "wall": WALL + seq, "zone": "Europe/Paris", "clock_good": True, "member": MEMBER, "post": POST,
        "session": SESSION, "assurance": "passkey", "scope": 1, "ref": PATIENT, "object": NOTE,
        "act": (fixed(f"act {seq}", 16), 1, 1), "base": {"title": [], "text": []},
        "body_key": suite.commitment(PATIENT_KEY), "action": "consultations:sign"}
    return wire.Inner(**(values | changed))


def _sealed(plain: bytes, key: bytes, part: str, nonce: str) -> bytes:
    return suite.seal(suite.pad(plain), key, practice=PRACTICE, part=part, _nonce=fixed(nonce, 24))


def chain() -> list[tuple[wire.Sealed, wire.Inner, dict[str, Any]]]:
    """Three entries: a first one, one with a touch, one by a machine with a key of a newer version; its body pruned."""
    bodies: list[dict[str, Any]] = [
        {"title": "Renouvellement", "text": "Patiente vue ce jour. Été comme hiver, tension équilibrée."},
        {"title": "Renouvellement, corrigé", "amount": 2650, "size": [1, None, True, {"é": b"\0\1"}]},
        {"text": "x" * 400}]
    found: list[tuple[wire.Sealed, wire.Inner, dict[str, Any]]] = []
    previous = wire.FIRST
    for seq, values in enumerate(bodies, start=1):
        body = _sealed(cbor.dumps(values), PATIENT_KEY, wire.BODY, f"body nonce {seq}")
        inner = _inner(seq)
        if seq == 2:
            touch = wire.Touch(fixed("credential"), fixed("authenticator data"), b'{"type":"webauthn.get"}',
                               fixed("touch signature"), suite.sha256(body))
            inner = _inner(seq, usig=touch, base={"title": [previous], "text": [previous, fixed("another entry")]})
        if seq == 3:
            inner = _inner(seq, member=None, post=None, session=None, assurance="machine", purpose="import",
                           object=None, action="", more={40: "a newer version"})
        entry = wire.write(practice=PRACTICE, replica=REPLICA, stream=2, seq=seq, previous=previous, body=body, epoch=1,
                           inner=_sealed(inner.encode(), METADATA, wire.INNER, f"inner nonce {seq}"),
                           signing_key=SIGNING)
        previous = entry.hash
        found.append((entry if seq < 3 else wire.Sealed(entry.outer, entry.signature, entry.inner, None), inner, values))
    return found


def suite_vectors() -> dict[str, Any]:
    part = "body"
    private = fixed("recipient private")
    public = suite.x25519_public(private)
    return {
        "padding": [[size, suite.padded_length(size)] for size in
                    (0, 1, 127, 128, 129, 144, 145, 200, 255, 256, 257, 1000, 4097, 65535, 1_000_000)],
        "cbor": [[repr(value), cbor.dumps(value)] for value in (
            0, 23, 24, 255, 256, 65536, 2**32, 2**64 - 1, -1, -2**64, "", "é", b"\1", [], [None, True, False],
            {"b": 1, "aa": 2, "a": 3}, {10: 0, 256: 1, 9: 2})],
        "commitment": {"key": METADATA, "commitment": suite.commitment(METADATA)},
        "replica": {"verify_key": VERIFY_KEY, "id": REPLICA, "seed": SIGNING[:32]},
        "seal": {"practice": PRACTICE, "part": part, "key": METADATA, "nonce": fixed("nonce", 24), "plain": b"plain",
                 "aad": cbor.dumps([1, 1, PRACTICE, part, suite.commitment(METADATA)]),
                 "sealed": suite.seal(b"plain", METADATA, practice=PRACTICE, part=part, _nonce=fixed("nonce", 24))},
        "hpke": {"private": private, "public": public, "ephemeral": fixed("ephemeral"), "info": b"info", "aad": b"",
                 "plain": b"plain", "sealed": hpke_seal_fixed(fixed("ephemeral"), public, b"plain", b"info")}}


def entry_vectors() -> dict[str, Any]:
    return {
        "practice": PRACTICE, "replica": REPLICA, "verify_key": VERIFY_KEY, "metadata_key": METADATA,
        "patient_key": PATIENT_KEY,
        "entries": [{
            "outer": entry.outer, "signature": entry.signature, "inner": entry.inner, "body": entry.body,
            "hash": entry.hash, "inner_plain": inner.encode(), "body_plain": cbor.dumps(values),
            "touch_challenge": wire.touch_challenge(PRACTICE, inner.scope, inner.ref, inner.object,
                                                    wire.Outer.decode(entry.outer).body_hash)}
            for entry, inner, values in chain()]}


def keyring_vectors() -> dict[str, Any]:
    prf, secret, machine = fixed("prf output"), fixed("sheet", 20), fixed("machine secret")
    return {
        "root": ROOT, "practice": PRACTICE, "replica": REPLICA, "root_check_epoch_1": keyring.root_check(ROOT, PRACTICE, 1),
        "wrapped": {"label": "metadata", "key": METADATA, "nonce": fixed("wrap nonce", 24), "wrapped": suite.seal(
            METADATA, ROOT, practice=PRACTICE, part="key/metadata", _nonce=fixed("wrap nonce", 24))},
        "database_key": DATABASE,
        "files": {name: keyring.file_key(DATABASE, name) for name in ("practice.db", "access.db")},
        "passkey": {"prf_output": prf, "private": keyring.passkey_slot(prf, PRACTICE, REPLICA)[1],
                    "public": keyring.passkey_slot(prf, PRACTICE, REPLICA)[0]},
        "sheet": {"secret": secret, "shown": {"text": keyring.show_sheet(secret)},
                  "private": keyring.sheet_slot(secret, PRACTICE)[1], "public": keyring.sheet_slot(secret, PRACTICE)[0]},
        "machine": {"private": machine, "public": keyring.machine_slot(machine)[0]}}


def blob_vectors() -> dict[str, Any]:
    sealed = _sealed(cbor.dumps(b"%PDF-1.7 example"), fixed("blob key"), wire.BLOB, "blob nonce")
    hash = suite.sha256(sealed)
    return {"practice": PRACTICE, "key": fixed("blob key"), "plain": b"%PDF-1.7 example", "sealed": sealed, "hash": hash,
            "path": {"text": wire.blob_name(hash)}}


def seal_vectors() -> dict[str, Any]:
    slots = [("sheet", keyring.sheet_slot(fixed("sheet", 20), PRACTICE)),
             ("passkey", keyring.passkey_slot(fixed("prf output"), PRACTICE, REPLICA)),
             ("machine", keyring.machine_slot(fixed("machine secret")))]
    record = seal.Seal(PRACTICE, REPLICA, 1, ("bureau.k7f2.example", "localhost"), "k7f2.example", fixed("prf salt"),
                       keyring.root_check(ROOT, PRACTICE, 1))
    for kind, (public, _) in slots:
        record.slots.append(seal.Slot(fixed(f"slot {kind}", 16), kind, public, hpke_seal_fixed(
            fixed(f"ephemeral {kind}"), public, ROOT + DATABASE, record.info)))
    record.mac = record._tag(ROOT)
    return {"root": ROOT, "database_key": DATABASE, "info": record.info, "seal.cbor": record.encode(),
            "private": {kind: private for kind, (_, private) in slots}}


def bundle_vectors() -> dict[str, Any]:
    entries = [entry for entry, _, _ in chain()]
    hashes = [entry.hash for entry in entries]
    head = merkle.Head.signed(practice=PRACTICE, replica=REPLICA, stream=2, size=3, root=merkle.root_of(hashes),
                              last=hashes[-1], wall_ms=WALL, signing=SIGNING)
    keys = {suite.commitment(key): key for key in (METADATA, PATIENT_KEY)}
    whole = bundle.Bundle(PRACTICE, {(REPLICA, 2): entries}, [head], keys, [suite.commitment(METADATA)])
    return {"leaves": hashes, "roots": [merkle.root_of(hashes[:size]) for size in range(4)],
            "inclusion_of_1_in_3": merkle.inclusion_proof(hashes, 1),
            "consistency_of_2_with_3": merkle.consistency_proof(hashes, 2), "head": head.encode(),
            "bundle": whole.encode()}


def readable(value: Any) -> Any:
    """Bytes as hex; what stays text is said to be text."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: readable(one) for key, one in value.items()}
    return [readable(one) for one in value] if isinstance(value, list | tuple) else value


def all_vectors() -> dict[str, str]:
    """{file name: content}."""
    made = {"suite": suite_vectors(), "entry": entry_vectors(), "keyring": keyring_vectors(), "blob": blob_vectors(),
            "seal": seal_vectors(), "bundle": bundle_vectors()}
    return {f"{name}.json": json.dumps(readable(content), indent=1, ensure_ascii=False) + "\n"
            for name, content in made.items()}


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in all_vectors().items():
        (folder / name).write_text(text, encoding="utf-8")
