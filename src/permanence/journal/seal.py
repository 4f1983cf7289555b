"""The folder `seal/`, all that lies in clear beside a sealed practice: who may open it, and the boxes they open.

Specified in `docs/format/seal.md`. It holds no credential id and no member's name; a test compares a folder with the list.
"""

import hmac
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nacl.exceptions import CryptoError

from permanence.journal import keyring
from permanence.journal.merkle import Head
from permanence.lib import cbor, host, suite

FORMAT = 1
KINDS = ("sheet", "passkey", "machine")
FILES = frozenset({"seal.cbor", "heads.cbor", "erased.cbor", "transport.key", "tls/key.pem", "tls/cert.pem"})

_SLOT = b"permanence/slot/v1\0"
_MAC = b"permanence/seal/v1"

Write = Callable[[Path, bytes], None]


class Unopened(CryptoError):
    """No slot opens with this key, or what it opened is not the practice root."""


class Tampered(CryptoError):
    """The seal record is not the one that the practice root last signed: a recipient may have been added."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One recipient: an opaque random id, its kind, its X25519 key, and root and database key sealed to it."""

    id: bytes
    kind: str
    public: bytes
    box: bytes


@dataclass(slots=True)
class Seal:
    """The seal record. Whatever changes it takes the practice root, which authenticates it as a whole."""

    practice: bytes
    replica: bytes
    epoch: int
    hosts: tuple[str, ...]
    rp_id: str
    prf_salt: bytes
    root_check: bytes
    slots: list[Slot] = field(default_factory=list)
    mac: bytes = b""

    @classmethod
    def create(cls, *, practice: bytes, replica: bytes, hosts: Sequence[str], rp_id: str, root: bytes,
               epoch: int = 1) -> "Seal":
        """A record without slots yet, with its replica's own random PRF salt."""
        seal = cls(practice, replica, epoch, tuple(hosts), rp_id, os.urandom(32),
                   keyring.root_check(root, practice, epoch))
        seal._close(root)
        return seal

    # -- opening

    def open(self, private: bytes) -> tuple[bytes, bytes, bytes]:
        """(practice root, database key, slot id). Raises Unopened for a key that is no slot's, Tampered."""
        public = suite.x25519_public(private)
        for slot in self.slots:
            if slot.public == public:
                root, database_key = self.accept(suite.hpke_open(private, slot.box, self.info))
                return root, database_key, slot.id
        raise Unopened("no slot opens with this key")

    def accept(self, opened: bytes) -> tuple[bytes, bytes]:
        """(practice root, database key) from what a browser opened: 64 bytes. Raises Unopened, Tampered."""
        if len(opened) != 64:
            raise Unopened("a box holds 64 bytes")
        root, database_key = opened[:32], opened[32:]
        self.check(root)
        return root, database_key

    def check(self, root: bytes) -> None:
        """Raises Unopened for another root, Tampered when this record is not the one that the root last closed."""
        if not hmac.compare_digest(self.root_check, keyring.root_check(root, self.practice, self.epoch)):
            raise Unopened("not the practice root of this epoch")
        if not hmac.compare_digest(self.mac, self._tag(root)):
            raise Tampered("the seal record was changed without the practice root")

    # -- changing (each needs the present root)

    def add_slot(self, public: bytes, kind: str, root: bytes, database_key: bytes, *, id: bytes | None = None) -> bytes:
        """Seal root and database key to one more recipient; its slot id, random unless given. Raises ValueError for
        another kind."""
        if kind not in KINDS or len(public) != 32 or len(database_key) != 32:
            raise ValueError("a slot is a sheet, a passkey or a machine, with keys of 32 bytes")
        self.check(root)
        if any(slot.public == public for slot in self.slots):
            raise ValueError("this recipient has a slot already")
        slot = Slot(id or os.urandom(16), kind, public, suite.hpke_seal(public, root + database_key, self.info))
        self.slots.append(slot)
        self._close(root)
        return slot.id

    def remove_slot(self, slot_id: bytes, root: bytes) -> None:
        """Its holder keeps what they had opened: give a new epoch next. Raises KeyError, ValueError for the last one."""
        self.check(root)
        kept = [slot for slot in self.slots if slot.id != slot_id]
        if len(kept) == len(self.slots):
            raise KeyError(slot_id.hex())
        if not kept:
            raise ValueError("the last slot stays: nothing else could open the practice")
        self.slots = kept
        self._close(root)

    def new_epoch(self, new_root: bytes, *, root: bytes, database_key: bytes, epoch: int | None = None) -> int:
        """Seal a new root to all recipients by their public keys: nobody's paper is needed. Returns the new epoch, the next one
        unless it is given. Raises ValueError for one that is not later."""
        self.check(root)
        if epoch is not None and not self.epoch < epoch < 2**32:
            raise ValueError("an epoch follows the former one")
        self.epoch = epoch or self.epoch + 1
        self.root_check = keyring.root_check(new_root, self.practice, self.epoch)
        self.slots = [Slot(slot.id, slot.kind, slot.public,
                           suite.hpke_seal(slot.public, new_root + database_key, self.info)) for slot in self.slots]
        self._close(new_root)
        return self.epoch

    def rename(self, hosts: Sequence[str], rp_id: str, root: bytes) -> None:
        """Change the names this replica answers to."""
        self.check(root)
        self.hosts, self.rp_id = tuple(hosts), rp_id
        self._close(root)

    # -- bytes

    @property
    def info(self) -> bytes:
        """What HPKE binds every box to: practice, replica, epoch."""
        return _SLOT + self.practice + self.replica + self.epoch.to_bytes(4, "big")

    def encode(self) -> bytes:
        """`seal/seal.cbor`."""
        return cbor.dumps(self._values() | {11: self.mac})

    @classmethod
    def decode(cls, data: bytes) -> "Seal":
        """Raises ValueError for another version or shape. The practice root alone authenticates it: see `check`."""
        try:
            found = cbor.loads(data)
            if (found[1], found[2]) != (FORMAT, suite.SUITE):
                raise ValueError("another version of the seal record")
            seal = cls(found[3], found[4], found[5], tuple(found[6]), found[7], found[8], found[10],
                       [Slot(slot[1], slot[2], slot[3], slot[4]) for slot in found[9]], found[11])
        except (TypeError, LookupError, AttributeError) as error:
            raise ValueError("not a seal record") from error
        sizes = [(seal.practice, 16), (seal.replica, 16), (seal.prf_salt, 32), (seal.root_check, 32), (seal.mac, 32)]
        sizes += [pair for slot in seal.slots for pair in ((slot.id, 16), (slot.public, 32))]
        if (seal.encode() != data or any(type(value) is not bytes or len(value) != size for value, size in sizes)
                or type(seal.epoch) is not int or not 0 < seal.epoch < 2**32):
            raise ValueError("not a seal record")
        return seal

    def _values(self) -> dict[int, Any]:
        return {1: FORMAT, 2: suite.SUITE, 3: self.practice, 4: self.replica, 5: self.epoch, 6: list(self.hosts),
                7: self.rp_id, 8: self.prf_salt,
                9: [{1: slot.id, 2: slot.kind, 3: slot.public, 4: slot.box} for slot in self.slots],
                10: self.root_check}

    def _tag(self, root: bytes) -> bytes:
        key = suite.hkdf(root, salt=self.practice, info=_MAC)
        return hmac.digest(key, cbor.dumps(self._values()), "sha256")

    def _close(self, root: bytes) -> None:
        self.mac = self._tag(root)

    def to_public_json(self) -> dict[str, Any]:
        """What the unlock page needs, byte strings as base64url without padding: passkey slots only."""
        return {
            "practice": _text(self.practice), "replica": _text(self.replica), "epoch": self.epoch, "rpId": self.rp_id,
            "prfSalt": _text(self.prf_salt), "info": _text(self.info),
            "slots": [{"id": _text(slot.id), "public": _text(slot.public), "box": _text(slot.box)}
                      for slot in self.slots if slot.kind == "passkey"]}

    # -- files

    def save(self, folder: Path, *, write: Write = host.atomic_write) -> None:
        """Write `seal.cbor` in the practice's `seal/`."""
        _put(folder, "seal.cbor", self.encode(), write)

    @classmethod
    def load(cls, folder: Path) -> "Seal":
        """Raises FileNotFoundError, ValueError."""
        return cls.decode((folder / "seal.cbor").read_bytes())


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _put(folder: Path, name: str, data: bytes, write: Write) -> None:
    path = folder / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(path, data)


