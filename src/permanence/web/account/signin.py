"""Sign-in, one-touch return, step-up, person change, key rotation, sign-out. One button, one touch; nothing is typed."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from permanence.accounts import queries, sessions
from permanence.accounts.webauthn import Ceremony
from permanence.journal.doors import Reader
from permanence.web.account import pages
from permanence.web.account.ceremony import answers_json, body_of, nonces, seconds, sent_key, text
from permanence.web.account.demo import people
from permanence.web.account.opening import begin, post_of, rehearse, set_aside, verify_touch
from permanence.web.links import reverse
from permanence.web.proof import cookies
from permanence.web.proof.keys import token_hash
from permanence.web.proof.middleware import living_session
from permanence.web.proof.places import place_of
from permanence.web.proof.state import session_of

STILL_SIGNING = ("current", "pending", "previous")


@require_GET
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """The practice is named only to a post that it knows."""
    token = cookies.read(request, cookies.POST)
    reader = Reader.for_purpose("sign_in")
    post = queries.post_by_token(token_hash(token), reader=reader) if token else None
    practice = queries.practice(reader=reader) if post else None
    return pages.bare(request, "account/sign_in.html", post=post, practice=practice, demo=people(request))


@require_GET
def prepare(request: HttpRequest) -> JsonResponse:
    """What any ceremony needs: a nonce to hash into the challenge, and the RP ID."""
    return JsonResponse({"nonce": nonces.issue(seconds()), "rp_id": place_of(request).rp_id})


@require_POST
@answers_json
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """One POST: the assertion, and the session key whose thumbprint is inside its challenge."""
    sent = body_of(request)
    touched = verify_touch(request, sent, Ceremony.SIGN_IN)
    previous = living_session(request)
    response = begin(request, member=touched.member, post=post_of(request, sent, touched), jwk=touched.jwk,
                     assurance="console" if touched.console else "passkey", tier=touched.tier, keyid=touched.keyid,
                     answer={"next": "/"})
    if previous is not None:
        set_aside(previous, touched)
    return response


@require_POST
@answers_json
def confirm(request: HttpRequest) -> HttpResponseBase:
    """The overlay: the same person goes on with the same key; another person, or a frozen session, gets a new session."""
    sent = body_of(request)
    held = text(sent, "held", 43)
    touched = verify_touch(request, sent, Ceremony.CONFIRM, held=held)
    session = living_session(request)
    if (session is not None and session.member == touched.member and session.state != "frozen"
            and session.key(held)[0] in STILL_SIGNING):
        sessions.unlock(session.id)
        if session.assurance == "passkey":
            rehearse(session.member, session.post)
        return JsonResponse({"fresh": False, "changed": False})
    response = begin(request, member=touched.member, post=post_of(request, sent, touched), jwk=touched.jwk,
                     assurance="console" if touched.console else "passkey", tier=touched.tier, keyid=touched.keyid,
                     answer={"next": "/"})
    if session is not None:
        set_aside(session, touched)
    return response


@csrf_exempt  # proved by the key in use, which only our own pages can use; the worker cannot read the CSRF cookie
@require_POST
@answers_json
def rotate(request: HttpRequest) -> HttpResponseBase:
    """A new session key, announced under the signature of the one in use."""
    jwk, keyid = sent_key(body_of(request))
    sessions.rotate(session_of(request).id, thumbprint=keyid, public_key=jwk)
    return JsonResponse({"keyid": keyid})


@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """The person leaves the post, or gives it to another: from now on nothing but a touch. The page stays as it is."""
    sessions.lock(session_of(request).id)
    response = HttpResponse(status=204)
    response["PoP-Locked"] = "1"
    return response


@require_POST
def presence(request: HttpRequest) -> HttpResponse:
    """The person reads or types without asking for anything: the guard has noted it."""
    return HttpResponse(status=204)


@require_GET
def state(request: HttpRequest) -> JsonResponse:
    """For the shell: it only asks whether it is proved; the answer is in the status and `PoP-Error`."""
    session = session_of(request)
    return JsonResponse({"state": session.state, "tier": session.tier})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponseRedirect:
    """End this session; the post stays enrolled."""
    sessions.end(session_of(request).id)
    response = HttpResponseRedirect(reverse("account:sign_in"))
    cookies.forget(request, response, cookies.SESSION)
    response["Clear-Site-Data"] = '"cache"'
    return response
