"""Posts: enrolled by a one-use code, approved by a titulaire, revoked by a titulaire or the informaticien."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from permanence.accounts import rules
from permanence.accounts.actions import codes, sessions
from permanence.accounts.actions.codes import Invited
from permanence.accounts.models import Post, PostKey, Rehearsal
from permanence.accounts.permissions import check_approve_post, check_manage_posts, check_member, standing_of
from permanence.journal import vault
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock


def invite_post(*, name: str = "", owner: UUID | None = None, by: Actor) -> Invited:
    """A half-hour code to enrol a browser; set-up's, as long as the first titulaire's own code.

    `owner`: whose own machine it is; None: the practice's.
    """
    code = codes.new_code()
    invitation = record_post_invitation(name=name, owner=owner, code_hash=rules.code_hash(code), by=by)
    return Invited(owner, invitation, codes.shown(invitation, code))


@action
def record_post_invitation(*, name: str, owner: UUID | None, code_hash: bytes, by: Actor) -> UUID:
    """The action of `invite_post`, which makes the code."""
    check_manage_posts(by)
    life = rules.INVITATION if by.member is None else rules.POST_CODE
    return codes.keep("post", code_hash, life=life, by=by, member=owner, name=name.strip())


@action
def enrol_post(code: str, *, token_hash: bytes, thumbprint: str, public_key: Mapping[str, Any], name: str = "",
               by: Actor) -> UUID:
    """A browser becomes a post, not yet approved. `by`: `Actor.machine("sign_in")` or who is at it. Refused `code`.

    `token_hash`: of its `__Host-` cookie; `public_key`: the JWK of its own key, with its RFC 7638 thumbprint. The post
    whose code was made by set-up is approved at once: there is nobody yet to approve the first one.
    """
    check_member(by)
    invitation = codes.usable(code, ("post",))
    invitation.used_at = clock.now()
    invitation.save()
    post = Post(name=name.strip() or invitation.name or "Poste sans nom", owner_id=invitation.member_id,
                token_hash=token_hash, thumbprint=thumbprint, public_key=dict(public_key), replica_id=_here(), enrolled_at=clock.now(),
                approved_at=clock.now() if invitation.made_by_id is None else None)
    post.save()
    return post.id


@action
def approve_post(post: UUID, *, by: Actor) -> None:
    """From now on sessions may start at this post. Titulaires only; a repeat changes nothing."""
    check_approve_post(by)
    found = _standing(post)
    if found.approved_at is None:
        found.approved_at, found.approved_by_id = clock.now(), by.member
        found.save()


@action
def extend_post(post: UUID, *, member: UUID, vouched_by: UUID, token_hash: bytes, thumbprint: str, public_key: Mapping[str, Any],
                by: Actor) -> UUID:  # fmt: skip
    """The same browser at this machine's address. The caller has checked that another machine vouches for it.

    A key ties a post once. Refused `unknown`, `pending`, `inactive`, `used`.
    """
    check_member(by)
    found = _standing(post)
    if found.approved_at is None:
        raise Refused("Ce poste attend encore l’accord d’un titulaire\u00a0: le donner dans «\u00a0Membres et postes\u00a0».",
                      code="pending")
    if not standing_of(member).active:
        raise Refused("Cette personne n’a plus accès au cabinet\u00a0: quelqu’un d’autre enregistre ce poste.", code="inactive")
    if PostKey.objects.filter(thumbprint=thumbprint).exists() or Post.objects.filter(thumbprint=thumbprint).exists():
        raise Refused("Ce navigateur est déjà enregistré ici\u00a0: entrez.", code="used")
    made = PostKey(post_id=found.id, replica_id=_here(), token_hash=token_hash, thumbprint=thumbprint, public_key=dict(public_key),
                   at=clock.now(), member_id=member, vouched_by_id=vouched_by)  # fmt: skip
    made.save()
    return made.id


@action
def note_rehearsal(*, member: UUID, post: UUID | None, by: Actor) -> None:
    """Somebody came in here while this machine stood alone: kept once a week for each of them, at each post."""
    check_member(by)
    last = Rehearsal.objects.filter(member_id=member, post_id=post, replica_id=_here()).order_by("-at").values_list("at", flat=True).first()
    if last is None or clock.now() - last > rules.REHEARSED_EVERY:
        Rehearsal(member_id=member, post_id=post, replica_id=_here(), at=clock.now()).save()


@action
def revoke_post(post: UUID, *, by: Actor) -> None:
    """A lost or replaced machine: its sessions end at once."""
    check_manage_posts(by)
    found = _standing(post)
    found.revoked_at = clock.now()
    found.save()
    sessions.end_at_post(found.id)


def _here() -> UUID:
    return UUID(bytes=vault.current().replica)


def _standing(post: UUID) -> Post:
    found: Post | None = Post.objects.filter(id=post, revoked_at=None).first()
    if found is None:
        raise Refused("Ce poste n’est plus enregistré\u00a0: actualisez la liste, ou enregistrez-le de nouveau.",
                      code="unknown")
    return found
