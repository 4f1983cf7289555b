"""Reading the accounts. Nothing here is clinical; what is asked before anybody has signed in says so."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from permanence.accounts import entering, live, rules
from permanence.accounts.live import SessionInfo
from permanence.accounts.models import (
    Invitation,
    Member,
    Passkey,
    PasskeyUse,
    Post,
    Practice,
    Session,
    UnlockSlot,
    UnlockSlotUse,
)
from permanence.accounts.permissions import (
    Facts,
    can_manage_posts,
    check_administer,
    check_member,
    check_read,
    check_read_journal_of,
    check_write,
    present_members,
    today,
)
from permanence.accounts.rules import PROFESSION_LABELS, RIGHTS, STATUS_LABELS, Mode, Profession, Status, display_name
from permanence.journal import vault
from permanence.journal.categories import Category
from permanence.journal.doors import Reader, ReaderClosed, Refused
from permanence.journal.queries import Access, served_in
from permanence.journal.seal import Seal
from permanence.lib import clock

COUNTS_FROM = 2  # openings: a key that never opened is a hope (design, names-and-passkeys)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PracticeInfo:
    """The practice: `rp_id` names its passkeys, `fictional` allows the demo's buttons."""

    id: UUID
    name: str
    rp_id: str
    fictional: bool
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MemberInfo:
    """A member as lists show them. `state`: active, invited (no passkey yet), future, expired, departed."""

    id: UUID
    name: str
    title: str
    given_name: str
    family_name: str
    profession: str
    profession_label: str
    status: str
    status_label: str
    rpps: str
    of: UUID | None
    of_name: str
    sites: tuple[str, ...]
    since: date | None
    until: date | None
    temporary: bool
    is_titulaire: bool
    departed_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class PasskeyInfo:
    """A passkey. `public_key` is COSE; `sign_count` is this replica's."""

    id: UUID
    member: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int
    rp_id: str
    aaguid: str
    label: str
    transports: tuple[str, ...]
    console: bool
    prf_capable: bool
    created_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class SlotInfo:
    """One way to open this replica. `counts`: it has opened twice; a sheet was typed from paper before it was accepted.

    `member` is None for a sheet or a machine, and for a slot that the accounts do not know.
    """

    id: UUID
    kind: str
    member: UUID | None
    member_name: str
    passkey: UUID | None
    label: str
    added_at: datetime | None
    added_by: UUID | None
    opened: int
    last_opened_at: datetime | None
    counts: bool


@dataclass(frozen=True, slots=True)
class PostInfo:
    """A post. `state`: pending (a titulaire's approval is awaited), open, revoked."""

    id: UUID
    name: str
    owner: UUID | None
    thumbprint: str
    public_key: dict[str, Any]
    enrolled_at: datetime | None
    approved_by: UUID | None
    approved_at: datetime | None
    revoked_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class InvitationInfo:
    """What a typed code opens: `purpose` is member, post or recovery."""

    id: UUID
    purpose: str
    member: UUID | None
    name: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MemberDetail:
    """A member with their passkeys and open sessions, for their own page or a titulaire's."""

    member: MemberInfo
    passkeys: tuple[PasskeyInfo, ...]
    sessions: tuple[SessionInfo, ...]


# -- for people


def members(*, reader: Reader, departed: bool = False) -> list[MemberInfo]:
    """The members by name; with `departed`, those who left too."""
    check_read(reader, Category.PROFESSIONAL)
    found = Member.objects.order_by("family_name", "given_name", "id")
    rows = list(found if departed else found.filter(departed_at=None))
    names = member_names({row.of_id for row in rows if row.of_id})
    return [_member(row, names) for row in rows]


def member(member_id: UUID, *, reader: Reader) -> MemberInfo:
    """One member, departed or not; one's own page is open to all professions. Refused `unknown`."""
    if reader.actor.member != member_id or reader.closed:
        check_read(reader, Category.PROFESSIONAL)
    row = Member.objects.filter(id=member_id).first()
    if row is None:
        raise Refused("Cette personne n’est pas membre du cabinet\u00a0: vérifiez la liste des membres.", code="unknown")
    return _member(row, member_names([row.of_id] if row.of_id else []))


