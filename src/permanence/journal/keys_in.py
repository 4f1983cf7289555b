"""Patient keys as they travel with a batch: wrapped under the root, sealed for replicas; no false one takes the place of a true one.

Or sealed to a machine that has no practice root, by an entry: see `sync.entrusting`.
"""

from collections.abc import Iterable

from nacl.exceptions import CryptoError

from permanence.journal import chain, exchange, keyring, keys, vault, wire, writer
from permanence.journal.categories import Stream
from permanence.lib import cbor, suite
from permanence.lib.sqlcipher import run

KEYS = "keys"  # the part of the associated data that seals the keys of a batch


def keyed() -> list[bytes]:
    """Every patient whose key is here."""
    return [ref for (ref,) in run("default", "SELECT ref FROM journal_key WHERE label = 'patient' AND wrapped IS NOT NULL").fetchall()]


def sealed_keys(patients: Iterable[bytes]) -> bytes:
    """The keys of these patients as another replica keeps them, wrapped under the practice root, sealed under the control key."""
    wanted = list(patients)
    if not wanted or vault.current().limited is not None:  # wrapped under a root that nobody else has
        return b""
    v, marks = vault.current(), ",".join("?" * len(wanted))
    rows = run("default", "SELECT commitment, ref, epoch, wrapped FROM journal_key WHERE label = 'patient' AND wrapped IS NOT NULL"
               f" AND ref IN ({marks}) ORDER BY commitment", *wanted).fetchall()  # fmt: skip
    return suite.seal(cbor.dumps([list(row) for row in rows]), v.control, practice=v.practice, part=KEYS) if rows else b""


def settle(sealed: bytes) -> None:
    """Keep the keys that came, and fold again what waited for them. Raises exchange.Malformed."""
    v = vault.current()
    if not sealed or v.limited is not None:
        return
    try:
        opened = suite.unseal(sealed, v.control, practice=v.practice, part=KEYS)
        cbor.check_few(opened, exchange.MOST_ITEMS + len(opened) // exchange.BYTES_AN_ITEM)
        rows = cbor.loads(opened)
        new = [(c, ref, epoch, wrapped) for c, ref, epoch, wrapped in rows if _opens(c, ref, epoch, wrapped)]
    except (CryptoError, ValueError, TypeError) as error:
        raise exchange.Malformed("keys") from error
    lacking = [row for row in new if _is_wanted(row[0], row[1])]
    if lacking:
        writer.current().run_job(lambda: _keep_keys(lacking), urgent=False, name="sync:keys")


def _is_wanted(commitment: bytes, patient: bytes) -> bool:
    """Whether this patient has no key here, or another one that nothing here was sealed with: whoever was revoked has all that it takes
    to make one up, and a false key that came before the true one would close the file."""
    here = run("default", "SELECT commitment, wrapped FROM journal_key WHERE label = 'patient' AND ref = ?", patient).fetchall()
    if not here or any(one == commitment or wrapped is None for one, wrapped in here):
        return not here
    v = vault.current()
    return not any(wire.open_inner(sealed, v.metadata, v.practice, trusted=True).body_key in (one for one, _ in here) for (sealed,) in run(
        "default", "SELECT inner FROM journal_entry WHERE ref = ? AND kind NOT LIKE 'journal.%'", patient).fetchall())  # fmt: skip


def _opens(commitment: bytes, patient: bytes, epoch: int, wrapped: bytes) -> bool:
    """Whether this is a key of the practice's, the one that it says: a false one in its place would close the file for ever."""
    v = vault.current()
    try:
        keyring.unwrap(wrapped, v.root_of(epoch), v.practice, "patient", commitment=commitment)
        return len(patient) == 16
    except (CryptoError, TypeError, ValueError):
        return False


def _keep_keys(rows: Iterable[tuple[bytes, bytes, int, bytes]]) -> None:
    for row in rows:
        _keep_key(*row)


def _keep_key(commitment: bytes, patient: bytes, epoch: int, wrapped: bytes) -> None:
    """One key, unless this patient has one that is used, or was erased here. Objects that came before it are folded again."""
    if not _is_wanted(commitment, patient):
        return
    run("default", "DELETE FROM journal_key WHERE label = 'patient' AND ref = ?", patient)
    run("default", "INSERT INTO journal_key (commitment, label, ref, epoch, wrapped) VALUES (?, 'patient', ?, ?, ?)", commitment, patient,
        epoch, wrapped)  # fmt: skip
    _fold_again(patient)


def _fold_again(patient: bytes) -> None:
    for (object,) in run("default", "SELECT DISTINCT object FROM journal_entry WHERE ref = ? AND object IS NOT NULL", patient).fetchall():
        chain.refold(object)


def entrust(patient: bytes, key: bytes) -> bool:
    """On the writer: keep a key that was sealed to this machine, unless this patient has one that is used or was erased here. Only a key
    that an entry of this patient names: another in its place would close the file. False for such a one."""
    commitment, v = suite.commitment(key), vault.current()
    if not _is_wanted(commitment, patient):
        return True
    first = run("default", "SELECT inner FROM journal_entry WHERE ref = ? AND stream = ? ORDER BY id LIMIT 1", patient,
                int(Stream.RECORD)).fetchone()  # fmt: skip
    if first is None:
        return True  # its entries are on their way: asked again then
    if wire.open_inner(first[0], v.metadata, v.practice, trusted=True).body_key != commitment:
        return False
    run("default", "DELETE FROM journal_key WHERE label = 'patient' AND ref = ?", patient)
    keys.keep(key, "patient", patient)
    _fold_again(patient)
    return True
