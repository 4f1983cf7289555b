"""The service worker's script at the root, and one-use addresses for downloads."""

from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_GET, require_POST

from permanence.journal.doors import Refused
from permanence.web.account.ceremony import answers_json, body_of, seconds, text
from permanence.web.proof.middleware import tickets
from permanence.web.proof.state import session_of
from permanence.web.routes import Tag, rule_of

_SCRIPTS = Path(__file__).parent.parent / "static" / "js"


@cache
def _script() -> bytes:
    return b"\n".join((_SCRIPTS / name).read_bytes() for name in ("pop.js", "sw.js"))


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """One file, so that the browser compares it whole; always revalidated."""
    response = HttpResponse(_script(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Service-Worker-Allowed"] = "/"
    return response


@require_POST
@answers_json
def ticket(request: HttpRequest) -> HttpResponseBase:
    """An address good once, for sixty seconds, in this session."""
    address = text(body_of(request), "adresse", 1000)
    path = address.partition("?")[0]
    try:
        rule = rule_of(resolve(path).func)
    except Resolver404:
        rule = None
    if rule is None or rule.tag is Tag.PUBLIC or not path.startswith("/"):
        raise Refused("Cette adresse ne se télécharge pas : ouvrir la page, puis enregistrer.", code="address")
    return JsonResponse({"adresse": tickets.issue(session_of(request).id, address, float(seconds()))})
