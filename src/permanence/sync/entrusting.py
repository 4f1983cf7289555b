"""Keys of patients that go to a limited machine and come from one: sealed to it, or to the practice's intake key.

A whole machine gives when somebody enters a panel; both sides take what came. What decides is in `queries.limited`.
"""

import logging
from collections.abc import Iterator
from uuid import UUID

from nacl.exceptions import CryptoError

from permanence.accounts import permissions
from permanence.journal import keyring, keys, keys_in, vault, writer
from permanence.journal.categories import Scope
from permanence.journal.doors import Actor
from permanence.lib import clock, suite
from permanence.lib.sqlcipher import run
from permanence.sync import actions, forgetting, queries
from permanence.sync.models import EntrustedKey, Replica
from permanence.sync.queries.limited import Limited

log = logging.getLogger(__name__)
INFO = b"permanence/entrusted/v1\0"
AT_ONCE = 25  # of one act
EVERY_S, LATER_S = 10.0, 60.0
_seen: dict[tuple[UUID, UUID], float] = {}  # since when this machine has known that a key is lacking, by the monotonic clock
_unopened: set[UUID] = set()  # rows that do not open, or that are not believed: not tried again by this process


def intake_key() -> bytes:
    """The public half of the practice's, for a machine that joins."""
    v = vault.current()
    return v.limited.intake if v.limited else keyring.intake_pair(v.fixed["archive"], v.practice)[0]


def seal(patient: bytes, key: bytes, to: bytes) -> bytes:
    """A patient's key for one recipient alone; the patient is bound."""
    return suite.hpke_seal(to, key, INFO + vault.current().practice + patient)


# -- giving


def give(*, at_once: bool | None = None) -> int:
    """On a whole machine: to each limited one the keys that its panel asks for and that it was never given. How many.

    `at_once`: also those that came up just now; by default the office does, the others leave it a minute.
    """
    given = 0
    if vault.current().limited is not None:
        return 0
    present = permissions.present_members()
    for machine in (one for one in queries.limited() if one.member in present):  # whose time here is over is given nothing more
        lacking = sorted(queries.panel(machine.member) - queries.entrusted(machine.line))
        due = lacking if _first(at_once) else [patient for patient in lacking if _is_late(machine, patient)]
        ready = list(_sealed(due, machine.box))
        for start in range(0, len(ready), AT_ONCE):
            actions.entrust(ready[start:start + AT_ONCE], to=machine.id, by=Actor.machine("sync"))
        given += len(ready)
    return given


def _first(at_once: bool | None) -> bool:
    if at_once is not None:
        return at_once
    return Replica.objects.filter(id=UUID(bytes=vault.current().replica), kind="office").exists()


def _is_late(machine: Limited, patient: UUID) -> bool:
    return clock.monotonic() - _seen.setdefault((machine.id, patient), clock.monotonic()) >= LATER_S


def _sealed(patients: list[UUID], box: bytes) -> Iterator[tuple[UUID, bytes]]:
    for patient in patients:
        if (key := keys.readable(Scope.PATIENT, patient.bytes)) is not None:
            yield patient, seal(patient.bytes, key, box)


def hand_in(patient: bytes, key: bytes) -> None:
    """On a limited machine, in the act that creates a patient: its key for the practice."""
    v = vault.current()
    if v.limited is not None:
        EntrustedKey(patient_id=UUID(bytes=patient), replica_id=None, sealed=seal(patient, key, v.limited.intake), at=clock.now()).save()


# -- taking


def take() -> int:
    """Keep the keys that came for this machine, and open what waited for them. How many were new."""
    v, found = vault.current(), list[tuple[UUID, bytes, bytes]]()
    private = v.limited.entrusted if v.limited else keyring.intake_pair(v.fixed["archive"], v.practice)[1]
    for row, patient, sealed in _for_us():
        try:
            found.append((row, patient, suite.hpke_open(private, sealed, INFO + v.practice + patient)))
        except (CryptoError, ValueError):
            _unopened.add(row)
            log.error("an entrusted key does not open", extra={"kind": "entrusted.unopened"})
    writer.current().bulk(_keep, found, name="sync:entrusted", chunk=AT_ONCE)
    return len(found)


_LACKING = ("SELECT id, patient_id, sealed FROM sync_entrustedkey g WHERE replica_id IS ? AND NOT EXISTS"
            " (SELECT 1 FROM journal_key k WHERE k.label = 'patient' AND k.ref = unhex(g.patient_id))")  # fmt: skip


def _for_us() -> list[tuple[UUID, bytes, bytes]]:
    """Sealed to this machine under any id that it has had, or to the practice; of patients of whom no key is here."""
    v = vault.current()
    ids = [None] if v.limited is None else [
        UUID(bytes=ref).hex for (ref,) in run("default", "SELECT ref FROM journal_key WHERE label = 'signing'").fetchall()]  # fmt: skip
    rows = [row for id in ids for row in run("default", _LACKING, id).fetchall()]
    return [(UUID(id), UUID(patient).bytes, sealed) for id, patient, sealed in rows if UUID(id) not in _unopened]


def _keep(one: tuple[UUID, bytes, bytes]) -> None:
    row, patient, key = one
    if not keys_in.entrust(patient, key):
        _unopened.add(row)
        log.error("an entrusted key is not its patient's", extra={"kind": "entrusted.strange"})


# -- by itself


class Round:
    """What an open machine does of all this, asked every second: it looks at panels every ten."""

    def __init__(self) -> None:
        self._at = -EVERY_S

    def once(self) -> None:
        if clock.monotonic() - self._at >= EVERY_S:
            self._at = clock.monotonic()
            take()
            give()
            forgetting.withdraw()


def forget() -> None:
    """At seal."""
    _seen.clear()
    _unopened.clear()
