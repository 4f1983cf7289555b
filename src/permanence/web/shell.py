"""What surrounds every page: who is signed in, the continuity strip, the theme. No patient data, no decision."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID, uuid4

from django.http import HttpRequest
from django.urls import NoReverseMatch

from permanence.accounts import pending
from permanence.accounts.permissions import can_write
from permanence.agenda.actions import agenda_of
from permanence.agenda.permissions import can_open
from permanence.capabilities import queries as capabilities
from permanence.handover.queries import can_take_part
from permanence.journal.categories import Category
from permanence.journal.doors import Actor
from permanence.web import limited, presenters
from permanence.web.around import around
from permanence.web.bar import Bar, bar_of
from permanence.web.links import reverse
from permanence.web.proof import state

KEYS_OFF = "raccourcis-simples"
_UUID = re.compile(r"/patients/([0-9a-f-]{36})/")


class Link(NamedTuple):
    url: str
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class Me:
    name: str
    initials: str
    profession: str
    post: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Shell:
    """What `base.html` needs."""

    nonce: str
    csrf: str
    theme: str
    keys_off: bool
    bar: Bar
    fictional: bool
    practice: str
    me: Me
    account_links: tuple[Link, ...]
    account_acts: tuple[Link, ...]
    done: str
    undo: str
    patient: str
    once: str
    agenda: bool = False  # whether the agenda is a screen of theirs
    calls: bool = False  # whether patients are theirs to call in
    waiting: int = 0
    waiting_url: str = ""
    limited: str = ""  # whose files this machine carries, when it does not carry all
    first_scripts: tuple[str, ...] = field(default=())


def shell_of(request: HttpRequest) -> Shell:
    """The shell of this request's page. Raises Refused without a session."""
    session = state.session_of(request)
    words = around(session.member, session.post)
    patient = _UUID.search(request.path)
    demands, switches = len(pending.told(state.actor_of(request))), capabilities.waiting(session.actor)
    return Shell(
        nonce=getattr(request, "csp_nonce", ""),
        csrf=state.csrf_of(request),
        theme=_theme(request),
        keys_off=request.COOKIES.get(KEYS_OFF) == "non",
        bar=bar_of(request),
        fictional=words.fictional,
        practice=words.practice,
        me=Me(words.name, presenters.initials(words.name), words.profession, words.post, str(session.member)),
        account_links=_links(
            *_writing(session.member),
            ("account:keys", "key-round", "Mes clés et mes sessions"),
        ),
        account_acts=_links(
            ("account:lock", "lock", "Verrouiller"),
            ("account:change", "users-round", "Changer de personne"),
            ("account:leave", "log-out", "Fermer la session"),
        ),
        done=presenters.done(request.GET.get("fait", "")),
        undo=undo_url(request),
        patient=patient[1] if patient else "",
        once=str(uuid4()),
        agenda=can_open(session.member),
        calls=agenda_of(session.actor) is not None,
        waiting=demands + switches,
        waiting_url=reverse("practice:members") if demands else reverse("crisis:board"),
        limited=limited.carries(),
        first_scripts=FIRST_SCRIPTS,
    )


# Before htmx, so that the first htmx request is already signed (request-proof.md, trap 5).
FIRST_SCRIPTS = ("js/pop.js", "js/passkey.js", "js/proof.js")

# Which action takes back what was just done: the code in `fait`, and the route that undoes it for the object in `objet`.
UNDO: dict[str, str] = {
    "retire": "dossier:restore",
    "brouillon": "dossier:restore",
    "reunis": "dossier:restore",
    **dict.fromkeys(
        ("rdv", "tournee", *(f"rdv_{one}" for one in ("prevu", "arrive", "entre", "fini", "absent", "annule", "deplace", "deplace_hors"))),
        "agenda:undo",
    ),
}


def undo_url(request: HttpRequest) -> str:
    """Where « Annuler » of the toast posts; empty when there is nothing to take back."""
    route = UNDO.get(request.GET.get("fait", ""))
    object = request.GET.get("objet", "")
    kind, _, id = object.partition(".")
    patient = _UUID.search(request.path)
    if not route or not id or not (patient or route.startswith("agenda:")):
        return ""
    try:
        return reverse(route, args=(*([UUID(patient[1])] if patient and not route.startswith("agenda:") else []), kind, UUID(id)))
    except (NoReverseMatch, ValueError):
        return ""


def _writing(member: UUID) -> tuple[tuple[str, str, str], ...]:
    """For who writes notes."""
    writes = can_write(Actor(member), Category.NOTES, new=True)
    links = [("snippets:list", "text-cursor-input", "Mes raccourcis de texte")] if writes else []
    if can_take_part(Actor(member)):
        links.append(("handover:replacements", "users-round", "Remplacements et relèves"))
    return tuple(links)


def _theme(request: HttpRequest) -> str:
    theme = request.COOKIES.get("theme", "")
    return theme if theme in ("light", "dark") else ""


def _links(*wanted: tuple[str, str, str]) -> tuple[Link, ...]:
    """The account's own screens."""
    return tuple(Link(reverse(name), icon, text) for name, icon, text in wanted)
