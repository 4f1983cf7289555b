"""Answers without data: the constant shell for navigations, an empty 401 for the rest, the constant error pages."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from permanence.accounts.proof import PopError
from permanence.web import jinja
from permanence.web.links import reverse


def is_navigation(request: HttpRequest) -> bool:
    """Whether a person will look at this answer as a page: also what the worker sends on behalf of a navigation."""
    if request.method != "GET" or "HTTP_HX_REQUEST" in request.META or "HTTP_POP_PAGE" in request.META:
        return False
    if request.META.get("HTTP_SEC_FETCH_MODE") == "navigate":
        return True
    return "text/html" in request.META.get("HTTP_ACCEPT", "")


def unproved(request: HttpRequest, error: PopError) -> HttpResponse:
    """401 with the reason in a header. The body says nothing of who, what or why: the shell's script finds out."""
    page = is_navigation(request)
    answer = HttpResponse(_shell(request) if page else b"", status=401, content_type="text/html; charset=utf-8")
    answer["PoP-Error"] = error.value
    return answer


def sealed(request: HttpRequest) -> HttpResponse:
    """The practice is sealed: pages go to the unlock page, the rest learns it from the status."""
    if is_navigation(request):
        return HttpResponseRedirect(reverse("account:unlock"))
    answer = HttpResponse(status=503)
    answer["PoP-Error"] = "sealed"
    return answer


def _shell(request: HttpRequest) -> str:
    return jinja.render("account/shell.html", {"nonce": getattr(request, "csp_nonce", "")})
