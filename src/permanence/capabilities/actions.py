"""The only ways to switch a capability: decide, agree as the second person, lift, open a closing for oneself while on call."""

import datetime
import ipaddress
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from permanence.accounts import rules as rights
from permanence.accounts.actions.waiting import latest
from permanence.accounts.models import Member, Post
from permanence.accounts.permissions import alone_decides, check_administer, titulaires
from permanence.capabilities import catalogue, permissions, rules
from permanence.capabilities.models import Switch
from permanence.capabilities.rules import Audience, Capability, State
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.lib.text import collapse

UNKNOWN = "Cette décision est introuvable ou déjà levée\u00a0: actualisez la page."
LONGEST = 200


@action
def switch(
    *,
    by: Actor,
    capability: str,
    state: str,
    reason: str,
    audience: str = Audience.EVERYONE,
    whom: str = "",
    starts_at: datetime.datetime | None = None,
    ends_at: datetime.datetime | None = None,
    next_update_at: datetime.datetime | None = None,
    schedule: Mapping[str, Any] | None = None,
    overridable: bool = False,
) -> UUID:
    """Put a capability in a state for somebody. What could lock the practice out of reading waits for a second person.

    Returns the switch's id. Raises Refused: rights, and `invalid` for what is missing or means nothing.
    """
    check_administer(by)
    now = clock.now()
    made = Switch(
        capability=_capability(capability, state), state=state, reason=_reason(reason), audience=audience, whom=_whom(audience, whom),
        by_id=by.member, decided_at=now, starts_at=starts_at or now, ends_at=ends_at, next_update_at=next_update_at,
        schedule=_schedule(schedule or {}), overridable=overridable and bool(schedule))
    _check_times(made, now)
    if _locks_out(made, by):
        asked = latest()
        made.second, made.ready_at = True, asked + rights.ALONE
    made.save()
    return UUID(str(made.id))


def _capability(capability: str, state: str) -> str:
    if capability not in set(Capability) or state not in set(State):
        raise Refused("Choisissez une fonction et un état dans la liste.", code="invalid")
    if State(state) not in rules.STATES[Capability(capability)]:
        allowed = ", ".join(catalogue.STATES[one].lower() for one in rules.STATES[Capability(capability)])
        raise Refused(f"« {catalogue.LABELS[Capability(capability)]} » peut être\u00a0: {allowed}.", code="invalid")
    return capability


def _reason(reason: str) -> str:
    said = collapse(reason)[:LONGEST]
    if not said:
        raise Refused("Écrivez pourquoi\u00a0: chacun le lira sur la page d’état.", code="invalid")
    return said