def member_detail(member_id: UUID, *, reader: Reader) -> MemberDetail:
    """With passkeys and sessions: one's own, or another's for a titulaire."""
    if reader.actor.member != member_id:
        check_administer(reader.actor)
    found = member(member_id, reader=reader)
    return MemberDetail(found, tuple(_passkeys(member_id=member_id)), tuple(live.for_member(member_id)))


def posts(*, reader: Reader, revoked: bool = False) -> list[PostInfo]:
    """The posts by name; with `revoked`, the former ones too. The informaticien, who looks after them, sees them as well."""
    if reader.closed or not can_manage_posts(reader.actor):
        check_read(reader, Category.PROFESSIONAL)
    found = Post.objects.order_by("name", "id")
    return [_post(row) for row in (found if revoked else found.filter(revoked_at=None))]


def post_names(ids: Iterable[UUID], *, reader: Reader | None = None) -> dict[UUID, str]:
    """The name of each post, revoked ones included: everybody may know where their own sessions are open."""
    return dict(Post.objects.filter(id__in=set(ids)).values_list("id", "name"))


def my_sessions(*, reader: Reader) -> list[SessionInfo]:
    """The open sessions of who reads, newest first."""
    _still_open(reader)
    check_member(reader.actor)
    return live.for_member(reader.actor.member) if reader.actor.member else []


def recent_sessions(*, reader: Reader, most: int = 3) -> list[UUID]:
    """The reader's own last sessions on this replica, the newest first, ended ones included."""
    if reader.actor.member is None:
        return []
    return list(Session.objects.filter(member_id=reader.actor.member).order_by("-created_at").values_list("id", flat=True)[:most])


def practice_sessions(*, reader: Reader) -> list[SessionInfo]:
    """Every open session of the practice on this replica, newest first. Titulaires only."""
    _still_open(reader)
    check_administer(reader.actor)
    rows = Session.objects.exclude(state="ended").order_by("-created_at")
    return [found for found in map(live.info, rows) if found.state != "ended"]


def slots(*, reader: Reader) -> list[SlotInfo]:
    """Every way to open this replica, oldest first. Titulaires only."""
    _still_open(reader)
    check_administer(reader.actor)
    return _slots()


def ways_to_open(*, reader: Reader | None = None) -> int:
    """How many slots count: below two, losing one could close the practice for ever. Names nobody."""
    return sum(slot.counts for slot in _slots())


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """A recovery sheet's public keys; `live` until another replaces it."""

    slot: UUID
    box: bytes
    speaks: bytes
    vouches: bytes
    live: bool


def sheets(*, reader: Reader | None = None) -> list[SheetInfo]:
    """Every sheet whose keys are known, those replaced included. Public keys only: machines ask, no person."""
    rows = UnlockSlot.objects.filter(kind="sheet", vouches_key__isnull=False).order_by("added_at", "id")
    return [SheetInfo(row.id, bytes(row.box_key), bytes(row.speaks_key), bytes(row.vouches_key), row.removed_at is None)
            for row in rows if row.box_key and row.speaks_key]


def _slots() -> list[SlotInfo]:
    rows = {row.id: row for row in UnlockSlot.objects.all()}
    there = _recorded()
    if there is None:
        there = {row.id: row.kind for row in rows.values() if row.removed_at is None}
    uses = {use.slot_id: use for use in UnlockSlotUse.objects.filter(slot_id__in=there)}
    keys = {key.id: key for key in Passkey.objects.filter(id__in=[row.passkey_id for row in rows.values() if row.passkey_id])}
    names = member_names({key.member_id for key in keys.values()})
    found = [_slot(id, kind, rows.get(id), keys.get(rows[id].passkey_id) if id in rows else None, uses.get(id), names)
             for id, kind in there.items()]
    return sorted(found, key=lambda slot: (slot.added_at is not None, slot.added_at, slot.id))


