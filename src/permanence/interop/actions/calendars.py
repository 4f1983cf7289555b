"""Agendas read from their addresses: which are, and what each reading brings. The network is reached outside every action."""

from uuid import UUID

from permanence.accounts.permissions import check_administer, check_write, today
from permanence.agenda import actions as agenda
from permanence.agenda import ics, times
from permanence.agenda.permissions import check_agenda
from permanence.interop.models import OutsideAgenda
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock, fetching
from permanence.lib.text import collapse

MOST = 20  # addresses of one practice
UNKNOWN = "Cet agenda est introuvable, ou retiré\u00a0: actualisez la page."


@action
def follow_calendar(*, by: Actor, practitioner: UUID, name: str, address: str, local: bool = False) -> UUID:
    """Read an agenda from its address from now on; `local`: its server is in the practice's network. Raises Refused."""
    check_administer(by)
    check_write(by, Category.PROFESSIONAL)
    check_agenda(by, practitioner)
    try:
        fetching.place_of(address)
    except fetching.NotFetched as wrong:
        raise Refused(wrong.sentence, code="invalid") from None
    kept = list(OutsideAgenda.objects.filter(removed=False).values_list("address", "practitioner_id"))
    if (address.strip(), practitioner) in kept:
        raise Refused("Cette adresse est déjà lue pour cet agenda.", code="known")
    if len(kept) >= MOST:
        raise Refused(f"{MOST} agendas sont déjà lus\u00a0: retirez-en un d’abord.", code="many")
    made = OutsideAgenda.objects.create(practitioner_id=practitioner, name=collapse(name)[:60] or "Autre agenda", address=address.strip(),
                                        local=local, by_id=by.member, at=clock.now())  # fmt: skip
    return UUID(str(made.id))


def leave_calendar(calendar: UUID, *, by: Actor) -> None:
    """Read it no more: what it brought and is still to come leaves the agenda with it. Raises Refused."""
    whose = remove_calendar(calendar, by=by)
    agenda.keep([], window(), by=by, practitioner=whose, origin=origin_of(calendar))


@action
def remove_calendar(calendar: UUID, *, by: Actor) -> UUID:
    """Returns whose agenda it was."""
    check_administer(by)
    check_write(by, Category.PROFESSIONAL)
    found = OutsideAgenda.objects.filter(id=calendar, removed=False).first()
    if found is None:
        raise Refused(UNKNOWN, code="unknown")
    found.removed, found.by_id, found.at = True, by.member, clock.now()
    found.save()
    return UUID(str(found.practitioner_id))


def bring(calendar: UUID, practitioner: UUID, data: bytes, *, by: Actor) -> agenda.Imported:
    """Keep what was read: the events of the window, those that are there no more cancelled. Raises Refused for what is no agenda."""
    first, last = window()
    try:
        events, skipped = ics.read(data, window=(first, last))
    except ValueError as wrong:
        raise Refused(str(wrong), code="invalid") from None
    near = [event for event in events if event.end > times.bounds(first)[0] and event.start < times.bounds(last)[1]]
    if not near and agenda.coming(practitioner, origin_of(calendar)):  # a fault over there more often than an agenda that was emptied
        raise Refused("L’agenda est revenu vide\u00a0: si c’est voulu, retirez-le d’ici.", code="empty")
    return agenda.Imported(skipped=skipped) + agenda.keep(near, (first, last), by=by, practitioner=practitioner,
                                                          origin=origin_of(calendar))  # fmt: skip


def window() -> ics.Window:
    """The days that are kept of an agenda."""
    return today() - agenda.BEHIND, today() + agenda.AHEAD


def origin_of(calendar: UUID) -> str:
    """What an event says of where it comes from."""
    return f"ics:{calendar.hex[:8]}"
