"""Keys that a limited machine needs no more: a machine that stays takes back what it gave, and the limited one forgets it.

What decides is in `queries.limited`. Nothing is forgotten that is not elsewhere: neither what was typed and not signed, nor an entry or a
file that nobody else has yet.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from permanence.accounts import permissions
from permanence.journal import departure, keys, keys_in, registry, vault, writer
from permanence.journal.doors import Actor
from permanence.journal.exchange import Vector
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.sync import actions, queries, rules

log = logging.getLogger(__name__)
AT_ONCE = 25  # of one act
LATER_S, OTHERS_S = 60.0, 600.0  # how long a file must have been out of the panel: for the office; for who leaves it to the office
EVERY_S = 10.0  # how often a limited machine looks whether there is something to forget
_seen: dict[tuple[UUID, UUID], float] = {}  # since when a file has been out of a panel, by the monotonic clock


# -- taking back


def withdraw(*, at_once: bool = False) -> int:
    """On a machine that stays: what each limited one was entrusted with and whose patient left its panel. How many files."""
    own = queries.own()
    if vault.current().limited is not None or own is None or rules.is_portable(own.kind):  # a laptop's orders wait for a person
        return 0
    wait, now = 0.0 if at_once else LATER_S if own.kind == "office" else OTHERS_S, clock.monotonic()
    present = permissions.present_members()
    out = {(one.id, patient): rows for one in queries.limited()
           for patient, rows in queries.stale(one, within=one.member in present).items()}  # fmt: skip
    for key in [key for key in _seen if key not in out]:
        del _seen[key]
    due = [key for key in sorted(out) if now - _seen.setdefault(key, now) >= wait]
    for machine in sorted({machine for machine, _ in due}):
        mine = [(patient, out[machine, patient]) for to, patient in due if to == machine]
        for at in range(0, len(mine), AT_ONCE):
            actions.withdraw(mine[at:at + AT_ONCE], of=machine, by=Actor.machine("sync"))
    return len(due)


# -- forgetting

rounds = 0  # in which somebody was forgotten: who remembers which files are here looks again


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the machine that is talked with keeps. `until`: the place of what was here before the files were given; later entries wait."""

    until: int
    held: Vector
    has: Callable[[bytes], bool]  # whether it has that file, or nobody here has it to lose


def forget_withdrawn(elsewhere: Elsewhere) -> int:
    """On a limited machine: the key, the rows and the files of who was taken back. A patient of whom something is here alone waits, and
    one about whom somebody is typing; who waits keeps nobody else. How many were forgotten.
    """
    global rounds
    if vault.current().limited is None or not (gone := queries.withdrawn_here()):
        return 0
    done = list[bytes]()

    def one(patient: bytes) -> None:
        if not _is_needed(patient, elsewhere):
            _forget(patient)
            done.append(patient)

    for _, error in writer.current().bulk(one, gone, name="sync:forget", chunk=AT_ONCE):
        log.error("a file could not be forgotten", extra={"kind": "forgetting.failed"}, exc_info=error)
    rounds += bool(done)
    return len(done)


_LAST = "SELECT replica, stream, max(seq), max(id) FROM journal_entry WHERE ref = ? GROUP BY replica, stream"


def _is_needed(patient: bytes, elsewhere: Elsewhere) -> bool:
    own = departure.own_only() or set()
    return (any(is_typed(UUID(bytes=patient)) for is_typed in registry.typings())
            or any(replica in own and (seq > elsewhere.held.get((replica, stream), 0) or id > elsewhere.until)
                   for replica, stream, seq, id in run("default", _LAST, patient).fetchall())
            or not all(map(elsewhere.has, registry.files_of(UUID(bytes=patient)))))  # fmt: skip


def _forget(patient: bytes) -> None:
    """The sealed bodies stay, as those of every file that is not this machine's."""
    for erase in registry.erasers():
        erase(UUID(bytes=patient))
    keys.forget(patient)
    keys_in.fold_again(patient)
    writer.current().destroyed()


def forget() -> None:
    """At seal."""
    _seen.clear()
