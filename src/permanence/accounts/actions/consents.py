"""Acts that need two people: asked by one, agreed to by another; alone, after a day during which anybody warned may stop them.

Which acts, and why: docs/rights.md. Nothing here is undone by waiting: what was refused, done or left too long is asked again.
"""

from uuid import UUID

from permanence.accounts import rules
from permanence.accounts.actions import codes, members, sessions
from permanence.accounts.actions.codes import Invited
from permanence.accounts.actions.waiting import UNKNOWN, check_ripe, keep, open_one, second
from permanence.accounts.models import Consent
from permanence.accounts.permissions import check_administer, check_member, check_slots, titulaires
from permanence.accounts.rules import Act
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock

NO_KEY_YET = "Cette personne n’a pas encore fait sa clé\u00a0: donnez cet accord quand elle sera entrée, et que vous l’aurez vue."
OTHER = "C’est à un autre titulaire de donner cet accord\u00a0: demandez-le-lui."


@action
def ask_recovery(member: UUID, *, by: Actor) -> UUID:
    """A titulaire asks that a colleague who lost every key be given a new one, after a day. Returns the demand's id."""
    check_administer(by)
    members.present(member)
    if member == by.member:
        raise Refused("Vous avez une session ouverte\u00a0: ajoutez vous-même une clé.", code="own")
    return keep(Act.RECOVER, member, by)


@action
def ask_titulaire(member: UUID, *, by: Actor) -> UUID:
    """A titulaire asks that another doctor administer the practice too."""
    check_administer(by)
    found = members.present(member)
    found.is_titulaire = True
    members.check(found)
    return keep(Act.TITULAIRE, member, by)


@action
def ask_removal(member: UUID, *, by: Actor) -> UUID:
    """A titulaire asks that another titulaire leave. Who leaves by themselves asks nobody."""
    check_administer(by)
    members.present(member)
    if member == by.member:
        raise Refused("Vous pouvez partir de vous-même\u00a0: enregistrez votre départ.", code="own")
    return keep(Act.REMOVE, member, by)


@action
def ask_return(member: UUID, *, by: Actor) -> UUID:
    """The sign-in asks it for a member who was away for more than thirty days and has just shown their key."""
    if by.purpose != "sign_in":
        raise Refused("Cet accord se demande en entrant\u00a0: touchez votre clé.", code="purpose")
    check_member(by)
    members.present(member)
    return keep(Act.RETURN, member, Actor(member, assurance=by.assurance))


@action
def agree(consent: UUID, *, by: Actor) -> None:
    """A second titulaire agrees: the act is done at once, a return at the next sign-in, a recovery once its day has passed.

    Refused `second` to who asked, to whom it is about, and to whoever is no titulaire.
    """
    check_administer(by)
    found = open_one(consent)
    if by.member is None or by.member not in second(found):
        raise Refused(OTHER, code="second")
    if found.agreed_at is None:
        found.agreed_at, found.agreed_by_id = clock.now(), by.member
        found.save()
    if found.act in (Act.TITULAIRE, Act.REMOVE):
        _do(found, by)


@action
def refuse(consent: UUID, *, by: Actor) -> None:
    """Stop what waits: any titulaire, whom it is about, or the console of the office machine. It is final."""
    check_member(by)
    found = open_one(consent)
    if by.purpose:
        check_slots(by)
    elif by.member != found.member_id:
        check_administer(by)
    found.refused_at, found.refused_by_id = clock.now(), by.member
    found.save()


@action
def carry_out(consent: UUID, *, by: Actor) -> None:
    """Alone: what nobody else could agree to, once its day has passed without a refusal. By who asked it."""
    check_administer(by)
    found = open_one(consent)
    if found.act not in (Act.TITULAIRE, Act.REMOVE) or by.member != found.asked_by_id:
        raise Refused(OTHER, code="second")
    if second(found):
        raise Refused(OTHER, code="second")
    check_ripe(found)
    _do(found, by)


def recover_member(consent: UUID, *, by: Actor) -> Invited:
    """The day has passed without a refusal: the member's keys are revoked, and a one-hour code makes them another."""
    code = codes.new_code()
    member, invitation = record_recovered(consent, code_hash=rules.code_hash(code), by=by)
    return Invited(member, invitation, codes.shown(invitation, code))


@action
def record_recovered(consent: UUID, *, code_hash: bytes, by: Actor) -> tuple[UUID, UUID]:
    """The action of `recover_member`, which makes the code. The delay holds whoever agreed: the member must be able to object."""
    check_administer(by)
    found = open_one(consent)
    if found.act != Act.RECOVER or found.member_id is None or by.member == found.member_id:
        raise Refused(UNKNOWN, code="unknown")
    if found.member_id in titulaires() and second(found) and found.agreed_at is None:
        raise Refused(OTHER, code="second")  # one titulaire who waits a day must not become two
    check_ripe(found)
    member = members.present(found.member_id)
    members.revoke_keys(member.id, by)
    sessions.end_of_member(member.id, reason="recovery")
    found.done_at = clock.now()
    found.save()
    return member.id, codes.keep("recovery", code_hash, life=rules.RECOVERY_CODE, by=by, member=member.id)


# -- inside actions


def _do(found: Consent, by: Actor) -> None:
    if found.member_id is None:
        raise Refused(UNKNOWN, code="unknown")
    if found.act == Act.TITULAIRE:
        if members.present(found.member_id).joined_at is None:
            raise Refused(NO_KEY_YET, code="joined")  # whoever holds the code of an invitation could still be anybody
        members.give_administration(found.member_id)
    else:
        members.leave(members.present(found.member_id), by)
    found.done_at = clock.now()
    found.save()
