"""Who may: a member's standing today, the gate of rights on reads, the check of rights on writes, and the administration.

What the rights are is in `rules` and `docs/rights.md`; whether a patient refuses, or a reason exists, is asked elsewhere.
"""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from permanence.accounts import rules
from permanence.accounts.models import Member, Post, Practice
from permanence.accounts.rules import Mode, Profession, Standing, Status
from permanence.journal import acts
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Ask, Reader, ReaderClosed, Refused
from permanence.lib import clock
from permanence.lib.sqlcipher.compiled import Compiled, Param

PARIS = ZoneInfo("Europe/Paris")
FRESH_S = 5.0  # seconds a cached fact is believed: forgotten at each change, this bounds what a lost notice could cost

# What a machine may write: a closed list. Reading is bounded by `journal.doors.MACHINES`.
_IMPORTED = frozenset(Category) - {Category.PRIVATE_NOTES, Category.JOURNAL, Category.PROFESSIONAL}
MACHINE_WRITES: Mapping[str, frozenset[Category]] = {
    "sign_in": frozenset({Category.PROFESSIONAL}),
    "set_up": frozenset({Category.PROFESSIONAL}),
    "import": _IMPORTED,
    "demo": frozenset(Category) - {Category.JOURNAL},
    "console": frozenset({Category.PROFESSIONAL}),
    "sync": frozenset({Category.PROFESSIONAL}),
    "evening_kit": frozenset({Category.APPOINTMENTS}),
    "services": frozenset({Category.PROFESSIONAL}),
}

K = TypeVar("K")
V = TypeVar("V")


class Facts(dict[K, tuple[float, V]]):
    """Committed facts kept in memory until the accounts change. Inside an action nothing is kept: it may be rolled back."""

    def __init__(self, load: Callable[[K], V]) -> None:
        super().__init__()
        self._load, self._lock, self._generation = load, threading.Lock(), 0
        _all.append(self)

    def of(self, key: K) -> V:
        """The fact, read again when it is older than FRESH_S."""
        if acts.current_act() is not None:
            return self._load(key)
        kept, now = self.get(key), clock.monotonic()
        if kept is not None and now - kept[0] < FRESH_S:
            return kept[1]
        generation, value = self._generation, self._load(key)
        with self._lock:
            if generation == self._generation:  # else a change came while we read: do not keep what may be old
                self[key] = (now, value)
        return value

    def fill(self, found: Mapping[K, V]) -> None:
        """Keep several facts read together, unless inside an action."""
        if acts.current_act() is None:
            now = clock.monotonic()
            self.update({key: (now, value) for key, value in found.items()})

    def forget(self) -> None:
        with self._lock:
            self._generation += 1
            self.clear()


_all: "list[Facts]" = []  # type: ignore[type-arg]


def forget() -> None:
    """Forget every cached fact: called after each change of the accounts is on disk, and when the practice is sealed."""
    for facts in _all:
        facts.forget()


def today() -> date:
    """The day at the practice (Europe/Paris)."""
    return clock.now().astimezone(PARIS).date()


# -- standings


_member = Compiled(lambda: Member.objects.filter(id=Param("id")).values_list(
    "profession", "status", "of_id", "is_titulaire", "sites", "since", "until", "departed_at"))  # each action asks


def _load_standing(member_id: UUID) -> Standing | None:
    row = _member.one(id=member_id)
    if row is None:
        return None
    profession, status, of, is_titulaire, sites, since, until, departed_at = row
    try:
        return Standing(member_id, Profession(profession), Status(status), of, is_titulaire, tuple(sites or ()), since,
                        until, departed_at is not None)
    except ValueError:  # a profession or status of a newer version: nothing is known of it, so nothing is allowed
        return Standing(member_id, None, None, active=False)


_standings: Facts[UUID, Standing | None] = Facts(_load_standing)


def standing_of(member_id: UUID) -> Standing:
    """A member's standing today; `active` is False before, after or once departed. Refused `unknown` for nobody's id.

    One query, then from memory until the accounts change; the day is looked at each time.
    """
    found = _standings.of(member_id)
    if found is None:
        raise Refused("Cette personne n’est pas membre du cabinet\u00a0: vérifiez la liste des membres.", code="unknown")
    if found.profession is None:
        return found
    day = today()
    same = found.active is (rules.within(found.since, found.until, day) and not found.departed)
    return found if same else found.on(day)  # a page asks this dozens of times


