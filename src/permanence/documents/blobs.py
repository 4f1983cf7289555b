"""Sealed files under `blobs/`: one random key each, named by the hash of their ciphertext (`docs/format/blob.md`)."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from django.db import transaction

from permanence.documents.rules import LARGEST
from permanence.journal import blobs as files
from permanence.journal import vault, wire
from permanence.journal.doors import Refused
from permanence.journal.outcomes import DiskFull, is_full
from permanence.lib.sqlcipher import run

Broken = wire.Broken


@dataclass(frozen=True, slots=True)
class BlobRef:
    """What a body keeps of a blob: hash of the ciphertext, its key (32 bytes each), size and SHA-256 (hex) of the plain."""

    hash: bytes
    key: bytes = field(repr=False)
    size: int
    sha256: str


def store(data: bytes) -> BlobRef:
    """Seal the bytes and put them on disk, whole or not at all, before any entry cites them. Raises Refused when too large.

    Twice the same bytes give two blobs with two keys: nobody can tell that they are the same.
    """
    if len(data) > LARGEST:
        raise Refused("Ce fichier dépasse 20\u00a0Mo\u00a0: demandez-en une version plus légère.", code="too_large")
    opened = vault.current()
    key, hash, sealed = wire.seal_blob(data, opened.practice)
    if opened.folder is None:
        raise RuntimeError("this practice has no folder")
    try:
        files.keep(opened.folder, hash, sealed)
    except OSError as error:
        if is_full(error):
            raise DiskFull from error
        raise
    return BlobRef(hash, key, len(data), sha256_of(data))


def load(hash: bytes, key: bytes) -> bytes:
    """The plain bytes. Raises FileNotFoundError when the blob has not arrived here, Broken when it was changed."""
    return wire.open_blob(path_of(hash).read_bytes(), key, hash, vault.current().practice)


def read(hash: bytes | None, key: bytes | None) -> bytes:
    """The plain bytes for who asked to see them. Raises Refused, with what to do: never kept, not arrived, damaged."""
    if hash is None or key is None:
        raise Refused("Ce fichier n’a pas été conservé\u00a0: demandez-le de nouveau à son expéditeur.", code="absent")
    try:
        return load(bytes(hash), bytes(key))
    except FileNotFoundError:
        raise Refused(
            "Ce fichier n’est pas encore arrivé sur cette machine\u00a0: ouvrez-le sur celle du cabinet.", code="absent"
        ) from None
    except Broken:
        raise Refused(
            "Ce fichier est abîmé sur le disque\u00a0: lancez la vérification, puis reprenez la copie de nuit.",
            code="damaged",
        ) from None


def present(hash: bytes) -> bool:
    """Whether the sealed file is on this replica."""
    return path_of(hash).is_file()


def forget(hash: bytes) -> None:
    """Delete a sealed file; its key goes with the body that cited it."""
    path_of(hash).unlink(missing_ok=True)


def path_of(hash: bytes) -> Path:
    folder = vault.current().folder
    if folder is None:
        raise RuntimeError("this practice has no folder")
    return folder / wire.blob_name(hash)


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def of_patient(table: str, patient: UUID) -> list[bytes]:
    """Hashes of the sealed files that a table cites for a patient. `table` is a constant of ours."""
    rows = run("default", f"SELECT blob_hash FROM {table} WHERE patient_id = ? AND blob_hash IS NOT NULL", patient.hex)  # noqa: S608
    return [bytes(hash) for (hash,) in rows.fetchall()]


def forget_later(table: str, patient: UUID) -> None:
    """Delete those files once the transaction is on disk."""
    for hash in of_patient(table, patient):
        transaction.on_commit(lambda hash=hash: forget(hash), robust=True)  # type: ignore[misc]
