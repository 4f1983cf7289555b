"""Rendering of pages before sign-in, with nothing of a session in them. Full pages go through `web.http`."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from permanence.web import jinja
from permanence.web.account import sealport
from permanence.web.proof.places import place_of
from permanence.web.proof.state import csrf_of


def bare(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page without shell data: sign-in, unlock, enrolment."""
    context |= {"nonce": getattr(request, "csp_nonce", ""), "csrf": csrf_of(request)}
    return HttpResponse(jinja.render(template, context), status=status)


def prf_salt(request: HttpRequest) -> bytes:
    """This replica's PRF salt, for `eval` at creation; empty at the console (it holds no unlock slot) and in tests."""
    port = sealport.current()
    return b"" if port is None or place_of(request).console else port.record().prf_salt
