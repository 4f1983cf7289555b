"""The key table: each patient's random keys, wrapped under the practice root; tombstones where they were erased.

A patient has one key for each root under which each machine wrote of them: who was shut out knows those of before, and opens nothing that
is written afterwards (ADR 48). Bodies are opened by the key that their entry cites, never by another.
"""

from collections.abc import Callable

from nacl.exceptions import CryptoError

from permanence.journal import epochs, keyring, vault
from permanence.journal.categories import Scope
from permanence.lib import suite
from permanence.lib.sqlcipher import run

FIRST = 1  # the epoch of a practice that never changed its root
drawn: list[Callable[[bytes, bytes], None]] = []  # who else is given a patient's key when it is drawn here, in the same act


class Erased(KeyError):
    """The key of this patient was destroyed: nothing of the file can be opened or written any more."""


def make(patient: bytes) -> bytes:
    """A new patient key, kept wrapped in the open transaction. Returns the key (32 bytes)."""
    key = suite.new_key()
    keep(key, "patient", patient, made=here_and_now())
    if vault.current().limited is not None:
        _hand_on(patient, key)
    return key


def renew(patient: bytes) -> None:
    """Before something is written of a patient: a new key, where the root has changed since the last one was drawn here."""
    if is_behind(patient):
        _hand_on(patient, make(patient))


def _hand_on(patient: bytes, key: bytes) -> None:
    for give in drawn:
        give(patient, key)


def is_behind(patient: bytes) -> bool:
    """Whether what is written of a patient now wants a new key. Not on a limited machine: it is given those of others."""
    v = vault.current()
    if v.limited is not None or v.epoch == FIRST:
        return False
    newest, erased = run("default", "SELECT max(made), max(wrapped IS NULL) FROM journal_key WHERE label = 'patient' AND ref = ?",
                         patient).fetchone()
    return newest is not None and newest != v.epoch and not erased


def here_and_now() -> int:
    """The epoch of a key that is drawn here; 0 on a limited machine, whose epochs are its own."""
    v = vault.current()
    return 0 if v.limited is not None else v.epoch


def keep(key: bytes, label: str, ref: bytes | None, *, made: int = 0) -> None:
    """Keep one more key, wrapped under the practice root, and under the coming one while an epoch is prepared."""
    v, commitment = vault.current(), suite.commitment(key)
    run("default", "INSERT INTO journal_key (commitment, label, ref, epoch, wrapped, made) VALUES (?, ?, ?, ?, ?, ?)",
        commitment, label, ref, v.epoch, keyring.wrap(key, v.root, v.practice, label), made)
    for table in ("journal_keylacking", "journal_keyapart"):
        run("default", f"DELETE FROM {table} WHERE commitment = ?", commitment)
    epochs.beside(commitment, label, key, v)


def of_scope(scope: int, ref: bytes | None) -> bytes:
    """The key that seals new bodies of a scope. Raises Erased, or KeyError when there is none yet."""
    v = vault.current()
    if scope != Scope.PATIENT:
        return v.access if scope == Scope.ACCESS else v.control
    found = run("default", "SELECT wrapped, epoch FROM journal_key WHERE label = 'patient' AND ref = ? ORDER BY wrapped IS NOT NULL,"
                " made DESC, rowid LIMIT 1", ref).fetchone()  # fmt: skip
    return _unwrapped(found)


def of_body(scope: int, ref: bytes | None, commitment: bytes) -> bytes:
    """The key that an entry cites for its body. Raises Erased, KeyError when it is not here, CryptoError when its root is not."""
    if scope != Scope.PATIENT:
        return of_scope(scope, ref)
    found = run("default", "SELECT wrapped, epoch FROM journal_key WHERE label = 'patient' AND ref = ? AND (commitment = ? OR wrapped"
                " IS NULL) ORDER BY commitment = ? DESC LIMIT 1", ref, commitment, commitment).fetchone()  # fmt: skip
    return _unwrapped(found)


def _unwrapped(found: tuple[bytes | None, int] | None) -> bytes:
    v = vault.current()
    if found is None:
        raise KeyError("no key for this patient")
    if found[0] is None:
        raise Erased("the key of this patient was destroyed")
    return keyring.unwrap(found[0], v.root_of(found[1]), v.practice, "patient")


def readable(scope: int, ref: bytes | None, commitment: bytes) -> bytes | None:
    """As `of_body`, None where there is no key."""
    try:
        return of_body(scope, ref, commitment)
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
    """Of how many patients a key is here."""
    found: int = run("default", "SELECT count(DISTINCT ref) FROM journal_key WHERE label = 'patient' AND wrapped IS NOT NULL").fetchone()[0]
    return found


def knows(patient: bytes) -> bool:
    """Whether a patient's key is here, or was destroyed here."""
    return run("default", "SELECT 1 FROM journal_key WHERE label = 'patient' AND ref = ?", patient).fetchone() is not None


def note_lacking(scope: int, ref: bytes | None, commitment: bytes) -> None:
    """On the writer: a file that is here shows less than its entries say. Not one of which a limited machine has no key at all."""
    if scope == Scope.PATIENT and ref is not None and (vault.current().limited is None or knows(ref)):
        run("default", "INSERT INTO journal_keylacking (commitment, ref) VALUES (?, ?) ON CONFLICT DO NOTHING", commitment, ref)


def is_whole(patient: bytes) -> bool:
    """Whether every key that this patient's entries cite is here, as far as their file is."""
    return run("default", "SELECT 1 FROM journal_keylacking WHERE ref = ?", patient).fetchone() is None


def forget(patient: bytes) -> None:
    """A patient's key is here no more, and may come again: no tombstone."""
    run("default", "DELETE FROM journal_nextkey WHERE commitment IN (SELECT commitment FROM journal_key WHERE label = 'patient' AND"
        " ref = ? AND wrapped IS NOT NULL)", patient)
    run("default", "DELETE FROM journal_key WHERE label = 'patient' AND ref = ? AND wrapped IS NOT NULL", patient)
    run("default", "DELETE FROM journal_keylacking WHERE ref = ?", patient)


def destroy(patient: bytes) -> list[bytes]:
    """Turn a patient's keys into tombstones. Returns their commitments, for `seal/erased`."""
    gone = [row[0] for row in run("default", "SELECT commitment FROM journal_key WHERE label = 'patient' AND ref = ?",
                                  patient).fetchall()]
    if not gone:  # erased before it was ever known here: late entries must still be refused
        run("default", "INSERT INTO journal_key (commitment, label, ref, epoch, wrapped) VALUES (?, 'patient', ?, 0, NULL)",
            never_held(patient), patient)
    run("default", "DELETE FROM journal_nextkey WHERE commitment IN (SELECT commitment FROM journal_key WHERE label ="
        " 'patient' AND ref = ?)", patient)
    for table in ("journal_keyapart", "journal_keylacking"):
        run("default", f"DELETE FROM {table} WHERE ref = ?", patient)
    run("default", "UPDATE journal_key SET wrapped = NULL WHERE label = 'patient' AND ref = ?", patient)
    return gone
