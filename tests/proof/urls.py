"""A small site: one page of each tag, and the account's own routes."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import include, path

from permanence.web.proof.state import actor_of, proof_of
from permanence.web.routes import Tag, route

SECRET = "Jeanne MARTIN, 14/07/1958"


def page(request: HttpRequest) -> HttpResponse:
    actor_of(request)
    assert proof_of(request)
    return HttpResponse(SECRET)


def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("public")


def moves(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect("/clinique")


pages = ([
    route("ouverte", public, tag=Tag.PUBLIC, name="public"),
    route("signee", page, tag=Tag.SIGNED_IN, name="signed"),
    route("clinique", page, tag=Tag.CLINICAL, name="clinical"),
    route("clinique/<str:name>", lambda request, name: page(request), tag=Tag.CLINICAL, name="named"),
    route("sensible", page, tag=Tag.SENSITIVE, name="sensitive"),
    route("deplace", moves, tag=Tag.SIGNED_IN, name="moves"),
    route("veille", page, tag=Tag.CLINICAL, name="idle", idle=True),
], "pages")
urlpatterns = [path("", include("permanence.web.account.urls")), path("", include(pages))]
