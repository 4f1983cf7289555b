"""The only ways to sign prescriptions and to count the secured forms. The PDF is made and stored before; the act cites it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from permanence.accounts import rules as rights
from permanence.accounts.permissions import check_write, standing_of, today
from permanence.documents import blobs, catalogue
from permanence.documents.actions import take_draft
from permanence.documents.rules import EMPTY, NOT_YOURS, REPLACED_UNKNOWN
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Ask, Refused
from permanence.journal.writer import action
from permanence.journal.written import Head
from permanence.lib import clock
from permanence.patients.permissions import check_object, check_patient, check_written
from permanence.prescriptions import rules
from permanence.prescriptions.models import FormStock, Prescription
from permanence.prescriptions.written import KIND, heads


def check_prescriber(by: Actor, kind: str) -> None:
    """Whether this person may sign this kind of prescription. Raises Refused: right, scope, inactive."""
    check_write(by, Category.PRESCRIPTIONS, new=True)
    if by.member is None:
        return
    if sentence := rules.refuses_kind(str(standing_of(by.member).profession or ""), kind):
        raise Refused(sentence, code="scope")


def check_stoppage(start: date | None, end: date | None) -> int:
    """Days of an arrêt, both ends included. Raises Refused with what to correct."""
    try:
        return rules.check_stoppage(start, end, today())
    except ValueError as wrong:
        raise Refused(str(wrong), code="invalid") from None


def sign_prescription(patient: UUID, *, by: Actor, pdf: bytes, template: str, **more: Any) -> UUID:
    """Seal the PDF on disk, then journal the prescription. `more`: as `file_prescription`. Raises Refused."""
    check_prescriber(by, catalogue.get(template).kind)
    ref = blobs.store(pdf)
    return file_prescription(patient, by=by, blob={"hash": ref.hash, "key": ref.key, "size": ref.size}, template=template, **more)


@action
def file_prescription(
    patient: UUID,
    *,
    by: Actor,
    blob: Mapping[str, Any],
    template: str,
    title: str,
    number: str,
    text: str = "",
    long_term_text: str = "",
    addressee: UUID | None = None,
    stoppage: Mapping[str, Any] | None = None,
    replaces: UUID | None = None,
    draft: UUID | None = None,
    version: int | None = None,
    signed_at: datetime | None = None,
    sensitive: bool = False,
    minor_secret: bool = False,
) -> UUID:
    """`signed_at`: when it was signed by hand, for one that is typed afterwards; now otherwise. Raises Refused."""
    kind = catalogue.get(template).kind
    check_prescriber(by, kind)
    if signed_at is not None and signed_at > clock.now():
        raise Refused("Cette ordonnance serait signée dans l’avenir\u00a0: vérifiez la date.", code="invalid")
    patient = check_patient(by, patient, Category.PRESCRIPTIONS, own=True)
    if kind == "work_stoppage":
        check_stoppage(*((stoppage or {}).get(name) for name in ("stoppage_from", "stoppage_until")))
    elif not (text.strip() or long_term_text.strip()):
        raise Refused(EMPTY, code="empty")
    if replaces is not None:
        _check_replaced(replaces, patient, by)
    _check_addressee(addressee)
    stoppage = {**(stoppage or {}), "form_serial": rules.serial((stoppage or {}).get("form_serial", ""))}
    _check_serial(stoppage["form_serial"], replaces)
    take_draft(draft, version, by=by)
    made = Prescription.objects.create(
        patient_id=patient,
        kind=kind,
        template=template,
        title=title[:200],
        text=text,
        long_term_text=long_term_text,
        number=number,
        author_id=by.member,
        addressee_id=addressee,
        signed_at=signed_at or clock.now(),
        replaces_id=replaces,
        size=blob["size"],
        blob_hash=blob["hash"],
        blob_key=blob["key"],
        sensitive=sensitive,
        minor_secret=minor_secret,
        **stoppage,
    )
    return UUID(str(made.id))


def check_copying(kind: str, object: UUID, since: datetime, *, by: Actor) -> Head | None:
    """Whether `by` may say of what was signed since that it was copied elsewhere: its head; None for another thing. Raises Refused."""
    found = heads(Q(id=object, signed_at__gte=since), by.member) if kind == KIND else []
    return check_written(by, found[0]) if found else None


def _check_replaced(prescription: UUID, patient: UUID, by: Actor) -> None:
    found = Prescription.objects.filter(id=prescription).first()
    if found is None or found.patient_id != patient:
        raise Refused(REPLACED_UNKNOWN, code="unknown")
    if found.author_id != by.member:
        raise Refused(NOT_YOURS, code="author")
    check_object(
        by, Ask(found.patient_id, Category.PRESCRIPTIONS, found.id, found.author_id, found.sensitive, found.minor_secret)
    )


def _check_addressee(member: UUID | None) -> None:
    """Who carries an order out reads it as their own: a carer of the practice, present. Raises Refused."""
    if member is None:
        return
    found = standing_of(member)
    if not found.active or found.profession not in rights.CLINICIANS:
        raise Refused("Choisissez un soignant présent au cabinet, ou personne si le papier est remis au patient.", code="addressee")


def _check_serial(serial: str, replaces: UUID | None) -> None:
    """A secured form serves once; the arrêts that correct one another cite the same one."""
    former = []
    while replaces is not None and replaces not in former:
        former.append(replaces)
        replaces = Prescription.objects.values_list("replaces_id", flat=True).filter(id=replaces).first()
    if serial and Prescription.objects.filter(form_serial=serial).exclude(id__in=former).exists():
        raise Refused(
            "Ce numéro de formulaire a déjà servi à un autre arrêt\u00a0: relisez le numéro imprimé sur le formulaire.",
            code="serial",
        )
    if serial and _spoilt(serial):
        raise Refused(
            "Ce formulaire est noté abîmé, perdu ou volé\u00a0: relisez son numéro, ou prenez le formulaire suivant.",
            code="serial",
        )


def _spoilt(serial: str) -> bool:
    return FormStock.objects.filter(count__lt=0, first_serial=serial).exists()


@action
def receive_forms(*, by: Actor, count: int, first: str = "", last: str = "") -> UUID:
    """Count in a pad of secured forms. Raises Refused: right, invalid."""
    check_prescriber(by, "work_stoppage")
    try:
        first, last = rules.serial_range(first, last, count)
    except ValueError as wrong:
        raise Refused(str(wrong), code="invalid") from None
    made = FormStock.objects.create(
        owner_id=by.member, count=count, first_serial=first, last_serial=last, at=clock.now(), by_id=by.member
    )
    return UUID(str(made.id))


@action
def spoil_form(*, by: Actor, serial: str, note: str = "") -> UUID:
    """Count out a secured form that was torn, lost or stolen. Raises Refused: right, invalid."""
    check_prescriber(by, "work_stoppage")
    number = rules.serial(serial)
    if not number:
        raise Refused("Indiquez le numéro du formulaire perdu ou abîmé.", code="invalid")
    if _spoilt(number):
        raise Refused("Ce formulaire est déjà noté abîmé ou perdu\u00a0: relisez son numéro.", code="serial")
    if Prescription.objects.filter(form_serial=number).exists():
        raise Refused("Ce formulaire a servi à un arrêt\u00a0: il est déjà décompté. Relisez son numéro.", code="serial")
    made = FormStock.objects.create(
        owner_id=by.member,
        count=-1,
        first_serial=number,
        last_serial=number,
        note=" ".join(note.split())[:200],
        at=clock.now(),
        by_id=by.member,
    )
    return UUID(str(made.id))
