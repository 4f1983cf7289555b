"""What the proof of one request established, for views and readers: session, actor, proof. No decision here."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.middleware.csrf import get_token

from permanence.accounts.proof import KeyRole, PopError
from permanence.accounts.sessions import SessionInfo
from permanence.journal.doors import Actor, Refused


@dataclass(slots=True)
class ProofState:
    """`session` is set as soon as the cookie names a living one; `reference` only when the request was proved."""

    session: SessionInfo | None = None
    reference: str = ""
    role: KeyRole | None = None
    error: PopError | None = None
    csrf: str = ""

    @property
    def proved(self) -> bool:
        return bool(self.reference)


def state_of(request: HttpRequest) -> ProofState:
    """The state of this request; an empty one when the middleware has not seen it."""
    found = getattr(request, "proof_state", None)
    return found if isinstance(found, ProofState) else ProofState()


def csrf_of(request: HttpRequest) -> str:
    """The token of this answer's forms, masked once."""
    state = state_of(request)
    state.csrf = state.csrf or get_token(request)
    return state.csrf


def session_of(request: HttpRequest) -> SessionInfo:
    """The proved session. Raises Refused: a public route has none."""
    state = state_of(request)
    if state.session is None or not state.proved:
        raise Refused("Ouvrez d’abord une session avec votre clé.", code="session")
    return state.session


def actor_of(request: HttpRequest) -> Actor:
    """Who acts through this request. Raises Refused when it is not proved."""
    session = session_of(request)
    return Actor(session.member, session.id, session.post, session.assurance)


def tier_of(request: HttpRequest) -> str:
    """`hardware`, `worker` or `page`: kept in each access entry."""
    return session_of(request).tier


def proof_of(request: HttpRequest) -> str:
    """Key and one-use number of the proof, for the access entry."""
    return state_of(request).reference
