"""Lists for the desk: telephones of those who come, whose address is secret, and figures that are of nobody in particular."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from permanence.accounts.permissions import check_read
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Reader
from permanence.lib.sqlcipher import run
from permanence.patients.models import Patient
from permanence.patients.permissions import files_of

IN_THE_FILE = "à lire dans le dossier"  # stands on paper for an address that is given to nobody
_REACH = (
    "SELECT count(*), sum(p.email <> ''), sum(p.mobile <> ''), sum(p.email <> '' OR p.mobile <> '')"
    " FROM patients_patient p JOIN patients_namerow n ON n.patient = p.id AND n.kept = p.id WHERE p.deceased_on IS NULL"
)


class Reach(NamedTuple):
    """How many living patients, and how many of them could be written to or called if the practice were closed tomorrow."""

    patients: int
    with_email: int
    with_mobile: int
    reached: int


def reach(*, reader: Reader) -> Reach:
    """Contact coverage. Nothing of anybody is served, so nothing is journalled; who reads no contact does not see it."""
    check_read(reader, Category.CONTACT)
    found = run("default", _REACH).fetchone() or (0, 0, 0, 0)
    return Reach(*(int(one or 0) for one in found))


def without_email(patients: Collection[UUID], *, reader: Reader) -> list[UUID]:
    """Those of them who have no e-mail address, among the files whose contact this reader may see."""
    admitted = reader.admit(patients, [Category.CONTACT], level=Level.LISTED).patients(Category.CONTACT)
    return list(Patient.objects.filter(id__in=admitted, email="").values_list("id", flat=True)) if admitted else []


def phones(patients: Collection[UUID], *, reader: Reader) -> dict[UUID, str]:
    """One telephone for each, the mobile first, of those whose contact this reader may see; none is an empty text."""
    admitted = reader.admit(patients, [Category.CONTACT], level=Level.LISTED).patients(Category.CONTACT)
    rows = Patient.objects.filter(id__in=admitted).values_list("id", "mobile", "phone") if admitted else ()
    return {id: mobile or phone for id, mobile, phone in rows}


def kept_secret(patients: Collection[UUID], *, reader: Reader) -> frozenset[UUID]:
    """Those whose address is given to nobody, in any of their files: asked to leave it out, so that no right is needed."""
    files = files_of(patients, reader=reader)
    asked = {file: one for one in patients for file in files[one].family}
    found = Patient.objects.filter(id__in=list(asked), address_at_risk=True).values_list("id", flat=True) if asked else ()
    secret = {file for id in found for file in files[asked[id]].family}
    return frozenset(one for one in patients if one in secret)


class Door(NamedTuple):
    """Where somebody lives and how they are called, for who goes there."""

    address: str
    town: str
    phones: tuple[str, ...]  # the mobile first
    at_risk: bool  # the address is given to nobody


def doors(patients: Collection[UUID], *, reader: Reader) -> dict[UUID, Door]:
    """The address and the telephones of those whose contact this reader may see: a round of visits."""
    admitted = reader.admit(patients, [Category.CONTACT], level=Level.LISTED).patients(Category.CONTACT)
    fields = ("id", "address", "postal_code", "city", "mobile", "phone")
    rows = Patient.objects.filter(id__in=admitted).values_list(*fields) if admitted else ()
    secret = kept_secret(admitted, reader=reader)
    return {
        id: Door(address, f"{code} {city}".strip(), tuple(dict.fromkeys(one for one in (mobile, phone) if one)), id in secret)
        for id, address, code, city, mobile, phone in rows
    }
