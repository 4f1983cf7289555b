"""« Enregistrer ce poste sur l’autre machine »: one touch. A browser has another cookie and another key at each machine's address.

The other machine's page makes the key first; this one, where the person touched their passkey, then says that this key is this post
(`sync.vouching`). All of it travels in fragments, which reach no server and no log; nothing of it is worth anything without the key.
"""

import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from permanence.accounts import actions
from permanence.continuity import queries
from permanence.continuity.readiness import Post
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock
from permanence.lib.text import NBSP
from permanence.sync import queries as sync
from permanence.sync import vouching
from permanence.web.account import pages
from permanence.web.account.ceremony import answers_json, body_of, check_post_key, new_token, sent_key, text
from permanence.web.account.limits import codes
from permanence.web.http import uuid_of
from permanence.web.links import reverse
from permanence.web.proof import cookies
from permanence.web.proof.keys import token_hash
from permanence.web.proof.places import own_place
from permanence.web.proof.state import session_of

LIFE_S = 300.0
NOT_HERE = f"Cette session n’est pas à un poste enregistré{NBSP}: entrer depuis un poste du cabinet."
AGAIN = f"Cette demande a déjà servi, ou date{NBSP}: recommencer depuis «{NBSP}Prêts pour une coupure{NBSP}»."


@dataclass(frozen=True, slots=True)
class Begun:
    """A person touched their key, at this post, for that machine."""

    session: UUID
    member: UUID
    post: UUID
    target: UUID
    origin: str
    until: float


class Waiting:
    """What was begun here and has not come back: in memory, good once, for five minutes of a clock that never goes back."""

    def __init__(self, now: Callable[[], float] = clock.monotonic) -> None:
        self._now, self._lock, self._of = now, threading.Lock(), dict[str, Begun]()

    def add(self, begun: Begun) -> str:
        name = secrets.token_urlsafe(24)
        with self._lock:
            self._of = {key: one for key, one in self._of.items() if one.until > self._now() and one.session != begun.session}
            self._of[name] = begun
        return name

    def take(self, name: str, session: UUID) -> Begun:
        """Raises Refused `again`; what another session asks for is spent too."""
        with self._lock:
            found = self._of.pop(name, None)
        if found is None or found.session != session or found.until <= self._now():
            raise Refused(AGAIN, code="again")
        return found

    def until(self) -> float:
        return self._now() + LIFE_S


waiting = Waiting()


@dataclass(frozen=True, slots=True)
class TieLine:
    id: UUID
    name: str
    there: bool


@dataclass(frozen=True, slots=True)
class TieCard:
    """The other machines at which this browser is not known yet."""

    post: str
    lines: list[TieLine]
    begin: str


def card(post: UUID | None, posts: Iterable[Post], sisters: Iterable[sync.Sister], *, member: UUID) -> TieCard | None:
    """None when there is nothing to do, or when this session is at no post of the practice."""
    here = next((one for one in posts if one.id == post and not one.pending), None)
    if here is None:
        return None
    lines = [TieLine(one.id, one.name, not (one.away_since or one.gone)) for one in sisters
             if one.id not in here.at and _ours(one, member)]  # fmt: skip
    return TieCard(here.name, lines, reverse("ready:tie")) if lines else None


def _ours(one: sync.Sister, member: UUID) -> bool:
    """Where this person may work: not at another carer's limited laptop."""
    return one.carer in (None, member) and vouching.may_send_to(one.origin, like=own_place().origin, rp_id=own_place().rp_id)


@require_POST
@answers_json
def begin(request: HttpRequest) -> HttpResponseBase:
    """First step, here, with a fresh touch: where to go, and what to come back with."""
    session, target = session_of(request), uuid_of(text(body_of(request), "machine", 36))
    here, others = queries.elsewhere(session.post) if session.post else (None, ())
    if here is None or here.pending:
        raise Refused(NOT_HERE, code="post")
    other = next((one for one in others if one.id == target and _ours(one, session.member)), None)
    if other is None:
        raise Refused(f"Cette machine connaît déjà ce poste, ou n’est plus du cabinet{NBSP}: actualiser la page.", code="unknown")
    state = waiting.add(Begun(session.id, session.member, here.id, other.id, other.origin, waiting.until()))
    return JsonResponse({"state": state, "go": f"{other.origin}{reverse('account:tied')}"})


@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """Third step, here: the browser comes back with the thumbprint of its key. Nothing of anybody is on this page, so nobody is asked."""
    return pages.bare(request, "ready/back.html", vouch=reverse("ready:vouch"), ready=reverse("ready:page"))


@require_POST
@answers_json
def vouch(request: HttpRequest) -> HttpResponseBase:
    """This machine's word for the key that this browser made there."""
    sent, session = body_of(request), session_of(request)
    begun = waiting.take(text(sent, "state", 64), session.id)
    word = vouching.Word(begun.target, begun.post, begun.member, text(sent, "keyid", 43), text(sent, "nonce", 100))
    return JsonResponse({"word": vouching.give(word), "go": f"{begun.origin}{reverse('account:tied')}"})


@require_GET
def tied(request: HttpRequest) -> HttpResponse:
    """Second and last steps, at the other machine, before anybody has signed in there."""
    back, ready = reverse("account:tie_back"), reverse("ready:page")  # at the first machine
    return pages.bare(request, "ready/tied.html", tie=reverse("account:tie_here"), back=back, ready=ready)


@require_POST
@answers_json
def tie_here(request: HttpRequest) -> HttpResponseBase:
    """Keep this browser's cookie and key as those of the post that another machine vouches for."""
    codes.spend(request)
    sent = body_of(request)
    jwk, keyid = sent_key(sent)
    word = vouching.read(text(sent, "word", vouching.MOST))
    if word.thumbprint != keyid or word.by is None:
        raise Refused(vouching.NOT_GOOD, code="word")
    check_post_key(sent, jwk, keyid, word.nonce)
    token = new_token()
    actions.extend_post(word.post, member=word.member, vouched_by=word.by, token_hash=token_hash(token), thumbprint=keyid, public_key=jwk,
                        by=Actor.machine("sign_in"))  # fmt: skip
    response = JsonResponse({"done": True})
    cookies.write(request, response, cookies.POST, token)
    return response
