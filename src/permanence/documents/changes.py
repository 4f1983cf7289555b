"""What documents declare to the journal: the sealed files that go when a document's row goes."""

from uuid import UUID

from django.db import transaction

from permanence.documents import blobs
from permanence.journal.registry import eraser
from permanence.lib.sqlcipher import run


@eraser
def delete_blobs(patient: UUID) -> None:
    """An erased patient's sealed files, after COMMIT. A crash in between leaves ciphertext whose key is gone."""
    for (hash,) in run(
        "default", "SELECT blob_hash FROM documents_document WHERE patient_id = ? AND blob_hash IS NOT NULL", patient.hex
    ).fetchall():
        transaction.on_commit(lambda hash=bytes(hash): blobs.forget(hash), robust=True)  # type: ignore[misc]
