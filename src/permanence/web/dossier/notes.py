"""Writing a note: the draft keeps itself, signing freezes exactly what is on the screen."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from permanence.accounts.permissions import can_write
from permanence.consultations import actions, queries
from permanence.journal.categories import Category
from permanence.journal.doors import Reader, Refused
from permanence.lib import clock
from permanence.patients import queries as patients
from permanence.web import jinja, presenters
from permanence.web.dossier import clinical, people, slash
from permanence.web.dossier.file import Box
from permanence.web.dossier.forms import NoteForm
from permanence.web.dossier.timeline import EventLine, events
from permanence.web.http import act, actor_of, go, reader_of, render, screen, uuid_of
from permanence.web.links import reverse

LETTERS = (
    ("subjective", "S", "Subjectif\u00a0: ce que dit le patient"),
    ("objective", "O", "Objectif\u00a0: examen"),
    ("assessment", "A", "Analyse"),
    ("plan", "P", "Plan\u00a0: conduite à tenir"),
)
TEXTS = ("motif", "text", "subjective", "objective", "assessment", "plan")
KEPT = (*TEXTS, "kind", "measures", "codes", "at", "sensitive", "minor_secret", "mode")
MOST_FOUND = 8
BESIDE = (Category.HISTORY, Category.ALLERGIES, Category.TREATMENTS, Category.MEASURES)  # what stands around a note being written


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
    merge_url: str
    offers: list[slash.Offer]


@screen
def compose(request: HttpRequest, patient: UUID) -> HttpResponse:
    """The page of a note being written. Opening it writes nothing: the draft is born with the first letters."""
    reader = reader_of(request)
    if not can_write(reader.actor, Category.NOTES, new=True):
        raise Refused(presenters.refusal("right"), code="right")
    found = patients.banner(patient, reader=reader, care=True)
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
    synthesis = queries.synthesis(found.patient, reader=reader, only=BESIDE)
    top = people.banner(found, clinical.allergy_line(synthesis), me=reader.actor.member)
    payload: Mapping[str, Any] = draft.payload if draft else {}
    last, previous, recent = _recent(found.patient, reader)
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
        synthesis_boxes(synthesis),
        previous,
        recent,
        clinical.measures(synthesis),
        reverse("dossier:draft_save", args=(found.patient,)),
        reverse("dossier:sign", args=(found.patient,)),
        reverse("dossier:draft_discard", args=(found.patient, draft.id)) if draft else "",
        f"{here}?brouillon={draft.id}" if draft else here,
        others,
        reverse("dossier:drafts_merge", args=(found.patient,)),
        slash.offers(found, synthesis, last, queries.snippets(reader=reader)),
    )
    return render(request, reader, "dossier/note.html", {"page": page, "form": form}, fragment="form", status=status)


def _mode(request: HttpRequest, payload: Mapping[str, Any]) -> str:
    return "soap" if (request.POST.get("mode") or payload.get("mode")) == "soap" else "free"


def synthesis_boxes(found: queries.Synthesis) -> list[Box]:
    """The cards that stand beside whatever is being written."""

    def box(kind: str, title: str, lines: list[clinical.Line], none: str) -> Box:
        return Box(kind, title, kind, lines, [], "", none, "", "")

    family = clinical.history(found.family_history, writes=False)
    return [
        box("history", "Problèmes actifs", clinical.history(found.history, writes=False), "Aucun problème actif saisi."),
        box(
            "treatment",
            "Traitements en cours",
            clinical.treatments(found.treatments, writes=False),
            "Aucun traitement saisi.",
        ),
        *([box("history", "Antécédents familiaux", family, "")] if family else []),
    ]


RECENT = 8


def _recent(patient: UUID, reader: Reader) -> tuple[queries.NoteRow | None, Previous | None, list[EventLine]]:
    """The last elements, all of them shown: the newest signed note whole and by its first words, the others by their titles."""
    found = queries.timeline(patient, reader=reader, limit=RECENT)
    lines = events(found, patient)
    last = next((line for line in lines if line.kind == "note" and line.kind_text != "Rectificatif"), None)
    previous = Previous(last.at, last.by, last.title, last.text, last.url) if last else None
    row = next((event.item for event in found if event.kind == "note" and event.item.kind != "rectificatif"), None)
    return row, previous, [line for line in lines if line is not last]


def _version(typed: str) -> int | None:
    """The draft's version that the form was shown with; None for none, or for a made-up one."""
    return int(typed) if typed.isdecimal() and len(typed) < 10 and int(typed) else None


@require_POST
@screen
def draft_save(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Keep what is typed, 2 s after the last key. The answer has no body: nothing moves under the cursor."""
    payload: dict[str, Any] = {name: request.POST.get(name, "") for name in KEPT}
    payload |= {name: name in request.POST for name in ("sensitive", "minor_secret")}
    payload["window"] = request.POST.get("once", "")
    draft = uuid_of(request.POST.get("draft"))
    version = request.POST.get("version", "0")
    saved = actions.save_draft(
        patient, by=actor_of(request), payload=payload, draft=draft, version=_version(version) or 0
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
            draft=uuid_of(request.POST.get("draft")),
            version=_version(version),
            sensitive=clean["sensitive"],
            minor_secret=clean["minor_secret"],
        )
        if done:
            return go(request, "dossier:file", patient, done="note")
    reader = reader_of(request)
    found = patients.banner(patient, reader=reader, care=True)
    drafts = queries.drafts_of(found.patient, reader=reader)
    draft = next((one for one in drafts if str(one.id) == request.POST.get("draft")), None)
    return _written(request, reader, found, form, draft, len(drafts), status=422)


def _at(day: datetime.date | None) -> datetime.datetime | None:
    """Noon of another day; None for today, which the door takes as now."""
    if day is None or day == jinja.today():
        return None
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(12)))
