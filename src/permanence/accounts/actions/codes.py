"""One-use codes: made before the action, kept as a hash inside it, so that no table and no repeat ever holds the code."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from permanence.accounts import rules
from permanence.accounts.models import Invitation
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock, ids


@dataclass(frozen=True, slots=True)
class Invited:
    """A new code, to be shown once. `code` is empty when a form was sent twice: it was shown the first time."""

    member: UUID | None
    invitation: UUID
    code: str


@dataclass(frozen=True, slots=True)
class Founded:
    """The practice, its first titulaire, and the code with which they make their first passkey."""

    practice: UUID
    member: UUID
    code: str


def new_code() -> str:
    """Ten characters of Crockford's base 32 (50 bits), grouped by four."""
    return ids.one_use_code(rules.CODE_LENGTH)


def shown(invitation: UUID, code: str) -> str:
    """The code if it is the one that this invitation keeps; empty when an earlier call had made another."""
    kept = Invitation.objects.filter(id=invitation).values_list("code_hash", flat=True).first()
    return code if kept is not None and bytes(kept) == rules.code_hash(code) else ""


def keep(purpose: str, code_hash: bytes, *, life: timedelta, by: Actor, member: UUID | None = None,
         name: str = "") -> UUID:
    """Inside an action: withdraw the member's earlier codes of this purpose, keep the new one. Returns its id."""
    if member is not None and purpose != "post":
        withdraw(member)
    made = Invitation(purpose=purpose, code_hash=code_hash, member_id=member, name=name, made_by_id=by.member,
                      expires_at=clock.now() + life)
    made.save()
    return made.id


def withdraw(member: UUID) -> None:
    """Inside an action: no code of this member opens anything any more."""
    for open_one in Invitation.objects.filter(member_id=member, used_at=None, withdrawn_at=None):
        open_one.withdrawn_at = clock.now()
        open_one.save()


def usable(code: str, purposes: tuple[str, ...]) -> Invitation:
    """The invitation of a typed code. Refused `code`: unknown, used, withdrawn or too old are not told apart."""
    found: Invitation | None = Invitation.objects.filter(code_hash=rules.code_hash(code), purpose__in=purposes, used_at=None,
                                      withdrawn_at=None).first()
    if found is None or found.expires_at is None or found.expires_at <= clock.now():
        raise Refused("Ce code n’est pas valable ou ne l’est plus\u00a0: demandez-en un nouveau à un titulaire.",
                      code="code")
    return found
