"""Patient keys as they travel with a batch: wrapped under a root, sealed for replicas; no false one takes the place of a true one, and
those whose root is not here yet wait for it.

Or sealed to a machine that has no practice root, by an entry: see `sync.entrusting`.
"""

from collections.abc import Iterable

from nacl.exceptions import CryptoError

from permanence.journal import chain, exchange, keyring, keys, vault, wire, writer
from permanence.journal.categories import Scope, Stream
from permanence.journal.tables import journaled_models, of_model
from permanence.lib import cbor, suite
from permanence.lib.sqlcipher import run

KEYS = "keys"  # the part of the associated data that seals the keys of a batch
MOST_APART = 200_000  # rows, of some 150 bytes: who was revoked could make them up
Row = tuple[bytes, bytes, int, bytes]


def keyed() -> list[bytes]:
    """Every patient whose key is here."""
    return [ref for (ref,) in run("default", "SELECT ref FROM journal_key WHERE label = 'patient' AND wrapped IS NOT NULL").fetchall()]


def sealed_keys(patients: Iterable[bytes]) -> bytes:
    """The keys of these patients as another replica keeps them, wrapped under the practice root, sealed under the control key; also those
    that wait here for their root, for who is given a patient's entries asks for them once."""
    wanted = list(patients)
    if not wanted or vault.current().limited is not None:  # wrapped under a root that nobody else has
        return b""
    v, marks = vault.current(), ",".join("?" * len(wanted))
    rows = run("default", "SELECT commitment, ref, epoch, wrapped FROM journal_key WHERE label = 'patient' AND wrapped IS NOT NULL"
               f" AND ref IN ({marks}) UNION ALL SELECT commitment, ref, epoch, wrapped FROM journal_keyapart WHERE ref IN ({marks})"
               " ORDER BY commitment", *wanted, *wanted).fetchall()  # fmt: skip
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
        new = [(c, ref, epoch, wrapped) for c, ref, epoch, wrapped in rows if _has_form(c, ref, epoch, wrapped)]
    except (CryptoError, ValueError, TypeError) as error:
        raise exchange.Malformed("keys") from error
    lacking = [row for row in new if _is_wanted(row[0], row[1])]
    if lacking:
        writer.current().run_job(lambda: _keep(lacking), urgent=False, name="sync:keys")


def _is_wanted(commitment: bytes, patient: bytes) -> bool:
    """Whether this patient has no key here, or another one that nothing here was sealed with: whoever was revoked has all that it takes
    to make one up, and a false key that came before the true one would close the file."""
    here = run("default", "SELECT commitment, wrapped FROM journal_key WHERE label = 'patient' AND ref = ?", patient).fetchall()
    if not here or any(one == commitment or wrapped is None for one, wrapped in here):
        return not here
    v = vault.current()
    return not any(wire.open_inner(sealed, v.metadata, v.practice, trusted=True).body_key in (one for one, _ in here) for (sealed,) in run(
        "default", "SELECT inner FROM journal_entry WHERE ref = ? AND kind NOT LIKE 'journal.%'", patient).fetchall())  # fmt: skip


def _has_form(commitment: object, patient: object, epoch: object, wrapped: object) -> bool:
    return (type(commitment) is bytes and type(patient) is bytes and type(wrapped) is bytes and type(epoch) is int
            and (len(commitment), len(patient), len(wrapped)) == (32, 16, 32 + suite.OVERHEAD) and 0 < epoch < 1 << 32)  # fmt: skip


def _keep(rows: Iterable[Row]) -> None:
    room = MOST_APART - run("default", "SELECT count(*) FROM journal_keyapart").fetchone()[0]
    for row in rows:
        if vault.current().knows(row[2]):
            _keep_one(*row)
        elif room > 0:
            _set_apart(row)
            room -= 1


def _keep_one(commitment: bytes, patient: bytes, epoch: int, wrapped: bytes) -> None:
    """One key, wrapped anew, unless this patient has one that is used, or was erased here. Objects that came before it are folded again.

    One that is not what it says is passed over: a false one in its place would close the file for ever.
    """
    v = vault.current()
    if not _is_wanted(commitment, patient):
        return
    try:
        key = keyring.unwrap(wrapped, v.root_of(epoch), v.practice, "patient", commitment=commitment)
    except (CryptoError, ValueError):
        return
    run("default", "DELETE FROM journal_nextkey WHERE commitment IN (SELECT commitment FROM journal_key WHERE label = 'patient' AND"
        " ref = ?)", patient)
    run("default", "DELETE FROM journal_key WHERE label = 'patient' AND ref = ?", patient)
    keys.keep(key, "patient", patient)
    fold_again(patient)


def fold_again(patient: bytes) -> None:
    """What is said of a patient, after their key came or went."""
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
    fold_again(patient)
    return True
