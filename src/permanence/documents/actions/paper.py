"""What printed papers share: their numbers, the letterheads, the printers of a post."""

from uuid import UUID, uuid5

from permanence.accounts.permissions import check_administer, check_manage_posts, check_member
from permanence.documents import rules
from permanence.documents.models import Letterhead, Numbering, PrinterSetting
from permanence.journal import vault
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib.ids import prefix_of
from permanence.lib.text import collapse, plain

_SPACE = UUID("5c0d6c7e-6a0f-4f0e-9a57-3d0f5f0d8c11")  # of ids that follow from what they are about


@action
def begin_printing(attempt: UUID, *, by: Actor) -> UUID:
    """Claim the one printing that a form asks for. Returns the attempt that has it: another than this one when the form came twice.

    Raises Refused unless `by` is a member.
    """
    check_member(by)
    return attempt


@action
def take_number(series: str, *, by: Actor) -> str:
    """The next number of a series, « 7K2MQ-42 »: the prefix is this replica's, so two replicas never give the same.

    A number whose paper was not signed after all is skipped; nothing asks that they be without gaps.
    """
    check_member(by)
    prefix = prefix_of(vault.current().replica)
    found, _ = Numbering.objects.get_or_create(series=f"{series}:{prefix}")
    found.last += 1
    found.save()
    return f"{prefix}-{found.last}"


@action
def set_letterhead(
    *, by: Actor, owner: UUID | None, address: str, phone: str, email: str, insurance_number: str, lines: str
) -> UUID:
    """What stands above the papers: one's own, or the practice's (`owner` None) for a titulaire. Raises Refused."""
    if owner is None:
        check_administer(by)
    elif check_member(by).purpose != "demo" and owner != by.member:
        raise Refused("Chacun écrit son propre en-tête\u00a0: demandez-le à la personne.", code="right")
    id = uuid5(_SPACE, f"letterhead:{owner or ''}")
    found = Letterhead.objects.filter(id=id).first() or Letterhead(id=id, owner_id=owner)
    found.address, found.lines = plain(address).strip()[:500], plain(lines).strip()[:500]
    found.phone, found.email = collapse(phone)[:40], collapse(email)[:200]
    found.insurance_number = collapse(insurance_number)[:20]
    found.save()
    return id


@action
def set_printer(post: UUID, *, by: Actor, paper: str, printer: str, tray: str = "") -> UUID:
    """Which printer and tray a post uses for a size; "" for none: the PDF then opens in the browser. Raises Refused."""
    check_manage_posts(by)
    if paper not in rules.PAPERS:
        raise Refused("Ce format de papier est inconnu\u00a0: choisissez A4 ou A5.", code="invalid")
    id = uuid5(_SPACE, f"printer:{post}:{paper}")
    found = PrinterSetting.objects.filter(id=id).first() or PrinterSetting(id=id, post_id=post, paper=paper)
    found.printer, found.tray = collapse(printer)[:200], collapse(tray)[:200]
    found.save()
    return id
