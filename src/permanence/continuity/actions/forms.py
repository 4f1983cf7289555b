"""What became of each numbered form: its scan kept, its words typed into a file with the scan beside, or why there is nothing to type."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from permanence.accounts.permissions import PARIS, check_write, standing_of
from permanence.consultations import actions as consultations
from permanence.continuity import rules
from permanence.continuity.actions.known import kit_of, numbers_left, open_form, scans_of
from permanence.continuity.actions.pages import put_away
from permanence.continuity.models import CaughtUp, FormReturn
from permanence.continuity.permissions import check_catch_up
from permanence.documents import actions as documents
from permanence.documents import blobs
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.lib.text import collapse
from permanence.patients import actions as patients
from permanence.patients.permissions import check_patient
from permanence.prescriptions import actions as prescriptions

Blob = Mapping[str, Any]
TITLES = {"note": "Note de consultation", "ordonnance": "Ordonnance", "patient": "Nouveau patient", "visite": "Visite à domicile",
          "appel": "Appels", "bizone": "Ordonnance bizone", "demande": "Demande", "certificat": "Certificat", "courrier": "Courrier",
          "vaccination": "Vaccination", "consentement": "Consentement"}
ORDONNANCE = "ordonnance"  # the template whose rules of who may prescribe a form follows


# -- into a file


def catch_up_note(patient: UUID, *, by: Actor, scans: Sequence[bytes] = (), **more: Any) -> UUID:
    """Seal the scan, then journal all at once. `more`: as `_file_note`. Returns the note. Raises Refused."""
    return _file_note(patient, by=by, scans=[_sealed(one, by) for one in scans], **more)


@action
def _file_note(
    patient: UUID, *, by: Actor, number: str, written_at: datetime, written_by: UUID | None = None, fields: Mapping[str, str],
    measures_line: str = "", scans: Sequence[Blob],
) -> UUID:
    """A note typed from a form: it happened when the pen says, it is signed now by who types it."""
    number, kind = _begin(number, "note", written_at, by)
    note = consultations.sign_note(patient, by=by, kind=rules.NOTE_KINDS.get(kind, "consultation"), fields=fields,
                                   measures_line=measures_line, at=written_at)
    _end(patient, by, number, kind, ("note", note), (written_at, written_by), scans)
    return note


def catch_up_prescription(patient: UUID, *, by: Actor, pdf: bytes, scans: Sequence[bytes] = (), **more: Any) -> UUID:
    """Seal the typed copy and the scan, then journal all at once. `more`: as `_file_prescription`. Raises Refused."""
    prescriptions.check_prescriber(by, ORDONNANCE)
    return _file_prescription(patient, by=by, copy=_sealed(pdf, by), scans=[_sealed(one, by) for one in scans], **more)


@action
def _file_prescription(
    patient: UUID, *, by: Actor, number: str, written_at: datetime, written_by: UUID | None = None, text: str, copy: Blob,
    scans: Sequence[Blob],
) -> UUID:
    """What was prescribed by hand: the file shows it at its own date, never as something to hand over again."""
    number, kind = _begin(number, "ordonnance", written_at, by)
    made = prescriptions.file_prescription(patient, by=by, blob=copy, template=ORDONNANCE, title="Ordonnance écrite à la main",
                                           number=number, text=text, signed_at=written_at)
    _end(patient, by, number, kind, ("prescription", made), (written_at, written_by), scans)
    return made


def catch_up_patient(*, by: Actor, scans: Sequence[bytes] = (), **more: Any) -> UUID:
    """Seal the scan, then journal all at once. `more`: as `_file_patient`. Raises Refused, LooksAlike."""
    return _file_patient(by=by, scans=[_sealed(one, by) for one in scans], **more)


@action
def _file_patient(
    *, by: Actor, number: str, written_at: datetime, written_by: UUID | None = None, scans: Sequence[Blob], known: UUID | None = None,
    traits: Mapping[str, Any] | None = None, despite: Sequence[UUID] = (),
) -> UUID:
    """A new file from a form; `known`: it was opened already, and the form only joins it."""
    number, kind = _begin(number, "patient", written_at, by)
    patient = known or patients.register(by=by, despite=despite, **(traits or {}))
    _end(patient, by, number, kind, ("patient", patient), (written_at, written_by), scans)
    return patient


def join_scan(patient: UUID, *, by: Actor, scans: Sequence[bytes], **more: Any) -> UUID:
    """The scan alone goes to the file; its words stay to be typed by who may write them. Returns the document. Raises Refused."""
    if not scans:
        raise Refused("Numérisez d’abord la fiche\u00a0: sans image, seul qui peut l’écrire la saisit.", code="invalid")
    return _join(patient, by=by, scans=[_sealed(one, by) for one in scans], **more)


@action
def _join(patient: UUID, *, by: Actor, number: str, written_at: datetime, written_by: UUID | None = None, scans: Sequence[Blob]) -> UUID:
    number, kind = _begin(number, "", written_at, by)
    document = _documents(patient, by, number, kind, written_at, scans)
    if document is None:
        raise Refused("Numérisez d’abord la fiche.", code="invalid")
    _beside(patient, by, number, kind, ("document", document), document, (written_at, written_by))
    _say(number, "filed" if rules.TYPED_AS.get(kind) == "image" else "joined", by)
    return document


def _sealed(data: bytes, by: Actor) -> Blob:
    check_write(by, Category.DOCUMENTS, new=True)
    ref = blobs.store(data)
    return {"hash": ref.hash, "key": ref.key, "size": ref.size, "sha256": ref.sha256}


def _begin(typed: str, shape: str, written_at: datetime, by: Actor) -> tuple[str, str]:
    """The form's number and kind, when it may still be filed so (`shape`: typed as what; empty: as an image). Raises Refused."""
    check_catch_up(by)
    number, found = open_form(typed)
    typed = rules.TYPED_AS.get(found.kind, "note")
    if shape and typed != shape and (shape, typed) != ("note", "image"):  # without a scanner, a certificate too is typed
        title = TITLES.get(found.kind, found.kind)
        raise Refused(f"La fiche {number} est une fiche « {title} »\u00a0: la saisir comme telle.", code="kind")
    if written_at > clock.now():
        raise Refused("Cette date est dans l’avenir\u00a0: recopier celle qui est écrite sur la fiche.", code="invalid")
    if written_at < found.made_at - rules.BEFORE:
        raise Refused("Cette date est avant l’impression de la fiche\u00a0: recopier celle qui est écrite dessus.", code="invalid")
    return number, found.kind


