"""A member's passkeys: the ceremony was verified before; here its outcome is kept, or refused."""

from collections.abc import Sequence
from uuid import UUID

from permanence.accounts.actions import codes, sessions, slots
from permanence.accounts.actions.members import present
from permanence.accounts.models import Passkey, PasskeyUse
from permanence.accounts.permissions import check_administer, check_member
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock


@action
def accept_invitation(code: str, *, credential_id: bytes, public_key: bytes, rp_id: str, sign_count: int = 0,
                      aaguid: str = "", label: str = "", transports: Sequence[str] = (), console: bool = False,
                      prf_capable: bool = False, by: Actor) -> UUID:
    """The first passkey of an invited (or recovered) member, for their one-use code. `by`: `Actor.machine("sign_in")`.

    Returns the passkey's id. Refused `code`, `credential`.
    """
    check_member(by)
    invitation = codes.usable(code, ("member", "recovery"))
    if invitation.member_id is None:
        raise Refused("Ce code n’invite personne\u00a0: demandez-en un nouveau à un titulaire.", code="code")
    member = present(invitation.member_id)
    invitation.used_at = clock.now()
    invitation.save()
    if member.joined_at is None:
        member.joined_at = clock.now()
        member.save()
    return _kept(member.id, credential_id, public_key, rp_id, sign_count, aaguid, label, transports, console, prf_capable)


@action
def add_passkey(*, credential_id: bytes, public_key: bytes, rp_id: str, sign_count: int = 0, aaguid: str = "",
                label: str = "", transports: Sequence[str] = (), console: bool = False, prf_capable: bool = False,
                by: Actor) -> UUID:
    """One more passkey for who acts; the screen asks a fresh verification first. Refused `credential`."""
    if check_member(by).member is None or by.member is None:
        raise Refused("Une clé appartient à une personne\u00a0: ouvrez une session.", code="actor")
    return _kept(by.member, credential_id, public_key, rp_id, sign_count, aaguid, label, transports, console, prf_capable)


@action
def revoke_passkey(passkey: UUID, *, by: Actor) -> None:
    """A lost or old key: one's own, or another's for a titulaire. The member's other sessions end, and it
    opens the practice no more. Refused `unknown`, `last_passkey`, `last_slot`."""
    found = Passkey.objects.filter(id=passkey, revoked_at=None).first()
    if found is None:
        raise Refused("Cette clé n’est plus en service\u00a0: actualisez la liste.", code="unknown")
    own = found.member_id == by.member
    check_member(by) if own else check_administer(by)
    others = Passkey.objects.filter(member_id=found.member_id, revoked_at=None, rp_id=found.rp_id).exclude(id=passkey)
    if own and not others.exists():
        raise Refused("C’est votre dernière clé pour ce nom\u00a0: ajoutez-en une autre avant de révoquer celle-ci.",
                      code="last_passkey")
    found.revoked_at = clock.now()
    found.save()
    slots.withdraw_of([found.id], by)
    sessions.end_of_member(found.member_id, reason="passkey", but=by.session)


@action
def passkey_used(passkey: UUID, *, sign_count: int, by: Actor) -> None:
    """After a verified assertion: keep the counter. Refused `cloned` when it did not move on (WebAuthn 7.2, step 22)."""
    check_member(by)
    use = PasskeyUse.objects.filter(passkey_id=passkey).first() or PasskeyUse(passkey_id=passkey)
    if (sign_count or use.sign_count) and sign_count <= use.sign_count:
        raise Refused("Cette clé semble avoir été copiée\u00a0: utilisez-en une autre et prévenez un titulaire.",
                      code="cloned")
    use.sign_count, use.last_used_at = sign_count, clock.now()
    use.save()


def _kept(member: UUID, credential_id: bytes, public_key: bytes, rp_id: str, sign_count: int, aaguid: str, label: str,
          transports: Sequence[str], console: bool, prf_capable: bool) -> UUID:
    if not credential_id or not public_key:
        raise Refused("La clé n’a rien donné\u00a0: recommencez le geste.", code="credential")
    if Passkey.objects.filter(credential_id=credential_id).exists():
        raise Refused("Cette clé est déjà enregistrée\u00a0: utilisez-la pour entrer, ou prenez-en une autre.",
                      code="credential")
    passkey = Passkey(member_id=member, credential_id=credential_id, public_key=public_key, rp_id=rp_id, aaguid=aaguid,
                      label=label.strip() or "Clé", transports=list(transports), console=console,
                      prf_capable=prf_capable, created_at=clock.now())
    passkey.save()
    PasskeyUse(passkey_id=passkey.id, sign_count=sign_count).save()
    return passkey.id
