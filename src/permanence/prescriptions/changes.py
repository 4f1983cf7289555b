"""What prescriptions declare to the journal: the sealed files that rows cite, and what goes when a patient goes."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from permanence.documents import blobs
from permanence.journal.registry import blob_source, eraser, live, patient_files
from permanence.lib.sqlcipher import run

live("prescriptions.prescription", "papers")


@eraser
def delete_blobs(patient: UUID) -> None:
    """An erased patient's sealed PDFs, after COMMIT."""
    blobs.forget_later("prescriptions_prescription", patient)


@patient_files
def files(patient: UUID) -> Iterable[bytes]:
    """The PDF of each signed prescription."""
    return blobs.of_patient("prescriptions_prescription", patient)


@blob_source
def cited() -> Iterator[tuple[bytes, bytes]]:
    """The PDF of each signed prescription."""
    yield from run(
        "default", "SELECT blob_hash, blob_key FROM prescriptions_prescription WHERE blob_hash IS NOT NULL"
    ).fetchall()