def _recorded() -> dict[UUID, str] | None:
    """The slots of the seal record with their kinds; None where it cannot be read: the next unlocking names that."""
    folder = vault.current().folder
    if folder is None:
        return None
    try:
        return {UUID(bytes=slot.id): slot.kind for slot in Seal.load(folder / "seal").slots}
    except (OSError, ValueError) as error:
        log.warning("the seal record cannot be read: %s", type(error).__name__)
        return None


def _slot(id: UUID, kind: str, row: UnlockSlot | None, key: Passkey | None, use: UnlockSlotUse | None,
          names: dict[UUID, str]) -> SlotInfo:
    opened = use.opened if use else 0
    return SlotInfo(id, kind, key.member_id if key else None, names.get(key.member_id, "") if key else "",
                    key.id if key else None, key.label if key else "", row.added_at if row else None,
                    row.added_by_id if row else None, opened, use.last_opened_at if use else None,
                    kind == "sheet" or opened >= COUNTS_FROM)


def session_reads(session: UUID, *, reader: Reader, limit: int = 500) -> list[Access]:
    """What a session was served: one's own, or another's for a titulaire who says why (`reader.reason`); the screen asks
    a fresh touch. Looking is itself an entry. Refused `titulaire`, `reason`, `unknown`.
    """
    _still_open(reader)
    member = Session.objects.filter(id=session).values_list("member_id", flat=True).first()
    if member is None:
        raise Refused("Cette session est introuvable\u00a0: actualisez la liste.", code="unknown")
    check_read_journal_of(reader.actor, member)
    if member != reader.actor.member and not reader.reason.strip():
        raise Refused("Écrivez pourquoi vous regardez les lectures d’une autre personne.", code="reason")
    return served_in(session, reader=reader, limit=limit, of=member)


def _load_name(member_id: UUID) -> str:
    row = Member.objects.filter(id=member_id).values_list("title", "given_name", "family_name").first()
    return "" if row is None else display_name(*row)


_names: Facts[UUID, str] = Facts(_load_name)


def member_names(ids: Iterable[UUID], *, reader: Reader | None = None) -> dict[UUID, str]:
    """« Dr Claire MOREAU » for each id that is a member's, departed ones included: who wrote a page is never hidden.

    Not clinical and open to every profession, so `reader` is not asked; an unknown id is left out.
    """
    wanted = set(ids)
    missing = wanted - _names.keys()
    if len(missing) > 1:
        _names.fill({row[0]: display_name(*row[1:]) for row in Member.objects.filter(id__in=missing).values_list(
            "id", "title", "given_name", "family_name")})
    return {id: name for id in wanted if (name := _names.of(id))}


def colleagues(category: Category, *, reader: Reader) -> list[tuple[UUID, str, str]]:
    """(id, name, profession) of who is present and can be asked something of this category, for who may ask it themselves.

    Names only: the members' list (numbers, dates, states) stays `PROFESSIONAL`.
    """
    _still_open(reader)
    check_write(reader.actor, category, new=True)
    able = {str(one) for one in Profession if RIGHTS[one][category].base.read >= Mode.OWN}
    present = present_members()
    names = member_names(present)
    return [(id, names[id], profession) for id, profession in present.items() if id in names and profession in able]


# -- for the sign-in: before a person is known; not clinical, never shown in a list to somebody unknown


def practice(*, reader: Reader | None = None) -> PracticeInfo:
    """The practice. Refused `unfounded` before `init`."""
    row = Practice.objects.order_by("founded_at", "id").first()
    if row is None:
        raise Refused("Ce cabinet n’est pas encore créé\u00a0: lancez « permanence init ».", code="unfounded")
    return PracticeInfo(row.id, row.name, row.rp_id, row.fictional, tuple(row.sites or ()))


def passkey_by_credential(credential_id: bytes, *, reader: Reader | None = None) -> PasskeyInfo | None:
    """The passkey of an assertion, unless revoked or its member has left: for the ceremony only."""
    found = _passkeys(credential_id=credential_id, revoked_at=None)
    gone = found and Member.objects.filter(id=found[0].member, departed_at__isnull=False).exists()
    return None if not found or gone else found[0]