def _load_present(_: None) -> dict[UUID, str]:
    rows = Member.objects.filter(departed_at=None).order_by("family_name", "given_name")
    return {id: profession for id, profession, since, until in rows.values_list("id", "profession", "since", "until")
            if rules.within(since, until, today())}


_present: Facts[None, dict[UUID, str]] = Facts(_load_present)


def present_members() -> Mapping[UUID, str]:
    """The profession of everybody who belongs to the practice today, by name: who can be asked something. No more is told."""
    return _present.of(None)


def titulaires() -> set[UUID]:
    """Who administers the practice today."""
    rows = Member.objects.filter(is_titulaire=True, status=Status.TITULAIRE.value, departed_at=None)
    return {id for id, since, until in rows.values_list("id", "since", "until") if rules.within(since, until, today())}


def alone_decides(by: Actor) -> bool:
    """Whether an act that needs two people is one person's: at set-up, before the first key, and in a fictional practice's making."""
    return by.purpose in ("set_up", "demo") or by.assurance == "demo" or _stage.of(None)[1]


def _load_post(post_id: UUID) -> bool:
    return Post.objects.filter(id=post_id, approved_at__isnull=False, revoked_at__isnull=True).exists()


_posts: Facts[UUID, bool] = Facts(_load_post)


def post_is_open(post_id: UUID) -> bool:
    """Whether a post is approved and not revoked."""
    return _posts.of(post_id)


def _load_stage(_: None) -> tuple[bool, bool]:
    """Whether the demo may act (no practice, or a fictional one), and whether set-up may (no titulaire has a key yet)."""
    fictional = Practice.objects.values_list("fictional", flat=True).first()
    return fictional is not False, not Member.objects.filter(is_titulaire=True, joined_at__isnull=False).exists()


_stage: Facts[None, tuple[bool, bool]] = Facts(_load_stage)


def check_member(by: Actor) -> Standing:
    """The standing of who acts. Refused `actor` without a person, `inactive` before, after or once departed."""
    if by.purpose:
        if by.purpose not in MACHINE_WRITES:
            raise Refused("Cette tâche automatique n’écrit rien\u00a0: faites-le depuis une session.", code="purpose")
        if by.purpose == "demo" and not _stage.of(None)[0]:
            raise Refused("Ce cabinet n’est pas fictif\u00a0: faites-le depuis une session.", code="purpose")
        return Standing(None, None, None, purpose=by.purpose)
    if by.member is None:
        raise Refused("Aucun auteur\u00a0: ouvrez une session, puis recommencez.", code="actor")
    standing = standing_of(by.member)
    if not standing.active:
        raise Refused(inactive_sentence(standing), code="inactive")
    return standing


def inactive_sentence(standing: Standing) -> str:
    """Why a member may not act today, and what to do, in French."""
    day = today()
    if standing.departed:
        return "Ce membre a quitté le cabinet\u00a0: un titulaire peut l’inviter de nouveau."
    if standing.since is not None and day < standing.since:
        return f"L’accès commence le {standing.since:%d/%m/%Y}\u00a0: un titulaire peut avancer cette date."
    if standing.until is not None and day > standing.until:
        return f"L’accès a pris fin le {standing.until:%d/%m/%Y}\u00a0: un titulaire peut le prolonger."
    return "Cet accès n’est pas ouvert sur cette version\u00a0: demandez à un titulaire."


# -- reads


