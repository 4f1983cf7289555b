"""Notes: writing (the draft keeps itself), signing, reading, amending, moving to the right patient."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from permanence.accounts.permissions import can_write
from permanence.accounts.queries import member_names
from permanence.consultations import actions, queries
from permanence.journal.categories import Category
from permanence.journal.doors import Reader, Refused
from permanence.lib import clock
from permanence.lib.dates import format_date
from permanence.lib.text import NBSP
from permanence.patients import queries as patients
from permanence.web import jinja, presenters
from permanence.web.dossier import clinical, people
from permanence.web.dossier.banners import banner_of
from permanence.web.dossier.file import Box, EventLine, authors, events
from permanence.web.dossier.forms import AmendmentForm, NoteForm
from permanence.web.http import act, actor_of, go, reader_of, render, screen
from permanence.web.presenters import Chip

LETTERS = (
    ("subjective", "S", "Subjectif\u00a0: ce que dit le patient"),
    ("objective", "O", "Objectif\u00a0: examen"),
    ("assessment", "A", "Analyse"),
    ("plan", "P", "Plan\u00a0: conduite à tenir"),
)
TEXTS = ("motif", "text", "subjective", "objective", "assessment", "plan")
KEPT = (*TEXTS, "kind", "measures", "codes", "at", "sensitive", "minor_secret", "mode")
MOST_FOUND = 8


class Previous(NamedTuple):
    at: datetime.datetime
    by: str
    title: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class ComposePage:
    banner: people.Banner
    title: str
    draft_id: str
    version: int
    mode: str
    saved_at: datetime.datetime | None
    minor: bool
    letters: tuple[tuple[str, str, str], ...]
    kinds: list[tuple[str, str]]
    boxes: list[Box]
    previous: Previous | None
    recent: list[EventLine]
    measures: list[clinical.Measure]
    save_url: str
    sign_url: str
    discard_url: str
    here: str
    others: int
    from_other: str = ""


@screen
def compose(request: HttpRequest, patient: UUID) -> HttpResponse:
    """The page of a note being written. Opening it writes nothing: the draft is born with the first letters."""
    reader = reader_of(request)
    if not can_write(reader.actor, Category.NOTES, new=True):
        raise Refused(presenters.refusal("right"), code="right")
    found = patients.banner(patient, reader=reader)
    drafts = queries.drafts_of(found.patient, reader=reader)
    wanted = request.GET.get("brouillon", "")
    draft = next((one for one in drafts if str(one.id) == wanted), drafts[0] if drafts and not wanted else None)
    return _written(
        request,
        reader,
        found,
        NoteForm(initial=dict(draft.payload) if draft else {"kind": "consultation"}),
        draft,
        len(drafts),
    )


def _written(
    request: HttpRequest,
    reader: Reader,
    found: patients.Banner,
    form: NoteForm,
    draft: queries.DraftRow | None,
    others: int,
    *,
    status: int = 200,
) -> HttpResponse:
    synthesis = queries.synthesis(found.patient, reader=reader)
    top = people.banner(found, clinical.allergy_line(synthesis), me=reader.actor.member)
    payload: Mapping[str, Any] = draft.payload if draft else {}
    previous, recent = _recent(found.patient, reader)
    here = reverse("dossier:compose", args=(found.patient,))
    page = ComposePage(
        top,
        "Nouvelle note",
        str(draft.id) if draft else "",
        draft.version if draft else 0,
        _mode(request, payload),
        draft.updated_at if draft else None,
        people.is_minor(found.birth_date, jinja.today()),
        LETTERS,
        list(presenters.NOTE_KINDS.items()),
        _beside(synthesis),
        previous,
        recent,
        clinical.measures(synthesis),
        reverse("dossier:draft_save", args=(found.patient,)),
        reverse("dossier:sign", args=(found.patient,)),
        reverse("dossier:draft_discard", args=(found.patient, draft.id)) if draft else "",
        f"{here}?brouillon={draft.id}" if draft else here,
        others,
    )
    return render(request, reader, "dossier/note.html", {"page": page, "form": form}, fragment="form", status=status)


def _mode(request: HttpRequest, payload: Mapping[str, Any]) -> str:
    return "soap" if (request.POST.get("mode") or payload.get("mode")) == "soap" else "free"


def _beside(found: queries.Synthesis) -> list[Box]:
    def box(kind: str, title: str, lines: list[clinical.Line], none: str) -> Box:
        return Box(kind, title, kind, lines, [], "", none, "", "")

    return [
        box("history", "Problèmes actifs", clinical.history(found.history, writes=False), "Aucun problème actif saisi."),
        box(
            "treatment",
            "Traitement au long cours",
            clinical.treatments(found.treatments, writes=False),
            "Aucun traitement saisi.",
        ),
    ]


RECENT = 8


def _recent(patient: UUID, reader: Reader) -> tuple[Previous | None, list[EventLine]]:
    """The last elements, all of them shown: the newest signed note with its first words, the others by their titles."""
    lines = events(queries.timeline(patient, reader=reader, limit=RECENT), patient)
    last = next((line for line in lines if line.kind == "note" and line.kind_text != "Rectificatif"), None)
    previous = Previous(last.at, last.by, last.title, last.text, last.url) if last else None
    return previous, [line for line in lines if line is not last]


@require_POST
@screen
def draft_save(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Keep what is typed, 2 s after the last key. The answer has no body: nothing moves under the cursor."""
    payload = {name: request.POST.get(name, "") for name in KEPT}
    payload |= {name: name in request.POST for name in ("sensitive", "minor_secret")}
    draft = _uuid(request.POST.get("draft"))
    version = request.POST.get("version", "0")
    saved = actions.save_draft(
        patient, by=actor_of(request), payload=payload, draft=draft, version=int(version) if version.isdecimal() else 0
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
    """Put the draft away; « Annuler » brings it back."""
    act(request, actions.discard_draft, draft)
    return go(request, "dossier:file", patient, done="brouillon", undo=f"draft.{draft}")


@require_POST
@screen
def sign(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Freeze exactly the text that was on the screen. A refusal gives it back as it was typed."""
    form = NoteForm(request.POST)
    if form.is_valid():
        clean = form.cleaned_data
        version = request.POST.get("version", "")
        done = form.do(
            request,
            actions.sign_note,
            patient,
            kind=clean["kind"],
            fields={name: clean[name] for name in TEXTS},
            codes=[code for code in clean["codes"].replace(";", " ").replace(",", " ").split() if code],
            measures_line=clean["measures"],
            at=_at(clean["at"]),
            draft=_uuid(request.POST.get("draft")),
            version=int(version) if version.isdecimal() and version != "0" else None,
            sensitive=clean["sensitive"],
            minor_secret=clean["minor_secret"],
        )
        if done:
            return go(request, "dossier:file", patient, done="note")
    reader = reader_of(request)
    found = patients.banner(patient, reader=reader)
    drafts = queries.drafts_of(found.patient, reader=reader)
    draft = next((one for one in drafts if str(one.id) == request.POST.get("draft")), None)
    return _written(request, reader, found, form, draft, len(drafts), status=422)


def _at(day: datetime.date | None) -> datetime.datetime | None:
    """Noon of another day; None for today, which the door takes as now."""
    if day is None or day == jinja.today():
        return None
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(12)))


# -- a signed note


class Part(NamedTuple):
    label: str
    text: str


class Amendment(NamedTuple):
    text: str
    by: str
    at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed note as it is read."""

    title: str
    kind: str
    text: str
    parts: list[Part]
    tags: list[Chip]
    by: str
    signed_at: datetime.datetime
    occurred: str
    codes: str
    amendments: list[Amendment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SignedPage:
    banner: people.Banner
    note: Signed
    moved: str
    can_amend: bool
    amend_url: str
    move_url: str


@screen
def note(request: HttpRequest, patient: UUID, note: UUID) -> HttpResponse:
    """Read a signed note with what completes it; add a complement."""
    reader = reader_of(request)
    row = queries.note(note, reader=reader)
    if row.amends_id:
        return go(request, "dossier:note", patient, row.amends_id)
    top, more = banner_of(row.patient, reader), queries.amendments(note, reader=reader)
    form = AmendmentForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.do(request, actions.amend_note, note, fields={"text": form.cleaned_data["text"]})
    ):
        return go(request, "dossier:note", row.patient, note, done="complement")
    writes = can_write(reader.actor, Category.NOTES, new=True)
    mine = reader.actor.member in (row.author_id, row.signatory_id)
    page = SignedPage(
        top,
        _signed(row, more),
        _moved(row),
        writes,
        reverse("dossier:note", args=(row.patient, note)),
        reverse("dossier:move", args=(row.patient, note)) if writes and mine else "",
    )
    return render(
        request,
        reader,
        "dossier/signed.html",
        {"page": page, "form": form},
        fragment="form",
        status=422 if request.method == "POST" else 200,
    )


def _signed(row: queries.NoteRow, more: list[queries.NoteRow]) -> Signed:
    names = member_names({id for one in (row, *more) for id in (one.author_id, one.signatory_id) if id})
    parts = [Part(label, text) for (name, _, label) in LETTERS if (text := getattr(row, name))]
    tags = [Chip(row.kind_label)] + [
        Chip(text, "plain", "eye-off")
        for text, on in (("Sensible", row.sensitive), ("Secret du mineur", row.minor_secret))
        if on
    ]
    signed = row.signed_at or clock.now()
    occurred = timezone.localtime(row.at).date() if row.at else None
    other = occurred is not None and occurred != timezone.localtime(signed).date()
    return Signed(
        row.motif or "Sans motif",
        row.kind_label,
        row.text,
        parts,
        tags,
        authors(row, names),
        signed,
        format_date(occurred) if other else "",
        ", ".join(row.codes),
        [Amendment(_whole(one), authors(one, names), one.signed_at or signed) for one in more],
    )


def _whole(row: queries.NoteRow) -> str:
    return "\n".join(part for part in (row.motif, row.text, row.subjective, row.objective, row.assessment, row.plan) if part)


def _moved(row: queries.NoteRow) -> str:
    if row.moved_at is None:
        return ""
    by = member_names([row.moved_by_id]).get(row.moved_by_id, "") if row.moved_by_id else ""
    return f"Note déplacée dans ce dossier {jinja.moment(row.moved_at)}{f' par {by}' if by else ''}{NBSP}: elle avait été écrite dans un autre."


# -- the wrong patient


@dataclass(frozen=True, slots=True)
class MovePage:
    banner: people.Banner
    note: Signed
    query: str
    candidates: list[people.Person]
    move_url: str


@screen
def move(request: HttpRequest, patient: UUID, note: UUID) -> HttpResponse:
    """Find the right patient, then one gesture: the note leaves this file and its body is destroyed here."""
    reader = reader_of(request)
    if request.method == "POST":
        to = _uuid(request.POST.get("to"))
        if to is None:
            raise Refused("Choisir le dossier où déplacer la note.", code="invalid")
        moved = act(request, actions.move_note, note, to=to)
        return go(request, "dossier:note", to, moved, done="deplacee")
    row, query = queries.note(note, reader=reader), request.GET.get("q", "").strip()
    found = (
        [one for one in patients.search(query, reader=reader, limit=MOST_FOUND) if one.patient != row.patient]
        if query
        else patients.homonyms(patient, reader=reader)
    )
    page = MovePage(
        banner_of(row.patient, reader),
        _signed(row, []),
        query,
        people.people(found),
        reverse("dossier:move", args=(patient, note)),
    )
    return render(request, reader, "dossier/move.html", {"page": page, "form": AmendmentForm()}, fragment="form")


@dataclass(frozen=True, slots=True)
class MovedPage:
    banner: people.Banner
    title: str
    text: str
    readers: list[Part]
    refused: str


@screen
def moved(request: HttpRequest, patient: UUID, note: UUID) -> HttpResponse:
    """What is left of a note that stood here by error: when, by whom, and who had read it meanwhile."""
    reader = reader_of(request)
    top = banner_of(patient, reader)
    row = next((one for one in queries.moves(patient, reader=reader) if one.note_id == note), None)
    if row is None:
        raise Refused(f"Cette note est introuvable{NBSP}: revenez au dossier.", code="unknown")
    names = member_names({id for id in (row.by_id, row.author_id) if id})
    text = f"Écrite ici par {names.get(row.author_id, 'une personne partie')}, déplacée par {names.get(row.by_id, 'une personne partie')} {jinja.moment(row.at)}."
    readers, refused = [], ""
    try:
        accesses = queries.read_before_move(patient, note, reader=reader)
        who = member_names({one.member for one in accesses if one.member})
        readers = [
            Part(who.get(one.member, "Tâche du cabinet") if one.member else "Tâche du cabinet", jinja.moment(one.at))
            for one in accesses
        ]
    except Refused as closed:
        refused = closed.sentence
    page = MovedPage(top, "Note déplacée", text, readers, refused)
    return render(request, reader, "dossier/moved.html", {"page": page})


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
