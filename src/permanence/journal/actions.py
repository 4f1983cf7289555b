"""The journal's own orders: prune a body, erase a patient. Who may give them is decided by the rooms that call them."""

from collections.abc import Collection
from uuid import UUID

from permanence.journal import chain
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib.sqlcipher import run


@action
def prune(object: UUID, *, by: Actor) -> None:
    """Destroy the bodies of all entries of one object; their headers stay, so the chain still verifies and still supersedes.

    Used when something was written in the wrong file. Raises Refused when the object has no entry.
    """
    targets = entries_of(object)
    if not targets:
        raise Refused("Cet élément est introuvable : actualisez la page.", code="unknown")
    chain.give(chain.PRUNE, object.bytes, {"entries": targets})


@action
def prune_entries(object: UUID, entries: Collection[bytes], *, by: Actor) -> None:
    """Destroy the bodies of the named entries of one object."""
    chain.give(chain.PRUNE, object.bytes, {"entries": sorted(entries)})


@action
def erase(patient: UUID, *, by: Actor, reason: str = "") -> None:
    """Destroy a patient's key, bodies, rows, index rows and drafts. Entries stay, unreadable; late ones are refused.

    Article 17 GDPR and R.1112-7 CSP decide when; this only does it, on every replica that applies the entry. The reason is
    kept with the order, under the control key: it names nobody.
    """
    chain.give(chain.ERASE, patient.bytes, {"reason": reason} if reason else {})


def entries_of(object: UUID) -> list[bytes]:
    """The hashes of an object's entries that still have a body."""
    return [row[0] for row in run("default", "SELECT e.hash FROM journal_entry e JOIN journal_body b ON b.entry = e.hash"
                                  " WHERE e.object = ? AND e.kind NOT LIKE 'journal.%' ORDER BY e.hash", object.bytes)]
