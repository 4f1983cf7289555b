"""Which capability each route needs, the question asked before its view, and the marking of buttons that would be refused."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from markupsafe import escape

from permanence.capabilities import Capability, catalogue, watching
from permanence.capabilities.permissions import Held, Off, is_outside, stops
from permanence.capabilities.permissions import held as held_by
from permanence.web.proof import state

READ, WRITE, REGISTER = Capability.READ_RECORDS, Capability.WRITE_RECORDS, Capability.REGISTER_PATIENT
AGENDA, PRESCRIBE, DEVICES, EXPORT = Capability.AGENDA, Capability.PRESCRIBE, Capability.DEVICES, Capability.EXPORT


class Need(NamedTuple):
    """`writing`: read-only is not enough."""

    capability: Capability
    writing: bool


class Needs(NamedTuple):
    """What a route asks of the practice to show its page, and to do what its form does."""

    get: tuple[Need, ...]
    post: tuple[Need, ...]


def _needs(get: tuple[Capability, ...], post: tuple[Capability, ...] = (), also: tuple[Capability, ...] = ()) -> Needs:
    """`get` is read; `post` is written besides; `also` is used by both, fully on."""
    reads, uses = tuple(Need(one, False) for one in get), tuple(Need(one, True) for one in also)
    return Needs((*reads, *uses), (*reads, *(Need(one, True) for one in post), *uses))


NONE = Needs((), ())
RECORD, LOOK = _needs((READ,), (WRITE,)), _needs((READ,))
LEAVES, PHOTO, ORDERS = _needs((READ,), (), (EXPORT,)), _needs((READ,), (WRITE,), (DEVICES,)), _needs((READ,), (WRITE,), (PRESCRIBE,))
# A name of a route, or its whole room. What is not named asks nothing: the practice, its members, the account, this page.
TABLE: Mapping[str, Needs] = {
    "home": LOOK,
    "patients": RECORD,
    "patients:new": _needs((), (), (REGISTER,)),
    "dossier": RECORD,
    # Drafts are kept whatever is switched off: nothing typed is lost.
    **dict.fromkeys((f"{room}:draft_{what}" for room in ("dossier", "papers") for what in ("save", "discard")), LOOK),
    "handover:draft_save": LOOK,
    **dict.fromkeys(("dossier:photo", "dossier:photo_state", "dossier:photo_title"), PHOTO),
    "dossier:photo_close": LOOK,
    "papers": RECORD,
    **dict.fromkeys(("papers:ordonnance", "papers:demande", "papers:arret"), ORDERS),
    **dict.fromkeys(("papers:print", "papers:print_all", "papers:hand_over", "handover:print"), LOOK),
    **dict.fromkeys((f"papers:{name}" for name in ("settings", "letterhead_save", "common_save", "printer_save", "forms_received",
                                                   "form_spoilt")), NONE),
    "billing": RECORD,
    "agenda": _needs((AGENDA,), (AGENDA,)),
    "agenda:identify": _needs((AGENDA, READ), (AGENDA,)),
    "agenda:export": _needs((AGENDA,), (), (EXPORT,)),
    "tasks": RECORD,
    "handover": RECORD,
    "moving": RECORD,
    **dict.fromkeys(("moving:copy_csv", "moving:copy_pdf", "moving:refused", "panel:export"), LEAVES),
    "panel": RECORD,
    "catchup": RECORD,
    "sync:settling": LOOK,
    "sync:settle": RECORD,  # its other screens are about machines: they stay whatever is switched off
    **dict.fromkeys(("practice:kit_order", "practice:kit_sheets", "practice:session"), LOOK),
}


def _signing(request: HttpRequest) -> tuple[Need, ...]:
    """One address signs every family of papers: prescriptions are another capability than letters."""
    return (Need(PRESCRIBE, True),) if request.POST.get("family") in ("ordonnance", "demande", "arret") else ()


def _downloading(request: HttpRequest) -> tuple[Need, ...]:
    return (Need(EXPORT, True),) if "telecharger" in request.GET else ()


ASKED: Mapping[str, Callable[[HttpRequest], tuple[Need, ...]]] = {
    "papers:sign": _signing,
    "dossier:document_content": _downloading,
}


def needs_of(name: str) -> Needs:
    """What a route needs, by its own name, else by its room's."""
    return TABLE.get(name) or TABLE.get(name.partition(":")[0]) or NONE


def network_of(request: HttpRequest) -> str:
    """The address that this request came from."""
    return str(request.META.get("REMOTE_ADDR", ""))


def held_of(request: HttpRequest) -> Mapping[Capability, Held]:
    """What is not plainly on for whom this request is, asked once. Raises Refused without a session."""
    known = getattr(request, "permanence_held", None)
    if known is None:
        known = held_by(state.actor_of(request), network_of(request))
        request.permanence_held = known  # type: ignore[attr-defined]
    found: Mapping[Capability, Held] = known
    return found


def check(request: HttpRequest) -> None:
    """Before a view: refuse what is off, and a change of what is read-only. Raises Off, or Refused without a session."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    needs = needs_of(name)
    if needs is NONE:
        return
    writing = request.method == "POST"
    asked = [*(needs.post if writing else needs.get), *(ASKED[name](request) if name in ASKED else ())]
    held = held_of(request)
    if held and is_outside(network_of(request)):
        asked.append(Need(Capability.REMOTE_ACCESS, writing))
    for need in asked:
        if (found := held.get(need.capability)) and stops(found.state, writing=need.writing):
            raise Off(found)


# Slow by their nature: whole files, scans, imports, many pages to typeset. They say nothing of how the practice answers.
LONG = frozenset({"practice:kit_sheets", "catchup:find", "catchup:file", "catchup:form", "patients:vsm", "dossier:document_new",
                  "papers:print_all", "handover:print", "agenda:export", "panel:export"})


def answered(request: HttpRequest, seconds: float) -> None:
    """How long a view took, for the watch on slowness: counted under the last thing that its route needs."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    needs = needs_of(name)
    asked = needs.post if request.method == "POST" else needs.get
    if asked and name not in LONG and not name.startswith("moving:"):
        watching.note(asked[-1].capability, seconds)


# -- buttons: every link and form of a page that would be refused says so, whichever template wrote it

_TAG = re.compile(r"<(a|form|button)\b([^<>]*)>")
_WHERE = re.compile(r'\b(?:href|action|hx-post|hx-get|data-ask)="(/[^"#?]*)')
_POSTS = re.compile(r'\bmethod="post"|\bhx-post="')


def mark(body: str, held: Mapping[Capability, Held]) -> str:
    """The page, with `data-off` on what would be refused. Nothing is looked at while everything works."""
    if not held:
        return body

    def marked(tag: re.Match[str]) -> str:
        where = _WHERE.search(tag[2])
        found = _stopped(where[1], bool(_POSTS.search(tag[2])), held) if where else None
        if found is None:
            return tag[0]
        said = f"{catalogue.LABELS[found.capability]}\u00a0: {catalogue.STATES[found.state].lower()}. {found.instead}"
        title = "" if " title=" in tag[2] else f' title="{escape(said)}"'
        return f'<{tag[1]}{tag[2]} data-off="{escape(catalogue.STATES[found.state])}"{title}>'

    return _TAG.sub(marked, body)


def _stopped(path: str, posts: bool, held: Mapping[Capability, Held]) -> Held | None:
    needs = needs_of(_name_at(path))
    return next((held[need.capability] for need in (needs.post if posts else needs.get)
                 if need.capability in held and stops(held[need.capability].state, writing=need.writing)), None)


@lru_cache(maxsize=512)
def _name_at(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""
