"""Who belongs to the practice: invitation, dates, departure, recovery."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from permanence.accounts import rules
from permanence.accounts.actions import codes, sessions, slots
from permanence.accounts.actions.codes import Invited
from permanence.accounts.actions.waiting import keep
from permanence.accounts.models import Member, Passkey, Post
from permanence.accounts.permissions import alone_decides, check_administer, check_depart, check_invite, today
from permanence.accounts.rules import Act, Profession, Status
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock, text
from permanence.lib.identifiers import check_rpps

TWO = "Cette décision se prend à deux : demandez-la, un autre titulaire donnera son accord, ou un jour passera."


def invite_member(*, family_name: str, given_name: str, profession: str, status: str, title: str = "", rpps: str = "",
                  of: UUID | None = None, sites: Sequence[str] = (), since: date | None = None, until: date | None = None,
                  temporary: bool = False, is_titulaire: bool = False, by: Actor) -> Invited:
    """A new member, with the code by which they make their first passkey. Titulaires only.

    One more titulaire is decided by two: the invitation goes, the role waits for its agreement. Refused `member` with what to
    correct, `titulaire`.
    """
    code = codes.new_code()
    found = record_invitation(
        person={"family_name": family_name, "given_name": given_name, "profession": profession, "status": status,
                "title": title, "rpps": rpps, "of": of, "sites": list(sites), "since": since, "until": until,
                "temporary": temporary, "is_titulaire": is_titulaire},
        code_hash=rules.code_hash(code), by=by)
    return Invited(found["member"], found["invitation"], codes.shown(found["invitation"], code))


@action
def record_invitation(*, person: dict[str, Any], code_hash: bytes, by: Actor) -> dict[str, UUID]:
    """The action of `invite_member`, which makes the code."""
    check_invite(by)
    later = bool(person.get("is_titulaire")) and not alone_decides(by)
    member = created(**{**person, "is_titulaire": False} if later else person)
    if later:
        keep(Act.TITULAIRE, member, by)
    return {"member": member, "invitation": codes.keep("member", code_hash, life=rules.INVITATION, by=by, member=member)}


def reinvite_member(member: UUID, *, by: Actor) -> Invited:
    """A new code for who has no passkey yet; the earlier one is withdrawn."""
    code = codes.new_code()
    invitation = record_reinvitation(member, code_hash=rules.code_hash(code), by=by)
    return Invited(member, invitation, codes.shown(invitation, code))


@action
def record_reinvitation(member: UUID, *, code_hash: bytes, by: Actor) -> UUID:
    """The action of `reinvite_member`, which makes the code."""
    check_invite(by)
    found = present(member)
    if found.joined_at is not None:
        raise Refused("Ce membre a déjà une clé\u00a0: s’il l’a perdue, utilisez la feuille de secours.", code="joined")
    if found.is_titulaire and not alone_decides(by):  # a new code for a titulaire is a titulaire's key in the hands of one person
        raise Refused("Un nouveau code pour un titulaire se décide à deux\u00a0: demandez pour lui une nouvelle clé.", code="second")
    return codes.keep("member", code_hash, life=rules.INVITATION, by=by, member=found.id)


def recover_member_by_sheet(member: UUID, *, by: Actor) -> Invited:
    """A lost key: revoke the member's passkeys, end their sessions, give a one-hour code for a new one.

    `by` carries assurance `sheet`: the recovery sheet was typed at the practice's own console, which the caller checks.
    """
    code = codes.new_code()
    invitation = record_recovery(member, code_hash=rules.code_hash(code), by=by)
    return Invited(member, invitation, codes.shown(invitation, code))


@action
def record_recovery(member: UUID, *, code_hash: bytes, by: Actor) -> UUID:
    """The action of `recover_member_by_sheet`, which makes the code."""
    if by.assurance != "sheet":
        raise Refused("La récupération se fait avec la feuille de secours, sur le poste du cabinet\u00a0: "
                      "munissez-vous de cette feuille.", code="sheet")
    found = present(member)
    revoke_keys(found.id, by)
    sessions.end_of_member(found.id, reason="recovery")
    return codes.keep("recovery", code_hash, life=rules.RECOVERY_CODE, by=by, member=found.id)


@action
def extend_member(member: UUID, until: date, *, by: Actor) -> None:
    """Move a member's last day (included), later or earlier, not before today. Titulaires only."""
    check_administer(by)
    found = present(member)
    if until < today():
        raise Refused("Cette date est passée\u00a0: pour fermer l’accès dès maintenant, utilisez « Départ ».", code="until")
    sooner = found.until is None or until < found.until
    if found.is_titulaire and by.member != member and sooner and not alone_decides(by):
        raise Refused(TWO, code="second")  # an end date is a removal that waits
    found.until = until
    check(found)
    found.save()


