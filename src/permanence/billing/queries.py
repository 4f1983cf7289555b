"""The only ways to read acts and takings: of a patient, of a day, totals without any name, and the dated table of fees."""

import datetime
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from permanence.accounts.permissions import check_member, check_read, standing_of
from permanence.accounts.rules import Profession
from permanence.billing import rules
from permanence.billing.models import Act, Closing
from permanence.journal.categories import Category
from permanence.journal.doors import Ask, Reader, Refused
from permanence.patients.permissions import family_of

METHODS = rules.METHODS
UNKNOWN = "Cet acte est introuvable, ou vous n’y avez pas accès\u00a0: revenez au dossier."
_FLAGS = ("id", "patient_id", "practitioner_id")
_ROW = (
    "id",
    "patient_id",
    "practitioner_id",
    "recorded_by_id",
    "recorded_at",
    "done_on",
    "code",
    "label",
    "amount",
    "third_party",
    "method",
    "payer",
    "number",
    "cancels_id",
    "reason",
)


@dataclass(frozen=True, slots=True)
class ActRow:
    """One act; amounts in cents. `cancels_id`: it is the counter-entry of that one."""

    id: UUID
    patient: UUID
    practitioner_id: UUID | None
    recorded_by_id: UUID | None
    recorded_at: datetime.datetime | None
    done_on: datetime.date | None
    code: str
    label: str
    amount: int
    third_party: int
    method: str
    payer: str
    number: str
    cancels_id: UUID | None
    reason: str

    @property
    def paid(self) -> int:
        """Cents that the patient pays here."""
        return self.amount - self.third_party

    @property
    def method_label(self) -> str:
        return rules.METHODS.get(self.method, self.method)

    @property
    def amount_text(self) -> str:
        return rules.euros(self.amount)

    @property
    def paid_text(self) -> str:
        return rules.euros(self.paid)

    @property
    def third_party_text(self) -> str:
        return rules.euros(self.third_party) if self.third_party else ""


@dataclass(frozen=True, slots=True)
class ClosingRow:
    expected: int
    counted: int
    note: str
    by_id: UUID | None
    at: datetime.datetime | None

    @property
    def difference(self) -> int:
        return self.counted - self.expected

    @property
    def texts(self) -> tuple[str, str, str]:
        """Expected, counted, difference, as they are shown."""
        return rules.euros(self.expected), rules.euros(self.counted), rules.euros(self.difference)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of a day without any name: (label, text) by method, and the whole."""

    count: int
    methods: tuple[tuple[str, str], ...]
    paid: str
    third_party: str
    amount: str


@dataclass(frozen=True, slots=True)
class Fee:
    """One line of the table of fees; 0 cents: to be typed."""

    code: str
    label: str
    cents: int

    @property
    def typed(self) -> str:
        return f"{self.cents // 100},{self.cents % 100:02}" if self.cents else ""


def _load(heads: Sequence[tuple[UUID, UUID, UUID | None]], reader: Reader) -> list[ActRow]:
    asks = [Ask(patient, Category.BILLING, id, practitioner) for id, patient, practitioner in heads]
    admitted = reader.admit_objects(asks) if asks else set()
    rows = Act.objects.filter(id__in=admitted).order_by("-recorded_at").values_list(*_ROW) if admitted else ()
    return [ActRow(*row) for row in rows]


def acts_of(patient: UUID, *, reader: Reader, limit: int = 100) -> list[ActRow]:
    """Acts of a person's files, newest first: those this reader may see."""
    files = family_of(patient, reader=reader)
    return _load(list(Act.objects.filter(patient_id__in=files).order_by("-recorded_at").values_list(*_FLAGS)[:limit]), reader)


def act(id: UUID, *, reader: Reader) -> ActRow:
    """One act. Raises Refused alike for one that is unknown and one that is not for this reader."""
    found = _load(list(Act.objects.filter(id=id).values_list(*_FLAGS)), reader)
    if not found:
        raise Refused(UNKNOWN, code="unknown")
    return found[0]


def acts_on(day: datetime.date, *, reader: Reader) -> list[ActRow]:
    """Acts of a day that this reader may see, newest first: all for the desk and titulaires, one's own for the others."""
    return _load(list(Act.objects.filter(done_on=day).values_list(*_FLAGS)), reader)


def sums(rows: Collection[ActRow]) -> Totals:
    """The totals of rows that a door gave."""
    return _totals([(row.method, row.amount, row.third_party) for row in rows])


def totals(day: datetime.date, *, reader: Reader) -> Totals:
    """The totals of a day, without any name: for who reads all of it, and for the comptable (letter `A`). Raises Refused."""
    member = reader.actor.member
    if member is None or standing_of(member).profession is not Profession.COMPTABLE or not check_member(reader.actor).active:
        check_read(reader, Category.BILLING)
    return _totals(list(Act.objects.filter(done_on=day).values_list("method", "amount", "third_party")))


def _totals(rows: Sequence[tuple[str, int, int]]) -> Totals:
    found = rules.by_method((method, amount - third) for method, amount, third in rows)
    return Totals(
        len(rows),
        tuple((label, rules.euros(found[method])) for method, label in rules.METHODS.items() if method in found),
        rules.euros(sum(found.values())),
        rules.euros(sum(third for _, _, third in rows)),
        rules.euros(sum(amount for _, amount, _ in rows)),
    )


def closings(day: datetime.date, *, reader: Reader) -> list[ClosingRow]:
    """How the cash of a day was counted, newest first. For who reads all of the practice's billing."""
    check_read(reader, Category.BILLING)
    rows = Closing.objects.filter(day=day).order_by("-at").values_list("expected", "counted", "note", "by_id", "at")
    return [ClosingRow(*row) for row in rows]


@cache
def _table() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "tarifs.json").read_text("utf-8"))
    return found


def fees() -> tuple[list[Fee], str]:
    """The table of fees with its date and source in words; of nobody, so no reader is asked."""
    table = _table()
    since = datetime.date.fromisoformat(table["since"])
    return [Fee(**row) for row in table["fees"]], f"Table du {since:%d/%m/%Y}. {table['source']}"


def read_cents(typed: tuple[int, int] | None) -> int:
    """A typed amount in cents; 0 when empty. Raises Refused with what to correct."""
    if typed is None:
        return 0
    try:
        return rules.cents(*typed)
    except ValueError as wrong:
        raise Refused(str(wrong), code="invalid") from None
