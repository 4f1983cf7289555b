"""From a signed paper to the printer of the post, or to the browser when the post has none."""

from uuid import UUID

from permanence.documents import catalogue
from permanence.documents import queries as documents
from permanence.journal.categories import Level
from permanence.journal.doors import Reader
from permanence.lib import host
from permanence.web.dossier.shelf import bytes_of
from permanence.web.http import journalled


def where(reader: Reader) -> str:
    """The printers of this post in a few words; "" when it has none and PDFs open in the browser."""
    post = reader.actor.post
    settings = documents.printer_settings(post, reader=reader) if post else {}
    return ", ".join(sorted({printer for printer, _ in settings.values()}))


def send(reader: Reader, *papers: tuple[UUID, str]) -> str:
    """Print signed papers, each with its template, once their access entry is on disk. Ends the reading.

    "printed"; "failed" when the printer did not take one; "" when this post lacks a printer for one of them, and nothing leaves.
    Raises Refused, NotJournalled (nothing leaves).
    """
    sizes = [_size_of(template) for _, template in papers]
    targets = {size: documents.printer_for(reader.actor.post, size, reader=reader) for size in sizes}
    jobs = [(target, size) for size in sizes if (target := targets[size])]
    if len(jobs) < len(papers):
        return ""
    reader.leave(Level.PRINTED)
    contents = [bytes_of(id, reader) for id, _ in papers]
    journalled(reader)
    try:
        for data, (target, size) in zip(contents, jobs, strict=True):
            host.print_pdf(data, *target, paper=size)
    except host.NotPrinted:
        return "failed"
    return "printed"


def _size_of(template: str) -> str:
    known = catalogue.templates().get(template)
    return known.size if known else "a4"
