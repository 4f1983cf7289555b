"""A document of the file: to see beside its results, to open, to download, to add."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from permanence.documents import actions, queries
from permanence.journal.categories import Level
from permanence.web import jinja
from permanence.web.dossier import clinical
from permanence.web.dossier.banners import banner_of
from permanence.web.dossier.edit import EditPage, answer, rows
from permanence.web.dossier.forms import DocumentForm
from permanence.web.dossier.people import Banner
from permanence.web.http import deliver, go, reader_of, render, screen
from permanence.web.links import reverse

INLINE = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "text/plain": ".txt"}
LARGEST = 20 * 1024 * 1024
SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"<?xml", "text/xml"),
)


@dataclass(frozen=True, slots=True)
class Doc:
    title: str
    lead: str
    inline: str
    text: str
    download: str
    pdf: bool


@dataclass(frozen=True, slots=True)
class Value:
    label: str
    value: str
    unit: str
    flag: str
    range: str
    at: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class DocumentPage:
    banner: Banner
    doc: Doc
    values: list[Value]


@screen
def document(request: HttpRequest, patient: UUID, document: UUID) -> HttpResponse:
    """The document in its frame, its results beside."""
    reader = reader_of(request)
    row = queries.document(document, reader=reader)
    values = [
        Value(one.label, one.shown, one.unit, clinical.FLAGS.get(one.abnormal, ""), one.reference, one.at)
        for one in queries.results_of(document, reader=reader)
    ]
    when = f"daté du {jinja.date(row.dated_on)}" if row.dated_on else f"reçu {jinja.moment(row.received_at)}"
    lead = " · ".join(part for part in (row.type_label, row.author_text, when, _size(row.size)) if part)
    here = reverse("dossier:document_content", args=(row.patient, document))
    doc = Doc(row.title, lead, here if row.mime in INLINE else "", "", f"{here}?telecharger=oui", row.mime == "application/pdf")
    return render(request, reader, "dossier/document.html", {"page": DocumentPage(banner_of(row.patient, reader), doc, values)})


def _size(size: int) -> str:
    return f"{max(1, size // 1024)} Ko" if size < 1024 * 1024 else f"{size // (1024 * 1024)} Mo"


@screen
def content(request: HttpRequest, patient: UUID, document: UUID) -> HttpResponse:
    """The bytes. A download counts as exported; a kind that a browser could run is only ever downloaded."""
    download = "telecharger" in request.GET
    reader = reader_of(request, leaving=Level.EXPORTED if download else Level.READ)
    inline = not download and queries.document(document, reader=reader).mime in INLINE
    reader.leave(Level.READ if inline else Level.EXPORTED)
    found = queries.content(document, reader=reader)
    name = f"document{INLINE[found.mime]}" if found.mime in INLINE else "document.bin"
    return deliver(
        request,
        reader,
        found.data,
        content_type=found.mime if found.mime in INLINE else "application/octet-stream",
        filename=name,
        inline=inline,
    )


@screen
def new(request: HttpRequest, patient: UUID) -> HttpResponse:
    """File a document received on paper or by mail."""
    reader = reader_of(request)
    top = banner_of(patient, reader)
    form = DocumentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and _file(request, form, patient):
        return go(request, "dossier:file", patient, done="document")
    page = EditPage(
        banner=top,
        title="Classer un document",
        button="Classer le document",
        back=reverse("dossier:file", args=(patient,)),
        multipart=True,
        accept="application/pdf,image/png,image/jpeg,text/plain,.xml",
        groups=rows(form, {"": "file:file | title author_text | dated_on:past | sensitive:tick"}),
    )
    return answer(request, reader, page, form)


def _file(request: HttpRequest, form: DocumentForm, patient: UUID) -> bool:
    clean, upload = form.cleaned_data, form.cleaned_data["file"]
    data = upload.read(LARGEST + 1)
    if len(data) > LARGEST:
        form.add_error("file", "Au-delà de 20 Mo, un fichier n’est pas pris par cet écran\u00a0: le réduire, puis recommencer.")
        return False
    known = {name: clean[name] for name in ("title", "author_text", "dated_on", "sensitive")}
    more = {"mime": kind_of(data), "file_name": upload.name or "", "origin": "scan", **known}
    return bool(form.do(request, actions.keep_original, patient, data, **more))


def kind_of(data: bytes) -> str:
    """The media type by the first bytes: what the browser announces is not believed."""
    for start, mime in SIGNATURES:
        if data.startswith(start):
            return mime
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "application/octet-stream" if b"\0" in data else "text/plain"
