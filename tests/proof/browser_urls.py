"""A page that asks for everything in every way: htmx on load and on click, image, frame, download, native form, redirect."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import include, path

from permanence.web import jinja
from permanence.web.proof.headers import allow_framing
from permanence.web.proof.state import actor_of, state_of
from permanence.web.routes import Tag, route

PAGE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>{{ title }}</title>
<meta name="htmx-config" content='{"history":false,"includeIndicatorCSS":false}'>
{% for name in ("js/pop.js", "js/passkey.js", "js/proof.js", "django_htmx/htmx-4.min.js") %}
<script src="{{ static(name) }}" nonce="{{ nonce }}" defer></script>{% endfor %}
</head><body data-csrf="{{ csrf }}">
<h1 id="title">{{ title }}</h1>
<p id="loaded" hx-get="/morceau?de=chargement" hx-trigger="load" hx-swap="innerHTML"></p>
<img id="image" src="/image.svg" alt="tracé">
<iframe id="frame" src="/cadre" title="document"></iframe>
<textarea id="typed" name="typed"></textarea>
<button id="write" hx-post="/ecrire" hx-include="#typed" hx-target="#answer">Écrire</button>
<button id="sensitive" hx-post="/sensible" hx-include="#typed" hx-target="#answer">Exporter</button>
<button id="moved" hx-post="/deplacer" hx-target="#answer">Déplacer</button>
<p id="answer"></p>
<form method="post" action="/ecrire" enctype="multipart/form-data"><input type="file" name="file" id="file">
<button id="upload" hx-post="/ecrire" hx-encoding="multipart/form-data" hx-target="#answer">Envoyer</button></form>
<form method="post" action="/deplacer"><button id="native">Aller</button></form>
<form method="post" action="/session/verrouiller"><button id="lock">Verrouiller</button></form>
<a id="next" href="/page/deux?q=%C3%A9t%C3%A9">suite</a> <a id="hop" href="/saut">saut</a>
<a id="download" href="/fichier" download="note.txt">enregistrer</a>
</body></html>"""


def page(request: HttpRequest, name: str = "un") -> HttpResponse:
    actor_of(request)
    text = jinja.env().from_string(PAGE).render(title=f"Page {name}", nonce=request.csp_nonce, csrf=get_token(request))  # type: ignore[attr-defined]
    return HttpResponse(text)


def fragment(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"morceau {request.GET['de']} {state_of(request).role}")


def image(request: HttpRequest) -> HttpResponse:
    return HttpResponse('<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"></svg>', content_type="image/svg+xml")


def frame(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("<!doctype html><title>cadre</title><p>dans le cadre")
    allow_framing(response)
    return response


def write(request: HttpRequest) -> HttpResponse:
    sent = request.FILES["file"].read().decode() if request.FILES else request.POST.get("typed", "")
    return HttpResponse(f"écrit : {sent}")


def moved(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect("/page/arrivee")


def file(request: HttpRequest) -> HttpResponse:
    headers = {"Content-Disposition": 'attachment; filename="n.txt"'}
    return HttpResponse("contenu", content_type="text/plain", headers=headers)


C = Tag.CLINICAL
urlpatterns = [
    path("", include("permanence.web.account.urls")),
    path("", include(([
        route("", page, tag=C, name="home"),
        route("page/<str:name>", page, tag=C, name="page"),
        route("morceau", fragment, tag=C, name="fragment"),
        route("image.svg", image, tag=C, name="image"),
        route("cadre", frame, tag=C, name="frame"),
        route("ecrire", write, tag=C, name="write"),
        route("sensible", write, tag=Tag.SENSITIVE, name="sensitive"),
        route("deplacer", moved, tag=C, name="moved"),
        route("saut", moved, tag=C, name="hop"),
        route("fichier", file, tag=C, name="file"),
    ], "pages"))),
]
