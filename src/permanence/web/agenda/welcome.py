"""The card that arrival shows: is this the right person, and how are they reached; each gap is filled from here."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from permanence.accounts.permissions import can_write
from permanence.accounts.queries import member_names
from permanence.agenda import queries
from permanence.journal.categories import Category
from permanence.journal.doors import Reader, Refused
from permanence.lib.text import NBSP
from permanence.patients import queries as patients
from permanence.web.dossier.people import Person, person
from permanence.web.http import uuid_of
from permanence.web.links import reverse


@dataclass(frozen=True, slots=True)
class Welcome:
    """What is known of who has just arrived; an empty value is missing, None is closed to the reader."""

    id: str
    person: Person
    identity: str
    qualified: bool
    mobile: str | None
    email: str | None
    doctor: str
    coverage: str
    save: str
    day: str
    contact: bool
    identity_url: str
    missing: int


def of(request: HttpRequest, found: queries.Day, reader: Reader) -> Welcome | None:
    """The card for the appointment that the address names, if it is on this page."""
    wanted = uuid_of(request.GET.get("accueil"))
    one = next((one for one in found.booked if one.id == wanted and one.patient and one.person), None) if wanted else None
    if one is None or one.patient is None or one.person is None:
        return None
    try:
        sheet = patients.identity_sheet(one.patient, reader=reader, only=(Category.IDENTITY, Category.CONTACT))
    except Refused:
        return None
    reach = sheet.coordinates
    doctor = _doctor(sheet.identity)
    status = sheet.identity.identity_status
    mobile, email = (reach.mobile, reach.email) if reach else (None, None)
    return Welcome(
        id=str(one.id),
        person=person(one.person),
        identity=f"Identité {patients.STATUSES.get(status, 'provisoire').lower()}",
        qualified=status == "qualifiee",
        mobile=mobile,
        email=email,
        doctor=doctor,
        coverage=_coverage(reader),
        save=reverse("agenda:reach", args=(one.id,)),
        day=f"{found.first:%Y-%m-%d}",
        contact=can_write(reader.actor, Category.CONTACT),
        identity_url=reverse("patients:edit", args=(one.patient,)),
        missing=sum(not value for value in (mobile, email, doctor)),
    )


def _doctor(identity: patients.Identity) -> str:
    member: UUID | None = identity.medecin_traitant_id
    return member_names([member]).get(member, "") if member else identity.medecin_traitant_text


def _coverage(reader: Reader) -> str:
    try:
        found = patients.reach(reader=reader)
    except Refused:
        return ""
    if not found.patients:
        return ""
    share = round(100 * found.reached / found.patients)
    return f"{share}{NBSP}% des dossiers ont un courriel ou un mobile ({found.reached} sur {found.patients})"
