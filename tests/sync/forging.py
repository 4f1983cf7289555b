"""What somebody writes who holds a machine's signing key and not our program: entries that no action of ours would make."""

import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from permanence.journal import acts, chain, keys, vault, wire, writer
from permanence.journal.categories import Scope, Stream
from permanence.journal.doors import Actor
from permanence.lib import cbor, clock, suite
from permanence.lib.sqlcipher import run
from tests.sync.machines import Machine


def commitments(*patients: UUID) -> list[bytes]:
    """Of all their keys that are here."""
    return [one for patient in patients for (one,) in run(
        "default", "SELECT commitment FROM journal_key WHERE label = 'patient' AND ref = ?", patient.bytes).fetchall()]


def forge(at: Machine, kind: str, object: UUID, values: Mapping[str, Any], *, by: Actor, patient: UUID | None = None,
          base: Mapping[str, Collection[bytes]] | None = None, wall: int | None = None, hlc: int | None = None) -> wire.Sealed:  # fmt: skip
    """One entry at the end of this machine's own chain, signed and sealed as it should be; nothing of it is applied there."""
    scope, stream = (Scope.CONTROL, Stream.CONTROL) if patient is None else (Scope.PATIENT, Stream.RECORD)
    ref = None if patient is None else patient.bytes

    def write() -> wire.Sealed:
        act = acts.Act(os.urandom(16), by, "forged")
        now = clock.ms()
        place = hlc or clock.hlc_tick(chain.last_hlc(), now)
        draft = chain.draft_of(act, kind=kind, version=1, scope=scope, ref=ref, object=object.bytes, values=values,
                               base=base or dict.fromkeys(values, ()), hlc=place, place=(1, 1), key=keys.of_scope(scope, ref))  # fmt: skip
        if wall is not None:
            v = vault.current()
            inner = replace(wire.open_inner(draft.inner, v.metadata, v.practice), wall=wall)
            padded = suite.pad(cbor.dumps(inner._values()))  # ours would not write it
            draft = replace(draft, inner=suite.seal(padded, v.metadata, practice=v.practice, part=wire.INNER))
        return chain.extend("default", stream, [draft])[0]

    with at:
        return writer.current().run_job(write, name="forged")
