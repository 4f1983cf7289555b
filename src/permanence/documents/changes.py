"""What documents declare to the journal: the sealed files that rows cite, and what goes when a patient goes."""

from collections.abc import Iterator
from uuid import UUID

from permanence.documents import blobs
from permanence.documents.actions.drafts import KEPT_AFTER_DISCARD
from permanence.journal.registry import blob_source, eraser, live, patient_files, typing, withhold
from permanence.lib import clock
from permanence.lib.sqlcipher import run

OF_PATIENTS = ("documents_document", "documents_letter")
withhold("documents.setaside")
live("documents.letter", "papers")
live("documents.document", "documents")


@eraser
def delete_blobs(patient: UUID) -> None:
    """An erased patient's sealed files, after COMMIT. A crash in between leaves ciphertext whose key is gone."""
    for table in OF_PATIENTS:
        blobs.forget_later(table, patient)


@patient_files
def files(patient: UUID) -> Iterator[bytes]:
    """Documents and letters."""
    for table in OF_PATIENTS:
        yield from blobs.of_patient(table, patient)


@eraser
def delete_drafts(patient: UUID) -> None:
    """Everybody's papers being typed about an erased patient."""
    run("default", "DELETE FROM documents_paperdraft WHERE patient_id = ?", patient.hex)


@typing
def is_typed(patient: UUID) -> bool:
    """A paper that is not signed yet, also one that was put away and may still be brought back."""
    since = (clock.now() - KEPT_AFTER_DISCARD).strftime("%Y-%m-%d %H:%M:%S")
    return run("default", "SELECT 1 FROM documents_paperdraft WHERE patient_id = ? AND (discarded_at IS NULL OR discarded_at >= ?) LIMIT 1",
               patient.hex, since).fetchone() is not None  # fmt: skip


@blob_source
def cited() -> Iterator[tuple[bytes, bytes]]:
    """Documents and letters of patients, and originals that an import refused."""
    for table in (*OF_PATIENTS, "documents_setaside"):
        yield from run("default", f"SELECT blob_hash, blob_key FROM {table} WHERE blob_hash IS NOT NULL").fetchall()  # noqa: S608
