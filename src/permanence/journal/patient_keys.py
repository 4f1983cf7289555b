"""Patients' keys that go from machine to machine beside the entries that need them; those whose root is not here yet wait for it."""

from collections.abc import Iterable

from nacl.exceptions import CryptoError

from permanence.journal import chain, exchange, keyring, keys, vault, writer
from permanence.journal.categories import Scope
from permanence.journal.tables import journaled_models, of_model
from permanence.lib import cbor, suite
from permanence.lib.sqlcipher import run

KEYS = "keys"  # the part of the associated data that seals the keys of a batch
MOST_APART = 500_000
Row = tuple[bytes, bytes, int, bytes]


def keyed() -> list[bytes]:
    """Every patient whose key is here."""
    return [ref for (ref,) in run("default", "SELECT ref FROM journal_key WHERE label = 'patient' AND wrapped IS NOT NULL").fetchall()]


def sealed_keys(patients: Iterable[bytes]) -> bytes:
    """The keys of these patients as another replica keeps them, wrapped under the practice root, sealed under the control key; also those
    that wait here for their root, for who is given a patient's entries asks for them once."""
    wanted = list(patients)
    if not wanted:
        return b""
    v, marks = vault.current(), ",".join("?" * len(wanted))
    rows = run("default", "SELECT commitment, ref, epoch, wrapped FROM journal_key WHERE label = 'patient' AND wrapped IS NOT NULL"
               f" AND ref IN ({marks}) UNION ALL SELECT commitment, ref, epoch, wrapped FROM journal_keyapart WHERE ref IN ({marks})"
               " ORDER BY commitment", *wanted, *wanted).fetchall()  # fmt: skip
    return suite.seal(cbor.dumps([list(row) for row in rows]), v.control, practice=v.practice, part=KEYS) if rows else b""


def settle(sealed: bytes) -> None:
    """Keep the keys that came, and fold again what waited for them. Raises exchange.Malformed."""
    if not sealed:
        return
    v = vault.current()
    try:
        said = cbor.loads(suite.unseal(sealed, v.control, practice=v.practice, part=KEYS))
        rows = [(c, ref, epoch, wrapped) for c, ref, epoch, wrapped in said if _has_form(c, ref, epoch, wrapped)]
    except (CryptoError, ValueError, TypeError) as error:
        raise exchange.Malformed("keys") from error
    lacking = [row for row in rows if not _held(row[1])]
    if lacking:
        writer.current().run_job(lambda: _keep(lacking), urgent=False, name="sync:keys")


def _held(patient: bytes) -> bool:
    """Whether this patient has a key here, or had one that was destroyed."""
    return run("default", "SELECT 1 FROM journal_key WHERE label = 'patient' AND ref = ?", patient).fetchone() is not None


def _has_form(commitment: object, patient: object, epoch: object, wrapped: object) -> bool:
    return (type(commitment) is bytes and type(patient) is bytes and type(wrapped) is bytes and type(epoch) is int
            and (len(commitment), len(patient), len(wrapped)) == (32, 16, 32 + suite.OVERHEAD) and 0 < epoch < 1 << 32)  # fmt: skip


def _keep(rows: Iterable[Row]) -> None:
    for row in rows:
        if vault.current().knows(row[2]):
            _keep_one(*row)
        else:
            _set_apart(row)


def _keep_one(commitment: bytes, patient: bytes, epoch: int, wrapped: bytes) -> None:
    """One key, wrapped anew, unless this patient has one or was erased here. Objects that came before it are folded again.

    One that is not what it says is passed over: a false one in its place would close the file for ever.
    """
    v = vault.current()
    if _held(patient):
        return
    try:
        key = keyring.unwrap(wrapped, v.root_of(epoch), v.practice, "patient", commitment=commitment)
    except (CryptoError, ValueError):
        return
    keys.keep(key, "patient", patient)
    for (object,) in run("default", "SELECT DISTINCT object FROM journal_entry WHERE ref = ? AND object IS NOT NULL", patient).fetchall():
        chain.refold(object)


def lacking() -> int:
    """Of how many patients entries are here and no key, not even one that waits: a version that knew no other root passed over theirs."""
    kinds = [known.kind for known in map(of_model, journaled_models()) if known.scope is Scope.PATIENT]
    marks = ",".join("?" * len(kinds))
    found: int = run("default", f"SELECT count(DISTINCT e.ref) FROM journal_entry e WHERE e.ref IS NOT NULL AND e.kind IN ({marks}) AND NOT"
                     " EXISTS (SELECT 1 FROM journal_key k WHERE k.label = 'patient' AND k.ref = e.ref) AND NOT EXISTS (SELECT 1 FROM"
                     " journal_keyapart a WHERE a.ref = e.ref)", *kinds).fetchone()[0]  # fmt: skip
    return found


# -- under a root that is not here yet


def _set_apart(row: Row) -> None:
    if run("default", "SELECT count(*) FROM journal_keyapart").fetchone()[0] < MOST_APART:
        run("default", "INSERT INTO journal_keyapart (commitment, ref, epoch, wrapped) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", *row)


def apart() -> set[bytes]:
    """The patients whose key waits for a root."""
    return {ref for (ref,) in run("default", "SELECT ref FROM journal_keyapart").fetchall()}


def settle_apart() -> None:
    """Keep the keys whose root is here now, in slices between other work."""
    v, rows = vault.current(), run("default", "SELECT commitment, ref, epoch, wrapped FROM journal_keyapart").fetchall()
    ready = [row for row in rows if v.knows(row[2])]
    if ready:
        writer.current().bulk(_settle_one, ready, name="sync:keys")


def _settle_one(row: Row) -> None:
    _keep_one(*row)
    run("default", "DELETE FROM journal_keyapart WHERE commitment = ?", row[0])
