"""The only ways to read which outside agendas are followed, and how their last reading went."""

from dataclasses import dataclass
from uuid import UUID

from permanence.accounts.permissions import check_read
from permanence.interop import readings
from permanence.interop.models import OutsideAgenda
from permanence.interop.readings import Reading
from permanence.journal.categories import Category
from permanence.journal.doors import Reader
from permanence.lib import fetching


@dataclass(frozen=True, slots=True)
class Followed:
    """One agenda, without its address: of that, the server alone."""

    id: UUID
    practitioner: UUID | None
    name: str
    server: str
    local: bool
    reading: Reading


def followed(*, reader: Reader) -> list[Followed]:
    """The agendas that are read, by name."""
    check_read(reader, Category.PROFESSIONAL)
    found = OutsideAgenda.objects.filter(removed=False).order_by("name", "id")
    rows = found.values_list("id", "practitioner_id", "name", "address", "local")
    return [Followed(id, whose, name, _server(address), local, readings.of(id)) for id, whose, name, address, local in rows]


def _server(address: str) -> str:
    try:
        return fetching.place_of(address).host
    except fetching.NotFetched:
        return ""