def passkeys_of(member_id: UUID, *, rp_id: str | None = None, reader: Reader | None = None) -> list[PasskeyInfo]:
    """A member's passkeys in service, for `excludeCredentials` and the verification of a known member."""
    found = _passkeys(member_id=member_id, revoked_at=None)
    return [passkey for passkey in found if rp_id is None or passkey.rp_id == rp_id]


def passkey_history(member_id: UUID, *, reader: Reader) -> list[PasskeyInfo]:
    """Every passkey that a member ever had: what signatures (`usig`) are checked against."""
    check_read(reader, Category.PROFESSIONAL)
    return _passkeys(member_id=member_id)


def post_by_token(token_hash: bytes, *, reader: Reader | None = None) -> PostInfo | None:
    """The post of a cookie's hash, unless revoked, with the key it has at that address; look at its `state` before trusting it."""
    row = Post.objects.filter(token_hash=token_hash, revoked_at=None).first()
    return entering.by_later_key(token_hash, _post) if row is None else _post(row)


def invitation(code_hash: bytes, *, reader: Reader | None = None) -> InvitationInfo | None:
    """What a typed code would open (`rules.code_hash(code)`); None when unknown, used, withdrawn or too old."""
    row = Invitation.objects.filter(code_hash=code_hash, used_at=None, withdrawn_at=None).first()
    if row is None or row.expires_at is None or row.expires_at <= clock.now():
        return None
    return InvitationInfo(row.id, row.purpose, row.member_id, row.name, row.expires_at)


def invitation_by_code(code: str, *, reader: Reader | None = None) -> InvitationInfo | None:
    """The same for a code as it was typed."""
    return invitation(rules.code_hash(code))


def demo_members(*, reader: Reader | None = None) -> list[MemberInfo]:
    """Who « Entrer comme… » offers: nobody unless the practice is fictional."""
    if not Practice.objects.filter(fictional=True).exists():
        return []
    rows = Member.objects.filter(departed_at=None).order_by("family_name", "given_name")
    return [found for found in (_member(row, {}) for row in rows) if found.state in ("active", "invited")]


# -- translation


def _still_open(reader: Reader) -> None:
    if reader.closed:
        raise ReaderClosed("the access entry of this response is already on its way")


def _member(row: Member, names: dict[UUID, str]) -> MemberInfo:
    profession = PROFESSION_LABELS[Profession(row.profession)] if row.profession in set(Profession) else row.profession
    status = STATUS_LABELS[Status(row.status)] if row.status in set(Status) else row.status
    return MemberInfo(
        row.id, display_name(row.title, row.given_name, row.family_name), row.title, row.given_name, row.family_name,
        row.profession, profession, row.status, status, row.rpps, row.of_id, names.get(row.of_id, "") if row.of_id else "",
        tuple(row.sites or ()), row.since, row.until, row.temporary, row.is_titulaire, row.departed_at, _state(row))


def _state(row: Member) -> str:
    day = today()
    if row.departed_at is not None:
        return "departed"
    if row.until is not None and row.until < day:
        return "expired"
    if row.since is not None and row.since > day:
        return "future"
    return "active" if row.joined_at is not None else "invited"


def _passkeys(**where: Any) -> list[PasskeyInfo]:
    rows = list(Passkey.objects.filter(**where).order_by("created_at", "id"))
    uses = {use.passkey_id: use for use in PasskeyUse.objects.filter(passkey_id__in=[row.id for row in rows])}
    return [_passkey(row, uses.get(row.id)) for row in rows]


def _passkey(row: Passkey, use: PasskeyUse | None) -> PasskeyInfo:
    return PasskeyInfo(row.id, row.member_id, bytes(row.credential_id), bytes(row.public_key), use.sign_count if use else 0,
                       row.rp_id, row.aaguid, row.label, tuple(row.transports or ()), row.console, row.prf_capable,
                       row.created_at, use.last_used_at if use else None, row.revoked_at)


def _post(row: Post) -> PostInfo:
    state = "revoked" if row.revoked_at else "open" if row.approved_at else "pending"
    return PostInfo(row.id, row.name, row.owner_id, row.thumbprint, dict(row.public_key or {}), row.enrolled_at,
                    row.approved_by_id, row.approved_at, row.revoked_at, state)
