"""All the measures of some kinds in a person's files, oldest first: what a curve draws."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q

from permanence.consultations.models import Measure
from permanence.journal.categories import Category
from permanence.journal.doors import Ask, Reader
from permanence.patients.permissions import family_of

MOST = 500


@dataclass(frozen=True, slots=True)
class Point:
    """One measure of a series."""

    code: str
    at: datetime.datetime
    number: int
    scale: int


def series(patient: UUID, codes: Collection[str], *, reader: Reader) -> list[Point]:
    """Measures of these LOINC codes that this reader may see, the newest MOST of them. Two queries."""
    files = family_of(patient, reader=reader)
    live = Q(removed_revision=None) | ~Q(removed_revision=F("revision"))
    heads = (
        Measure.objects.filter(live, patient_id__in=files, code__in=codes, taken_at__isnull=False)
        .order_by("-taken_at")
        .values_list("id", "patient_id", "author_id", "sensitive", "minor_secret")[:MOST]
    )
    asks = [Ask(patient, Category.MEASURES, id, author, sensitive, minor) for id, patient, author, sensitive, minor in heads]
    admitted = reader.admit_objects(asks) if asks else set()
    rows = Measure.objects.filter(id__in=admitted).order_by("taken_at").values_list("code", "taken_at", "values")
    return [Point(code, at, int(values[0][1]), int(values[0][2])) for code, at, values in rows if at and values]
