"""Suite 1: sealing, commitments, HPKE against RFC 9180, Padmé."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st
from nacl.exceptions import CryptoError

from permanence.lib import cbor, suite

PRACTICE = bytes(range(16))
TOOLS = Path(__file__).parents[2] / "tools"


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@given(st.binary(max_size=500))
def test_what_is_sealed_opens_with_the_same_key_practice_and_part_only(plain: bytes) -> None:
    key = suite.new_key()
    sealed = suite.seal(plain, key, practice=PRACTICE, part="body")
    assert len(sealed) == len(plain) + suite.OVERHEAD
    assert suite.unseal(sealed, key, practice=PRACTICE, part="body") == plain
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for bad in ((sealed, suite.new_key(), PRACTICE, "body"), (sealed, key, bytes(16), "body"),
                (sealed, key, PRACTICE, "inner"), (changed, key, PRACTICE, "body"), (b"short", key, PRACTICE, "body")):
        with pytest.raises(CryptoError):
            suite.unseal(bad[0], bad[1], practice=bad[2], part=bad[3])


def test_two_sealings_of_one_plain_text_differ() -> None:
    key = suite.new_key()
    assert len({suite.seal(b"a", key, practice=PRACTICE, part="body") for _ in range(50)}) == 50


def test_a_practice_id_has_16_bytes() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        suite.seal(b"a", suite.new_key(), practice=b"short", part="body")


def test_a_signature_is_of_one_key_and_one_message() -> None:
    (verify_key, signing), (other, _) = suite.signing_pair(), suite.signing_pair()
    signature = suite.sign(b"message", signing)
    assert suite.check_signature(signature, b"message", verify_key)
    for bad in ((signature, b"another", verify_key), (signature, b"message", other), (b"", b"message", verify_key),
                (signature[:-1], b"message", verify_key), (signature + b"m", b"essage", verify_key),
                (signature, b"message", b"no key")):
        assert not suite.check_signature(*bad)


RFC_9180_A_1_1 = {  # DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode, sequence number 0
    "info": "4f6465206f6e2061204772656369616e2055726e",
    "skEm": "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736",
    "enc": "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
    "skRm": "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
    "pkRm": "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
    "pt": "4265617574792069732074727574682c20747275746820626561757479",
    "aad": "436f756e742d30",
    "ct": "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
}


def test_the_library_opens_the_vector_of_rfc_9180() -> None:
    v = {name: bytes.fromhex(value) for name, value in RFC_9180_A_1_1.items()}
    small = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    private = X25519PrivateKey.from_private_bytes(v["skRm"])
    assert openssl.hpke._decrypt_with_aad(small, v["enc"] + v["ct"], private, v["info"], v["aad"]) == v["pt"]


def test_our_text_book_hpke_makes_that_vector_and_suite_1_opens_what_it_makes_with_aes_256() -> None:
    v = {name: bytes.fromhex(value) for name, value in RFC_9180_A_1_1.items()}
    textbook = tool("make_vectors").hpke_seal_fixed
    assert textbook(v["skEm"], v["pkRm"], v["pt"], v["info"], v["aad"], aead=1) == v["enc"] + v["ct"]
    for aad in (b"", b"Count-0"):
        sealed = textbook(v["skEm"], v["pkRm"], v["pt"], v["info"], aad)
        assert suite.hpke_open(v["skRm"], sealed, v["info"], aad) == v["pt"]


@pytest.mark.parametrize("aad", [b"", b"more"])
def test_hpke_opens_for_its_recipient_and_its_binding_only(aad: bytes) -> None:
    (public, private), (_, other) = suite.x25519_pair(), suite.x25519_pair()
    sealed = suite.hpke_seal(public, b"root", b"info", aad)
    assert suite.hpke_open(private, sealed, b"info", aad) == b"root"
    for bad in ((other, sealed, b"info", aad), (private, sealed, b"other", aad), (private, sealed, b"info", b"x"),
                (private, sealed[:-1], b"info", aad), (private, b"", b"info", aad), (private, bytes(80), b"info", aad)):
        with pytest.raises(CryptoError):
            suite.hpke_open(*bad)


@given(st.integers(0, 2**40))
def test_padding_costs_at_most_12_per_cent_above_the_minimum(length: int) -> None:
    padded = suite.padded_length(length)
    assert padded >= max(length, 128)
    assert padded == 128 or padded * 100 <= length * 112
    assert suite.padded_length(padded) == padded


@given(st.integers(0, 2**30), st.integers(0, 2**30))
def test_a_longer_item_is_never_padded_shorter(one: int, other: int) -> None:
    assert (one <= other) <= (suite.padded_length(one) <= suite.padded_length(other))


def test_few_lengths_are_seen_of_many() -> None:
    assert len({suite.padded_length(length) for length in range(10_000)}) < 100


@given(st.binary(max_size=2000))
def test_unpad_gives_the_item_back_even_when_it_ends_in_zeros(data: bytes) -> None:
    item = cbor.dumps(data + b"\0\0")
    assert suite.unpad(suite.pad(item)) == item
