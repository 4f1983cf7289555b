"""The key table: one random key per patient, wrapped under the practice root; a tombstone where one was erased."""

from collections.abc import Callable

from nacl.exceptions import CryptoError

from permanence.journal import epochs, keyring, vault
from permanence.journal.categories import Scope
from permanence.lib import suite
from permanence.lib.sqlcipher import run

made: list[Callable[[bytes, bytes], None]] = []  # on a limited machine: what gives the practice a patient's key, in the same act


class Erased(KeyError):
    """The key of this patient was destroyed: nothing of the file can be opened or written any more."""


def make(patient: bytes) -> bytes:
    """A new patient key, kept wrapped in the open transaction. Returns the key (32 bytes)."""
    key = suite.new_key()
    keep(key, "patient", patient)
    if vault.current().limited is not None:
        for give in made:
            give(patient, key)
    return key


def keep(key: bytes, label: str, ref: bytes | None) -> None:
    """Keep one more key, wrapped under the practice root, and under the coming one while an epoch is prepared."""
    v, commitment = vault.current(), suite.commitment(key)
    run("default", "INSERT INTO journal_key (commitment, label, ref, epoch, wrapped) VALUES (?, ?, ?, ?, ?)",
        commitment, label, ref, v.epoch, keyring.wrap(key, v.root, v.practice, label))
    epochs.beside(commitment, label, key, v)


def of_scope(scope: int, ref: bytes | None) -> bytes:
    """The key that seals bodies of a scope. Raises Erased, or KeyError when there is none yet."""
    v = vault.current()
    if scope == Scope.ACCESS:
        return v.access
    if scope != Scope.PATIENT:
        return v.control
    found = run("default", "SELECT wrapped, epoch FROM journal_key WHERE label = 'patient' AND ref = ?", ref).fetchone()
    if found is None:
        raise KeyError("no key for this patient")
    if found[0] is None:
        raise Erased("the key of this patient was destroyed")
    return keyring.unwrap(found[0], v.root_of(found[1]), v.practice, "patient")


def readable(scope: int, ref: bytes | None) -> bytes | None:
    """As `of_scope`, None where there is no key."""
    try:
        return of_scope(scope, ref)
    except (KeyError, CryptoError):  # a key that does not open is a finding of `verify`, not a crash of every page
        return None


def never_held(patient: bytes) -> bytes:
    """What stands in the place of the commitment of a key that was destroyed elsewhere before it came here."""
    return suite.sha256(b"permanence/never-held/v1\0", patient)


def is_erased(patient: bytes) -> bool:
    """Whether this patient's key was destroyed here."""
    gone = "SELECT 1 FROM journal_key WHERE label = 'patient' AND ref = ? AND wrapped IS NULL"
    return run("default", gone, patient).fetchone() is not None


def held() -> int:
    """How many patients' keys are here."""
    found: int = run("default", "SELECT count(*) FROM journal_key WHERE label = 'patient' AND wrapped IS NOT NULL").fetchone()[0]
    return found


def knows(patient: bytes) -> bool:
    """Whether a patient's key is here, or was destroyed here."""
    return run("default", "SELECT 1 FROM journal_key WHERE label = 'patient' AND ref = ?", patient).fetchone() is not None


def forget(patient: bytes) -> None:
    """A patient's key is here no more, and may come again: no tombstone."""
    run("default", "DELETE FROM journal_nextkey WHERE commitment IN (SELECT commitment FROM journal_key WHERE label = 'patient' AND"
        " ref = ? AND wrapped IS NOT NULL)", patient)
    run("default", "DELETE FROM journal_key WHERE label = 'patient' AND ref = ? AND wrapped IS NOT NULL", patient)


def destroy(patient: bytes) -> list[bytes]:
    """Turn a patient's keys into tombstones. Returns their commitments, for `seal/erased`."""
    gone = [row[0] for row in run("default", "SELECT commitment FROM journal_key WHERE label = 'patient' AND ref = ?",
                                  patient).fetchall()]
    if not gone:  # erased before it was ever known here: late entries must still be refused
        run("default", "INSERT INTO journal_key (commitment, label, ref, epoch, wrapped) VALUES (?, 'patient', ?, 0, NULL)",
            never_held(patient), patient)
    run("default", "DELETE FROM journal_nextkey WHERE commitment IN (SELECT commitment FROM journal_key WHERE label ="
        " 'patient' AND ref = ?)", patient)
    run("default", "DELETE FROM journal_keyapart WHERE ref = ?", patient)
    run("default", "UPDATE journal_key SET wrapped = NULL WHERE label = 'patient' AND ref = ?", patient)
    return gone
