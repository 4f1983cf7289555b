"""What holds for whoever asks, from memory; who may switch; and the refusal of what is off."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from permanence.accounts.permissions import Facts, check_administer, check_member, standing_of
from permanence.accounts.rules import Profession, Standing
from permanence.capabilities import catalogue, rules
from permanence.capabilities.models import Switch
from permanence.capabilities.rules import Capability, State, Who
from permanence.journal import vault
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock

ON_CALL = frozenset({Profession.MEDECIN, Profession.SAGE_FEMME, Profession.IPA})  # who prescribes at night
COLUMNS = ("id", "capability", "state", "audience", "whom", "reason", "by_id", "decided_at", "starts_at", "ends_at", "next_update_at",
            "schedule", "overridable", "overrides_id", "replica", "second", "agreed_at", "ready_at")


class Off(Refused):
    """A capability does not allow this now. `held` says why, since when, until when, by whom."""

    def __init__(self, held: "Held") -> None:
        super().__init__(catalogue.refusal(held.capability, held.state), code="off")
        self.held = held


@dataclass(frozen=True, slots=True)
class Held:
    """What holds of one capability for one person at this instant. `by` is None for the practice's own machine."""

    capability: Capability
    state: State
    switch: UUID
    reason: str
    by: UUID | None
    since: datetime
    until: datetime | None
    next_update_at: datetime | None
    overridable: bool

    @property
    def instead(self) -> str:
        return catalogue.instead(self.capability, self.state)


def _load(_: None) -> tuple[rules.Switch, ...]:
    """Every switch that is not lifted and that this version knows enough of to apply."""
    rows = Switch.objects.filter(lifted_at=None, starts_at__isnull=False).values_list(*COLUMNS)
    return tuple(info(row) for row in rows)


def info(row: tuple[Any, ...]) -> rules.Switch:
    """A stored row as rules read it."""
    known = dict(zip(COLUMNS, row, strict=True))
    return rules.Switch(
        known["id"], known["capability"], known["state"], known["audience"], known["whom"], known["reason"], known["by_id"],
        known["decided_at"] or known["starts_at"], known["starts_at"], known["ends_at"], known["next_update_at"], _hours(known["schedule"]),
        known["overridable"], known["overrides_id"], known["replica"], not known["second"] or known["agreed_at"] is not None,
        known["ready_at"])


def _hours(schedule: Any) -> dict[str, Any]:
    """Hours in a shape that this version does not know: closed at all of them, the careful reading."""
    try:
        return rules.check_schedule(schedule or {})
    except (ValueError, TypeError, AttributeError):
        return {}


_switches: Facts[None, tuple[rules.Switch, ...]] = Facts(_load)


def switches() -> tuple[rules.Switch, ...]:
    """All that is not lifted, from memory: ended, waiting and coming ones too."""
    return _switches.of(None)


def forget() -> None:
    """A switch was written."""
    _switches.forget()


def who(by: Actor, network: str = "") -> Who:
    """Whoever acts, as audiences name them."""
    profession = str(standing_of(by.member).profession or "") if by.member else ""
    return Who(by.member, profession, by.post, network)


def held(by: Actor, network: str = "") -> Mapping[Capability, Held]:
    """What is not plainly on for this person now; a capability that is not named works. One query at most, then none for seconds."""
    now, all_of_them = clock.now(), switches()
    if not all_of_them:
        return {}
    found = rules.holding(all_of_them, who(by, network), now, vault.current().replica.hex())
    return {Capability(name): _held(one, now) for name, one in found.items() if name in set(Capability)}


def _held(one: rules.Switch, now: datetime) -> Held:
    state = State(one.state) if one.state in set(State) else State.OFF
    return Held(Capability(one.capability), state, one.id, one.reason, one.by, rules.since(one, now), rules.until(one, now),
                one.next_update_at, one.overridable and bool(one.schedule))


def state_of(capability: Capability, by: Actor, network: str = "") -> State:
    """The state of a capability for whoever acts."""
    found = held(by, network).get(Capability(capability))
    return State.ON if found is None else found.state


def check_on(capability: Capability, by: Actor, *, writing: bool, network: str = "") -> None:
    """Refuse what is off, and a change of what is read-only. What is queued is taken: its room keeps it. Raises Off."""
    found = held(by, network).get(capability)
    if found is not None and stops(found.state, writing=writing):
        raise Off(found)


def stops(state: State, *, writing: bool) -> bool:
    return state is State.OFF or (writing and state is State.READ_ONLY)


def is_outside(network: str) -> bool:
    """Whether an address is none of a private network's."""
    return rules.on_network(network, rules.OUTSIDE)


def states_of(capability: Capability) -> tuple[State, ...]:
    """The states that this capability can be put in, beside on."""
    return rules.STATES[capability]


# -- who switches


def check_switch(by: Actor) -> Standing:
    """Titulaires; the watch on slowness for what it switched itself (docs/rights.md). Raises Refused."""
    standing = check_member(by)
    return standing if standing.purpose == "services" else check_administer(by)


def check_override(by: Actor) -> Standing:
    """A doctor, a sage-femme or an IPA opens a closing for themselves. Raises Refused."""
    standing = check_member(by)
    if standing.profession in ON_CALL:
        return standing
    raise Refused("Seul un médecin, une sage-femme ou un infirmier en pratique avancée ouvre pendant une fermeture\u00a0: l’appeler.",
                  code="right")


def can_switch(by: Actor) -> bool:
    return _passes(check_switch, by)


def can_override(by: Actor) -> bool:
    return _passes(check_override, by)


def _passes(check: Callable[[Actor], Standing], by: Actor) -> bool:
    try:
        check(by)
    except Refused:
        return False
    return True
