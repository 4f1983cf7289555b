"""One entry as bytes, version 1: a signed outer header, a sealed inner header, a sealed body. No database, no clock.

Specified in `docs/format/entry.md` with test vectors: it cannot be changed once a practice lives.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import cbor2

from permanence.lib import cbor, suite

FORMAT = 1
FIRST = bytes(32)  # what the first entry of a chain names as its predecessor
INNER, BODY, BLOB = "inner", "body", "blob"  # the parts of the associated data

_ENTRY = b"permanence/entry/v1\0"
_SIGNATURE = b"permanence/signature/v1\0"
_TOUCH = b"permanence/usig/v1\0"


class Reason(StrEnum):
    """Why an entry is refused; the independent verifier uses the same words."""

    FORMAT = "format"
    KEY = "replica key"
    SIGNATURE = "signature"
    PLACE = "place"
    INNER = "inner content"
    BODY = "body content"


class Broken(Exception):
    """The bytes are not what their author signed, or do not follow the entry before. `reason` says which."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is stored, hashed, signed and sent. The body alone may be missing: pruned."""

    outer: bytes
    signature: bytes
    inner: bytes
    body: bytes | None

    @property
    def hash(self) -> bytes:
        """What other entries name this one by. 32 bytes."""
        return suite.sha256(_ENTRY, self.outer)


@dataclass(frozen=True, slots=True)
class Outer:
    """The header that a relay reads. `length` is the padded length of the body before sealing, in bytes."""

    practice: bytes
    replica: bytes
    stream: int
    seq: int
    previous: bytes
    inner_hash: bytes
    body_hash: bytes
    length: int
    epoch: int
    verify_key: bytes | None = None  # in the first entry of a chain, and only there

    def encode(self) -> bytes:
        """The deterministic CBOR map, written by hand: its shape is fixed and this is the hottest encoding of all."""
        head, tail = (b"\xac", b"\x0c\x58\x20" + self.verify_key) if self.verify_key else (b"\xab", b"")
        return b"".join((
            head, b"\x01\x01\x02\x01\x03\x50", self.practice, b"\x04\x50", self.replica,
            b"\x05", cbor2.dumps(int(self.stream)), b"\x06", cbor2.dumps(self.seq),
            b"\x07\x58\x20", self.previous, b"\x08\x58\x20", self.inner_hash, b"\x09\x58\x20", self.body_hash,
            b"\x0a", cbor2.dumps(self.length), b"\x0b", cbor2.dumps(self.epoch), tail))

    @classmethod
    def decode(cls, data: bytes) -> "Outer":
        """The header of exactly these bytes. Raises Broken(format) for another version, suite, key or encoding."""
        try:
            found = cbor2.loads(data)
            if found[1] != FORMAT or found[2] != suite.SUITE:
                raise Broken(Reason.FORMAT, "another version or suite")
            outer = cls(found[3], found[4], found[5], found[6], found[7], found[8], found[9], found[10], found[11],
                        found.get(12))
            good = outer.encode() == data
        except Broken:
            raise
        except Exception as error:
            raise Broken(Reason.FORMAT, "outer header") from error
        # comparing the encoding settles the sizes too: a field of 15 bytes would not give these bytes back
        numbers = (outer.stream, outer.seq, outer.epoch, outer.length)
        if not good or any(type(number) is not int or number < 1 for number in numbers):
            raise Broken(Reason.FORMAT, "outer header")
        if (outer.seq == 1) != (outer.verify_key is not None):
            raise Broken(Reason.KEY, "the first entry of a chain, and no other, carries the key")
        return outer


@dataclass(frozen=True, slots=True)
class Touch:
    """`usig`: a WebAuthn assertion over this content, the person's own hand. Kept verbatim."""

    credential: bytes
    authenticator_data: bytes
    client_data: bytes
    signature: bytes
    body_hash: bytes

    def encode(self) -> dict[int, bytes]:
        return {1: self.credential, 2: self.authenticator_data, 3: self.client_data, 4: self.signature,
                5: self.body_hash}


def touch_challenge(practice: bytes, scope: int, ref: bytes | None, object: bytes | None, body_hash: bytes) -> bytes:
    """The WebAuthn challenge of a `usig`, 32 bytes: made once the body is sealed, before its place is known."""
    return suite.sha256(_TOUCH, cbor.dumps([practice, [int(scope), ref], object, body_hash]))


Opener = tuple[int, bytes | None, bytes]  # scope, whose, commitment


