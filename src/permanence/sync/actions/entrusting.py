"""Patients' keys for who has no practice root: written by whole machines for a limited one, and by that one for the practice."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from permanence.journal import chain
from permanence.journal.actions import entries_of
from permanence.journal.doors import Actor
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.sync import permissions
from permanence.sync.models import EntrustedKey, KeyDrawn, WithdrawnKey


class Sealed(NamedTuple):
    """A patient's key for one recipient alone: its commitment, and the epoch in which it was drawn."""

    patient: UUID
    sealed: bytes
    commitment: bytes
    epoch: int


@action
def entrust(keys: Sequence[Sealed], *, to: UUID, by: Actor) -> None:
    """Patients' keys for one limited machine."""
    permissions.check_introduce(by)
    for key in keys:
        hand(key, to=to)


@action
def renew_keys(patients: Collection[UUID], *, by: Actor) -> None:
    """A new key for each of these files, before anybody writes of them again; those who carry them are given it in this act."""
    permissions.check_introduce(by)
    for patient in patients:
        KeyDrawn(patient_id=patient, at=clock.now()).save()


def hand(key: Sealed, *, to: UUID | None) -> None:
    """In an act: a patient's key for a limited machine; None: for the practice."""
    EntrustedKey(patient_id=key.patient, replica_id=to, sealed=key.sealed, at=clock.now(), commitment=key.commitment,
                 epoch=key.epoch).save()  # fmt: skip


@action
def withdraw(patients: Sequence[tuple[UUID, Collection[UUID]]], *, of: UUID, by: Actor) -> None:
    """A limited machine carries these no more: each with the rows by which it was given the key, which are pruned."""
    permissions.check_introduce(by)
    for patient, rows in patients:
        WithdrawnKey(patient_id=patient, replica_id=of, at=clock.now()).save()
        for row in rows:
            chain.give(chain.PRUNE, row.bytes, {"entries": entries_of(row)})
