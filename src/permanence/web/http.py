"""Between a request and the doors: who reads, how a page leaves once its access entry is on disk, how a write answers."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse

from permanence.accounts.permissions import RightsGate, standing_of
from permanence.capabilities.permissions import Off
from permanence.journal import access
from permanence.journal.categories import Level
from permanence.journal.doors import Actor, Reader, Refused
from permanence.journal.gates import Holder, Open
from permanence.journal.once import once
from permanence.lib import clock
from permanence.lib.text import nbsp
from permanence.patients.permissions import ProtectionGate, family_of
from permanence.web import jinja, limited, presenters, reasons, services, switched
from permanence.web.links import reverse
from permanence.web.proof import state
from permanence.web.shell import shell_of

log = logging.getLogger(__name__)
View = Callable[..., HttpResponseBase]
NOT_FOUND = frozenset({"unknown", "merged", "not_found"})
CONFLICT = frozenset({"conflict", "seen", "version"})


def actor_of(request: HttpRequest) -> Actor:
    """Who acts. Raises Refused without a proved session."""
    return state.actor_of(request)


def reader_of(request: HttpRequest, *, printing: bool = False, leaving: Level = Level.LISTED) -> Reader:
    """The reader of this response: rights, then what the patient refuses, then reasons (open for now). One per response.

    `printing`: for a view whose only answer is a list of names or a file to print (letter `P` of docs/rights.md).
    `leaving`: for a view whose answer is paper or a file: all that it reads counts as printed, or exported.
    """
    known = getattr(request, "permanence_reader", None)
    if isinstance(known, Reader) and not known.closed:
        known.leave(leaving)
        return known  # a second one would leave the first one's readings out of the journal
    actor = actor_of(request)
    if actor.member is None:
        raise Refused("Ouvrez d’abord une session avec votre clé.", code="session")
    match = request.resolver_match
    reader = Reader(
        actor,
        [RightsGate(standing_of(actor.member), printing=printing), ProtectionGate(), Open()],
        proof=state.proof_of(request),
        tier=state.tier_of(request),
        route=match.view_name if match else "",
        leaving=leaving,
    )
    _heed_address(reader, match.kwargs if match else {})
    request.permanence_reader = reader  # type: ignore[attr-defined]
    return reader


def _heed_address(reader: Reader, named: Mapping[str, Any]) -> None:
    """Where the address names a patient's file: why it is opened, and that what else it names is of this person. A list has none."""
    patient = named.get("patient")
    if isinstance(patient, UUID):
        family = family_of(patient, reader=reader)
        reader.explain(reasons.of(reader.actor, patient, family), family)
        hold(reader, patient, *(id for name, id in named.items() if name != "patient" and isinstance(id, UUID)))


def hold(reader: Reader, patient: UUID, *objects: UUID) -> None:
    """These objects open from this person's files only: another's is refused before it is read, as an unknown one is."""
    if objects:
        reader.gates = (*reader.gates, Holder(objects, family_of(patient, reader=reader)))


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asked for a part of the page."""
    return request.headers.get("HX-Request-Type") == "partial"


def render(
    request: HttpRequest,
    reader: Reader,
    template: str,
    context: Mapping[str, Any],
    *,
    fragment: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Close the reader, send its access entry, render while it commits, leave when it is on disk.

    With `fragment`, an htmx request gets that block only. When the entry cannot be committed: a constant 503, no data.
    """
    try:
        served = reader.close()
        ticket = access.submit(served)
        reasons.remember(served)
        body = jinja.render(template, {"shell": shell_of(request), **context}, fragment if is_fragment(request) else None)
        body = services.mark(body, services.held_of(request))
        ticket.wait()
    except access.NotJournalled:
        log.exception("a response was withheld: its access entry is not on disk")
        return unavailable(request)
    return _private(HttpResponse(body, status=status))


