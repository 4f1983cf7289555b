"""Enrolling this browser as a post: its own key, a one-time code from an approved post, then a titulaire's approval."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from permanence.accounts import actions, queries
from permanence.journal.doors import Actor, Reader
from permanence.web.account import pages
from permanence.web.account.ceremony import answers_json, body_of, check_post_key, new_token, sent_key, text
from permanence.web.account.limits import codes
from permanence.web.proof import cookies
from permanence.web.proof.keys import token_hash


@require_GET
def enrol_page(request: HttpRequest) -> HttpResponse:
    """What this browser is to the practice, and the field for the code."""
    token = cookies.read(request, cookies.POST)
    post = queries.post_by_token(token_hash(token), reader=Reader.for_purpose("sign_in")) if token else None
    return pages.bare(request, "account/post.html", post=post)


@require_POST
@answers_json
def enrol(request: HttpRequest) -> HttpResponseBase:
    """Keep the post's cookie hash and public key; the browser proves that it holds the private half."""
    codes.spend(request)
    sent = body_of(request)
    jwk, keyid = sent_key(sent)
    check_post_key(sent, jwk, keyid, text(sent, "nonce", 100))
    token = new_token()
    actions.enrol_post(text(sent, "code", 40), token_hash=token_hash(token), thumbprint=keyid, public_key=jwk,
                       name=text(sent, "name", 80), by=Actor.machine("sign_in"))
    response = JsonResponse({"next": "/entrer"})
    cookies.write(request, response, cookies.POST, token)
    return response
