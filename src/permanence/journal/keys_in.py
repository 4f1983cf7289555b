"""Patient keys as they travel with a batch: wrapped under a root, sealed for replicas; no false one takes the place of a true one, and
those whose root is not here yet wait for it.

Or sealed to a machine that has no practice root, by an entry: see `sync.entrusting`.
"""

from collections.abc import Collection, Iterable, Mapping

from nacl.exceptions import CryptoError

from permanence.journal import chain, exchange, keyring, keys, vault, wire, writer
from permanence.journal.categories import Scope, Stream
from permanence.journal.tables import journaled_models, of_model
from permanence.lib import cbor, suite
from permanence.lib.sqlcipher import run

KEYS = "keys"  # the part of the associated data that seals the keys of a batch
MOST_APART = 200_000  # rows, of some 150 bytes: who was revoked could make them up
Row = tuple[bytes, bytes, int, bytes]  # commitment, patient, epoch, wrapped
Offered = Mapping[bytes, Row]


def keyed() -> list[bytes]:
    """The commitments of all patients' keys that are here."""
    held = "SELECT commitment FROM journal_key WHERE label = 'patient' AND wrapped IS NOT NULL"
    return [commitment for (commitment,) in run("default", held).fetchall()]


def sealed_keys(commitments: Iterable[bytes]) -> bytes:
    """These keys of patients as another replica keeps them, wrapped under the practice root, sealed under the control key; also those
    that wait here for their root, for who is given a patient's entries asks for them once."""
    wanted = list(commitments)
    if not wanted or vault.current().limited is not None:  # wrapped under a root that nobody else has
        return b""
    v, marks = vault.current(), ",".join("?" * len(wanted))
    rows = run("default", "SELECT commitment, ref, epoch, wrapped FROM journal_key WHERE label = 'patient' AND wrapped IS NOT NULL"
               f" AND commitment IN ({marks}) UNION ALL SELECT commitment, ref, epoch, wrapped FROM journal_keyapart WHERE commitment"
               f" IN ({marks}) ORDER BY commitment", *wanted, *wanted).fetchall()  # fmt: skip
    return suite.seal(cbor.dumps([list(row) for row in rows]), v.control, practice=v.practice, part=KEYS) if rows else b""