def deliver(request: HttpRequest, reader: Reader, content: bytes, *, content_type: str, filename: str, inline: bool) -> HttpResponse:
    """A file of the record, under the same rule as a page. Its name never comes from the patient's."""
    try:
        access.submit(reader.close()).wait()
    except access.NotJournalled:
        return unavailable(request)
    answer = _private(HttpResponse(content, content_type=content_type))
    answer["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{filename}"'
    answer["X-Content-Type-Options"] = "nosniff"
    if inline:
        # Chromium's PDF viewer does not start inside a sandbox; it isolates itself, and the type is never guessed.
        answer["Content-Security-Policy"] = (
            "frame-ancestors 'self'"
            if content_type == "application/pdf"
            else ("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox")
        )
    return answer


class Sealed(StreamingHttpResponse):
    """What no person can read, whatever its size: it leaves piece by piece, and its access entry is on disk before the first."""


def deliver_sealed(
    request: HttpRequest, reader: Reader, pieces: Iterable[bytes], *, filename: str, said: Mapping[str, Any]
) -> HttpResponseBase:
    """A file that only machines open. `said`: what the access journal keeps of it, since it shows no patient."""
    try:
        access.submit(reader.close()).wait()
        access.note("access.carried", reader.actor, said).wait()
    except access.NotJournalled:
        return unavailable(request)
    answer = Sealed(pieces, content_type="application/octet-stream")
    answer["Cache-Control"], answer["X-Content-Type-Options"] = "no-store", "nosniff"
    answer["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


def go(request: HttpRequest, name: str, *args: Any, done: str = "", undo: str = "", anchor: str = "", **query: Any) -> HttpResponse:
    """After a write: on to a page. This answer carries no patient data; the page is its own, journalled read."""
    query = {**({"fait": done} if done else {}), **({"objet": undo} if undo else {}), **query}
    where = reverse(name, args=args) + (f"?{urlencode(query, doseq=True)}" if query else "") + (f"#{anchor}" if anchor else "")
    if "HX-Request" in request.headers:
        answer = HttpResponse(status=200)
        answer["HX-Redirect"] = where
        return _private(answer)
    redirect = HttpResponseRedirect(where)
    redirect.status_code = 303
    return _private(redirect)


def said(request: HttpRequest, done: str, undo: str = "", *, topic: str = "tasks") -> HttpResponse:
    """After a write that leaves the page where it is: what was done, for a toast, and where « Annuler » posts. No patient data.

    `topic`: what the page lists of it is asked for again (`live:<topic>`).
    """
    context = {"topic": topic, "done": presenters.done(done), "undo": undo, "csrf": state.csrf_of(request), "once": new_form_id()}
    answer = _private(HttpResponse(jinja.render("components/said.html", context)))
    answer["HX-Retarget"], answer["HX-Reswap"] = "#toasts", "innerHTML"
    return answer


def after_write(request: HttpRequest) -> HttpResponse:
    """The constant « Enregistré » answer: the write is committed, its page could not be journalled."""
    return problem(
        request,
        200,
        "Enregistré",
        "Votre écriture est gardée. La page qui devait suivre ne peut pas être affichée "
        "pour l’instant\u00a0: revenir à votre journée, puis rouvrir le dossier.",
        symbol="check",
    )


def form_id(request: HttpRequest) -> UUID | None:
    """The form's one-use id: an action repeated with it gives its first result. None for a made-up value."""
    return uuid_of(request.POST.get("once"))


def uuid_of(text: str | None) -> UUID | None:
    """An id that a form or a query carries; None for none and for a made-up value."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def new_form_id() -> str:
    return str(uuid4())


def act(request: HttpRequest, action: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call one action for this form, once for ever; the same one again in the same request is another call. Raises Refused."""
    id = form_id(request)
    if id is None:
        raise Refused("Ce formulaire a perdu son numéro\u00a0: recharger la page, puis recommencer.", code="once")
    calls: dict[str, int] = request.__dict__.setdefault("permanence_calls", {})
    with once(id, calls):
        return action(*args, by=actor_of(request), **kwargs)


def screen(view: View) -> View:
    """Wrap a view: what is switched off is refused before it; a refusal becomes a page that says what to do; what was served
    before it is journalled all the same."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            services.check(request)
            response = _timed(view, request, *args, **kwargs)
        except Refused as refused:
            return _refused(request, refused)
        except access.NotJournalled:
            return unavailable(request)
        reader = getattr(request, "permanence_reader", None)
        if reader is not None and not reader.closed and not _journal(reader):
            # Something was admitted and the view did not render through us: a redirect after a write.
            return after_write(request) if request.method == "POST" else unavailable(request)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, Sealed):
            raise TypeError("a clinical response is never streamed: its access entry must be complete before it leaves")
        return response

    return wrapped


def _timed(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """The view, and how long it took: a service that is slow for minutes is said to be."""
    began = clock.monotonic()
    try:
        return view(request, *args, **kwargs)
    finally:
        services.answered(request, clock.monotonic() - began)


def journalled(reader: Reader) -> None:
    """End a reading whose content leaves by another way than the answer: a printer. Raises NotJournalled, for `screen` to answer."""
    access.submit(reader.close()).wait()


def _journal(reader: Reader) -> bool:
    try:
        journalled(reader)
    except access.NotJournalled:
        return False
    return True


def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    reader = getattr(request, "permanence_reader", None)
    if reader is not None and not reader.closed and not _journal(reader):
        return unavailable(request)
    if isinstance(refused, Off):
        return problem(request, 403, switched.title(refused.held), refused.sentence, symbol="unplug",
                       facts=switched.facts(refused.held))
    status = 404 if refused.code in NOT_FOUND else 409 if refused.code in CONFLICT else 503 if refused.code == "typeset" else 403
    if status == 404 and (sentence := limited.elsewhere(request)):
        return problem(request, 404, limited.TITLE, sentence, symbol="briefcase-medical")
    titles = {404: "Introuvable", 409: "Modifié entre-temps", 503: "Mise en page impossible"}
    return problem(request, status, titles.get(status, "Accès non ouvert"), refused.sentence)


PROBLEMS: dict[int, tuple[str, str, str]] = {
    400: (
        "Demande incomplète",
        "Le navigateur a envoyé une demande que le cabinet ne comprend pas. Revenir en arrière, puis recommencer.",
        "circle-question-mark",
    ),
    403: ("Accès non ouvert", presenters.REFUSAL, "lock"),
    404: (
        "Page introuvable",
        "Cette adresse ne mène à rien. Chercher le patient par son nom, ou revenir à votre journée.",
        "search-x",
    ),
    405: ("Demande non prévue", "Cette page ne s’utilise pas ainsi. Revenir à votre journée.", "circle-question-mark"),
    413: (
        "Fichier trop lourd",
        "Au-delà de 20 Mo, un fichier n’est pas pris par cet écran. Le réduire, ou le donner à importer depuis le poste principal.",
        "file-x",
    ),
    500: (
        "Erreur du logiciel",
        "L’écran n’a pas pu être préparé. Rien de ce qui était enregistré n’est perdu. Réessayer\u202f; si "
        "cela revient, noter l’heure et prévenir la personne qui s’occupe de l’informatique.",
        "bug",
    ),
    503: (
        "Momentanément indisponible",
        "Le journal des accès ne peut pas être écrit\u00a0: par sécurité, aucun dossier ne s’affiche. "
        "Vos écritures déjà confirmées sont gardées. Réessayer dans un instant\u202f; vérifier l’espace libre du disque.",
        "unplug",
    ),
}


def problem(
    request: HttpRequest, status: int, title: str = "", sentence: str = "", *, symbol: str = "", facts: Sequence[tuple[str, str]] = ()
) -> HttpResponse:
    """An error page without patient data; for htmx, the same as a fragment that keeps the page and its typed text.

    `facts`: of something switched off: since when, who decided, until when; the page then leads to « État du cabinet ».
    """
    known = PROBLEMS.get(status, PROBLEMS[500])
    words = {
        "title": title or known[0],
        "sentence": nbsp(sentence or known[1]),
        "symbol": symbol or known[2],
        "status": status,
        "facts": [(name, nbsp(text)) for name, text in facts],
    }
    partial = "HX-Request" in request.headers
    context: dict[str, Any] = {"page": words, "section": "", "shell": None}
    if not partial:
        with suppress(Exception):  # the error page must come whatever broke: without a shell when there is none
            context["shell"] = shell_of(request)
    body = jinja.render("errors/problem.html" if partial or context["shell"] else "errors/bare.html", context, "said" if partial else None)
    response = _private(HttpResponse(body, status=status))
    if partial:
        response["HX-Retarget"], response["HX-Reswap"] = "#problem", "innerHTML"
    return response


def unavailable(request: HttpRequest) -> HttpResponse:
    """The constant 503: the access entry is not on disk, so nothing of the file leaves."""
    return problem(request, 503)


def error_400(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(request, 400)


def error_403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(request, 403)


def error_404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(request, 404)


def error_500(request: HttpRequest) -> HttpResponse:
    return problem(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return problem(
        request,
        403,
        "Page restée ouverte trop longtemps",
        "Ce formulaire ne correspond plus à votre session. Copier ce que vous avez saisi, recharger la page, puis recommencer.",
    )


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["Vary"] = "HX-Request"
    return response
