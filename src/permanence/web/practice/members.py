"""Members and posts: who belongs to the practice, which browsers may carry a session."""

from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from permanence.accounts import actions, pending, permissions, queries
from permanence.accounts.sessions import SessionInfo
from permanence.interop import queries as interop
from permanence.interop.permissions import can_move_in
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Reader
from permanence.lib.dates import format_date
from permanence.lib.text import NBSP, plural
from permanence.web import jinja, presenters
from permanence.web.forms import Day, Form
from permanence.web.http import go, new_form_id, reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.practice.demands import Act, DemandLine, demand_lines


def _copy_url(reader: Reader) -> str:
    """The list of what is to be copied elsewhere, while another software is the main one."""
    if not permissions.can_write(reader.actor, Category.NOTES, new=True):
        return ""
    now = interop.beside(reader=reader)
    return reverse("moving:to_copy") if now and now.on else ""


MEMBER_STATES = {
    "active": ("Ouvert", "ok"),
    "invited": ("Invité, sans clé", "warn"),
    "future": ("À venir", "plain"),
    "expired": ("Terminé", "plain"),
    "departed": ("Parti", "plain"),
}
POST_STATES = {"pending": ("À approuver", "warn"), "open": ("Approuvé", "ok"), "revoked": ("Retiré", "plain")}


class State(NamedTuple):
    text: str
    tone: str


class Fact(NamedTuple):
    label: str
    value: str


class Code(NamedTuple):
    """A one-use code, shown once."""

    shown: str
    how: str
    title: str = "Code à remettre en main propre, montré une seule fois"


@dataclass(frozen=True, slots=True)
class MemberLine:
    name: str
    you: bool
    rpps: str
    profession: str
    status: str
    state: State
    dates: str
    url: str


@dataclass(frozen=True, slots=True)
class PostLine:
    name: str
    here: bool
    owner: str
    since: object
    state: State
    by: str
    acts: list[Act]


@dataclass(frozen=True, slots=True)
class WayLine:
    """One way to open the practice in the morning. `state` says whether it has been tried."""

    name: str
    detail: str
    state: State
    used: str
    acts: list[Act]


@dataclass(frozen=True, slots=True)
class MembersPage:
    lead: str
    invite_url: str
    members: list[MemberLine]
    posts: list[PostLine]
    post_url: str
    departed_url: str
    departed_text: str
    ways: list[WayLine]
    demands: list[DemandLine]
    code: Code | None = None
    moving_url: str = ""
    copy_url: str = ""
    growth_url: str = ""


@screen
def members(request: HttpRequest, code: Code | None = None) -> HttpResponse:
    """Everybody of the practice and its posts."""
    reader = reader_of(request)
    departed = "tous" in request.GET
    page = MembersPage(
        lead=queries.practice().name,
        invite_url=reverse("practice:invite") if permissions.can_invite(reader.actor) else "",
        members=[_line(one, reader.actor) for one in queries.members(reader=reader, departed=departed)],
        posts=[_post(one, reader.actor) for one in queries.posts(reader=reader)],
        post_url=reverse("practice:post_new") if permissions.can_manage_posts(reader.actor) else "",
        departed_url="?" if departed else "?tous",
        departed_text="Membres actuels" if departed else "Avec les membres partis",
        ways=[_way(slot) for slot in queries.slots(reader=reader)] if permissions.can_administer(reader.actor) else [],
        demands=demand_lines(pending.demands(reader=reader), reader.actor),
        code=code,
        moving_url=reverse("moving:home") if can_move_in(reader.actor) else "",
        copy_url=_copy_url(reader),
        growth_url=reverse("growth:list") if permissions.can_write(reader.actor, Category.MEASURES) else "",
    )
    return render(request, reader, "practice/members.html", {"page": page})


def _line(one: queries.MemberInfo, by: Actor) -> MemberLine:
    manages = permissions.can_administer(by) or one.id == by.member
    return MemberLine(
        one.name,
        one.id == by.member,
        one.rpps,
        presenters.PROFESSIONS.get(one.profession, one.profession_label),
        _status(one),
        _member_state(one),
        _dates(one),
        reverse("practice:member", args=(one.id,)) if manages else "",
    )


def _member_state(one: queries.MemberInfo) -> State:
    return State(*MEMBER_STATES.get(one.state, (one.state, "plain")))


def _status(one: queries.MemberInfo) -> str:
    words = one.status_label + (f" de {one.of_name}" if one.of_name and one.status == "remplacant" else "")
    words += f" sous {one.of_name}" if one.of_name and one.status == "interne" else ""
    return words + (", administre le cabinet" if one.is_titulaire and one.status != "titulaire" else "")


def _dates(one: queries.MemberInfo) -> str:
    if one.departed_at:
        return f"le {jinja.date(one.departed_at)}"
    parts = [
        f"du {format_date(one.since)}" if one.since and one.until else f"depuis le {format_date(one.since)}" if one.since else "",
        f"au {format_date(one.until)}" if one.until else "",
    ]
    return " ".join(part for part in parts if part)


