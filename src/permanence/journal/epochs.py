"""A new epoch of the practice root: every key is wrapped under both roots until the seal record names the new one.

The saved `seal/seal.cbor` decides which root opens (ADR 21). Interrupted anywhere, the one root it gives opens every key.
"""

from collections.abc import Mapping
from dataclasses import replace

from permanence.journal import keyring, vault, writer
from permanence.lib import suite
from permanence.lib.sqlcipher import run

Row = tuple[bytes, str, int, bytes]


def prepare(epoch: int, root: bytes) -> None:
    """Wrap every key under the coming root too, in slices between other work. From here on new keys are wrapped twice.

    Raises what the writer raises; call `abandon` then.
    """
    vault.use(replace(vault.current(), other=(epoch, root)))  # before the list is read: no key can be in neither
    writer.current().run_job(_keep_former, name="epoch:former")
    writer.current().bulk(_wrap_too, _rows(), name="epoch:wrap")
    if missing := writer.current().run_job(_not_wrapped_too, name="epoch:wrap"):
        raise RuntimeError(f"{missing} keys could not be wrapped under the coming root")


def abandon() -> None:
    """The seal record was not saved: the coming root is forgotten, and nothing has changed."""
    vault.use(replace(vault.current(), other=None))
    writer.current().run_job(_drop, name="epoch:abandon")


def complete() -> None:
    """The seal record names the coming root: it is the practice's root now, and the former wrapping goes.

    What is interrupted here is finished by `settle` at the next unlocking.
    """
    v = vault.current()
    if v.other is None:
        raise RuntimeError("no epoch was prepared")
    epoch, root = v.other
    vault.use(replace(v, epoch=epoch, root=root, other=(v.epoch, v.root), roots={**v.roots, v.epoch: v.root}))
    writer.current().bulk(_take_over, [row[0] for row in _rows()], name="epoch:take")
    if left := writer.current().run_job(_drop_unless_left, name="epoch:take"):
        raise RuntimeError(f"{left} keys still wait for their new wrapping: the next unlocking finishes it")
    vault.use(replace(vault.current(), other=None))


def _keep_former() -> None:
    """The root that is left stays under the coming one: other machines still give keys that they wrapped under it."""
    v = vault.current()
    remember(v.epoch, v.root)


def remember(epoch: int, root: bytes) -> None:
    """On the writer: keep the root of another epoch. Does nothing when it is known."""
    v, commitment = vault.current(), suite.commitment(root)
    run("default", "INSERT INTO journal_key (commitment, label, ref, epoch, wrapped) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        commitment, vault.ROOT, vault.epoch_ref(epoch), v.epoch, keyring.wrap(root, v.root, v.practice, vault.ROOT))
    beside(commitment, vault.ROOT, root, v)


def remember_all(roots: Mapping[int, bytes]) -> None:
    """On the writer: as `remember`."""
    for epoch, root in roots.items():
        remember(epoch, root)


def settle(v: vault.Vault) -> None:
    """At unlocking, on a writing connection, before any writer runs: finish or forget what a power cut interrupted."""
    run("default", "UPDATE journal_key SET epoch = ?, wrapped = (SELECT n.wrapped FROM journal_nextkey n WHERE n.commitment"
        " = journal_key.commitment) WHERE wrapped IS NOT NULL AND epoch <> ? AND EXISTS (SELECT 1 FROM journal_nextkey n"
        " WHERE n.commitment = journal_key.commitment AND n.epoch = ?)", v.epoch, v.epoch, v.epoch)
    _drop()


def interrupted() -> bool:
    """Whether something is left for `settle`."""
    return run("default", "SELECT 1 FROM journal_nextkey LIMIT 1").fetchone() is not None


def _rows() -> list[Row]:
    """On the writer, so that what it has just written is seen."""
    def read() -> list[Row]:
        found: list[Row] = run("default", "SELECT commitment, label, epoch, wrapped FROM journal_key"
                               " WHERE wrapped IS NOT NULL").fetchall()
        return found
    return writer.current().run_job(read, name="epoch:list")


def _wrap_too(row: Row) -> None:
    commitment, label, epoch, wrapped = row
    v = vault.current()
    if v.other is None or _erased(commitment):
        return
    key = keyring.unwrap(wrapped, v.root_of(epoch), v.practice, label, commitment=commitment)
    beside(commitment, label, key, v)


def beside(commitment: bytes, label: str, key: bytes, v: vault.Vault) -> None:
    """While an epoch is prepared: keep a key wrapped under the coming root too. On the writer."""
    if v.other is not None and v.other[0] > v.epoch:
        run("default", "INSERT INTO journal_nextkey (commitment, epoch, wrapped) VALUES (?, ?, ?) ON CONFLICT (commitment)"
            " DO UPDATE SET epoch = excluded.epoch, wrapped = excluded.wrapped", commitment, v.other[0],
            keyring.wrap(key, v.other[1], v.practice, label))


def _erased(commitment: bytes) -> bool:
    found = run("default", "SELECT wrapped FROM journal_key WHERE commitment = ?", commitment).fetchone()
    return found is None or found[0] is None


def _not_wrapped_too() -> int:
    epoch = (vault.current().other or (0, b""))[0]
    return int(run("default", "SELECT count(*) FROM journal_key k WHERE wrapped IS NOT NULL AND NOT EXISTS (SELECT 1 FROM"
                   " journal_nextkey n WHERE n.commitment = k.commitment AND n.epoch = ?)", epoch).fetchone()[0])


def _take_over(commitment: bytes) -> None:
    epoch = vault.current().epoch
    run("default", "UPDATE journal_key SET epoch = ?, wrapped = (SELECT n.wrapped FROM journal_nextkey n WHERE n.commitment"
        " = journal_key.commitment) WHERE commitment = ? AND wrapped IS NOT NULL AND epoch <> ? AND EXISTS (SELECT 1 FROM"
        " journal_nextkey n WHERE n.commitment = journal_key.commitment AND n.epoch = ?)", epoch, commitment, epoch, epoch)


def _drop_unless_left() -> int:
    left = int(run("default", "SELECT count(*) FROM journal_key WHERE wrapped IS NOT NULL AND epoch <> ?",
                   vault.current().epoch).fetchone()[0])
    if not left:
        _drop()
    return left


def _drop() -> None:
    run("default", "DELETE FROM journal_nextkey")
