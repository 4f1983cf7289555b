"""From a signed paper to the printer of the post, or to the browser when the post has none."""

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest

from permanence.documents import actions, catalogue
from permanence.documents import queries as documents
from permanence.journal.categories import Level
from permanence.journal.doors import Reader
from permanence.lib import host
from permanence.web.dossier.shelf import bytes_of
from permanence.web.http import act, journalled

# What the page says after each end of a printing, and whether it warns that the printer is to be looked at.
SAID: dict[str, dict[str, str]] = {
    "": {},
    "printed": {"done": "imprime"},
    "already": {"done": "deja_imprime"},
    "partly": {"done": "imprime_en_partie"},
    "failed": {"imprimante": "non"},
}


def where(reader: Reader) -> str:
    """The printers of this post in a few words; "" when it has none and PDFs open in the browser."""
    post = reader.actor.post
    settings = documents.printer_settings(post, reader=reader) if post else {}
    return ", ".join(sorted({printer for printer, _ in settings.values()}))


def send(request: HttpRequest, reader: Reader, *papers: tuple[UUID, str]) -> str:
    """Print signed papers, each with its template, once for this form, once their access entry is on disk. Ends the reading.

    "printed"; "already" when this form has had its printing; "failed" when the printer took none, "partly" when it stopped on
    the way; "" when this post lacks a printer for one of them, and nothing leaves. Raises Refused, NotJournalled (nothing leaves).
    """
    sizes = [_size_of(template) for _, template in papers]
    targets = {size: documents.printer_for(reader.actor.post, size, reader=reader) for size in sizes}
    jobs = [(target, size) for size in sizes if (target := targets[size])]
    if len(jobs) < len(papers):
        return ""
    reader.leave(Level.PRINTED)
    contents = [bytes_of(id, reader) for id, _ in papers]
    journalled(reader)
    attempt = uuid4()  # claimed last: what was refused before may be asked for again by the same form
    if act(request, actions.begin_printing, attempt) != attempt:
        return "already"
    left = 0
    try:
        for data, (target, size) in zip(contents, jobs, strict=True):
            host.print_pdf(data, *target, paper=size)
            left += 1
    except host.NotPrinted:
        return "partly" if left else "failed"
    return "printed"


def said(outcome: str, otherwise: str = "") -> dict[str, Any]:
    """What `go` takes to say how a printing ended; `otherwise`, where nothing was to be printed or nothing came out."""
    words = SAID[outcome]
    return {"done": otherwise, **words}


def _size_of(template: str) -> str:
    known = catalogue.templates().get(template)
    return known.size if known else "a4"
