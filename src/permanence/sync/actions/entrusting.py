"""Patients' keys for who has no practice root: written by whole machines for a limited one, and by that one for the practice."""

from collections.abc import Collection, Sequence
from uuid import UUID

from permanence.journal import chain
from permanence.journal.actions import entries_of
from permanence.journal.doors import Actor
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.sync import permissions
from permanence.sync.models import EntrustedKey, WithdrawnKey


@action
def entrust(keys: Sequence[tuple[UUID, bytes]], *, to: UUID, by: Actor) -> None:
    """Sealed keys, by patient, for one limited machine."""
    permissions.check_introduce(by)
    for patient, sealed in keys:
        EntrustedKey(patient_id=patient, replica_id=to, sealed=sealed, at=clock.now()).save()


@action
def withdraw(patients: Sequence[tuple[UUID, Collection[UUID]]], *, of: UUID, by: Actor) -> None:
    """A limited machine carries these no more: each with the rows by which it was given the key, which are pruned."""
    permissions.check_introduce(by)
    for patient, rows in patients:
        WithdrawnKey(patient_id=patient, replica_id=of, at=clock.now()).save()
        for row in rows:
            chain.give(chain.PRUNE, row.bytes, {"entries": entries_of(row)})
