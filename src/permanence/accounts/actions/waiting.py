"""Inside actions: the demands that wait for a second person, and whether somebody who was long away may come in."""

from datetime import datetime
from uuid import UUID

from django.db.models import Max

from permanence.accounts import rules
from permanence.accounts.models import Consent, Member, Passkey, Session
from permanence.accounts.permissions import titulaires
from permanence.accounts.rules import Act
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock

UNKNOWN = "Cette demande n’attend plus\u00a0: actualisez la liste."


def keep(act: Act, member: UUID, by: Actor) -> UUID:
    """The demand that waits: the one there is, its day neither begun again nor shortened, else a new one."""
    for known in Consent.objects.filter(act=str(act), member_id=member, done_at=None, refused_at=None):
        if not rules.too_old(known.ready_at, clock.now()):
            return UUID(str(known.id))
    now = latest()
    made = Consent(act=str(act), member_id=member, asked_by_id=by.member, asked_at=now, ready_at=now + rules.ALONE)
    made.save()
    return made.id


def latest() -> datetime:
    """Now, or the latest instant at which somebody worked here if that is later: a clock set back wins nothing."""
    last = Session.objects.aggregate(last=Max("last_used_at"))["last"]
    asked = Consent.objects.aggregate(last=Max("asked_at"))["last"]
    return max(one for one in (clock.now(), last, asked) if one is not None)


def open_one(consent: UUID) -> Consent:
    found: Consent | None = Consent.objects.filter(id=consent, done_at=None, refused_at=None).first()
    if found is None or rules.too_old(found.ready_at, clock.now()):
        raise Refused(UNKNOWN, code="unknown")
    return found


def second(found: Consent) -> set[UUID]:
    """Who may agree: the titulaires but who asked and whom it is about."""
    return titulaires() - {found.asked_by_id, found.member_id}


def check_ripe(found: Consent) -> None:
    if found.ready_at is None or clock.now() < found.ready_at:
        raise Refused("Le délai d’un jour n’est pas écoulé\u00a0: il laisse à chacun le temps de s’y opposer.", code="delay")


def check_return(member: UUID) -> None:
    """When a session begins: refuse `away` to who has not been seen for thirty days and whom nobody has let back in."""
    if not _is_away(member):
        return
    for found in Consent.objects.filter(act=str(Act.RETURN), member_id=member, done_at=None, refused_at=None):
        # After a summer's closing everybody was away: two doctors who wait for each other would both stay outside.
        alone = all(_is_away(other) for other in second(found)) and found.ready_at is not None and clock.now() >= found.ready_at
        if (found.agreed_at is not None or alone) and not rules.too_old(found.ready_at, clock.now()):
            found.done_at = clock.now()
            found.save()
            return
    raise Refused("Vous n’êtes pas entré depuis plus de trente jours\u00a0: un titulaire vient d’être prévenu, et doit donner son accord "
                  "dans «\u00a0Membres et postes\u00a0». S’il n’y en a pas, ou tous absents, revenez dans un jour.", code="away")


def _is_away(member: UUID) -> bool:
    last = _last_seen(member)
    return last is not None and clock.now() - last > rules.AWAY


def _last_seen(member: UUID) -> datetime | None:
    """The last use of a session, the making of a key (which somebody vouched for), or the first day. None: never."""
    found = [
        Session.objects.filter(member_id=member).aggregate(last=Max("last_used_at"))["last"],
        Passkey.objects.filter(member_id=member).aggregate(last=Max("created_at"))["last"],
        Member.objects.filter(id=member).values_list("joined_at", flat=True).first(),
    ]
    return max((one for one in found if one is not None), default=None)