@action
def amend_member(member: UUID, *, by: Actor, family_name: str | None = None, given_name: str | None = None,
                 title: str | None = None, rpps: str | None = None, sites: Sequence[str] | None = None) -> None:
    """Correct how a member is named. Profession and status are not corrected: a departure and a new invitation say more."""
    check_administer(by)
    found = present(member)
    changes = {"family_name": family_name, "given_name": given_name, "title": title, "rpps": rpps,
               "sites": None if sites is None else list(sites)}
    for name, value in changes.items():
        if value is not None:
            setattr(found, name, text.collapse(value) if isinstance(value, str) else value)
    check(found)
    found.save()


@action
def name_titulaire(member: UUID, *, by: Actor) -> None:
    """Give the administration of the practice to another doctor, titulaire of it. Two people: see `consents.ask_titulaire`."""
    check_administer(by)
    if not alone_decides(by):
        raise Refused(TWO, code="second")
    give_administration(member)


@action
def depart_member(member: UUID, *, by: Actor) -> None:
    """A member leaves: sessions end at once, passkeys, codes and their own posts are revoked. Their past stays theirs.

    Refused `last_titulaire`: the practice would be left without anybody to administer it.
    """
    check_depart(by, member)
    found = present(member)
    if found.is_titulaire and by.member != member and not alone_decides(by):
        raise Refused(TWO, code="second")
    leave(found, by)


# -- inside actions


def give_administration(member: UUID) -> None:
    """Refused `member` unless they are a doctor, titulaire of the practice."""
    found = present(member)
    found.is_titulaire = True
    check(found)
    found.save()


def leave(found: Member, by: Actor) -> None:
    """What a departure ends. Refused `last_titulaire`."""
    others = Member.objects.filter(is_titulaire=True, departed_at=None).exclude(id=found.id)
    if found.is_titulaire and not any(rules.within(other.since, other.until, today()) for other in others):
        raise Refused("C’est le dernier titulaire\u00a0: nommez-en un autre avant son départ.", code="last_titulaire")
    found.departed_at = clock.now()
    found.save()
    sessions.end_of_member(found.id, reason="departure")
    revoke_keys(found.id, by)
    codes.withdraw(found.id)
    for post in Post.objects.filter(owner_id=found.id, revoked_at=None):
        post.revoked_at = clock.now()
        post.save()
        sessions.end_at_post(post.id)


def created(*, family_name: str, given_name: str, profession: str, status: str, title: str = "", rpps: str = "",
            of: UUID | None = None, sites: Sequence[str] = (), since: date | None = None, until: date | None = None,
            temporary: bool = False, is_titulaire: bool = False) -> UUID:
    """A new member's row. Refused `member` with what to correct."""
    member = Member(family_name=text.collapse(family_name), given_name=text.collapse(given_name), title=title.strip(),
                    profession=profession, status=status, rpps=rpps, of_id=of, sites=list(sites),
                    since=since or today(), until=until, temporary=temporary, is_titulaire=is_titulaire)
    check(member)
    member.save()
    return member.id


def present(member: UUID) -> Member:
    """A member who has not left. Refused `unknown`."""
    found: Member | None = Member.objects.filter(id=member, departed_at=None).first()
    if found is None:
        raise Refused("Cette personne n’est plus membre du cabinet\u00a0: vérifiez la liste des membres.", code="unknown")
    return found


def revoke_keys(member: UUID, by: Actor) -> None:
    """No passkey of this member signs in or opens the practice any more; the public keys stay, for what they signed."""
    for passkey in Passkey.objects.filter(member_id=member, revoked_at=None):
        passkey.revoked_at = clock.now()
        passkey.save()
    slots.withdraw_of(Passkey.objects.filter(member_id=member).values_list("id", flat=True), by)


def check(member: Member) -> None:
    """Refused `member` unless the row says who, what and until when."""
    try:
        profession, status = Profession(member.profession), Status(member.status)
    except ValueError:
        raise Refused("Choisissez la profession et le statut dans les listes.", code="member") from None
    member.profession, member.status = profession.value, status.value
    if not member.family_name or not member.given_name:
        raise Refused("Il manque le nom ou le prénom\u00a0: écrivez les deux.", code="member")
    of = None if member.of_id is None else Member.objects.filter(id=member.of_id, departed_at=None).first()
    try:
        member.rpps = check_rpps(member.rpps) if member.rpps else ""
        rules.check_membership(profession, status, of=member.of_id, until=member.until, since=member.since,
                               of_profession=None if of is None else Profession(of.profession),
                               temporary=member.temporary, is_titulaire=member.is_titulaire)
    except ValueError as wrong:  # lib's Invalid is one too: its sentence is already French
        raise Refused(text.nbsp(str(wrong)), code="member") from None