# ---- beside the record: heads, erasures, the server's own keys ----


def save_heads(folder: Path, heads: Iterable[Head], *, write: Write = host.atomic_write) -> None:
    """The last signed head of each chain, in clear: truncation is found against them."""
    ordered = sorted(heads, key=lambda head: (head.replica, head.stream))
    _put(folder, "heads.cbor", cbor.dumps([head.encode() for head in ordered]), write)


def load_heads(folder: Path) -> list[Head]:
    """Empty when never saved. Raises ValueError. Signatures are checked by `Head.check`."""
    path = folder / "heads.cbor"
    return [Head.decode(data) for data in cbor.loads(path.read_bytes())] if path.exists() else []


def add_erased(folder: Path, commitments: Iterable[bytes], *, write: Write = host.atomic_write) -> None:
    """Remember the bare commitments of erased keys: a restored copy replays these erasures. Nothing is ever removed."""
    known = set(load_erased(folder))
    new = known | set(commitments)
    if new != known:
        _put(folder, "erased.cbor", cbor.dumps(sorted(new)), write)


def load_erased(folder: Path) -> list[bytes]:
    """Empty when nothing was ever erased. Raises ValueError."""
    path = folder / "erased.cbor"
    return list(cbor.loads(path.read_bytes())) if path.exists() else []


def save_tls(folder: Path, key_pem: bytes, cert_pem: bytes, *, write: Write = host.atomic_write) -> None:
    """The server's TLS key and certificate chain, PEM."""
    _put(folder, "tls/key.pem", key_pem, write)
    _put(folder, "tls/cert.pem", cert_pem, write)


@dataclass(frozen=True, slots=True)
class Transport:
    """Keys that fetch ciphertext and orders while sealed: an Ed25519 secret of 64 bytes, an X25519 private key of 32.

    They can sign no entry: a replica's id is the hash of another key.
    """

    signing: bytes = field(repr=False)
    private: bytes = field(repr=False)

    @classmethod
    def new(cls) -> "Transport":
        return cls(suite.signing_pair()[1], suite.x25519_pair()[1])

    @property
    def verify_key(self) -> bytes:
        return self.signing[32:]

    @property
    def public(self) -> bytes:
        return suite.x25519_public(self.private)

    def save(self, folder: Path, *, write: Write = host.atomic_write) -> None:
        """`transport.key`: CBOR {1: Ed25519 seed, 2: X25519 private key}."""
        _put(folder, "transport.key", cbor.dumps({1: self.signing[:32], 2: self.private}), write)

    @classmethod
    def load(cls, folder: Path) -> "Transport":
        """Raises FileNotFoundError, ValueError."""
        found = cbor.loads((folder / "transport.key").read_bytes())
        return cls(suite.signing_pair(_seed=found[1])[1], found[2])


def strays(folder: Path) -> list[str]:
    """Files in `seal/` that the format does not list: there must be none."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    return sorted(found - FILES)
