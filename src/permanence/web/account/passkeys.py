"""One's passkeys and sessions: list, add, revoke, end; and the first passkey of an invited member."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from permanence.accounts import actions, permissions, queries, sessions, unlocking, webauthn
from permanence.accounts.proof import b64url, from_b64url
from permanence.accounts.webauthn import Ceremony, CeremonyFailed, NewPasskey
from permanence.journal.doors import Actor, Reader, Refused
from permanence.web.account import pages, sealport
from permanence.web.account.ceremony import answers_json, body_of, nonces, seconds, sent_object, text
from permanence.web.account.limits import codes
from permanence.web.http import act, actor_of, go, reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.proof.places import place_of
from permanence.web.proof.state import session_of

CODE = "Ce code n’est pas valable ou ne l’est plus. En demander un nouveau à un titulaire."


@require_GET
@screen
def keys_page(request: HttpRequest) -> HttpResponse:
    """My passkeys and my open sessions; for a titulaire, whether a key may also unlock."""
    reader, mine = reader_of(request), session_of(request)
    detail = queries.member_detail(mine.member, reader=reader)
    in_service = [passkey for passkey in detail.passkeys if passkey.revoked_at is None]
    names = queries.post_names((session.post for session in detail.sessions if session.post), reader=reader)
    return render(request, reader, "account/keys.html", {
        "section": "practice", "member": detail.member, "passkeys": in_service, "sessions": detail.sessions,
        "mine": mine.id, "posts": names,
        "can_open": detail.member.is_titulaire and sealport.current() is not None and not place_of(request).console})


@require_POST
@answers_json
def prepare(request: HttpRequest) -> HttpResponseBase:
    """Creation options for one more passkey of who is signed in."""
    sent = body_of(request)
    mine = session_of(request)
    name = queries.member_names([mine.member])[mine.member]
    known = [key.credential_id for key in queries.passkeys_of(mine.member, rp_id=place_of(request).rp_id)]
    return JsonResponse(_options(request, mine.member, name, text(sent, "keyid", 43), known))


@require_POST
@answers_json
def add(request: HttpRequest) -> HttpResponseBase:
    """Keep a new passkey of who is signed in (step-up was asked by the route's tag)."""
    sent = body_of(request)
    made = _verified(request, sent)
    place = place_of(request)
    actions.add_passkey(**_kept(made, place.rp_id, place.console), label=text(sent, "label", 80), by=actor_of(request))
    return JsonResponse({"next": reverse("account:keys")})


@require_POST
@answers_json
def add_slot(request: HttpRequest) -> HttpResponseBase:
    """This passkey may open the sealed practice in the morning. Titulaires only: a slot opens everything."""
    port, sent, by = sealport.current(), body_of(request), actor_of(request)
    permissions.check_slots(by)
    if port is None or place_of(request).console:
        raise Refused("Cette clé ne peut ouvrir le cabinet qu’à son adresse habituelle : entrer par celle-ci.", code="slot")
    try:
        touched = queries.passkey_by_credential(from_b64url(text(sent, "credential", 1400)))
        if touched is None:
            raise Refused("Cette clé n’est pas à vous ou n’est plus en service : toucher l’une de vos clés.", code="slot")
        unlocking.let_open(port, from_b64url(text(sent, "public", 43)), "passkey", passkey=touched.id, by=by)
    except ValueError:
        raise Refused("Cette clé ouvre déjà le cabinet, ou n’a pas répondu : en essayer une autre.", code="slot") from None
    return JsonResponse({"next": reverse("account:keys")})


@require_POST
@screen
def revoke(request: HttpRequest, passkey: UUID) -> HttpResponse:
    """A lost or old key of mine; my other sessions end."""
    act(request, actions.revoke_passkey, passkey)
    return go(request, "account:keys")


@require_POST
@screen
def end_session(request: HttpRequest, session: UUID) -> HttpResponse:
    """One session: mine, or another's for a titulaire (the action decides)."""
    act(request, actions.end_session, session)
    return go(request, "account:keys", done="session_close")


@require_POST
@screen
def end_others(request: HttpRequest) -> HttpResponse:
    """Every other session of mine."""
    mine = session_of(request)
    sessions.end_all(mine.member, but=mine.id, by=actor_of(request))
    return go(request, "account:keys", done="session_close")


@require_GET
def invitation_page(request: HttpRequest) -> HttpResponse:
    """Where an invited person types the code and makes a first passkey; names nobody."""
    return pages.bare(request, "account/invitation.html")


@require_POST
@answers_json
def prepare_invited(request: HttpRequest) -> HttpResponseBase:
    """Creation options for who holds a valid code."""
    codes.spend(request)
    sent = body_of(request)
    reader = Reader.for_purpose("sign_in")
    invited = queries.invitation_by_code(text(sent, "code", 40), reader=reader)
    if invited is None or invited.member is None or invited.purpose not in ("member", "recovery"):
        raise Refused(CODE, code="code")
    name = queries.member_names([invited.member], reader=reader)[invited.member]
    known = [key.credential_id for key in queries.passkeys_of(invited.member, rp_id=place_of(request).rp_id)]
    return JsonResponse(_options(request, invited.member, name, text(sent, "keyid", 43), known))


@require_POST
@answers_json
def accept(request: HttpRequest) -> HttpResponseBase:
    """The first passkey of an invited member; they then sign in with it."""
    codes.spend(request)
    sent = body_of(request)
    made = _verified(request, sent)
    place = place_of(request)
    actions.accept_invitation(text(sent, "code", 40), **_kept(made, place.rp_id, place.console), label="Première clé",
                              by=Actor.machine("sign_in"))
    return JsonResponse({"next": reverse("account:sign_in")})


def _options(request: HttpRequest, member: UUID, name: str, keyid: str, known: Sequence[bytes]) -> dict[str, Any]:
    nonce, place = nonces.issue(seconds()), place_of(request)
    options = webauthn.creation_options(rp_id=place.rp_id, rp_name=queries.practice().name, member=member.bytes, name=name,
                                        nonce=nonce, keyid=keyid, known=known)
    salt = pages.prf_salt(request)
    return {"nonce": nonce, "options": options, "prf_salt": b64url(salt) if salt else ""}


def _verified(request: HttpRequest, sent: Mapping[str, Any]) -> NewPasskey:
    nonce, keyid = text(sent, "nonce", 100), text(sent, "keyid", 43)
    if not keyid:
        raise CeremonyFailed("form")
    nonces.take(nonce, seconds())
    place = place_of(request)
    return webauthn.verify_creation(sent_object(sent, "credential"), rp_id=place.rp_id, origin=place.origin,
                                    expected=webauthn.challenge(Ceremony.ENROL, nonce, keyid))


def _kept(made: NewPasskey, rp_id: str, console: bool) -> dict[str, Any]:
    return {"credential_id": made.credential_id, "public_key": made.public_key, "sign_count": made.sign_count,
            "aaguid": made.aaguid, "transports": made.transports, "prf_capable": made.prf, "rp_id": rp_id,
            "console": console}
