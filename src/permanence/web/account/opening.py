"""How a session begins or goes on after a verified touch: the passkey, the post, the cookie. No page here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import rotate_token

from permanence.accounts import actions, queries, sessions, webauthn
from permanence.accounts.sessions import SessionInfo
from permanence.accounts.webauthn import Ceremony, CeremonyFailed
from permanence.journal.doors import Actor, Reader
from permanence.sync import apart
from permanence.sync import queries as sync
from permanence.web.account.ceremony import (
    new_token,
    nonces,
    seconds,
    sent_key,
    sent_object,
    signed_by_post,
    text,
)
from permanence.web.proof import cookies
from permanence.web.proof.keys import token_hash
from permanence.web.proof.middleware import give_nonce, living_session
from permanence.web.proof.places import place_of

UNKNOWN = "Cette clé n’est pas connue du cabinet. Utilisez une autre clé, ou demandez une invitation à un titulaire."
TIERS = ("worker", "page")


@dataclass(frozen=True, slots=True)
class Touched:
    """Who touched their key, and the new session key that the touch vouches for."""

    member: UUID
    passkey: UUID
    jwk: Mapping[str, str]
    keyid: str
    nonce: str
    tier: str
    console: bool


def verify_touch(request: HttpRequest, sent: Mapping[str, Any], ceremony: Ceremony, *, held: str = "") -> Touched:
    """Verify an assertion of a passkey of this practice, and use up its nonce. Raises CeremonyFailed, Refused `cloned`."""
    place, credential = place_of(request), sent_object(sent, "credential")
    nonce, tier = text(sent, "nonce", 100), text(sent, "tier", 10)
    jwk, keyid = sent_key(sent)
    named = webauthn.presented(credential)
    passkey = queries.passkey_by_credential(named.credential_id, reader=Reader.for_purpose("sign_in"))
    if passkey is None or passkey.rp_id != place.rp_id or named.user_handle not in (None, passkey.member.bytes):
        raise CeremonyFailed("unknown", UNKNOWN)
    nonces.take(nonce, seconds())
    keys = f"{held}.{keyid}" if held else keyid
    done = webauthn.verify_assertion(credential, rp_id=place.rp_id, origin=place.origin,
                                     expected=webauthn.challenge(ceremony, nonce, keys),
                                     public_key=passkey.public_key, sign_count=passkey.sign_count)
    actions.passkey_used(passkey.id, sign_count=done.sign_count, by=Actor.machine("sign_in"))
    return Touched(passkey.member, passkey.id, jwk, keyid, nonce, tier if tier in TIERS else "page", passkey.console)


def post_of(request: HttpRequest, sent: Mapping[str, Any], touched: Touched) -> UUID | None:
    """The post of this browser, when its cookie is known and its own key signed the session's key."""
    token = cookies.read(request, cookies.POST)
    post = queries.post_by_token(token_hash(token), reader=Reader.for_purpose("sign_in")) if token else None
    if post is None or not post.public_key or not signed_by_post(sent, post.public_key, touched.nonce, touched.keyid):
        return None
    return post.id


def begin(request: HttpRequest, *, member: UUID, post: UUID | None, assurance: str, tier: str, keyid: str,
          jwk: Mapping[str, str], answer: Mapping[str, Any]) -> JsonResponse:
    """Open a session and give its cookie and first nonce. Refused by `accounts` where post or person may not.

    The demo's « Entrer comme… » uses it too, with assurance `demo`: there is no session without a key. When the browser
    passes to another person, the forms that its other tabs show are no longer good: nobody signs under another's name.
    """
    previous = living_session(request)
    changed = previous is not None and previous.member != member
    if changed:
        rotate_token(request)
    token = new_token()
    session = sessions.start(member=member, post=post, assurance=assurance, tier=tier, thumbprint=keyid,
                             public_key=jwk, token_hash=token_hash(token))
    response = JsonResponse({**answer, "changed": changed, "fresh": True})
    cookies.write(request, response, cookies.SESSION, token)
    if assurance == "passkey":
        rehearse(member, post)
    request.proof_state.session = None  # type: ignore[attr-defined]  # the nonce below is the new session's
    give_nonce(response, session)
    return response


def rehearse(member: UUID, post: UUID | None) -> None:
    """Somebody touched their key while nothing outside answered: what « Prêts pour une coupure » calls verified."""
    cut = apart.standing()
    if (cut is not None and cut.unplugged) or sync.uplink_down():
        actions.note_rehearsal(member=member, post=post, by=Actor.machine("sign_in"))


def set_aside(session: SessionInfo, touched: Touched) -> None:
    """The session that gives way: ended when it is the same person's, locked with its drafts when it is another's."""
    if session.member == touched.member:
        sessions.end(session.id, "renewed")
    elif session.state == "active":
        sessions.lock(session.id)
