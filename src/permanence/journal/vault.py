"""The unlocked practice: its keys, in memory only. Sealed, there is none, and nothing can be read or written."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from nacl.exceptions import CryptoError

from permanence.journal import keyring
from permanence.lib import suite
from permanence.lib.sqlcipher import Sealed

FIXED = ("metadata", "access", "control", "backup", "archive")
ROOT = "root"  # the label under which roots of other epochs are kept
SHARED = ("metadata", "access", "control")  # of these, what a limited machine is given; the others it draws for itself


@dataclass(frozen=True, slots=True)
class Limited:
    """What a limited machine has in the place of the practice root: where it gives, and how it is given, keys of patients."""

    intake: bytes  # X25519, public: the practice's
    entrusted: bytes = field(repr=False)  # X25519, private: its own, for what is sealed to it alone


@dataclass(frozen=True, slots=True)
class Vault:
    """Keys are 32 bytes but `signing`, an Ed25519 secret of 64. `folder` is None in tests that need no files."""

    practice: bytes
    replica: bytes
    epoch: int
    root: bytes = field(repr=False)
    signing: bytes = field(repr=False)
    verify_key: bytes
    fixed: Mapping[str, bytes] = field(repr=False)
    folder: Path | None = None
    other: tuple[int, bytes] | None = field(repr=False, default=None)  # the root beside, while the epoch changes
    limited: Limited | None = None  # its root is its own, not the practice's: of patients it holds the keys it was entrusted
    roots: Mapping[int, bytes] = field(repr=False, default_factory=dict)  # of other epochs: keys come that were wrapped under them

    def root_of(self, epoch: int) -> bytes:
        """The root under which a key of this epoch is wrapped. Raises CryptoError when it is not at hand."""
        if epoch == self.epoch:
            return self.root
        if self.other is not None and epoch == self.other[0]:
            return self.other[1]
        if epoch in self.roots:
            return self.roots[epoch]
        raise CryptoError("wrapped under the root of another epoch")

    def knows(self, epoch: int) -> bool:
        """Whether the root of this epoch is at hand."""
        return epoch in self.roots or epoch in (self.epoch, self.other[0] if self.other else self.epoch)

    @property
    def metadata(self) -> bytes:
        return self.fixed["metadata"]

    @property
    def access(self) -> bytes:
        return self.fixed["access"]

    @property
    def control(self) -> bytes:
        return self.fixed["control"]


def fresh(practice: bytes, root: bytes, *, epoch: int = 1, folder: Path | None = None, fixed: Mapping[str, bytes] | None = None,
          signing: tuple[bytes, bytes] | None = None, roots: Mapping[int, bytes] | None = None, limited: Limited | None = None) -> Vault:
    """A new replica's vault: its own signing key, and those of `fixed` that the practice's replicas hold, new ones otherwise; `roots` of
    other epochs. `keep` then stores them, wrapped."""
    verify_key, secret = signing or suite.signing_pair()
    return Vault(practice, suite.replica_id(verify_key), epoch, root, secret, verify_key,
                 {label: (fixed or {}).get(label) or suite.new_key() for label in FIXED}, folder, roots=dict(roots or {}), limited=limited)


def keep(vault: Vault) -> None:
    """Store a fresh vault's keys in the key table, wrapped under the root. Call it on the writing connection."""
    from permanence.lib.sqlcipher import run

    rows = [("signing", vault.replica, vault.signing), *((label, None, key) for label, key in vault.fixed.items()),
            *((ROOT, epoch_ref(epoch), root) for epoch, root in vault.roots.items())]
    if vault.limited is not None:
        rows += [("intake", None, vault.limited.intake), ("entrusted", None, vault.limited.entrusted)]
    for label, ref, key in rows:
        run("default", "INSERT INTO journal_key (commitment, label, ref, epoch, wrapped) VALUES (?, ?, ?, ?, ?)",
            suite.commitment(key), label, ref, vault.epoch, keyring.wrap(key, vault.root, vault.practice, label))


def load(practice: bytes, root: bytes, *, epoch: int, folder: Path | None = None) -> Vault:
    """The keys of an opened practice.db. Raises KeyError when one is missing, nacl's CryptoError when the root is wrong.

    The signing key is the newest: a replica that found itself behind its own head has taken another.
    """
    from permanence.lib.sqlcipher import run

    found, roots = dict[str, bytes](), dict[int, bytes]()
    for commitment, label, ref, of_epoch, wrapped in run(
            "default", "SELECT commitment, label, ref, epoch, wrapped FROM journal_key WHERE wrapped IS NOT NULL AND label IN"
            " ('signing', 'metadata', 'access', 'control', 'backup', 'archive', 'intake', 'entrusted', 'root') ORDER BY rowid").fetchall():
        if of_epoch != epoch:  # a new epoch was interrupted after the seal record was saved: its wrapping is beside
            beside = run("default", "SELECT wrapped FROM journal_nextkey WHERE commitment = ? AND epoch = ?", commitment,
                         epoch).fetchone()
            wrapped = beside[0] if beside else wrapped
        key = keyring.unwrap(wrapped, root, practice, label)
        if label == ROOT:
            roots[int.from_bytes(ref, "big")] = key
        else:
            found[label] = key
    missing = {*FIXED, "signing"} - set(found)
    if missing:
        raise KeyError(f"keys missing: {sorted(missing)}")
    signing = found.pop("signing")
    fixed = {label: found[label] for label in FIXED}
    limited = Limited(found["intake"], found["entrusted"]) if "intake" in found else None
    return Vault(practice, suite.replica_id(signing[32:]), epoch, root, signing, signing[32:], fixed, folder, roots=roots, limited=limited)


def epoch_ref(epoch: int) -> bytes:
    """How the key table refers to an epoch."""
    return epoch.to_bytes(4, "big")


def renewed(vault: Vault) -> Vault:
    """A new replica id and signing key for a restored practice, kept in the key table. On the writing connection."""
    from permanence.lib.sqlcipher import run

    verify_key, signing = suite.signing_pair()
    new = replace(vault, replica=suite.replica_id(verify_key), signing=signing, verify_key=verify_key)
    run("default", "INSERT INTO journal_key (commitment, label, ref, epoch, wrapped) VALUES (?, 'signing', ?, ?, ?)",
        suite.commitment(signing), new.replica, vault.epoch, keyring.wrap(signing, vault.root, vault.practice, "signing"))
    for alias in ("default", "access"):  # the former id signed them: the next verification begins at the first entry
        run(alias, "DELETE FROM journal_checkpoint")
    return new


_current: Vault | None = None
_preparing = False


def use(vault: Vault | None) -> None:
    """Unlock this process with a vault, or seal it with None."""
    global _current
    _current = vault


def current() -> Vault:
    """The unlocked practice. Raises Sealed."""
    if _current is None:
        raise Sealed("practice sealed")
    return _current


def held() -> bool:
    """Whether the keys are in memory."""
    return _current is not None


def is_sealed() -> bool:
    """Whether nothing may be served: sealed, or opened but not ready yet."""
    return _current is None or _preparing


@contextmanager
def preparing() -> Iterator[None]:
    """Between the keys and the first page: the practice is finished, upgraded and cleared of what was erased."""
    global _preparing
    _preparing = True
    try:
        yield
    finally:
        _preparing = False


__all__ = ["FIXED", "SHARED", "Limited",
           "Sealed", "Vault", "current", "fresh", "held", "is_sealed", "keep", "load", "preparing", "renewed", "use"]
