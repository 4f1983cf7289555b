"""What an import knows before it begins: the practice's patients, what this source brought before, what waits for a person."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from permanence.documents.models import Document
from permanence.interop.models import Issue, Moved, Run, SourceRow
from permanence.interop.moving.known import Known, Seen
from permanence.journal import vault
from permanence.lib import suite
from permanence.lib.sqlcipher import run
from permanence.patients.models import Patient

# Fields of a patient that a table may bring, and those that decide whether it may.
FIELDS = (
    "birth_name", "first_given_name", "given_names", "birth_date", "birth_date_text", "birth_sex", "birth_place_insee",
    "birth_place_label", "used_name", "used_given_name", "nir", "nir_warning", "insured_rank", "mobile", "phone", "email", "address",
    "postal_code", "city", "regime", "caisse", "mutuelle", "administrative_text",
)  # fmt: skip
_READ = (*FIELDS, "ins", "identity_status")


def load(source: str) -> Known:
    """Everything in a few queries: an import of thousands of rows asks nothing more."""
    known = Known()
    shown = {UUID(patient): UUID(kept) for patient, kept in run("default", "SELECT patient, kept FROM patients_namerow").fetchall()}
    for id, *values in Patient.objects.values_list("id", *_READ):
        known.add(id, dict(zip(_READ, values, strict=True)), shown=shown.get(id, id))
    for id, patient, mark, digest, written in SourceRow.objects.filter(source=source).values_list("id", "patient_id", "mark", "digest",
                                                                                                   "written"):  # fmt: skip
        known.seen[mark] = Seen(id, shown.get(patient, patient), digest, written)
    known.gone = _gone(set(shown))
    known.issues = {mark if kind == "file" and mark else content
                    for kind, content, mark in Issue.objects.values_list("kind", "content", "mark")} - {""}  # fmt: skip
    filed = list(Document.objects.values_list("id", "patient_id", "sha256"))
    known.documents = {(shown.get(patient, patient), sha256) for _, patient, sha256 in filed if sha256}
    known.placed = _placed({id for id, *_ in filed})
    return known


def _gone(patients: set[UUID]) -> set[str]:
    """Marks of people that an import brought and that somebody has erased since: they do not come back each night."""
    undone = _undone()
    rows = Moved.objects.filter(kind="patient").exclude(mark="").values_list("mark", "patient_id", "run_id")
    return {mark for mark, patient, run_id in rows if patient not in patients and run_id not in undone}


def _placed(documents: set[UUID]) -> set[str]:
    """Marks of files that found their place, by a run or by a person's decision; also when the patient was erased since: what
    went with them does not come back each night. Not those that an undoing took back."""
    undone = _undone()
    rows = Moved.objects.filter(kind__in=("document", "decided")).exclude(mark="").values_list("mark", "object_id", "run_id", "kind")
    return {mark for mark, document, run_id, kind in rows if run_id not in undone or (kind == "document" and document in documents)}


def _undone() -> set[UUID]:
    return set(Run.objects.filter(state__in=("undoing", "undone")).values_list("id", flat=True))


def mark_of(source: str, key: str) -> str:
    """What a source calls a person, as a hash that means nothing in another practice."""
    return suite.sha256(b"permanence/source-row/v1\0", vault.current().practice, source.encode(), b"\0", key.encode()).hex()


def values_here(patient: Patient) -> Mapping[str, Any]:
    """The same fields of one row, inside an act."""
    return {name: getattr(patient, name) for name in _READ}
