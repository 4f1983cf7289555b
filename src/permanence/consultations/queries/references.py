"""The growth references that a curve may be drawn against: the WHO's, and those that the practice loaded."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from permanence.accounts.permissions import can_administer, can_write, check_read
from permanence.consultations import growth, growth_csv
from permanence.consultations.models import GrowthReference
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Reader, Refused

WHO = "oms"  # what stands for the WHO's where the others have an id
_ROW = ("id", "name", "published", "licence", "table", "at", "replaces_id", "retired_at")


@dataclass(frozen=True, slots=True)
class KnownReference:
    """One reference. `id` None: the WHO's. `curves` None: a table that this version does not read, and `wrong` says why."""

    id: UUID | None
    name: str
    published: str
    licence: str
    table: str
    at: datetime.datetime | None
    replaces: UUID | None
    retired_at: datetime.datetime | None
    curves: growth.Reference | None
    wrong: str = ""

    @property
    def key(self) -> str:
        return WHO if self.id is None else str(self.id)

    def covers(self, sex: str, months: float) -> bool:
        """Whether a child of this sex and age has a curve in it."""
        return self.curves is not None and any(
            one.sex == sex and one.first <= months <= one.last for one in self.curves.extents()
        )


def may_load_references(by: Actor) -> bool:
    """Who administers the practice and cares for patients."""
    return can_administer(by) and can_write(by, Category.MEASURES, new=True)


def growth_references(*, reader: Reader, retired: bool = False) -> list[KnownReference]:
    """The WHO's, then the practice's by name; with `retired`, also those no longer offered. One query. Raises Refused."""
    check_read(reader, Category.MEASURES)
    rows = GrowthReference.objects.all() if retired else GrowthReference.objects.filter(retired_at=None)
    return [_who(), *sorted((_known(*row) for row in rows.values_list(*_ROW)), key=lambda one: (one.name.casefold(), one.key))]


def growth_reference(id: UUID, *, reader: Reader) -> KnownReference:
    """One that the practice loaded. Raises Refused `unknown`."""
    found = next((one for one in growth_references(reader=reader, retired=True) if one.id == id), None)
    if found is None:
        raise Refused("Cette référence est introuvable\u00a0: revenez à la liste des références.", code="unknown")
    return found


def read_reference(table: str, *, name: str, published: str) -> tuple[growth.Extent, ...]:
    """What a typed table holds. Raises ValueError with a French sentence that names the line."""
    return growth_csv.load_csv(table, name=name, published=published).extents()


def choose(known: Sequence[KnownReference], *, asked: str, remembered: str, sex: str, months: float) -> KnownReference:
    """The one asked for; else the last one chosen, where it has this age; else the first that has it; else the WHO's."""
    usable = [one for one in known if one.curves is not None]
    by_key = {one.key: one for one in usable}
    if asked in by_key:
        return by_key[asked]
    if remembered in by_key and by_key[remembered].covers(sex, months):
        return by_key[remembered]
    return next((one for one in usable if one.covers(sex, months)), usable[0])


def _who() -> KnownReference:
    found = growth.who()
    return KnownReference(None, found.name, found.published, "", "", None, None, None, found)


def _known(
    id: UUID,
    name: str,
    published: str,
    licence: str,
    table: str,
    at: datetime.datetime | None,
    replaces: UUID | None,
    retired_at: datetime.datetime | None,
) -> KnownReference:
    curves, wrong = None, ""
    try:
        curves = growth_csv.load_csv(table, name=name, published=published)
    except growth_csv.WrongTable as error:  # of a newer version, or damaged
        wrong = str(error)
    return KnownReference(id, name, published, licence, table, at, replaces, retired_at, curves, wrong)