@dataclass(frozen=True, slots=True)
class Inner:
    """Who did what to which object, having seen what. Ids: 16 bytes; `wall`: ms UTC; `act`: (id, i from 1, n)."""

    kind: str
    kind_version: int
    application: str
    hlc: int
    wall: int
    zone: str
    clock_good: bool
    member: bytes | None
    post: bytes | None
    session: bytes | None
    assurance: str
    scope: int
    ref: bytes | None
    object: bytes | None
    act: tuple[bytes, int, int]
    base: Mapping[str, Collection[bytes]]
    body_key: bytes  # commitment of the key that seals the body
    usig: Touch | None = None
    purpose: str = ""
    action: str = ""
    more: Mapping[int, Any] = field(default_factory=dict)  # keys of a newer version: kept and carried

    @property
    def opener(self) -> "Opener":
        """Which key opens its body. All three count: who names another's key does not open with it."""
        return self.scope, self.ref, self.body_key

    def encode(self) -> bytes:
        """Deterministic CBOR. Raises ValueError for what `decode` would refuse: a bad entry could never be mended."""
        _check_inner(self)
        return cbor.dumps(self._values())

    def _values(self) -> dict[int, Any]:
        values: dict[int, Any] = {
            1: self.kind, 2: self.kind_version, 3: self.application, 4: self.hlc, 5: self.wall, 6: self.zone,
            7: self.clock_good, 8: self.member, 9: self.post, 10: self.session, 11: self.assurance,
            12: [int(self.scope), self.ref], 13: self.object, 14: list(self.act),
            15: {name: sorted(set(hashes)) for name, hashes in self.base.items()}, 16: self.body_key}
        if self.usig:
            values[17] = self.usig.encode()
        if self.purpose:
            values[18] = self.purpose
        if self.action:
            values[19] = self.action
        values.update(self.more)
        return values

    @classmethod
    def decode(cls, padded: bytes, *, trusted: bool = False) -> "Inner":
        """The header at the start of a padded plaintext. Raises Broken(inner content). `trusted`: written here."""
        try:
            if not trusted and len(padded) > 1 << 16:
                cbor.check_few(padded, len(padded) // 8)
            found = cbor.loads_padded(padded, trusted=trusted)
            usig, (scope, ref), act = found.get(17), found[12], found[14]
            inner = cls(
                found[1], found[2], found[3], found[4], found[5], found[6], found[7], found[8], found[9], found[10],
                found[11], scope, ref, found[13], (act[0], act[1], act[2]), found[15], found[16],
                Touch(usig[1], usig[2], usig[3], usig[4], usig[5]) if 17 in found else None,
                found.get(18, ""), found.get(19, ""), {key: found[key] for key in found if key > _LAST})
            if not trusted:
                _check_inner(inner)
            good = trusted or inner._values() == found
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise Broken(Reason.INNER, "inner header") from error
        if not good:
            raise Broken(Reason.INNER, "inner header")
        return inner


MOST_WALL = 253_370_764_800_000  # ms UTC: before the year 9999, so that every calendar can show it
_LAST = 19  # the highest key of an inner header that this version knows


def _check_inner(inner: Inner) -> None:
    texts = (inner.kind, inner.application, inner.zone, inner.assurance, inner.purpose, inner.action)
    ids = (inner.member, inner.post, inner.session, inner.ref, inner.object, inner.act[0])
    numbers = (inner.kind_version, inner.hlc, inner.wall, inner.scope, inner.act[1], inner.act[2])
    good = (
        all(isinstance(text, str) for text in texts) and inner.kind != "" and type(inner.clock_good) is bool
        and all(value is None or (type(value) is bytes and len(value) == 16) for value in ids) and inner.act[0]
        and all(isinstance(n, int) and type(n) is not bool and n >= 0 for n in numbers) and len(inner.act) == 3
        and inner.wall < MOST_WALL and 1 <= inner.act[1] <= inner.act[2] and inner.scope >= 1 and inner.kind_version >= 1
        and type(inner.body_key) is bytes and len(inner.body_key) == 32
        and all(isinstance(name, str) for name in inner.base)
        and all(type(one) is bytes and len(one) == 32 for hashes in inner.base.values() for one in hashes)
        and all(type(key) is int and key > _LAST for key in inner.more))
    if inner.usig is not None:
        good = good and all(type(value) is bytes for value in inner.usig.encode().values())
    if not good:
        raise ValueError("inner header: a value of the wrong type or size")


# ---- sealing the parts ----


def seal_inner(inner: Inner, key: bytes, practice: bytes) -> bytes:
    """The inner header, padded and sealed under the practice's metadata key."""
    return suite.seal(suite.pad(inner.encode()), key, practice=practice, part=INNER)


def open_inner(sealed: bytes, key: bytes, practice: bytes, *, trusted: bool = False) -> Inner:
    """Raises nacl's CryptoError for a wrong key, Broken(inner content) for a malformed header."""
    return Inner.decode(suite.unseal(sealed, key, practice=practice, part=INNER), trusted=trusted)


def seal_body(values: Mapping[str, Any], key: bytes, practice: bytes) -> tuple[bytes, int]:
    """(the body sealed under the key of its scope, its padded length in bytes). Refuses floats (TypeError)."""
    if not all(isinstance(name, str) for name in values):
        raise TypeError("a body maps field names to values")
    padded = suite.pad(cbor.dumps(dict(values)))
    return suite.seal(padded, key, practice=practice, part=BODY), len(padded)


def open_body(sealed: bytes, key: bytes, practice: bytes, *, trusted: bool = False) -> dict[str, Any]:
    """Raises nacl's CryptoError for a wrong key, Broken(body content) when it is no map of field names."""
    try:
        values = cbor.loads_padded(suite.unseal(sealed, key, practice=practice, part=BODY), trusted=trusted)
    except cbor.Malformed as error:
        raise Broken(Reason.BODY, str(error)) from error
    if type(values) is not dict or not all(type(name) is str for name in values):
        raise Broken(Reason.BODY, "not a map of field names")
    return values


def seal_blob(data: bytes, practice: bytes) -> tuple[bytes, bytes, bytes]:
    """(key, hash, sealed): a file under its own random key. The body that cites it keeps key and hash (blob.md)."""
    key = suite.new_key()
    sealed = suite.seal(suite.pad(cbor.dumps(data)), key, practice=practice, part=BLOB)
    return key, suite.sha256(sealed), sealed


def open_blob(sealed: bytes, key: bytes, hash: bytes, practice: bytes) -> bytes:
    """The file. Raises Broken(body content) when these are not the bytes cited, CryptoError for a wrong key."""
    if suite.sha256(sealed) != hash:
        raise Broken(Reason.BODY, "blob hash")
    data = cbor.loads_padded(suite.unseal(sealed, key, practice=practice, part=BLOB))
    if type(data) is not bytes:
        raise Broken(Reason.BODY, "blob")
    return data


def blob_name(hash: bytes) -> str:
    """Where a blob lies, under the practice's folder."""
    return f"blobs/{hash[:1].hex()}/{hash.hex()}"


# ---- the chain ----


def write(*, practice: bytes, replica: bytes, stream: int, seq: int, previous: bytes, inner: bytes, body: bytes,
          epoch: int, signing_key: bytes) -> Sealed:
    """Sign the next entry of a chain, from its two sealed parts. Raises ValueError for ids of the wrong size."""
    if (len(practice), len(replica), len(previous), len(signing_key)) != (16, 16, 32, 64) or seq < 1:
        raise ValueError("an id, a hash or a key of the wrong size")
    outer = Outer(practice, replica, int(stream), seq, previous, suite.sha256(inner), suite.sha256(body),
                  len(body) - suite.OVERHEAD, epoch, signing_key[32:] if seq == 1 else None).encode()
    return Sealed(outer, suite.sign(_SIGNATURE + suite.sha256(_ENTRY, outer), signing_key), inner, body)


def check(sealed: Sealed, *, seq: int, previous: bytes, verify_key: bytes | None, practice: bytes | None = None,
          stream: int | None = None) -> Outer:
    """The outer header, once format, replica key, signature, place in the chain and both hashes hold. Raises Broken.

    `verify_key` None is allowed for a first entry only: its own key is then taken, and names its replica. Callers that
    receive entries from elsewhere pass `practice` and `stream`: the first entries of two streams have the same place.
    """
    outer = Outer.decode(sealed.outer)
    key = verify_key or outer.verify_key
    if key is None or suite.replica_id(key) != outer.replica or (outer.verify_key or key) != key:
        raise Broken(Reason.KEY, "this replica does not sign with this key")
    if not signed(sealed.signature, sealed.hash, key):
        raise Broken(Reason.SIGNATURE)
    if (outer.seq, outer.previous) != (seq, previous) or (outer.seq == 1 and outer.previous != FIRST):
        raise Broken(Reason.PLACE, f"{outer.seq}, expected {seq}")
    if practice not in (None, outer.practice) or stream not in (None, outer.stream):
        raise Broken(Reason.PLACE, "another practice or stream")
    check_content(sealed, outer)
    return outer


def signed(signature: bytes, hash: bytes, verify_key: bytes) -> bool:
    """Whether this key signed the entry of that hash."""
    return suite.check_signature(signature, _SIGNATURE + hash, verify_key)


def check_content(sealed: Sealed, outer: Outer) -> None:
    """That the sealed parts are those the header names. Raises Broken."""
    if suite.sha256(sealed.inner) != outer.inner_hash:
        raise Broken(Reason.INNER)
    if sealed.body is not None and (
            suite.sha256(sealed.body) != outer.body_hash or len(sealed.body) != outer.length + suite.OVERHEAD):
        raise Broken(Reason.BODY)


def check_opened(outer: Outer, inner: Inner) -> None:
    """That an opened inner header agrees with its outer one: a touch is for this body. Raises Broken(inner content)."""
    if inner.usig is not None and inner.usig.body_hash != outer.body_hash:
        raise Broken(Reason.INNER, "the touch is for another body")
