"""A signed paper as it is read: its page, its PDF, printing it, printing all of today's."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from permanence.accounts.queries import member_names
from permanence.documents import catalogue
from permanence.journal.categories import Level
from permanence.journal.doors import Reader, Refused
from permanence.lib.pdfs import merge
from permanence.patients.permissions import family_of
from permanence.web import jinja
from permanence.web.dossier import people
from permanence.web.dossier.banners import banner_of
from permanence.web.dossier.beside import Afterwards, afterwards
from permanence.web.dossier.shelf import Paper, bytes_of, of_patient, paper_of
from permanence.web.http import deliver, go, reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.papers.printing import said, send, where


@dataclass(frozen=True, slots=True)
class PaperPage:
    banner: people.Banner
    paper: Paper
    lead: str
    note: str
    inline: str
    print_url: str
    has_printer: bool
    failed: bool
    again_url: str
    correct_url: str
    replaced_by: str
    replaces: str
    afterwards: Afterwards | None


@screen
def paper(request: HttpRequest, patient: UUID, paper: UUID) -> HttpResponse:
    """The PDF as it was signed, with what can be done with it."""
    reader = reader_of(request)
    found = paper_of(paper, reader)
    top = banner_of(found.patient, reader)
    newer = next((one for one in of_patient([found.patient], reader, (found.family,)) if one.replaces_id == paper), None)
    author = member_names([found.author_id]).get(found.author_id, "") if found.author_id else ""
    here = reverse("papers:content", args=(patient, paper))
    write = reverse(f"papers:{found.family}", args=(patient,))
    known = catalogue.templates().get(found.template)
    page = PaperPage(
        top,
        found,
        f"Signé par {author} {jinja.moment(found.at)} · n° {found.number}",
        known.shown_note if known else "",
        here,
        reverse("papers:print", args=(patient, paper)),
        bool(where(reader)),
        request.GET.get("imprimante") == "non",
        f"{write}?depuis={paper}",
        f"{write}?corrige={paper}" if found.author_id == reader.actor.member else "",
        reverse("papers:paper", args=(patient, newer.id)) if newer else "",
        reverse("papers:paper", args=(patient, found.replaces_id)) if found.replaces_id else "",
        afterwards(found.id, family_of(found.patient, reader=reader), found.patient, reader),
    )
    return render(request, reader, "papers/paper.html", {"page": page})


@screen
def content(request: HttpRequest, patient: UUID, paper: UUID) -> HttpResponse:
    """The PDF's bytes, as they were signed; asked for the printer, they count as printed."""
    reader = reader_of(request, leaving=Level.PRINTED if "imprimer" in request.GET else Level.READ)
    data = bytes_of(paper, reader)
    return deliver(request, reader, data, content_type="application/pdf", filename="papier.pdf", inline=True)


@require_POST
@screen
def print_paper(request: HttpRequest, patient: UUID, paper: UUID) -> HttpResponse:
    """To the post's printer; without one, on to the PDF, which the browser prints."""
    reader = reader_of(request)
    found = paper_of(paper, reader)
    outcome = send(request, reader, (paper, found.template))
    if not outcome:
        return go(request, "papers:content", patient, paper, imprimer="oui")
    return go(request, "papers:paper", patient, paper, **said(outcome))


def _today(files: Collection[UUID], reader: Reader) -> list[Paper]:
    """What was signed today about a person, oldest first; what was replaced since is left out."""
    found = [one for one in of_patient(files, reader) if one.at and timezone.localtime(one.at).date() == jinja.today()]
    replaced = {one.replaces_id for one in found}
    return [one for one in reversed(found) if one.id not in replaced]


@screen
def print_all(request: HttpRequest, patient: UUID) -> HttpResponse:
    """All of today's papers of a patient: to the post's printers by POST; as one PDF for the browser by GET."""
    reader = reader_of(request)
    found = _today(family_of(patient, reader=reader)[:1], reader)
    if not found:
        raise Refused("Aucun papier signé aujourd’hui pour ce patient\u00a0: signez-en un, puis imprimez.", code="unknown")
    if request.method == "POST":
        outcome = send(request, reader, *((one.id, one.template) for one in found))
        if outcome in ("", "failed"):
            return go(request, "papers:print_all", patient)
        return go(request, "dossier:file", patient, **said(outcome))
    reader.leave(Level.PRINTED)
    try:
        data = merge([bytes_of(one.id, reader) for one in found])
    except ValueError:
        raise Refused("Un de ces papiers ne se lit pas\u00a0: imprimez-les un par un depuis le dossier.", code="damaged") from None
    return deliver(request, reader, data, content_type="application/pdf", filename="papiers.pdf", inline=True)