def _schedule(schedule: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return rules.check_schedule(schedule)
    except ValueError as wrong:
        raise Refused(str(wrong), code="invalid") from None


def _whom(audience: str, whom: str) -> str:
    """The audience's own name, checked. Raises Refused."""
    whom = whom.strip()
    match audience:
        case Audience.EVERYONE | Audience.PRACTICE:
            return ""
        case Audience.PROFESSION if whom in set(rights.Profession):
            return whom
        case Audience.MEMBER if Member.objects.filter(id=_uuid(whom), departed_at=None).exists():
            return str(_uuid(whom))
        case Audience.POST if Post.objects.filter(id=_uuid(whom), revoked_at=None).exists():
            return str(_uuid(whom))
        case Audience.NETWORK if whom == rules.OUTSIDE:
            return whom
        case Audience.NETWORK:
            try:
                return str(ipaddress.ip_network(whom, strict=False))
            except ValueError:
                raise Refused("Écrivez le réseau comme 192.168.1.0/24.", code="invalid") from None
    raise Refused("Choisissez pour qui dans la liste\u00a0: cette personne ou ce poste n’y est plus.", code="invalid")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _check_times(made: Switch, now: datetime.datetime) -> None:
    """An end, hours, or a time at which more will be said: nobody is left waiting without any."""
    if made.ends_at is None and made.next_update_at is None and not made.schedule:
        raise Refused("Donnez une heure de fin, ou celle du prochain point\u00a0: personne ne doit attendre sans savoir.", code="invalid")
    for at in (made.ends_at, made.next_update_at):
        if at is not None and at <= max(now, made.starts_at or now):
            raise Refused("L’heure de fin ou du prochain point est déjà passée\u00a0: vérifiez la date et l’heure.", code="invalid")


def _locks_out(made: Switch, by: Actor) -> bool:
    """Whether this one, with all that is not lifted, could lock the practice out. Decided alone at set-up and in a fictional one."""
    if made.capability != Capability.READ_RECORDS or by.member is None or alone_decides(by):
        return False
    chiefs = titulaires()
    named = dict(Member.objects.filter(id__in=chiefs).values_list("id", "profession"))
    posts = set(Post.objects.filter(approved_at__isnull=False, revoked_at=None).values_list("id", flat=True))
    proposed = permissions.info(tuple(getattr(made, name) for name in permissions.COLUMNS))
    return rules.locks_out([*permissions.switches(), proposed], asker=by.member, chiefs=named, posts=posts)


@action
def agree(switch: UUID, *, by: Actor) -> None:
    """A second titulaire agrees, or who asked carries it out alone once its day has passed and there is nobody else."""
    check_administer(by)
    found = _waiting(switch)
    others = titulaires() - {found.by_id}
    alone = by.member == found.by_id and not others
    if by.member not in others and not alone:
        raise Refused("C’est à un autre titulaire de donner cet accord\u00a0: demandez-le-lui.", code="second")
    if alone and (found.ready_at is None or clock.now() < found.ready_at):
        raise Refused("Le délai d’un jour n’est pas écoulé\u00a0: il laisse à chacun le temps de s’y opposer.", code="delay")
    found.agreed_at, found.agreed_by_id = clock.now(), by.member
    found.save()


def _waiting(switch: UUID) -> Switch:
    found: Switch | None = Switch.objects.filter(id=switch, second=True, agreed_at=None, lifted_at=None).first()
    if found is None or rights.too_old(found.ready_at, clock.now()):
        raise Refused(UNKNOWN, code="unknown")
    return found


@action
def lift(switch: UUID, *, by: Actor, reason: str = "") -> None:
    """Back to normal, at once and by one titulaire: opening is never harder than closing. A waiting one is refused so."""
    permissions.check_switch(by)
    found: Switch | None = Switch.objects.filter(id=switch, lifted_at=None).first()
    if found is None or (by.purpose and found.by_id is not None):
        raise Refused(UNKNOWN, code="unknown")
    found.lifted_at, found.lifted_by_id, found.lifted_reason = clock.now(), by.member, collapse(reason)[:LONGEST]
    found.save()


@action
def override(switch: UUID, *, by: Actor, reason: str, hours: int = 4) -> UUID:
    """On call: open one closing for oneself, for some hours, and say why. Everybody sees it on the crisis screen. Raises Refused."""
    permissions.check_override(by)
    found: Switch | None = Switch.objects.filter(id=switch, lifted_at=None).first()
    if found is None:
        raise Refused(UNKNOWN, code="unknown")
    if not (found.overridable and found.schedule):
        raise Refused("Cette décision ne s’ouvre pas pour la garde\u00a0: appeler le titulaire qui l’a prise.", code="overridable")
    if not 0 < hours <= rules.LONGEST_OVERRIDE // datetime.timedelta(hours=1):
        raise Refused("Choisissez de 1 à 12 heures.", code="invalid")
    now = clock.now()
    made = Switch.objects.create(
        capability=found.capability, state=str(State.ON), audience=str(Audience.MEMBER), whom=str(by.member), reason=_reason(reason),
        by_id=by.member, decided_at=now, starts_at=now, ends_at=now + datetime.timedelta(hours=hours), overrides_id=found.id)
    return UUID(str(made.id))


@action
def degrade(*, by: Actor, capability: str, replica: str) -> UUID | None:
    """The watch on slowness: this machine's answers are slow. None when it has already said so. Lifted by `lift`. Raises Refused."""
    if by.purpose != "services":
        raise Refused("Cette décision est celle de la machine\u00a0: arrêter la fonction depuis la page d’état.", code="purpose")
    permissions.check_switch(by)
    if Switch.objects.filter(capability=capability, by_id=None, replica=replica, lifted_at=None).exists():
        return None
    now = clock.now()
    made = Switch.objects.create(
        capability=capability, state=str(rules.WHEN_SLOW[Capability(capability)]), audience=str(Audience.EVERYONE),
        reason=catalogue.TOO_SLOW, decided_at=now, starts_at=now, replica=replica)
    return UUID(str(made.id))