class RightsGate:
    """The first gate: what the profession and the status allow. Codes: `right`, `own`, `masked`, `inactive`.

    `printing`: a reading that ends on paper only (letter `P`): it admits single objects to who prints without reading.
    """

    name = "rights"

    def __init__(self, standing: Standing, *, printing: bool = False) -> None:
        self.standing, self.printing = standing, printing

    def judge(self, reader: Reader, asks: Sequence[Ask]) -> Sequence[str]:
        if not self.standing.active or self.standing.member is None:
            return ["inactive"] * len(asks)
        if reader.actor.member != self.standing.member:
            return ["right"] * len(asks)  # somebody else's standing opens nothing
        cells: dict[Category, tuple[Mode, frozenset[UUID]]] = {}
        verdicts = []
        for ask in asks:
            if ask.category not in cells:
                cells[ask.category] = (rules.cell(self.standing, ask.category).read,
                                       rules.owners(self.standing, ask.category))
            prints = self.printing and ask.object is not None and rules.cell(self.standing, ask.category).print > Mode.NONE
            verdicts.append("" if prints else _verdict(*cells[ask.category], ask.author))
        return verdicts


def _verdict(read: Mode, owners: frozenset[UUID], author: UUID | None) -> str:
    if read is Mode.ALL:
        return ""
    if read in (Mode.OWN, Mode.ASSIGNED):
        return "" if author in owners else "own"
    return "masked" if read is Mode.MASKED else "right"


def can_print(by: Actor, category: Category) -> bool:
    """Whether this person hands over what is signed without reading it (letter `P`)."""
    try:
        return rules.cell(check_member(by), category).print > Mode.NONE
    except Refused:
        return False


def check_read(reader: Reader, category: Category) -> Standing:
    """For rows of no patient (members, posts): refuses a closed reader, a machine or a member without that right."""
    if reader.closed:
        raise ReaderClosed("the access entry of this response is already on its way")
    if reader.purpose is not None:
        if category not in reader.purpose.categories:
            raise Refused("Cette tâche automatique ne lit pas ces données.", code="purpose")
        return Standing(None, None, None, purpose=reader.actor.purpose)
    standing = check_member(reader.actor)
    if rules.cell(standing, category).read is not Mode.ALL:
        raise Refused("Votre profession n’ouvre pas ces données\u00a0: demandez à un titulaire.", code="right")
    return standing


# -- writes


def check_write(by: Actor, category: Category, *, own: bool | None = None, new: bool = False) -> Standing:
    """Refuse what the rights do not allow to write; call it first in every action.

    `new`: this creates an object, signed by `by` (members who may only create or only touch their own need it).
    `own`: this changes an object that is (True) or is not (False) the actor's own: see `is_own`. Neither said: it
    changes something that belongs to nobody in particular, such as an identity.
    """
    standing = check_member(by)
    if standing.purpose:
        if category not in MACHINE_WRITES[standing.purpose]:
            raise Refused("Cette tâche automatique n’écrit pas ces données.", code="purpose")
        return standing
    if not _may_write(standing, category, own, new):
        raise Refused(_write_sentence(standing, category), code="right")
    return standing


def can_write(by: Actor, category: Category, *, own: bool | None = None, new: bool = False) -> bool:
    """Whether `check_write` would pass, for menus and buttons."""
    return _passes(check_write, by, category, own=own, new=new)


def writable(by: Actor, categories: Collection[Category], *, new: bool = False) -> frozenset[Category]:
    """`can_write` for a whole page: who acts is looked up once."""
    try:
        standing = check_member(by)
    except Refused:
        return frozenset()
    if standing.purpose:
        return MACHINE_WRITES[standing.purpose].intersection(categories)
    return frozenset(category for category in categories if _may_write(standing, category, None, new))


def _may_write(standing: Standing, category: Category, own: bool | None, new: bool) -> bool:
    found = rules.cell(standing, category)
    if new:
        return found.create >= Mode.OWN
    return found.write is Mode.ALL or (found.write is Mode.OWN and own is True)


def _write_sentence(standing: Standing, category: Category) -> str:
    if rules.cell(standing, category).write is Mode.OWN:
        return "Seul l’auteur peut modifier ceci\u00a0: ajoutez votre propre élément, ou demandez-lui de le corriger."
    if rules.cell(standing, category).create is Mode.ALL:
        return "Vous pouvez créer, pas modifier\u00a0: signalez la correction au secrétariat ou au médecin."
    return "Votre profession ne permet pas d’écrire ceci\u00a0: laissez une tâche au médecin."


