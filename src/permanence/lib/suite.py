"""Suite 1: the primitives of every format, from PyNaCl and `cryptography`, nothing home-made. No key lives here.

Ed25519 (RFC 8032), SHA-256, XChaCha20-Poly1305 with a random 24-byte nonce, HPKE (RFC 9180) in base mode with X25519,
HKDF-SHA256 and AES-256-GCM, and the padding Padmé. Keys are `bytes`; an Ed25519 secret is libsodium's 64 bytes.
"""

import hashlib
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.bindings._rust import openssl as _openssl
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_sign,
    crypto_sign_keypair,
    crypto_sign_open,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import BadSignatureError, CryptoError

from permanence.lib import cbor

SUITE = 1
FORMAT = 1  # entry format version, part of the associated data
NONCE = 24
OVERHEAD = NONCE + 16  # bytes that sealing adds: nonce and tag
SMALLEST = 128  # bytes: the smallest padded length

_COMMITMENT = b"permanence/key-commitment/v1\0"
_REPLICA = b"permanence/replica/v1\0"
_HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def sha256(*parts: bytes) -> bytes:
    """SHA-256 of the parts one after the other; a label that separates uses ends in a zero byte."""
    return hashlib.sha256(b"".join(parts)).digest()


def new_key() -> bytes:
    """32 random bytes from the operating system."""
    return os.urandom(32)


def commitment(key: bytes) -> bytes:
    """What may be shown of a key: it binds to one key and gives nothing of it (the key is random)."""
    return hashlib.sha256(_COMMITMENT + key).digest()


def hkdf(secret: bytes, *, salt: bytes | None = None, info: bytes = b"", length: int = 32) -> bytes:
    """HKDF-SHA256 (RFC 5869)."""
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


# ---- sealing with a shared key ----


def seal(plain: bytes, key: bytes, *, practice: bytes, part: str, _nonce: bytes | None = None) -> bytes:
    """`plain` sealed: 24-byte random nonce, ciphertext, tag. `_nonce` is for test vectors only."""
    nonce = _nonce or os.urandom(NONCE)
    return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(plain, _aad(key, practice, part), nonce, key)


def unseal(sealed: bytes, key: bytes, *, practice: bytes, part: str) -> bytes:
    """The plain bytes. Raises CryptoError for a wrong key, practice or part, and for any changed byte."""
    if len(sealed) < OVERHEAD:
        raise CryptoError("too short")
    return crypto_aead_xchacha20poly1305_ietf_decrypt(
        sealed[NONCE:], _aad(key, practice, part), sealed[:NONCE], key)


def _aad(key: bytes, practice: bytes, part: str) -> bytes:
    # CBOR [1, 1, practice, part, commitment]: only the last item depends on the key, and no key is ever cached
    return _aad_start(practice, part) + hashlib.sha256(_COMMITMENT + key).digest()


@lru_cache(maxsize=64)
def _aad_start(practice: bytes, part: str) -> bytes:
    if len(practice) != 16:
        raise ValueError("a practice id has 16 bytes")
    return cbor.dumps([FORMAT, SUITE, practice, part, bytes(32)])[:-32]


# ---- signatures ----


def signing_pair(*, _seed: bytes | None = None) -> tuple[bytes, bytes]:
    """(verify key of 32 bytes, signing key of 64 bytes). `_seed` is for test vectors only."""
    pair: tuple[bytes, bytes] = crypto_sign_seed_keypair(_seed) if _seed else crypto_sign_keypair()
    return pair


def sign(message: bytes, signing_key: bytes) -> bytes:
    """The 64-byte Ed25519 signature of `message`."""
    return crypto_sign(message, signing_key)[:64]


def check_signature(signature: bytes, message: bytes, verify_key: bytes) -> bool:
    """Whether `signature` is that key's. Never raises: a malformed key or signature is simply not valid."""
    try:
        crypto_sign_open(signature + message, verify_key)
    except (BadSignatureError, CryptoError, ValueError, TypeError):
        return False
    return len(signature) == 64


def replica_id(verify_key: bytes) -> bytes:
    """The 16-byte name of the replica that signs with this key."""
    if len(verify_key) != 32:
        raise ValueError("a verify key has 32 bytes")
    return sha256(_REPLICA, verify_key)[:16]


# ---- sealing to a public key ----


def x25519_pair() -> tuple[bytes, bytes]:
    """(public key, private key), 32 bytes each."""
    private = os.urandom(32)
    return x25519_public(private), private


def x25519_public(private: bytes) -> bytes:
    """The public key of any 32 bytes taken as an X25519 private key (RFC 7748 clamps them)."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def hpke_seal(public: bytes, plain: bytes, info: bytes, aad: bytes = b"") -> bytes:
    """HPKE single shot, base mode (RFC 9180 6.1): `enc` of 32 bytes, then the ciphertext."""
    key = X25519PublicKey.from_public_bytes(public)
    if not aad:
        return _HPKE.encrypt(plain, key, info)
    return _openssl.hpke._encrypt_with_aad(_HPKE, plain, key, info, aad)


def hpke_open(private: bytes, sealed: bytes, info: bytes, aad: bytes = b"") -> bytes:
    """The plain bytes. Raises CryptoError when it was sealed to another key, or bound to another `info` or `aad`."""
    key = X25519PrivateKey.from_private_bytes(private)
    try:
        if not aad:
            return _HPKE.decrypt(sealed, key, info)
        return _openssl.hpke._decrypt_with_aad(_HPKE, sealed, key, info, aad)
    except (InvalidTag, ValueError) as error:
        raise CryptoError("HPKE: not sealed to this key, or changed") from error


# ---- padding ----


def padded_length(length: int) -> int:
    """Padmé: at most 12 % longer, O(log log L) bits leaked (Nikitin et al., « Reducing Metadata Leakage from Encrypted
    Files and Communication with PURBs », PETS 2019, algorithm 1), and never under 128 bytes.
    """
    if length <= SMALLEST:
        return SMALLEST
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


def pad(item: bytes) -> bytes:
    """One CBOR item followed by zero bytes up to its padded length."""
    return item.ljust(padded_length(len(item)), b"\0")


def unpad(padded: bytes) -> bytes:
    """The CBOR item at the start. Raises cbor.Malformed when the rest is not zeros or the item not deterministic."""
    return cbor.dumps(cbor.loads_padded(padded))
