"""What the crisis screen reads: what holds for this person, every decision that is not over, and the last ones that are.

Nothing of a patient is here, so every member may read it: who is refused something must see who decided it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from permanence.accounts import rules as rights
from permanence.accounts.permissions import can_administer, check_member, titulaires
from permanence.capabilities import permissions, rules
from permanence.capabilities.models import Switch
from permanence.capabilities.permissions import Held
from permanence.capabilities.rules import Capability, State
from permanence.journal import vault
from permanence.journal.doors import Actor, Reader, ReaderClosed
from permanence.lib import clock

HISTORY = 20


@dataclass(frozen=True, slots=True)
class Decision:
    """One switch as it stands now. `phase`: live, coming (later, or outside its hours), waiting for a second person, over."""

    id: UUID
    capability: str
    state: str
    audience: str
    whom: str
    reason: str
    by: UUID | None
    decided_at: datetime
    phase: str
    since: datetime
    until: datetime | None
    next_update_at: datetime | None
    next_closing: datetime | None
    schedule: Mapping[str, object]
    overridable: bool
    overrides: UUID | None
    ready_at: datetime | None = None
    can_agree: bool = False
    agreed_by: UUID | None = None
    lifted_at: datetime | None = None
    lifted_by: UUID | None = None
    lifted_reason: str = ""


def held(*, reader: Reader, network: str = "") -> Mapping[Capability, Held]:
    """What is not plainly on for this reader."""
    return permissions.held(reader.actor, network)


def state(capability: Capability, *, reader: Reader, network: str = "") -> State:
    """The state of one capability for this reader."""
    return permissions.state_of(capability, reader.actor, network)


def decisions(*, reader: Reader) -> list[Decision]:
    """Everything that is not over, the strictest first. Raises Refused for who is no member today."""
    _check(reader)
    now, replica = clock.now(), vault.current().replica.hex()
    chiefs = titulaires() if can_administer(reader.actor) else set[UUID]()
    found = [_decision(one, now, _phase(one, now), _may_agree(one, reader.actor, chiefs, now)) for one in permissions.switches()
             if not _over(one, now) and one.replica in ("", replica)]
    order = {"live": 0, "waiting": 1, "coming": 2}
    return sorted(found, key=lambda one: (order[one.phase], -rules.strictness(one.state), one.decided_at))


def _check(reader: Reader) -> None:
    if reader.closed:
        raise ReaderClosed("the access entry of this response is already on its way")
    check_member(reader.actor)


def _over(one: rules.Switch, now: datetime) -> bool:
    return (one.ends_at is not None and now >= one.ends_at) or (not one.confirmed and rights.too_old(one.ready_at, now))


def _phase(one: rules.Switch, now: datetime) -> str:
    if not one.confirmed:
        return "waiting"
    return "live" if rules.is_live(one, now) else "coming"


def _may_agree(one: rules.Switch, by: Actor, chiefs: set[UUID], now: datetime) -> bool:
    if one.confirmed or by.member not in chiefs:
        return False
    alone = not chiefs - {one.by} and one.ready_at is not None and now >= one.ready_at
    return by.member != one.by or alone


def _decision(one: rules.Switch, now: datetime, phase: str, can_agree: bool = False) -> Decision:
    coming = rules.next_closing(one.schedule, max(now, one.starts_at)) if one.schedule and phase != "live" else None
    return Decision(one.id, one.capability, one.state, one.audience, one.whom, one.reason, one.by, one.decided_at, phase,
                    rules.since(one, now) if phase == "live" else one.starts_at, rules.until(one, now) if phase == "live" else one.ends_at,
                    one.next_update_at, coming, one.schedule, one.overridable and bool(one.schedule), one.overrides,
                    None if one.confirmed else one.ready_at, can_agree)


def waiting(by: Actor) -> int:
    """How many switches wait for a second person, for a titulaire's screens. From memory."""
    now = clock.now()
    found = [one for one in permissions.switches() if not one.confirmed and not rights.too_old(one.ready_at, now)]
    return len(found) if found and can_administer(by) else 0


def history(*, reader: Reader) -> list[Decision]:
    """The last decisions that are over, newest first: what the debrief starts from."""
    _check(reader)
    now = clock.now()
    rows = Switch.objects.exclude(decided_at=None).order_by("-decided_at")
    found = []
    for row in rows[: 4 * HISTORY]:
        one = permissions.info(tuple(getattr(row, name) for name in permissions.COLUMNS))
        if row.lifted_at is None and not _over(one, now):
            continue
        known = _decision(one, now, "over")
        values = {name: getattr(known, name) for name in Decision.__slots__}
        found.append(Decision(**{**values, "agreed_by": row.agreed_by_id, "lifted_at": row.lifted_at, "lifted_by": row.lifted_by_id,
                                 "lifted_reason": row.lifted_reason}))
    return found[:HISTORY]
