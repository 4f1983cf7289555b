"""Writing a paper: its draft keeps itself, signing freezes exactly what is on the screen and makes its PDF."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from permanence.accounts import queries as accounts
from permanence.consultations import queries as charts
from permanence.documents import actions as documents
from permanence.documents import catalogue, papers
from permanence.documents import queries as drafts
from permanence.journal.access import NotJournalled
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Reader, Refused
from permanence.lib import clock
from permanence.lib.dates import format_date
from permanence.lib.text import plural
from permanence.patients import queries as patients
from permanence.patients.permissions import family_of
from permanence.prescriptions import actions, queries
from permanence.web import jinja
from permanence.web.dossier import clinical, people
from permanence.web.dossier.families import FAMILIES, check_family, signs
from permanence.web.dossier.file import Box
from permanence.web.dossier.notes import BESIDE, synthesis_boxes
from permanence.web.dossier.shelf import Paper, of_patient, paper_of
from permanence.web.http import act, actor_of, after_write, go, hold, reader_of, render, screen, uuid_of
from permanence.web.links import reverse
from permanence.web.papers import making, printing
from permanence.web.papers.forms import FIELDS, PaperForm

ONLINE = "À ressaisir dans le téléservice de l’avis d’arrêt de travail"
STOPPAGE = ("stoppage_from", "stoppage_until", "stoppage_kind", "outings", "outings_from", "reason_text", "reason_code", "form_serial")


class Choice(NamedTuple):
    """A template to choose: its text with the variables of the file filled."""

    id: str
    title: str
    text: str
    note: str
    heading: str


class Previous(NamedTuple):
    at: datetime.datetime | None
    title: str
    text: str
    url: str
    again: str


@dataclass(frozen=True, slots=True)
class WritePage:
    banner: people.Banner
    family: str
    title: str
    choices: list[Choice]
    draft_id: str
    version: int
    saved_at: datetime.datetime | None
    others: int
    minor: bool
    replaces: Paper | None
    boxes: list[Box]
    measures: list[clinical.Measure]
    previous: list[Previous]
    save_url: str
    sign_url: str
    discard_url: str
    prints: str
    left: int | None
    members: list[tuple[str, str]]


LAST = "derniere"  # `depuis=derniere`: written again from the last of this family, as a call for a renewal asks


@screen
def write(request: HttpRequest, patient: UUID, family: str) -> HttpResponse:
    """The page of a paper being written. Opening it writes nothing: the draft is born with the first letters."""
    reader = reader_of(request)
    check_family(reader.actor, family)
    found = drafts.drafts_of(patient, family, reader=reader)
    source = uuid_of(request.GET.get("depuis")) or uuid_of(request.GET.get("corrige"))
    if request.GET.get("depuis") == LAST:
        source = next((one.id for one in of_patient(family_of(patient, reader=reader), reader, (family,)) if one.family == family), None)
    wanted = request.GET.get("brouillon", "")
    draft = None if source else next((one for one in found if str(one.id) == wanted), found[0] if found and not wanted else None)
    initial = _copied(patient, source, reader, corrects="corrige" in request.GET) if source else dict(draft.payload) if draft else {}
    if family == "arret" and not initial:
        initial["stoppage_from"] = format_date(jinja.today())
    template = request.GET.get("modele", "")
    if template and not initial.get("template"):
        initial["template"] = template
    return _page(request, reader, patient, family, PaperForm(family, initial=initial), draft, len(found), status=200)


def _copied(patient: UUID, source: UUID, reader: Reader, *, corrects: bool) -> dict[str, Any]:
    """What a former paper of this person said, to write it again; with `corrects`, the new one will stand in its place."""
    hold(reader, patient, source)
    row = paper_of(source, reader).row
    found: dict[str, Any] = {name: getattr(row, name, "") for name in FIELDS if name not in ("replaces", "addressee")}
    for name in ("stoppage_from", "stoppage_until", "outings_from"):
        found[name] = format_date(found[name] or None)
    if not corrects:
        found |= {name: "" for name in ("stoppage_from", "stoppage_until", "outings_from", "form_serial")}
        found["stoppage_kind"] = "prolongation"
    return {**found, "replaces": str(source) if corrects else "", "sensitive": row.sensitive, "minor_secret": row.minor_secret}


def _page(
    request: HttpRequest,
    reader: Reader,
    patient: UUID,
    family: str,
    form: PaperForm,
    draft: drafts.PaperDraftRow | None,
    others: int,
    *,
    status: int,
) -> HttpResponse:
    known = making.about(patient, reader)
    found = patients.banner(patient, reader=reader)
    synthesis = charts.synthesis(known.patient, reader=reader, only=(*BESIDE, Category.VACCINATIONS))
    replaced = uuid_of(form.data.get("replaces") if form.is_bound else form.initial.get("replaces"))
    values = making.values(known, synthesis)
    former = [one for one in of_patient(known.files, reader, (family,)) if one.family == family]
    page = WritePage(
        banner=people.banner(found, clinical.allergy_line(synthesis), me=reader.actor.member),
        family=family,
        title=catalogue.FAMILIES[family][0],
        choices=[_choice(one, values) for one in catalogue.of_family(family) if _offered(reader.actor, one)],
        draft_id=str(draft.id) if draft else "",
        version=draft.version if draft else 0,
        saved_at=draft.updated_at if draft else None,
        others=others,
        minor=people.is_minor(found.birth_date, jinja.today()),
        replaces=next((one for one in former if one.id == replaced), None) if replaced else None,
        boxes=synthesis_boxes(synthesis),
        measures=clinical.measures(synthesis),
        previous=[_previous(one, known.patient) for one in former[:3]],
        save_url=reverse("papers:draft_save", args=(known.patient,)),
        sign_url=reverse("papers:sign", args=(known.patient,)),
        discard_url=reverse("papers:draft_discard", args=(known.patient, draft.id)) if draft else "",
        prints=printing.where(reader),
        left=queries.stock(reader=reader).left if family == "arret" else None,
        members=_carers(reader) if family == "demande" else [],
    )
    return render(request, reader, "papers/write.html", {"page": page, "form": form}, fragment="form", status=status)


def _offered(by: Actor, template: catalogue.Template) -> bool:
    return catalogue.category_of(template.family) is Category.DOCUMENTS or signs(by, template.kind)


def _choice(template: catalogue.Template, values: Mapping[str, str]) -> Choice:
    text = papers.fill(template.text, values)
    return Choice(template.id, template.title, text, template.shown_note, template.heading)


def _previous(one: Paper, patient: UUID) -> Previous:
    here = reverse(f"papers:{one.family}", args=(patient,))
    text = "\n".join(part for part in (getattr(one.row, "long_term_text", ""), one.row.text) if part)
    if isinstance(one.row, queries.PrescriptionRow) and one.family == "arret":
        text = "\n".join(part for part in (_dates(one.row), one.row.reason_text) if part)
    return Previous(one.at, one.title, text, reverse("papers:paper", args=(patient, one.id)), f"{here}?depuis={one.id}")


def _dates(row: queries.PrescriptionRow) -> str:
    return f"Du {format_date(row.stoppage_from)} au {format_date(row.stoppage_until)}"


def _carers(reader: Reader) -> list[tuple[str, str]]:
    """Nurses and physiotherapists of the practice: an order addressed to one is theirs to read."""
    return [(str(one.id), one.name) for one in accounts.members(reader=reader) if one.profession in ("ide", "kine", "ipa")]


@require_POST
@screen
def draft_save(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Keep what is typed, 2 s after the last key. The answer has no body: nothing moves under the cursor."""
    payload: dict[str, Any] = {name: request.POST.get(name, "") for name in FIELDS}
    payload |= {name: name in request.POST for name in ("sensitive", "minor_secret")}
    payload["window"] = request.POST.get("once", "")
    family = _family(request)
    saved = documents.save_draft(
        patient,
        by=actor_of(request),
        family=family,
        payload=payload,
        draft=uuid_of(request.POST.get("draft")),
        version=_version(request.POST.get("version", "")) or 0,
    )
    answer = HttpResponse(status=204)
    answer["X-Saved-At"] = timezone.localtime(clock.now()).strftime("%H:%M:%S")
    answer["X-Draft"], answer["X-Draft-Version"] = str(saved["draft"]), str(saved["version"])
    if saved["conflict"]:
        answer["X-Draft-Conflict"] = "yes"
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@screen
def draft_discard(request: HttpRequest, patient: UUID, draft: UUID) -> HttpResponse:
    """Put the draft away."""
    act(request, documents.discard_draft, draft)
    return go(request, "dossier:file", patient, done="papier_abandonne")


