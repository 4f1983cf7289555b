"""What an entry about the accounts would do that a machine which may have been stolen open does not do alone (ADR 42): let somebody in
who was not, give more than before, or shut the practice out of its own machines.

What only takes away, from who is no titulaire, is done at once: a lost key that is revoked, a remplaçant who leaves. A titulaire gives
it back.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from permanence.accounts.models import Member, Passkey, Post, UnlockSlot

Values = Mapping[str, Any]
_NAMES = frozenset({"family_name", "given_name", "title", "rpps"})
_NONE = frozenset[str]()


def is_grave(kind: str, object: UUID, values: Values | None, *, author: UUID) -> bool:
    """Whether it waits for a titulaire at another machine. `author`: the machine that wrote it; `values` None: nobody can tell."""
    judge = _JUDGES.get(kind)
    return judge is not None and (values is None or judge(object, values, author))


def _only(values: Values, free: frozenset[str], ends: frozenset[str] = _NONE) -> bool:
    """Nothing is written but what changes nobody's rights (`free`), and ends that are ends, not taken back."""
    return all(name in free or (name in ends and value is not None) for name, value in values.items())


def _practice(id: UUID, values: Values, author: UUID) -> bool:
    return not _only(values, frozenset({"name"}))


def _member(id: UUID, values: Values, author: UUID) -> bool:
    if _only(values, _NAMES):
        return False
    return not (_only(values, _NAMES, frozenset({"departed_at"})) and _is_replaceable(id))


def _is_replaceable(member: UUID | None) -> bool:
    """A member without whom somebody is left who can ask them back."""
    return member is not None and Member.objects.filter(id=member, is_titulaire=False).exists()


def _passkey(id: UUID, values: Values, author: UUID) -> bool:
    if _only(values, frozenset({"label"})):
        return False
    owner = Passkey.objects.filter(id=id).values_list("member_id", flat=True).first()
    return not (_only(values, frozenset({"label"}), frozenset({"revoked_at"})) and _is_replaceable(owner))


def _invitation(id: UUID, values: Values, author: UUID) -> bool:
    """Not one for a post: a browser without a passkey opens nothing."""
    return values.get("purpose") != "post" and not _only(values, _NONE, frozenset({"used_at", "withdrawn_at"}))


def _post(id: UUID, values: Values, author: UUID) -> bool:
    """A new one, or its own, says little; those at which the others work stay."""
    row = Post.objects.filter(id=id).first()
    if row is None or row.replica_id == author or _only(values, frozenset({"name"}), frozenset({"approved_at", "approved_by_id"})):
        return False
    return not (_only(values, frozenset({"name"}), frozenset({"revoked_at"})) and _is_replaceable(row.owner_id))


def _slot(id: UUID, values: Values, author: UUID) -> bool:
    """That a key opens no more is done at once. A sheet opens for whom everything else fails (a new one: `sync.rules.is_grave`)."""
    row = UnlockSlot.objects.filter(id=id).first()
    if row is None:
        return values.get("kind") == "sheet"
    return row.kind == "sheet" or not _only(values, frozenset({"removed_by_id"}), frozenset({"removed_at"}))


_JUDGES: Mapping[str, Callable[[UUID, Values, UUID], bool]] = {
    "accounts.practice": _practice, "accounts.member": _member, "accounts.passkey": _passkey, "accounts.invitation": _invitation,
    "accounts.post": _post, "accounts.unlockslot": _slot,
}  # fmt: skip
