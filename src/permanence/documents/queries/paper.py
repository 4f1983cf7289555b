"""Letterheads and printers: rows of the practice, of no patient."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from permanence.accounts.permissions import check_member
from permanence.documents.models import Letterhead, PrinterSetting
from permanence.journal.doors import Reader


@dataclass(frozen=True, slots=True)
class LetterheadRow:
    """What stands above papers; empty where nothing was written yet."""

    address: str = ""
    phone: str = ""
    email: str = ""
    insurance_number: str = ""
    lines: str = ""

    def over(self, other: "LetterheadRow") -> "LetterheadRow":
        """Each part of this one, else the other's."""
        return LetterheadRow(
            self.address or other.address,
            self.phone or other.phone,
            self.email or other.email,
            self.insurance_number or other.insurance_number,
            self.lines or other.lines,
        )


_PARTS = ("address", "phone", "email", "insurance_number", "lines")


def letterhead(owner: UUID | None, *, reader: Reader) -> LetterheadRow:
    """A member's own letterhead, or the practice's for None. It stands on every paper: open to every member."""
    check_member(reader.actor)
    row = Letterhead.objects.filter(owner_id=owner).values_list(*_PARTS).first()
    return LetterheadRow(*row) if row else LetterheadRow()


def letterhead_over(owner: UUID, *, reader: Reader) -> LetterheadRow:
    """A member's own letterhead, completed by the practice's. One query."""
    check_member(reader.actor)
    rows = Letterhead.objects.filter(Q(owner_id=owner) | Q(owner_id=None)).values_list("owner_id", *_PARTS)
    found = {whose: LetterheadRow(*parts) for whose, *parts in rows}
    return found.get(owner, LetterheadRow()).over(found.get(None, LetterheadRow()))


def printer_settings(post: UUID, *, reader: Reader) -> dict[str, tuple[str, str]]:
    """Size of paper -> (printer, tray) of a post; sizes without a printer are left out."""
    return printers_of([post], reader=reader).get(post, {})


def printers_of(posts: Collection[UUID], *, reader: Reader) -> dict[UUID, dict[str, tuple[str, str]]]:
    """The same of many posts; one without a printer is left out. One query."""
    check_member(reader.actor)
    found: dict[UUID, dict[str, tuple[str, str]]] = {}
    for post, paper, printer, tray in PrinterSetting.objects.filter(post_id__in=posts).values_list("post_id", "paper", "printer", "tray"):
        if printer:
            found.setdefault(post, {})[paper] = printer, tray
    return found


def printer_for(post: UUID | None, paper: str, *, reader: Reader) -> tuple[str, str] | None:
    """(printer, tray) that a post uses for a size; None: the PDF opens in the browser."""
    return printer_settings(post, reader=reader).get(paper) if post else None
