"""Patients' keys for who has no practice root: written by whole machines for a limited one, and by that one for the practice."""

from collections.abc import Sequence
from uuid import UUID

from permanence.journal.doors import Actor
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.sync import permissions
from permanence.sync.models import EntrustedKey


@action
def entrust(keys: Sequence[tuple[UUID, bytes]], *, to: UUID, by: Actor) -> None:
    """Sealed keys, by patient, for one limited machine."""
    permissions.check_introduce(by)
    for patient, sealed in keys:
        EntrustedKey(patient_id=patient, replica_id=to, sealed=sealed, at=clock.now()).save()
