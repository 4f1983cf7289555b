"""Who may see the machines that hold the practice, add or revoke one, and settle what waits."""

from permanence.accounts.permissions import check_administer, check_member, check_slots
from permanence.journal.doors import Actor, Reader


def check_see(reader: Reader) -> None:
    """Every member: they work on these machines. Raises Refused."""
    check_member(reader.actor)


def check_change(by: Actor) -> None:
    """Add, rename, revoke: titulaires, and who has opened the practice at its own console, as for slots. A machine (purpose `sync`)
    writes of itself alone, which its action sees to."""
    if by.purpose != "sync":
        check_slots(by)


def check_settle(reader: Reader) -> None:
    """What came from a machine that is not heard any more: titulaires."""
    check_administer(reader.actor)
