"""Importing a medical summary (CDA, volet de synthèse médicale): the file, then what became of each of its lines."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from permanence.interop import actions, queries
from permanence.journal.doors import Refused
from permanence.lib.text import plural
from permanence.web.dossier.banners import banner_of
from permanence.web.dossier.forms import VsmForm
from permanence.web.dossier.people import Banner
from permanence.web.http import go, reader_of, render, screen
from permanence.web.links import reverse

LARGEST = 20 * 1024 * 1024
LEFT_OUT = "non repris"


@dataclass(frozen=True, slots=True)
class UploadPage:
    banner: Banner | None
    back: str
    ask_despite: bool


@screen
def upload(request: HttpRequest) -> HttpResponse:
    """Choose the file; with a patient, into that file, else into the one that its traits name, or a new one."""
    reader = reader_of(request)
    patient = _uuid(request.GET.get("dossier"))
    form = VsmForm(request.POST or None, request.FILES or None)
    ask_despite = False
    if request.method == "POST" and form.is_valid():
        found = form.do(request, _importing(form), patient=patient, despite="despite" in request.POST)
        if found and found.done:
            if found.import_id is None:
                return go(request, "dossier:file", found.patient, done="import")
            again = "import_deja" if found.status == "already" else ""
            return go(request, "dossier:vsm_report", found.patient, found.import_id, done=again)
        if found:
            ask_despite = found.code in ("identity", "differs", "mismatch") and patient is not None
            form.add_error("file", found.sentence)
    top = banner_of(patient, reader) if patient else None
    page = UploadPage(top, top.url if top else reverse("patients:search"), ask_despite)
    return render(
        request,
        reader,
        "dossier/vsm.html",
        {"page": page, "form": form},
        fragment="form",
        status=422 if request.method == "POST" else 200,
    )


def _importing(form: VsmForm) -> Callable[..., queries.ImportReport]:
    upload = form.cleaned_data["file"]
    content = upload.read(LARGEST + 1)  # one byte more is enough for the door to refuse it by name

    def run(**kwargs: object) -> queries.ImportReport:
        return actions.import_vsm(content, upload.name or "document.xml", **kwargs)  # type: ignore[arg-type]

    return run


class Figure(NamedTuple):
    number: int
    text: str


class Left(NamedTuple):
    section: str
    text: str
    why: str


class Done(NamedTuple):
    kind: str
    text: str
    outcome: str
    why: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    banner: Banner
    title: str
    lead: str
    same: str
    figures: list[Figure]
    unmapped: list[Left]
    differences: list[queries.Difference]
    warnings: list[str]
    lines: list[Done]
    document: str


@screen
def report(request: HttpRequest, patient: UUID, report: UUID) -> HttpResponse:
    """What was added, what was already there, what has no place in the file and stays in the document."""
    reader = reader_of(request)
    found = queries.report(report, reader=reader)
    row = found.row
    counts = Counter(line.kind_label for line in found.lines if line.outcome not in (LEFT_OUT,))
    figures = [Figure(row.added, "ajoutés"), Figure(row.updated, "mis à jour"), Figure(row.already, "déjà présents")]
    left = [Left(line.kind_label, line.label, line.why) for line in found.lines if line.outcome == LEFT_OUT]
    left += [Left(one.section, one.excerpt, "") for one in found.unmapped]
    lines = [Done(line.kind_label, line.label, line.outcome, line.why) for line in found.lines if line.outcome != LEFT_OUT]
    lead = " · ".join(part for part in (row.title, row.source, plural(len(counts), "rubrique")) if part)
    document = reverse("dossier:document", args=(row.patient, row.document_id)) if row.document_id else ""
    page = ReportPage(
        banner_of(row.patient, reader),
        row.sentence or "Volet de synthèse importé",
        lead,
        "" if row.added or row.updated else "Rien de nouveau\u00a0: tout était déjà dans le dossier.",
        [one for one in figures if one.number],
        left,
        list(found.differences),
        list(found.warnings),
        lines,
        document,
    )
    return render(request, reader, "dossier/vsm_report.html", {"page": page})


def _uuid(text: str | None) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Refused("Ce dossier est introuvable\u00a0: relancez la recherche.", code="unknown") from None
