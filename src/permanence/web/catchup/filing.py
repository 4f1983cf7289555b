"""One form into one file: the patient is chosen, the words are typed at the pen's own date, the scan is joined."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from permanence.accounts.permissions import PARIS, can_write
from permanence.accounts.queries import colleagues, member_names
from permanence.continuity import actions, paper, queries
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Reader, Refused
from permanence.lib import clock, sheets, typesetting
from permanence.lib.text import NBSP
from permanence.patients import queries as patients
from permanence.patients.actions import LooksAlike
from permanence.prescriptions.actions import check_prescriber
from permanence.web import jinja
from permanence.web.crisis.switching import Hour
from permanence.web.dossier import recent
from permanence.web.dossier.banners import banner_of
from permanence.web.dossier.forms import Traits
from permanence.web.dossier.people import Banner, Person, people
from permanence.web.forms import Area, Choices, Day, Form, Pick, Text, Upload
from permanence.web.http import act, go, new_form_id, reader_of, render, screen, uuid_of
from permanence.web.links import reverse

MOST_FOUND = 8
NO_FILE = "Cette fiche n’ouvre pas de dossier ici\u00a0: choisir son patient, ou laisser qui crée les dossiers la saisir."
WRITES = {"note": Category.NOTES, "ordonnance": Category.PRESCRIPTIONS, "patient": Category.IDENTITY, "image": Category.NOTES}


class Written(Form):
    """When and by whom the pen wrote, and the form's image where none was scanned before."""

    written_on = Day("Écrite le", required=True, help_text="La date écrite sur la fiche")
    written_hour = Hour("À", "14h30\u00a0; vide si elle n’est pas écrite")
    written_by = Pick("Par", [], required=False)
    file = Upload("Image de la fiche", help_text="PDF, JPEG ou PNG. Sans image, garder le papier au cabinet")

    def __init__(self, *args: Any, pens: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].required = False
        self.fields["written_by"].choices = pens  # type: ignore[attr-defined]

    def when(self) -> datetime.datetime:
        """The pen's instant; noon when no hour was written, or now when noon is still to come."""
        day, minutes = self.cleaned_data["written_on"], self.cleaned_data["written_hour"]
        at = datetime.datetime.combine(day, datetime.time(), PARIS)
        known = at.replace(hour=minutes // 60 % 24, minute=minutes % 60) if minutes is not None else at.replace(hour=12)
        return min(known, clock.now()) if minutes is None else known

    def given(self) -> dict[str, Any]:
        return {"written_at": self.when(), "written_by": uuid_of(self.cleaned_data["written_by"])}


class NoteSheet(Written):
    motif = Text("Motif", required=True)
    text = Area("Ce qui est écrit", required=True, help_text="Recopier tel quel, sans compléter")
    measures = Text("Mesures", help_text="TA 138/82 P 72,5 T 165 FC 68")


class OrderSheet(Written):
    text = Area("Ce qui est prescrit", required=True, help_text="Recopier tel quel\u00a0: médicament, dose, durée")


class ImageSheet(Written):
    """What its image says whole; without a scanner, its words become a note."""

    text = Area("Sans image\u00a0: ce qui est écrit", help_text="Inutile quand la fiche est numérisée")


class PatientSheet(Traits, Written):
    mobile = Text("Téléphone mobile", max_length=40)


FORMS: Mapping[str, type[Written]] = {"note": NoteSheet, "ordonnance": OrderSheet, "patient": PatientSheet, "image": ImageSheet}
_WHEN = frozenset({"written_on", "written_hour", "written_by", "file"})


class Image(NamedTuple):
    """One scanned page, and where it is said to be another form's."""

    url: str
    number_url: str
    once: str


class Sheet(NamedTuple):
    """What stands above both pages: which form, its images."""

    number: str
    kind: str
    kind_text: str
    images: list[Image]
    joined: bool


@dataclass(frozen=True, slots=True)
class ChoosePage:
    sheet: Sheet
    query: str
    people: list[tuple[Person, str]]
    alike: list[Person]
    back: str
    settle_url: str
    creates: bool


@dataclass(frozen=True, slots=True)
class FilePage:
    banner: Banner
    sheet: Sheet
    types: bool
    button: str
    back: str


def _sheet(found: queries.FormInfo) -> Sheet:
    images = [Image(reverse("catchup:scan", args=(one,)), reverse("catchup:number", args=(one,)), new_form_id()) for one in found.scans]
    return Sheet(found.number, found.kind, paper.FORM_TITLES.get(found.kind, found.kind), images, found.state == "joined")


def _pens(category: Category, reader: Reader) -> Choices:
    """Who may have held the pen: those who may write such a thing, whoever types first."""
    me = reader.actor.member
    try:
        others = [(str(id), name) for id, name, _ in colleagues(category, reader=reader) if id != me]
    except Refused:
        others = []
    mine = member_names([me]).get(me, "moi") if me else "moi"
    return [("", mine), *others]


def _types(shape: str, by: Actor) -> bool:
    """Whether this person may type such a form; who may not joins its image, and a carer types it."""
    if shape != "ordonnance":
        return can_write(by, WRITES[shape], new=True)
    try:
        check_prescriber(by, "ordonnance")
    except Refused:
        return False
    return True


def _scans(request: HttpRequest, form: Written, found: queries.FormInfo, reader: Reader) -> list[bytes] | None:
    """What was scanned before and what comes now. None, with the reason shown, for another form's image."""
    waiting = [queries.scan_bytes(one, reader=reader) for one in found.scans]
    upload = form.cleaned_data["file"]
    if not upload:
        return waiting
    try:
        pages = sheets.read(upload.read(sheets.LARGEST + 1))
    except sheets.Unreadable as wrong:
        form.add_error("file", wrong.sentence)
        return None
    if other := next((one.code for one in pages if one.code and one.code.rpartition("/")[2] != found.number), ""):
        form.add_error("file", f"Cette image est celle de la fiche {other.rpartition('/')[2]}, pas de la fiche {found.number}.")
        return None
    return [*waiting, *(one.jpeg for one in pages)]


@screen
def choose(request: HttpRequest, sheet: UUID) -> HttpResponse:
    """Whose form this is; for a new patient's, the traits are typed here."""
    reader = reader_of(request)
    found = queries.form(sheet, reader=reader)
    creates = found.shape == "patient" and _types("patient", reader.actor)
    if request.method == "POST" and not creates:
        raise Refused(NO_FILE, code="right" if found.shape == "patient" else "kind")
    form = PatientSheet(request.POST or None, request.FILES or None, pens=_pens(Category.IDENTITY, reader))
    alike: list[Person] = []
    if request.method == "POST" and creates and form.is_valid() and (scans := _scans(request, form, found, reader)) is not None:
        traits = {name: value for name, value in form.cleaned_data.items() if name not in _WHEN}
        seen = [one for value in request.POST.getlist("despite") if (one := uuid_of(value))]
        try:
            patient = act(request, actions.catch_up_patient, number=found.number, scans=scans, traits=traits, despite=seen, **form.given())
            return go(request, "dossier:file", patient, done="fiche_saisie")
        except LooksAlike as refused:
            alike = people(patients.lookalikes(refused.candidates, reader=reader))
        except Refused as refused:
            form.refuse(refused)
    query = request.GET.get("q", "").strip()
    rows = patients.search(query, reader=reader, limit=MOST_FOUND) if query else recent.rows(reader)[:MOST_FOUND]
    page = ChoosePage(
        _sheet(found), query, [(one, reverse("catchup:file", args=(UUID(one.id), sheet))) for one in people(rows)], alike,
        reverse("catchup:list"), reverse("catchup:settle", args=(sheet,)) if found.state in ("", "joined") else "", creates)
    return render(request, reader, "catchup/choose.html", {"page": page, "form": form}, fragment="form",
                  status=422 if request.method == "POST" else 200)


@screen
def file(request: HttpRequest, patient: UUID, sheet: UUID) -> HttpResponse:
    """The words of the form, at their own date, in this file; or its image alone, for who may not write them."""
    reader = reader_of(request)
    found, top = queries.form(sheet, reader=reader), banner_of(patient, reader)
    types = found.shape != "patient" and _types(found.shape, reader.actor)
    shape = FORMS[found.shape] if types else Written
    form = shape(request.POST or None, request.FILES or None, pens=_pens(WRITES[found.shape], reader))
    if request.method == "POST" and form.is_valid() and (scans := _scans(request, form, found, reader)) is not None:
        if _filed(request, form, found, UUID(top.id), types, scans, reader):
            return go(request, "dossier:file", top.id, done="fiche_saisie" if types or found.shape == "patient" else "fiche_jointe")
    signs = types and found.shape != "image"
    button = f"{'Signer pour' if signs else 'Joindre au dossier de'} {top.surname} {top.given}, {top.birth}"
    page = FilePage(top, _sheet(found), types, button, reverse("catchup:form", args=(sheet,)))
    return render(request, reader, "catchup/file.html", {"page": page, "form": form}, fragment="form",
                  status=422 if request.method == "POST" else 200)


def _filed(request: HttpRequest, form: Written, found: queries.FormInfo, patient: UUID, types: bool, scans: list[bytes],
           reader: Reader) -> bool:
    common = {"number": found.number, "scans": scans, **form.given()}
    clean = form.cleaned_data
    if found.shape == "patient":
        return bool(form.do(request, actions.catch_up_patient, known=patient, **common))
    if not types or (found.shape == "image" and scans):
        return bool(form.do(request, actions.join_scan, patient, **common))
    if found.shape == "ordonnance":
        try:
            copy = _copy(found.number, patient, form, reader)
        except Refused as refused:
            form.refuse(refused)
            return False
        return bool(form.do(request, actions.catch_up_prescription, patient, text=clean["text"], pdf=copy, **common))
    fields = {"motif": clean.get("motif") or paper.FORM_TITLES.get(found.kind, ""), "text": clean["text"]}
    if not clean["text"].strip():
        form.add_error("text", "Numériser la fiche, ou recopier ici ce qui est écrit.")
        return False
    return bool(form.do(request, actions.catch_up_note, patient, fields=fields, measures_line=clean.get("measures", ""), **common))


def _copy(number: str, patient: UUID, form: Written, reader: Reader) -> bytes:
    """The typed copy of an ordonnance written by hand. Raises Refused when it cannot be typeset."""
    known, given = patients.banner(patient, reader=reader), form.given()
    names = member_names({one for one in (given["written_by"], reader.actor.member) if one})
    typist = names.get(reader.actor.member, "") if reader.actor.member else ""
    pen = names.get(given["written_by"], typist) if given["written_by"] else typist
    said = f"Ordonnance écrite à la main le {jinja.date(given['written_at'])} par {pen}, fiche {number}."
    data = {
        "title": f"Ordonnance écrite à la main, {known.name}", "author": typist, "heading": "Ordonnance", "said": said, "name": known.name,
        "born": f"Né(e) le {known.birth}", "text": form.cleaned_data["text"], "foot": f"Fiche {number} · {known.name} · {known.birth}",
        "typist": f"Saisi après coup par {typist} le {jinja.date(jinja.today())}{NBSP}; l’original fait foi.",
    }
    try:
        return paper.copy_of(data)
    except typesetting.NotTypeset:
        raise Refused("La copie n’a pas pu être mise en page\u00a0: votre texte est gardé ici, réessayer dans un instant.",
                      code="typeset") from None