def _documents(patient: UUID, by: Actor, number: str, kind: str, written_at: datetime, scans: Sequence[Blob]) -> UUID | None:
    """The pages of the form among the file's documents; the first one's id."""
    title = f"Fiche papier {number}\u00a0: {TITLES.get(kind, kind).lower()}"
    day, name = written_at.astimezone(PARIS).date(), f"fiche-{number}.jpg"
    made = [documents.file_document(patient, by=by, blob=one, title=title, mime="image/jpeg", file_name=name, origin="scan", dated_on=day)
            for one in scans]
    return made[0] if made else None


def _end(patient: UUID, by: Actor, number: str, kind: str, target: tuple[str, UUID], written: tuple[datetime, UUID | None],
         scans: Sequence[Blob]) -> None:
    """The form is filed: its scan joins the file, the waiting one goes."""
    if written[1] is not None:
        standing_of(written[1])  # Refused for nobody's id
    before = CaughtUp.objects.filter(number=number, target="document", patient_id=patient).values_list("document_id", flat=True).first()
    document = _documents(patient, by, number, kind, written[0], scans) or before
    _beside(patient, by, number, kind, target, document, written)
    _say(number, "filed", by)


def _beside(patient: UUID, by: Actor, number: str, kind: str, target: tuple[str, UUID], document: UUID | None,
            written: tuple[datetime, UUID | None]) -> None:
    """What the file says of it: from which form, whose pen, when."""
    CaughtUp.objects.create(
        patient_id=check_patient(by, patient, Category.DOCUMENTS, own=True), number=number, kind=kind, target=target[0],
        target_id=target[1], document_id=document, written_at=written[0], written_by_id=written[1] or by.member, at=clock.now(),
        by_id=by.member)


def _say(number: str, outcome: str, by: Actor, reason: str = "") -> None:
    found = kit_of(number)
    FormReturn.objects.create(number=number, kind=found.kind if found else "", copy_id=found.copy if found else None, outcome=outcome,
                              reason=collapse(reason)[:200], at=clock.now(), by_id=by.member)
    if outcome in rules.FINAL or outcome == "joined":
        for scan in scans_of(number):
            put_away(scan, by=by)


# -- nothing to type


@action
def settle_form(number: str, *, by: Actor, outcome: str, reason: str = "") -> None:
    """A spoilt form, with its reason, or one that did not serve. Raises Refused: rights, unknown, settled, a scan that waits."""
    check_catch_up(by)
    number, _ = open_form(number)
    if outcome not in ("void", "unused"):
        raise Refused("Une fiche est saisie, abîmée, ou n’a pas servi.", code="invalid")
    if outcome == "void" and not collapse(reason):
        raise Refused("Écrivez pourquoi cette fiche est perdue ou abîmée.", code="invalid")
    if outcome == "unused" and scans_of(number):
        raise Refused("Cette fiche a été numérisée\u00a0: la saisir, ou écrire pourquoi elle est annulée.", code="scanned")
    _say(number, outcome, by, reason)


@action
def rest_unused(copy: UUID, *, by: Actor) -> int:
    """All forms of one printed kit of which nothing was said, and that nobody scanned, did not serve. Returns how many."""
    check_catch_up(by)
    left = [number for number in numbers_left(copy) if not scans_of(number)]
    for number in left:
        _say(number, "unused", by)
    return len(left)