def _post(one: queries.PostInfo, by: Actor) -> PostLine:
    names = queries.member_names({id for id in (one.owner, one.approved_by) if id})
    acts = []
    if one.state == "pending" and permissions.can_approve_post(by):
        acts.append(Act(reverse("practice:post_approve", args=(one.id,)), "Approuver", "primary"))
    if one.state != "revoked" and permissions.can_manage_posts(by):
        acts.append(Act(reverse("practice:post_revoke", args=(one.id,)), "Retirer"))
    return PostLine(
        one.name,
        one.id == by.post,
        f"appartient à {names[one.owner]}" if one.owner in names else "",
        one.enrolled_at,
        State(*POST_STATES.get(one.state, (one.state, "plain"))),
        names.get(one.approved_by, "") if one.approved_by else "",
        acts,
    )


WAYS = {"sheet": "Feuille de secours", "machine": "Clé de cette machine", "passkey": "Clé d’accès"}


def _way(one: queries.SlotInfo) -> WayLine:
    used = f"{plural(one.opened, 'ouverture')}, la dernière {jinja.moment(one.last_opened_at)}" if one.last_opened_at else ""
    return WayLine(
        one.member_name or WAYS.get(one.kind, one.kind),
        one.label if one.member_name else "",
        State("Essayée", "ok") if one.counts else State(f"À essayer{NBSP}: compte après deux ouvertures", "warn"),
        used or "n’a pas encore servi",
        [Act(reverse("practice:way_remove", args=(one.id,)), "Retirer", "danger")],
    )


# -- one member


class UntilForm(Form):
    until = Day("Dernier jour d’accès", past=False, required=True, help_text="Ce jour compris\u202f; +30, fin d’un remplacement…")


class KeyLine(NamedTuple):
    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class SessionLine:
    where: str
    detail: str
    end: str
    once: str = field(default_factory=new_form_id)


@dataclass(frozen=True, slots=True)
class MemberPage:
    name: str
    lead: str
    state: State
    facts: list[Fact]
    keys: list[KeyLine]
    sessions: list[SessionLine]
    acts: list[Act]
    extend_url: str


@require_GET
@screen
def member(request: HttpRequest, member: UUID) -> HttpResponse:
    """One member: access, keys, sessions, departure. One's own page, or any for a titulaire."""
    return _member(request, member)


@require_POST
@screen
def until(request: HttpRequest, member: UUID) -> HttpResponse:
    """Another end date: later opens the practice longer, so a fresh touch was asked."""
    form = UntilForm(request.POST)
    if form.is_valid() and form.do(request, actions.extend_member, member, form.cleaned_data["until"]):
        return go(request, "practice:member", member, done="membre")
    return _member(request, member, form)


def _member(request: HttpRequest, member: UUID, form: UntilForm | None = None) -> HttpResponse:
    reader = reader_of(request)
    detail = queries.member_detail(member, reader=reader)
    one, administers = detail.member, permissions.can_administer(reader.actor)
    gone = one.state == "departed"
    page = MemberPage(
        one.name,
        f"{presenters.PROFESSIONS.get(one.profession, one.profession_label)} · {_status(one)}",
        _member_state(one),
        _member_facts(one),
        [_key(key) for key in detail.passkeys],
        [_session(found, reader.actor) for found in detail.sessions],
        [] if gone else _member_acts(one, reader.actor),
        reverse("practice:until", args=(member,)) if administers and not gone else "",
    )
    return render(
        request,
        reader,
        "practice/member.html",
        {"page": page, "form": form or UntilForm(initial={"until": format_date(one.until)})},
        fragment="form",
        status=422 if form else 200,
    )


def _member_facts(one: queries.MemberInfo) -> list[Fact]:
    return [
        Fact("Période", _dates(one) or "sans date de fin"),
        Fact("RPPS", one.rpps or "non renseigné"),
        Fact("Lieux", ", ".join(one.sites) or "tous"),
        Fact("Administration", "titulaire du cabinet" if one.is_titulaire else "aucune"),
    ]


def _key(key: queries.PasskeyInfo) -> KeyLine:
    used = f"servie {jinja.moment(key.last_used_at)}" if key.last_used_at else "jamais servie"
    state = "retirée" if key.revoked_at else used
    return KeyLine(
        key.label or ("Clé de la console" if key.console else "Clé sans nom"),
        f"créée le {jinja.date(key.created_at)}, {state}",
    )


def _session(found: SessionInfo, by: Actor) -> SessionLine:
    return SessionLine(
        "Cette session" if found.id == by.session else presenters.ASSURANCES.get(found.assurance, found.assurance).capitalize(),
        f"ouverte {jinja.moment(found.created_at)}, dernière activité {jinja.since(found.last_used_at)}",
        reverse("practice:session_end", args=(found.id,)),
    )


def _member_acts(one: queries.MemberInfo, by: Actor) -> list[Act]:
    acts = []
    if one.state == "invited" and permissions.can_invite(by):
        acts.append(Act(reverse("practice:reinvite", args=(one.id,)), "Donner un nouveau code"))
    if permissions.can_administer(by) and one.profession == "medecin" and not one.is_titulaire:
        acts.append(Act(reverse("practice:titulaire", args=(one.id,)), "Confier l’administration du cabinet"))
    administers = permissions.can_administer(by) and one.id != by.member
    if administers and one.state != "invited":
        acts.append(Act(reverse("practice:recover", args=(one.id,)), "A perdu ses clés\u00a0: demander une nouvelle clé"))
    if administers and one.is_titulaire and not permissions.alone_decides(by):
        acts.append(Act(reverse("practice:removal", args=(one.id,)), "Demander son départ", "danger"))
    elif permissions.can_depart(by, one.id):
        acts.append(Act(reverse("practice:depart", args=(one.id,)), "Enregistrer le départ", "danger"))
    return acts
