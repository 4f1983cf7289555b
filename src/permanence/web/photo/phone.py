"""The phone's page: public, it shows and reads nothing of anybody. What it sends counts as sent by who showed the code."""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from permanence.accounts import queries, sessions
from permanence.accounts.live import of_id
from permanence.accounts.permissions import today
from permanence.accounts.queries import PostInfo
from permanence.capabilities import Capability
from permanence.capabilities.permissions import check_on
from permanence.documents import actions as documents
from permanence.journal.doors import Reader, Refused
from permanence.lib import pictures
from permanence.lib.dates import format_date
from permanence.lib.text import nbsp
from permanence.web.account import pages
from permanence.web.account.ceremony import answers_json, body_of, refusal, text
from permanence.web.photo.pairing import GONE, MOST_PICTURES, Pairing, codes
from permanence.web.proof import cookies
from permanence.web.proof.intake import BUSY, Large
from permanence.web.proof.keys import token_hash

NO_POST = ("Ce téléphone n’est pas un poste du cabinet\u00a0: sur un poste, ouvrir « Membres et postes », « Enregistrer un poste », puis "
           "recopier le code à l’adresse du cabinet suivie de /poste.")
STRANGER = "Un téléphone qui n’est pas un poste du cabinet a présenté ce code\u00a0: il a été refusé."
NOT_A_PICTURE = "Ce fichier n’est pas une photo que le cabinet sait lire (JPEG, PNG ou WebP). Les photos déjà envoyées sont gardées."
NOT_FILED = "Cette photo n’a pas pu être classée\u00a0: regarder l’écran du poste. Les photos déjà envoyées sont gardées."
SECONDS = 15.0  # the phone made the picture smaller first: a megabyte, over a slow wireless


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The code is in the address's fragment: it never reaches us with the page."""
    return pages.bare(request, "photo/phone.html", most=MOST_PICTURES)


@require_POST
@answers_json
def claim(request: HttpRequest) -> HttpResponseBase:
    """The first phone that shows the code gets a cookie of its own; without a code, where the cookie stands (a page read again)."""
    ticket = text(body_of(request), "ticket", 64)
    held = codes.held(cookies.read(request, cookies.PHONE))
    if held is not None and (not ticket or codes.tied(ticket, held)):
        _check(held)
        return JsonResponse(_state(held))
    wanted = codes.waiting(ticket)
    if wanted is None:
        raise Refused(GONE, code="over")
    _check(wanted)
    post = _post(request, wanted)
    found, token = codes.claim(ticket, post=post.name if post else "")
    try:
        sessions.lent(found.by.session or uuid.UUID(int=0), post=post.id if post else None)
    except Refused:
        codes.end(found, "session")
        raise
    response = JsonResponse(_state(found))
    cookies.write(request, response, cookies.PHONE, token)
    return response


def _post(request: HttpRequest, wanted: Pairing) -> PostInfo | None:
    """Which of our posts this phone is, if it is one. Raises Refused where only our posts trust our certificate.

    A phone that went past its browser's warning has not verified whom it talks to.
    """
    token = cookies.read(request, cookies.POST)
    post = queries.post_by_token(token_hash(token), reader=Reader.for_purpose("sign_in")) if token else None
    if post is not None and post.state == "open":
        return post
    if settings.PERMANENCE_TLS == "own-ca":
        codes.say(wanted, STRANGER)
        raise Refused(NO_POST, code="post")
    return None


@require_POST
@answers_json
def image(request: HttpRequest) -> HttpResponseBase:
    """One picture, drawn again, then filed under the name of who showed the code."""
    pairing = _held(request)
    with codes.taking(pairing) as added:
        try:
            drawn = pictures.cleaned(request.body)
        except pictures.NotAPicture:
            return refusal(NOT_A_PICTURE, "picture", status=422)
        except pictures.Busy:
            return refusal(BUSY, "busy", status=503)
        _check(pairing)  # drawing took a while
        try:
            added.append(_filed(pairing, drawn))
        except Refused as refused:
            codes.say(pairing, refused.sentence)  # for the post only: it may tell something of the patient
            return refusal(NOT_FILED, "not_filed", status=409)
    return JsonResponse(_state(pairing))


def _filed(pairing: Pairing, drawn: bytes) -> Any:
    for capability in (Capability.DEVICES, Capability.WRITE_RECORDS):
        check_on(capability, pairing.by, writing=True)  # no session of the phone's was asked at the door
    day = today()
    title = pairing.title or f"Photo du {format_date(day)}"
    return documents.keep_original(pairing.patient, drawn, by=pairing.by, title=title, mime="image/jpeg",
                                   file_name="photo.jpg", origin="photo", type_label="Photo", dated_on=day)


@require_POST
@answers_json
def done(request: HttpRequest) -> HttpResponseBase:
    """« Terminé »: the phone gives its cookie back."""
    pairing = _held(request)
    codes.end(pairing, "done")
    response = JsonResponse({"sent": len(pairing.filed)})
    cookies.forget(request, response, cookies.PHONE)
    return response


def _held(request: HttpRequest) -> Pairing:
    pairing = codes.held(cookies.read(request, cookies.PHONE))
    if pairing is None:
        raise Refused(GONE, code="over")
    _check(pairing)
    return pairing


def _check(pairing: Pairing) -> None:
    """Still good, and the session that showed it is at work. Raises Refused `over`."""
    session = None if pairing.over or pairing.by.session is None else of_id(pairing.by.session)
    if not pairing.over and (session is None or session.state != "active"):
        codes.end(pairing, "session")
    if pairing.over:
        raise Refused(GONE, code="over")


def _state(pairing: Pairing) -> dict[str, Any]:
    """What the phone shows: the number to compare, what has gone. No word of the patient, nor of the practice."""
    return {"number": pairing.number, "sent": len(pairing.filed), "most": MOST_PICTURES, "seconds": codes.left(pairing)}


def _refuses(request: HttpRequest) -> HttpResponse | None:
    """Whose large body is not read: everybody's but a phone's whose code is good now."""
    try:
        _held(request)
    except Refused as refused:
        return JsonResponse({"phrase": nbsp(refused.sentence), "code": refused.code}, status=403)
    return None


pictures_only = Large(pictures.LARGEST, SECONDS, _refuses)