@require_POST
@screen
def sign(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Make the PDF of exactly what was on the screen, seal it, journal it, print it. A refusal gives everything back as typed."""
    family, reader = _family(request), reader_of(request)
    form = PaperForm(family, request.POST)
    if form.is_valid():
        signed = form.do(request, sign_paper, patient, reader=reader, clean=form.cleaned_data, **_kept(request))
        if signed:
            try:
                done = printing.send(request, reader, (signed, form.cleaned_data["template"])) if "imprimer" in request.POST else ""
            except NotJournalled:
                return after_write(request)
            return go(request, "papers:paper", patient, signed, **printing.said(done, "papier_signe"))
    found = drafts.drafts_of(patient, family, reader=reader)
    draft = next((one for one in found if str(one.id) == request.POST.get("draft")), None)
    return _page(request, reader, patient, family, form, draft, len(found), status=422)


def _kept(request: HttpRequest) -> dict[str, Any]:
    return {
        "draft": uuid_of(request.POST.get("draft")),
        "version": _version(request.POST.get("version", "")),
        "replaces": uuid_of(request.POST.get("replaces")),
        "addressee": uuid_of(request.POST.get("addressee")),
    }


def sign_paper(patient: UUID, *, by: Actor, reader: Reader, clean: Mapping[str, Any], addressee: UUID | None = None, **more: Any) -> UUID:
    """Number, typeset, seal, sign: in this order, so that nothing is signed that could not be printed. Raises Refused."""
    template = catalogue.get(clean["template"])
    known = making.about(patient, reader)
    text = papers.without_unfilled(clean["text"].strip("\n"), template.variables)
    if template.family == "arret":
        return _sign_stoppage(template, known, by, reader, clean, more)
    title = clean.get("title", "")
    texts: dict[str, Any] = {"text": text}
    if template.kind == "bizone":
        texts["ald"] = papers.without_unfilled(clean["long_term_text"].strip("\n"), template.variables)
    _not_empty(texts)
    flags = {name: bool(clean.get(name)) for name in ("sensitive", "minor_secret")}
    if catalogue.category_of(template.family) is Category.DOCUMENTS:
        documents.check_signatory(by, template.family)
        number = documents.take_number("papier", by=by)
        recipient = clean.get("recipient", "").strip()
        pdf = making.paper(template, known, reader, number=number, title=title, recipient=recipient, **texts)
        return documents.sign_letter(known.patient, by=by, pdf=pdf, template=template.id, title=title or template.title, text=text,
                                     number=number, recipient=recipient, **flags, **more)
    actions.check_prescriber(by, template.kind)
    number = documents.take_number("ordonnance", by=by)
    pdf = making.paper(template, known, reader, number=number, **texts)
    return actions.sign_prescription(known.patient, by=by, pdf=pdf, template=template.id, title=template.title, text=text, number=number,
                                     long_term_text=texts.get("ald", ""), addressee=addressee, **flags, **more)


def _not_empty(texts: Mapping[str, str]) -> None:
    if not any(text.strip() for text in texts.values()):
        raise Refused("Ce papier est vide\u00a0: écrivez son texte avant de le signer.", code="empty")


def _sign_stoppage(
    template: catalogue.Template, known: making.About, by: Actor, reader: Reader, clean: Mapping[str, Any], more: Mapping[str, Any]
) -> UUID:
    actions.check_prescriber(by, template.kind)
    days = actions.check_stoppage(clean["stoppage_from"], clean["stoppage_until"])
    serial = clean["form_serial"]
    number = documents.take_number("ordonnance", by=by)
    target = f"À recopier sur le formulaire sécurisé n° {serial}" if serial else ONLINE
    outings = queries.OUTINGS.get(clean["outings"], "")
    if clean["outings_from"]:
        outings += f", à partir du {making.long_date(clean['outings_from'])}"
    facts = [
        ("Nature", queries.STOPPAGES.get(clean["stoppage_kind"], "")),
        ("Premier jour", making.long_date(clean["stoppage_from"])),
        ("Dernier jour inclus", f"{making.long_date(clean['stoppage_until'])} ({plural(days, 'jour')})"),
        ("Sorties", outings),
        ("Éléments d’ordre médical", clean["reason_text"].strip() or "—"),
        *([("Code du motif", clean["reason_code"])] if clean["reason_code"] else []),
    ]
    pdf = making.paper(template, known, reader, number=number, target=target, facts=facts)
    stoppage = {name: clean[name] for name in STOPPAGE}
    flags = {name: bool(clean.get(name)) for name in ("sensitive", "minor_secret")}
    return actions.sign_prescription(known.patient, by=by, pdf=pdf, template=template.id, title=template.title, number=number,
                                     stoppage=stoppage, **flags, **more)


def _family(request: HttpRequest) -> str:
    family = request.POST.get("family", "")
    if family not in FAMILIES:
        raise Refused("Ce papier n’est pas connu\u00a0: revenez au dossier, puis recommencez.", code="invalid")
    return family


def _version(typed: str) -> int | None:
    return int(typed) if typed.isdecimal() and len(typed) < 10 and int(typed) else None