def offered(sealed: bytes) -> Offered:
    """The keys that came with a batch, by commitment. Raises exchange.Malformed."""
    v = vault.current()
    if not sealed or v.limited is not None:
        return {}
    try:
        opened = suite.unseal(sealed, v.control, practice=v.practice, part=KEYS)
        cbor.check_few(opened, exchange.MOST_ITEMS + len(opened) // exchange.BYTES_AN_ITEM)
        rows = cbor.loads(opened)
        return {c: (c, ref, epoch, wrapped) for c, ref, epoch, wrapped in rows if _has_form(c, ref, epoch, wrapped)}
    except (CryptoError, ValueError, TypeError) as error:
        raise exchange.Malformed("keys") from error


def settle(offered: Offered) -> None:
    """Keep the keys for which entries wait here, and fold those again. The others are kept with the entries that cite them: whoever was
    revoked has all that it takes to make some up."""
    new = [row for row in offered.values() if not _is_here(row[0])]
    cited = {patient: set(_cited(patient)) for patient in {row[1] for row in new}}
    late = [row for row in new if row[0] in cited[row[1]]]
    if late:
        writer.current().run_job(lambda: _keep(late), urgent=False, name="sync:keys")


def keep_cited(inner: wire.Inner, offered: Offered) -> None:
    """On the writer, in an act that arrives: the key that one of its entries cites, where it came beside, or before and was set apart."""
    if inner.scope == Scope.PATIENT and not _is_here(inner.body_key):
        before = "SELECT commitment, ref, epoch, wrapped FROM journal_keyapart WHERE commitment = ?"
        row = offered.get(inner.body_key) or run("default", before, inner.body_key).fetchone()
        if row is not None and row[1] == inner.ref:
            _keep_or_set_apart(row)


def set_aside(offered: Offered, cited: Collection[bytes]) -> None:
    """The keys of entries that were put aside, as they came: a person may accept these later, and nobody would give the keys again."""
    rows = [offered[one] for one in cited if one in offered]
    if rows and vault.current().limited is None:
        writer.current().run_job(lambda: _set_all_apart(rows), urgent=False, name="sync:aside")


def _set_all_apart(rows: Iterable[Row]) -> None:
    for row in rows:
        if not _is_here(row[0]) and not keys.is_erased(row[1]):
            _set_apart(row)


def _is_here(commitment: bytes) -> bool:
    return run("default", "SELECT 1 FROM journal_key WHERE commitment = ?", commitment).fetchone() is not None


def _cited(patient: bytes) -> list[bytes]:
    """The keys that the entries of a patient name, in the order in which these came."""
    v = vault.current()
    return [wire.open_inner(sealed, v.metadata, v.practice, trusted=True).body_key for (sealed,) in run(
        "default", "SELECT inner FROM journal_entry WHERE ref = ? AND stream = ? ORDER BY id", patient, int(Stream.RECORD)).fetchall()]


def _has_form(commitment: object, patient: object, epoch: object, wrapped: object) -> bool:
    return (type(commitment) is bytes and type(patient) is bytes and type(wrapped) is bytes and type(epoch) is int
            and (len(commitment), len(patient), len(wrapped)) == (32, 16, 32 + suite.OVERHEAD) and 0 < epoch < 1 << 32)  # fmt: skip


def _keep(rows: Iterable[Row]) -> None:
    for row in rows:
        if _keep_or_set_apart(row):
            fold_again(row[1])


def _keep_or_set_apart(row: Row) -> bool:
    """Whether it is kept: apart, it opens nothing yet."""
    if vault.current().knows(row[2]):
        return _keep_one(*row)
    if not keys.is_erased(row[1]):
        _set_apart(row)
    return False


def _keep_one(commitment: bytes, patient: bytes, epoch: int, wrapped: bytes) -> bool:
    """One key, wrapped anew; not when its patient was erased here, nor when it is not what it says."""
    v = vault.current()
    if _is_here(commitment) or keys.is_erased(patient):
        return False
    try:
        key = keyring.unwrap(wrapped, v.root_of(epoch), v.practice, "patient", commitment=commitment)
    except (CryptoError, ValueError):
        return False
    keys.keep(key, "patient", patient)
    return True


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


def awaited(coming: Collection[int]) -> set[bytes]:
    """The keys that entries cite and that are neither here nor set apart: who gave the entries kept them back, or had not got them.
    `coming`: the epochs that were told; what is set apart under another is made up, and hides no true one."""
    v, found = vault.current(), run("default", "SELECT k.commitment, a.epoch FROM journal_keylacking k LEFT JOIN journal_keyapart a"
                                    " ON a.commitment = k.commitment").fetchall()  # fmt: skip
    return {commitment for commitment, epoch in found if epoch is None or not (v.knows(epoch) or epoch in coming)}


# -- set apart: under a root that is not here yet, or of entries that a person has not accepted yet


def _set_apart(row: Row) -> None:
    if run("default", "SELECT count(*) FROM journal_keyapart").fetchone()[0] < MOST_APART:
        run("default", "INSERT INTO journal_keyapart (commitment, ref, epoch, wrapped) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", *row)


def apart() -> set[bytes]:
    """The keys that wait for a root: patient and commitment, one after the other."""
    return {ref + commitment for ref, commitment in run("default", "SELECT ref, commitment FROM journal_keyapart").fetchall()}


def noted() -> set[bytes]:
    """The keys that never came and of which the files say so: as `apart`."""
    return {ref + commitment for ref, commitment in run("default", "SELECT ref, commitment FROM journal_keylacking").fetchall()}


def waiting() -> list[Row]:
    """Of what is set apart, the keys for which entries wait that are here: the others are of entries that nobody accepted."""
    found: list[Row] = run("default", "SELECT a.commitment, a.ref, a.epoch, a.wrapped FROM journal_keylacking k JOIN journal_keyapart a"
                           " ON a.commitment = k.commitment").fetchall()  # fmt: skip
    return found


def unread() -> set[bytes]:
    """The machines of whose entries some are not read here, for want of a key."""
    v, lacking = vault.current(), noted()
    return {replica for patient in {one[:16] for one in lacking} for replica, sealed in run(
        "default", "SELECT replica, inner FROM journal_entry WHERE ref = ? AND stream = ?", patient, int(Stream.RECORD)).fetchall()
        if patient + wire.open_inner(sealed, v.metadata, v.practice, trusted=True).body_key in lacking}  # fmt: skip


def settle_apart() -> None:
    """Keep the keys whose root is here now and for which entries wait, in slices between other work. Asked each second."""
    v = vault.current()
    if ready := [row for row in waiting() if v.knows(row[2])]:
        writer.current().bulk(_settle_one, ready, name="sync:keys")


def _settle_one(row: Row) -> None:
    if row[0] not in _cited(row[1]):
        run("default", "DELETE FROM journal_keylacking WHERE commitment = ?", row[0])
        return
    if _keep_one(*row):
        fold_again(row[1])
    run("default", "DELETE FROM journal_keyapart WHERE commitment = ?", row[0])


# -- on a limited machine, or from one


def entrust(patient: bytes, key: bytes, *, first: bool, made: int = 0) -> bool:
    """On the writer: keep a key that was sealed to this machine, unless it is here or its patient was erased. `first`: only the one that
    their first entry names, for another in its place would open what others write; otherwise one that any names. False for such a one."""
    commitment, v = suite.commitment(key), vault.current()
    if _is_here(commitment) or keys.is_erased(patient):
        return True
    cited = _cited(patient)
    if not cited:
        return True  # its entries are on their way: asked again then
    if commitment not in (cited[:1] if first else cited):
        return not first
    keys.keep(key, "patient", patient, made=made)
    for other in set(cited):
        if v.limited is not None and not _is_here(other):
            keys.note_lacking(Scope.PATIENT, patient, other)
    fold_again(patient)
    return True
