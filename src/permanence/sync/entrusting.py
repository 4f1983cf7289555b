"""Keys of patients that go to a limited machine and come from one: sealed to it, or to the practice's intake key.

A whole machine gives when somebody enters a panel; both sides take what came. What decides is in `queries.limited`.
"""

import logging
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

from nacl.exceptions import CryptoError

from permanence.accounts import permissions
from permanence.journal import keyring, keys, keys_in, vault, writer
from permanence.journal.categories import Scope
from permanence.journal.doors import Actor
from permanence.lib import clock, suite
from permanence.lib.sqlcipher import run
from permanence.sync import actions, forgetting, queries, rules
from permanence.sync.actions.entrusting import Sealed
from permanence.sync.models import Replica
from permanence.sync.queries import roots as told
from permanence.sync.queries.limited import LackingKey, Limited

log = logging.getLogger(__name__)
INFO = b"permanence/entrusted/v1\0"
AT_ONCE = 25  # of one act
EVERY_S, LATER_S, OTHERS_S = 10.0, 60.0, 600.0
_seen: dict[tuple[UUID, bytes], float] = {}  # since when this machine has known that a key is lacking, by the monotonic clock
_behind: dict[int, float] = {}  # since when files have been behind a root
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
    """On a whole machine: to each limited one the keys of its panel that it was never given. Of how many files.

    `at_once`: also those that came up just now; by default the office does, the others leave it a minute.
    """
    given = 0
    if vault.current().limited is not None:
        return 0
    present = permissions.present_members()
    for machine in (one for one in queries.limited() if one.member in present):  # whose time here is over is given nothing more
        lacking = queries.lacking_keys(machine, queries.panel(machine.member))
        due = lacking if _first(at_once) else [one for one in lacking if _is_late(machine, one.commitment)]
        ready = list(_sealed(due, machine.box))
        for start in range(0, len(ready), AT_ONCE):
            actions.entrust(ready[start:start + AT_ONCE], to=machine.id, by=Actor.machine("sync"))
        given += len({one.patient for one in ready})
    return given


def _first(at_once: bool | None) -> bool:
    if at_once is not None:
        return at_once
    return Replica.objects.filter(id=UUID(bytes=vault.current().replica), kind="office").exists()


def _is_late(machine: Limited, commitment: bytes) -> bool:
    return clock.monotonic() - _seen.setdefault((machine.id, commitment), clock.monotonic()) >= LATER_S


def _sealed(lacking: Iterable[LackingKey], box: bytes) -> Iterator[Sealed]:
    for patient, commitment, epoch in lacking:
        if (key := keys.readable(Scope.PATIENT, patient.bytes, commitment)) is not None:
            yield Sealed(patient, seal(patient.bytes, key, box), commitment, epoch)


def hand_on(patient: bytes, key: bytes) -> None:
    """In the act that draws a patient's key here: to the practice, from a limited machine; from a whole one, to each limited machine that
    carries the file, so that it opens what that act writes."""
    v, id = vault.current(), UUID(bytes=patient)
    recipients = [(None, v.limited.intake)] if v.limited else [(one.id, one.box) for one in queries.carriers(id)]
    for to, box in recipients:
        actions.hand(Sealed(id, seal(patient, key, box), suite.commitment(key), keys.here_and_now()), to=to)


def renew() -> int:
    """On the machine whose turn it is, on others later: new keys for the files that limited machines carry, once the root has changed.
    How many.

    What is written there afterwards is then closed to who was shut out, though nobody here has written of those patients since.
    """
    v = vault.current()
    if v.limited is not None or not (due := queries.behind()):
        return 0
    waited = clock.monotonic() - _behind.setdefault(v.epoch, clock.monotonic())
    if waited < OTHERS_S and not rules.draws(UUID(bytes=v.replica), told.heard_kinds(), ()):
        return 0
    for at in range(0, len(due), AT_ONCE):
        actions.renew_keys(due[at:at + AT_ONCE], by=Actor.machine("sync"))
    return len(due)


# -- taking


def take() -> int:
    """Keep the keys that came for this machine, and open what waited for them. How many were new."""
    v, found = vault.current(), list[_Came]()
    private = v.limited.entrusted if v.limited else keyring.intake_pair(v.fixed["archive"], v.practice)[1]
    for row, patient, sealed, epoch in _for_us():
        try:
            found.append(_Came(row, patient, suite.hpke_open(private, sealed, INFO + v.practice + patient), epoch))
        except (CryptoError, ValueError):
            _unopened.add(row)
            log.error("an entrusted key does not open", extra={"kind": "entrusted.unopened"})
    writer.current().bulk(_keep, found, name="sync:entrusted", chunk=AT_ONCE)
    return len(found)


_LACKING = ("SELECT g.id, g.patient_id, g.sealed, g.epoch FROM sync_entrustedkey g WHERE g.replica_id IS ? AND NOT EXISTS"
            " (SELECT 1 FROM journal_key k WHERE k.label = 'patient' AND k.ref = unhex(g.patient_id)"
            " AND (k.commitment = g.commitment OR k.wrapped IS NULL OR (g.commitment IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM journal_keylacking l WHERE l.ref = k.ref))))"
            " AND (g.replica_id IS NULL OR NOT EXISTS (SELECT 1 FROM journal_entry e JOIN sync_replica r ON unhex(r.id) = e.replica"
            " WHERE e.object = unhex(g.id) AND r.kind = 'limited')) ORDER BY g.epoch, g.at")  # fmt: skip


def _for_us() -> list[tuple[UUID, bytes, bytes, int]]:
    """Sealed to this machine under any id that it has had, by a whole one; or to the practice. Of keys that are not here."""
    v = vault.current()
    ids = [None] if v.limited is None else [
        UUID(bytes=ref).hex for (ref,) in run("default", "SELECT ref FROM journal_key WHERE label = 'signing'").fetchall()]  # fmt: skip
    rows = [row for id in ids for row in run("default", _LACKING, id).fetchall()]
    return [(UUID(id), UUID(patient).bytes, sealed, epoch) for id, patient, sealed, epoch in rows if UUID(id) not in _unopened]


class _Came(NamedTuple):
    row: UUID
    patient: bytes
    key: bytes
    epoch: int


def _keep(came: _Came) -> None:
    limited = vault.current().limited is not None
    if not keys_in.entrust(came.patient, came.key, first=not limited, made=came.epoch if limited and _is_told(came.epoch) else 0):
        _unopened.add(came.row)
        log.error("an entrusted key is not its patient's", extra={"kind": "entrusted.strange"})


def _is_told(epoch: int) -> bool:
    """Whether the practice has had a root of this epoch: with one of its own, a machine would have the limited one write under its key
    for good, also once it is revoked. Who was never beside another machine counts 1, 2, 3 and tells nobody."""
    return epoch < rules.GENERATION or any(one.epoch == epoch for one in told.drawn())


# -- by itself


class Round:
    """What an open machine does of all this, asked every second: it looks at panels every ten."""

    def __init__(self) -> None:
        self._at = -EVERY_S

    def once(self) -> None:
        if clock.monotonic() - self._at >= EVERY_S:
            self._at = clock.monotonic()
            take()
            renew()
            give()
            forgetting.withdraw()


def forget() -> None:
    """At seal."""
    _seen.clear()
    _behind.clear()
    _unopened.clear()
