"""Who could come in, with what, at which post and at which machine: passkeys, keys of posts, and what was rehearsed."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from permanence.accounts import rules
from permanence.accounts.models import Member, Passkey, Post, PostKey, Practice, Rehearsal, Session, UnlockSlot
from permanence.accounts.permissions import check_ways_in, today
from permanence.accounts.rules import display_name
from permanence.journal.doors import Reader
from permanence.lib import clock

if TYPE_CHECKING:
    from permanence.accounts.queries import PostInfo

PHONES = frozenset({"hybrid", "cable"})  # WebAuthn transports that need the Internet, or a phone that has it


@dataclass(frozen=True, slots=True)
class Person:
    """A member who works here today. `keys`: passkeys good at every machine; `by_phone`: those of them that pass by the Internet."""

    id: UUID
    name: str
    keys: int
    by_phone: int


@dataclass(frozen=True, slots=True)
class Place:
    """A post that is in use. `at`: the machines at whose address its browser is known. `owner`: whose own machine it is."""

    id: UUID
    name: str
    owner: UUID | None
    at: frozenset[UUID]
    pending: bool


@dataclass(frozen=True, slots=True)
class WaysIn:
    """`rehearsed`: the last time, within ninety days, that a member came in at a machine while it stood alone."""

    people: tuple[Person, ...]
    places: tuple[Place, ...]
    rehearsed: Mapping[tuple[UUID, UUID], datetime.datetime]


def ways_in(*, reader: Reader) -> WaysIn:
    """Raises Refused but for who sees to it. Five queries, however many they are."""
    check_ways_in(reader.actor)
    rp_id = Practice.objects.order_by("founded_at", "id").values_list("rp_id", flat=True).first() or ""
    keys: dict[UUID, list[bool]] = {}
    for member, transports in Passkey.objects.filter(rp_id=rp_id, console=False, revoked_at=None).values_list("member_id", "transports"):
        keys.setdefault(member, []).append(bool(transports) and PHONES.issuperset(transports))
    return WaysIn(tuple(_people(keys)), tuple(places()), _rehearsed())


def _people(keys: Mapping[UUID, list[bool]]) -> list[Person]:
    rows = Member.objects.filter(departed_at=None).order_by("family_name", "given_name", "id").values_list(
        "id", "title", "given_name", "family_name", "since", "until")  # fmt: skip
    return [Person(id, display_name(title, given, family), len(keys.get(id, ())), sum(keys.get(id, ())))
            for id, title, given, family, since, until in rows if rules.within(since, until, today())]  # fmt: skip


def places() -> list[Place]:
    """The posts in use, by name, each with the machines that know it. Two queries; no person is named."""
    found = Post.objects.filter(revoked_at=None).order_by("name", "id")
    rows = list(found.values_list("id", "name", "owner_id", "replica_id", "approved_at"))
    known: dict[UUID, set[UUID]] = {id: {replica} if replica else set() for id, _, _, replica, _ in rows}
    for post, replica in PostKey.objects.filter(post_id__in=known).values_list("post_id", "replica_id"):
        if replica:
            known[post].add(replica)
    return [Place(id, name, owner, frozenset(known[id]), approved is None) for id, name, owner, _, approved in rows]


def _rehearsed() -> dict[tuple[UUID, UUID], datetime.datetime]:
    found: dict[tuple[UUID, UUID], datetime.datetime] = {}
    since = clock.now() - rules.REHEARSED
    for member, replica, at in Rehearsal.objects.filter(at__gte=since).order_by("at").values_list("member_id", "replica_id", "at"):
        if replica:
            found[member, replica] = at
    return found


def sheet_since() -> datetime.datetime | None:
    """Since when the recovery sheet in service is known: it was typed from paper before it was accepted. None: none is known."""
    return UnlockSlot.objects.filter(kind="sheet", removed_at=None).order_by("-added_at").values_list("added_at", flat=True).first()


def touched_since(since: datetime.datetime) -> list[UUID]:
    """Who touched their key at this machine since then."""
    found = Session.objects.filter(uv_at__gte=since, assurance="passkey").order_by("uv_at").values_list("member_id", flat=True)
    return list(dict.fromkeys(found))


def by_later_key(token_hash: bytes, info: "Callable[[Post], PostInfo]") -> "PostInfo | None":
    """The post whose browser was tied at this address afterwards, unless it was removed since."""
    key = PostKey.objects.filter(token_hash=token_hash).first()
    post = key and Post.objects.filter(id=key.post_id, revoked_at=None).first()
    return key and post and replace(info(post), thumbprint=key.thumbprint, public_key=dict(key.public_key or {}))
