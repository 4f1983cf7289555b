"""A person decides of one row or one file that an import left: this patient's, somebody new, or left aside. Then it waits no more."""

from typing import Any
from uuid import UUID

from permanence.accounts.permissions import check_administer
from permanence.documents import actions as documents
from permanence.documents.models import Document
from permanence.interop.actions.applying import put, read_back
from permanence.interop.actions.knowing import FIELDS, values_here
from permanence.interop.actions.planning import MACHINE
from permanence.interop.models import Issue, Moved, SourceRow
from permanence.interop.moving.changing import changes
from permanence.interop.moving.people import digest
from permanence.interop.permissions import check_move_in
from permanence.journal import actions as journal
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.patients import actions as patients
from permanence.patients.actions.common import clean
from permanence.patients.models import Patient
from permanence.patients.permissions import check_patient
from permanence.patients.rules import with_first_name

BESIDE = ("ins", "medecin_traitant_text", "deceased_on")


@action
def settle_for(issue: UUID, *, by: Actor, patient: UUID) -> UUID:
    """The row or the file is this patient's: the file is filed, the row completes what is empty. Returns the patient. Raises Refused."""
    found = _issue(issue, by)
    patient = check_patient(by, patient, Category.IDENTITY)
    if found.kind == "file":
        _file(found, patient, by)
    else:
        values, whole = _values(found)
        here = Patient.objects.get(id=patient)
        met = changes(values_here(here), values, {})
        put(here, met.values, found.run_id)
        _remember(found, patient, whole, dict(met.written), "updated")
    journal.prune(found.id, by=by)
    return patient


@action
def settle_new(issue: UUID, *, by: Actor) -> UUID:
    """The row is somebody who has no file yet. Returns the new patient. Raises Refused."""
    found = _issue(issue, by)
    if found.kind != "row" or not found.fields:
        raise Refused("Cette ligne n’est pas lisible\u00a0: créez le dossier à la main, puis laissez-la de côté.", code="invalid")
    values, whole = _values(found)
    patient = patients.register(by=MACHINE, despite=True, **values)  # a wrong NIR of another software is kept with its warning
    _remember(found, patient, whole, {name: digest(value) for name, value in values.items()}, "new")
    journal.prune(found.id, by=by)
    return patient


@action
def put_off(issue: UUID, *, by: Actor, for_good: bool = False) -> None:
    """To the end of the list; `for_good`: left aside, and the same row brought again is not asked again."""
    found = _issue(issue, by)
    found.state, found.at = "left" if for_good else "later", clock.now()
    found.save()


def _issue(issue: UUID, by: Actor) -> Issue:
    check_administer(by)
    check_move_in(by)
    found: Issue | None = Issue.objects.filter(id=issue).first()
    if found is None:
        raise Refused("Quelqu’un en a déjà décidé\u00a0: passez à la suivante.", code="unknown")
    return found


def _values(found: Issue) -> tuple[dict[str, Any], str]:
    """The fields as the patients' room stores them, and the digest by which the same row is known again."""
    fields = read_back(found.fields)
    beside = {name: fields.pop(name) for name in BESIDE if name in fields}
    values = with_first_name(clean({name: value for name, value in fields.items() if name in FIELDS and name != "nir_warning"}, by=MACHINE))
    values.pop("nir_warning", None)
    whole = digest([*sorted(fields.items()), *sorted(beside.items())])
    return {name: value for name, value in values.items() if value not in ("", None)}, whole


def _remember(found: Issue, patient: UUID, whole: str, written: dict[str, str], outcome: str) -> None:
    SourceRow.objects.create(patient_id=patient, run_id=found.run_id, source=found.source, mark=found.mark, digest=whole, written=written,
                             at=clock.now())  # fmt: skip
    Moved.objects.create(run_id=found.run_id, patient_id=patient, kind="patient", object_id=patient, outcome=outcome, mark=found.mark)


def _file(found: Issue, patient: UUID, by: Actor) -> None:
    if found.blob_hash is None or found.blob_key is None:
        raise Refused("Ce fichier n’a pas été gardé\u00a0: reprenez-le dans le dossier d’origine.", code="absent")
    blob = {"hash": bytes(found.blob_hash), "key": bytes(found.blob_key), "size": found.size, "sha256": found.content}
    fields = read_back({"birth_date": found.fields.get("dated_on", "")})
    document = documents.file_document(
        patient, by=by, blob=blob, title=str(found.fields.get("title", "")), mime=found.mime, file_name=found.place.rsplit("/", 1)[-1],
        origin="import", type_code=str(found.fields.get("type", "")), author_text=found.source,
        dated_on=fields["birth_date"] or None)  # fmt: skip
    kept = Document.objects.values_list("blob_hash", flat=True).get(id=document)
    ours = bytes(kept or b"") == blob["hash"]  # else somebody had filed it by hand: it is not the run's to take back
    Moved.objects.create(run_id=found.run_id, patient_id=patient, kind="document" if ours else "decided", object_id=document,
                         outcome="filed", mark=found.mark)  # fmt: skip