def check_sign_off(by: Actor, category: Category = Category.RESULTS, *, own: bool = False) -> Standing:
    """Refuse who may not sign off a result. `own`: it was asked by, or addressed to, the actor."""
    standing = check_member(by)
    found = rules.cell(standing, category).sign_off
    if found is Mode.ALL or (found is Mode.OWN and own):
        return standing
    raise Refused("Ce résultat est à viser par le médecin qui l’a demandé\u00a0: transmettez-le-lui.", code="right")


def is_own(by: Actor, category: Category, author: UUID | None) -> bool:
    """Whether an object by this author (or addressed to them) counts as the actor's own, replacements included."""
    if by.member is None or author is None:
        return False
    return author in rules.owners(standing_of(by.member), category)


def check_sees(by: Actor, category: Category, author: UUID | None) -> None:
    """For an action on an object that it does not change: refuses whom this object's author keeps it closed to."""
    standing = check_member(by)
    if standing.member is None or _verdict(rules.cell(standing, category).read, rules.owners(standing, category), author):
        raise Refused("Votre profession n’ouvre pas ces données\u00a0: demandez à leur auteur.", code="right")


# -- administration: it gives no clinical right


def check_administer(by: Actor) -> Standing:
    """Refuse everyone but an active titulaire, and set-up until the first one has a key. Codes `titulaire`, `inactive`."""
    standing = check_member(by)
    if standing.purpose == "demo" or (standing.purpose == "set_up" and _stage.of(None)[1]):
        return standing
    if standing.is_titulaire and standing.status is Status.TITULAIRE:
        return standing
    raise Refused("Seul un titulaire administre le cabinet\u00a0: demandez-le à l’un d’eux.", code="titulaire")


def check_slots(by: Actor) -> Standing:
    """Who may open the practice is decided by a titulaire, or at its own console by who has just opened it there."""
    standing = check_member(by)
    return standing if standing.purpose in ("console", "set_up") else check_administer(by)


def check_invite(by: Actor) -> Standing:
    return check_administer(by)


def check_depart(by: Actor, member: UUID) -> Standing:
    """A titulaire sends anybody off; anybody may leave by themselves."""
    return check_member(by) if by.member == member else check_administer(by)


def check_approve_post(by: Actor) -> Standing:
    return check_administer(by)


def check_manage_posts(by: Actor) -> Standing:
    """Invite or revoke a post: titulaires, and the informaticien (`K` in docs/rights.md), who approves none."""
    standing = check_member(by)
    return standing if standing.profession is Profession.INFORMATICIEN else check_administer(by)


def check_ways_in(by: Actor) -> Standing:
    """Who could come in during a cut, and with what: who sees to it, titulaires, secretaries, the informaticien."""
    standing = check_member(by)
    return standing if standing.profession is Profession.SECRETAIRE else check_manage_posts(by)


def check_end_session(by: Actor, member: UUID) -> Standing:
    """One's own sessions, or another's for a titulaire."""
    standing = check_member(by)
    if by.member == member or standing.purpose == "sign_in":
        return standing
    return check_administer(by)


def check_read_journal_of(by: Actor, member: UUID) -> Standing:
    """One's own reads; another's for a titulaire (with fresh verification and a purpose, which the screen asks)."""
    return check_member(by) if by.member == member else check_administer(by)


def can_administer(by: Actor) -> bool:
    return _passes(check_administer, by)


def can_invite(by: Actor) -> bool:
    return _passes(check_invite, by)


def can_depart(by: Actor, member: UUID) -> bool:
    return _passes(check_depart, by, member)


def can_approve_post(by: Actor) -> bool:
    return _passes(check_approve_post, by)


def can_manage_posts(by: Actor) -> bool:
    return _passes(check_manage_posts, by)


def can_ways_in(by: Actor) -> bool:
    return _passes(check_ways_in, by)


def can_end_session(by: Actor, member: UUID) -> bool:
    return _passes(check_end_session, by, member)


def can_read_journal_of(by: Actor, member: UUID) -> bool:
    return _passes(check_read_journal_of, by, member)


def _passes(check: Callable[..., object], *args: object, **kwargs: object) -> bool:
    try:
        check(*args, **kwargs)
    except Refused:
        return False
    return True
